//! Payment restrictions (限定支付范围): the hospital's approval flag decides, the text is shown to
//! whoever must confirm it.
//!
//! Does not judge whether a text is really met: that is the doctor's word and the regulator's
//! check. Where age, sex or diagnosis plainly contradict the doctor's word, the line is paid and the
//! regulator hears of it. Serves CAT-10, 13.

use super::coverage::{Scene, of};
use crate::catalogue::{Contradiction, Diagnosed, Item, Knowledge, Patient};
use crate::finding::{Finding, Severity};
use crate::prescription::{Approval, Line};

/// Whether the fund pays as far as restrictions go.
///
/// Rule: CAT-10, CAT-13 — A restricted drug is paid when the hospital says it is met
pub(super) fn restriction(line: &Line, item: &Item, found: &mut Vec<Finding>) -> bool {
    if item.is_work_injury_only() {
        let zh = "限工伤保险支付，基本医保不予支付，自费。";
        let en = "Paid by work-injury insurance alone: the patient pays here.";
        found.push(with_text(item, of(item, line, "CAT-13", Severity::SelfPay, (zh, en))));
        if line.approval == Approval::Met {
            let zh = "限工伤保险支付的药品申报为符合基本医保支付范围（疑点）。";
            let en = "A drug of work-injury insurance was stated to be payable by basic insurance.";
            found.push(of(item, line, "CAT-13", Severity::Clue, (zh, en)));
        }
        return false;
    }
    match (&item.restriction, line.approval) {
        (Some(_), Approval::Met) | (None, Approval::NotNeeded | Approval::Met) => {
            unverified(line, item, found);
            true
        }
        (Some(_), Approval::NotNeeded) => {
            let zh = "限定支付范围药品，医院未确认符合限定条件，自费。";
            let en = "Restricted, and the hospital did not confirm it is met: the patient pays.";
            found.push(with_text(item, of(item, line, "CAT-10", Severity::SelfPay, (zh, en))));
            false
        }
        (Some(_), Approval::NotMet) => {
            let zh = "限定支付范围药品，医院判定不符合限定条件，自费。";
            let en = "Payment is restricted and the hospital says it is not met: the patient pays.";
            found.push(with_text(item, of(item, line, "CAT-10", Severity::SelfPay, (zh, en))));
            false
        }
        (None, Approval::NotMet) => {
            let zh = "医院标记为不符合支付条件，自费。";
            let en = "The hospital marked the line as not payable: the patient pays.";
            found.push(of(item, line, "CAT-10", Severity::SelfPay, (zh, en)));
            false
        }
    }
}

/// Where the word goes against age, sex or diagnosis the regulator hears of it.
///
/// Rule: CAT-10 — A restricted drug is paid when the hospital says it is met
pub(super) fn said_to_be_met(
    line: &Line,
    item: &Item,
    scene: &Scene<'_>,
    found: &mut Vec<Finding>,
) {
    let (Some(text), Approval::Met) = (&item.restriction, line.approval) else { return };
    let diagnoses = meant(scene);
    let facts = scene.facts;
    let age = facts.age_on(facts.issued_at.civil_date());
    let patient = Patient { age, sex: facts.sex, diagnoses: &diagnoses };
    let (zh, en) = match text.plainly_contradicts(&patient) {
        Some(Contradiction::Age) => ("年龄", "The age"),
        Some(Contradiction::Sex) => ("性别", "The sex"),
        Some(Contradiction::Diagnosis) => ("诊断", "The diagnosis"),
        None if text.is_unparsed() => {
            let zh = "限定支付范围如下，系统不能自动核对，请人工核对。";
            let en = "Payment is restricted as follows; it cannot be checked here, please read it.";
            found.push(with_text(item, of(item, line, "CAT-10", Severity::Warn, (zh, en))));
            return;
        }
        None => return,
    };
    let zh = format!("医院确认符合限定支付范围，但患者{zh}明显不符（疑点）。");
    let en = format!("{en} plainly contradicts the restriction that the hospital says is met.");
    found.push(with_text(item, of(item, line, "CAT-10", Severity::Clue, (zh, en))));
}

