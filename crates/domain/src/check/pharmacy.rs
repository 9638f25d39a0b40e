//! May a pharmacy serve a prescription under insurance? If not, every reason, for that pharmacy and
//! the regulator.
//!
//! Knows no stock, distance or choice (see [`crate::route`]). Serves PH-03, PH-04, PH-06, PH-07,
//! RTE-02, RTE-04, CAT-08, RX-05.

use chrono::NaiveDate;

use super::{control, designation, entitlement, registration};
use crate::finding::{Finding, Severity, in_order};
use crate::institution::{Institution, InstitutionId, InstitutionKind};
use crate::prescription::{ItemKind, Prescription, RxAttribute};
use crate::region::{Region, SeparatePayment};
use crate::register::Entries;

/// What is to be dispensed, under which policy: worked out once for all the pharmacies that are looked at.
pub struct Errand<'a> {
    pub prescription: &'a Prescription,
    pub region: &'a Region,
    pub day: NaiveDate,
    /// Lines that are fixed to pharmacies by an entitlement.
    fixed: Vec<(i32, Vec<InstitutionId>)>,
    cold: bool,
    /// Insured in an area that this fund does not cover.
    remote: bool,
}

impl<'a> Errand<'a> {
    pub fn new(
        prescription: &'a Prescription,
        entries: Entries<'_>,
        region: &'a Region,
        day: NaiveDate,
    ) -> Errand<'a> {
        let facts = &prescription.facts;
        let separate = region.dual_channel.separate_payment.value != SeparatePayment::None
            && facts.attribute == RxAttribute::DualChannel;
        let fixed = facts.lines.iter().filter(|_| separate).filter_map(|line| {
            let shops = entitlement::fixed_pharmacies(line, entries, region, day);
            (!shops.is_empty()).then_some((line.line_no, shops))
        });
        let remote = !region.pools_with(&facts.insured_area, facts.insurance);
        let cold = facts.lines.iter().any(|line| line.details.cold_chain);
        Errand { prescription, region, day, fixed: fixed.collect(), cold, remote }
    }
}

/// Why `pharmacy` may not serve the prescription; nothing that [bars](bars) it: it may.
pub fn pharmacy(pharmacy: &Institution, errand: &Errand<'_>) -> Vec<Finding> {
    let (prescription, day) = (errand.prescription, errand.day);
    let mut found = Vec::new();
    if pharmacy.kind != InstitutionKind::Pharmacy {
        let zh = "该机构不是零售药店。";
        found.push(reject("PH-04", zh, "The institution is not a pharmacy."));
    }
    under_agreement(pharmacy, day, &mut found);
    ability(pharmacy, errand, &mut found);
    connected(pharmacy, &mut found);
    designation::conditions(pharmacy, &errand.region.pharmacy, day, &mut found);
    if prescription.facts.attribute == RxAttribute::DualChannel {
        designation::dual_channel(pharmacy, &errand.region.pharmacy, day, &mut found);
    }
    cold_chain(pharmacy, errand, &mut found);
    same_area(pharmacy, prescription, &mut found);
    fixed(pharmacy, errand, &mut found);
    no_preparation(prescription, &mut found);
    no_controlled_drug(prescription, &mut found);
    errand.region.rules.apply_all(&mut found);
    in_order(&mut found);
    found
}

/// Does any of this keep a pharmacy from serving? Warnings and leads do not.
pub fn bars(findings: &[Finding]) -> bool {
    findings.iter().any(|one| one.severity <= Severity::Hold)
}

/// Rule: PH-04 — The pharmacy's agreement is active on the day
fn under_agreement(pharmacy: &Institution, day: NaiveDate, found: &mut Vec<Finding>) {
    found.extend(registration::agreement(pharmacy, day));
}

/// Rule: RTE-02 — A drug that is paid separately comes from the pharmacy that the entitlement fixes
fn fixed(pharmacy: &Institution, errand: &Errand<'_>, found: &mut Vec<Finding>) {
    let elsewhere = errand.fixed.iter().filter(|(_, shops)| !shops.contains(&pharmacy.id));
    found.extend(elsewhere.map(|(line_no, _)| {
        let zh = "该药单独支付的备案已固定其他药店；如需更换请先办理变更。";
        let en =
            "The entitlement for separate payment names another pharmacy: have it changed first.";
        reject("RTE-02", zh, en).on_line(*line_no)
    }));
}

/// Rule: PH-03 — What must be kept cold comes from a pharmacy with a cold chain
fn cold_chain(pharmacy: &Institution, errand: &Errand<'_>, found: &mut Vec<Finding>) {
    if errand.cold && !pharmacy.abilities.cold_chain {
        let zh = "处方含需冷链药品，该药店无冷链能力。";
        found.push(reject("PH-03", zh, "A line must be kept cold, and there is no cold chain."));
    }
}

/// Rule: PH-06 — The agreement includes the service that the prescription's attribute needs
fn ability(pharmacy: &Institution, errand: &Errand<'_>, found: &mut Vec<Finding>) {
    let (facts, able) = (&errand.prescription.facts, pharmacy.abilities);
    let mut lacks = |is: bool, zh: &str, en: &str| {
        if is {
            found.push(reject("PH-06", zh, en));
        }
    };
    let (dual, pooling) = match facts.attribute {
        RxAttribute::DualChannel => (true, false),
        RxAttribute::OutpatientPooling => (false, true),
        RxAttribute::Other => return,
    };
    lacks(dual && !able.dual_channel, "未开通双通道服务。", "No dual-channel service.");
    lacks(
        pooling && !able.outpatient_pooling,
        "未开通门诊统筹服务。",
        "No outpatient-pooling service.",
    );
    let chronic = facts.circumstances.chronic && !able.chronic_special;
    lacks(chronic, "未开通门诊慢特病服务。", "No service for chronic and special diseases.");
    lacks(able.account_only, "仅限个人账户支付，统筹基金不支付。", "Personal accounts only.");
    let remote = errand.remote && errand.region.pooling.remote_from.value.holds_on(errand.day);
    lacks(
        remote && !able.remote_settlement,
        "未开通异地直接结算。",
        "Persons of other areas are not settled directly here.",
    );
}

