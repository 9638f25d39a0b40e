//! Does the fund pay a line at all, and on what terms: by the catalogue edition of one day.
//!
//! Judged twice: on the day of issue for the hospital's answer, on the day of settlement for the
//! money (CAT-02). Knows no
//! price and no year total. Serves CAT-01, 03, 05, 11, RX-13, RTE-04.

use chrono::NaiveDate;

use super::{herbal, restriction, standard};
use crate::catalogue::{Catalogue, Class, Edition, Found, Item, Knowledge, Part, Standing};
use crate::finding::{Finding, Severity};
use crate::money::{Ratio, Yuan};
use crate::prescription::{Facts, ItemKind, Line, RxAttribute};
use crate::region::Region;

/// The terms of every line, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage {
    /// One per line of the prescription, in its order.
    pub lines: Vec<LineCoverage>,
    pub findings: Vec<Finding>,
    /// Id of the edition; empty when none is in force on the day.
    pub edition: Box<str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineCoverage {
    pub line_no: i32,
    /// The fund pays at all.
    pub payable: bool,
    pub first_self_pay: Ratio,
    /// Payment standard per package, if one is known (PRC-01, PRC-02).
    pub standard: Option<Yuan>,
    /// Listing and restriction were read in a copy of this edition, not carried over or unknown.
    pub verified: bool,
}

/// What every rule about paying looks at.
pub(super) struct Scene<'a> {
    pub facts: &'a Facts,
    pub region: &'a Region,
    pub catalogue: &'a Catalogue,
    pub edition: &'a Edition,
    pub day: NaiveDate,
}

/// The fund's terms for each line by the edition of `day`. Findings are `SelfPay` and `Warn` only.
pub fn coverage(facts: &Facts, region: &Region, catalogue: &Catalogue, day: NaiveDate) -> Coverage {
    let mut findings = Vec::new();
    benefit_path(facts, &mut findings);
    same_pool(facts, region, &mut findings);
    let Some(edition) = catalogue.edition_on(day) else {
        let zh = format!("{day} 没有生效的国家医保药品目录版本，全部自费。");
        let en = format!("No edition of the national drug list is loaded for {day}.");
        findings.push(Finding::new("CAT-01", Severity::SelfPay, zh, en));
        region.rules.apply_all(&mut findings);
        let lines = facts.lines.iter().map(|line| unpaid(line.line_no)).collect();
        return Coverage { lines, findings, edition: "".into() };
    };
    let scene = Scene { facts, region, catalogue, edition, day };
    let items: Vec<Option<&Item>> =
        facts.lines.iter().map(|line| listed(line, &scene, &mut findings)).collect();
    herbal::not_alone(facts, &items, edition, &mut findings);
    let lines = facts.lines.iter().zip(&items);
    let lines = lines.map(|(line, item)| match item {
        Some(item) => terms(line, item, &scene, &mut findings),
        None => unpaid(line.line_no),
    });
    let mut lines: Vec<LineCoverage> = lines.collect();
    region.rules.apply_all(&mut findings);
    for line in &mut lines {
        // As the region takes the findings: one on trial keeps nothing from the fund.
        line.payable &= !findings.iter().any(|one| one.is_self_pay(line.line_no));
    }
    Coverage { lines, findings, edition: (*edition.id).into() }
}

fn unpaid(line_no: i32) -> LineCoverage {
    let first_self_pay = Ratio::ZERO;
    LineCoverage { line_no, payable: false, first_self_pay, standard: None, verified: true }
}

fn terms(line: &Line, item: &Item, scene: &Scene<'_>, found: &mut Vec<Finding>) -> LineCoverage {
    let in_force = standing(line, item, scene, found);
    let met = restriction::restriction(line, item, found);
    restriction::said_to_be_met(line, item, scene, found);
    let payable = in_force && met;
    LineCoverage {
        line_no: line.line_no,
        payable: true,
        first_self_pay: first_self_pay(line, item, scene.region),
        standard: payable.then(|| standard::per_package(line, item, scene, found)).flatten(),
        verified: item.is_verified(),
    }
}

/// Rule: RX-13 — The attribute picks the benefit path; other has none
fn benefit_path(facts: &Facts, found: &mut Vec<Finding>) {
    if facts.attribute == RxAttribute::Other {
        let zh = "处方属性为其他，无统筹待遇，全部自费。";
        let en = "The attribute is other: no pooled benefit, the patient pays.";
        found.push(Finding::new("RX-13", Severity::SelfPay, zh, en));
    }
}

/// Rule: RTE-04 — The pooled fund pays only for persons of its own pooling area
fn same_pool(facts: &Facts, region: &Region, found: &mut Vec<Finding>) {
    if !region.pools_with(&facts.insured_area, facts.insurance) {
        let zh = format!(
            "参保地 {} 与开方统筹区 {} 不同，暂不支持统筹支付。",
            facts.insured_area, region.area
        );
        let en = format!(
            "Insured in {}, prescribed in {}: the pooled fund does not pay across areas.",
            facts.insured_area, region.area
        );
        found.push(Finding::new("RTE-04", Severity::SelfPay, zh, en));
    }
}

