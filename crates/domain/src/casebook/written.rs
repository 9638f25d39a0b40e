//! A case as it is written, with the plain case in its defaults.
//!
//! Knows no rule and builds nothing.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde::Deserialize;
use toml::Value;

use super::person::{Registered, Suspended};
use super::place::House;
use crate::institution::PoolingArea;
use crate::money::{Quantity, Yuan};
use crate::prescription::{
    Approval, BizType, Circumstances, Control, InsuranceType, ItemKind, LineDetails, PackedProduct,
    RxAttribute, Sex,
};
use crate::recall::Recall;

/// What is asked: which rules look at the case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// The hospital sends it: `check::prescription`, and `check::person` where registers are given.
    #[default]
    Intake,
    /// The fund is asked on the day of settlement, with the prices that were packed.
    Settle,
    /// May the pharmacy serve it?
    Choose,
    Review,
    Pack,
    /// Somebody else collects.
    Collect,
    Deliver,
    /// The record of the sale is uploaded.
    Report,
    /// The agency looks at the pharmacy itself.
    Agency,
    /// The agency looks at what a hospital used of a procured drug.
    Procure,
}

/// A case. The plain one: Lhasa, Monday 5 January 2026 9:30, valid three times 24 hours, dual channel, a man of 45 insured
/// there as an employee, hypertension, one box of aspirin for seven days, everybody registered, nothing packed.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RuleCase {
    /// A sentence that says what must come of it.
    pub name: String,
    /// Rules that the case is about although they find nothing, or that only the terms show.
    pub rules: Vec<String>,
    pub step: Step,
    /// Six-digit code of the pooling area.
    pub area: String,
    /// Day or time of issue.
    pub on: String,
    /// End of validity; left out: three times 24 hours after issue.
    pub until: Option<String>,
    /// Day or time of the step; left out: one minute after issue.
    pub now: Option<String>,
    pub number: String,
    pub attribute: RxAttribute,
    pub biz: BizType,
    pub insured_in: Option<PoolingArea>,
    pub insurance: InsuranceType,
    pub sex: Sex,
    pub born: NaiveDate,
    pub diagnoses: Vec<String>,
    pub doctor: String,
    pub reviewer: String,
    pub emergency: bool,
    pub long: bool,
    pub confirmed: bool,
    pub reason: Option<String>,
    /// What the prescription says besides.
    pub says: Circumstances,
    pub lines: Vec<WrittenLine>,
    pub hospital: House,
    pub pharmacy: House,
    /// Left out: nobody looks at the registers.
    pub registers: Option<Vec<Registered>>,
    /// Registers that were never loaded.
    pub not_loaded: Vec<String>,
    pub suspended: Vec<Suspended>,
    /// Figures of the policy that are otherwise: `"vbp.staged.tie" = "above"`.
    pub figures: BTreeMap<String, Value>,
    /// Modes of rules: `RX-19 = "shadow"`.
    pub modes: BTreeMap<String, String>,
    /// Severities of rules: `DC-04 = "self_pay"`.
    pub severities: BTreeMap<String, String>,
    /// The synthetic lists of a province are loaded.
    pub lists: bool,
    pub packed: Vec<WrittenPack>,
    pub products: Vec<WrittenProduct>,
    pub recalls: Vec<Recall>,
    /// At review: from afar, and what is doubted.
    pub remote: bool,
    pub suspicion: Option<String>,
    /// At collection: who comes, as a keyed hash.
    pub proxy: String,
    /// At delivery: dispatched unsettled, signed for without identity …
    pub delivery: String,
    /// At the upload of a sale: what is missing.
    pub lacks: Vec<String>,
    /// At procurement: packages of selected, non-selected and exempt products.
    pub used: [i64; 3],
    /// Findings, as `severity RULE` or `severity RULE line`, in any order. A code that is only unverified (`warn CAT-14`) is
    /// left out unless the case is about CAT-14.
    pub expect: Vec<String>,
    /// Lines that the fund pays; left out: not looked at.
    pub pays: Option<Vec<i32>>,
    /// Of a line: `1 first 0.20 standard 63.00 path dual_channel ratio 0.7 cap 50000.00`, as much of it as matters.
    pub terms: Vec<String>,
    /// Fields of a packing that must be mended.
    pub faults: Vec<String>,
    pub edition: Option<String>,
}

