//! The real files of `catalogue/` through the loader: official totals, dates, and names as prescriptions write them.

use std::path::Path;
use std::sync::LazyLock;

use chrono::NaiveDate;
use domain::catalogue::{
    By, Catalogue, Class, EthnicGroup, Files, Found, Knowledge, Knows, LimitKind, LimitValue, Part,
    Standing, VbpQuery,
};

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| {
    Catalogue::build(&files(), "test".to_owned()).unwrap_or_else(|faults| {
        let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
        panic!("{} faults\n{}", lines.len(), lines.join("\n"))
    })
});

fn files() -> Files {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../catalogue");
    let mut files = Files::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("folder of the project") {
            let path = entry.expect("entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "csv" || end == "toml") {
                let name = path.strip_prefix(&root).expect("below the root");
                let name = name.to_string_lossy().replace('\\', "/");
                files.insert(name, std::fs::read(&path).expect("file of the project"));
            }
        }
    }
    files
}

fn day(text: &str) -> NaiveDate {
    text.parse().expect("date")
}

/// What a name with a form is found as in an edition: `id by`, `ambiguous`, `nothing`.
fn found(edition: &str, name: &str, form: Option<&str>) -> String {
    match CATALOGUE.edition(edition).expect("edition").find(name, form) {
        Found::One(matched) => format!("{} {:?}", matched.item.printed_name, matched.by),
        Found::Ambiguous(_) => "ambiguous".to_owned(),
        Found::Nothing => "nothing".to_owned(),
    }
}

#[test]
fn counts_equal_the_official_totals() {
    let stats = serde_json::to_value(CATALOGUE.stats()).expect("json");
    assert_eq!(
        stats,
        serde_json::json!({})
    );
}
