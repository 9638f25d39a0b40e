//! The cases that the gateway must get right, on the real catalogue and the policy of Lhasa, each
//! with its reason.
#![cfg(test)]

use super::sample::{
    by_list_on, catalogue, day, facts, hospital, issued_on, knowledge, lhasa, line, patent, piece,
    rules,
};
use super::{Coverage, LineCoverage, coverage, prescription};
use crate::finding::Severity;
use crate::money::{Ratio, Yuan};
use crate::prescription::{Approval, Control, Facts, ItemKind, Line, RxAttribute, Verdict};
use crate::region::Region;

fn covered(lines: &[Line], on: &str) -> Coverage {
    let facts = Facts { lines: lines.to_vec(), ..facts() };
    coverage(&by_list_on(&facts, lhasa(), on))
}
fn one(line: &Line, on: &str) -> LineCoverage {
    covered(std::slice::from_ref(line), on).lines[0]
}
/// Rules that say something of this weight about one line on a day.
fn found(line: &Line, on: &str, severity: Severity) -> Vec<String> {
    let covered = covered(std::slice::from_ref(line), on);
    let such = covered.findings.iter().filter(|one| one.severity == severity);
    such.map(|one| one.rule.to_string()).collect()
}
fn met(line: Line) -> Line {
    Line { approval: Approval::Met, ..line }
}
fn judged(facts: &Facts) -> Verdict {
    prescription(facts, &hospital(), &knowledge(), facts.issued_at.plus(60_000))
}
fn rejecting(facts: &Facts) -> Vec<String> {
    let verdict = judged(facts);
    let such = verdict.findings.iter().filter(|one| one.severity == Severity::Reject);
    such.map(|one| one.rule.to_string()).collect()
}
fn ilaprazole() -> Line {
    let spec = "10mg/瓶".into();
    met(Line { spec, ..line(1, "注射用艾普拉唑钠", "注射剂") })
}

// proves: CAT-05, PRC-01
#[test]
fn a_negotiated_drug_is_paid_inside_its_agreement_at_the_standard_of_the_day() {
    let yuan = |text: &str| Some(text.parse::<Yuan>().expect("amount"));
    for (on, payable, standard) in [
        ("2025-06-01", true, yuan("63.00")),
        ("2025-12-31", true, yuan("63.00")),
        ("2026-01-01", true, yuan("52.60")),
        ("2027-12-31", true, yuan("52.60")),
        ("2028-01-01", false, None),
    ] {
        let terms = one(&ilaprazole(), on);
        assert_eq!((terms.payable, terms.standard), (payable, standard), "{on}");
    }
    assert_eq!(found(&ilaprazole(), "2028-01-01", Severity::SelfPay), ["CAT-05"]);
}

// proves: CAT-03
#[test]
fn an_agreement_that_was_not_renewed_is_paid_until_the_end_of_june() {
    let ended = met(line(1, "甘露特钠胶囊", "胶囊剂"));
    for (on, payable) in
        [("2025-12-31", true), ("2026-01-01", true), ("2026-06-30", true), ("2026-07-01", false)]
    {
        assert_eq!(one(&ended, on).payable, payable, "{on}");
    }
    assert!(found(&ended, "2026-03-01", Severity::Warn).contains(&"CAT-03".to_owned()));
    assert_eq!(found(&ended, "2026-07-01", Severity::SelfPay), ["CAT-03"]);
}

// proves: CAT-01
#[test]
fn an_item_of_the_2024_edition_that_is_gone_in_2025_is_paid_by_the_patient() {
    let gone = patent(1, "虚寒胃痛胶囊", "胶囊剂");
    assert!(one(&gone, "2025-12-31").payable);
    assert!(!one(&gone, "2026-01-01").payable);
    assert_eq!(found(&gone, "2026-01-01", Severity::SelfPay), ["CAT-01"]);
}

