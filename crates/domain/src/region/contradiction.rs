//! What is wrong in a policy whose figures are each in order: figures that contradict one another,
//! and what the file says without any effect.
//!
//! Contradictions refuse the file. What has no effect is only remarked (`rxgate catalogue check`).

use super::Region;
use super::benefit::{BenefitPath, OverQuota, Path};
use super::eligibility::SeparatePayment;
use super::policy::{Authority, Keeping};
use super::rules::Mode;
use super::section::RegionFault;
use crate::institution::Level;
use crate::money::Ratio;
use crate::prescription::InsuranceType;

/// Pairs of figures of which the first must not exceed the second.
fn ordered(of: &Region) -> [(&'static str, i64, &'static str, i64); 8] {
    let (rx, pharmacy) = (&of.rx, &of.pharmacy);
    let (default, max) = (rx.valid_days_default.value, rx.valid_days_max.value);
    let (emergency, ordinary) = (rx.emergency_days.value, rx.ordinary_days.value);
    let (unconfirmed, long) = (rx.long_days_unconfirmed.value, rx.long_days_max.value);
    let (few, dual) = (pharmacy.pharmacists_min.value, pharmacy.dual_channel_pharmacists_min.value);
    [
        ("rx.valid_days_default", default, "rx.valid_days_max", max),
        ("rx.emergency_days", emergency, "rx.ordinary_days", ordinary),
        ("rx.ordinary_days", ordinary, "rx.long_days_unconfirmed", unconfirmed),
        ("rx.long_days_unconfirmed", unconfirmed, "rx.long_days_max", long),
        (
            "rx.overlap_grace_days",
            rx.overlap_grace_days.value,
            "rx.days_in_hand_max",
            rx.days_in_hand_max.value,
        ),
        ("lease.order_days_max", of.lease.order_days_max.value, "rx.valid_days_max", max),
        ("pharmacy.pharmacists_min", few, "pharmacy.dual_channel_pharmacists_min", dual),
        (
            "points.suspended_at",
            of.points.suspended_at.value,
            "points.ended_at",
            of.points.ended_at.value,
        ),
    ]
}

/// Every contradiction between figures of one policy.
pub(super) fn contradictions(of: &Region) -> Vec<RegionFault> {
    let mut faults = Vec::new();
    for (lower, low, upper, high) in ordered(of) {
        if low > high {
            faults.push(RegionFault::at(
                lower,
                format!("is {low}, more than {upper}, which is {high}"),
            ));
        }
    }
    if of.valid_to.is_some_and(|end| end <= of.valid_from) {
        faults.push(RegionFault::at("valid_to", "dates reversed: must be after valid_from"));
    }
    let province = |code: &str| code.get(..2).map(str::to_owned);
    if province(of.area.as_str()) != province(of.province.as_str()) {
        faults.push(RegionFault::at("province", "the area lies in another province"));
    }
    if of.authority.value == Authority::Core {
        let message = "`core` is not built yet: write `gateway`";
        faults.push(RegionFault::at("settlement.authority", message));
    }
    eligibility(of, &mut faults);
    for ((path, insurance), terms) in &of.benefits {
        benefit(*path, *insurance, terms, of, &mut faults);
    }
    let bonus = of.layers.serious_illness.poor_ratio_bonus.value.ten_thousandths();
    if of.layers.serious_illness.ratio.value.ten_thousandths() + bonus > WHOLE {
        let path = "layers.serious_illness.poor_ratio_bonus";
        faults.push(RegionFault::at(path, "ratio and bonus together exceed 1"));
    }
    faults
}

/// A ratio of 1 in ten-thousandths.
const WHOLE: i32 = 10_000;

