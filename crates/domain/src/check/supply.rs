//! How many days a prescription may supply.
//!
//! Knows no dose: the hospital states the days of each line. Serves RX-02, RX-03.

use crate::finding::{Finding, Severity};
use crate::prescription::{Facts, Line};
use crate::region::RxPolicy;

/// A prescription that says so, or that supplies more than the days that need no confirmation.
pub(super) fn is_long(facts: &Facts, policy: &RxPolicy) -> bool {
    let beyond = |line: &Line| i64::from(line.days) > policy.long_days_unconfirmed.value;
    facts.long_rx || facts.lines.iter().any(beyond)
}

/// A long prescription and the chronic-disease benefit are reasons by themselves, except in an emergency, and so is a
/// valid entitlement: lines that are `separate`ly paid wait for [`within_entitlement`].
///
/// Rule: RX-02 — At most 7 days, in an emergency 3; more needs a written reason
pub(super) fn days_of_supply(
    facts: &Facts,
    policy: &RxPolicy,
    separate: impl Fn(i32) -> bool,
    found: &mut Vec<Finding>,
) {
    let max = days_max(facts, policy);
    let long = (facts.long_rx || facts.circumstances.chronic) && !facts.emergency;
    for line in facts.lines.iter().filter(|line| i64::from(line.days) > max) {
        if !long && (facts.emergency || !separate(line.line_no)) {
            found.push(too_many_days(facts, line, max));
        }
    }
}

/// Rule: RX-02 — A valid entitlement is a reason for more than the ordinary days
pub(super) fn within_entitlement(
    facts: &Facts,
    policy: &RxPolicy,
    unentitled: impl Fn(i32) -> bool,
    found: &mut Vec<Finding>,
) {
    let max = days_max(facts, policy);
    let long = facts.long_rx || facts.circumstances.chronic || facts.emergency;
    let beyond = facts.lines.iter().filter(|line| i64::from(line.days) > max);
    let without = beyond.filter(|line| !long && unentitled(line.line_no));
    found.extend(without.map(|line| too_many_days(facts, line, max)));
}

fn days_max(facts: &Facts, policy: &RxPolicy) -> i64 {
    if facts.emergency { policy.emergency_days.value } else { policy.ordinary_days.value }
}

/// A written reason or one by its code turns a refusal into a warning; where there is no member for it, so does silence.
fn too_many_days(facts: &Facts, line: &Line, max: i64) -> Finding {
    let written = facts.quantity_reason.as_deref().map(str::trim).filter(|text| !text.is_empty());
    let (days, excuse) = (line.days, facts.circumstances.excuse);
    let (severity, zh, en) = if written.is_some() || excuse.is_some() {
        (
            Severity::Warn,
            format!("用量 {days} 天，超过 {max} 天，已注明理由。"),
            format!("{days} days, more than {max}; a reason is given."),
        )
    } else if facts.circumstances.through_centre {
        (
            Severity::Warn,
            format!("用量 {days} 天，超过 {max} 天；该接口无理由字段，请医师留存理由。"),
            format!(
                "{days} days, more than {max}; the interface has no member for a reason: keep it on file."
            ),
        )
    } else {
        (
            Severity::Reject,
            format!("用量 {days} 天，超过 {max} 天且未注明理由。"),
            format!("{days} days, more than {max}, and no reason is given."),
        )
    };
    let finding = Finding::new("RX-02", severity, zh, en).on_line(line.line_no);
    match (written, excuse) {
        (Some(text), _) => finding.because(text),
        (None, Some(excuse)) => finding.because(format!("{excuse:?}")),
        (None, None) => finding,
    }
}

/// Rule: RX-03 — Never more than 12 weeks; more than 4 weeks with the patient's confirmation
pub(super) fn long_supply(facts: &Facts, policy: &RxPolicy, found: &mut Vec<Finding>) {
    let (max, unconfirmed) = (policy.long_days_max.value, policy.long_days_unconfirmed.value);
    for line in &facts.lines {
        let days = i64::from(line.days);
        if days > max {
            let zh = format!("用量 {days} 天，超过长期处方上限 {max} 天。");
            let en = format!("{days} days, more than the {max} of a long prescription.");
            found.push(Finding::new("RX-03", Severity::Reject, zh, en).on_line(line.line_no));
        } else if days > unconfirmed && !facts.long_rx_confirmed {
            let zh = format!("用量 {days} 天，超过 {unconfirmed} 天，无患者签字确认。");
            let en = format!(
                "{days} days, more than {unconfirmed}, without the patient's confirmation."
            );
            found.push(Finding::new("RX-03", Severity::Warn, zh, en).on_line(line.line_no));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{facts, lhasa, line, severities};
    use super::*;

    fn of_days(days: i32) -> Facts {
        Facts {
            lines: vec![Line { days, ..line(1, "阿司匹林肠溶片", "肠溶片") }], ..facts()
        }
    }

    // proves: RX-02
    #[test]
    fn more_than_seven_days_or_three_in_an_emergency_need_a_reason() {
        let reason = Some("慢性病".into());
        for (days, emergency, long_rx, quantity_reason, expected) in [
            (7, false, false, None, &[][..]),
            (8, false, false, None, &[Severity::Reject]),
            (8, false, false, Some("  ".into()), &[Severity::Reject]),
            (8, false, false, reason.clone(), &[Severity::Warn]),
            (8, false, true, None, &[]),
            (3, true, false, None, &[]),
            (4, true, false, None, &[Severity::Reject]),
            (4, true, true, None, &[Severity::Reject]),
            (4, true, false, reason, &[Severity::Warn]),
        ] {
            let facts = Facts { emergency, long_rx, quantity_reason, ..of_days(days) };
            let mut found = Vec::new();
            days_of_supply(&facts, &lhasa().rx, |_| false, &mut found);
            assert_eq!(severities(&found), expected, "{days} {emergency} {long_rx}");
        }
    }

    // proves: RX-03
    #[test]
    fn twelve_weeks_are_the_end_and_four_need_a_confirmation() {
        for (days, long_rx_confirmed, expected) in [
            (28, false, &[][..]),
            (29, false, &[Severity::Warn]),
            (29, true, &[]),
            (84, true, &[]),
            (85, true, &[Severity::Reject]),
        ] {
            let facts = Facts { long_rx: true, long_rx_confirmed, ..of_days(days) };
            let mut found = Vec::new();
            long_supply(&facts, &lhasa().rx, &mut found);
            assert_eq!(severities(&found), expected, "{days} {long_rx_confirmed}");
        }
    }
}
