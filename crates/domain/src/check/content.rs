//! What a prescription must hold: its number, diagnosis, lines, names and quantities.
//!
//! Knows no identity: whose prescription it is was proven at the door. Serves RX-06, RX-07, RX-09.

use crate::catalogue::{Catalogue, Knows};
use crate::finding::{Finding, Severity};
use crate::prescription::{Facts, ItemKind};
use crate::region::{RxPolicy, TracePolicy};

/// Longest number of the national interface.
const NUMBER_MAX: usize = 40;

/// Pieces and granules are written and packed as one.
fn is_herbal(kind: ItemKind) -> bool {
    matches!(kind, ItemKind::DecoctionPiece | ItemKind::Granule)
}

/// Rule: RX-06 — At most five drugs; decoction pieces on their own prescription
pub(super) fn number_of_drugs(facts: &Facts, policy: &RxPolicy, found: &mut Vec<Finding>) {
    let herbal = facts.lines.iter().filter(|line| is_herbal(line.kind)).count();
    let drugs = facts.lines.len() - herbal;
    let max = policy.drugs_max.value;
    if i64::try_from(drugs).is_ok_and(|drugs| drugs > max) {
        let zh = format!("每张处方不得超过 {max} 种药品，现有 {drugs} 种。");
        let en = format!("At most {max} drugs on a prescription; this one has {drugs}.");
        found.push(Finding::new("RX-06", Severity::Reject, zh, en));
    }
    if herbal > 0 && drugs > 0 {
        let zh = "中药饮片（配方颗粒）应当单独开具处方。";
        let en = "Decoction pieces and granules belong on a prescription of their own.";
        found.push(Finding::new("RX-06", Severity::Reject, zh, en));
    }
}

/// Rule: RX-07 — A diagnosis that exists, and at least one line
pub(super) fn header(facts: &Facts, catalogue: &Catalogue, found: &mut Vec<Finding>) {
    if facts.lines.is_empty() {
        found.push(missing("处方没有药品。", "The prescription has no line."));
    }
    if facts.diagnoses.is_empty() {
        found.push(missing("缺少诊断。", "The diagnosis is missing."));
    }
    let all_known = catalogue.knows_all(Knows::Diagnoses);
    for code in facts.diagnoses.iter().filter(|code| catalogue.diagnosis(code).is_none()) {
        let (severity, zh, en) = if all_known {
            (Severity::Reject, "诊断代码不在 ICD-10 医保版内。", "No such code in ICD-10 医保版.")
        } else {
            (Severity::Warn, "诊断代码未经核实。", "The diagnosis code is unverified.")
        };
        found.push(Finding::new("RX-07", severity, zh, en).because(code.clone()));
    }
}

/// Rule: RX-07 — Each line numbered once, with a generic name and a quantity that can be packed
pub(super) fn lines(facts: &Facts, trace: &TracePolicy, found: &mut Vec<Finding>) {
    for (at, line) in facts.lines.iter().enumerate() {
        let again = facts.lines.iter().take(at).any(|other| other.line_no == line.line_no);
        if again || line.line_no < 1 {
            let zh = "行号重复或不为正数。";
            let en = "The line number is used twice or is not positive.";
            found.push(missing(zh, en).on_line(line.line_no));
        }
        if line.generic_name.trim().is_empty() {
            found.push(
                missing("缺少药品通用名。", "The generic name is missing.").on_line(line.line_no),
            );
        }
        if line.days < 1 {
            let zh = "用药天数须为 1 天以上。";
            found.push(missing(zh, "The days of supply must be 1 or more.").on_line(line.line_no));
        }
        let parts = trace.exempts(line.kind) || line.details.split_units.is_some();
        let whole = parts || line.quantity.as_whole().is_some();
        if line.quantity.ten_thousandths() <= 0 || !whole {
            let zh = "数量须为正数，且按最小包装取整（拆零须注明最小单位数）。";
            let en = "The quantity must be above 0 and count whole packages, unless units of an opened pack are stated.";
            let quantity = line.quantity.to_string();
            found.push(missing(zh, en).on_line(line.line_no).because(quantity));
        }
    }
}

