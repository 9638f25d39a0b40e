//! The record of a sale (3505) that goes to the platform: complete, or it waits.
//!
//! Knows no transport. Serves DS-08.

use crate::finding::{Finding, Severity};
use crate::prescription::{Facts, PackedLine};
use crate::region::TracePolicy;

/// What is known of a sale besides the prescription.
#[derive(Clone, Copy, Debug)]
pub struct Sale<'a> {
    pub facts: &'a Facts,
    pub packed: &'a [PackedLine],
    /// Name and certificate number of the dispensing pharmacist, sealed elsewhere: are both there?
    pub pharmacist_known: bool,
    pub settlement_id: Option<&'a str>,
}

/// Rule: DS-08 — A sale is uploaded with doctor, pharmacist, lots, trace codes, price and settlement, or waits
pub fn sale_record(of: &Sale<'_>, policy: &TracePolicy, day: chrono::NaiveDate) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut lacks = |is: bool, what_zh: &str, what_en: &str, line_no: Option<i32>| {
        if is {
            let zh = format!("销售记录缺少{what_zh}，补齐后上传。");
            let en = format!("The record of the sale lacks {what_en}: complete it.");
            found.push(Finding { line_no, ..Finding::new("DS-08", Severity::Hold, zh, en) });
        }
    };
    lacks(of.facts.doctor.trim().is_empty(), "医师代码", "the doctor's code", None);
    lacks(
        !of.pharmacist_known,
        "药师姓名和证书编号",
        "the pharmacist's name and certificate",
        None,
    );
    lacks(of.settlement_id.is_none(), "结算编号", "the settlement id", None);
    for packed in of.packed {
        let Some(line) = of.facts.line(packed.line_no) else { continue };
        let (zh, en) = ("追溯码、批号和有效期", "trace codes, lots and expiry");
        let codes = policy.requires(line.kind, day) && packed.boxes.is_empty();
        lacks(codes, zh, en, Some(line.line_no));
        lacks(packed.unit_price.micro() <= 0, "单价", "the price", Some(line.line_no));
    }
    found
}
