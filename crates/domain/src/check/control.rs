//! Drugs under special control: never circulated, or never on a long prescription.
//!
//! Goes by the control that the hospital declares; no public list of controlled products with codes
//! is loaded. A name that
//! suggests an undeclared one is a warning, because a name alone proves nothing. Serves RX-04,
//! RX-05.

use super::supply::is_long;
use crate::finding::{Finding, Severity};
use crate::prescription::{Control, Facts, Line};
use crate::region::RxPolicy;

/// ICD-10 blocks in which an antimicrobial is given for months: tuberculosis and its late effects,
/// leprosy, other
/// mycobacteria, mycoses. Assumed reading of 结核等慢性细菌真菌感染性疾病; extend with a source.
const CHRONIC_INFECTIONS: &[&str] = &[
    "A15", "A16", "A17", "A18", "A19", "A30", "A31", "B35", "B36", "B37", "B38", "B39", "B40",
    "B41", "B42", "B43", "B44", "B45", "B46", "B47", "B48", "B49", "B90",
];

/// Stems of narcotic and class-1 psychotropic generic names. Not complete.
const CONTROLLED_STEMS: &[&str] = &[
    "吗啡",
    "芬太尼",
    "哌替啶",
    "羟考酮",
    "美沙酮",
    "可待因",
    "布桂嗪",
    "罂粟壳",
    "哌醋甲酯",
    "氯胺酮",
    "丁丙诺啡",
    "三唑仑",
];

/// Special storage cannot be judged without a list: said once per long prescription.
///
/// Rule: RX-04 — Long prescriptions hold no controlled drug, antimicrobials only if chronic
pub(super) fn on_long_prescription(facts: &Facts, policy: &RxPolicy, found: &mut Vec<Finding>) {
    if !is_long(facts, policy) {
        return;
    }
    let zh = "长期处方不得包含储存有特殊要求的药品；本系统无此清单，请自行核对。";
    let en = "No drug with special storage on a long prescription; no list is loaded: verify.";
    found.push(Finding::new("RX-04", Severity::Warn, zh, en));
    for line in &facts.lines {
        let barred = match line.control {
            Control::None => false,
            Control::Antimicrobial => !is_chronic_infection(facts),
            Control::Narcotic
            | Control::PsychotropicOne
            | Control::PsychotropicTwo
            | Control::MedicalToxic
            | Control::Radioactive
            | Control::Precursor => true,
        };
        if barred {
            let zh = "该类药品不得开具长期处方（抗菌药物仅限结核等慢性细菌真菌感染）。";
            let en =
                "Not allowed on a long prescription (antimicrobials only for chronic infection).";
            found.push(reject("RX-04", line, zh, en));
        }
    }
}

fn is_chronic_infection(facts: &Facts) -> bool {
    let such = |code: &str| CHRONIC_INFECTIONS.iter().any(|block| code.starts_with(block));
    facts.diagnoses.iter().any(|code| such(code))
}

/// Never to a retail pharmacy.
pub(super) fn is_barred_from_circulation(control: Control) -> bool {
    match control {
        Control::Narcotic
        | Control::PsychotropicOne
        | Control::PsychotropicTwo
        | Control::MedicalToxic
        | Control::Radioactive => true,
        Control::None | Control::Precursor | Control::Antimicrobial => false,
    }
}

/// Rule: RX-05 — Narcotic, psychotropic, toxic and radioactive drugs are not circulated
pub(super) fn not_circulated(facts: &Facts, found: &mut Vec<Finding>) {
    let barred = facts.lines.iter().filter(|line| is_barred_from_circulation(line.control));
    found.extend(barred.map(|line| {
        let zh = "麻醉、精神、医疗用毒性、放射性药品不得流转至零售药店。";
        let en =
            "Narcotic, psychotropic, toxic and radioactive drugs are not circulated to pharmacies.";
        reject("RX-05", line, zh, en)
    }));
}

/// Rule: RX-05 — A name that suggests an undeclared narcotic is shown, not refused
pub(super) fn undeclared(facts: &Facts, found: &mut Vec<Finding>) {
    let suspect =
        |line: &&Line| line.control == Control::None && is_named_like_one(&line.generic_name);
    found.extend(facts.lines.iter().filter(suspect).map(|line| {
        let zh = "名称疑似麻醉或第一类精神药品，但未申报管制类别，请核对。";
        let en = "The name suggests a narcotic or class-1 psychotropic; none is declared.";
        Finding::new("RX-05", Severity::Warn, zh, en)
            .on_line(line.line_no)
            .because(line.generic_name.clone())
    }));
}

/// Compares at every character: a search for each stem would cost more than all other rules of a line together.
fn is_named_like_one(name: &str) -> bool {
    let ends = name.char_indices().filter_map(|(at, _)| name.get(at..));
    let mut ends = ends.map(str::as_bytes);
    ends.any(|end| CONTROLLED_STEMS.iter().any(|stem| end.starts_with(stem.as_bytes())))
}

fn reject(rule: &str, line: &Line, zh: &str, en: &str) -> Finding {
    Finding::new(rule, Severity::Reject, zh, en).on_line(line.line_no)
}

#[cfg(test)]
mod tests {
    use super::super::sample::{facts, lhasa, line, rules, severities};
    use super::*;

    fn with(control: Control) -> Facts {
        Facts { lines: vec![Line { control, ..line(1, "某药片", "片剂") }], ..facts() }
    }

    // proves: RX-05
    #[test]
    fn a_narcotic_and_its_like_are_rejected_and_an_antimicrobial_is_not() {
        for (control, rejected) in [
            (Control::None, false),
            (Control::Narcotic, true),
            (Control::PsychotropicOne, true),
            (Control::PsychotropicTwo, true),
            (Control::MedicalToxic, true),
            (Control::Radioactive, true),
            (Control::Precursor, false),
            (Control::Antimicrobial, false),
        ] {
            let mut found = Vec::new();
            not_circulated(&with(control), &mut found);
            assert_eq!(!found.is_empty(), rejected, "{control:?}");
        }
    }

    // proves: RX-05
    #[test]
    fn morphine_without_a_declared_control_is_shown() {
        let facts = Facts { lines: vec![line(1, "盐酸吗啡缓释片", "缓释片")], ..facts() };
        let mut found = Vec::new();
        undeclared(&facts, &mut found);
        assert_eq!(severities(&found), [Severity::Warn]);
    }

    // proves: RX-04
    #[test]
    fn a_long_prescription_holds_no_controlled_drug_and_antimicrobials_only_for_chronic_infection()
    {
        for (control, diagnosis, rejected) in [
            (Control::None, "I10.x00", false),
            (Control::Precursor, "I10.x00", true),
            (Control::MedicalToxic, "A15.000", true),
            (Control::Antimicrobial, "J06.900", true),
            (Control::Antimicrobial, "A15.000", false),
            (Control::Antimicrobial, "B37.000", false),
        ] {
            let facts = Facts { long_rx: true, diagnoses: vec![diagnosis.into()], ..with(control) };
            let mut found = Vec::new();
            on_long_prescription(&facts, &lhasa().rx, &mut found);
            let rejects = found.iter().any(|one| one.severity == Severity::Reject);
            assert_eq!(rejects, rejected, "{control:?} {diagnosis}");
            assert_eq!(rules(&found).first(), Some(&"RX-04"), "storage is said to be unverified");
        }
        let mut found = Vec::new();
        on_long_prescription(&with(Control::Antimicrobial), &lhasa().rx, &mut found);
        assert!(found.is_empty(), "an ordinary prescription is not concerned");
    }
}
