//! The rules: each one small pure function with the id of RULES §1, grouped by what they look at.
//!
//! A check returns all findings, never only the first, and allocates only when it finds something.
//! Knows no clock and
//! no store: the day and the registers are arguments. Figures come from the region's policy, facts
//! of drugs from the
//! catalogue edition of the day.

mod circumstance;
mod code;
mod collector;
mod content;
mod control;
mod coverage;
mod delivery;
mod designation;
mod disease;
mod dosing;
mod entitlement;
mod figures;
mod herbal;
mod in_hand;
mod insured;
mod interaction;
mod listing;
mod occasion;
mod packing;
mod path;
mod patient;
mod pharmacy;
mod points;
mod procurement;
mod product;
mod recheck;
mod registration;
mod restriction;
mod review;
mod sale;
mod split_pack;
mod standard;
mod supply;
mod unjudged;
mod validity;

mod cases;
mod laws;
#[cfg(test)]
pub(crate) mod sample;

pub use collector::proxy;
pub use coverage::{Coverage, LineCoverage, coverage};
pub use delivery::{DeliveryStep, delivery};
pub use designation::standing;
pub use figures::figures_of;
pub use occasion::Occasion;
pub use packing::{Ground, Packing, packing};
pub use pharmacy::{Errand, bars, pharmacy};
pub use procurement::{ProcuredUse, Standing, price, selected_first, standard};
pub use recheck::changed_since_issue;
pub use registration::reviewer;
pub use review::{Reviewing, review};
pub use sale::{Sale, sale_record};
pub use split_pack::{PackFit, pack_fit};
pub use unjudged::{UNJUDGED, Unjudged};

use crate::catalogue::Catalogue;
use crate::finding::{Finding, Severity, in_order};
use crate::institution::Institution;
use crate::knowledge::Knowledge;
use crate::moment::Moment;
use crate::prescription::{Facts, Verdict};
use crate::region::Path;
use crate::register::Entries;

/// Raised whenever a rule in this folder decides differently, so that a stored verdict names the
/// rules it was made by.
pub const RULES_REVISION: i32 = 3;

/// All that the rules say of a prescription on its day of issue, whoever the person is; `now` is the time of arrival.
///
/// What needs the person's registers is said by [`person`]. Without a policy for the issuer's pooling area nothing can be
/// judged: one `Reject`.
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
    let (seller, person) = (None, None);
    let occasion = Occasion { facts, issuer: Some(issuer), seller, person, region, knowledge, day };
    let Coverage { lines, findings: mut found, edition, .. } = coverage(&occasion);
    let separate = |no| lines.iter().any(|line| line.line_no == no && line.separate);
    as_written(&occasion, now, &mut found);
    supply::days_of_supply(facts, &region.rx, separate, &mut found);
    code::national_codes(facts, catalogue, &mut found);
    patient::birth_date(facts, &mut found);
    patient::sex_and_age(facts, catalogue, &region.rx, &mut found);
    registration::issuer(issuer, day, &mut found);
    registration::signers(facts, issuer, &knowledge.registry, &mut found);
    points::eligible(facts, &knowledge.registry, &region.points, &mut found);
    region.rules.apply_all(&mut found);
    in_order(&mut found);
    verdict(found, edition, catalogue, &region.digest)
}

/// What the registers say of the person, beside what [`prescription`] said: insured, entitled, registered, drugs in hand.
///
/// Empty without a policy for the issuer's area: [`prescription`] has said so.
pub fn person(
    facts: &Facts,
    issuer: &Institution,
    entries: Entries<'_>,
    knowledge: &Knowledge,
    now: Moment,
) -> Vec<Finding> {
    let day = now.civil_date();
    let Some(region) = knowledge.region(&issuer.pooling_area, day) else { return Vec::new() };
    let (seller, person) = (None, Some(entries));
    let occasion = Occasion { facts, issuer: Some(issuer), seller, person, region, knowledge, day };
    let mut covered = coverage::by_list(&occasion);
    // What the lists say has been said already.
    covered.findings.clear();
    coverage::by_registers(&occasion, entries, &mut covered);
    let Coverage { lines, findings: mut found, .. } = covered;
    let unentitled = |no| {
        let such = |line: &LineCoverage| line.separate && line.path != Some(Path::SeparatePayment);
        lines.iter().any(|line| line.line_no == no && such(line))
    };
    supply::within_entitlement(facts, &region.rx, unentitled, &mut found);
    region.rules.apply_all(&mut found);
    in_order(&mut found);
    found
}

/// What the paper itself shows: dates, amounts, number, lines.
fn as_written(occasion: &Occasion<'_>, now: Moment, found: &mut Vec<Finding>) {
    let Occasion { facts, region, .. } = *occasion;
    let catalogue = &*occasion.knowledge.catalogue;
    validity::validity(facts, &region.rx, now, found);
    supply::long_supply(facts, &region.rx, found);
    control::on_long_prescription(facts, &region.rx, found);
    control::not_circulated(facts, found);
    control::undeclared(facts, found);
    content::number_of_drugs(facts, &region.rx, found);
    content::header(facts, catalogue, found);
    content::lines(facts, &region.trace, found);
    content::number(facts, found);
    herbal::preparation(facts, found);
    circumstance::circumstances(facts, region, found);
    dosing::dosing(facts, found);
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