/// Rule: PH-07 — A pharmacy whose trace codes do not reach the platform does not settle
fn connected(pharmacy: &Institution, found: &mut Vec<Finding>) {
    if !pharmacy.abilities.trace_connected {
        let zh = "药品追溯码未接入，暂停医保结算。";
        found.push(reject("PH-07", zh, "Trace codes are not connected: settlement is suspended."));
    }
}

/// Rule: RTE-04 — A pharmacy serves prescriptions of its own pooling area
fn same_area(pharmacy: &Institution, prescription: &Prescription, found: &mut Vec<Finding>) {
    if pharmacy.pooling_area != prescription.pooling_area {
        let zh = "药店与处方不在同一统筹区。";
        found.push(reject(
            "RTE-04",
            zh,
            "Pharmacy and prescription belong to different pooling areas.",
        ));
    }
}

/// Rule: CAT-08 — An institution preparation never goes to a retail pharmacy
fn no_preparation(prescription: &Prescription, found: &mut Vec<Finding>) {
    let lines = prescription.facts.lines.iter();
    let such = lines.filter(|line| line.kind == ItemKind::InstitutionPreparation);
    found.extend(such.map(|line| {
        let zh = "医疗机构制剂不得在零售药店销售。";
        let en = "An institution preparation is not sold by retail pharmacies.";
        reject("CAT-08", zh, en).on_line(line.line_no)
    }));
}

/// Rule: RX-05 — Drugs under special control never go to a retail pharmacy
fn no_controlled_drug(prescription: &Prescription, found: &mut Vec<Finding>) {
    let lines = prescription.facts.lines.iter();
    let barred = lines.filter(|line| control::is_barred_from_circulation(line.control));
    found.extend(barred.map(|line| {
        let zh = "该类管制药品不得流转至零售药店。";
        let en = "A drug under special control is not circulated to pharmacies.";
        reject("RX-05", zh, en).on_line(line.line_no)
    }));
}

fn reject(rule: &str, zh: &str, en: &str) -> Finding {
    Finding::new(rule, Severity::Reject, zh, en)
}

#[cfg(test)]
mod tests {
    use super::super::sample::{self, day, facts, issued, lhasa, line, rules};
    use super::*;
    use crate::institution::{Abilities, AgreementPeriod, AgreementStatus};
    use crate::prescription::{Control, Facts, Line};

    fn found(shop: &Institution, facts: Facts) -> Vec<String> {
        let rx = issued(facts);
        let errand = Errand::new(&rx, Entries::default(), lhasa(), day("2026-01-05"));
        let found = super::pharmacy(shop, &errand);
        rules(&found).into_iter().map(str::to_owned).collect()
    }

    // proves: PH-04, PH-06, PH-07, RTE-04
    #[test]
    fn an_eligible_pharmacy_has_an_agreement_the_ability_the_connection_and_the_area() {
        let shop = sample::pharmacy();
        assert!(found(&shop, facts()).is_empty());
        let suspended = AgreementPeriod {
            from: day("2026-01-01"),
            to: day("2027-01-01"),
            status: AgreementStatus::Suspended,
        };
        for (shop, rule) in [
            (Institution { agreement: vec![suspended], ..shop.clone() }, "PH-04"),
            (Institution { agreement: Vec::new(), ..shop.clone() }, "PH-04"),
            (Institution { kind: InstitutionKind::Hospital, ..shop.clone() }, "PH-04"),
            (with(&shop, |abilities| abilities.dual_channel = false), "PH-06"),
            (with(&shop, |abilities| abilities.trace_connected = false), "PH-07"),
            (
                Institution { pooling_area: "540200".parse().expect("area"), ..shop.clone() },
                "RTE-04",
            ),
        ] {
            assert_eq!(found(&shop, facts()), [rule]);
        }
    }

    fn with(shop: &Institution, change: impl FnOnce(&mut Abilities)) -> Institution {
        let mut shop = shop.clone();
        change(&mut shop.abilities);
        shop
    }

    // proves: PH-06
    #[test]
    fn the_ability_is_the_one_that_the_attribute_needs() {
        let shop = with(&sample::pharmacy(), |abilities| abilities.outpatient_pooling = false);
        for (attribute, fits) in [
            (RxAttribute::DualChannel, true),
            (RxAttribute::OutpatientPooling, false),
            (RxAttribute::Other, true),
        ] {
            let found = found(&shop, Facts { attribute, ..facts() });
            assert_eq!(found.is_empty(), fits, "{attribute:?}");
        }
    }

    // proves: CAT-08, RX-05
    #[test]
    fn neither_a_preparation_nor_a_narcotic_goes_to_a_retail_pharmacy() {
        let shop = sample::pharmacy();
        let plain = line(1, "某药片", "片剂");
        let preparation = Line { kind: ItemKind::InstitutionPreparation, ..plain.clone() };
        let narcotic = Line { control: Control::Narcotic, ..plain };
        for (line, rule) in [(preparation, "CAT-08"), (narcotic, "RX-05")] {
            assert_eq!(found(&shop, Facts { lines: vec![line], ..facts() }), [rule]);
        }
    }
}