impl Default for RuleCase {
    fn default() -> RuleCase {
        RuleCase {
            name: String::new(),
            rules: Vec::new(),
            step: Step::Intake,
            area: "540100".to_owned(),
            on: "2026-01-05".to_owned(),
            until: None,
            now: None,
            number: "R1".to_owned(),
            attribute: RxAttribute::DualChannel,
            biz: BizType::Visit,
            insured_in: None,
            insurance: InsuranceType::Employee,
            sex: Sex::Male,
            born: NaiveDate::from_ymd_opt(1980, 6, 1).unwrap_or_default(),
            diagnoses: vec!["I10.x00".to_owned()],
            doctor: super::person::DOCTOR.to_owned(),
            reviewer: super::person::PHARMACIST.to_owned(),
            emergency: false,
            long: false,
            confirmed: false,
            reason: None,
            says: Circumstances::default(),
            lines: vec![WrittenLine::Name("阿司匹林肠溶片".to_owned())],
            hospital: House::default(),
            pharmacy: House::default(),
            registers: None,
            not_loaded: Vec::new(),
            suspended: Vec::new(),
            figures: BTreeMap::new(),
            modes: BTreeMap::new(),
            severities: BTreeMap::new(),
            lists: false,
            packed: Vec::new(),
            products: Vec::new(),
            recalls: Vec::new(),
            remote: false,
            suspicion: None,
            proxy: String::new(),
            delivery: String::new(),
            lacks: Vec::new(),
            used: [0; 3],
            expect: Vec::new(),
            pays: None,
            terms: Vec::new(),
            faults: Vec::new(),
            edition: None,
        }
    }
}

impl RuleCase {
    /// Ids of the rules that the case expects or is about, each once.
    pub fn about(&self) -> BTreeSet<&str> {
        let expected = self.expect.iter().filter_map(|text| text.split_whitespace().nth(1));
        expected.chain(self.rules.iter().map(String::as_str)).collect()
    }
}

/// A line: the name of a drug alone, or what matters of it.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum WrittenLine {
    Name(String),
    Full(Box<FullLine>),
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FullLine {
    pub no: Option<i32>,
    pub drug: String,
    pub form: String,
    pub spec: String,
    pub kind: ItemKind,
    /// Left out: a code of the right shape that no table knows. `none`: no code.
    pub code: Option<String>,
    pub qty: Quantity,
    pub days: i32,
    pub approval: Approval,
    pub control: Control,
    pub details: LineDetails,
}

impl Default for FullLine {
    fn default() -> FullLine {
        FullLine {
            no: None,
            drug: String::new(),
            form: String::new(),
            spec: "20mg*7片/盒".to_owned(),
            kind: ItemKind::Western,
            code: None,
            qty: Quantity::whole(1),
            days: 7,
            approval: Approval::NotNeeded,
            control: Control::None,
            details: LineDetails::default(),
        }
    }
}

/// What is packed for a line.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenPack {
    pub line: i32,
    #[serde(default = "price")]
    pub price: Yuan,
    /// Trace codes; `code/units` where a package was opened.
    #[serde(default)]
    pub boxes: Vec<String>,
    #[serde(default = "lot")]
    pub lot: String,
    #[serde(default = "expires")]
    pub expires: NaiveDate,
    #[serde(default)]
    pub product: Option<PackedProduct>,
}

fn price() -> Yuan {
    Yuan::from_fen(1860)
}
fn lot() -> String {
    "L1".to_owned()
}
fn expires() -> NaiveDate {
    NaiveDate::from_ymd_opt(2030, 1, 1).unwrap_or_default()
}

/// A product of the agency's file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenProduct {
    pub drug: String,
    pub form: String,
    pub spec: String,
    pub units: u32,
    /// First seven digits of its trace codes.
    pub identifier: String,
}