// proves: CAT-01
#[test]
fn a_prescription_of_new_years_eve_is_settled_by_the_edition_of_the_second_of_january() {
    let eve = issued_on("2025-12-31", vec![patent(1, "虚寒胃痛胶囊", "胶囊剂")]);
    let verdict = judged(&eve);
    assert_eq!(&*verdict.edition, "2024");
    assert!(!verdict.is_rejected() && !verdict.is_self_pay(1), "{:#?}", verdict.findings);
    let at_settlement = coverage(&by_list_on(&eve, lhasa(), "2026-01-02"));
    assert_eq!(&*at_settlement.edition, "2025");
    assert!(!at_settlement.lines[0].payable);
}

// proves: CAT-01, CAT-11
#[test]
fn an_ethnic_medicine_of_class_b_is_in_both_editions() {
    let tibetan = patent(1, "八味沉香丸", "丸剂");
    for on in ["2025-06-01", "2026-06-01"] {
        let terms = one(&tibetan, on);
        assert!(terms.payable, "{on}");
        assert_eq!(terms.first_self_pay, lhasa().first_self_pay.class_b.value);
    }
}

// proves: CAT-11
#[test]
fn class_a_has_no_first_self_pay_and_a_negotiated_drug_has_the_regions() {
    let shares = &lhasa().first_self_pay;
    for (line, share) in [
        (line(1, "阿司匹林片", "片剂"), Ratio::ZERO),
        (met(line(1, "西洛他唑片", "片剂")), shares.class_b.value),
        (ilaprazole(), shares.negotiated.value),
    ] {
        assert_eq!(one(&line, "2026-01-05").first_self_pay, share, "{}", line.generic_name);
    }
}

// proves: CAT-09
#[test]
fn a_marked_piece_is_not_paid_alone_nor_among_its_like_but_beside_another() {
    let angelica = piece(1, "当归");
    for (lines, payable) in [
        (vec![angelica.clone()], false),
        (vec![angelica.clone(), piece(2, "黄芪")], false),
        (vec![angelica.clone(), piece(2, "甘草片")], true),
    ] {
        for on in ["2025-06-01", "2026-06-01"] {
            let covered = covered(&lines, on);
            assert!(covered.lines.iter().all(|line| line.payable == payable), "{on} {lines:?}");
        }
    }
    assert_eq!(found(&angelica, "2025-06-01", Severity::SelfPay), ["CAT-09"]);
    assert!(!one(&piece(1, "阿胶"), "2025-06-01").payable, "named by the list as not payable");
}

// proves: CAT-09
#[test]
fn a_granule_is_paid_like_class_b_from_the_day_that_the_province_set() {
    let granule = Line { kind: ItemKind::Granule, ..piece(1, "甘草片配方颗粒") };
    let terms = one(&granule, "2025-06-01");
    assert!(terms.payable);
    assert_eq!(terms.first_self_pay, lhasa().first_self_pay.class_b.value);
    let mut before = lhasa().clone();
    before.granules.payable_from.value = day("2025-07-01");
    let facts = Facts { lines: vec![granule], ..facts() };
    let covered = coverage(&by_list_on(&facts, &before, "2025-06-01"));
    assert_eq!(rules(&covered.findings), ["CAT-09"]);
    assert!(!covered.lines[0].payable);
}

// proves: CAT-08
#[test]
fn an_institution_preparation_is_self_pay_and_the_hospital_is_told_that_no_pharmacy_serves_it() {
    let kind = ItemKind::InstitutionPreparation;
    let facts = Facts { lines: vec![Line { kind, ..line(1, "某制剂", "合剂") }], ..facts() };
    let verdict = judged(&facts);
    assert_eq!(rules(&verdict.findings), ["CAT-08", "CAT-08"]);
    assert!(verdict.is_self_pay(1) && !verdict.is_rejected());
}

