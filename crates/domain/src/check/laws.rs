//! Laws that hold for any prescription at all: no panic, the same answer twice, one coverage per
//! line, nothing hidden.
#![cfg(test)]

use proptest::prelude::*;

use super::sample::{by_list_on, facts, hospital, issued, knowledge, lhasa, line, pharmacy};
use super::{Errand, Ground, Occasion, coverage, packing, person, prescription};
use crate::finding::{Severity, in_order};
use crate::moment::Moment;
use crate::money::{Quantity, Yuan};
use crate::prescription::{
    Approval, Control, Facts, InsuranceType, ItemKind, Line, PackedLine, ProductKey, RxAttribute,
    Sex,
};
use crate::register::{
    Benefit, Content, Entitlement, Entries, Entry, InHand, Insured, InsuredStatus, Scheme,
};

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("阿司匹林肠溶片".to_owned()),
        Just("注射用艾普拉唑钠".to_owned()),
        Just("当归".to_owned()),
        Just("配方颗粒".to_owned()),
        Just("注射用".to_owned()),
        "\\PC{0,12}",
    ]
}
fn spec() -> impl Strategy<Value = String> {
    prop_oneof![Just("20mg*7片/盒".to_owned()), Just("10mg/瓶".to_owned()), "\\PC{0,12}"]
}
fn code() -> impl Strategy<Value = Option<String>> {
    prop_oneof![
        Just(None),
        Just(Some("ZA04CAE0023010100166".to_owned())),
        "[XZT][0-9A-Z]{0,24}".prop_map(Some),
        "\\PC{0,24}".prop_map(Some),
    ]
}
fn kind() -> impl Strategy<Value = ItemKind> {
    prop::sample::select(vec![
        ItemKind::Western,
        ItemKind::ChinesePatent,
        ItemKind::DecoctionPiece,
        ItemKind::Granule,
        ItemKind::InstitutionPreparation,
    ])
}
fn control() -> impl Strategy<Value = Control> {
    prop::sample::select(vec![Control::None, Control::Narcotic, Control::Antimicrobial])
}
fn approval() -> impl Strategy<Value = Approval> {
    prop::sample::select(vec![Approval::NotNeeded, Approval::Met, Approval::NotMet])
}

prop_compose! {
    fn any_line()(
        line_no in any::<i32>(), kind in kind(), code in code(), name in name(), form in name(),
        spec in spec(), quantity in any::<i64>(), days in any::<i32>(), approval in approval(),
        control in control(),
    ) -> Line {
        Line {
            line_no, kind, approval, control, days,
            drug_code: code.map(Into::into), dosage_form: form.into(), spec: spec.into(),
            quantity: Quantity::from_ten_thousandths(quantity), ..line(1, &name, "")
        }
    }
}
prop_compose! {
    fn any_facts()(
        lines in prop::collection::vec(any_line(), 0..8), number in "\\PC{0,50}",
        issued in -2_000_000_000_000_i64..7_000_000_000_000, valid_ms in any::<i64>(),
        diagnoses in prop::collection::vec("\\PC{0,10}", 0..3), born in 0_i32..200_000,
        flags in any::<[bool; 6]>(),
    ) -> Facts {
        let birth_date = chrono::NaiveDate::from_ymd_opt(1800, 1, 1).expect("date")
            + chrono::Days::new(u64::try_from(born).expect("positive"));
        Facts {
            lines, birth_date, hosp_rxno: number.into(),
            issued_at: Moment::from_millis(issued), valid_until: Moment::from_millis(valid_ms),
            diagnoses: diagnoses.into_iter().map(Into::into).collect(),
            emergency: flags[0], long_rx: flags[1], long_rx_confirmed: flags[2],
            sex: if flags[3] { Sex::Male } else { Sex::Female },
            attribute: if flags[4] { RxAttribute::DualChannel } else { RxAttribute::Other },
            insurance: if flags[5] { InsuranceType::Employee } else { InsuranceType::Resident },
            ..facts()
        }
    }
}

