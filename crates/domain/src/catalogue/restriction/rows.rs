//! The rows of `rules/restrictions.csv`: every restriction text of the editions with its conditions,
//! and whether a person compared the two.
//!
//! A row that nobody reviewed is what the parser says; a reviewed row may say otherwise and is kept.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::Conditions;
use super::parser::{PARSER_VERSION, parse};
use super::terms::Terms;
use super::written::{read_conditions, written};
use crate::catalogue::Catalogue;
use crate::catalogue::fault::Fault;
use crate::catalogue::item::Item;
use crate::catalogue::manifest::TableEntry;
use crate::catalogue::sheet::for_each_row;

/// One row, and where it stands.
#[derive(Debug)]
struct Row {
    conditions: Arc<Conditions>,
    file: String,
    line: u64,
    used: bool,
}

/// Rows by the text of the restriction.
#[derive(Debug, Default)]
pub struct Rows(HashMap<Box<str>, Row>);

impl Rows {
    /// Refused: a text twice, a condition that is none, a version of the parser that is yet to come.
    pub fn read(&mut self, table: &TableEntry, bytes: &[u8], faults: &mut Vec<Fault>) {
        let columns = &["text", "conditions", "parser_version", "reviewed"];
        for_each_row((&table.file, bytes), columns, faults, |row, faults| {
            let text = row.required("text", faults);
            let conditions = row.required("conditions", faults).map(read_conditions);
            let version = row.text("parser_version").parse().ok();
            if !version.is_some_and(|version| (1..=PARSER_VERSION).contains(&version)) {
                let message = format!("not a version of the parser: 1 to {PARSER_VERSION}");
                faults.push(row.fault("parser_version", message));
            }
            let reviewed = row.flag("reviewed", faults);
            let (Some(text), Some(conditions), Some(parser_version)) = (text, conditions, version)
            else {
                return;
            };
            let alternatives = match conditions {
                Ok(alternatives) => alternatives,
                Err(fault) => return faults.push(row.fault("conditions", fault)),
            };
            let conditions = Arc::new(Conditions { alternatives, parser_version, reviewed });
            let (file, line) = (table.file.clone(), row.line);
            if self.0.insert(text.into(), Row { conditions, file, line, used: false }).is_some() {
                faults.push(row.fault("text", "listed twice"));
            }
        });
    }
}

/// Gives the conditions to every item with the text; a row whose text no item has is a fault.
pub fn attach(mut rows: Rows, gathered: &mut [Vec<Item>], faults: &mut Vec<Fault>) {
    for restriction in gathered.iter_mut().flatten().filter_map(|item| item.restriction.as_mut()) {
        if let Some(row) = rows.0.get_mut(&restriction.text) {
            row.used = true;
            restriction.conditions = Some(row.conditions.clone());
        }
    }
    for (text, row) in rows.0.iter().filter(|(_, row)| !row.used) {
        let message = "no item of any edition has this restriction";
        faults.push(Fault::at(&row.file, row.line, "text", text, message));
    }
}

/// The file as it should be: every text once, in order; reviewed rows as they are, all others as the
/// parser says now.
pub fn table(catalogue: &Catalogue) -> String {
    let restrictions = catalogue.editions().iter().flat_map(|edition| edition.items());
    let restrictions = restrictions.filter_map(|item| item.restriction.as_ref());
    let mut lines = BTreeSet::new();
    for restriction in restrictions {
        let reviewed = restriction.conditions.as_ref().filter(|conditions| conditions.reviewed);
        let (conditions, version) = match reviewed {
            Some(kept) => (written(&kept.alternatives), kept.parser_version),
            None => (written(&parse(&restriction.text, catalogue.terms())), PARSER_VERSION),
        };
        let flag = u8::from(reviewed.is_some());
        let text = &restriction.text;
        lines.insert(format!("\"{}\",{conditions},{version},{flag}\n", text.replace('"', "\"\"")));
    }
    let lines: Vec<String> = lines.into_iter().collect();
    format!("text,conditions,parser_version,reviewed\n{}", lines.concat())
}

impl Terms {
    /// Reads `rules/diagnosis_terms.csv`. Refused: a beginning that no diagnosis code has.
    pub(in crate::catalogue) fn read(
        &mut self,
        (table, bytes): (&TableEntry, &[u8]),
        known: &BTreeSet<&str>,
        faults: &mut Vec<Fault>,
    ) {
        for_each_row((&table.file, bytes), &["term", "prefixes"], faults, |row, faults| {
            let (term, prefixes) = (row.required("term", faults), row.required("prefixes", faults));
            let (Some(term), Some(prefixes)) = (term, prefixes) else { return };
            for prefix in prefixes.split_whitespace() {
                let begins =
                    known.range(prefix..).next().is_some_and(|code| code.starts_with(prefix));
                if !begins && !known.is_empty() {
                    faults.push(
                        row.fault("prefixes", format!("no diagnosis code begins with {prefix}")),
                    );
                }
            }
            if let Err(message) = self.add(term, prefixes) {
                faults.push(row.fault("prefixes", message));
            }
        });
    }
}
