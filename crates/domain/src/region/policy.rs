//! What a pooling area decides about registers, prescriptions, leases, holds, paper, proxies, pharmacies and
//! people: one type per section of the file.
//!
//! Knows no rule: what a figure means is said where it is used. Serves RX-01..03, 06, 12, 14, 19,
//! RTE-03, 04, 06, DC-07, 08, PH-01, 03, RV-03, DS-02, 03, PTS-03.

use chrono::NaiveDate;
use serde::Deserialize;

use super::figure::{Figure, Since};
use crate::hold::Decider;
use crate::moment::{DAY, HOUR, MINUTE};
use crate::money::Ratio;
use crate::prescription::{InsuranceType, ItemKind, RxAttribute};

/// Who keeps a register of persons for an area.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Keeping {
    /// Kept here: until it is loaded, what depends on it is held.
    Required,
    /// Kept by the insurance core, which looks at it when it settles: an entry here counts, its absence proves nothing.
    Core,
    /// Nobody keeps it for this gateway: the rule is not judged.
    NotKept,
}

/// The registers of persons that money depends on (BEN-01, BEN-06..08, DC-04).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegistersPolicy {
    pub insured: Figure<Keeping>,
    pub entitlement: Figure<Keeping>,
    pub benefit: Figure<Keeping>,
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
    /// Validity where the doctor wrote none, and the longest, in days (RX-01).
    pub valid_days_default: Figure<i64>,
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
    /// Whoever is younger needs a guardian at an internet visit (RX-14).
    pub guardian_under_years: Figure<i64>,
    /// Days that an earlier supply may still last when the same drug is prescribed (RX-19).
    pub overlap_grace_days: Figure<i64>,
    /// Days in hand above which the fund pays no more of the same drug (RX-19).
    pub days_in_hand_max: Figure<i64>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeasePolicy {
    pub counter_minutes: Figure<i64>,
    pub freeze_minutes: Figure<i64>,
    /// Longest promise of a drug that is ordered in; the prescription's own end comes first.
    pub order_days_max: Figure<i64>,
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
    /// How far ahead a pharmacy may promise a drug that it orders in.
    pub fn order_ms(&self) -> i64 {
        self.order_days_max.value.saturating_mul(DAY)
    }
}

/// How long each decider of a `Hold` has, in hours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoldPolicy {
    pub doctor_hours: Figure<i64>,
    pub agency_hours: Figure<i64>,
    pub regulator_hours: Figure<i64>,
}

impl HoldPolicy {
    /// Time until the decider must have answered.
    pub fn deadline_ms(&self, decider: Decider) -> i64 {
        let hours = match decider {
            Decider::Doctor => &self.doctor_hours,
            Decider::Agency => &self.agency_hours,
            Decider::Regulator => &self.regulator_hours,
        };
        hours.value.saturating_mul(HOUR)
    }
}

/// Whether somebody else may collect (RX-16).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProxyPolicy {
    pub allowed: Figure<bool>,
    /// The proxy must be in the register beforehand; otherwise both identities at the counter do.
    pub registered_only: Figure<bool>,
    /// Persons a month for whom one proxy may collect before it is a lead.
    pub persons_max: Figure<i64>,
}

/// From when paper is refused (DC-07, DC-08).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaperPolicy {
    pub dual_channel_refused_from: Figure<Since>,
    pub pooling_refused_from: Figure<Since>,
}

impl PaperPolicy {
    /// Is a prescription that exists on paper alone refused on that day?
    pub fn is_refused(&self, attribute: RxAttribute, day: NaiveDate) -> bool {
        match attribute {
            RxAttribute::DualChannel => self.dual_channel_refused_from.value.holds_on(day),
            RxAttribute::OutpatientPooling => self.pooling_refused_from.value.holds_on(day),
            RxAttribute::Other => false,
        }
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
    /// From when persons of other areas are settled here directly (RTE-05).
    pub remote_from: Figure<Since>,
}

impl PoolingPolicy {
    pub(super) fn of(&self, insurance: InsuranceType) -> Pooling {
        match insurance {
            InsuranceType::Employee => self.employee.value,
            InsuranceType::Resident => self.resident.value,
        }
    }
}

/// Share of a line that the person pays before the benefit (CAT-11); class A has none anywhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FirstSelfPay {
    pub class_b: Figure<Ratio>,
    pub negotiated: Figure<Ratio>,
    pub decoction_piece: Figure<Ratio>,
    /// What the province itself admitted (CAT-06): the national list does not class it.
    pub local_item: Figure<Ratio>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GranulePolicy {
    /// From this day granules are paid like class B (CAT-09).
    pub payable_from: Figure<NaiveDate>,
}

/// What a pharmacy must have to be designated, and to serve the dual channel (PH-01, PH-03, PH-04).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PharmacyPolicy {
    pub open_months_min: Figure<i64>,
    pub pharmacists_min: Figure<i64>,
    pub dual_channel_pharmacists_min: Figure<i64>,
    pub dual_channel_years_min: Figure<i64>,
    pub suspension_days_max: Figure<i64>,
    /// A licensed pharmacist of the head office may review from afar (RV-03).
    pub remote_review: Figure<bool>,
    /// A delivery is signed for with the identity of whoever takes it (RTE-06).
    pub delivery_identity: Figure<bool>,
}

/// Persons whose payment eligibility is suspended (PTS-03). What becomes of prescriptions that they
/// issued before is the severity of PTS-05 in `[rules]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PointsPolicy {
    pub suspended_at: Figure<i64>,
    pub ended_at: Figure<i64>,
    pub emergency_exempt: Figure<bool>,
}