/// Whether the number is free is asked when the prescription is stored.
///
/// Rule: RX-09 — The hospital's number has 1 to 40 visible characters
pub(super) fn number(facts: &Facts, found: &mut Vec<Finding>) {
    let number = &facts.hosp_rxno;
    let visible = number.bytes().all(|b| b.is_ascii_graphic());
    if number.is_empty() || number.len() > NUMBER_MAX || !visible {
        let zh = "医院处方编号须为 1 至 40 个可见 ASCII 字符。";
        let en = "hosp_rxno must have 1 to 40 visible ASCII characters.";
        found.push(Finding::new("RX-09", Severity::Reject, zh, en));
    }
}

fn missing(zh: &str, en: &str) -> Finding {
    Finding::new("RX-07", Severity::Reject, zh, en)
}

#[cfg(test)]
mod tests {
    use super::super::sample::{catalogue, facts, lhasa, line, piece, rules};
    use super::*;
    use crate::prescription::Line;

    // proves: RX-06
    #[test]
    fn a_sixth_drug_is_refused_and_pieces_keep_to_themselves() {
        let drugs = |n| (1..=n).map(|no| line(no, "阿司匹林肠溶片", "肠溶片")).collect::<Vec<_>>();
        let pieces = (1..=12).map(|no| piece(no, "黄芪")).collect();
        let mixed = vec![line(1, "阿司匹林肠溶片", "肠溶片"), piece(2, "黄芪")];
        for (lines, expected) in [(drugs(5), 0), (drugs(6), 1), (pieces, 0), (mixed, 1)] {
            let facts = Facts { lines, ..facts() };
            let mut found = Vec::new();
            number_of_drugs(&facts, &lhasa().rx, &mut found);
            assert_eq!(found.len(), expected, "{:?}", facts.lines);
        }
    }

    // proves: RX-07
    #[test]
    fn a_prescription_without_diagnosis_line_or_name_is_refused_with_every_reason() {
        let nameless = Line { generic_name: " ".into(), ..line(1, "x", "片剂") };
        let facts = Facts {
            diagnoses: vec!["Z99.999x999".into()],
            lines: vec![nameless.clone(), Line { days: 0, ..nameless }],
            ..facts()
        };
        let mut found = Vec::new();
        header(&facts, catalogue(), &mut found);
        lines(&facts, &lhasa().trace, &mut found);
        assert_eq!(rules(&found), ["RX-07"; 5], "{found:#?}");
        let empty = Facts { diagnoses: Vec::new(), lines: Vec::new(), ..facts };
        let mut found = Vec::new();
        header(&empty, catalogue(), &mut found);
        assert_eq!(found.len(), 2);
    }

    // proves: RX-07
    #[test]
    fn half_a_box_cannot_be_packed_but_grams_of_a_piece_can() {
        let half = "1.5".parse().expect("quantity");
        for (line, refused) in [
            (Line { quantity: half, ..line(1, "阿司匹林肠溶片", "肠溶片") }, true),
            (Line { quantity: half, ..piece(1, "黄芪") }, false),
        ] {
            let mut found = Vec::new();
            lines(&Facts { lines: vec![line], ..facts() }, &lhasa().trace, &mut found);
            assert_eq!(!found.is_empty(), refused);
        }
    }

    // proves: RX-09
    #[test]
    fn a_number_has_one_to_forty_visible_characters() {
        let forty = "9".repeat(40);
        for (number, fits) in
            [("R-2026/1", true), (&*forty, true), ("", false), ("a b", false), ("处方1", false)]
        {
            let mut found = Vec::new();
            super::number(&Facts { hosp_rxno: number.into(), ..facts() }, &mut found);
            assert_eq!(found.is_empty(), fits, "{number}");
        }
        let mut found = Vec::new();
        super::number(&Facts { hosp_rxno: "9".repeat(41).into(), ..facts() }, &mut found);
        assert_eq!(rules(&found), ["RX-09"]);
    }
}
