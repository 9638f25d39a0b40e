//! The benefit paths of a pooling area: what each pays for whom, by level of institution and by
//! registered kind of disease, and where cost above the cap goes.
//!
//! Knows no year total and no prescription. Serves BEN-02, 04..08 and RULES §2.2.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::figure::Figure;
use crate::institution::Level;
use crate::money::{Ratio, Yuan};
use crate::prescription::RxAttribute;
use crate::settle::{Benefit, CapBasis};

/// A way in which the pooled fund pays.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Path {
    /// Dual-channel drugs paid like other negotiated drugs.
    DualChannel,
    /// Dual-channel drugs with payment of their own (单独支付).
    SeparatePayment,
    /// Ordinary outpatient pooling (门诊统筹).
    OutpatientPooling,
    /// Chronic and special diseases (门诊慢特病).
    ChronicSpecial,
    /// Hypertension and diabetes of residents (两病).
    TwoDisease,
}

impl Path {
    pub const ALL: [Path; 5] = [
        Path::DualChannel,
        Path::SeparatePayment,
        Path::OutpatientPooling,
        Path::ChronicSpecial,
        Path::TwoDisease,
    ];
    /// The path of a prescription without any entitlement or registration (RX-13).
    pub fn of(attribute: RxAttribute) -> Option<Path> {
        match attribute {
            RxAttribute::DualChannel => Some(Path::DualChannel),
            RxAttribute::OutpatientPooling => Some(Path::OutpatientPooling),
            RxAttribute::Other => None,
        }
    }
    /// Its name for the patient.
    pub fn name_zh(self) -> &'static str {
        match self {
            Path::DualChannel => "双通道",
            Path::SeparatePayment => "单独支付",
            Path::OutpatientPooling => "门诊统筹",
            Path::ChronicSpecial => "门诊慢特病",
            Path::TwoDisease => "两病",
        }
    }
    /// Its name in the policy file.
    pub fn key(self) -> &'static str {
        match self {
            Path::DualChannel => "dual_channel",
            Path::SeparatePayment => "separate_payment",
            Path::OutpatientPooling => "outpatient_pooling",
            Path::ChronicSpecial => "chronic_special",
            Path::TwoDisease => "two_disease",
        }
    }
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

/// Who bears what the cap keeps from the fund (RULES §2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OverQuota {
    Person,
    SeriousIllness,
    OrdinaryPath,
}

/// The fund's share, by level of the institution that counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Share {
    Alike(Figure<Ratio>),
    ByLevel { grassroots: Figure<Ratio>, second: Figure<Ratio>, third: Figure<Ratio> },
}

impl Share {
    pub fn at(&self, level: Level) -> Ratio {
        match (self, level) {
            (Share::Alike(ratio), _) => ratio.value,
            (Share::ByLevel { grassroots, .. }, Level::Grassroots) => grassroots.value,
            (Share::ByLevel { second, .. }, Level::Second) => second.value,
            (Share::ByLevel { third, .. }, Level::Third) => third.value,
        }
    }
}

/// The terms of one path for one kind of insurance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BenefitPath {
    pub deductible: Figure<Yuan>,
    pub ratio: Share,
    /// Of a calendar year; none: no cap.
    pub cap: Figure<Cap>,
    /// Caps of single kinds of disease; for several kinds together `cap` holds.
    pub cap_by_kind: BTreeMap<Box<str>, Figure<Cap>>,
    pub basis: Figure<CapBasis>,
    pub over_quota: Figure<OverQuota>,
    /// The person's own share counts towards serious-illness insurance.
    pub joins_burden: Figure<bool>,
    /// Institutions that the person may pick; none: any.
    pub places_max: Option<Figure<i64>>,
    /// The path needs a registration of the disease (BEN-06, BEN-08).
    pub registration_required: Figure<bool>,
}

impl BenefitPath {
    /// The terms at a level of institution for the kinds of disease that are registered.
    pub fn terms(&self, level: Level, kinds: &[&str]) -> Benefit {
        Benefit {
            deductible: self.deductible.value,
            ratio: self.ratio.at(level),
            cap: self.cap_for(kinds),
            basis: self.basis.value,
        }
    }
    fn cap_for(&self, kinds: &[&str]) -> Option<Yuan> {
        let own = match kinds {
            [kind] => self.cap_by_kind.get(*kind),
            _ => None,
        };
        own.unwrap_or(&self.cap).value.0
    }
}

/// Serious-illness insurance (BEN-10): paid above a threshold of the year's burden.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeriousIllness {
    pub threshold: Figure<Yuan>,
    pub ratio: Figure<Ratio>,
    pub cap: Figure<Cap>,
    /// For the poor: what is left of the threshold, and what is added to the ratio.
    pub poor_threshold_share: Figure<Ratio>,
    pub poor_ratio_bonus: Figure<Ratio>,
    pub poor_cap: Figure<Cap>,
}

/// Medical assistance of one category of persons (BEN-11, BEN-12).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assistance {
    pub threshold: Figure<Yuan>,
    pub ratio: Figure<Ratio>,
    pub cap: Figure<Cap>,
}

/// Whom medical assistance distinguishes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hardship {
    LowIncome,
    SpecialHardship,
    LowIncomeEdge,
    IllnessPoor,
}

impl Hardship {
    pub const ALL: [Hardship; 4] = [
        Hardship::LowIncome,
        Hardship::SpecialHardship,
        Hardship::LowIncomeEdge,
        Hardship::IllnessPoor,
    ];
    /// Its name in the policy file.
    pub fn key(self) -> &'static str {
        match self {
            Hardship::LowIncome => "low_income",
            Hardship::SpecialHardship => "special_hardship",
            Hardship::LowIncomeEdge => "low_income_edge",
            Hardship::IllnessPoor => "illness_poor",
        }
    }
}

/// The layers above basic insurance, in their order (BEN-09).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layers {
    pub serious_illness: SeriousIllness,
    pub assistance: BTreeMap<Hardship, Assistance>,
    /// First self-pay counts towards the burden of the year.
    pub first_self_pay_joins_burden: Figure<bool>,
}
