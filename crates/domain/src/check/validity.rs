//! How long a prescription is valid, and whether its issue time can be true.
//!
//! Knows the clock only as an argument. Serves RX-01 (处方管理办法 art. 18).

use chrono::Days;

use crate::finding::{Finding, Severity};
use crate::moment::{DAY, MINUTE, Moment, SECOND};
use crate::prescription::Facts;
use crate::region::RxPolicy;

/// Rule: RX-01 — Valid to the end of a day or for whole days from issue, at most three
pub(super) fn validity(facts: &Facts, policy: &RxPolicy, now: Moment, found: &mut Vec<Finding>) {
    let (issued, until) = (facts.issued_at, facts.valid_until);
    let max = policy.valid_days_max.value;
    if issued > now.plus(policy.future_minutes.value.saturating_mul(MINUTE)) {
        let zh = format!("开具时间在未来（现在 {now}）。");
        let en = format!("The issue time lies in the future (it is {now}).");
        found.push(reject(zh, en).because(issued.to_string()));
    }
    if !(0..=max).any(|days| ends_after(days, issued, until)) {
        let zh = format!(
            "有效期截止时间须为开具日（或其后 1 至 {max} 日）当日结束，或开具时间加 1 至 {max} 个 24 小时。"
        );
        let en = format!(
            "valid_until must be the end of the day of issue or of one up to {max} days \
                 later, or 1 to {max} times 24 h after issue."
        );
        found.push(reject(zh, en).because(until.to_string()));
    }
    if until <= now {
        let zh = "处方到达时已过有效期。";
        let en = "The prescription was past its validity when it arrived.";
        found.push(reject(zh, en).because(until.to_string()));
    }
}

/// `23:59:59` of a day and the following midnight are two ways to write the same end.
fn ends_after(days: i64, issued: Moment, until: Moment) -> bool {
    let by_hours = days > 0 && until.since(issued) == days.saturating_mul(DAY);
    let last = u64::try_from(days).ok().map(Days::new);
    let next = last.and_then(|days| issued.civil_date().checked_add_days(days)?.succ_opt());
    let by_day = next.is_some_and(|next| {
        until > issued && (0..=SECOND).contains(&Moment::start_of(next).since(until))
    });
    by_hours || by_day
}

fn reject(zh: impl Into<Box<str>>, en: impl Into<Box<str>>) -> Finding {
    Finding::new("RX-01", Severity::Reject, zh, en)
}

#[cfg(test)]
mod tests {
    use super::super::sample::{at, facts, lhasa, rules};
    use super::*;

    // proves: RX-01
    #[test]
    fn only_the_two_forms_of_an_end_are_taken_and_none_beyond_three_days() {
        for (until, fits) in [
            ("2026-01-05T23:59:59+08:00", true),
            ("2026-01-06T00:00:00+08:00", true),
            ("2026-01-08T23:59:59.999+08:00", true),
            ("2026-01-06T09:30:00+08:00", true),
            ("2026-01-08T09:30:00+08:00", true),
            ("2026-01-08T09:31:00+08:00", false),
            ("2026-01-09T09:30:00+08:00", false),
            ("2026-01-09T23:59:59+08:00", false),
            ("2026-01-05T18:00:00+08:00", false),
            ("2026-01-05T09:30:00+08:00", false),
        ] {
            let facts = Facts { valid_until: at(until), ..facts() };
            let mut found = Vec::new();
            validity(&facts, &lhasa().rx, facts.issued_at.plus(-1), &mut found);
            assert_eq!(found.is_empty(), fits, "{until}: {found:?}");
        }
    }

    // proves: RX-01
    #[test]
    fn a_future_issue_and_an_end_in_the_past_are_rejected() {
        let facts = facts();
        for (now, rules_found) in [
            (facts.issued_at.plus(-5 * MINUTE), &[][..]),
            (facts.issued_at.plus(-5 * MINUTE - 1), &["RX-01"]),
            (facts.valid_until.plus(-1), &[]),
            (facts.valid_until, &["RX-01"]),
            (facts.valid_until.plus(MINUTE), &["RX-01"]),
        ] {
            let mut found = Vec::new();
            validity(&facts, &lhasa().rx, now, &mut found);
            assert_eq!(rules(&found), rules_found, "{now}");
        }
    }
}
