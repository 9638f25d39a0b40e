//! Decoction pieces, dispensing granules and institution preparations: paid and circulated by rules
//! of their own.
//!
//! Knows no provincial list: Tibet's list of preparations is not public. Serves CAT-08, CAT-09.

use super::coverage::{Scene, by};
use super::listing::Row;
use crate::catalogue::{Edition, Found};
use crate::finding::{Finding, Severity};
use crate::prescription::{Facts, ItemKind, Line};

/// The form under which decoction pieces are looked up.
pub(super) const PIECE: &str = "饮片";

/// Ends of a granule's name; longer first.
const GRANULE_ENDS: &[&str] = &["中药配方颗粒", "配方颗粒", "颗粒"];

/// A granule is paid as the piece it is made from is paid.
///
/// Rule: CAT-09 — Granules are paid like class B from the day the province set
pub(super) fn piece_of_granule<'a>(
    line: &Line,
    scene: &Scene<'a>,
    found: &mut Vec<Finding>,
) -> Found<'a> {
    let from = scene.region.granules.payable_from.value;
    if scene.day < from {
        let zh = format!("中药配方颗粒自 {from} 起方可支付，自费。");
        let en = format!("Granules are paid from {from} on: the patient pays.");
        found.push(by(scene.edition, line, "CAT-09", Severity::SelfPay, (zh, en)));
    }
    let name = line.generic_name.trim();
    let stem = GRANULE_ENDS.iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
    scene.edition.find(stem, Some(PIECE))
}

/// Rule: CAT-09 — Pieces marked 单独使用时不予支付 are not paid alone nor among themselves
pub(super) fn not_alone(
    facts: &Facts,
    rows: &[Row<'_>],
    edition: &Edition,
    found: &mut Vec<Finding>,
) {
    if rows.is_empty() || !rows.iter().all(Row::is_not_alone) {
        return;
    }
    let zh = "单独使用时不予支付的饮片（颗粒），且全方均由此类组成，自费。";
    let en = "Not paid alone, and the whole prescription is of such items: the patient pays.";
    let each = facts.lines.iter();
    found.extend(each.map(|line| by(edition, line, "CAT-09", Severity::SelfPay, (zh, en))));
}

/// Rule: CAT-08 — An institution preparation is paid only in the institutions named for it
pub(super) fn preparation_is_self_pay(line: &Line) -> Finding {
    let zh = "医疗机构制剂仅在指定医疗机构支付，外配自费。";
    let en = "A preparation is paid only in the institutions named for it: self-pay.";
    Finding::new("CAT-08", Severity::SelfPay, zh, en).on_line(line.line_no)
}

/// Rule: CAT-08 — The hospital hears at once that no retail pharmacy may serve a preparation
pub(super) fn preparation(facts: &Facts, found: &mut Vec<Finding>) {
    let such = facts.lines.iter().filter(|line| line.kind == ItemKind::InstitutionPreparation);
    let zh = "医疗机构制剂不得流转至零售药店，任何药店都不能接此处方，请在院内调配。";
    let en =
        "A preparation is not dispensed by retail pharmacies: none can serve this prescription.";
    found.extend(
        such.map(|line| Finding::new("CAT-08", Severity::Warn, zh, en).on_line(line.line_no)),
    );
}
