//! May a pharmacy serve a prescription under insurance? Empty: yes. Otherwise every reason, for
//! that pharmacy and the regulator.
//!
//! Knows no stock, distance or choice (see [`crate::route`]). Serves PH-04, PH-06, PH-07, RTE-04,
//! CAT-08, RX-05.

use chrono::NaiveDate;

use super::{control, registration};
use crate::finding::{Finding, Severity};
use crate::institution::{Institution, InstitutionKind};
use crate::prescription::{ItemKind, Prescription, RxAttribute};

/// Why `pharmacy` may not serve `prescription` on `day`; empty when it may.
pub fn pharmacy(
    pharmacy: &Institution,
    prescription: &Prescription,
    day: NaiveDate,
) -> Vec<Finding> {
    let mut found = Vec::new();
    if pharmacy.kind != InstitutionKind::Pharmacy {
        let zh = "该机构不是零售药店。";
        found.push(reject("PH-04", zh, "The institution is not a pharmacy."));
    }
    under_agreement(pharmacy, day, &mut found);
    ability(pharmacy, prescription.facts.attribute, &mut found);
    connected(pharmacy, &mut found);
    same_area(pharmacy, prescription, &mut found);
    no_preparation(prescription, &mut found);
    no_controlled_drug(prescription, &mut found);
    found
}

/// Rule: PH-04 — The pharmacy's agreement is active on the day
fn under_agreement(pharmacy: &Institution, day: NaiveDate, found: &mut Vec<Finding>) {
    found.extend(registration::agreement(pharmacy, day));
}

/// Rule: PH-06 — The agreement includes the service that the prescription's attribute needs
fn ability(pharmacy: &Institution, attribute: RxAttribute, found: &mut Vec<Finding>) {
    let (able, zh, en) = match attribute {
        RxAttribute::DualChannel => {
            (pharmacy.abilities.dual_channel, "未开通双通道服务。", "No dual-channel service.")
        }
        RxAttribute::OutpatientPooling => (
            pharmacy.abilities.outpatient_pooling,
            "未开通门诊统筹服务。",
            "No outpatient-pooling service.",
        ),
        RxAttribute::Other => return,
    };
    if !able {
        found.push(reject("PH-06", zh, en));
    }
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
    use super::super::sample::{self, day, facts, issued, line, rules};
    use super::*;
    use crate::institution::{Abilities, AgreementPeriod, AgreementStatus};
    use crate::prescription::{Control, Facts, Line};

    fn found(shop: &Institution, facts: Facts) -> Vec<String> {
        let found = super::pharmacy(shop, &issued(facts), day("2026-01-05"));
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