/// The diagnoses as 医保版 writes them.
fn meant(scene: &Scene<'_>) -> Vec<Box<str>> {
    let each = scene.facts.diagnoses.iter().map(|code| match scene.catalogue.diagnosed(code) {
        Diagnosed::Clinical { meant, .. } => meant.code.clone(),
        Diagnosed::Insurance(_) | Diagnosed::Unknown => code.clone(),
    });
    each.collect()
}

/// A text that this edition's own copy does not prove is not passed off as known.
fn unverified(line: &Line, item: &Item, found: &mut Vec<Finding>) {
    let known = item.restriction.as_ref().map_or(item.restriction_known, |text| text.known);
    let (zh, en) = match known {
        Knowledge::Known => return,
        Knowledge::Carried => (
            "本版目录的限定支付范围未核对，沿用上版。",
            "This edition's restriction was not read; the one before was taken over.",
        ),
        Knowledge::Unknown => (
            "本版目录是否限定支付范围未知，请核对。",
            "Whether this edition restricts payment is not known here; please verify.",
        ),
    };
    found.push(with_text(item, of(item, line, "CAT-10", Severity::Warn, (zh, en))));
}

fn with_text(item: &Item, finding: Finding) -> Finding {
    match &item.restriction {
        Some(restriction) => finding.because(restriction.text.clone()),
        None => finding,
    }
}

#[cfg(test)]
mod tests {
    use super::super::coverage;
    use super::super::sample::{by_list_on, catalogue, facts, lhasa, line, patent};
    use super::*;
    use crate::prescription::{Facts, Sex};

    fn said(facts: Facts) -> (bool, Vec<Severity>) {
        let covered = coverage(&by_list_on(&facts, lhasa(), "2026-01-05"));
        let such = covered.findings.iter().filter(|one| &*one.rule == "CAT-10");
        let severities = such.map(|one| {
            assert!(one.evidence.is_some(), "the text is shown: {one:?}");
            one.severity
        });
        let severities = severities.collect();
        (covered.lines.iter().all(|line| line.payable), severities)
    }
    fn met(line: Line) -> Line {
        Line { approval: Approval::Met, ..line }
    }
    fn potassium() -> Vec<Line> {
        vec![met(line(1, "环硅酸锆钠散", "散剂"))]
    }

    // proves: CAT-10
    #[test]
    fn a_restriction_said_to_be_met_against_the_plain_facts_is_paid_and_a_lead() {
        let child = "2015-01-01".parse().expect("date");
        let bones = vec![met(patent(1, "芪骨胶囊", "胶囊剂"))];
        let (high, fragile) = (vec!["E87.500".into()], vec!["M81.000".into()]);
        let facts = |lines, diagnoses| Facts { lines, diagnoses, ..facts() };
        let adult = facts(potassium(), high);
        let woman = Facts { sex: Sex::Female, ..facts(bones.clone(), fragile.clone()) };
        for (name, facts, expected) in [
            ("an adult with it", adult.clone(), &[][..]),
            ("a child with it", Facts { birth_date: child, ..adult }, &[Severity::Clue]),
            ("an adult without it", facts(potassium(), vec!["I10.x00".into()]), &[Severity::Clue]),
            ("a woman", woman, &[]),
            ("a man", facts(bones, fragile), &[Severity::Clue]),
        ] {
            assert_eq!(said(facts), (true, expected.to_vec()), "{name}");
        }
    }

    // proves: CAT-10
    #[test]
    fn a_restriction_that_no_machine_understands_is_shown_word_for_word() {
        let text = "益气养血，润肠通便。用于功能性便秘证属虚秘者。";
        let edition = catalogue().edition("2025").expect("edition");
        let says = |item: &&Item| item.restriction.as_ref().is_some_and(|r| &*r.text == text);
        let drug = edition.items().iter().find(says).expect("listed");
        let facts = Facts { lines: vec![met(patent(1, &drug.printed_name, ""))], ..facts() };
        let covered = coverage(&by_list_on(&facts, lhasa(), "2026-01-05"));
        let shown =
            |one: &Finding| one.severity == Severity::Warn && one.evidence.as_deref() == Some(text);
        assert!(covered.lines[0].payable && covered.findings.iter().any(shown), "{covered:?}");
    }
}
