//! From rows to items: drugs, their payment standards, group members and decoction pieces of one
//! edition.
//!
//! Serves RULES CAT-01, 03, 05, 09. Knows the columns of the files; not how names are searched.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::NaiveDate;

use super::edition::{Edition, Found};
use super::fault::Fault;
use super::item::{Agreement, Class, Item, Knowledge, Part, PaymentStandard};
use super::manifest::TableEntry;
use super::names;
use super::restriction::Restriction;
use super::sheet::{Row, for_each_row};

const DRUG_COLUMNS: &[&str] = &[
    "id",
    "part",
    "further_form",
    "name",
    "class",
    "dosage_form",
    "restriction",
    "restriction_known",
    "agreement_from",
    "agreement_to",
    "price_confidential",
];
pub(super) const CLASSES: &[(&str, Class)] = &[("A", Class::A), ("B", Class::B)];
const PARTS: &[(&str, Part)] = &[
    ("western", Part::Western),
    ("chinese_patent", Part::ChinesePatent),
    ("negotiated_western", Part::NegotiatedWestern),
    ("negotiated_chinese_patent", Part::NegotiatedChinesePatent),
    ("bid", Part::Bid),
];
const KNOWN: &[(&str, Knowledge)] = &[
    ("known", Knowledge::Known),
    ("carried", Knowledge::Carried),
    ("unknown", Knowledge::Unknown),
];

/// The items of one edition while its files are read.
pub(super) struct Gathering {
    pub items: Vec<Item>,
    ids: HashSet<Box<str>>,
    printed: HashSet<(Box<str>, Option<Arc<str>>)>,
    forms: HashMap<Box<str>, Arc<str>>,
    edition: Arc<str>,
}

impl Gathering {
    pub fn new(edition: &Arc<str>) -> Gathering {
        Gathering {
            items: Vec::new(),
            ids: HashSet::new(),
            printed: HashSet::new(),
            forms: HashMap::new(),
            edition: edition.clone(),
        }
    }

    /// Reads a table of drugs.
    pub fn drugs(&mut self, table: &TableEntry, bytes: &[u8], faults: &mut Vec<Fault>) {
        for_each_row((&table.file, bytes), DRUG_COLUMNS, faults, |row, faults| {
            let part = row.one_of("part", PARTS, faults);
            let class = row.one_of("class", CLASSES, faults);
            if let Some(mut item) = self.blank(row, part, table.listing, faults) {
                item.class = class;
                self.fill(&mut item, row, faults);
                self.items.push(item);
            }
        });
    }

    /// Reads a table of decoction pieces.
    pub fn pieces(&mut self, table: &TableEntry, bytes: &[u8], faults: &mut Vec<Fault>) {
        let columns = &["id", "name", "excluded", "not_alone", "restriction"];
        for_each_row((&table.file, bytes), columns, faults, |row, faults| {
            let piece = Some(Part::DecoctionPiece);
            if let Some(mut item) = self.blank(row, piece, table.listing, faults) {
                item.excluded = row.flag("excluded", faults);
                item.not_alone = row.flag("not_alone", faults);
                item.restriction_known = table.listing;
                item.restriction = restriction(row, table.listing);
                self.items.push(item);
            }
        });
    }

    /// An item with its names, after the checks that every row must pass.
    fn blank(
        &mut self,
        row: &Row<'_>,
        part: Option<Part>,
        listing: Knowledge,
        faults: &mut Vec<Fault>,
    ) -> Option<Item> {
        let (id, name) = (row.required("id", faults), row.required("name", faults));
        let (id, name, part) = (id?, name?, part?);
        if !self.ids.insert(id.into()) {
            faults.push(row.fault("id", "used twice in this edition"));
        }
        let form = self.form(row.text("dosage_form"));
        let group = if part == Part::DecoctionPiece { "饮片" } else { "" };
        if !self.printed.insert((format!("{group}{}", names::normal(name)).into(), form.clone())) {
            faults.push(row.fault("name", "listed twice in this edition with the same form"));
        }
        Some(Item {
            id: id.into(),
            edition: self.edition.clone(),
            part,
            printed_name: name.into(),
            names: names::expand(name).into(),
            dosage_form: form,
            class: None,
            restriction: None,
            restriction_known: Knowledge::Known,
            listing,
            agreement: None,
            price_confidential: false,
            payment_standards: Box::default(),
            ethnic_group: None,
            is_further_form: false,
            not_alone: false,
            excluded: false,
            transition_until: None,
        })
    }

