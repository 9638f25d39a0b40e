//! `docs/rules.md`: which function keeps a rule and which tests prove it, read from the code itself.
//!
//! Cases in `tests/it/cases` prove the rules that they expect. Rules that nothing judges are listed with the reason.
//!
//! A function that keeps a rule says so in its doc: `/// Rule: CAT-01 — title` (several ids with commas). A test says
//! `// proves: CAT-01`, above it or inside. `UPDATE_DOCS=1 cargo test --test it rules` writes the page anew.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use domain::check::{UNJUDGED, Unjudged};

use crate::repository::{SourceFile, rust_files};

const RULE: &str = "/// Rule: ";
const PROOF: &str = "// proves: ";
const PAGE: &str = "docs/rules.md";
const HEAD: &str = "# Rules, the code that keeps them and the tests that prove it

Written by `UPDATE_DOCS=1 cargo test --test it rules` from the comments in the code; a test compares it.

Cases are those of `tests/it/cases`: `rxgate rules explain FILE#NAME` says why one comes out as it does.

| rule | what it says | kept by | proved by | cases |
|---|---|---|---|---|
";
const UNJUDGED_HEAD: &str = "
## Not judged here, and why

From `domain::check::UNJUDGED`.

| rule | what it says | why not |
|---|---|---|
";

/// Rules that must be there.
const REQUIRED: &[&str] = &[
    "BEN-01", "BEN-06", "BEN-07", "BEN-08", "CAT-01", "CAT-02", "CAT-03", "CAT-05", "CAT-06",
    "CAT-07", "CAT-08", "CAT-09", "CAT-10", "CAT-11", "CAT-12", "CAT-13", "CAT-14", "DC-01",
    "DC-02", "DC-03", "DC-04", "DC-05", "DC-06", "DC-07", "DC-08", "DS-01", "DS-02", "DS-03",
    "DS-04", "DS-05", "DS-06", "DS-07", "DS-08", "DS-09", "PH-01", "PH-03", "PH-04", "PH-05",
    "PH-06", "PH-07", "PRC-01", "PRC-02", "PRC-03", "PRC-04", "PRC-05", "PRC-13", "PTS-03",
    "PTS-04", "PTS-05", "RTE-01", "RTE-02", "RTE-03", "RTE-04", "RTE-05", "RTE-06", "RV-01",
    "RV-02", "RV-03", "RV-04", "RV-05", "RV-06", "RX-01", "RX-02", "RX-03", "RX-04", "RX-05",
    "RX-06", "RX-07", "RX-08", "RX-09", "RX-10", "RX-11", "RX-12", "RX-13", "RX-14", "RX-16",
    "RX-17", "RX-18", "RX-19", "RX-20", "SET-01", "SET-02",
];

/// What the code says of one rule: places are `file: function`.
#[derive(Debug, Default, PartialEq, Eq)]
struct Rule {
    title: String,
    kept_by: BTreeSet<String>,
    proved_by: BTreeSet<String>,
    /// Cases that expect it or are about it, by file.
    cases: BTreeMap<String, usize>,
}

/// All rules that code or tests name, and every remark that could not be read.
fn read(files: &[SourceFile]) -> (BTreeMap<String, Rule>, Vec<String>) {
    let (mut rules, mut faults) = (BTreeMap::<String, Rule>::new(), Vec::new());
    for file in files {
        for (number, line) in file.text.lines().enumerate() {
            let remark = line.trim_start();
            let place = format!("{}:{}", file.path, number + 1);
            if let Some(text) = remark.strip_prefix(RULE) {
                let (Some((ids, title)), Some(function)) =
                    (text.split_once(" — "), below(file, number))
                else {
                    faults.push(format!("{place}: write `{RULE}CAT-01 — title` above a function"));
                    continue;
                };
                for id in ids.split(", ") {
                    let rule = rules.entry(id.to_owned()).or_default();
                    rule.title = title.trim().to_owned();
                    rule.kept_by.insert(format!("{}: `{function}`", file.path));
                }
            }
            if let Some(ids) = remark.strip_prefix(PROOF) {
                let Some(function) = around(file, number).or_else(|| below(file, number)) else {
                    faults.push(format!("{place}: write `{PROOF}CAT-01` above or inside a test"));
                    continue;
                };
                for id in ids.split(", ") {
                    let proof = format!("`{function}`");
                    rules.entry(id.trim().to_owned()).or_default().proved_by.insert(proof);
                }
            }
        }
    }
    (rules, faults)
}

/// The innermost function whose body holds line `number`.
fn around(file: &SourceFile, number: usize) -> Option<String> {
    let mut holding = file.functions().into_iter().filter(|f| f.start < number && number < f.end);
    holding.next_back().map(|f| f.name)
}

