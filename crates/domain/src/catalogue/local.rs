//! What a province admits besides the national list (ethnic drugs, institution preparations, pieces,
//! granules), and its list of dual-channel drugs.
//!
//! Serves CAT-04, 06..09, DC-01, 02. The place of care decides which province's list counts (CAT-07):
//! whoever asks says the province. No such list is public for the four provinces here, so their
//! tables are empty and not complete, and every answer is `Unverified`.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Serialize;

use super::edition::Edition;
use super::fault::Fault;
use super::forms::Forms;
use super::item::Class;
use super::manifest::TableEntry;
use super::names;
use super::sheet::{Row, for_each_row};

/// What kind of item a province admits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LocalKind {
    EthnicDrug,
    Preparation,
    DecoctionPiece,
    Granule,
}

const KINDS: &[(&str, LocalKind)] = &[
    ("ethnic_drug", LocalKind::EthnicDrug),
    ("preparation", LocalKind::Preparation),
    ("decoction_piece", LocalKind::DecoctionPiece),
    ("granule", LocalKind::Granule),
];
const CLASSES: &[(&str, Option<Class>)] =
    &[("", None), ("A", Some(Class::A)), ("B", Some(Class::B))];

/// An item of a province's own list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LocalItem {
    pub kind: LocalKind,
    pub name: Box<str>,
    pub dosage_form: Box<str>,
    /// `None`: the list does not class it; the region sets the first self-pay.
    pub class: Option<Class>,
    /// □: not paid alone, nor among its like (CAT-09).
    pub not_alone: bool,
    /// Registration of a preparation: `藏药制字Z…`.
    pub registration_no: Box<str>,
    /// Codes of the institutions in which a preparation is paid (CAT-08); empty for other kinds.
    pub institutions: Box<[Box<str>]>,
    pub from: NaiveDate,
    pub to: Option<NaiveDate>,
}

/// A drug of a province's dual-channel list (DC-01).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DualChannelDrug {
    pub name: Box<str>,
    pub dosage_form: Box<str>,
    /// Group (b): separate payment (DC-02).
    pub separate_payment: bool,
    pub from: NaiveDate,
    pub to: Option<NaiveDate>,
}

/// Whether a province lists something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listed<T> {
    Yes(T),
    /// Not in a list that is complete.
    No,
    /// Not found, and the list here is not complete, or there is none.
    Unverified,
}

/// The lists of one province.
#[derive(Debug, Default)]
struct Lists {
    items: Vec<LocalItem>,
    items_complete: bool,
    dual_channel: Vec<DualChannelDrug>,
    dual_channel_complete: bool,
}

#[derive(Debug, Default)]
pub(super) struct Provinces(BTreeMap<Box<str>, Lists>);

impl Provinces {
    fn of(&mut self, table: &TableEntry) -> &mut Lists {
        self.0.entry(table.province.as_deref().unwrap_or("").into()).or_default()
    }

    /// Reads a list of items. An item that a national edition lists is refused: a province does not
    /// list it anew, nor class it otherwise (CAT-04).
    pub fn items(
        &mut self,
        (table, bytes): (&TableEntry, &[u8]),
        editions: &[Edition],
        faults: &mut Vec<Fault>,
    ) {
        let lists = self.of(table);
        lists.items_complete = table.complete;
        let columns = &[
            "kind",
            "name",
            "dosage_form",
            "class",
            "not_alone",
            "registration_no",
            "institutions",
            "valid_from",
            "valid_to",
        ];
        for_each_row((&table.file, bytes), columns, faults, |row, faults| {
            let Some(item) = local_item(row, faults) else { return };
            let national = editions.iter().find(|edition| edition.by_name.contains_key(&item.name));
            if let (Some(edition), false) = (national, item.kind == LocalKind::Granule) {
                let message =
                    format!("is in national edition {}: not the province's (CAT-04)", edition.id);
                faults.push(row.fault("name", message));
            } else if lists.items.iter().any(|have| have.is_same(&item)) {
                faults.push(row.fault("name", "listed twice for one day"));
            } else {
                lists.items.push(item);
            }
        });
    }

    /// Reads a list of dual-channel drugs.
    pub fn dual_channel(&mut self, table: &TableEntry, bytes: &[u8], faults: &mut Vec<Fault>) {
        let lists = self.of(table);
        lists.dual_channel_complete = table.complete;
        let columns = &["name", "dosage_form", "separate_payment", "valid_from", "valid_to"];
        for_each_row((&table.file, bytes), columns, faults, |row, faults| {
            let name = row.required("name", faults);
            let (period, separate_payment) =
                (open_period(row, faults), row.flag("separate_payment", faults));
            let (Some(name), Some((from, to))) = (name, period) else { return };
            let (name, dosage_form) = (names::normal(name).into(), row.text("dosage_form").into());
            let drug = DualChannelDrug { name, dosage_form, separate_payment, from, to };
            let twice = |have: &DualChannelDrug| {
                have.name == drug.name
                    && have.dosage_form == drug.dosage_form
                    && overlap((have.from, have.to), (from, to))
            };
            if lists.dual_channel.iter().any(twice) {
                faults.push(row.fault("name", "listed twice for one day"));
            } else {
                lists.dual_channel.push(drug);
            }
        });
    }