// proves: CAT-10
#[test]
fn the_hospitals_flag_decides_on_a_restricted_drug() {
    let edition = catalogue().edition_on(day("2026-01-05")).expect("edition");
    let restricted = edition.find("西洛他唑片", Some("片剂")).item().expect("listed").clone();
    let free = edition.find("阿司匹林片", Some("片剂")).item().expect("listed").clone();
    let mut carried = restricted.clone();
    if let Some(text) = &mut carried.restriction {
        text.known = crate::catalogue::Knowledge::Carried;
    }
    let (no, met, not) = (Approval::NotNeeded, Approval::Met, Approval::NotMet);
    for (what, item, approval, payable, said) in [
        ("restricted", &restricted, no, false, Some(Severity::SelfPay)),
        ("restricted", &restricted, met, true, None),
        ("restricted", &restricted, not, false, Some(Severity::SelfPay)),
        ("carried", &carried, no, false, Some(Severity::SelfPay)),
        ("carried", &carried, met, true, Some(Severity::Warn)),
        ("carried", &carried, not, false, Some(Severity::SelfPay)),
        ("free", &free, no, true, None),
        ("free", &free, met, true, None),
        ("free", &free, not, false, Some(Severity::SelfPay)),
    ] {
        let line = Line { approval, ..line(1, "x", "片剂") };
        let mut found = Vec::new();
        let pays = super::restriction::restriction(&line, item, &mut found);
        assert_eq!(pays, payable, "{what} {approval:?}");
        assert_eq!(found.first().map(|one| one.severity), said, "{what} {approval:?}");
        let shows_text =
            found.iter().all(|one| one.evidence.is_some() == item.restriction.is_some());
        assert!(shows_text, "{what} {approval:?}");
    }
}

// proves: CAT-10
#[test]
fn a_restriction_that_was_not_read_is_said_to_be_unknown() {
    let edition = catalogue().edition_on(day("2026-01-05")).expect("edition");
    let mut item = edition.find("阿司匹林片", Some("片剂")).item().expect("listed").clone();
    item.restriction_known = crate::catalogue::Knowledge::Unknown;
    let mut found = Vec::new();
    assert!(super::restriction::restriction(&line(1, "x", ""), &item, &mut found));
    assert_eq!(found.first().map(|one| one.severity), Some(Severity::Warn));
}

// proves: CAT-13
#[test]
fn a_drug_of_work_injury_insurance_is_not_charged_to_basic_insurance() {
    let edition = catalogue().edition_on(day("2026-01-05")).expect("edition");
    let item = edition.items().iter().find(|item| item.is_work_injury_only()).expect("listed");
    let mut found = Vec::new();
    assert!(!super::restriction::restriction(&met(line(1, "x", "")), item, &mut found));
    assert_eq!(
        rules(&found),
        ["CAT-13", "CAT-13"],
        "self-pay, and a lead since it was stated to be met"
    );
}

// proves: PRC-01, PRC-02
#[test]
fn the_standard_of_a_package_is_the_units_price_times_its_units() {
    let of =
        |name: &str, form: &str, spec: &str| met(Line { spec: spec.into(), ..line(1, name, form) });
    for (line, standard, warned) in [
        (of("盐酸凯普拉生片", "片剂", "10mg*14片/盒"), Some("79.52"), None),
        (of("盐酸凯普拉生片", "片剂", "10mg"), None, Some("PRC-01")),
        (of("盐酸凯普拉生片", "片剂", "10mg/片"), None, Some("PRC-01")),
        (of("盐酸凯普拉生片", "片剂", "40mg*14片/盒"), None, Some("PRC-01")),
        (of("苯磺酸氨氯地平片", "片剂", "5mg*28片/盒"), Some("1.586676"), None),
        (of("苯磺酸氨氯地平片", "片剂", "5mg"), None, Some("PRC-02")),
        (of("苯磺酸氨氯地平片", "片剂", "2.5mg*28片/盒"), None, None),
    ] {
        let standard = standard.map(|text| text.parse().expect("amount"));
        assert_eq!(one(&line, "2026-01-05").standard, standard, "{line:?}");
        let said = found(&line, "2026-01-05", Severity::Warn);
        let said = said.iter().find(|rule| rule.starts_with("PRC")).map(String::as_str);
        assert_eq!(said, warned, "{line:?}");
    }
}

// proves: PRC-02
#[test]
fn historic_selected_prices_are_carried_on_only_where_the_region_says_so() {
    let mut strict = lhasa().clone();
    strict.vbp.historic_prices.value = false;
    let spec = "5mg*28片/盒".into();
    let lines = vec![Line { spec, ..line(1, "苯磺酸氨氯地平片", "片剂") }];
    let covered = coverage(&by_list_on(&Facts { lines, ..facts() }, &strict, "2026-01-05"));
    assert_eq!(covered.lines[0].standard, None);
}

