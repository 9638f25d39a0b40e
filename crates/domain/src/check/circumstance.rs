//! What a prescription says besides: internet visits, refills, reasons for much, paper, and why it was sent out.
//!
//! Silence is not judged, but said to be silent where a rule needed the word. Serves RX-12, RX-14, RX-20, DC-06..08.

use crate::finding::{Finding, Severity};
use crate::prescription::{BizType, Excuse, Facts, Referral, RxAttribute};
use crate::region::{PaperPolicy, Region, RxPolicy};

/// Length of a 医保处方编号.
const HI_RXNO: usize = 30;
/// From when the word "elderly" fits. 老年人权益保障法, article 2.
const ELDERLY_YEARS: i32 = 60;

/// All rules about circumstances.
pub(super) fn circumstances(facts: &Facts, region: &Region, found: &mut Vec<Finding>) {
    internet(facts, &region.rx, found);
    refill(facts, found);
    excuse(facts, &region.rx, found);
    paper(facts, &region.paper, found);
    referral(facts, found);
}

/// Rule: RX-14 — Internet prescriptions are for follow-up visits; a young child has its guardian there
fn internet(facts: &Facts, policy: &RxPolicy, found: &mut Vec<Finding>) {
    if facts.biz_type != BizType::InternetHospital {
        return;
    }
    let mut say = |severity, zh: String, en: String| {
        found.push(Finding::new("RX-14", severity, zh, en));
    };
    match facts.circumstances.first_visit {
        Some(false) => {}
        Some(true) => say(
            Severity::Reject,
            "互联网诊疗不得首诊，请患者到实体机构就诊后复诊开方。".to_owned(),
            "No first visit by internet: the patient must first be seen in person.".to_owned(),
        ),
        None => say(
            Severity::Warn,
            "未说明是否复诊；互联网诊疗仅限复诊，请补充。".to_owned(),
            "Not said whether it is a follow-up visit; internet visits must be: state it."
                .to_owned(),
        ),
    }
    let (age, limit) =
        (facts.age_on(facts.issued_at.civil_date()), policy.guardian_under_years.value);
    if i64::from(age) < limit && !facts.circumstances.guardian_present {
        say(
            Severity::Reject,
            format!("不满 {limit} 岁儿童的互联网诊疗须有监护人和专业人员陪伴，请注明后重新开具。"),
            format!(
                "A child under {limit} needs a guardian and a professional with it: state it and issue anew."
            ),
        );
    }
}

/// Rule: RX-12 — A refill is a new prescription that names the first one by its number
fn refill(facts: &Facts, found: &mut Vec<Finding>) {
    let Some(first) = facts.circumstances.initial_hi_rxno.as_deref() else { return };
    let is_number = first.len() == HI_RXNO && first.bytes().all(|b| b.is_ascii_digit());
    if !is_number {
        let zh = "续方须填写首张处方的医保处方编号（30 位数字）。";
        let en = "A refill names the first prescription by its 30-digit 医保处方编号.";
        found.push(Finding::new("RX-12", Severity::Reject, zh, en).because(first));
    }
}

/// The reason is taken and logged with what it excuses; one that contradicts the age is shown.
///
/// Rule: RX-20 — Codes that excuse more than the ordinary quantity
fn excuse(facts: &Facts, policy: &RxPolicy, found: &mut Vec<Finding>) {
    let age = facts.age_on(facts.issued_at.civil_date());
    let doubtful = match facts.circumstances.excuse {
        Some(Excuse::Elderly) => age < ELDERLY_YEARS,
        Some(Excuse::Child) => i64::from(age) >= policy.child_under_years.value,
        None
        | Some(Excuse::Disabled | Excuse::HardToTravel | Excuse::Remote | Excuse::GoingAbroad) => {
            false
        }
    };
    if doubtful {
        let zh = format!("超量理由与患者年龄（{age} 岁）不符，请核对。");
        let en = format!("The reason for more does not fit the age of {age}: please verify.");
        found.push(Finding::new("RX-20", Severity::Warn, zh, en));
    }
}

/// Rule: DC-07, DC-08 — Paper alone is refused from the area's day on; before, it bears signature and seal
fn paper(facts: &Facts, policy: &PaperPolicy, found: &mut Vec<Finding>) {
    let Some(paper) = facts.circumstances.paper else { return };
    let rule = match facts.attribute {
        RxAttribute::DualChannel => "DC-07",
        RxAttribute::OutpatientPooling => "DC-08",
        RxAttribute::Other => return,
    };
    if policy.is_refused(facts.attribute, facts.issued_at.civil_date()) {
        let zh =
            "纸质处方不再受理，请通过电子处方中心开具电子处方（电子处方的打印件可凭编号调取）。";
        let en = "Paper is no longer taken: issue it through the e-prescription centre (a printed copy is looked up by its number).";
        found.push(Finding::new(rule, Severity::Reject, zh, en));
    } else if !(paper.signed && paper.sealed) {
        let zh = "纸质外配处方须有医保医师签名和外配处方专用章，请补齐后由经办机构确认。";
        let en = "A paper prescription needs the insured doctor's signature and the external-prescription seal.";
        found.push(Finding::new(rule, Severity::Hold, zh, en));
    }
}

/// Rule: DC-06 — Cost control and drug ratios are no reason to send a prescription out
fn referral(facts: &Facts, found: &mut Vec<Finding>) {
    match facts.circumstances.referral {
        Some(Referral::CostControl) => {
            let zh = "医疗机构以费用控制或药占比为由外配处方，提示监管部门。";
            let en =
                "Sent out because of cost control or the drug ratio: a lead for the regulator.";
            found.push(Finding::new("DC-06", Severity::Clue, zh, en));
        }
        None | Some(Referral::OutOfStock | Referral::NotStocked | Referral::PatientsWish) => {}
    }
}
