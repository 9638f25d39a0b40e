//! Putting the tables together into one catalogue, in the order in which they need each other.
//!
//! Serves CAT-01, 03, 04. Every table is read even when an earlier one has faults, so that one run
//! shows them all.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::codes::{Codes, Diagnoses};
use super::drugs::{Gathering, carry_over};
use super::edition::Edition;
use super::fault::Fault;
use super::forms::Forms;
use super::interactions::Interactions;
use super::item::{Item, Part};
use super::limits::Limits;
use super::local::Provinces;
use super::manifest::{EditionEntry, Kind, MANIFEST, Manifest, TableEntry};
use super::restriction::{Rows, Terms, attach};
use super::sheet::for_each_row;
use super::vbp::VbpTable;
use super::{Catalogue, Files, Knows, ethnic, names};

/// One load: the files, their manifest, and what is wrong so far.
struct Load<'f> {
    files: &'f Files,
    manifest: Manifest,
    faults: Vec<Fault>,
}

pub(super) fn build(files: &Files, digest: String) -> Result<Catalogue, Vec<Fault>> {
    let manifest = match files.get(MANIFEST) {
        Some(bytes) => Manifest::read(bytes)?,
        None => {
            return Err(vec![Fault::whole(MANIFEST, "is missing: is this a catalogue folder?")]);
        }
    };
    let mut load = Load { files, manifest, faults: Vec::new() };
    let mut gathered = load.items();
    let forms = Arc::new(load.forms(&gathered));
    let mut ethnic_drugs = 0;
    load.each(Kind::Ethnic, |table, faults| {
        ethnic_drugs += ethnic::mark(table, &mut gathered, faults);
    });
    let diagnoses = load.diagnoses();
    let terms = load.restrictions(&mut gathered, &diagnoses);
    let editions = load.editions(gathered, &forms);
    let limits = load.limits();
    let catalogue = Catalogue {
        digest,
        official_drugs: load.manifest.editions.iter().map(|e| e.official_drugs).collect(),
        codes: load.codes(&limits),
        vbp: load.vbp(&forms),
        divisions: load.read(Kind::Divisions, |all, (table, bytes), faults| {
            super::divisions::Divisions::read(all, table, bytes, faults);
        }),
        commercial: load.read(Kind::Commercial, |all, (table, bytes), faults| {
            super::commercial::Commercial::read(all, table, bytes, faults);
        }),
        products: load.read(Kind::Products, |all, (table, bytes), faults| {
            super::products::Products::read(all, &table.file, bytes, faults);
        }),
        provinces: load.provinces(&editions),
        interactions: load.interactions(&forms),
        ethnic: ethnic_drugs,
        complete: load.complete(),
        editions,
        forms,
        diagnoses,
        terms,
        limits,
    };
    if load.faults.is_empty() {
        return Ok(catalogue);
    }
    load.faults.sort();
    Err(load.faults)
}

/// A table of the manifest and its bytes.
type Table<'t> = (&'t TableEntry, &'t [u8]);

impl<'f> Load<'f> {
    /// The tables of a kind with their bytes; a file that is named and not there is a fault.
    fn tables(&mut self, kind: Kind, edition: Option<&str>) -> Vec<(TableEntry, &'f [u8])> {
        let entries: Vec<TableEntry> = self.manifest.tables_of(kind, edition).cloned().collect();
        let mut found = Vec::new();
        for entry in entries {
            match self.files.get(&entry.file) {
                Some(bytes) => found.push((entry, bytes.as_slice())),
                None => {
                    let message = format!("named in {MANIFEST} and not there");
                    self.faults.push(Fault::whole(&entry.file, message));
                }
            }
        }
        found
    }

