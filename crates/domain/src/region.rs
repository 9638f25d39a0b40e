//! The policy of one pooling area: validity, leases, trace codes, first self-pay and benefits, each
//! figure with its source.
//!
//! A figure without a source must say that it is assumed. Knows no rule: what a figure means is
//! said where it is used.
//! Serves CAT-11, RX-01..03, RX-06, RTE-03, RTE-04, DS-02, DS-03, PRC-02 and RULES §2.2.

mod read;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Deserialize;

pub use read::RegionFault;

use crate::institution::PoolingArea;
use crate::moment::MINUTE;
use crate::money::{Ratio, Yuan};
use crate::prescription::{InsuranceType, ItemKind, RxAttribute};
use crate::settle::{Benefit, CapBasis};

/// One figure of a policy and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure<T> {
    pub value: T,
    /// The public text that says so.
    pub source: Option<String>,
    /// No source was found.
    pub assumed: bool,
}

/// Who computes the split (DESIGN §3 "Who settles").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Authority {
    Core,
    Gateway,
}

/// What a first settlement leaves of a prescription.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UsePolicy {
    /// Nothing: what was not dispensed needs a new prescription.
    SingleUse,
    /// Whole lines that were not touched stay open.
    ByLine,
}

/// How far one fund reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pooling {
    Area,
    Province,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RxPolicy {
    /// Longest validity, in days.
    pub valid_days_max: Figure<i64>,
    /// How far an issue time may lie in the future, in minutes.
    pub future_minutes: Figure<i64>,
    /// Days of supply, by kind of prescription (RX-02, RX-03).
    pub ordinary_days: Figure<i64>,
    pub emergency_days: Figure<i64>,
    pub long_days_unconfirmed: Figure<i64>,
    pub long_days_max: Figure<i64>,
    /// Drugs on one prescription.
    pub drugs_max: Figure<i64>,
    /// Whoever is younger is a child to a published age limit.
    pub child_under_years: Figure<i64>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeasePolicy {
    pub counter_minutes: Figure<i64>,
    pub freeze_minutes: Figure<i64>,
}

impl LeasePolicy {
    /// How long a pharmacy holds a prescription without doing anything.
    pub fn counter_ms(&self) -> i64 {
        self.counter_minutes.value.saturating_mul(MINUTE)
    }
    /// How long a frozen prescription waits for its pharmacy.
    pub fn freeze_ms(&self) -> i64 {
        self.freeze_minutes.value.saturating_mul(MINUTE)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TracePolicy {
    /// Before this day a package may lack its code (no-code library).
    pub required_from: Figure<NaiveDate>,
    pub exempt_kinds: Figure<Vec<ItemKind>>,
}

impl TracePolicy {
    /// Must every package of this kind carry its code on that day (DS-02, DS-03)?
    pub fn requires(&self, kind: ItemKind, day: NaiveDate) -> bool {
        self.required_from.value <= day && !self.exempts(kind)
    }
    pub fn exempts(&self, kind: ItemKind) -> bool {
        self.exempt_kinds.value.contains(&kind)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolingPolicy {
    pub resident: Figure<Pooling>,
    pub employee: Figure<Pooling>,
}

/// Share of a line that the person pays before the benefit (CAT-11); class A has none anywhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FirstSelfPay {
    pub class_b: Figure<Ratio>,
    pub negotiated: Figure<Ratio>,
    pub decoction_piece: Figure<Ratio>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GranulePolicy {
    /// From this day granules are paid like class B (CAT-09).
    pub payable_from: Figure<NaiveDate>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VbpPolicy {
    /// The last published selected price stays the standard although its agreement ended.
    pub historic_prices: Figure<bool>,
}

/// The terms of one benefit path for one kind of insurance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BenefitPath {
    pub deductible: Figure<Yuan>,
    pub ratio: Figure<Ratio>,
    /// Of a calendar year; none: no cap.
    pub cap: Figure<Cap>,
    pub basis: Figure<CapBasis>,
}

/// A year's cap as written: an amount, or `none`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Cap(pub Option<Yuan>);

impl TryFrom<String> for Cap {
    type Error = crate::money::NumberFault;
    fn try_from(text: String) -> Result<Cap, Self::Error> {
        if text == "none" { Ok(Cap(None)) } else { text.parse().map(|amount| Cap(Some(amount))) }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region {
    pub area: PoolingArea,
    pub name_zh: Box<str>,
    pub name_en: Box<str>,
    pub province: PoolingArea,
    /// As the selection results of centralized procurement name it.
    pub province_zh: Box<str>,
    /// Digest of the file, for the verdicts that used it.
    pub digest: Box<str>,
    pub authority: Figure<Authority>,
    pub use_policy: Figure<UsePolicy>,
    pub rx: RxPolicy,
    pub lease: LeasePolicy,
    pub trace: TracePolicy,
    pub pooling: PoolingPolicy,
    pub first_self_pay: FirstSelfPay,
    pub granules: GranulePolicy,
    pub vbp: VbpPolicy,
    pub benefits: BTreeMap<(RxAttribute, InsuranceType), BenefitPath>,
    assumed: Vec<Box<str>>,
}

impl Region {
    /// Reads a policy file; `digest` is that of the same text.
    ///
    /// Refused with every fault, each with its key path: bad TOML, a missing or unknown key, a
    /// value out of range, a
    /// figure with neither source nor `assumed = true`, or with both.
    pub fn parse(toml_text: &str, digest: &str) -> Result<Region, Vec<RegionFault>> {
        read::region(toml_text, digest)
    }
    /// Key paths of the figures that have no source.
    pub fn assumed(&self) -> Vec<&str> {
        self.assumed.iter().map(|path| &**path).collect()
    }
    /// The terms that hold here; where there is no such path the fund's ratio is zero.
    pub fn benefit(&self, attribute: RxAttribute, insurance: InsuranceType) -> Benefit {
        match self.benefits.get(&(attribute, insurance)) {
            Some(path) => Benefit {
                deductible: path.deductible.value,
                ratio: path.ratio.value,
                cap: path.cap.value.0,
                basis: path.basis.value,
            },
            None => Benefit {
                deductible: Yuan::ZERO,
                ratio: Ratio::ZERO,
                cap: None,
                basis: CapBasis::FundPaid,
            },
        }
    }
    /// Does one fund cover this area and `insured`, for that kind of insurance (RTE-04)?
    pub fn pools_with(&self, insured: &PoolingArea, insurance: InsuranceType) -> bool {
        let pooling = match insurance {
            InsuranceType::Employee => self.pooling.employee.value,
            InsuranceType::Resident => self.pooling.resident.value,
        };
        let province = |area: &PoolingArea| area.as_str().bytes().take(2).collect::<Vec<u8>>();
        match pooling {
            Pooling::Area => *insured == self.area,
            Pooling::Province => province(insured) == province(&self.area),
        }
    }
}
