//! What some prescriptions say besides: an internet visit, a refill, paper, a reason for much, whom it is for.
//!
//! Every member may be left out and then says nothing; a rule never concludes from silence what only a word can say.
//! Serves RX-02, 12, 14, 20, DC-06..08, RTE-05, RV-06.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Circumstances {
    /// An internet visit: is it the first for this disease? None: not said (RX-14).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_visit: Option<bool>,
    /// A guardian and a professional are with the child during an internet visit (RX-14).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub guardian_present: bool,
    /// A refill names the first prescription of the course by its 医保处方编号 (RX-12).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub initial_hi_rxno: Option<Box<str>>,
    /// Medical type 14, 门诊慢特病: the chronic-disease benefit is asked for (RX-02, BEN-08).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub chronic: bool,
    /// The reason for more than the ordinary quantity, by its code (RX-20).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub excuse: Option<Excuse>,
    /// Came through the centre's interface, which has no member for a written reason (RX-02).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub through_centre: bool,
    /// Exists on paper alone (DC-07, DC-08).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paper: Option<Paper>,
    /// Why the hospital does not dispense it itself (DC-06).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub referral: Option<Referral>,
    /// The insured person of another area filed the treatment here (异地就医备案, RTE-05).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub remote_filed: bool,
    /// Groups that need another look at every drug (RV-06).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<SpecialGroup>,
}

impl Circumstances {
    pub fn says_nothing(&self) -> bool {
        *self == Circumstances::default()
    }
}

/// Why somebody needs more than the ordinary quantity (RX-20).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Excuse {
    Elderly,
    Child,
    Disabled,
    HardToTravel,
    Remote,
    GoingAbroad,
}

/// Persons for whom a drug may be unsuitable whatever the diagnosis (RV-06).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SpecialGroup {
    Pregnant,
    Lactating,
    LiverImpaired,
    KidneyImpaired,
}

/// What a paper prescription bears.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Paper {
    /// The insured doctor's signature.
    pub signed: bool,
    /// The seal for external prescriptions (外配处方专用章).
    pub sealed: bool,
}

/// Why a hospital sends a prescription out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Referral {
    OutOfStock,
    NotStocked,
    PatientsWish,
    /// Cost control or the drug ratio: no lawful reason.
    CostControl,
}
