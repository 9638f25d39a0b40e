//! Does what a pharmacy packed fit the prescription? Every difference at once, in words that a
//! pharmacist can act on.
//!
//! Knows no ledger of boxes: whether a box is free is asked where it is reserved. Serves DS-02,
//! DS-03, DS-04; parts of packages and products have files of their own.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::product;
use super::split_pack::{PackFit, pack_fit, parts, taken_now};
use crate::catalogue::Catalogue;
use crate::finding::Finding;
use crate::institution::Registry;
use crate::prescription::{Facts, Line, PackedLine};
use crate::refusal::Fault;
use crate::region::{Region, TracePolicy};

/// By what a packing is judged.
#[derive(Clone, Copy)]
pub struct Ground<'a> {
    pub region: &'a Region,
    pub catalogue: &'a Catalogue,
    pub registry: &'a Registry,
    pub day: NaiveDate,
}

/// What is wrong with a packing, and what is to be known of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Packing {
    /// Nothing goes on until they are mended.
    pub faults: Vec<Fault>,
    /// `Hold`: the fund waits for that line; `Warn`: goes on.
    pub findings: Vec<Finding>,
}

/// Judges a packing; without faults it fits. Lines may be left out: they are not dispensed.
pub fn packing(facts: &Facts, packed: &[PackedLine], ground: &Ground<'_>) -> Packing {
    let mut out = Packing::default();
    lines(facts, packed, &mut out.faults);
    for (at, one) in packed.iter().enumerate() {
        if let Some(line) = facts.line(one.line_no) {
            if line.details.split_units.is_none() {
                trace_codes(line, one, at, (&ground.region.trace, ground.day), &mut out.faults);
            }
            parts(line, one, at, ground, &mut out);
            product::same_drug(line, one, at, &mut out);
            product::boxes(line, one, at, ground, &mut out);
        }
        price(one, at, &mut out.faults);
        expiry(one, at, ground.day, &mut out.faults);
    }
    each_code_once(packed, ground, &mut out.faults);
    ground.region.rules.apply_all(&mut out.findings);
    out
}

/// Lines of the prescription, each at most once, and at least one.
fn lines(facts: &Facts, packed: &[PackedLine], faults: &mut Vec<Fault>) {
    if packed.is_empty() {
        let zh = "没有配药内容，请至少配一行药品。";
        faults.push(Fault::new("lines", zh, "Nothing is packed; pack at least one line."));
    }
    for (at, one) in packed.iter().enumerate() {
        let field = format!("lines[{at}].line_no");
        if facts.line(one.line_no).is_none() {
            let zh = format!("处方没有第 {} 行，请核对行号。", one.line_no);
            let en = format!("The prescription has no line {}; check the number.", one.line_no);
            faults.push(Fault::new(field, zh, en));
        } else if packed.iter().take(at).any(|before| before.line_no == one.line_no) {
            let zh = format!("第 {} 行重复，请合并为一项。", one.line_no);
            let en = format!("Line {} is packed twice; put its boxes into one entry.", one.line_no);
            faults.push(Fault::new(field, zh, en));
        }
    }
}

/// Before the region's date a package may lack its code; pieces and granules never need one.
///
/// Rule: DS-02, DS-03 — One trace code for every package, kinds that are exempt apart
fn trace_codes(
    line: &Line,
    packed: &PackedLine,
    at: usize,
    (policy, day): (&TracePolicy, NaiveDate),
    faults: &mut Vec<Fault>,
) {
    if policy.exempts(line.kind) {
        return;
    }
    let field = format!("lines[{at}].boxes");
    let Some(quantity) = line.quantity.as_whole() else {
        let zh = format!("处方数量 {} 不是整数包装，不能拆零调配。", line.quantity);
        let en = format!(
            "{} packages are prescribed; parts of a pack cannot be dispensed.",
            line.quantity
        );
        faults.push(Fault::new(field, zh, en));
        return;
    };
    let scanned = i64::try_from(packed.boxes.len()).unwrap_or(i64::MAX);
    let missing = scanned < quantity && policy.requires(line.kind, day);
    if scanned > quantity || missing {
        let zh = format!(
            "第 {} 行处方 {quantity} 盒，扫码 {scanned} 盒，请每盒扫码且数量一致。",
            line.line_no
        );
        let en = format!(
            "Line {}: {quantity} packages prescribed, {scanned} scanned; scan every one.",
            line.line_no
        );
        faults.push(Fault::new(field, zh, en));
    }
}

fn price(packed: &PackedLine, at: usize, faults: &mut Vec<Fault>) {
    if packed.unit_price.micro() <= 0 {
        let zh = "单价须大于 0 元。";
        let en = "The price of a package must be above 0 yuan.";
        faults.push(Fault::new(format!("lines[{at}].unit_price"), zh, en));
    }
}

/// The printed date is the last day of use.
fn expiry(packed: &PackedLine, at: usize, day: NaiveDate, faults: &mut Vec<Fault>) {
    for (box_at, one) in packed.boxes.iter().enumerate().filter(|(_, one)| one.expires_on < day) {
        let field = format!("lines[{at}].boxes[{box_at}].expires_on");
        let zh = format!("该盒 {} 已过有效期，请换一盒。", one.expires_on);
        let en = format!("This box expired on {}; take another one.", one.expires_on);
        faults.push(Fault::new(field, zh, en));
    }
}

