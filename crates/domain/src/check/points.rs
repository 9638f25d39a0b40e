//! Payment eligibility of doctors and pharmacists (医保支付资格): suspended by points, everywhere at once.
//!
//! Knows no points: only the periods that follow from them. Serves PTS-03, PTS-04, PTS-05.

use chrono::NaiveDate;

use super::Occasion;
use crate::finding::{Finding, Severity};
use crate::institution::{EligibilityStatus, Ineligible, Registry};
use crate::prescription::Facts;
use crate::region::PointsPolicy;

/// Rule: PTS-03, PTS-04 — Services of a person whose eligibility is suspended are not charged to the fund
pub(super) fn eligible(
    facts: &Facts,
    registry: &Registry,
    policy: &PointsPolicy,
    found: &mut Vec<Finding>,
) {
    let day = facts.issued_at.civil_date();
    for (code, zh, en) in [
        (&facts.doctor, "开方医师", "The prescriber"),
        (&facts.reviewer, "审方药师", "The reviewing pharmacist"),
    ] {
        let Some(period) = registry.ineligible(code, day) else { continue };
        let exempt = facts.emergency && policy.emergency_exempt.value;
        let severity = if exempt { Severity::Warn } else { Severity::Reject };
        let state = state(period);
        let zh = match exempt {
            true => format!("{zh}医保支付资格{}，急诊抢救除外，照常支付。", state.0),
            false => format!("{zh}医保支付资格{}（全国联动），请换有资格的人员。", state.0),
        };
        let en = match exempt {
            true => format!("{en}'s payment eligibility is {}; an emergency is excepted.", state.1),
            false => format!(
                "{en}'s payment eligibility is {} nation-wide: another person must sign.",
                state.1
            ),
        };
        let evidence = format!("{code} [{}, {})", period.from, period.to);
        found.push(Finding::new("PTS-03", severity, zh, en).because(evidence));
    }
}

fn state(period: Ineligible) -> (&'static str, &'static str) {
    match period.status {
        EligibilityStatus::Suspended => ("已暂停", "suspended"),
        EligibilityStatus::Ended => ("已终止", "ended"),
    }
}

/// May this person provide a service of the fund on a day?
///
/// Rule: PTS-04 — Suspended in one place is suspended in all: the dispensing pharmacist, too
pub(super) fn reviewer_eligible(
    code: &str,
    registry: &Registry,
    day: NaiveDate,
    found: &mut Vec<Finding>,
) {
    if let Some(period) = registry.ineligible(code, day) {
        let (zh, en) = state(period);
        let zh = format!("审方药师医保支付资格{zh}（全国联动），请换有资格的药师审核。");
        let en = format!(
            "The pharmacist's payment eligibility is {en} nation-wide: another one must review."
        );
        found.push(Finding::new("PTS-04", Severity::Reject, zh, en));
    }
}

/// Rule: PTS-05 — Issued before the prescriber's suspension and dispensed within it: a cancer drug is not interrupted
pub(super) fn ineligible_meanwhile(occasion: &Occasion<'_>, found: &mut Vec<Finding>) {
    let facts = occasion.facts;
    let issued = facts.issued_at.civil_date();
    let registry = &occasion.knowledge.registry;
    if occasion.day <= issued || registry.ineligible(&facts.doctor, issued).is_some() {
        return;
    }
    if let Some(period) = registry.ineligible(&facts.doctor, occasion.day) {
        let zh = "处方开具后医师医保支付资格被暂停，照常调配支付，已提示经办机构。";
        let en = "The prescriber was suspended after issuing it: dispensed and paid; the agency is told.";
        let evidence = format!("[{}, {})", period.from, period.to);
        found.push(Finding::new("PTS-05", Severity::Warn, zh, en).because(evidence));
    }
}
