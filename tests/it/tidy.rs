//! The house style and the absences of DESIGN §2, held by a test whose messages say what to do.
//!
//! What the compiler or clippy can see (unwrap, `as`, arguments, unused exceptions) is not repeated here: Cargo.toml.

use std::fs;
use std::path::Path;

use crate::repository::{SourceFile, files, names, rust_files};

/// Something that must not be written in some part of the repository.
struct Absence {
    within: &'static [&'static str],
    except: &'static [&'static str],
    words: &'static [&'static str],
    /// A line that ends in one of these comments is excused.
    unless: &'static [&'static str],
    instead: &'static str,
}

const ABSENCES: [Absence; 5] = [
    Absence {
        within: &["crates/domain/src/"],
        except: &[],
        words: &[
            "async",
            "await",
            "now()",
            "std::fs",
            "std::net",
            "std::env",
            "std::io",
            "std::process",
            "std::thread",
            "std::time",
            "diesel",
            "actix_web",
            "tokio",
            "openssl",
            "reqwest",
            "rand",
        ],
        unless: &[],
        instead: "the domain is pure; let the caller do it and pass the result as an argument (DESIGN §2)",
    },
    Absence {
        within: &["src/", "crates/"],
        except: &["src/http/"],
        words: &["StatusCode", "HttpResponse", "ResponseError"],
        unless: &[],
        instead: "only src/http names a status; return a Refusal and let http/fault.rs translate it",
    },
    Absence {
        within: &["src/", "crates/"],
        except: &["crates/store/"],
        words: &["diesel", "diesel_migrations", "table!", "sql_query"],
        unless: &[],
        instead: "only crates/store names a table; add a load, save or read there and call it",
    },
    Absence {
        within: &["src/", "crates/"],
        except: &["src/peer/"],
        words: &["reqwest", "TcpStream::connect", "awc"],
        unless: &[],
        instead: "only src/peer opens an outgoing connection; write an outbox row, the worker delivers it",
    },
    Absence {
        within: &["crates/domain/src/", "crates/store/src/", "src/flow/"],
        except: &[],
        words: &["f64", "f32"],
        // Places on the map, and nothing that becomes money.
        unless: &["// degrees", "// metres"],
        instead: "no floating point near money: Yuan, Quantity, Ratio (a coordinate ends its line with `// degrees` \
                  or `// metres`)",
    },
];

/// Names of drawers, into which anything fits, and of techniques, which say nothing of the trade (STYLE, Words).
const DRAWERS: [&str; 12] = [
    "util",
    "utils",
    "helper",
    "helpers",
    "common",
    "types",
    "misc",
    "manager",
    "processor",
    "transformer",
    "dto",
    "models",
];

fn none(faults: Vec<String>) {
    assert!(faults.is_empty(), "{} to mend:\n{}\n", faults.len(), faults.join("\n"));
}

fn is_within(file: &SourceFile, folders: &[&str]) -> bool {
    folders.iter().any(|folder| file.path.starts_with(folder))
}

#[test]
fn what_a_folder_must_not_know_it_does_not_name() {
    let mut faults = Vec::new();
    for file in rust_files().iter().filter(|file| file.ships()) {
        let raw: Vec<&str> = file.text.lines().collect();
        let concerned = |a: &&Absence| is_within(file, a.within) && !is_within(file, a.except);
        for absence in ABSENCES.iter().filter(concerned) {
            for (number, line) in file.shipped_lines() {
                let excused = absence.unless.iter().any(|mark| raw[number].ends_with(mark));
                let mut found = absence.words.iter().filter(|word| names(line, word));
                if let (false, Some(word)) = (excused, found.next()) {
                    faults.push(format!(
                        "{}:{}: `{word}`: {}",
                        file.path,
                        number + 1,
                        absence.instead
                    ));
                }
            }
        }
    }
    none(faults);
}

#[test]
fn every_file_says_at_its_head_what_it_is() {
    let headless =
        rust_files().into_iter().filter(|f| !f.text.starts_with("//! ") && !is_generated(f));
    none(
        headless
            .map(|f| format!("{}:1: open with `//!`: what it is, what it does not know", f.path))
            .collect(),
    );
}