proptest! {
    #[test]
    fn checks_never_panic_and_say_the_same_twice(facts in any_facts(), now in any::<i64>()) {
        let (knowledge, now) = (knowledge(), Moment::from_millis(now));
        let first = prescription(&facts, &hospital(), &knowledge, now);
        prop_assert_eq!(&first, &prescription(&facts, &hospital(), &knowledge, now));
        prop_assert!(first.findings.iter().all(|one| !one.message_zh.is_empty()));
        let mut sorted = first.findings.clone();
        in_order(&mut sorted);
        prop_assert_eq!(first.findings, sorted);
    }

    #[test]
    fn every_line_has_its_terms_and_an_unpaid_one_its_reason(facts in any_facts()) {
        let day = facts.issued_at.civil_date();
        let covered = coverage(&Occasion { day, ..by_list_on(&facts, lhasa(), "2026-01-05") });
        prop_assert_eq!(covered.lines.len(), facts.lines.len());
        for (line, terms) in facts.lines.iter().zip(&covered.lines) {
            prop_assert_eq!(line.line_no, terms.line_no);
            let about = |no: Option<i32>| no.is_none_or(|no| no == line.line_no);
            let said = covered.findings.iter().any(|one| {
                about(one.line_no) && one.severity == Severity::SelfPay
            });
            prop_assert!(terms.payable || said);
        }
        prop_assert!(covered.findings.iter().all(|one| one.severity > Severity::Hold));
    }

    #[test]
    fn pharmacies_and_packings_never_panic(facts in any_facts(), price in any::<i64>()) {
        let day = facts.issued_at.civil_date();
        let packed: Vec<PackedLine> = facts.lines.iter().map(|line| PackedLine {
            line_no: line.line_no, unit_price: Yuan::from_micro(price), boxes: Vec::new(),
            product: None,
        }).collect();
        let (known, region) = (knowledge(), lhasa());
        let (catalogue, registry) = (&*known.catalogue, &*known.registry);
        let ground = Ground { region, catalogue, registry, day };
        let faults = packing(&facts, &packed, &ground).faults;
        prop_assert!(price > 0 || faults.len() >= packed.len());
        let rx = issued(facts);
        let errand = Errand::new(&rx, Entries::default(), lhasa(), day);
        let first = super::pharmacy(&pharmacy(), &errand);
        prop_assert_eq!(&first, &super::pharmacy(&pharmacy(), &errand));
    }

    #[test]
    fn registers_never_make_the_rules_panic_nor_hide_a_finding_of_the_lists(
        facts in any_facts(), entries in prop::collection::vec(any_entry(), 0..6),
        now in 1_700_000_000_000_i64..1_900_000_000_000,
    ) {
        let (known, now) = (knowledge(), Moment::from_millis(now));
        let entries = Entries(&entries);
        let first = person(&facts, &hospital(), entries, &known, now);
        prop_assert_eq!(&first, &person(&facts, &hospital(), entries, &known, now));
        let day = now.civil_date();
        let alone = Occasion { day, ..by_list_on(&facts, lhasa(), "2026-01-05") };
        let with = Occasion { person: Some(entries), ..alone };
        let (alone, with) = (coverage(&alone), coverage(&with));
        for (before, after) in alone.lines.iter().zip(&with.lines) {
            prop_assert!(before.payable || !after.payable, "a register makes nothing payable");
        }
        prop_assert!(alone.findings.iter().all(|one| with.findings.contains(one)));
    }

    #[test]
    fn every_finding_has_a_severity_that_the_book_knows_for_its_rule(facts in any_facts(), now in any::<i64>()) {
        let (shipped, now) = (knowledge(), Moment::from_millis(now));
        for finding in prescription(&facts, &hospital(), &shipped, now).findings {
            let entry = crate::region::entry(&finding.rule);
            let was = finding.on_trial.unwrap_or(finding.severity);
            prop_assert!(entry.is_some_and(|rule| rule.severities.contains(&was)), "{finding:?}");
        }
    }
}

prop_compose! {
    fn any_entry()(
        content in prop::sample::select(vec![
            Content::Insured(Insured {
                insurance: InsuranceType::Employee, status: InsuredStatus::Active,
            }),
            Content::Entitlement(Entitlement {
                generic_name: "注射用艾普拉唑钠".into(), hospital_id: None, doctor: None,
                pharmacy_id: None, max_quantity: None,
            }),
            Content::Benefit(Benefit {
                scheme: Scheme::Hypertension, disease: "I10.x00".into(), institutions: Vec::new(),
            }),
            Content::Benefit(Benefit { scheme: Scheme::Chronic, disease: "药".into(), institutions: Vec::new() }),
            Content::InHand(InHand {
                generic_name: "阿司匹林肠溶片".into(), product_key: ProductKey::new("", "", ""),
                prescription_id: crate::id::Id::new(9),
            }),
        ]),
        from in 0_u64..4_000, days in 0_u64..4_000,
    ) -> Entry {
        let start = chrono::NaiveDate::from_ymd_opt(2020, 1, 1).expect("date");
        let from = start + chrono::Days::new(from);
        Entry {
            id: crate::id::Id::new(1), person_id: crate::id::Id::new(1),
            area: "540100".parse().expect("area"), from, to: from + chrono::Days::new(days), content,
        }
    }
}