// proves: RX-13, RTE-04
#[test]
fn without_a_benefit_path_or_in_another_pool_the_patient_pays() {
    use crate::prescription::InsuranceType::{Employee, Resident};
    use RxAttribute::{DualChannel, Other, OutpatientPooling};
    for (attribute, area, insurance, expected) in [
        (DualChannel, "540100", Employee, &[][..]),
        (OutpatientPooling, "540100", Employee, &[]),
        (Other, "540100", Employee, &["RX-13"]),
        (DualChannel, "540200", Employee, &["RTE-04"]),
        (DualChannel, "540200", Resident, &[]),
        (DualChannel, "620100", Resident, &["RTE-04"]),
        (Other, "620100", Resident, &["RTE-04", "RX-13"]),
    ] {
        let insured_area = area.parse().expect("area");
        let lines = vec![line(1, "阿司匹林片", "片剂")];
        let facts = Facts { attribute, insured_area, insurance, lines, ..facts() };
        let covered = coverage(&by_list_on(&facts, lhasa(), "2026-01-05"));
        assert_eq!(rules(&covered.findings), expected, "{attribute:?} {area} {insurance:?}");
        assert_eq!(covered.lines[0].payable, expected.is_empty());
    }
}

// proves: RX-05, RX-06, RX-07
#[test]
fn every_reason_is_named_at_once() {
    let lines = (1..=6).map(|no| Line { control: Control::Narcotic, ..line(no, "x", "片剂") });
    let facts = Facts { lines: lines.collect(), doctor: "D000".into(), ..facts() };
    let mut reasons = rejecting(&facts);
    reasons.dedup();
    assert_eq!(reasons, ["RX-06", "RX-07", "RX-05"], "the whole first, then its lines");
}

// proves: CAT-01
#[test]
fn a_plain_prescription_passes_and_names_what_it_was_judged_by() {
    let facts = issued_on("2026-01-05", vec![line(1, "阿司匹林片", "片剂")]);
    let verdict = judged(&facts);
    assert_eq!(rules(&verdict.findings), ["CAT-14"], "only the code is unverified");
    assert_eq!((&*verdict.edition, &*verdict.policy_digest), ("2025", "policy"));
    let (digest, revision) = (&*verdict.catalogue_digest, verdict.rules_revision);
    assert_eq!((digest, revision), ("catalogue", super::RULES_REVISION));
}

#[test]
fn outside_every_edition_or_without_a_policy_nothing_is_paid_or_taken() {
    let covered = covered(&[line(1, "阿司匹林片", "片剂")], "2020-01-01");
    assert!(!covered.lines[0].payable && covered.edition.is_empty());
    let mut elsewhere = hospital();
    elsewhere.pooling_area = "110000".parse().expect("area");
    let facts = facts();
    assert!(prescription(&facts, &elsewhere, &knowledge(), facts.issued_at).is_rejected());
}

#[test]
fn a_rule_on_trial_is_noted_and_keeps_nothing_from_the_fund() {
    let mut trial = lhasa().clone();
    let elsewhere = Facts { insured_area: "621000".parse().expect("area"), ..facts() };
    let terms = |region| coverage(&by_list_on(&elsewhere, region, "2026-01-05"));
    assert!(!terms(lhasa()).lines[0].payable);
    let text = include_str!("../../../../catalogue/regions/540100.toml");
    let mode = "[rules.RTE-04]\nmode = { value = \"shadow\", assumed = true }\n";
    trial.rules = Region::parse(&format!("{text}\n{mode}"), "").expect("a policy").rules;
    let covered = terms(&trial);
    assert!(covered.lines[0].payable);
    let note = covered.findings.iter().find(|one| &*one.rule == "RTE-04").expect("a note");
    assert_eq!((note.severity, note.on_trial), (Severity::Clue, Some(Severity::SelfPay)));
}
