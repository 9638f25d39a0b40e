//! Plainly synthetic facts, charges and terms for the tests of settlement and routing.

use chrono::NaiveDate;

use super::{Benefit, CapBasis, Charge, Usage};
use crate::moment::Moment;
use crate::money::{Quantity, Ratio, Yuan};
use crate::prescription::{
    Approval, BizType, Circumstances, Control, Facts, InsuranceType, ItemKind, Line, LineDetails,
    RxAttribute, Sex,
};

pub fn yuan(text: &str) -> Yuan {
    text.parse().expect("amount")
}

pub fn ratio(text: &str) -> Ratio {
    text.parse().expect("ratio")
}

pub fn line(line_no: i32, quantity: &str) -> Line {
    Line {
        line_no,
        kind: ItemKind::Western,
        drug_code: None,
        generic_name: format!("SYNTHETIC-{line_no}").into(),
        dosage_form: "tablet".into(),
        spec: "10mg*20".into(),
        quantity: quantity.parse().expect("quantity"),
        days: 7,
        approval: Approval::NotNeeded,
        control: Control::None,
        details: LineDetails::default(),
    }
}

pub fn facts(lines: Vec<Line>) -> Facts {
    Facts {
        hosp_rxno: "SYNTHETIC-1".into(),
        biz_type: BizType::Visit,
        attribute: RxAttribute::DualChannel,
        issued_at: Moment::default(),
        valid_until: Moment::default(),
        emergency: false,
        long_rx: false,
        long_rx_confirmed: false,
        quantity_reason: None,
        insured_area: "540100".parse().expect("area"),
        insurance: InsuranceType::Resident,
        sex: Sex::Female,
        birth_date: NaiveDate::default(),
        doctor: "D0".into(),
        reviewer: "R0".into(),
        diagnoses: Vec::new(),
        lines,
        circumstances: Circumstances::default(),
    }
}

/// A payable line of class A without a payment standard.
pub fn class_a(unit_price: &str, quantity: i64) -> Charge {
    Charge {
        line_no: 1,
        quantity: Quantity::whole(quantity),
        unit_price: yuan(unit_price),
        payable: true,
        standard: None,
        first_self_pay: Ratio::ZERO,
    }
}

/// The fund pays this share of everything in scope.
pub fn terms(share: &str) -> Benefit {
    let deductible = Yuan::ZERO;
    Benefit { deductible, ratio: ratio(share), cap: None, basis: CapBasis::FundPaid }
}

pub fn used(deductible_used: &str, cap_used: &str) -> Usage {
    Usage { deductible_used: yuan(deductible_used), cap_used: yuan(cap_used) }
}
