//! The repository as text, for the tests that read it instead of running it: `tidy` and `rules`.
//!
//! Reads Rust by its layout, which rustfmt guarantees, and parses nothing.

use std::fs;
use std::path::Path;

/// What is built, fetched or made at run time (.gitignore), and git's own.
const NOT_OURS: [&str; 4] = [".git", "target", "data", "mutants.out"];

pub struct SourceFile {
    /// From the root, with `/`.
    pub path: String,
    pub text: String,
}

/// A function as it stands in a file; lines count from 0, `end` is the line of its closing brace.
#[derive(Debug, PartialEq, Eq)]
pub struct Function {
    pub name: String,
    pub start: usize,
    pub end: usize,
}

/// Every file of ours, ordered by path. Bytes that are no UTF-8 are replaced: only ASCII is looked for.
pub fn files() -> Vec<SourceFile> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    walk(root, root, &mut found);
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

pub fn rust_files() -> Vec<SourceFile> {
    files().into_iter().filter(|file| file.path.ends_with(".rs")).collect()
}

fn walk(root: &Path, folder: &Path, found: &mut Vec<SourceFile>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
        if NOT_OURS.contains(&name.as_str()) || entry.file_type().unwrap().is_symlink() {
            continue;
        }
        if path.is_dir() {
            walk(root, &path, found);
        } else {
            let text = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
            found.push(SourceFile { path: name, text });
        }
    }
}

impl SourceFile {
    /// True for code that ships: not the tests, benches and fuzz targets.
    pub fn ships(&self) -> bool {
        let outside =
            self.path.split('/').any(|f| ["tests", "benches", "fuzz", "tests.rs"].contains(&f));
        // A file that is a test throughout says so at its head.
        !outside && !self.text.contains("\n#![cfg(test)]\n")
    }

    /// The lines that the compiler sees in a shipped build, with their numbers from 0: comments are cut off, items
    /// under `#[cfg(test)]` left out.
    pub fn shipped_lines(&self) -> Vec<(usize, &str)> {
        let mut shipped = Vec::new();
        let mut lines = self.text.lines().enumerate();
        while let Some((number, line)) = lines.next() {
            if line.trim_start() == "#[cfg(test)]" {
                let end = format!("{}}}", indent(line));
                let one_line = |l: &str| l.ends_with(';') && indent(l) == indent(line);
                lines.by_ref().find(|(_, l)| *l == end || one_line(l));
            } else {
                shipped.push((number, line.split("//").next().unwrap_or(line)));
            }
        }
        shipped
    }

    /// Every function with a body, nested ones too.
    pub fn functions(&self) -> Vec<Function> {
        let lines: Vec<&str> = self.text.lines().collect();
        let starts =
            lines.iter().enumerate().filter_map(|(i, line)| Some((i, function_name(line)?)));
        starts
            .filter_map(|(start, name)| Some(Function { name, start, end: end_of(&lines, start)? }))
            .collect()
    }
}

fn indent(line: &str) -> &str {
    line.split_at(line.len() - line.trim_start().len()).0
}

fn function_name(line: &str) -> Option<String> {
    let (before, after) = line.split_once("fn ")?;
    let plain = before.split_whitespace().all(|word| {
        word.starts_with("pub")
            || word == "crate)"
            || ["const", "async", "unsafe", "extern"].contains(&word)
    });
    let name: String = after.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    (plain && !name.is_empty()).then_some(name)
}

fn end_of(lines: &[&str], start: usize) -> Option<usize> {
    let closing = format!("{}}}", indent(lines[start]));
    for (number, line) in lines.iter().enumerate().skip(start) {
        let of_this_item = indent(line) == indent(lines[start]);
        if of_this_item && line.ends_with(';') {
            return None;
        }
        if *line == closing || (number == start && line.ends_with('}')) {
            return Some(number);
        }
    }
    None
}

/// True when `line` holds `word` and not merely a longer name around it.
pub fn names(line: &str, word: &str) -> bool {
    let part_of_name = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back().is_some_and(part_of_name);
        let after = line[at + word.len()..].chars().next().is_some_and(part_of_name);
        !(before && word.starts_with(part_of_name) || after && word.ends_with(part_of_name))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLE: &str = "\
//! Head.
pub(crate) fn one(a: u8) -> u8 {
    a // no async here
}
trait Two {
    fn two(
        &self,
    );
    fn three(&self) {}
}
#[cfg(test)]
mod tests {
    fn four() {
    }
}
const LAST: u8 = 1;
";

    fn sample() -> SourceFile {
        SourceFile { path: "src/sample.rs".into(), text: SAMPLE.into() }
    }

    #[test]
    fn functions_are_found_with_their_ends_and_declarations_are_not() {
        let found: Vec<_> =
            sample().functions().into_iter().map(|f| (f.name, f.start, f.end)).collect();
        let expected =
            [("one".to_owned(), 1, 3), ("three".to_owned(), 8, 8), ("four".to_owned(), 12, 13)];
        assert_eq!(found, expected);
    }

    #[test]
    fn comments_and_tests_do_not_ship() {
        let file = sample();
        let shipped = file.shipped_lines();
        assert!(shipped.contains(&(15, "const LAST: u8 = 1;")));
        assert!(!shipped.iter().any(|(_, line)| line.contains("async") || line.contains("four")));
    }

    #[test]
    fn a_word_is_no_part_of_a_longer_name() {
        for (line, word, expected) in [
            ("let x: f64 = y;", "f64", true),
            ("from_f64(y)", "f64", false),
            ("Utc::now()", "now()", true),
            ("renow()", "now()", false),
            ("async fn", "async", true),
            ("asynchronous", "async", false),
        ] {
            assert_eq!(names(line, word), expected, "{word} in {line}");
        }
    }
}
