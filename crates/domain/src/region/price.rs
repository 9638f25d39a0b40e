//! Prices that a province or an area lets stand: centralized procurement, markups, alert lines.
//!
//! Knows no price. Serves PRC-02, 03, 03b, 05, 07, 09, 10, 13, 16.

use chrono::{Datelike, NaiveDate};
use serde::Deserialize;

use super::figure::Figure;
use crate::money::Ratio;

/// The payment standard of an originator, reference or passed generic that was not selected (PRC-03).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NonSelected {
    /// The selected price, at once.
    Converged,
    /// Down to the selected price in yearly steps (pilot of 2019).
    Staged,
    /// No standard; the person's first share rises instead (PRC-03b).
    RaisedShare,
}

/// Whether a price of exactly the threshold is within or above it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tie {
    Within,
    Above,
}

/// The yearly steps of [`NonSelected::Staged`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StagedPath {
    /// First day of stage 0.
    pub from: Figure<NaiveDate>,
    /// Years until the selected price is reached: 2 or 3.
    pub years: Figure<i64>,
    /// Up to this multiple of the selected price, in percent, the standard is the selected price.
    pub threshold_percent: Figure<i64>,
    pub tie: Figure<Tie>,
    /// What is taken off a price above the threshold at stage 0.
    pub first_cut: Figure<Ratio>,
}

impl StagedPath {
    /// The stage of a day: 0 in the first year, never above `years`, where the selected price holds.
    pub fn stage_on(&self, day: NaiveDate) -> i64 {
        let from = self.from.value;
        let before = (day.month(), day.day()) < (from.month(), from.day());
        let years = i64::from(day.year()) - i64::from(from.year()) - i64::from(before);
        years.clamp(0, self.years.value)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VbpPolicy {
    /// The last published selected price stays the standard although its agreement ended.
    pub historic_prices: Figure<bool>,
    pub non_selected: Figure<NonSelected>,
    /// There if and only if `non_selected` is `staged`.
    pub staged: Option<StagedPath>,
    /// There if and only if `non_selected` is `raised_share`.
    pub raised_share_by: Option<Figure<Ratio>>,
    /// A pharmacy's markup on a selected price (PRC-07).
    pub pharmacy_markup_max: Figure<Ratio>,
    /// Share of non-selected drugs above which a hospital is not qualified (PRC-13).
    pub non_selected_share_max: Figure<Ratio>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PricePolicy {
    /// Markup on the listed price of a drug in institutions that are not public (PRC-05).
    pub listed_markup_max: Figure<Ratio>,
    /// Days over which the mode price is taken (PRC-09).
    pub mode_days: Figure<i64>,
    /// Multiple of the online price that alerts, in percent (PRC-10).
    pub online_alert_percent: Figure<i64>,
    /// Multiple of its selected price that a maker who is no supplier here may ask (PRC-16).
    pub no_supplier_percent: Figure<i64>,
}
