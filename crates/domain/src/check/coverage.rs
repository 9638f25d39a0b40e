//! Does the fund pay a line at all, and on what terms: by the catalogue edition of one day.
//!
//! Judged twice: on the day of issue for the hospital's answer, on the day of settlement for the
//! money (CAT-02). Knows no
//! price and no year total. Serves CAT-11.

use chrono::NaiveDate;

use super::listing::{self, Row};
use super::{Occasion, herbal, in_hand, insured, path, points, restriction, standard};
use crate::catalogue::{Catalogue, Class, Edition, Item, LocalItem};
use crate::finding::{Finding, Severity, in_order};
use crate::money::{Ratio, Yuan};
use crate::prescription::{Facts, ItemKind, Line};
use crate::region::{Path, Region};
use crate::register::Entries;

/// The terms of every line, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage {
    /// One per line of the prescription, in its order.
    pub lines: Vec<LineCoverage>,
    pub findings: Vec<Finding>,
    /// Id of the edition; empty when none is in force on the day.
    pub edition: Box<str>,
    /// Registered kinds of the two-disease scheme, as a policy's `cap_by_kind` names them.
    pub kinds: Vec<&'static str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineCoverage {
    pub line_no: i32,
    /// The fund pays at all.
    pub payable: bool,
    pub first_self_pay: Ratio,
    /// Payment standard per package, if one is known (PRC-01, PRC-02).
    pub standard: Option<Yuan>,
    /// The standard is the selected price of centralized procurement: what is really packed may have another (PRC-03).
    pub is_selected_price: bool,
    /// Listing and restriction were read in a copy of this edition, not carried over or unknown.
    pub verified: bool,
    /// A dual-channel drug with payment of its own (DC-02).
    pub separate: bool,
    /// How the fund pays; none: it does not.
    pub path: Option<Path>,
}

/// What every rule about paying looks at.
pub(super) struct Scene<'a> {
    pub facts: &'a Facts,
    pub region: &'a Region,
    pub catalogue: &'a Catalogue,
    pub edition: &'a Edition,
    pub day: NaiveDate,
}

/// The fund's terms for each line by the edition of the day, and by the registers where they are given.
///
/// A line that is refused, held or left to the patient is not payable; findings say why.
pub fn coverage(occasion: &Occasion<'_>) -> Coverage {
    let mut covered = by_list(occasion);
    points::ineligible_meanwhile(occasion, &mut covered.findings);
    if let Some(entries) = occasion.person {
        by_registers(occasion, entries, &mut covered);
    }
    path::exists(occasion, &mut covered);
    occasion.region.rules.apply_all(&mut covered.findings);
    in_order(&mut covered.findings);
    covered.withhold();
    covered
}

impl Coverage {
    /// As the region takes the findings: one on trial keeps nothing from the fund.
    pub(super) fn withhold(&mut self) {
        for line in &mut self.lines {
            line.payable &= !self.findings.iter().any(|one| one.withholds(line.line_no));
        }
    }

    /// What somebody allowed is held no more: it stays on the list as a warning, and the line is paid if nothing else says no.
    pub fn allow(&mut self, is_allowed: impl Fn(&Finding) -> bool) {
        let holding = self.findings.iter_mut().filter(|one| one.severity == Severity::Hold);
        for finding in holding {
            if is_allowed(finding) {
                finding.severity = Severity::Warn;
            }
        }
        for line in &mut self.lines {
            line.payable = line.path.is_some();
        }
        self.withhold();
    }
}

/// What the registers say of the person, and which path each line takes by them.
pub(super) fn by_registers(occasion: &Occasion<'_>, entries: Entries<'_>, covered: &mut Coverage) {
    insured::active(occasion, entries, &mut covered.findings);
    covered.kinds = path::by_registers(occasion, entries, covered);
    in_hand::days_in_hand(occasion, entries, &mut covered.findings);
}

/// What edition, restrictions and area say, whoever the person is; the region's modes are not applied yet.
pub(super) fn by_list(occasion: &Occasion<'_>) -> Coverage {
    let Occasion { facts, region, day, .. } = *occasion;
    let catalogue = &*occasion.knowledge.catalogue;
    let mut findings = Vec::new();
    path::by_attribute(facts, &mut findings);
    insured::same_pool(occasion, &mut findings);
    let Some(edition) = catalogue.edition_on(day) else {
        let zh = format!("{day} 没有生效的国家医保药品目录版本，全部自费。");
        let en = format!("No edition of the national drug list is loaded for {day}.");
        findings.push(Finding::new("CAT-01", Severity::SelfPay, zh, en));
        let lines = facts.lines.iter().map(|line| unpaid(line.line_no)).collect();
        return Coverage { lines, findings, edition: "".into(), kinds: Vec::new() };
    };
    let scene = Scene { facts, region, catalogue, edition, day };
    let each = facts.lines.iter();
    let rows: Vec<Row<'_>> = each.map(|line| listing::row(line, &scene, &mut findings)).collect();
    herbal::not_alone(facts, &rows, edition, &mut findings);
    let lines = facts.lines.iter().zip(&rows);
    let lines = lines.map(|(line, row)| match row {
        Row::National(item) => terms(line, item, &scene, &mut findings),
        Row::Local(item) => local_terms(line, item, &scene),
        Row::None => unpaid(line.line_no),
    });
    let lines = lines.collect();
    Coverage { lines, findings, edition: (*edition.id).into(), kinds: Vec::new() }
}

fn unpaid(line_no: i32) -> LineCoverage {
    LineCoverage {
        line_no,
        payable: false,
        first_self_pay: Ratio::ZERO,
        standard: None,
        is_selected_price: false,
        verified: true,
        separate: false,
        path: None,
    }
}

fn terms(line: &Line, item: &Item, scene: &Scene<'_>, found: &mut Vec<Finding>) -> LineCoverage {
    let in_force = listing::standing(line, item, scene, found);
    let met = restriction::restriction(line, item, found);
    restriction::said_to_be_met(line, item, scene, found);
    let payable = in_force && met;
    let standard = if payable { standard::per_package(line, item, scene, found) } else { None };
    LineCoverage {
        line_no: line.line_no,
        payable: true,
        first_self_pay: first_self_pay(line, item, scene.region),
        standard,
        is_selected_price: standard.is_some() && !item.part.is_negotiated(),
        verified: item.is_verified(),
        separate: path::is_separate(line, item, scene),
        path: ordinary_path(line, item, scene, found),
    }
}

/// An item of the province's own list: its class, or the region's share for what the list does not class.
fn local_terms(line: &Line, item: &LocalItem, scene: &Scene<'_>) -> LineCoverage {
    let shares = &scene.region.first_self_pay;
    let first_self_pay = match item.class {
        Some(Class::A) => Ratio::ZERO,
        Some(Class::B) => shares.class_b.value,
        None => shares.local_item.value,
    };
    let path = Path::of(scene.facts.attribute);
    LineCoverage { payable: true, first_self_pay, path, ..unpaid(line.line_no) }
}

/// The path without any register.
fn ordinary_path(
    line: &Line,
    item: &Item,
    scene: &Scene<'_>,
    found: &mut Vec<Finding>,
) -> Option<Path> {
    let path = Path::of(scene.facts.attribute)?;
    let dual = path == Path::DualChannel;
    let listed = !dual || path::is_dual_channel(line, item, scene, found);
    Some(if listed { path } else { Path::OutpatientPooling })
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