    /// Reads every table of a kind.
    fn each(&mut self, kind: Kind, mut read: impl FnMut(Table<'_>, &mut Vec<Fault>)) {
        for (table, bytes) in self.tables(kind, None) {
            read((&table, bytes), &mut self.faults);
        }
    }

    /// Reads every table of a kind into one value.
    fn read<T: Default>(
        &mut self,
        kind: Kind,
        read: impl Fn(&mut T, Table<'_>, &mut Vec<Fault>),
    ) -> T {
        let mut all = T::default();
        self.each(kind, |table, faults| read(&mut all, table, faults));
        all
    }

    /// The items of every edition, in the order of the manifest.
    fn items(&mut self) -> Vec<Vec<Item>> {
        let ids: Vec<String> = self.manifest.editions.iter().map(|e| e.id.clone()).collect();
        ids.iter().map(|id| self.items_of(id)).collect()
    }

    fn items_of(&mut self, id: &str) -> Vec<Item> {
        let mut gathering = Gathering::new(&Arc::from(id));
        for (table, bytes) in self.tables(Kind::Drugs, Some(id)) {
            gathering.drugs(&table, bytes, &mut self.faults);
        }
        for (table, bytes) in self.tables(Kind::DecoctionPieces, Some(id)) {
            gathering.pieces(&table, bytes, &mut self.faults);
        }
        for (table, bytes) in self.tables(Kind::PaymentStandards, Some(id)) {
            gathering.payment_standards(&table, bytes, &mut self.faults);
        }
        for (table, bytes) in self.tables(Kind::GroupMembers, Some(id)) {
            gathering.group_members(&table, bytes, &mut self.faults);
        }
        gathering.items
    }

    fn forms(&mut self, gathered: &[Vec<Item>]) -> Forms {
        let mut forms = Forms::default();
        for (table, bytes) in self.tables(Kind::DosageForms, None) {
            let file = (table.file.as_str(), bytes);
            for_each_row(file, &["actual", "merged"], &mut self.faults, |row, faults| {
                let (actual, merged) =
                    (row.required("actual", faults), row.required("merged", faults));
                if let (Some(actual), Some(merged)) = (actual, merged) {
                    forms.merge(&names::normal(actual), &names::normal(merged));
                }
            });
        }
        for form in gathered.iter().flatten().filter_map(|item| item.dosage_form.as_deref()) {
            forms.learn_printed(form);
        }
        forms.add_spellings();
        forms
    }

    fn editions(&mut self, gathered: Vec<Vec<Item>>, forms: &Arc<Forms>) -> Vec<Edition> {
        let entries: Vec<EditionEntry> = self.manifest.editions.clone();
        let mut editions: Vec<Edition> = Vec::new();
        for (entry, items) in entries.into_iter().zip(gathered) {
            let incomplete = self.incomplete_parts(&entry.id, &items);
            let mut edition = Edition {
                id: Arc::from(entry.id.as_str()),
                valid_from: entry.valid_from,
                valid_to: entry.valid_to,
                items: Vec::with_capacity(items.len()),
                by_name: std::collections::HashMap::with_capacity(items.len() * 2),
                forms: forms.clone(),
                incomplete,
            };
            items.into_iter().for_each(|item| edition.add(item));
            if let Some(earlier) = editions.last() {
                carry_over(earlier, &mut edition, entry.transition_until);
            }
            editions.push(edition);
        }
        editions
    }

    /// Parts of an edition that have rows from an incomplete table, or no row at all.
    fn incomplete_parts(&self, edition: &str, items: &[Item]) -> Vec<Part> {
        let all = [
            Part::Western,
            Part::ChinesePatent,
            Part::NegotiatedWestern,
            Part::NegotiatedChinesePatent,
            Part::Bid,
            Part::DecoctionPiece,
        ];
        let gaps: Vec<Part> = self
            .manifest
            .tables_of(Kind::Drugs, Some(edition))
            .chain(self.manifest.tables_of(Kind::DecoctionPieces, Some(edition)))
            .filter(|table| !table.complete)
            .flat_map(|table| table.parts.iter().copied())
            .collect();
        all.into_iter()
            .filter(|part| gaps.contains(part) || !items.iter().any(|item| item.part == *part))
            .collect()
    }

    fn diagnoses(&mut self) -> Diagnoses {
        let mut all = Diagnoses::default();
        self.each(Kind::Diagnoses, |(table, bytes), faults| all.insurance(table, bytes, faults));
        self.each(Kind::ClinicalDiagnoses, |(table, bytes), faults| {
            all.clinical(table, bytes, faults);
        });
        all
    }

    /// The conditions of every restriction; what is left is the table of disease words.
    fn restrictions(&mut self, gathered: &mut [Vec<Item>], diagnoses: &Diagnoses) -> Terms {
        let codes: BTreeSet<&str> = diagnoses.parts().collect();
        let mut terms = Terms::default();
        self.each(Kind::DiagnosisTerms, |table, faults| terms.read(table, &codes, faults));
        let mut rows = Rows::default();
        self.each(Kind::Restrictions, |(table, bytes), faults| rows.read(table, bytes, faults));
        attach(rows, gathered, &mut self.faults);
        terms
    }

    fn limits(&mut self) -> Limits {
        let mut limits = Limits::default();
        self.each(Kind::NameLimits, |(table, bytes), faults| limits.names(table, bytes, faults));
        self.each(Kind::PrefixLimits, |(table, bytes), faults| {
            limits.prefixes(table, bytes, faults);
        });
        limits
    }

    fn codes(&mut self, limits: &Limits) -> Codes {
        self.read(Kind::CodeLimits, |all: &mut Codes, (table, bytes), faults| {
            all.read(table, bytes, limits, faults);
        })
    }

    fn vbp(&mut self, forms: &Forms) -> VbpTable {
        let contract = self.manifest.vbp;
        self.read(Kind::Vbp, |prices: &mut VbpTable, table, faults| {
            prices.read(table, contract, forms, faults);
        })
    }

    fn provinces(&mut self, editions: &[Edition]) -> Provinces {
        let mut all = Provinces::default();
        self.each(Kind::LocalItems, |table, faults| all.items(table, editions, faults));
        self.each(Kind::DualChannel, |(table, bytes), faults| {
            all.dual_channel(table, bytes, faults);
        });
        all
    }

    fn interactions(&mut self, forms: &Forms) -> Interactions {
        let mut all = Interactions::default();
        self.each(Kind::AtcNames, |table, faults| all.names(table, forms, faults));
        self.each(Kind::InteractionSubstances, |(table, bytes), faults| {
            all.substances(table, bytes, faults);
        });
        self.each(Kind::InteractionPairs, |(table, bytes), faults| all.pairs(table, bytes, faults));
        all
    }

    /// Tables of which every file is complete, and there is one.
    fn complete(&self) -> Vec<Knows> {
        let kinds = [
            (Kind::CodeLimits, Knows::NationalCodes),
            (Kind::Diagnoses, Knows::Diagnoses),
            (Kind::Commercial, Knows::Commercial),
            (Kind::Products, Knows::Products),
            (Kind::AtcNames, Knows::Interactions),
        ];
        let whole = |kind| {
            let mut tables = self.manifest.tables_of(kind, None).peekable();
            tables.peek().is_some() && tables.all(|table| table.complete)
        };
        kinds.into_iter().filter(|(kind, _)| whole(*kind)).map(|(_, knows)| knows).collect()
    }
}
