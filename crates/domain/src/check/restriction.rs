//! Payment restrictions (限定支付范围): the hospital's approval flag decides, the text is shown to
//! whoever must confirm it.
//!
//! Does not judge whether a text is really met: that is the doctor's word and the regulator's
//! check. Serves CAT-10, 13.

use super::coverage::of;
use crate::catalogue::{Item, Knowledge};
use crate::finding::{Finding, Severity};
use crate::prescription::{Approval, Line};

/// Whether the fund pays as far as restrictions go.
///
/// Rule: CAT-10, CAT-13 — A restricted drug is paid when the hospital says it is met
pub(super) fn restriction(line: &Line, item: &Item, found: &mut Vec<Finding>) -> bool {
    if item.is_work_injury_only() {
        let zh = "限工伤保险支付，基本医保不予支付，自费。";
        let en = "Paid by work-injury insurance alone: the patient pays here.";
        found.push(with_text(item, of(item, line, "CAT-13", Severity::SelfPay, (zh, en))));
        return false;
    }
    match (&item.restriction, line.approval) {
        (Some(_), Approval::Met) | (None, Approval::NotNeeded | Approval::Met) => {
            unverified(line, item, found);
            true
        }
        (Some(_), Approval::NotNeeded) => {
            let zh = "限定支付范围药品，医院未确认符合限定条件，自费。";
            let en = "Restricted, and the hospital did not confirm it is met: the patient pays.";
            found.push(with_text(item, of(item, line, "CAT-10", Severity::SelfPay, (zh, en))));
            false
        }
        (Some(_), Approval::NotMet) => {
            let zh = "限定支付范围药品，医院判定不符合限定条件，自费。";
            let en = "Payment is restricted and the hospital says it is not met: the patient pays.";
            found.push(with_text(item, of(item, line, "CAT-10", Severity::SelfPay, (zh, en))));
            false
        }
        (None, Approval::NotMet) => {
            let zh = "医院标记为不符合支付条件，自费。";
            let en = "The hospital marked the line as not payable: the patient pays.";
            found.push(of(item, line, "CAT-10", Severity::SelfPay, (zh, en)));
            false
        }
    }
}

/// A text that this edition's own copy does not prove is not passed off as known.
fn unverified(line: &Line, item: &Item, found: &mut Vec<Finding>) {
    let known = item.restriction.as_ref().map_or(item.restriction_known, |text| text.known);
    let (zh, en) = match known {
        Knowledge::Known => return,
        Knowledge::Carried => (
            "本版目录的限定支付范围未核对，沿用上版。",
            "This edition's restriction was not read; the one before was taken over.",
        ),
        Knowledge::Unknown => (
            "本版目录是否限定支付范围未知，请核对。",
            "Whether this edition restricts payment is not known here; please verify.",
        ),
    };
    found.push(with_text(item, of(item, line, "CAT-10", Severity::Warn, (zh, en))));
}

fn with_text(item: &Item, finding: Finding) -> Finding {
    match &item.restriction {
        Some(restriction) => finding.because(restriction.text.clone()),
        None => finding,
    }
}
