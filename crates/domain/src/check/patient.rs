//! Whether a drug fits the patient's sex and age, by the published limits.
//!
//! The publication calls most results *suspected*: they warn and never refuse. Knows no identity.
//! Serves RX-17.

use crate::catalogue::{Catalogue, Limit, LimitValue};
use crate::finding::{Finding, Severity};
use crate::prescription::{Facts, Sex};
use crate::region::RxPolicy;

/// Rule: RX-07 — Nobody is treated before birth
pub(super) fn birth_date(facts: &Facts, found: &mut Vec<Finding>) {
    if facts.birth_date > facts.issued_at.civil_date() {
        let zh = "出生日期晚于开具日期。";
        let en = "The birth date is after the day of issue.";
        found.push(Finding::new("RX-07", Severity::Reject, zh, en));
    }
}

/// Rule: RX-17 — Limits of a code or name to one sex or to children are warned of
pub(super) fn sex_and_age(
    facts: &Facts,
    catalogue: &Catalogue,
    policy: &RxPolicy,
    found: &mut Vec<Finding>,
) {
    let age = i64::from(facts.age_on(facts.issued_at.civil_date()));
    let child = age < policy.child_under_years.value;
    for line in &facts.lines {
        let code = line.drug_code.as_deref().unwrap_or("");
        for limit in catalogue.limits_for(code, &line.generic_name) {
            let (zh, en, evidence) = match limit.value {
                LimitValue::ChildOnly if !child => (
                    "限儿童使用的药品，患者为成人（疑似）。",
                    "Limited to children; the patient is an adult (suspected).",
                    format!("{}: {age}", limit.raw),
                ),
                LimitValue::Male if facts.sex == Sex::Female => (
                    "限男性使用的药品，患者为女性（疑似）。",
                    "Limited to men; the patient is a woman (suspected).",
                    evidence(limit),
                ),
                LimitValue::Female if facts.sex == Sex::Male => (
                    "限女性使用的药品，患者为男性（疑似）。",
                    "Limited to women; the patient is a man (suspected).",
                    evidence(limit),
                ),
                LimitValue::ChildOnly
                | LimitValue::Male
                | LimitValue::Female
                | LimitValue::Days(_)
                | LimitValue::Level(_)
                | LimitValue::Inpatient
                | LimitValue::WorkInjury
                | LimitValue::Maternity
                | LimitValue::Line(_)
                | LimitValue::AnyOf(_) => continue,
            };
            let finding = Finding::new("RX-17", Severity::Warn, zh, en);
            found.push(finding.on_line(line.line_no).because(evidence));
        }
    }
}

fn evidence(limit: &Limit) -> String {
    format!("{}: {}", limit.raw, limit.basis.as_deref().unwrap_or("-"))
}

#[cfg(test)]
mod tests {
    use super::super::sample::{catalogue, facts, lhasa, line, severities};
    use super::*;

    // proves: RX-17
    #[test]
    fn a_childrens_drug_for_an_adult_and_a_womans_for_a_man_are_warned_of() {
        let child = "儿童清肺口服液";
        for (name, sex, born, warned) in [
            (child, Sex::Male, "1980-01-01", true),
            (child, Sex::Male, "2019-01-01", false),
            ("艾附暖宫丸", Sex::Male, "1980-01-01", true),
            ("艾附暖宫丸", Sex::Female, "1980-01-01", false),
            ("阿司匹林肠溶片", Sex::Male, "1980-01-01", false),
        ] {
            let birth_date = born.parse().expect("date");
            let facts = Facts { sex, birth_date, lines: vec![line(1, name, "")], ..facts() };
            let mut found = Vec::new();
            sex_and_age(&facts, catalogue(), &lhasa().rx, &mut found);
            let expected = if warned { &[Severity::Warn][..] } else { &[] };
            assert_eq!(severities(&found), expected, "{name} {sex:?} {born}: {found:?}");
        }
    }

    // proves: RX-07
    #[test]
    fn a_birth_date_in_the_future_is_rejected() {
        let birth_date = "2026-01-06".parse().expect("date");
        let mut found = Vec::new();
        super::birth_date(&Facts { birth_date, ..facts() }, &mut found);
        assert_eq!(severities(&found), [Severity::Reject]);
    }
}
