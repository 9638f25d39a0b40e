//! Stand-in with what settlement and routing take from the checks; the checks themselves replace this file.

use chrono::NaiveDate;

use crate::finding::{Finding, Severity};
use crate::institution::{AgreementStatus, Institution};
use crate::money::{Ratio, Yuan};
use crate::prescription::{Prescription, RxAttribute};

/// What the fund accepts of one line on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineCoverage {
    pub line_no: i32,
    pub payable: bool,
    pub first_self_pay: Ratio,
    pub standard: Option<Yuan>,
}

/// PH-04, PH-06, PH-07 in short.
pub fn pharmacy(pharmacy: &Institution, of: &Prescription, day: NaiveDate) -> Vec<Finding> {
    let mut findings = Vec::new();
    if pharmacy.agreement_on(day) != Some(AgreementStatus::Active) {
        findings.push(Finding::new(
            "PH-04",
            Severity::Reject,
            "协议未生效",
            "No active agreement",
        ));
    }
    let able = match of.facts.attribute {
        RxAttribute::DualChannel => pharmacy.abilities.dual_channel,
        RxAttribute::OutpatientPooling | RxAttribute::Other => {
            pharmacy.abilities.outpatient_pooling
        }
    };
    if !able {
        findings.push(Finding::new(
            "PH-06",
            Severity::Reject,
            "无相应服务资格",
            "Not agreed for this",
        ));
    }
    if !pharmacy.abilities.trace_connected {
        findings.push(Finding::new(
            "PH-07",
            Severity::Reject,
            "追溯码未接入",
            "Trace codes not connected",
        ));
    }
    findings
}
