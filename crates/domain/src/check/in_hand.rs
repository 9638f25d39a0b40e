//! What the person still has of a drug from earlier dispensings.
//!
//! A suspicion of duplicate prescribing: it warns, and above the region's days in hand the fund pays no more. Knows no
//! stock at home that was not settled here. Serves RX-19.

use super::Occasion;
use super::occasion::is_drug_of;
use crate::finding::{Finding, Severity};
use crate::prescription::Line;
use crate::register::Entries;

/// Rule: RX-19 — The same generic again while earlier supplies last: warned beyond the grace, self-pay beyond the most
pub(super) fn days_in_hand(
    occasion: &Occasion<'_>,
    entries: Entries<'_>,
    found: &mut Vec<Finding>,
) {
    let policy = &occasion.region.rx;
    let (grace, most) = (policy.overlap_grace_days.value, policy.days_in_hand_max.value);
    for line in &occasion.facts.lines {
        let days = remaining(line, occasion, entries);
        if days <= grace {
            continue;
        }
        let (severity, zh, en) = if days <= most {
            (
                Severity::Warn,
                format!("患者手中该药尚可用 {days} 天（宽限 {grace} 天），请确认是否重复开药。"),
                format!(
                    "{days} days of this drug are still in hand (grace {grace}): is it prescribed twice?"
                ),
            )
        } else if occasion.facts.circumstances.excuse.is_some() {
            (
                Severity::Warn,
                format!("患者手中该药尚可用 {days} 天，超过 {most} 天；已申报理由，照常支付。"),
                format!(
                    "{days} days are still in hand, more than {most}; a reason is stated, the fund pays."
                ),
            )
        } else {
            (
                Severity::SelfPay,
                format!("患者手中该药尚可用 {days} 天，超过 {most} 天，自费；确有需要请申报理由。"),
                format!(
                    "{days} days are still in hand, more than {most}: self-pay unless a reason is stated."
                ),
            )
        };
        found.push(Finding::new("RX-19", severity, zh, en).on_line(line.line_no));
    }
}

/// Days that earlier supplies of the line's generic last from the day on, one after the other.
fn remaining(line: &Line, occasion: &Occasion<'_>, entries: Entries<'_>) -> i64 {
    let such = entries.in_hand(occasion.day);
    let such = such.filter(|(_, supply)| is_drug_of(line, &supply.generic_name));
    such.map(|(entry, _)| entry.to.signed_duration_since(occasion.day).num_days()).sum()
}
