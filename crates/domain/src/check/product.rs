//! The product that a pharmacy took from the shelf, beside the line and beside what its trace codes say.
//!
//! Any maker's product of the same generic name, form and spec will do (RX-08); nothing else will. An identifier that no
//! product file knows proves nothing. Serves RV-05, DS-06.

use super::packing::{Ground, Packing};
use crate::catalogue::Product;
use crate::finding::{Finding, Severity};
use crate::prescription::{Line, PackedBox, PackedLine, ProductKey};
use crate::refusal::Fault;

/// Rule: RV-05 — No change of drug: the same generic name, form and spec; another maker's with its reason
pub(super) fn same_drug(line: &Line, packed: &PackedLine, at: usize, out: &mut Packing) {
    let Some(product) = &packed.product else { return };
    let field = |member: &str| format!("lines[{at}].product.{member}");
    if product.key() != line.product_key() {
        let zh = "与处方的通用名、剂型、规格不一致，不得替换；请换同通用名同规格的药品或联系医师。";
        let en =
            "Another generic name, form or spec than prescribed: take the same, or ask the doctor.";
        out.faults.push(Fault::new(field("generic_name"), zh, en));
    }
    if product.maker.trim().is_empty() {
        let zh = "缺少生产企业。";
        out.faults.push(Fault::new(field("maker"), zh, "The maker is missing."));
    }
    let other =
        matches!((&product.drug_code, &line.drug_code), (Some(one), Some(other)) if one != other);
    if other && product.reason.as_deref().is_none_or(|reason| reason.trim().is_empty()) {
        let zh = "实配药品代码与处方不同，请填写原因（如无货、患者选择）。";
        let en =
            "Another national code than prescribed: say why (out of stock, the patient's choice).";
        out.faults.push(Fault::new(field("reason"), zh, en));
    }
}

/// Rule: DS-06 — The identifier in a trace code is that of the drug on the line; no box is recalled
pub(super) fn boxes(
    line: &Line,
    packed: &PackedLine,
    at: usize,
    ground: &Ground<'_>,
    out: &mut Packing,
) {
    if packed.boxes.is_empty() {
        return;
    }
    let key = line.product_key();
    let code =
        packed.product.as_ref().map_or(line.drug_code.as_deref(), |one| one.drug_code.as_deref());
    let mut unknown = 0_usize;
    for (box_at, one) in packed.boxes.iter().enumerate() {
        let field = format!("lines[{at}].boxes[{box_at}].trace_code");
        match ground.product_of(one) {
            Some(product) if !is_same(product, &key) => {
                let name = &product.generic_name;
                let zh = format!("追溯码属于 {name} {}，与处方药品不符，请换一盒。", product.spec);
                let en = format!(
                    "The code is that of {name} {}: take a box of the line's drug.",
                    product.spec
                );
                out.faults.push(Fault::new(field, zh, en));
            }
            Some(_) => {}
            None => unknown += 1,
        }
        if let Some(recall) = ground.registry.recalls.of(one, code, ground.day) {
            let notice = &recall.notice;
            let zh = format!("该批次已召回（{notice}），请换一盒并封存。");
            let en = format!(
                "This lot is recalled ({notice}): take another box and put this one aside."
            );
            out.faults.push(Fault::new(format!("lines[{at}].boxes[{box_at}].lot"), zh, en));
        }
    }
    if unknown > 0 {
        let zh = format!("{unknown} 盒的追溯码标识不在产品库内，药品一致性未经核实。");
        let en = format!("{unknown} boxes: the identifier is in no product file here: unverified.");
        out.findings.push(Finding::new("DS-06", Severity::Warn, zh, en).on_line(line.line_no));
    }
}

fn is_same(product: &Product, key: &ProductKey) -> bool {
    product.key() == *key
}

impl Ground<'_> {
    /// The product in a box, by the public file or the agency's.
    pub(super) fn product_of(&self, one: &PackedBox) -> Option<&Product> {
        let public = self.catalogue.products().of_trace_code(&one.trace_code);
        public.or_else(|| self.registry.products.of_trace_code(&one.trace_code))
    }
    /// Minimum units in a package of what was packed: as the product file says, else as the pharmacy says.
    pub(super) fn units_per_pack(&self, packed: &PackedLine) -> Option<u32> {
        let known = packed.boxes.iter().find_map(|one| self.product_of(one));
        let said = packed.product.as_ref().and_then(|product| product.units_per_pack);
        known.map(|product| product.units_per_pack).or(said)
    }
}
