//! Drugs of the dual channel with payment of their own: who is entitled (备案), and with whom it is fixed.
//!
//! Knows no list of drugs: which line is paid separately is said by [`super::path`]. Serves DC-03, DC-04.

use chrono::Months;

use super::Occasion;
use super::occasion::is_drug_of;
use crate::finding::{Finding, Severity};
use crate::institution::InstitutionId;
use crate::prescription::Line;
use crate::region::{FixedParty, Keeping, Region};
use crate::register::{Entitlement, Entries, Entry, Register};

/// What the register says of separate payment for a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Entitled {
    Yes,
    /// The ordinary path remains.
    Not,
}

/// Rule: DC-04 — Separate payment needs an entitlement of this patient for this drug on the day
pub(super) fn entitled(
    line: &Line,
    occasion: &Occasion<'_>,
    entries: Entries<'_>,
    found: &mut Vec<Finding>,
) -> Entitled {
    let region = occasion.region;
    if !region.dual_channel.entitlement_required.value {
        return Entitled::Yes;
    }
    let valid: Vec<&Entitlement> = of_line(line, entries)
        .filter(|(entry, _)| is_valid(entry, occasion))
        .map(|(_, entitlement)| entitlement)
        .collect();
    if valid.is_empty() {
        return missing(line, occasion, entries, found);
    }
    let Some(fitting) = valid.iter().find(|one| strangers(one, occasion).is_empty()) else {
        if let Some(one) = valid.first() {
            found.push(other_parties(line, one, occasion));
        }
        return Entitled::Not;
    };
    if let Some(max) = fitting.max_quantity.filter(|max| line.quantity > *max) {
        let zh = format!("超出备案的每次最大数量 {max}，请减少数量或变更备案。");
        let en = format!(
            "More than the {max} packages of the entitlement: prescribe less or have it changed."
        );
        found.push(dc_04(Severity::Reject, line, &zh, &en).because(line.quantity.to_string()));
    }
    Entitled::Yes
}

fn of_line<'a>(
    line: &Line,
    entries: Entries<'a>,
) -> impl Iterator<Item = (&'a Entry, &'a Entitlement)> {
    entries.0.iter().filter_map(move |entry| match &entry.content {
        crate::register::Content::Entitlement(one) if is_drug_of(line, &one.generic_name) => {
            Some((entry, one))
        }
        _ => None,
    })
}

/// An entry that runs longer than the region allows ends when the region says.
fn is_valid(entry: &Entry, occasion: &Occasion<'_>) -> bool {
    let months = occasion.region.dual_channel.entitlement_months_max.value;
    let longest = u32::try_from(months).ok().map(Months::new);
    let end = longest.and_then(|months| entry.from.checked_add_months(months));
    entry.holds_on(occasion.day) && end.is_none_or(|end| occasion.day < end)
}

fn missing(
    line: &Line,
    occasion: &Occasion<'_>,
    entries: Entries<'_>,
    found: &mut Vec<Finding>,
) -> Entitled {
    let ended = of_line(line, entries).map(|(entry, _)| entry).max_by_key(|entry| entry.to);
    if let Some(entry) = ended {
        let zh = "该药单独支付的备案当日无效，请续办备案或改按普通处方开具。";
        let en = "The entitlement for separate payment does not hold on the day: renew it, or prescribe the ordinary way.";
        let period = format!("[{}, {})", entry.from, entry.to);
        found.push(dc_04(Severity::Reject, line, zh, en).because(period));
        return Entitled::Not;
    }
    if occasion.region.registers.entitlement.value == Keeping::Core {
        let zh = "本系统无该药备案，以医保核心系统结算为准。";
        let en = "No entitlement is registered here; the insurance core decides when it settles.";
        found.push(dc_04(Severity::Warn, line, zh, en));
        return Entitled::Yes;
    }
    if occasion.as_of(Register::Entitlement).is_none() {
        let zh = "本地区备案登记尚未导入，单独支付暂缓；请经办机构导入后确认。";
        let en =
            "The register of entitlements is not loaded: separate payment waits for the agency.";
        found.push(dc_04(Severity::Hold, line, zh, en));
        return Entitled::Yes;
    }
    let zh = "该药为单独支付药品，患者无备案（待遇资格），请先办理备案或改按普通处方开具。";
    let en = "Paid separately, and the patient has no entitlement (备案): register it first, or prescribe the ordinary way.";
    found.push(dc_04(Severity::Reject, line, zh, en));
    Entitled::Not
}

/// Those of the fixed parties that are others than the entitlement names.
fn strangers(of: &Entitlement, occasion: &Occasion<'_>) -> Vec<FixedParty> {
    let dual = &occasion.region.dual_channel;
    let issuer = occasion.issuer.map(|one| one.id);
    let seller = occasion.seller.map(|one| one.id);
    let is_other = |fixed: Option<InstitutionId>, actual: Option<InstitutionId>| matches!((fixed, actual), (Some(fixed), Some(actual)) if fixed != actual);
    let doctor = of.doctor.as_deref().is_some_and(|fixed| *fixed != *occasion.facts.doctor);
    [
        (FixedParty::Institution, is_other(of.hospital_id, issuer)),
        (FixedParty::Doctor, doctor),
        (FixedParty::Pharmacy, is_other(of.pharmacy_id, seller)),
    ]
    .into_iter()
    .filter(|(party, other)| *other && dual.fixes(*party))
    .map(|(party, _)| party)
    .collect()
}

/// Rule: DC-03 — Another than the fixed hospital, doctor or pharmacy: the ordinary path, not the separate one
fn other_parties(line: &Line, of: &Entitlement, occasion: &Occasion<'_>) -> Finding {
    let names: Vec<&str> = strangers(of, occasion)
        .into_iter()
        .map(|party| match party {
            FixedParty::Institution => "定点医疗机构 institution",
            FixedParty::Doctor => "责任医师 doctor",
            FixedParty::Pharmacy => "定点药店 pharmacy",
            FixedParty::Patient => "患者 patient",
            FixedParty::Prescription => "处方 prescription",
        })
        .collect();
    let zh = "与备案固定的机构、医师或药店不一致，不按单独支付，按普通待遇结算；如需变更请先办理变更备案。";
    let en = "Others than the entitlement fixes: paid the ordinary way, not separately; have the entitlement changed first.";
    Finding::new("DC-03", Severity::Warn, zh, en).on_line(line.line_no).because(names.join("、"))
}

/// The pharmacies to which the person's entitlements for a line are fixed; empty: to none.
pub(super) fn fixed_pharmacies(
    line: &Line,
    entries: Entries<'_>,
    region: &Region,
    day: chrono::NaiveDate,
) -> Vec<InstitutionId> {
    if !region.dual_channel.fixes(FixedParty::Pharmacy) {
        return Vec::new();
    }
    let holding = of_line(line, entries).filter(|(entry, _)| entry.holds_on(day));
    holding.filter_map(|(_, entitlement)| entitlement.pharmacy_id).collect()
}

fn dc_04(severity: Severity, line: &Line, zh: &str, en: &str) -> Finding {
    Finding::new("DC-04", severity, zh, en).on_line(line.line_no)
}
