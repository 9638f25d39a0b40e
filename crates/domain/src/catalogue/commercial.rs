//! The list of innovative drugs for commercial insurance: outside basic insurance whatever a
//! hospital says.
//!
//! Serves CAT-12. Knows no commercial insurer and no price.

use chrono::NaiveDate;
use serde::Serialize;

use super::fault::Fault;
use super::manifest::TableEntry;
use super::names;
use super::sheet::for_each_row;

/// One drug of the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CommercialDrug {
    pub name: Box<str>,
    pub brand: Box<str>,
    pub holder: Box<str>,
    pub from: NaiveDate,
    pub to: NaiveDate,
}

#[derive(Debug, Default)]
pub(super) struct Commercial(Vec<CommercialDrug>);

impl Commercial {
    pub fn read(&mut self, table: &TableEntry, bytes: &[u8], faults: &mut Vec<Fault>) {
        let columns = &["name", "brand", "holder", "valid_from", "valid_to"];
        for_each_row((&table.file, bytes), columns, faults, |row, faults| {
            let name = row.required("name", faults);
            let period = row.period(("valid_from", "valid_to"), faults);
            if period.is_none() && row.text("valid_from").is_empty() {
                faults.push(row.fault("valid_from", "is empty"));
            }
            let (Some(name), Some((from, to))) = (name, period) else { return };
            let name: Box<str> = names::normal(name).into();
            if self.0.iter().any(|have| have.name == name && have.from < to && from < have.to) {
                faults.push(row.fault("name", "listed twice for one day"));
                return;
            }
            let (brand, holder) = (row.text("brand").into(), row.text("holder").into());
            self.0.push(CommercialDrug { name, brand, holder, from, to });
        });
    }

    /// Approved names are printed in full: nothing is stripped.
    pub fn find(&self, name: &str, on: NaiveDate) -> Option<&CommercialDrug> {
        let name = names::normal(name);
        self.0.iter().find(|drug| *drug.name == *name && drug.from <= on && on < drug.to)
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }
}
