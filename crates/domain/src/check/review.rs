//! What the dispensing pharmacist is told before approving: who may review, and what to look at again.
//!
//! Hints never refuse: they warn, and a dose above the label's waits for the doctor. Serves RV-01..RV-04, RV-06, RX-01,
//! RX-18.

use super::interaction::interactions;
use super::{dosing, points, registration};
use crate::finding::{Finding, Severity, in_order};
use crate::institution::{Institution, Profession};
use crate::knowledge::Knowledge;
use crate::moment::Moment;
use crate::prescription::{Facts, SpecialGroup};
use crate::region::Region;

/// A review about to be given.
#[derive(Clone, Copy)]
pub struct Reviewing<'a> {
    pub facts: &'a Facts,
    pub pharmacy: &'a Institution,
    /// National code of the pharmacist.
    pub reviewer: &'a str,
    /// From the chain's head office.
    pub remote: bool,
    /// What makes the pharmacist doubt that the prescription is real.
    pub suspicion: Option<&'a str>,
    pub region: &'a Region,
}

/// All that is to be said of a review at `now`: who reviews, whether the prescription still holds, what to look at again.
pub fn review(of: &Reviewing<'_>, knowledge: &Knowledge, now: Moment) -> Vec<Finding> {
    let mut found = Vec::new();
    may_review(of, knowledge, now, &mut found);
    still_valid(of.facts, now, &mut found);
    suspicious(of.suspicion, &mut found);
    special_groups(of.facts, &mut found);
    interactions(of.facts, knowledge, &mut found);
    for line in &of.facts.lines {
        if let Some(dosing) = &line.details.dosing {
            dosing::single_dose(line, dosing, Severity::Hold, &mut found);
        }
    }
    of.region.rules.apply_all(&mut found);
    in_order(&mut found);
    found
}

/// Rule: RV-03 — Review from the head office supplements the pharmacists on site and never replaces them
fn may_review(of: &Reviewing<'_>, knowledge: &Knowledge, now: Moment, found: &mut Vec<Finding>) {
    let (registry, day) = (&knowledge.registry, now.civil_date());
    let office = of.pharmacy.credentials.head_office.filter(|_| of.remote);
    let at = match office {
        Some(office) if of.region.pharmacy.remote_review.value => office,
        _ => of.pharmacy.id,
    };
    if !registry.is_registered(at, of.reviewer, Profession::Pharmacist, day) {
        let zh = "审方药师当日未在本药店注册（远程审方须在连锁总部注册且本地区允许）。";
        let en = "Not registered as a pharmacist there on the day (from afar: at the head office, where the area allows it).";
        found.push(Finding::new("RV-04", Severity::Reject, zh, en).because(of.reviewer));
    } else if of.remote {
        let zh = "由连锁总部药师远程审方，仅作补充；现场执业药师配备不得降低。";
        let en =
            "Reviewed from the head office: a supplement only, staffing on site is not lowered.";
        found.push(Finding::new("RV-03", Severity::Warn, zh, en));
    }
    registration::not_the_prescriber(of.reviewer, of.facts, found);
    points::reviewer_eligible(of.reviewer, registry, day, found);
}

/// Rule: RV-01 — What is reviewed must still be valid: it is dispensed after, not before
fn still_valid(facts: &Facts, now: Moment, found: &mut Vec<Finding>) {
    if facts.valid_until <= now {
        let zh = "处方已过有效期，不得调配，请患者重新就诊开方。";
        let en = "The prescription is past its validity: the patient needs a new one.";
        let until = facts.valid_until.to_string();
        found.push(Finding::new("RV-01", Severity::Reject, zh, en).because(until));
    }
}

/// Rule: RV-02 — A pharmacy that doubts a prescription says so, and the regulator hears of it
fn suspicious(suspicion: Option<&str>, found: &mut Vec<Finding>) {
    if let Some(text) = suspicion {
        let zh = "药店报告可疑外配处方，请监管部门核查。";
        let en = "The pharmacy reports a suspicious prescription: a lead for the regulator.";
        found.push(Finding::new("RV-02", Severity::Clue, zh, en).because(text));
    }
}

/// Rule: RV-06 — Special groups: every drug is looked at again
fn special_groups(facts: &Facts, found: &mut Vec<Finding>) {
    for group in &facts.circumstances.groups {
        let (zh, en) = match group {
            SpecialGroup::Pregnant => ("妊娠期", "pregnant"),
            SpecialGroup::Lactating => ("哺乳期", "lactating"),
            SpecialGroup::LiverImpaired => ("肝功能不全", "of impaired liver function"),
            SpecialGroup::KidneyImpaired => ("肾功能不全", "of impaired kidney function"),
        };
        let zh = format!("患者{zh}，请逐一核对说明书禁忌和剂量（本系统无说明书数据）。");
        let en = format!("The patient is {en}: check each drug's label (no label data here).");
        found.push(Finding::new("RV-06", Severity::Warn, zh, en));
    }
}