/// Parts of one opened package share its code; together they fit it.
///
/// Rule: DS-04 — A code stands for one package: twice in one packing is a mistake
fn each_code_once(packed: &[PackedLine], ground: &Ground<'_>, faults: &mut Vec<Fault>) {
    let mut seen = HashMap::new();
    for (at, line) in packed.iter().enumerate() {
        for (box_at, one) in line.boxes.iter().enumerate() {
            let field = || format!("lines[{at}].boxes[{box_at}].trace_code");
            let Some(first_is_part) = seen.insert(&one.trace_code, one.units.is_some()) else {
                continue;
            };
            if !(first_is_part && one.units.is_some()) {
                let zh = "同一追溯码扫了两次，请扫另一盒。";
                let en = "This code was scanned twice; scan the other box.";
                faults.push(Fault::new(field(), zh, en));
                continue;
            }
            let now = taken_now(packed, &one.trace_code);
            if let PackFit::TooMuch { left } = pack_fit(0, now, ground.units_per_pack(line)) {
                let zh = format!("拆零合计超过该盒数量（{left}），请另开一盒。");
                let en =
                    format!("Together more than the {left} units of this package: open another.");
                faults.push(Fault::new(field(), zh, en));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{day, facts, knowledge, lhasa, line, piece};
    use super::*;
    use crate::money::{Quantity, Yuan};
    use crate::prescription::{NotATraceCode, PackedBox, TraceCode};

    fn boxes(codes: &[&str], expires_on: &str) -> Vec<PackedBox> {
        let one = |code: &&str| PackedBox {
            trace_code: code.parse().expect("code"),
            lot: "L1".parse().unwrap(),
            expires_on: day(expires_on),
            units: None,
        };
        codes.iter().map(one).collect()
    }
    fn packed(line_no: i32, codes: &[&str]) -> PackedLine {
        let boxes = boxes(codes, "2027-06-30");
        PackedLine { line_no, unit_price: Yuan::from_fen(1860), boxes, product: None }
    }
    fn two_boxes() -> Facts {
        let tablets =
            Line { quantity: Quantity::whole(2), ..line(1, "阿司匹林肠溶片", "肠溶片") };
        Facts { lines: vec![tablets, line(2, "二甲双胍片", "片剂")], ..facts() }
    }
    fn fields(facts: &Facts, packed: &[PackedLine], on: &str) -> Vec<String> {
        let (knowledge, day) = (knowledge(), day(on));
        let (catalogue, registry) = (&*knowledge.catalogue, &*knowledge.registry);
        let ground = Ground { region: lhasa(), catalogue, registry, day };
        let out = packing(facts, packed, &ground);
        out.faults.iter().map(|fault| fault.field.to_string()).collect()
    }
    const A: &str = "80000010000000000017";
    const B: &str = "80000010000000000024";

    // proves: DS-02
    #[test]
    fn every_package_has_its_code_and_every_line_is_packed_at_most_once() {
        let facts = two_boxes();
        for (lines, expected) in [
            (vec![packed(1, &[A, B])], &[][..]),
            (vec![packed(1, &[A, B]), packed(2, &["(01)06901234567892(21)1"])], &[]),
            (vec![], &["lines"]),
            (vec![packed(1, &[A])], &["lines[0].boxes"]),
            (vec![packed(2, &[A, B])], &["lines[0].boxes"]),
            (vec![packed(3, &[])], &["lines[0].line_no"]),
            (vec![packed(2, &[A]), packed(2, &[B])], &["lines[1].line_no"]),
        ] {
            assert_eq!(fields(&facts, &lines, "2026-01-05"), expected);
        }
    }

    // proves: DS-02
    #[test]
    fn before_the_date_a_package_may_lack_its_code_but_none_is_too_many() {
        let facts = two_boxes();
        assert!(fields(&facts, &[packed(1, &[])], "2025-12-31").is_empty());
        assert_eq!(fields(&facts, &[packed(1, &[])], "2026-01-01"), ["lines[0].boxes"]);
        assert_eq!(fields(&facts, &[packed(2, &[A, B])], "2025-12-31"), ["lines[0].boxes"]);
    }

    // proves: DS-03
    #[test]
    fn a_decoction_piece_needs_no_code() {
        let facts = Facts { lines: vec![piece(1, "黄芪")], ..facts() };
        assert!(fields(&facts, &[packed(1, &[])], "2026-01-05").is_empty());
    }

    // proves: DS-04
    #[test]
    fn the_same_box_twice_in_one_packing_is_asked_for_again() {
        assert_eq!(
            fields(&two_boxes(), &[packed(1, &[A, A])], "2026-01-05"),
            ["lines[0].boxes[1].trace_code"]
        );
    }

    #[test]
    fn an_expired_box_and_a_price_of_nothing_are_named() {
        let free = PackedLine { unit_price: Yuan::ZERO, ..packed(2, &[A]) };
        assert_eq!(fields(&two_boxes(), &[free], "2026-01-05"), ["lines[0].unit_price"]);
        assert!(fields(&two_boxes(), &[packed(2, &[A])], "2027-06-30").is_empty());
        assert_eq!(
            fields(&two_boxes(), &[packed(2, &[A])], "2027-07-01"),
            ["lines[0].boxes[0].expires_on"]
        );
    }

    // proves: DS-05
    #[test]
    fn national_gs1_and_makers_own_codes_pass_and_only_nonsense_does_not() {
        for (code, identifier) in
            [(A, Some("8000001")), ("(01)06901234567892(21)1", None), ("MAKER-0001", None)]
        {
            let code: TraceCode = code.parse().expect("a code");
            assert_eq!(code.drug_identifier(), identifier, "{code}");
        }
        for text in ["", "1234567", "8385 7930000000000017", "追溯码追溯码追溯码"] {
            assert_eq!(text.parse::<TraceCode>(), Err(NotATraceCode), "{text}");
        }
    }
}