fn eligibility(of: &Region, faults: &mut Vec<RegionFault>) {
    let dual = &of.dual_channel;
    let separate = dual.separate_payment.value != SeparatePayment::None;
    let has_path = of.benefits.keys().any(|(path, _)| *path == Path::SeparatePayment);
    if separate && !has_path {
        let message = "separate payment without a path [benefits.separate_payment]";
        faults.push(RegionFault::at("dual_channel.separate_payment", message));
    }
    if separate && !dual.fixed_parties.value.is_empty() && !dual.entitlement_required.value {
        let message = "parties are fixed by an entitlement, and none is required";
        faults.push(RegionFault::at("dual_channel.fixed_parties", message));
    }
    let nobody = of.registers.entitlement.value == Keeping::NotKept;
    if separate && dual.entitlement_required.value && nobody {
        let message = "separate payment needs an entitlement, and nobody keeps the register";
        faults.push(RegionFault::at("registers.entitlement", message));
    }
    let mut parties = dual.fixed_parties.value.clone();
    parties.sort_unstable();
    parties.dedup();
    if parties.len() != dual.fixed_parties.value.len() {
        faults.push(RegionFault::at("dual_channel.fixed_parties", "names a party twice"));
    }
}

fn benefit(
    path: Path,
    insurance: InsuranceType,
    terms: &BenefitPath,
    of: &Region,
    faults: &mut Vec<RegionFault>,
) {
    let whose = match insurance {
        InsuranceType::Employee => "employee",
        InsuranceType::Resident => "resident",
    };
    let mut say = |key: &str, message: &str| {
        faults.push(RegionFault::at(format!("benefits.{}.{whose}.{key}", path.key()), message));
    };
    let cap = terms.cap.value.0;
    if terms.over_quota.value != OverQuota::Person && cap.is_none() && terms.cap_by_kind.is_empty()
    {
        say("over_quota", "names who bears cost above a cap, and there is no cap");
    }
    if terms.over_quota.value == OverQuota::OrdinaryPath
        && !of.benefits.contains_key(&(Path::OutpatientPooling, insurance))
    {
        say("over_quota", "leads to ordinary outpatient pooling, which has no path here");
    }
    for (kind, own) in &terms.cap_by_kind {
        if let (Some(own), Some(all)) = (own.value.0, cap)
            && own > all
        {
            say(&format!("cap_by_kind.{kind}"), "exceeds the cap of all kinds together");
        }
    }
    if !terms.cap_by_kind.is_empty() && !terms.registration_required.value {
        say("cap_by_kind", "kinds of disease are registered, and no registration is required");
    }
    let levels = [Level::Grassroots, Level::Second, Level::Third];
    if levels.iter().all(|level| terms.ratio.at(*level) == Ratio::ZERO) {
        say("ratio", "pays nothing at any level: leave the path out");
    }
    if path == Path::TwoDisease && insurance == InsuranceType::Employee {
        say("deductible", "the two-disease scheme is for residents alone (BEN-06)");
    }
}

/// What is written and has no effect: not wrong, but not what somebody meant.
pub(super) fn without_effect(of: &Region) -> Vec<RegionFault> {
    let mut remarks = Vec::new();
    for (rule, terms) in of.rules.iter() {
        let enforced = terms.mode.as_ref().is_some_and(|mode| mode.value == Mode::Enforce);
        if enforced && terms.severity.is_none() {
            let message = "`enforce` is what holds without an entry";
            remarks.push(RegionFault::at(format!("rules.{rule}"), message));
        }
        let shadow = terms.mode.as_ref().is_some_and(|mode| mode.value == Mode::Shadow);
        if shadow && terms.severity.is_some() {
            let message = "a severity of a rule on trial is only noted";
            remarks.push(RegionFault::at(format!("rules.{rule}.severity"), message));
        }
    }
    let dual = &of.dual_channel;
    if dual.separate_payment.value == SeparatePayment::None
        && of.benefits.keys().any(|(path, _)| *path == Path::SeparatePayment)
    {
        let message = "no drug is paid separately here: nothing comes to this path";
        remarks.push(RegionFault::at("benefits.separate_payment", message));
    }
    if !of.proxy.allowed.value && of.proxy.registered_only.value {
        remarks.push(RegionFault::at("proxy.registered_only", "nobody may collect for another"));
    }
    remarks
}
