//! Which benefit path a line takes: ordinary dual channel, separate payment, outpatient pooling, a registered disease.
//!
//! Knows no ratio and no cap (see [`crate::region::BenefitPath`]). Serves RX-13, DC-01, DC-02.

use super::coverage::{Scene, of};
use super::disease::{self, Registered};
use super::entitlement::{Entitled, entitled};
use super::{Coverage, Occasion};
use crate::catalogue::{DualChannelDrug, Item, Listed};
use crate::finding::{Finding, Severity};
use crate::prescription::{Facts, Line, RxAttribute};
use crate::region::{Path, SeparatePayment};
use crate::register::Entries;

/// Rule: RX-13 — The attribute picks the benefit path; other has none
pub(super) fn by_attribute(facts: &Facts, found: &mut Vec<Finding>) {
    if facts.attribute == RxAttribute::Other {
        let zh = "处方属性为其他，无统筹待遇，全部自费。";
        let en = "The attribute is other: no pooled benefit, the patient pays.";
        found.push(Finding::new("RX-13", Severity::SelfPay, zh, en));
    }
}

/// Rule: DC-02 — Dual-channel drugs are of two groups: paid like class B, or separately
pub(super) fn is_separate(line: &Line, item: &Item, scene: &Scene<'_>) -> bool {
    if scene.facts.attribute != RxAttribute::DualChannel {
        return false;
    }
    match scene.region.dual_channel.separate_payment.value {
        SeparatePayment::None => false,
        SeparatePayment::Negotiated => item.part.is_negotiated(),
        SeparatePayment::Listed => match listed(line, scene) {
            Listed::Yes(drug) => drug.separate_payment,
            Listed::No | Listed::Unverified => false,
        },
    }
}

/// Rule: DC-01 — A drug that is no dual-channel drug of the province goes the ordinary way
pub(super) fn is_dual_channel(
    line: &Line,
    item: &Item,
    scene: &Scene<'_>,
    found: &mut Vec<Finding>,
) -> bool {
    let (is, zh, en) = match scene.region.dual_channel.separate_payment.value {
        // No list is known here: what the hospital says stands.
        SeparatePayment::None => return true,
        SeparatePayment::Negotiated => (
            item.part.is_negotiated(),
            "双通道药品均为谈判（竞价）药品；该药按普通门诊统筹支付。",
            "Dual-channel drugs are negotiated ones: this one is paid as ordinary outpatient pooling.",
        ),
        SeparatePayment::Listed => match listed(line, scene) {
            Listed::Yes(_) => return true,
            Listed::No => (
                false,
                "不是本省双通道药品，按普通门诊统筹支付。",
                "Not a dual-channel drug of this province: paid as ordinary outpatient pooling.",
            ),
            Listed::Unverified => (
                item.part.is_negotiated(),
                "本省双通道目录不全，未能核实；暂按是否为谈判药品处理。",
                "The province's dual-channel list is not complete here: negotiated drugs are taken for it.",
            ),
        },
    };
    if !is {
        found.push(of(item, line, "DC-01", Severity::Warn, (zh, en)));
    }
    is
}

fn listed<'a>(line: &Line, scene: &Scene<'a>) -> Listed<&'a DualChannelDrug> {
    let drug = (&*line.generic_name, &*line.dosage_form);
    scene.catalogue.dual_channel(scene.region.province.as_str(), drug, scene.day)
}

/// Sets the path of every line from what the registers say of the person.
pub(super) fn by_registers(
    occasion: &Occasion<'_>,
    entries: Entries<'_>,
    covered: &mut Coverage,
) -> Vec<&'static str> {
    let mut found = Vec::new();
    let pooling = occasion.facts.attribute == RxAttribute::OutpatientPooling;
    let registered = match pooling {
        true => disease::registered(occasion, entries, &mut found),
        false => Registered::default(),
    };
    for (line, terms) in occasion.facts.lines.iter().zip(&mut covered.lines) {
        if terms.separate && entitled(line, occasion, entries, &mut found) == Entitled::Yes {
            terms.path = Some(Path::SeparatePayment);
        } else if terms.path == Some(Path::OutpatientPooling)
            && let Some(path) = registered.path(line)
        {
            terms.path = Some(path);
        }
    }
    covered.findings.append(&mut found);
    registered.kinds()
}

/// A path that the area does not have for this kind of insurance pays nothing.
pub(super) fn exists(occasion: &Occasion<'_>, covered: &mut Coverage) {
    let facts = occasion.facts;
    let region = match occasion.region.pools_with(&facts.insured_area, facts.insurance) {
        true => Some(occasion.region),
        // RTE-05: the benefits are those of the place of insurance.
        false => occasion.knowledge.region(&facts.insured_area, occasion.day),
    };
    let Some(region) = region else { return };
    for terms in &covered.lines {
        let Some(path) = terms.path.filter(|path| region.path(*path, facts.insurance).is_none())
        else {
            continue;
        };
        let zh = "参保地对该险种无此项待遇，自费。";
        let en = "The area has no such benefit for this kind of insurance: the patient pays.";
        let finding = Finding::new("RX-13", Severity::SelfPay, zh, en);
        covered.findings.push(finding.on_line(terms.line_no).because(path.key()));
    }
}
