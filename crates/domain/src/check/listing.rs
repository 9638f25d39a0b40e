//! Which row a line has in the lists of the day: the national one, the province's own, or none.
//!
//! Knows no restriction and no price. Serves CAT-01, 03, 05, 06, 07, 12.

use super::coverage::{Scene, by, of};
use super::herbal;
use crate::catalogue::{
    Edition, Found, Item, Knowledge, Listed, LocalItem, LocalKind, Part, Standing,
};
use crate::finding::{Finding, Severity};
use crate::prescription::{ItemKind, Line};

/// The row of a line.
#[derive(Clone, Copy, Debug)]
pub(super) enum Row<'a> {
    National(&'a Item),
    Local(&'a LocalItem),
    None,
}

impl Row<'_> {
    /// Not paid alone, nor among its like (CAT-09).
    pub fn is_not_alone(&self) -> bool {
        match self {
            Row::National(item) => item.not_alone,
            Row::Local(item) => item.not_alone,
            Row::None => false,
        }
    }
}

/// Rule: CAT-01 — Listed in the edition of the day, or the patient pays
pub(super) fn row<'a>(line: &Line, scene: &Scene<'a>, found: &mut Vec<Finding>) -> Row<'a> {
    let edition = scene.edition;
    if commercial(line, scene, found) {
        return Row::None;
    }
    let answer = match line.kind {
        ItemKind::Western | ItemKind::ChinesePatent => {
            edition.find(&line.generic_name, Some(&line.dosage_form))
        }
        ItemKind::DecoctionPiece => edition.find(&line.generic_name, Some(herbal::PIECE)),
        ItemKind::Granule => herbal::piece_of_granule(line, scene, found),
        ItemKind::InstitutionPreparation => {
            found.push(herbal::preparation_is_self_pay(line));
            return Row::None;
        }
    };
    match answer {
        Found::One(matched) => {
            unverified_listing(line, matched.item, found);
            Row::National(matched.item)
        }
        Found::Ambiguous(rows) => {
            let zh = "药品名称对应目录中支付条件不同的多个条目，请写明通用名和剂型；暂按自费。";
            let en = "The name fits rows that are paid differently; name drug and form in full.";
            let names: Vec<&str> = rows.iter().map(|row| &*row.printed_name).collect();
            let evidence = names.join(" | ");
            found.push(by(edition, line, "CAT-01", Severity::SelfPay, (zh, en)).because(evidence));
            Row::None
        }
        Found::Nothing => local(line, scene, found),
    }
}

/// Rule: CAT-12 — A drug of the commercial-insurance list is outside basic insurance
fn commercial(line: &Line, scene: &Scene<'_>, found: &mut Vec<Finding>) -> bool {
    let is_drug = matches!(line.kind, ItemKind::Western | ItemKind::ChinesePatent);
    let Some(drug) =
        is_drug.then(|| scene.catalogue.commercial(&line.generic_name, scene.day)).flatten()
    else {
        return false;
    };
    let zh = "商业健康保险创新药品目录内药品，基本医保不予支付，自费；可由商业保险支付。";
    let en = "On the commercial-insurance list: outside basic insurance, the patient or a commercial insurer pays.";
    let brand = drug.brand.clone();
    found.push(by(scene.edition, line, "CAT-12", Severity::SelfPay, (zh, en)).because(brand));
    true
}

/// Rule: CAT-06 — What the national list has not may be an item of the province's own list
fn local<'a>(line: &Line, scene: &Scene<'a>, found: &mut Vec<Finding>) -> Row<'a> {
    let Some(kind) = local_kind(line.kind) else {
        found.push(not_listed(line, scene.edition));
        return Row::None;
    };
    let of =
        |province: &str| scene.catalogue.local_item(province, kind, &line.generic_name, scene.day);
    let (zh, en) = match of(scene.region.province.as_str()) {
        Listed::Yes(item) => return Row::Local(item),
        Listed::No | Listed::Unverified if !line.details.local_item => {
            found.push(elsewhere(line, scene).unwrap_or_else(|| not_listed(line, scene.edition)));
            return Row::None;
        }
        Listed::No => (
            "不在本省民族药、饮片、制剂增补目录内，自费。",
            "Not on the province's own list: the patient pays.",
        ),
        Listed::Unverified => (
            "医院标记为本省增补品种，本系统无本省完整增补目录，未经核实，暂按自费。",
            "Marked as the province's own item; its list is not complete here: unverified, self-pay.",
        ),
    };
    found.push(by(scene.edition, line, "CAT-06", Severity::SelfPay, (zh, en)));
    Row::None
}

/// Rule: CAT-07 — An item of the province of insurance is not paid where another province's list counts
fn elsewhere(line: &Line, scene: &Scene<'_>) -> Option<Finding> {
    let (kind, here) = (local_kind(line.kind)?, scene.region.province.as_str());
    let home = format!("{}0000", scene.facts.insured_area.as_str().get(..2)?);
    if *home == *here {
        return None;
    }
    let listed = scene.catalogue.local_item(&home, kind, &line.generic_name, scene.day);
    let Listed::Yes(_) = listed else { return None };
    let zh = "仅在参保省份的增补目录内；支付按就医地目录执行，自费。";
    let en = "Only on the list of the province of insurance; the list of the place of care counts: self-pay.";
    Some(by(scene.edition, line, "CAT-07", Severity::SelfPay, (zh, en)))
}

/// Under which kind a province could list it.
fn local_kind(kind: ItemKind) -> Option<LocalKind> {
    match kind {
        ItemKind::Western | ItemKind::InstitutionPreparation => None,
        ItemKind::ChinesePatent => Some(LocalKind::EthnicDrug),
        ItemKind::DecoctionPiece => Some(LocalKind::DecoctionPiece),
        ItemKind::Granule => Some(LocalKind::Granule),
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
pub(super) fn standing(
    line: &Line,
    item: &Item,
    scene: &Scene<'_>,
    found: &mut Vec<Finding>,
) -> bool {
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
