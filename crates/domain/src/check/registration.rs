//! Who may issue, sign and review: institutions under agreement, people registered there on the
//! day.
//!
//! Knows only the register that it is given. Serves PH-04, RX-07, RV-04.

use chrono::NaiveDate;

use crate::finding::{Finding, Severity};
use crate::institution::{
    AgreementStatus, Institution, InstitutionId, InstitutionKind, Profession, Registry,
};
use crate::prescription::{Facts, Prescription};

/// Rule: PH-04 — A prescription comes from a hospital whose agreement is active on the day of issue
pub(super) fn issuer(issuer: &Institution, day: NaiveDate, found: &mut Vec<Finding>) {
    if issuer.kind != InstitutionKind::Hospital {
        let zh = "开具机构不是医疗机构。";
        found.push(Finding::new("PH-04", Severity::Reject, zh, "The issuer is not a hospital."));
    }
    found.extend(agreement(issuer, day));
}

/// What is wrong with an institution's agreement on a day, if anything.
pub(super) fn agreement(of: &Institution, day: NaiveDate) -> Option<Finding> {
    let (zh, en) = match of.agreement_on(day) {
        Some(AgreementStatus::Active) => return None,
        Some(AgreementStatus::Suspended) => ("医保协议中止", "suspended"),
        Some(AgreementStatus::Terminated) => ("医保协议解除", "terminated"),
        None => ("无有效医保协议", "not in force"),
    };
    let zh = format!("{day} {zh}。");
    let en = format!("The insurance agreement is {en} on {day}.");
    Some(Finding::new("PH-04", Severity::Reject, zh, en))
}

/// Rule: RX-07, RV-04 — Signed by a doctor, reviewed by a pharmacist, both registered there
pub(super) fn signers(
    facts: &Facts,
    issuer: &Institution,
    registry: &Registry,
    found: &mut Vec<Finding>,
) {
    let day = facts.issued_at.civil_date();
    if !registry.is_registered(issuer.id, &facts.doctor, Profession::Doctor, day) {
        let zh = "开方医师当日未在本机构注册。";
        let en = "The doctor is not registered at this institution on the day of issue.";
        found.push(Finding::new("RX-07", Severity::Reject, zh, en).because(facts.doctor.clone()));
    }
    if !registry.is_registered(issuer.id, &facts.reviewer, Profession::Pharmacist, day) {
        let zh = "审方药师当日未在本机构注册。";
        let en =
            "The reviewing pharmacist is not registered at this institution on the day of issue.";
        found.push(Finding::new("RX-07", Severity::Reject, zh, en).because(facts.reviewer.clone()));
    }
    not_the_prescriber(&facts.reviewer, facts, found);
}

/// Rule: RV-04 — The reviewer is not the prescriber
pub(super) fn not_the_prescriber(reviewer: &str, facts: &Facts, found: &mut Vec<Finding>) {
    if *facts.doctor == *reviewer {
        let zh = "审方药师不得为开方医师本人。";
        let en = "The reviewer must not be the prescriber.";
        found.push(Finding::new("RV-04", Severity::Reject, zh, en));
    }
}

/// May this person review the prescription at that pharmacy?
///
/// Rule: RV-04 — The reviewer is a pharmacist registered there on the day, and not the prescriber
pub fn reviewer(
    code: &str,
    at: InstitutionId,
    prescription: &Prescription,
    registry: &Registry,
    day: NaiveDate,
) -> bool {
    *prescription.facts.doctor != *code
        && registry.is_registered(at, code, Profession::Pharmacist, day)
}

#[cfg(test)]
mod tests {
    use super::super::sample::{
        DOCTOR, PHARMACIST, SHOP_PHARMACIST, day, facts, hospital, issued, pharmacy, registry,
        rules,
    };
    use super::*;
    use crate::institution::AgreementPeriod;

    // proves: PH-04
    #[test]
    fn a_hospital_issues_only_while_its_agreement_is_active() {
        use AgreementStatus::{Active, Suspended, Terminated};
        let today = day("2026-01-05");
        for (from, to, status, fits) in [
            ("2026-01-05", "2026-01-06", Active, true),
            ("2026-01-01", "2026-01-05", Active, false),
            ("2026-01-06", "2027-01-01", Active, false),
            ("2026-01-01", "2027-01-01", Suspended, false),
            ("2026-01-01", "2027-01-01", Terminated, false),
        ] {
            let agreement = vec![AgreementPeriod { from: day(from), to: day(to), status }];
            let mut found = Vec::new();
            issuer(&Institution { agreement, ..hospital() }, today, &mut found);
            assert_eq!(found.is_empty(), fits, "{from} {to} {status:?}");
        }
        let mut found = Vec::new();
        issuer(&pharmacy(), today, &mut found);
        assert_eq!(rules(&found), ["PH-04"], "a pharmacy issues nothing");
    }

    // proves: RX-07, RV-04
    #[test]
    fn doctor_and_reviewer_are_two_people_registered_at_the_hospital() {
        for (doctor, reviewer, expected) in [
            (DOCTOR, PHARMACIST, &[][..]),
            (PHARMACIST, PHARMACIST, &["RX-07", "RV-04"]),
            (DOCTOR, SHOP_PHARMACIST, &["RX-07"]),
            ("D000", "D000", &["RX-07", "RX-07", "RV-04"]),
        ] {
            let facts = Facts { doctor: doctor.into(), reviewer: reviewer.into(), ..facts() };
            let mut found = Vec::new();
            signers(&facts, &hospital(), &registry(), &mut found);
            assert_eq!(rules(&found), expected, "{doctor} {reviewer}");
        }
    }

    // proves: RV-04
    #[test]
    fn the_dispensing_pharmacist_is_registered_at_the_shop_that_day_and_did_not_prescribe() {
        let shop = pharmacy().id;
        let rx = issued(facts());
        let own = issued(Facts { doctor: SHOP_PHARMACIST.into(), ..facts() });
        for (code, rx, on, fits) in [
            (SHOP_PHARMACIST, &rx, "2026-01-05", true),
            (SHOP_PHARMACIST, &rx, "2099-01-01", false),
            (SHOP_PHARMACIST, &own, "2026-01-05", false),
            (PHARMACIST, &rx, "2026-01-05", false),
        ] {
            assert_eq!(reviewer(code, shop, rx, &registry(), day(on)), fits, "{code} {on}");
        }
    }
}