    fn fill(&self, item: &mut Item, row: &Row<'_>, faults: &mut Vec<Fault>) {
        item.is_further_form = row.flag("further_form", faults);
        item.price_confidential = row.flag("price_confidential", faults);
        let known = row.one_of("restriction_known", KNOWN, faults);
        item.restriction_known = known.unwrap_or(Knowledge::Unknown);
        item.restriction = restriction(row, item.restriction_known);
        let before = faults.len();
        item.agreement = row
            .period(("agreement_from", "agreement_to"), faults)
            .map(|(from, to)| Agreement { from, to });
        if item.part.is_negotiated() && item.agreement.is_none() && faults.len() == before {
            faults.push(row.fault("agreement_from", "a negotiated drug needs its agreement"));
        }
    }

    fn form(&mut self, text: &str) -> Option<Arc<str>> {
        if text.is_empty() {
            return None;
        }
        let form = names::normal(text);
        let shared = self.forms.entry(form.as_ref().into());
        Some(shared.or_insert_with(|| Arc::from(&*form)).clone())
    }

    /// Reads the public payment standards and gives them to their items.
    pub fn payment_standards(&mut self, table: &TableEntry, bytes: &[u8], faults: &mut Vec<Fault>) {
        let columns = &["id", "price_yuan", "spec", "valid_from", "valid_to"];
        let mut standards: HashMap<Box<str>, Vec<PaymentStandard>> = HashMap::new();
        for_each_row((&table.file, bytes), columns, faults, |row, faults| {
            let id = row.required("id", faults);
            let spec = row.required("spec", faults);
            let given = row.required("price_yuan", faults).is_some();
            let price = row.price("price_yuan", faults).filter(|_| given);
            let period = row.period(("valid_from", "valid_to"), faults);
            let (Some(id), Some(spec), Some(price), Some((from, to))) = (id, spec, price, period)
            else {
                return;
            };
            if !self.ids.contains(id) {
                faults.push(row.fault("id", "no drug of this edition has this id"));
                return;
            }
            let tiers = standards.entry(id.into()).or_default();
            if tiers.iter().any(|t| *t.spec_text == *spec && t.from < to && from < t.to) {
                faults.push(row.fault("valid_from", "overlaps another price of the same spec"));
            }
            tiers.push(PaymentStandard { spec_text: spec.into(), price, from, to });
        });
        for item in &mut self.items {
            if let Some(tiers) = standards.remove(&item.id) {
                item.payment_standards = tiers.into();
            }
        }
    }

    /// Gives the members that the general rules name (◇) to their groups.
    pub fn group_members(&mut self, table: &TableEntry, bytes: &[u8], faults: &mut Vec<Fault>) {
        for_each_row((&table.file, bytes), &["group", "member"], faults, |row, faults| {
            let (group, member) = (row.required("group", faults), row.required("member", faults));
            let (Some(group), Some(member)) = (group, member) else { return };
            let group_name = names::normal(group);
            let is_group = |item: &&mut Item| item.names.iter().any(|name| **name == *group_name);
            match self.items.iter_mut().find(is_group) {
                Some(item) => {
                    let mut all = std::mem::take(&mut item.names).into_vec();
                    all.push(names::normal(member).into());
                    item.names = all.into();
                }
                None => faults.push(row.fault("group", "no drug of this edition has this name")),
            }
        });
    }
}

fn restriction(row: &Row<'_>, known: Knowledge) -> Option<Restriction> {
    let text = row.text("restriction");
    (!text.is_empty()).then(|| Restriction { text: text.into(), known, conditions: None })
}

/// CAT-03 and its neighbour: drugs under an agreement in the edition before that have no row in
/// this one. Agreement over on the first day → payable at the old standard until `until`. Agreement
/// still running → the row is missing without a reason that we know. Where the part was not read
/// completely, it may be in it after all.
pub(super) fn carry_over(earlier: &Edition, edition: &mut Edition, until: Option<NaiveDate>) {
    let start = edition.valid_from;
    let open = earlier.items.iter().filter(|item| item.agreement.is_some_and(|a| a.to >= start));
    let missing: Vec<Item> = open
        .filter(|item| matches!(edition.find(&item.printed_name, None), Found::Nothing))
        .cloned()
        .collect();
    for mut item in missing {
        let over = item.agreement.is_some_and(|agreement| agreement.to == start);
        if over && until.is_none() {
            continue;
        }
        if let (true, Some(until)) = (over, until) {
            item.transition_until = Some(until);
            for standard in item.payment_standards.iter_mut().filter(|s| s.to == start) {
                standard.to = until;
            }
        }
        item.id = format!("{}-{}", earlier.id, item.id).into();
        item.edition = edition.id.clone();
        let is_surely_gone = over && edition.knows_all_of(item.part);
        item.listing = if is_surely_gone { Knowledge::Known } else { Knowledge::Unknown };
        item.restriction_known = Knowledge::Carried;
        if let Some(restriction) = &mut item.restriction {
            restriction.known = Knowledge::Carried;
        }
        edition.add(item);
    }
}
