//! Who may use the dual channel with payment of its own (单独支付), and with whom.
//!
//! Knows no list of drugs: the province's is a table of the catalogue. Serves DC-01..04, DC-09.

use serde::Deserialize;

use super::figure::Figure;

/// Which dual-channel drugs are paid separately (DC-02).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SeparatePayment {
    /// None: all are paid like other negotiated drugs.
    None,
    /// Those that the province's list names so.
    Listed,
    /// Every negotiated drug: where the province's list is not to be had.
    Negotiated,
}

/// What an entitlement binds (三定, 五定).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FixedParty {
    Institution,
    Doctor,
    Pharmacy,
    Patient,
    Prescription,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DualChannelPolicy {
    pub separate_payment: Figure<SeparatePayment>,
    pub fixed_parties: Figure<Vec<FixedParty>>,
    /// Separate payment needs a registered entitlement (备案).
    pub entitlement_required: Figure<bool>,
    /// Longest entitlement.
    pub entitlement_months_max: Figure<i64>,
    /// Dual-channel pharmacies that every county should have (DC-09).
    pub pharmacies_per_county: Figure<i64>,
}

impl DualChannelPolicy {
    pub fn fixes(&self, party: FixedParty) -> bool {
        self.fixed_parties.value.contains(&party)
    }
}
