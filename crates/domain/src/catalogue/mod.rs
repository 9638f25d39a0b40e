//! What the gateway knows of drugs and diagnoses: an immutable index, built once from the files of
//! `catalogue/`.
//!
//! Pure: bytes in, index or faults out. Serves RULES 1A and PRC-02. Knows no prescription, no
//! region and no clock; whoever asks says the day. Absence from a table that is not complete proves
//! nothing: see [`Catalogue::knows_all`].

mod codes;
mod commercial;
mod diff;
mod divisions;
mod drugs;
mod edition;
mod ethnic;
mod explain;
mod fault;
mod forms;
mod interactions;
mod item;
mod limits;
mod load;
mod local;
mod manifest;
pub mod names;
mod products;
pub mod restriction;
mod sheet;
mod stats;
mod substance;
mod vbp;

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;

pub use codes::{CodeFault, CodeKind, Diagnosed, Diagnosis, NationalCode, code_format};
pub use commercial::CommercialDrug;
pub use diff::{Change, TableDiff, diff};
pub use divisions::Division;
pub use edition::{By, Edition, Found, Matched};
pub use explain::Explanation;
pub use fault::Fault;
pub use interactions::{Gravity, Interaction, SameTherapy, Trust};
pub use item::{Agreement, Class, EthnicGroup, Item, Knowledge, Part, PaymentStandard, Standing};
pub use limits::{Limit, LimitKind, LimitSource, LimitValue};
pub use local::{DualChannelDrug, Listed, LocalItem, LocalKind};
pub use manifest::MANIFEST;
pub use products::{Product, Products};
pub use restriction::{Condition, Conditions, Contradiction, Patient, Restriction};
pub use stats::{EditionStats, Stats};
pub use vbp::{Strength, VbpPrice, VbpQuery, is_same_strength};

/// The files of a catalogue folder by their path relative to it, with `/` as separator.
pub type Files = BTreeMap<String, Vec<u8>>;

/// Tables for which absence may or may not mean something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Knows {
    NationalCodes,
    Diagnoses,
    Commercial,
    Products,
    Interactions,
}

/// The whole catalogue. Cheap to share behind an `Arc`, never changed after [`Catalogue::build`].
#[derive(Debug)]
pub struct Catalogue {
    digest: String,
    editions: Vec<Edition>,
    official_drugs: Vec<u32>,
    forms: Arc<forms::Forms>,
    codes: codes::Codes,
    diagnoses: codes::Diagnoses,
    terms: restriction::Terms,
    limits: limits::Limits,
    vbp: vbp::VbpTable,
    divisions: divisions::Divisions,
    commercial: commercial::Commercial,
    provinces: local::Provinces,
    products: Products,
    interactions: interactions::Interactions,
    ethnic: usize,
    complete: Vec<Knows>,
}