#[test]
fn files_and_functions_are_read_at_a_glance() {
    let mut faults = Vec::new();
    let (mut file_lines, mut function_lines) = (Vec::new(), Vec::new());
    for file in rust_files().iter().filter(|file| !is_generated(file)) {
        let lines = file.text.lines().count();
        file_lines.push(lines);
        if lines > 500 {
            faults.push(format!(
                "{}: {lines} lines, the limit is 500: split it by noun or verb",
                file.path
            ));
        }
        for function in file.functions() {
            let lines = function.end - function.start + 1;
            function_lines.push(lines);
            if lines > 70 {
                let place = format!("{}:{}: `{}`", file.path, function.start + 1, function.name);
                faults.push(format!("{place} has {lines} lines, the limit is 70: name its steps"));
            }
        }
    }
    for (what, lines, percent, limit) in [
        ("files: median", &file_lines, 50, 150),
        ("files: 95th percentile", &file_lines, 95, 350),
        ("functions: 95th percentile", &function_lines, 95, 45),
    ] {
        let found = percentile(lines, percent);
        if found > limit {
            faults.push(format!("{what} {found} lines, wanted {limit}: split the longest"));
        }
    }
    none(faults);
}

fn is_generated(file: &SourceFile) -> bool {
    file.path.ends_with("/schema.rs")
}

/// The smallest value that at least `percent` of all do not exceed.
fn percentile(values: &[usize], percent: usize) -> usize {
    let mut values = values.to_vec();
    values.sort_unstable();
    values[(values.len() * percent).div_ceil(100).max(1) - 1]
}

#[test]
fn the_95th_of_a_hundred_is_the_95th() {
    let hundred: Vec<usize> = (1..=100).rev().collect();
    assert_eq!((percentile(&hundred, 50), percentile(&hundred, 95)), (50, 95));
    assert_eq!(percentile(&[7], 95), 7);
}

#[test]
fn no_file_is_a_drawer() {
    let is_drawer = |part: &str| DRAWERS.contains(&part.trim_end_matches(".rs"));
    let drawers = rust_files().into_iter().filter(|file| file.path.split('/').any(is_drawer));
    none(
        drawers
            .map(|f| format!("{}: name it after what it holds (STYLE, Words)", f.path))
            .collect(),
    );
}

#[test]
fn nothing_is_silenced_skipped_or_put_off() {
    let mut faults = Vec::new();
    for file in rust_files().iter().filter(|file| file.path != "tests/it/tidy.rs") {
        for (number, line) in file.text.lines().enumerate() {
            for (word, instead) in [
                ("[allow(", "use `#[expect(lint, reason = \"…\")]`, which ends with its cause"),
                ("[ignore", "a test runs or goes"),
                ("TODO", "file an issue and describe what is, not what will be"),
                ("FIXME", "mend it, or file an issue"),
                ("XXX", "say what is meant"),
            ] {
                if names(line, word) {
                    faults.push(format!("{}:{}: `{word}`: {instead}", file.path, number + 1));
                }
            }
        }
    }
    none(faults);
}

#[test]
fn no_private_key_and_no_path_of_a_machine_is_kept() {
    let mut faults = Vec::new();
    for file in files().iter().filter(|file| file.path != "tests/it/tidy.rs") {
        for (number, line) in file.text.lines().enumerate() {
            let place = format!("{}:{}", file.path, number + 1);
            if line.contains("PRIVATE KEY-----") {
                faults.push(format!(
                    "{place}: a private key: remove it, make it at run time, replace it where used"
                ));
            }
            if let Some(path) =
                ["/home/", "/root/", "/work/", "/Users/"].iter().find(|p| opens_path(line, p))
            {
                faults.push(format!(
                    "{place}: `{path}…` is one machine's: write it from the repository's root"
                ));
            }
        }
    }
    none(faults);
}

/// True when `folder` begins a path here, and is not the middle of a longer one (as in an address).
fn opens_path(line: &str, folder: &str) -> bool {
    let opens = |c: char| c.is_whitespace() || "\"'`(=:,<".contains(c);
    line.match_indices(folder).any(|(at, _)| line[..at].chars().next_back().is_none_or(opens))
}

#[test]
fn a_path_in_an_address_is_not_the_machines() {
    assert!(opens_path("see /home/a/file", "/home/"));
    assert!(opens_path("/root/file", "/root/"));
    assert!(!opens_path("https://example.invalid/home/page", "/home/"));
}

#[test]
fn every_dependency_has_its_reason_in_the_architecture() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join("ARCHITECTURE.md")).unwrap();
    let manifests = files().into_iter().filter(|file| file.path.ends_with("Cargo.toml"));
    let mut faults = Vec::new();
    for manifest in manifests {
        let table: toml::Table = manifest.text.parse().unwrap();
        for kind in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let wanted = table
                .get(kind)
                .and_then(toml::Value::as_table)
                .into_iter()
                .flat_map(toml::Table::keys);
            // Our own crates have a paragraph, not a line: they are named by their folder.
            for name in wanted.filter(|name| !text.contains(&format!("`{name}`"))) {
                let what = format!(
                    "say in ARCHITECTURE.md, in one line, what `{name}` is for and why not without"
                );
                faults.push(format!("{}: {what}", manifest.path));
            }
        }
    }
    none(faults);
}
