//! Is the person insured, and does the fund of this place pay for somebody of that place?
//!
//! Knows no drug. Serves BEN-01, RTE-04, RTE-05.

use super::Occasion;
use crate::finding::{Finding, Severity};
use crate::region::Keeping;
use crate::register::{Entries, Insured, InsuredStatus, Register};

/// Rule: BEN-01 — Insured on the day: active, past the waiting time, of the kind that is stated
pub(super) fn active(occasion: &Occasion<'_>, entries: Entries<'_>, found: &mut Vec<Finding>) {
    let keeping = occasion.region.registers.insured.value;
    if keeping == Keeping::NotKept {
        return;
    }
    let facts = occasion.facts;
    let of_area = entries.insured(occasion.day).filter(|(entry, _)| {
        entry.area == facts.insured_area || occasion.region.pools_with(&entry.area, facts.insurance)
    });
    let all: Vec<&Insured> = of_area.map(|(_, insured)| insured).collect();
    let stated = |one: &&&Insured| one.insurance == facts.insurance;
    if all.iter().any(|one| one.insurance == facts.insurance && is_active(one)) {
        return;
    }
    found.push(match (all.iter().find(stated), all.is_empty()) {
        (Some(one), _) => not_active(one.status),
        (None, false) => {
            let zh = "参保登记的险种与处方所填不一致，暂按自费；请核对险种后重新开具。";
            let en = "Registered for another kind of insurance than stated: self-pay; correct the kind and issue it anew.";
            ben_01(Severity::SelfPay, zh, en)
        }
        (None, true) if keeping == Keeping::Core => return,
        (None, true) if occasion.as_of(Register::Insured).is_none() => {
            let zh = "本地区参保登记尚未导入，医保支付暂缓；请经办机构导入后确认。";
            let en = "The register of insured persons is not loaded: payment waits for the agency.";
            ben_01(Severity::Hold, zh, en)
        }
        (None, true) => {
            let zh = "当日无有效参保登记，自费；如有疑问请患者到经办机构核实。";
            let en = "Not insured on the day by the register: self-pay; the agency can tell why.";
            ben_01(Severity::SelfPay, zh, en)
        }
    });
}

fn is_active(insured: &Insured) -> bool {
    insured.status == InsuredStatus::Active
}

fn not_active(status: InsuredStatus) -> Finding {
    let (zh, en) = match status {
        InsuredStatus::Waiting => (
            "参保尚在待遇等待期，自费。",
            "Insured, but still in the waiting time: the patient pays.",
        ),
        InsuredStatus::Suspended | InsuredStatus::Active => (
            "参保欠费，待遇暂停，自费；补缴后可恢复。",
            "Contributions are in arrears: the patient pays until they are made good.",
        ),
    };
    ben_01(Severity::SelfPay, zh, en)
}

fn ben_01(severity: Severity, zh: &str, en: &str) -> Finding {
    Finding::new("BEN-01", severity, zh, en)
}

/// Rule: RTE-04 — The pooled fund pays only for persons of its own pooling area
pub(super) fn same_pool(occasion: &Occasion<'_>, found: &mut Vec<Finding>) {
    let (facts, region) = (occasion.facts, occasion.region);
    if region.pools_with(&facts.insured_area, facts.insurance) {
        return;
    }
    if region.pooling.remote_from.value.holds_on(occasion.day) {
        return remote(occasion, found);
    }
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

/// Rule: RTE-05 — Of another area: filed beforehand, paid by the terms of the place of insurance
fn remote(occasion: &Occasion<'_>, found: &mut Vec<Finding>) {
    let facts = occasion.facts;
    if !facts.circumstances.remote_filed {
        let zh = "异地参保人未办理异地就医备案，自费；请先在参保地备案。";
        let en = "Insured elsewhere and not filed (异地就医备案): the patient pays; file first.";
        found.push(Finding::new("RTE-05", Severity::SelfPay, zh, en));
    } else if occasion.knowledge.region(&facts.insured_area, occasion.day).is_none() {
        let zh = format!("参保地 {} 的待遇政策未配置，暂按自费。", facts.insured_area);
        let en = format!("No policy of the place of insurance {} is loaded.", facts.insured_area);
        found.push(Finding::new("RTE-05", Severity::SelfPay, zh, en));
    }
}
