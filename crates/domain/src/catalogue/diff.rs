//! What one catalogue folder has that another has not: rows added, removed and changed, table by
//! table.
//!
//! Rows are compared by their key (`id` where a table has one), cell by cell; the order of rows means
//! nothing. Knows no meaning of any cell.

use std::collections::{BTreeMap, BTreeSet};

use csv::ReaderBuilder;
use serde::Serialize;

use super::Files;
use super::fault::Fault;

/// A row that is in both, with different cells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The cells of the key.
    pub key: String,
    /// Column, before, after.
    pub cells: Vec<(String, String, String)>,
}

/// The differences of one file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TableDiff {
    pub file: String,
    pub added: Vec<String>,
    pub removed: Vec<String>,
    pub changed: Vec<Change>,
    /// Bytes differ and no row does: the header's order, the manifest, a note.
    pub differs_otherwise: bool,
}

/// Columns that name a row, for the tables whose first column does not.
const KEYS: &[(&str, &[&str])] = &[
    ("payment_standards.csv", &["id", "spec", "valid_from"]),
    ("group_members.csv", &["group", "member"]),
    ("dosage_forms.csv", &["actual", "merged"]),
    ("national.csv", &["name"]),
    ("national_code_limits.csv", &["code", "limit", "value"]),
    ("limits_by_name.csv", &["generic_name", "limit", "value", "batch"]),
    ("limits_by_prefix.csv", &["prefix", "limit", "value"]),
    ("batches_1_to_4.csv", &["batch", "generic_name", "dosage_form", "spec", "maker"]),
    ("local_items.csv", &["kind", "name", "dosage_form", "valid_from"]),
    ("dual_channel.csv", &["name", "dosage_form", "valid_from"]),
    ("names.csv", &["name", "name_en"]),
    ("ansm_2020.csv", &["one", "other", "level", "text_fr"]),
    ("public.csv", &["national_code", "generic_name", "spec", "maker"]),
];

/// Tables that differ, by file. Refused: a file of either side that is no CSV, each with its name.
pub fn diff(before: &Files, after: &Files) -> Result<Vec<TableDiff>, Vec<Fault>> {
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let (mut tables, mut faults) = (Vec::new(), Vec::new());
    for name in names {
        let (old, new) = (before.get(name), after.get(name));
        if old == new {
            continue;
        }
        let mut table = TableDiff { file: name.clone(), ..TableDiff::default() };
        if name.ends_with(".csv") {
            let (old, new) = (rows(name, old, &mut faults), rows(name, new, &mut faults));
            compare(&old, &new, &mut table);
        }
        let nothing =
            table.added.is_empty() && table.removed.is_empty() && table.changed.is_empty();
        table.differs_otherwise = nothing;
        tables.push(table);
    }
    if faults.is_empty() { Ok(tables) } else { Err(faults) }
}

/// Cells by column, by the row's key; rows with one key are told apart by a number.
type Rows = BTreeMap<String, BTreeMap<String, String>>;

fn rows(file: &str, bytes: Option<&Vec<u8>>, faults: &mut Vec<Fault>) -> Rows {
    let mut rows = Rows::new();
    let Some(bytes) = bytes else { return rows };
    let mut reader = ReaderBuilder::new().flexible(true).from_reader(bytes.as_slice());
    let header: Vec<String> = match reader.headers() {
        Ok(header) => {
            header.iter().map(|name| name.trim_start_matches('\u{feff}').into()).collect()
        }
        Err(error) => {
            faults.push(Fault::whole(file, format!("not a CSV file: {error}")));
            return rows;
        }
    };
    let key_columns = key_columns(file, &header);
    for record in reader.records() {
        let cells = match record {
            Ok(cells) => cells,
            Err(error) => {
                faults.push(Fault::whole(file, format!("not a CSV file: {error}")));
                continue;
            }
        };
        let row: BTreeMap<String, String> =
            header.iter().cloned().zip(cells.iter().map(|cell| cell.trim().to_owned())).collect();
        let parts = key_columns.iter().filter_map(|column| row.get(column)).cloned();
        let key = parts.collect::<Vec<_>>().join(" | ");
        let mut free = key.clone();
        let mut number = 1;
        while rows.contains_key(&free) {
            number += 1;
            free = format!("{key} ({number})");
        }
        rows.insert(free, row);
    }
    rows
}

fn key_columns(file: &str, header: &[String]) -> Vec<String> {
    let name = file.rsplit('/').next().unwrap_or(file);
    let known = KEYS.iter().find(|(end, _)| *end == name);
    match known {
        Some((_, columns)) => columns.iter().map(|column| (*column).to_owned()).collect(),
        None => header.first().cloned().into_iter().collect(),
    }
}

fn compare(before: &Rows, after: &Rows, table: &mut TableDiff) {
    for (key, old) in before {
        let Some(new) = after.get(key) else {
            table.removed.push(key.clone());
            continue;
        };
        let columns: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
        let cell = |row: &BTreeMap<String, String>, column: &String| {
            row.get(column).cloned().unwrap_or_default()
        };
        let cells: Vec<(String, String, String)> = columns
            .into_iter()
            .map(|column| (column.clone(), cell(old, column), cell(new, column)))
            .filter(|(_, old, new)| old != new)
            .collect();
        if !cells.is_empty() {
            table.changed.push(Change { key: key.clone(), cells });
        }
    }
    table.added.extend(after.keys().filter(|key| !before.contains_key(*key)).cloned());
}
