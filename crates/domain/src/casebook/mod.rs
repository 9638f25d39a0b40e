//! Cases of the rules as a pharmacist writes them: a prescription, a day, an area, what the registers say, and what must
//! come of it.
//!
//! A file holds `[[case]]` tables; a `[defaults]` table before them says what is alike in all. Whatever a case leaves out
//! is the plain case: see [`RuleCase`]. Pure: text in, differences out. Knows no rule.

mod differ;
mod person;
mod place;
mod policy;
mod run;
mod written;

use std::sync::Arc;

use serde::Deserialize;
use toml::{Table, Value};

use crate::catalogue::{Catalogue, Files, MANIFEST};
use crate::region::Regions;

pub use run::Judged;
pub use written::{RuleCase, Step};

/// What cases are judged by.
pub struct Library {
    pub catalogue: Arc<Catalogue>,
    /// The same catalogue with the synthetic lists of a province beside it; none: cases that name it are faults.
    pub with_lists: Option<Arc<Catalogue>>,
    pub regions: Arc<Regions>,
    /// The text of every policy file, for cases that change a figure.
    pub policies: Vec<String>,
}

/// Reads all cases of a file. Every fault is told with the name of its case.
pub fn read(text: &str) -> Result<Vec<RuleCase>, Vec<String>> {
    let mut file: Table = text.parse().map_err(|error: toml::de::Error| vec![error.to_string()])?;
    let defaults = match file.remove("defaults") {
        Some(Value::Table(defaults)) => defaults,
        _ => Table::new(),
    };
    let Some(Value::Array(cases)) = file.remove("case") else {
        return Err(vec!["no [[case]] in the file".to_owned()]);
    };
    let mut faults: Vec<String> =
        file.keys().map(|key| format!("{key}: neither defaults nor case")).collect();
    let mut read = Vec::new();
    for case in cases {
        let mut whole = defaults.clone();
        if let Value::Table(case) = case {
            whole.extend(case);
        }
        let name = whole.get("name").and_then(Value::as_str).unwrap_or("a case without name");
        let name = name.to_owned();
        match RuleCase::deserialize(Value::Table(whole)) {
            Ok(case) => read.push(case),
            Err(error) => faults.push(format!("{name}: {error}")),
        }
    }
    if faults.is_empty() { Ok(read) } else { Err(faults) }
}

/// The shipped files with synthetic lists of provinces in place of the empty ones, which then count as complete.
pub fn with_lists(mut shipped: Files, lists: Files) -> Files {
    if let Some(manifest) = shipped.get(MANIFEST) {
        let text = String::from_utf8_lossy(manifest);
        let tables = text.split("[[table]]").map(|table| {
            let is_listed = lists.keys().any(|file| table.contains(&format!("\"{file}\"")));
            if is_listed {
                table.replace("complete = false", "complete = true")
            } else {
                table.to_owned()
            }
        });
        let text = tables.collect::<Vec<String>>().join("[[table]]");
        shipped.insert(MANIFEST.to_owned(), text.into_bytes());
    }
    shipped.extend(lists);
    shipped
}