/// Rule: CAT-01 — Listed in the edition of the day, or the patient pays
fn listed<'a>(line: &Line, scene: &Scene<'a>, found: &mut Vec<Finding>) -> Option<&'a Item> {
    let edition = scene.edition;
    let answer = match line.kind {
        ItemKind::Western | ItemKind::ChinesePatent => {
            edition.find(&line.generic_name, Some(&line.dosage_form))
        }
        ItemKind::DecoctionPiece => edition.find(&line.generic_name, Some(herbal::PIECE)),
        ItemKind::Granule => herbal::piece_of_granule(line, scene, found),
        ItemKind::InstitutionPreparation => {
            found.push(herbal::preparation_is_self_pay(line));
            return None;
        }
    };
    match answer {
        Found::One(matched) => {
            unverified_listing(line, matched.item, found);
            Some(matched.item)
        }
        Found::Ambiguous(rows) => {
            let zh = "药品名称对应目录中支付条件不同的多个条目，请写明通用名和剂型；暂按自费。";
            let en = "The name fits rows that are paid differently; name drug and form in full.";
            let names: Vec<&str> = rows.iter().map(|row| &*row.printed_name).collect();
            let evidence = names.join(" | ");
            found.push(by(edition, line, "CAT-01", Severity::SelfPay, (zh, en)).because(evidence));
            None
        }
        Found::Nothing => {
            found.push(not_listed(line, edition));
            None
        }
    }
}

fn not_listed(line: &Line, edition: &Edition) -> Finding {
    let parts: &[Part] = match line.kind {
        ItemKind::Western => &[Part::Western, Part::NegotiatedWestern, Part::Bid],
        ItemKind::ChinesePatent => &[Part::ChinesePatent, Part::NegotiatedChinesePatent],
        ItemKind::DecoctionPiece | ItemKind::Granule => &[Part::DecoctionPiece],
        ItemKind::InstitutionPreparation => &[],
    };
    let (zh, en) = if parts.iter().all(|part| edition.knows_all_of(*part)) {
        (
            "不在当日有效的国家医保药品目录内，自费。",
            "Not in the national drug list of the day: the patient pays.",
        )
    } else {
        (
            "目录中未找到；本系统该部分目录不全，未经核实，暂按自费。",
            "Not found, but this part of the list is incomplete here: unverified, self-pay.",
        )
    };
    let name = format!("{} {}", line.generic_name, line.dosage_form);
    by(edition, line, "CAT-01", Severity::SelfPay, (zh, en)).because(name)
}

fn unverified_listing(line: &Line, item: &Item, found: &mut Vec<Finding>) {
    if item.listing != Knowledge::Known {
        let zh = "该药品是否在本版目录内未经核实（沿用上版），请经办机构确认。";
        let en =
            "Whether this edition lists the drug is unverified (carried over from the one before).";
        found.push(of(item, line, "CAT-01", Severity::Warn, (zh, en)));
    }
}

/// Rule: CAT-03, CAT-05 — Within the agreement, or within the transition after it
fn standing(line: &Line, item: &Item, scene: &Scene<'_>, found: &mut Vec<Finding>) -> bool {
    match item.standing_on(scene.day) {
        Standing::InForce => true,
        Standing::InTransition { until } => {
            let zh = format!("协议未续签，过渡期内按原支付标准支付，{until} 起停止支付。");
            let en =
                format!("The agreement was not renewed: paid at the old standard before {until}.");
            found.push(of(item, line, "CAT-03", Severity::Warn, (zh, en)));
            true
        }
        Standing::OutsideAgreement => {
            let rule = if item.transition_until.is_some() { "CAT-03" } else { "CAT-05" };
            let zh = "不在谈判（竞价）协议有效期内，自费。";
            let en = "Outside the period of the agreement: the patient pays.";
            let period =
                item.agreement.map_or(String::new(), |a| format!("[{}, {})", a.from, a.to));
            found.push(of(item, line, rule, Severity::SelfPay, (zh, en)).because(period));
            false
        }
        Standing::Excluded => {
            let zh = "目录明确不予支付，自费。";
            let en = "The list names it as not payable: the patient pays.";
            found.push(of(item, line, "CAT-01", Severity::SelfPay, (zh, en)));
            false
        }
    }
}

/// Rule: CAT-11 — Class A has no first self-pay; class B and negotiated drugs have the region's
fn first_self_pay(line: &Line, item: &Item, region: &Region) -> Ratio {
    let shares = &region.first_self_pay;
    match item.class {
        _ if item.part.is_negotiated() => shares.negotiated.value,
        _ if line.kind == ItemKind::Granule => shares.class_b.value,
        Some(Class::A) => Ratio::ZERO,
        Some(Class::B) => shares.class_b.value,
        None => shares.decoction_piece.value,
    }
}

/// A finding about one line, judged by an edition.
pub(super) fn by(
    edition: &Edition,
    line: &Line,
    rule: &str,
    severity: Severity,
    (zh, en): (impl Into<Box<str>>, impl Into<Box<str>>),
) -> Finding {
    Finding::new(rule, severity, zh, en).on_line(line.line_no).by_edition(&edition.id)
}

/// A finding about one line and its row in the list.
pub(super) fn of(
    item: &Item,
    line: &Line,
    rule: &str,
    severity: Severity,
    (zh, en): (impl Into<Box<str>>, impl Into<Box<str>>),
) -> Finding {
    Finding::new(rule, severity, zh, en).on_line(line.line_no).by_edition(&item.edition)
}
