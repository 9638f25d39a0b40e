//! Drugs that do not go well together, and one therapy prescribed twice: hints for the pharmacist, never more.
//!
//! From the French ANSM thesaurus of 2020 through ATC codes that a machine joined to Chinese names: every hint says so,
//! and absence of a hint proves nothing. Serves RV-06.

use crate::catalogue::Gravity;
use crate::finding::{Finding, Severity};
use crate::knowledge::Knowledge;
use crate::prescription::{Facts, Line};

/// Rule: RV-06 — Interactions and one therapy twice are shown to the pharmacist
pub(super) fn interactions(facts: &Facts, knowledge: &Knowledge, found: &mut Vec<Finding>) {
    let catalogue = &*knowledge.catalogue;
    let names: Vec<&str> = facts.lines.iter().map(|line| &*line.generic_name).collect();
    let line = |at: usize| facts.lines.get(at);
    for one in catalogue.interactions_between(&names) {
        let (Some(first), Some(second)) = (line(one.one), line(one.other)) else { continue };
        let (zh, en) = match one.gravity {
            Gravity::Contraindicated => ("禁止合用", "contraindicated together"),
            Gravity::NotRecommended => ("不建议合用", "not recommended together"),
            Gravity::Precaution => ("合用需谨慎", "together with precaution"),
            Gravity::TakeIntoAccount => ("合用需留意", "together to be taken into account"),
        };
        let evidence = format!("{} × {}: {}", one.terms[0], one.terms[1], one.text_fr);
        found.push(hint((first, second), (zh, en)).because(evidence));
    }
    for one in catalogue.same_therapy(&names) {
        let (Some(first), Some(second)) = (line(one.one), line(one.other)) else { continue };
        let words = ("疑似重复用药", "perhaps the same therapy twice");
        found.push(hint((first, second), words).because(format!("ATC {}", one.atc)));
    }
}

fn hint((first, second): (&Line, &Line), (zh, en): (&str, &str)) -> Finding {
    let zh = format!(
        "{} 与 {}：{zh}，请核对（ANSM 2020，机器匹配，仅供参考）。",
        first.generic_name, second.generic_name
    );
    let en = format!(
        "{} and {}: {en}; please verify (ANSM 2020, joined by machine, a hint only).",
        first.generic_name, second.generic_name
    );
    Finding::new("RV-06", Severity::Warn, zh, en).on_line(second.line_no)
}
