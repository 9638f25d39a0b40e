//! Every case of `tests/it/cases/*.toml` comes out as it must; every rule has one; both editions and four areas occur.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop at once"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use domain::casebook::{self, Library, RuleCase};
use domain::catalogue::{Catalogue, Files};
use domain::region::{Region, Regions};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Files below a folder by their path relative to it.
fn files(folder: &Path) -> Files {
    let (mut files, mut folders) = (Files::new(), vec![folder.to_owned()]);
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
                files.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    files
}

fn library() -> Library {
    let shipped = files(&root().join("catalogue"));
    let policies: Vec<String> = shipped
        .iter()
        .filter(|(name, _)| name.starts_with("regions/"))
        .map(|(_, bytes)| String::from_utf8(bytes.clone()).unwrap())
        .collect();
    let regions =
        policies.iter().enumerate().map(|(n, text)| Region::parse(text, &n.to_string()).unwrap());
    let regions = Regions::new(regions.collect()).unwrap();
    let lists = casebook::with_lists(shipped.clone(), files(&root().join("tests/it/cases/lists")));
    let build = |files: &Files| Arc::new(Catalogue::build(files, String::new()).unwrap());
    Library {
        catalogue: build(&shipped),
        with_lists: Some(build(&lists)),
        regions: Arc::new(regions),
        policies,
    }
}

/// All cases, by the name of their file.
fn cases() -> BTreeMap<String, Vec<RuleCase>> {
    let of = |(name, bytes): (String, Vec<u8>)| {
        let name = name.strip_suffix(".toml")?.to_owned();
        let text = String::from_utf8(bytes).unwrap();
        let cases = casebook::read(&text).unwrap_or_else(|faults| panic!("{name}: {faults:#?}"));
        Some((name, cases))
    };
    files(&root().join("tests/it/cases")).into_iter().filter_map(of).collect()
}

#[test]
fn every_case_comes_out_as_it_must() {
    let library = library();
    let (mut differences, mut count) = (Vec::new(), 0);
    for (file, cases) in &cases() {
        let mut names = BTreeSet::new();
        for case in cases {
            count += 1;
            assert!(names.insert(&case.name), "{file}: two cases are named {:?}", case.name);
            let found = match case.judge(&library) {
                Ok(judged) => judged.differences(case),
                Err(fault) => vec![fault],
            };
            if !found.is_empty() {
                differences.push(format!("{file}#{}\n    {}", case.name, found.join("\n    ")));
            }
        }
    }
    assert!(differences.is_empty(), "of {count} cases:\n{}", differences.join("\n"));
    assert!(count >= 300, "only {count} cases");
}

/// Ids in `/// Rule: … — …` of the checks.
fn rules_in_code() -> BTreeSet<String> {
    let mut rules = BTreeSet::new();
    for (_, bytes) in files(&root().join("crates/domain/src/check")) {
        let text = String::from_utf8(bytes).unwrap();
        let heads = text.lines().filter_map(|line| line.trim_start().strip_prefix("/// Rule: "));
        for head in heads {
            let (ids, _) = head.split_once(" — ").expect("a title");
            rules.extend(ids.split(", ").map(str::to_owned));
        }
    }
    rules
}

#[test]
fn every_rule_of_the_checks_has_a_case_in_both_editions_and_four_areas() {
    let cases = cases();
    let all = || cases.values().flatten();
    let told: BTreeSet<&str> = all().flat_map(RuleCase::about).collect();
    let code = rules_in_code();
    let without: Vec<&String> = code.iter().filter(|rule| !told.contains(rule.as_str())).collect();
    assert!(without.is_empty(), "rules without a case: {without:?}");
    let areas: BTreeSet<&str> = all().map(|case| case.area.as_str()).collect();
    assert_eq!(areas.len(), 4, "{areas:?}");
    let years: BTreeSet<&str> = all().filter_map(|case| case.on.get(..4)).collect();
    assert!(years.is_superset(&BTreeSet::from(["2025", "2026"])), "{years:?}");
}
