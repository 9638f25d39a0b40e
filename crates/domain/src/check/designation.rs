//! What a pharmacy must show to be designated, and to serve the dual channel; and what its agreement's history says.
//!
//! A condition of which nothing is known is not judged. Knows no prescription. Serves PH-01, PH-03, PH-04, PH-05.

use chrono::{Months, NaiveDate};

use crate::finding::{Finding, Severity};
use crate::institution::{AgreementStatus, Institution};
use crate::region::{PharmacyPolicy, Region};

/// A penalty keeps a pharmacy from the dual channel for so long (Hunan, secondary source).
const PENALTY_MONTHS: u32 = 36;
/// Suspensions within the agreement after which it is to be ended (令第2号 art. 43, for pharmacies by analogy).
const SUSPENSIONS: usize = 2;

/// Everything about one institution on a day that the agency should know, whatever the prescription.
pub fn standing(institution: &Institution, region: &Region, day: NaiveDate) -> Vec<Finding> {
    let mut found = Vec::new();
    conditions(institution, &region.pharmacy, day, &mut found);
    dual_channel(institution, &region.pharmacy, day, &mut found);
    history(institution, &region.pharmacy, day, &mut found);
    region.rules.apply_all(&mut found);
    found
}

/// Rule: PH-01 — Open at the address for the months that the area asks, with its pharmacists
pub(super) fn conditions(
    pharmacy: &Institution,
    policy: &PharmacyPolicy,
    day: NaiveDate,
    found: &mut Vec<Finding>,
) {
    let shown = &pharmacy.credentials;
    let months = policy.open_months_min.value;
    if is_younger(shown.opened_on, months, day) {
        let zh = format!("在注册地址经营不足 {months} 个月，不符合定点条件。");
        let en = format!("Open at its address for less than {months} months.");
        found.push(reject("PH-01", zh, en));
    }
    let least = policy.pharmacists_min.value;
    if shown.pharmacists.is_some_and(|have| i64::from(have) < least) {
        let zh = format!("注册执业药师不足 {least} 名，不符合定点条件。");
        found.push(reject("PH-01", zh, format!("Fewer than {least} licensed pharmacists.")));
    }
    chain(pharmacy, day, found);
}

/// Rule: PH-03 — A dual-channel pharmacy: its pharmacists, its years of designation, no recent penalty
pub(super) fn dual_channel(
    pharmacy: &Institution,
    policy: &PharmacyPolicy,
    day: NaiveDate,
    found: &mut Vec<Finding>,
) {
    let shown = &pharmacy.credentials;
    let least = policy.dual_channel_pharmacists_min.value;
    if shown.pharmacists.is_some_and(|have| i64::from(have) < least) {
        let zh = format!("双通道药店须有执业药师 {least} 名以上。");
        found.push(reject("PH-03", zh, format!("The dual channel asks {least} pharmacists.")));
    }
    let years = policy.dual_channel_years_min.value;
    if is_younger(shown.designated_on, years.saturating_mul(12), day) {
        let zh = format!("双通道药店须定点满 {years} 年。");
        found.push(reject(
            "PH-03",
            zh,
            format!("The dual channel asks {years} years of designation."),
        ));
    }
    let penalty =
        shown.last_penalty_on.and_then(|on| on.checked_add_months(Months::new(PENALTY_MONTHS)));
    if years > 0 && penalty.is_some_and(|end| day < end) {
        let zh = "近三年有处罚记录，不符合双通道药店条件。";
        found.push(reject("PH-03", zh, "Penalised within three years."));
    }
}

fn is_younger(since: Option<NaiveDate>, months: i64, day: NaiveDate) -> bool {
    let months = u32::try_from(months).ok().map(Months::new);
    let ripe = since.zip(months).and_then(|(since, months)| since.checked_add_months(months));
    ripe.is_some_and(|ripe| day < ripe)
}

/// Rule: PH-05 — A violation of the chain's head office puts all its stores under review
fn chain(pharmacy: &Institution, day: NaiveDate, found: &mut Vec<Finding>) {
    if pharmacy.credentials.chain_violation_on.is_some_and(|on| on <= day) {
        let zh = "连锁总部法定代表人违规，门店协议待经办机构复核，暂不接单。";
        let en =
            "Its chain's head office is in violation: the agency reviews the store's agreement.";
        found.push(Finding::new("PH-05", Severity::Hold, zh, en));
    }
}

/// Rule: PH-04 — Two suspensions within the agreement, or one beyond the longest, are a lead to end it
fn history(
    institution: &Institution,
    policy: &PharmacyPolicy,
    day: NaiveDate,
    found: &mut Vec<Finding>,
) {
    let all = institution.agreement.iter().filter(|period| period.from <= day);
    let suspended = all.filter(|period| period.status == AgreementStatus::Suspended);
    let periods: Vec<_> = suspended.collect();
    if periods.len() >= SUSPENSIONS {
        let zh = "协议期内已中止两次以上，按规定应解除协议，请经办机构处理。";
        let en = "Suspended twice within the agreement: it is to be ended by the agency.";
        found.push(Finding::new("PH-04", Severity::Clue, zh, en));
    }
    let longest = policy.suspension_days_max.value;
    let beyond =
        |from: NaiveDate, to: NaiveDate| to.signed_duration_since(from).num_days() > longest;
    if let Some(one) = periods.iter().find(|one| beyond(one.from, one.to.min(day))) {
        let zh = format!("协议中止已超过 {longest} 天，请经办机构恢复或解除。");
        let en = format!("Suspended for more than {longest} days: resume or end the agreement.");
        let period = format!("[{}, {})", one.from, one.to);
        found.push(Finding::new("PH-04", Severity::Clue, zh, en).because(period));
    }
}

fn reject(rule: &str, zh: impl Into<Box<str>>, en: impl Into<Box<str>>) -> Finding {
    Finding::new(rule, Severity::Reject, zh, en)
}