/// The function that opens after line `number`, with nothing but comments and attributes between.
fn below(file: &SourceFile, number: usize) -> Option<String> {
    let lines = file.text.lines().enumerate().skip(number);
    let is_remark =
        |line: &str| line.trim_start().starts_with("//") || line.trim_start().starts_with("#[");
    let (first, _) = lines.into_iter().find(|(_, line)| !is_remark(line))?;
    file.functions().into_iter().find(|f| f.start == first).map(|f| f.name)
}

fn page(rules: &BTreeMap<String, Rule>) -> String {
    let joined =
        |places: &BTreeSet<String>| places.iter().cloned().collect::<Vec<_>>().join("<br>");
    let row = |(id, rule): (&String, &Rule)| {
        let cases: BTreeSet<String> =
            rule.cases.iter().map(|(file, count)| format!("{file}: {count}")).collect();
        format!(
            "| {id} | {} | {} | {} | {} |\n",
            rule.title,
            joined(&rule.kept_by),
            joined(&rule.proved_by),
            joined(&cases)
        )
    };
    let page = rules.iter().map(row).fold(HEAD.to_owned(), |page, row| page + &row);
    let unjudged = UNJUDGED.iter().map(|one| {
        let Unjudged { rule, what, why } = one;
        format!("| {rule} | {what} | {why} |\n")
    });
    unjudged.fold(page + UNJUDGED_HEAD, |page, row| page + &row)
}

/// Adds the cases to the rules that they are about.
fn with_cases(mut rules: BTreeMap<String, Rule>) -> BTreeMap<String, Rule> {
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/cases")).unwrap()
    {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|end| end != "toml") {
            continue;
        }
        let file = path.file_stem().unwrap().to_str().unwrap().to_owned();
        for case in domain::casebook::read(&fs::read_to_string(&path).unwrap()).unwrap() {
            for rule in case.about() {
                let rule = rules.entry(rule.to_owned()).or_default();
                *rule.cases.entry(file.clone()).or_default() += 1;
            }
        }
    }
    rules
}

/// What is wrong with a rule: nobody keeps it, or nobody proves it.
fn lacks(rules: &BTreeMap<String, Rule>, required: &[&str]) -> Vec<String> {
    let absent = required.iter().filter(|id| !rules.contains_key(**id));
    let mut faults: Vec<String> = absent
        .map(|id| {
            format!("{id}: no code: say `{RULE}{id} — title` above the function that keeps it")
        })
        .collect();
    for (id, rule) in rules {
        if rule.kept_by.is_empty() {
            faults.push(format!(
                "{id}: {:?} {:?} prove a rule that no function keeps",
                rule.proved_by, rule.cases
            ));
        } else if rule.proved_by.is_empty() && rule.cases.is_empty() {
            faults.push(format!(
                "{id}: no test and no case: say `{PROOF}{id}` in the test that would fail without it"
            ));
        }
    }
    faults
}

/// The files that may keep or prove rules: all but this one, whose samples are not ours.
fn sources() -> Vec<SourceFile> {
    rust_files().into_iter().filter(|file| file.path != "tests/it/rules.rs").collect()
}

#[test]
fn every_rule_has_its_code_and_its_test() {
    let (rules, mut faults) = read(&sources());
    let rules = with_cases(rules);
    faults.extend(lacks(&rules, REQUIRED));
    let kept = UNJUDGED.iter().filter(|one| rules.contains_key(one.rule));
    faults.extend(kept.map(|one| format!("{}: kept, and listed as not judged", one.rule)));
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_page_of_rules_is_what_the_code_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE);
    let expected = page(&with_cases(read(&sources()).0));
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &expected).unwrap();
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == expected,
        "{PAGE} is behind the code: UPDATE_DOCS=1 cargo test --test it rules"
    );
}

const SAMPLE: &str = "\
/// Rule: CAT-01, CAT-03 — the edition of the day decides
#[must_use]
fn edition() {
    one();
}
/// Rule: RX-01 without a dash
fn two() {
}
#[test]
fn last_day() {
    // proves: CAT-01, RX-02
    three();
}
";

#[test]
fn rules_without_code_or_test_are_named() {
    let file = SourceFile { path: "a.rs".into(), text: SAMPLE.into() };
    let (rules, faults) = read(&[file]);
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert!(faults[0].starts_with("a.rs:6: "), "{faults:?}");
    assert!(rules["CAT-01"].kept_by.contains("a.rs: `edition`"));
    assert!(rules["CAT-01"].proved_by.contains("`last_day`"));
    let lacking = lacks(&rules, &["CAT-01", "DS-01"]);
    let ids: Vec<&str> = lacking.iter().filter_map(|fault| fault.split(':').next()).collect();
    assert_eq!(ids, ["DS-01", "CAT-03", "RX-02"]);
    assert!(page(&rules).contains(
        "| CAT-01 | the edition of the day decides | a.rs: `edition` | `last_day` |  |\n"
    ));
}
