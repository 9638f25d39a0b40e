//! Putting the tables together into one catalogue, in the order in which they need each other.
//!
//! Serves CAT-01, 03, 04. Every table is read even when an earlier one has faults, so that one run
//! shows them all.

use std::collections::HashSet;
use std::sync::Arc;

use super::codes::{self, Diagnosis, NationalCode, code_format};
use super::drugs::{CLASSES, Gathering, carry_over};
use super::edition::Edition;
use super::fault::Fault;
use super::forms::Forms;
use super::item::{Class, EthnicGroup, Item, Part};
use super::limits::{Interner, LimitSource, Limits, read_limit};
use super::manifest::{EditionEntry, Kind, MANIFEST, Manifest, TableEntry};
use super::sheet::for_each_row;
use super::vbp::VbpTable;
use super::{Catalogue, Files, Knows, names};

const GROUPS: &[(&str, EthnicGroup)] = &[
    ("tibetan", EthnicGroup::Tibetan),
    ("mongolian", EthnicGroup::Mongolian),
    ("uyghur", EthnicGroup::Uyghur),
];

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
    let gathered = load.items();
    let forms = Arc::new(load.forms(&gathered));
    let (gathered, ethnic) = load.ethnic(gathered);
    let editions = load.editions(gathered, &forms);
    let diagnoses = load.diagnoses();
    let limits = load.limits();
    let codes = load.codes(&limits);
    let vbp = load.vbp(&forms);
    let official_drugs = load.manifest.editions.iter().map(|e| e.official_drugs).collect();
    let complete = load.complete();
    if !load.faults.is_empty() {
        load.faults.sort();
        return Err(load.faults);
    }
    Ok(Catalogue {
        digest,
        editions,
        official_drugs,
        forms,
        codes,
        diagnoses,
        limits,
        vbp,
        ethnic,
        complete,
    })
}

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

    /// Marks the ethnic medicines and checks that the list of them alters no class (CAT-04).
    fn ethnic(&mut self, mut gathered: Vec<Vec<Item>>) -> (Vec<Vec<Item>>, usize) {
        let mut count = 0;
        for (table, bytes) in self.tables(Kind::Ethnic, None) {
            let file = (table.file.as_str(), bytes);
            let mut seen: HashSet<String> = HashSet::new();
            for_each_row(file, &["group", "name", "class"], &mut self.faults, |row, faults| {
                let group = row.one_of("group", GROUPS, faults);
                let class = row.one_of("class", CLASSES, faults);
                let name = row.required("name", faults);
                let (Some(group), Some(class), Some(name)) = (group, class, name) else { return };
                let name = names::normal(name).into_owned();
                if !seen.insert(name.clone()) {
                    faults.push(row.fault("name", "listed twice"));
                    return;
                }
                count += 1;
                match mark_ethnic(&mut gathered, &name, group, class) {
                    Marked::Alike => {}
                    Marked::Nowhere => faults.push(row.fault("name", "in no national edition")),
                    Marked::Altered(edition) => faults.push(row.fault(
                        "class",
                        format!(
                            "differs from edition {edition}: a class may not be altered (CAT-04)"
                        ),
                    )),
                }
            });
        }
        (gathered, count)
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

    fn diagnoses(&mut self) -> HashSet<Diagnosis> {
        let mut all = HashSet::new();
        for (table, bytes) in self.tables(Kind::Diagnoses, None) {
            let file = (table.file.as_str(), bytes);
            for_each_row(file, &["code", "name"], &mut self.faults, |row, faults| {
                let (code, name) = (row.required("code", faults), row.required("name", faults));
                let (Some(code), Some(name)) = (code, name) else { return };
                if !codes::is_diagnosis_code(code) {
                    faults.push(row.fault("code", "not a diagnosis code such as A00.000x001"));
                } else if !all.insert(Diagnosis { code: code.into(), name: name.into() }) {
                    faults.push(row.fault("code", "listed twice"));
                }
            });
        }
        all
    }

    fn limits(&mut self) -> Limits {
        let mut limits = Limits::default();
        for (table, bytes) in self.tables(Kind::NameLimits, None) {
            limits.names(&table, bytes, &mut self.faults);
        }
        for (table, bytes) in self.tables(Kind::PrefixLimits, None) {
            limits.prefixes(&table, bytes, &mut self.faults);
        }
        limits
    }

    /// National codes with their limits; the ground of a limit is that of the same limit of the
    /// same name.
    fn codes(&mut self, limits: &Limits) -> HashSet<NationalCode> {
        let mut all: HashSet<NationalCode> = HashSet::new();
        let mut words = Interner::default();
        let columns = &["code", "generic_name", "limit", "value", "batch"];
        for (table, bytes) in self.tables(Kind::CodeLimits, None) {
            for_each_row((&table.file, bytes), columns, &mut self.faults, |row, faults| {
                let (code, name) =
                    (row.required("code", faults), row.required("generic_name", faults));
                let limit = read_limit(row, LimitSource::Code, &mut words, faults);
                let (Some(code), Some(name), Some(mut limit)) = (code, name, limit) else { return };
                let kind = match code_format(code) {
                    Ok(kind) => kind,
                    Err(fault) => return faults.push(row.fault("code", fault.to_string())),
                };
                let mut known = limits.of_name(name).iter();
                let same = known.find(|l| l.kind == limit.kind && l.value == limit.value);
                limit.basis = same.and_then(|named| named.basis.clone());
                let mut entry = all.take(code).unwrap_or_else(|| NationalCode {
                    code: code.into(),
                    generic_name: words.keep(name),
                    kind,
                    limits: Vec::new(),
                });
                if entry
                    .limits
                    .iter()
                    .any(|have| have.kind == limit.kind && have.value == limit.value)
                {
                    faults.push(row.fault("code", "listed twice with the same limit"));
                } else if names::normal(&entry.generic_name) != names::normal(name) {
                    faults.push(row.fault("generic_name", "the code has another name above"));
                } else {
                    entry.limits.push(limit);
                }
                all.insert(entry);
            });
        }
        all
    }

    fn vbp(&mut self, forms: &Forms) -> VbpTable {
        let mut prices = VbpTable::default();
        let contract = self.manifest.vbp;
        for (table, bytes) in self.tables(Kind::Vbp, None) {
            prices.read((&table, bytes), contract, forms, &mut self.faults);
        }
        prices
    }

    fn complete(&self) -> Vec<Knows> {
        [(Kind::CodeLimits, Knows::NationalCodes), (Kind::Diagnoses, Knows::Diagnoses)]
            .into_iter()
            .filter(|(kind, _)| self.manifest.tables_of(*kind, None).any(|table| table.complete))
            .map(|(_, knows)| knows)
            .collect()
    }
}

enum Marked {
    Alike,
    Nowhere,
    Altered(Arc<str>),
}

fn mark_ethnic(gathered: &mut [Vec<Item>], name: &str, group: EthnicGroup, class: Class) -> Marked {
    let mut result = Marked::Nowhere;
    let named = |item: &&mut Item| {
        item.part.is_chinese_patent() && item.names.iter().any(|have| **have == *name)
    };
    for item in gathered.iter_mut().flatten().filter(named) {
        item.ethnic_group = Some(group);
        if item.class != Some(class) {
            return Marked::Altered(item.edition.clone());
        }
        result = Marked::Alike;
    }
    result
}