impl Catalogue {
    /// Reads all files and builds the index, or reports every fault of every file (never only the
    /// first), sorted by file and row. `digest` names this content; it is the caller's, who read
    /// the bytes.
    pub fn build(files: &Files, digest: String) -> Result<Catalogue, Vec<Fault>> {
        load::build(files, digest)
    }
    /// The name of this content, as given to [`Catalogue::build`].
    pub fn digest(&self) -> &str {
        &self.digest
    }
    /// All editions, the earliest first.
    pub fn editions(&self) -> &[Edition] {
        &self.editions
    }
    /// The edition in force on a day (CAT-01).
    pub fn edition_on(&self, day: NaiveDate) -> Option<&Edition> {
        self.editions.iter().find(|edition| edition.covers(day))
    }
    /// An edition by its id: `2024`, `2025`.
    pub fn edition(&self, id: &str) -> Option<&Edition> {
        self.editions.iter().find(|edition| *edition.id == *id)
    }
    /// A national code of the public table, which is not complete. Format alone: [`code_format`].
    pub fn national_code(&self, code: &str) -> Option<&NationalCode> {
        self.codes.get(code)
    }
    /// A diagnosis code of ICD-10 医保版 2.0, exactly as written there (`I10.x00`).
    pub fn diagnosis(&self, code: &str) -> Option<&Diagnosis> {
        self.diagnoses.get(code)
    }
    /// A diagnosis code of 医保版, or of 国临版 where it differs: then what is meant.
    pub fn diagnosed<'a>(&'a self, code: &'a str) -> Diagnosed<'a> {
        self.diagnoses.find(code)
    }
    /// A drug of the commercial-insurance list on a day (CAT-12).
    pub fn commercial(&self, name: &str, on: NaiveDate) -> Option<&CommercialDrug> {
        self.commercial.find(name, on)
    }
    /// An item that the province of the place of care admits itself (CAT-06, CAT-07); `province` is
    /// its division code, `540000`.
    pub fn local_item(
        &self,
        province: &str,
        kind: LocalKind,
        name: &str,
        on: NaiveDate,
    ) -> Listed<&LocalItem> {
        self.provinces.item(province, kind, name, on)
    }
    /// Whether a province's dual-channel list has a drug, named with its form (DC-01, DC-02).
    pub fn dual_channel(
        &self,
        province: &str,
        drug: (&str, &str),
        on: NaiveDate,
    ) -> Listed<&DualChannelDrug> {
        self.provinces.dual_channel_drug(province, drug, on, &self.forms)
    }
    /// A province, prefecture, county or township by its code, with what contains it.
    pub fn division(&self, code: &str) -> Option<Division<'_>> {
        self.divisions.find(code)
    }
    /// The counties of a province or prefecture (DC-09).
    pub fn counties_of(&self, code: &str) -> Vec<Division<'_>> {
        self.divisions.counties_of(code)
    }
    /// Public products. A register of an agency or a pharmacy has its own.
    pub fn products(&self) -> &Products {
        &self.products
    }
    /// ATC codes of a generic name; empty when it has none here.
    pub fn atc_of(&self, name: &str) -> &[Box<str>] {
        self.interactions.atc_of(name, &self.forms)
    }
    /// Interactions among drugs given by their generic names: hints, to warn with and no more.
    pub fn interactions_between(&self, names: &[&str]) -> Vec<Interaction<'_>> {
        self.interactions.between(names, &self.forms)
    }
    /// Drugs among these that share a substance or a chemical group: hints, to warn with and no more.
    pub fn same_therapy(&self, names: &[&str]) -> Vec<SameTherapy<'_>> {
        self.interactions.same_therapy(names, &self.forms)
    }
    /// The disease words by which restrictions are parsed.
    pub fn terms(&self) -> &restriction::Terms {
        &self.terms
    }
    /// Whether absence from the table means that the code does not exist.
    pub fn knows_all(&self, table: Knows) -> bool {
        self.complete.contains(&table)
    }
    /// The published limits of a line, one per kind: those of its code, else of its name, else of
    /// the code's first characters. `code` may be empty.
    pub fn limits_for(&self, code: &str, generic_name: &str) -> Vec<&Limit> {
        let by_code = self.codes.get(code).map_or(&[][..], |known| &known.limits);
        let all = by_code
            .iter()
            .chain(self.limits.of_name(generic_name))
            .chain(self.limits.of_prefix(code));
        let mut limits: Vec<&Limit> = Vec::new();
        for limit in all {
            if !limits.iter().any(|have| have.kind == limit.kind && have.source != limit.source) {
                limits.push(limit);
            }
        }
        limits
    }
    /// Selection prices that hold on a day for name, form, strength, maker and province (PRC-02),
    /// per minimum unit. A bid counts for the printed strength only, also where several were
    /// tendered together.
    pub fn vbp_price(&self, query: &VbpQuery<'_>, on: NaiveDate) -> Vec<&VbpPrice> {
        let bids = self.vbp.named(query.generic_name, query.dosage_form, &self.forms);
        vbp::select(bids, query, on)
    }
    /// Every bid for a name and form, selected or not, of any date: history.
    pub fn vbp_bids(&self, generic_name: &str, dosage_form: Option<&str>) -> Vec<&VbpPrice> {
        self.vbp.named(generic_name, dosage_form, &self.forms)
    }
    /// The bids for a name and form that are selected for a province since a day or before, whether or not their contract
    /// has ended.
    pub fn vbp_selected(
        &self,
        drug: (&str, &str),
        province: &str,
        on: NaiveDate,
    ) -> Vec<&VbpPrice> {
        let (name, form) = drug;
        self.vbp.named_where(name, Some(form), &self.forms, |bid| {
            bid.is_selected && bid.from.is_some_and(|from| from <= on) && bid.supplies(province)
        })
    }
    /// Counts of what is loaded.
    pub fn stats(&self) -> Stats {
        stats::count(self)
    }
    /// What the catalogue says of a national code, a diagnosis code or a name on a day.
    pub fn explain<'a>(&'a self, what: &'a str, on: NaiveDate) -> Explanation<'a> {
        explain::explain(self, what, on)
    }
}
