//! Reading one CSV file row by row; whatever cannot be read becomes a fault with its row, and
//! reading goes on.
//!
//! Knows cells, not what they mean. Files are UTF-8 with a header line of snake_case names.

use std::str::FromStr;

use chrono::NaiveDate;
use csv::{ByteRecord, ReaderBuilder, StringRecord};

use super::fault::Fault;
use crate::money::Yuan;

/// A row being read.
pub struct Row<'a> {
    file: &'a str,
    header: &'a [Box<str>],
    cells: &'a StringRecord,
    pub line: u64,
}

/// Calls `each` for every readable row of `bytes`. `columns` must all be in the header; further
/// ones are ignored.
pub fn for_each_row(
    (file, bytes): (&str, &[u8]),
    columns: &[&str],
    faults: &mut Vec<Fault>,
    mut each: impl FnMut(&Row<'_>, &mut Vec<Fault>),
) {
    let mut reader = ReaderBuilder::new().flexible(true).from_reader(bytes);
    let Some(header) = read_header(file, &mut reader, columns, faults) else { return };
    let mut raw = ByteRecord::new();
    loop {
        match reader.read_byte_record(&mut raw) {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => {
                faults.push(Fault::whole(file, format!("not a CSV file: {error}")));
                return;
            }
        }
        let line = raw.position().map_or(0, csv::Position::line);
        let cells = match StringRecord::from_byte_record(raw.clone()) {
            Ok(cells) => cells,
            Err(error) => {
                let column = header.get(error.utf8_error().field()).map_or("", |name| name);
                faults.push(Fault::at(file, line, column, "", "not UTF-8: save the file as UTF-8"));
                continue;
            }
        };
        if cells.len() != header.len() {
            let message = format!("has {} cells, the header has {}", cells.len(), header.len());
            faults.push(Fault::at(file, line, "", "", message));
            continue;
        }
        each(&Row { file, header: &header, cells: &cells, line }, faults);
    }
}

fn read_header(
    file: &str,
    reader: &mut csv::Reader<&[u8]>,
    columns: &[&str],
    faults: &mut Vec<Fault>,
) -> Option<Vec<Box<str>>> {
    let header: Vec<Box<str>> = match reader.headers() {
        Ok(cells) => cells.iter().map(|name| name.trim_start_matches('\u{feff}').into()).collect(),
        Err(error) => {
            faults.push(Fault::at(file, 1, "", "", format!("header cannot be read: {error}")));
            return None;
        }
    };
    let missing = columns.iter().filter(|name| !header.iter().any(|have| **have == ***name));
    let before = faults.len();
    faults.extend(missing.map(|name| Fault::at(file, 1, name, "", "column is missing")));
    (faults.len() == before).then_some(header)
}

impl<'a> Row<'a> {
    /// The trimmed cell; empty when there is none.
    pub fn text(&self, column: &str) -> &'a str {
        let at = self.header.iter().position(|name| **name == *column);
        at.and_then(|at| self.cells.get(at)).unwrap_or("").trim()
    }
    pub fn fault(&self, column: &str, message: impl Into<String>) -> Fault {
        Fault::at(self.file, self.line, column, self.text(column), message)
    }
    /// A cell that must not be empty.
    pub fn required(&self, column: &str, faults: &mut Vec<Fault>) -> Option<&'a str> {
        let text = self.text(column);
        if text.is_empty() {
            faults.push(self.fault(column, "is empty"));
            return None;
        }
        Some(text)
    }
    /// An optional date, `YYYY-MM-DD`.
    pub fn date(&self, column: &str, faults: &mut Vec<Fault>) -> Option<NaiveDate> {
        self.parsed(column, "not a date: write YYYY-MM-DD", faults)
    }
    /// An optional price above 0.
    pub fn price(&self, column: &str, faults: &mut Vec<Fault>) -> Option<Yuan> {
        let message = "not a price: write yuan as a decimal number above 0, at most 6 decimals";
        let price = self.parsed::<Yuan>(column, message, faults)?;
        if price <= Yuan::ZERO {
            faults.push(self.fault(column, message));
            return None;
        }
        Some(price)
    }
    /// `1` or `0`.
    pub fn flag(&self, column: &str, faults: &mut Vec<Fault>) -> bool {
        self.one_of(column, &[("0", false), ("1", true)], faults).unwrap_or(false)
    }
    /// One of a few words; the fault lists them.
    pub fn one_of<T: Copy>(
        &self,
        column: &str,
        words: &[(&str, T)],
        faults: &mut Vec<Fault>,
    ) -> Option<T> {
        let text = self.text(column);
        let found = words.iter().find(|(word, _)| *word == text).map(|(_, meaning)| *meaning);
        if found.is_none() {
            let list: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            faults.push(self.fault(column, format!("unknown: write one of {}", list.join(", "))));
        }
        found
    }
    fn parsed<T: FromStr>(
        &self,
        column: &str,
        message: &str,
        faults: &mut Vec<Fault>,
    ) -> Option<T> {
        let text = self.text(column);
        if text.is_empty() {
            return None;
        }
        let value = text.parse().ok();
        if value.is_none() {
            faults.push(self.fault(column, message));
        }
        value
    }
    /// A half-open period from two date columns; reversed or half-given periods are faults.
    pub fn period(
        &self,
        (from, to): (&str, &str),
        faults: &mut Vec<Fault>,
    ) -> Option<(NaiveDate, NaiveDate)> {
        let before = faults.len();
        match (self.date(from, faults), self.date(to, faults)) {
            (Some(first), Some(end)) if first < end => Some((first, end)),
            (Some(_), Some(_)) => {
                faults.push(self.fault(to, format!("dates reversed: must be after {from}")));
                None
            }
            (None, None) => None,
            _ => {
                if faults.len() == before {
                    faults.push(self.fault(to, format!("{from} and {to} belong together")));
                }
                None
            }
        }
    }
}
