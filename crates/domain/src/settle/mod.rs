//! Who pays what: the arithmetic of RULES §2.1–2.2 for one benefit path, every step explained. Pure.
//!
//! Knows amounts, shares and caps; does not know why a line is payable (see [`crate::check`]), nor in which channel it was
//! sold: the same line of the same person costs the same in hospital and pharmacy (DC-05).

mod by_path;
mod charge;
mod examples;
mod laws;
mod line;
mod paper;
mod path;
mod reversal;
#[cfg(test)]
pub(crate) mod sample;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::dispensing::DispensingId;
use crate::id::Id;
use crate::institution::InstitutionId;
use crate::moment::Moment;
use crate::money::{Quantity, Ratio, Yuan};
use crate::prescription::{PersonId, PrescriptionId};

pub use by_path::{PathCharges, PathShare, split_by_path};
pub use charge::charges;
pub use path::{postings, split};
pub use reversal::{Reversal, ReversalId};

pub type SettlementId = Id<Settlement>;

/// What one line costs and what the fund accepts of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charge {
    pub line_no: i32,
    pub quantity: Quantity,
    pub unit_price: Yuan,
    /// The fund pays at all: listed, in its agreement, restriction met.
    pub payable: bool,
    /// Payment standard per package, if any (PRC-01, PRC-02).
    pub standard: Option<Yuan>,
    pub first_self_pay: Ratio,
}

/// What the year's cap limits (BEN-05).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CapBasis {
    FundPaid,
    EligibleCost,
}

/// The terms of one benefit path for one kind of person, on one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Benefit {
    pub deductible: Yuan,
    pub ratio: Ratio,
    pub cap: Option<Yuan>,
    pub basis: CapBasis,
}

/// What a person used of a benefit path in a year.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    pub deductible_used: Yuan,
    /// Fund paid or eligible cost, by the path's basis.
    pub cap_used: Yuan,
}

/// One step of the arithmetic, printable for the patient.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Step {
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub line_no: Option<i32>,
    pub text_zh: Box<str>,
    pub text_en: Box<str>,
    pub amount: Yuan,
}

/// One line after RULES §2.1: `fee = full_self_pay + over_limit + first_self_pay + in_scope`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LineSplit {
    pub line_no: i32,
    pub fee: Yuan,
    pub full_self_pay: Yuan,
    pub over_limit: Yuan,
    pub first_self_pay: Yuan,
    pub in_scope: Yuan,
}

/// The whole dispensing after RULES §2.2: `total = fund + personal`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Split {
    pub lines: Vec<LineSplit>,
    pub total: Yuan,
    pub in_scope: Yuan,
    pub deductible: Yuan,
    /// Paid by the pooled fund.
    pub pool: Yuan,
    /// What the cap kept from the fund: fund money, or under [`CapBasis::EligibleCost`] the cost above the cap.
    pub over_quota: Yuan,
    pub fund: Yuan,
    pub personal: Yuan,
    /// What each path's year totals took.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub paths: Vec<PathShare>,
    pub steps: Vec<Step>,
}

/// Who an amount is booked to. A settlement's postings sum to zero.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Account {
    /// What the pharmacy sold (negative: its claim).
    Sales,
    Pool,
    Personal,
}

/// A settled dispensing, as stored; never recomputed.
#[derive(Clone, Debug, PartialEq)]
pub struct Settlement {
    pub id: SettlementId,
    pub dispensing_id: DispensingId,
    pub prescription_id: PrescriptionId,
    pub pharmacy_id: InstitutionId,
    pub person_id: PersonId,
    pub settled_at: Moment,
    /// Edition of the national catalogue on the settlement date (CAT-02).
    pub edition: Box<str>,
    pub split: Split,
    pub postings: Vec<(Account, Yuan)>,
}