    pub fn item(
        &self,
        province: &str,
        kind: LocalKind,
        name: &str,
        on: NaiveDate,
    ) -> Listed<&LocalItem> {
        let Some(lists) = self.0.get(province) else { return Listed::Unverified };
        let name = names::normal(name);
        let fits = |item: &&LocalItem| {
            item.kind == kind && *item.name == *name && covers((item.from, item.to), on)
        };
        listed(lists.items.iter().find(fits), lists.items_complete)
    }

    pub fn dual_channel_drug(
        &self,
        province: &str,
        (name, form): (&str, &str),
        on: NaiveDate,
        forms: &Forms,
    ) -> Listed<&DualChannelDrug> {
        let Some(lists) = self.0.get(province) else { return Listed::Unverified };
        let name = names::normal(name);
        let fits = |drug: &&DualChannelDrug| {
            *drug.name == *name
                && is_same_form(&drug.dosage_form, form, forms)
                && covers((drug.from, drug.to), on)
        };
        listed(lists.dual_channel.iter().find(fits), lists.dual_channel_complete)
    }

    /// Items and dual-channel drugs, over all provinces.
    pub fn len(&self) -> (usize, usize) {
        let items = self.0.values().map(|lists| lists.items.len()).sum();
        (items, self.0.values().map(|lists| lists.dual_channel.len()).sum())
    }
}

impl LocalItem {
    fn is_same(&self, other: &LocalItem) -> bool {
        (self.kind, &self.name, &self.dosage_form) == (other.kind, &other.name, &other.dosage_form)
            && overlap((self.from, self.to), (other.from, other.to))
    }
    /// Is the preparation paid in that institution (CAT-08)? Other kinds are paid anywhere.
    pub fn is_paid_at(&self, institution: &str) -> bool {
        self.kind != LocalKind::Preparation
            || self.institutions.iter().any(|code| **code == *institution)
    }
}

fn local_item(row: &Row<'_>, faults: &mut Vec<Fault>) -> Option<LocalItem> {
    let kind = row.one_of("kind", KINDS, faults);
    let class = row.one_of("class", CLASSES, faults);
    let (name, period) = (row.required("name", faults), open_period(row, faults));
    let not_alone = row.flag("not_alone", faults);
    let codes = row.text("institutions").split('|').filter(|code| !code.is_empty());
    let institutions: Box<[Box<str>]> = codes.map(Box::from).collect();
    let kind = kind?;
    let is_preparation = kind == LocalKind::Preparation;
    if is_preparation == institutions.is_empty() {
        faults.push(row.fault(
            "institutions",
            "a preparation names the institutions that may use it, and nothing else does (CAT-08)",
        ));
    }
    if is_preparation && row.text("registration_no").is_empty() {
        faults.push(row.fault("registration_no", "a preparation needs its registration"));
    }
    let (from, to) = period?;
    Some(LocalItem {
        kind,
        name: names::normal(name?).into(),
        dosage_form: row.text("dosage_form").into(),
        class: class?,
        not_alone,
        registration_no: row.text("registration_no").into(),
        institutions,
        from,
        to,
    })
}

/// A row without a form, or a line without one, fits every form; else both words mean one form.
fn is_same_form(listed: &str, stated: &str, forms: &Forms) -> bool {
    if listed.is_empty() || stated.is_empty() || names::normal(listed) == names::normal(stated) {
        return true;
    }
    let meant = forms.of(stated);
    meant.is_some_and(|form| form.is_covered_by(listed) || forms.of(listed) == Some(form))
}

type Period = (NaiveDate, Option<NaiveDate>);

/// A period that may have no end.
fn open_period(row: &Row<'_>, faults: &mut Vec<Fault>) -> Option<Period> {
    row.required("valid_from", faults)?;
    if row.text("valid_to").is_empty() {
        return row.date("valid_from", faults).map(|from| (from, None));
    }
    row.period(("valid_from", "valid_to"), faults).map(|(from, to)| (from, Some(to)))
}

fn covers((from, to): Period, day: NaiveDate) -> bool {
    from <= day && to.is_none_or(|end| day < end)
}

fn overlap(one: Period, other: Period) -> bool {
    one.1.is_none_or(|end| other.0 < end) && other.1.is_none_or(|end| one.0 < end)
}

fn listed<T>(found: Option<&T>, complete: bool) -> Listed<&T> {
    match found {
        Some(found) => Listed::Yes(found),
        None if complete => Listed::No,
        None => Listed::Unverified,
    }
}
