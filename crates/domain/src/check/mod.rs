//! The rules: each one small pure function with the id of RULES §1, grouped by what they look at.
//!
//! A check returns all findings, never only the first, and allocates only when it finds something.
//! Knows no clock and
//! no store: the day and the registers are arguments. Figures come from the region's policy, facts
//! of drugs from the
//! catalogue edition of the day.

mod code;
mod content;
mod control;
mod coverage;
mod herbal;
mod packing;
mod patient;
mod pharmacy;
mod registration;
mod restriction;
mod standard;
mod supply;
mod validity;

mod cases;
mod laws;
mod sample;

pub use coverage::{Coverage, LineCoverage, coverage};
pub use packing::packing;
pub use pharmacy::pharmacy;
pub use registration::reviewer;

use crate::catalogue::Catalogue;
use crate::finding::{Finding, Severity};
use crate::institution::Institution;
use crate::knowledge::Knowledge;
use crate::moment::Moment;
use crate::prescription::{Facts, Verdict};
use crate::region::Region;

/// Raised whenever a rule in this folder decides differently, so that a stored verdict names the
/// rules it was made by.
pub const RULES_REVISION: i32 = 2;

/// All that the rules say of a prescription on its day of issue; `now` is the time of arrival.
///
/// Without a policy for the issuer's pooling area nothing can be judged: one `Reject`.
pub fn prescription(
    facts: &Facts,
    issuer: &Institution,
    knowledge: &Knowledge,
    now: Moment,
) -> Verdict {
    let catalogue = &*knowledge.catalogue;
    let day = facts.issued_at.civil_date();
    let Some(region) = knowledge.region(&issuer.pooling_area, day) else {
        let zh = format!("统筹区 {} 未配置政策，无法审核。", issuer.pooling_area);
        let en = format!("No policy is loaded for pooling area {}.", issuer.pooling_area);
        let finding = Finding::new("RTE-04", Severity::Reject, zh, en);
        return verdict(vec![finding], "".into(), catalogue, "");
    };
    let Coverage { findings: mut found, edition, .. } = coverage(facts, region, catalogue, day);
    as_written(facts, region, catalogue, now, &mut found);
    code::national_codes(facts, catalogue, &mut found);
    patient::birth_date(facts, &mut found);
    patient::sex_and_age(facts, catalogue, &region.rx, &mut found);
    registration::issuer(issuer, day, &mut found);
    registration::signers(facts, issuer, &knowledge.registry, &mut found);
    region.rules.apply_all(&mut found);
    verdict(found, edition, catalogue, &region.digest)
}

/// What the paper itself shows: dates, amounts, number, lines.
fn as_written(
    facts: &Facts,
    region: &Region,
    catalogue: &Catalogue,
    now: Moment,
    found: &mut Vec<Finding>,
) {
    validity::validity(facts, &region.rx, now, found);
    supply::days_of_supply(facts, &region.rx, found);
    supply::long_supply(facts, &region.rx, found);
    control::on_long_prescription(facts, &region.rx, found);
    control::not_circulated(facts, found);
    control::undeclared(facts, found);
    content::number_of_drugs(facts, &region.rx, found);
    content::header(facts, catalogue, found);
    content::lines(facts, &region.trace, found);
    content::number(facts, found);
    herbal::preparation(facts, found);
}

fn verdict(
    findings: Vec<Finding>,
    edition: Box<str>,
    catalogue: &Catalogue,
    policy_digest: &str,
) -> Verdict {
    Verdict {
        findings,
        edition,
        catalogue_digest: catalogue.digest().into(),
        policy_digest: policy_digest.into(),
        rules_revision: RULES_REVISION,
    }
}
