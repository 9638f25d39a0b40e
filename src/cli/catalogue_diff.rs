//! `rxgate catalogue diff | preview`: what a new catalogue folder would change, before anybody activates it.
//!
//! Knows the folders and how to print; what differs and what is wrong is the domain's. Exit status as for `check`.

use std::path::Path;

use domain::catalogue::{Catalogue, Files, TableDiff, diff};

use super::catalogue::{Outcome, as_json, faults_text, stats_table};
use crate::catalogue_files;

/// Rows of one kind that are printed of a table; JSON has all.
const SHOWN: usize = 20;

/// `catalogue diff BEFORE AFTER`.
pub fn differences(before: &Path, after: &Path, json: bool) -> Outcome {
    let (old, new) = match (catalogue_files::read(before), catalogue_files::read(after)) {
        (Ok(old), Ok(new)) => (old, new),
        (Err(fault), _) | (_, Err(fault)) => return unreadable(&fault),
    };
    match diff(&old, &new) {
        Ok(tables) if json => as_json(&tables),
        Ok(tables) => Outcome::fine(table_text(&tables)),
        Err(found) => Outcome { text: faults_text(after, &texts(&found)), status: 1 },
    }
}

/// `catalogue preview NEW`: every fault of the new folder, or what it holds and what it changes of the active one.
/// One wrong row refuses the whole.
pub fn preview(active: &Path, new: &Path) -> Outcome {
    let files = match catalogue_files::read(new) {
        Ok(files) => files,
        Err(fault) => return unreadable(&fault),
    };
    let catalogue = Catalogue::build(&files, catalogue_files::digest(&files));
    let mut faults = match policy_faults(new) {
        Ok(faults) => faults,
        Err(fault) => return unreadable(&fault),
    };
    match catalogue {
        Ok(catalogue) if faults.is_empty() => sound(active, &files, &catalogue),
        Ok(_) => Outcome { text: faults_text(new, &faults), status: 1 },
        Err(found) => {
            faults.extend(texts(&found));
            Outcome { text: faults_text(new, &faults), status: 1 }
        }
    }
}

/// A folder may bring tables alone; where it brings policies, they are read.
fn policy_faults(new: &Path) -> Result<Vec<String>, catalogue_files::FolderFault> {
    if !catalogue_files::has_policies(new) {
        return Ok(Vec::new());
    }
    catalogue_files::policies(new).map(|(_, faults)| faults)
}

fn sound(active: &Path, files: &Files, catalogue: &Catalogue) -> Outcome {
    let old = match catalogue_files::read(active) {
        Ok(old) => old,
        Err(fault) => return unreadable(&fault),
    };
    let tables = match diff(&old, files) {
        Ok(tables) => tables,
        Err(found) => return Outcome { text: faults_text(active, &texts(&found)), status: 1 },
    };
    let (digest, counts) = (catalogue.digest(), stats_table(&catalogue.stats()));
    Outcome::fine(format!("digest {digest}\n{counts}{}", table_text(&tables)))
}

fn unreadable(fault: &catalogue_files::FolderFault) -> Outcome {
    Outcome { text: format!("{fault}\n"), status: 2 }
}

fn texts(found: &[domain::catalogue::Fault]) -> Vec<String> {
    found.iter().map(ToString::to_string).collect()
}

fn table_text(tables: &[TableDiff]) -> String {
    if tables.is_empty() {
        return "no difference\n".to_owned();
    }
    tables.iter().map(one_table).collect()
}

fn one_table(table: &TableDiff) -> String {
    let (added, removed, changed) = (&table.added, &table.removed, &table.changed);
    if table.differs_otherwise {
        return format!("{}: differs, no row does\n", table.file);
    }
    let counts = (added.len(), removed.len(), changed.len());
    let mut text = format!("{}: +{} -{} ~{}\n", table.file, counts.0, counts.1, counts.2);
    let mut rows: Vec<String> = Vec::new();
    rows.extend(some(added.iter().map(|key| format!("  + {key}"))));
    rows.extend(some(removed.iter().map(|key| format!("  - {key}"))));
    rows.extend(some(changed.iter().map(|change| {
        let cells = change.cells.iter();
        let cells = cells.map(|(column, old, new)| format!("{column} \"{old}\" → \"{new}\""));
        format!("  ~ {}: {}", change.key, cells.collect::<Vec<_>>().join(", "))
    })));
    for row in rows {
        text += &row;
        text.push('\n');
    }
    text
}

/// The first rows, and how many more there are.
fn some(rows: impl ExactSizeIterator<Item = String>) -> Vec<String> {
    let more = rows.len().saturating_sub(SHOWN);
    let mut shown: Vec<String> = rows.take(SHOWN).collect();
    if more > 0 {
        shown.push(format!("    … and {more} more"));
    }
    shown
}
