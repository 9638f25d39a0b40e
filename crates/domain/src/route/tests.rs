//! Who is shown, in which order, and who is not.
#![cfg(test)]

use std::collections::HashMap;

use chrono::NaiveDate;

use super::*;
use crate::check::sample::lhasa;
use crate::institution::{
    Abilities, AgreementPeriod, AgreementStatus, Credentials, InstitutionKind, Level, PoolingArea,
};
use crate::money::Quantity;
use crate::prescription::{Prescription, Verdict};
use crate::register::Entries;
use crate::settle::sample::{facts, line, yuan};

const TODAY: NaiveDate = NaiveDate::from_ymd_opt(2026, 1, 5).expect("day");
const HERE: Place = Place { lon_udeg: 91_140_000, lat_udeg: 29_650_000 };

fn area(code: &str) -> PoolingArea {
    code.parse().expect("area")
}

/// An eligible pharmacy, `km` north of the patient.
fn pharmacy(id: i64, km: i64) -> Institution {
    let abilities = Abilities {
        dual_channel: true,
        outpatient_pooling: true,
        delivery: id % 2 == 0,
        trace_connected: true,
        ..Abilities::default()
    };
    let (from, to) = (NaiveDate::MIN, NaiveDate::MAX);
    Institution {
        id: InstitutionId::new(id),
        code: format!("P540102{id:05}").into(),
        kind: InstitutionKind::Pharmacy,
        name: format!("Synthetic pharmacy {id}").into(),
        pooling_area: area("540100"),
        county: "540102".into(),
        level: Level::Grassroots,
        place: Some(Place { lat_udeg: HERE.lat_udeg + km * 8_993, ..HERE }),
        abilities,
        agreement: vec![AgreementPeriod { from, to, status: AgreementStatus::Active }],
        notify_url: None,
        credentials: Credentials::default(),
    }
}

fn candidates(
    prescription: &Prescription,
    registry: &Registry,
    stock: &[Stock],
    enquiry: &Enquiry,
) -> Routed {
    let errand = Errand::new(prescription, Entries::default(), lhasa(), TODAY);
    super::candidates(&errand, registry, stock, enquiry)
}

/// Two lines: 3 of the first product, 1 of the second.
fn prescription(id: i64) -> Prescription {
    Prescription {
        id: crate::id::Id::new(id),
        institution_id: InstitutionId::new(1),
        person_id: crate::id::Id::new(1),
        pooling_area: area("540100"),
        accepted_at: Moment::default(),
        facts: facts(vec![line(1, "3"), line(2, "1")]),
        verdict: Verdict {
            findings: Vec::new(),
            edition: "2025".into(),
            catalogue_digest: "".into(),
            policy_digest: "".into(),
            rules_revision: 1,
        },
    }
}

fn stock(pharmacy: i64, line_no: i32, quantity: i64, unit_price: &str, as_of: i64) -> Stock {
    Stock {
        pharmacy_id: InstitutionId::new(pharmacy),
        product_key: line(line_no, "1").product_key(),
        quantity: Quantity::whole(quantity),
        unit_price: yuan(unit_price),
        as_of: Moment::from_millis(as_of),
    }
}

/// Four pharmacies: 11 near and dear, 12 far and cheap, 13 between with one line only, 14 without a place or stock.
fn town() -> (Registry, Vec<Stock>) {
    let nowhere = Institution { place: None, ..pharmacy(14, 0) };
    let shops = vec![pharmacy(12, 30), nowhere, pharmacy(11, 1), pharmacy(13, 5)];
    let stock = vec![
        stock(12, 1, 9, "10.00", 100),
        stock(11, 2, 1, "8.00", 300),
        stock(11, 1, 3, "12.50", 200),
        stock(12, 2, 9, "7.00", 150),
        stock(13, 1, 2, "1.00", 400),
        stock(13, 2, 2, "1.00", 500),
    ];
    (Registry::new(1, shops, Vec::new()), stock)
}

fn enquiry(by: SortKey) -> Enquiry {
    Enquiry { from: Some(HERE), by, limit: 50 }
}

fn ids(routed: &Routed) -> Vec<i64> {
    routed.shown.iter().map(|one| one.pharmacy_id.raw()).collect()
}

// proves: RTE-01
#[test]
fn the_list_is_ordered_by_the_one_key_that_the_patient_picked() {
    let (registry, stock) = town();
    for (by, order) in [
        (SortKey::Distance, vec![11, 13, 12, 14]),
        (SortKey::Price, vec![12, 11]),
        (SortKey::Complete, vec![13, 14]),
    ] {
        let routed = candidates(&prescription(7), &registry, &stock, &enquiry(by));
        let shown = ids(&routed);
        match by {
            SortKey::Distance => assert_eq!(shown, order),
            SortKey::Price => assert!(shown.starts_with(&order), "{shown:?}"),
            SortKey::Complete => assert!(shown.ends_with(&order), "{shown:?}"),
        }
    }
}

// proves: RTE-01
#[test]
fn everything_eligible_is_shown_and_nobody_is_preselected() {
    let (registry, stock) = town();
    for by in [SortKey::Distance, SortKey::Price, SortKey::Complete] {
        let routed = candidates(&prescription(7), &registry, &stock, &enquiry(by));
        let mut shown = ids(&routed);
        shown.sort_unstable();
        assert_eq!((shown, routed.eligible), (vec![11, 12, 13, 14], 4), "{by:?}");
    }
    // No field of a candidate could mark one of them: two that are alike but for the name are told apart by nothing else.
    let twins = Registry::new(1, vec![pharmacy(20, 1), pharmacy(22, 1)], Vec::new());
    let routed = candidates(&prescription(7), &twins, &[], &enquiry(SortKey::Price));
    let [one, other] = &routed.shown[..] else { panic!("two are shown") };
    let (pharmacy_id, name) = (one.pharmacy_id, one.name.clone());
    assert_eq!(*one, Candidate { pharmacy_id, name, ..other.clone() });
}

// proves: RTE-01
#[test]
fn a_pharmacy_is_described_by_what_it_reported() {
    let (registry, stock) = town();
    let routed = candidates(&prescription(7), &registry, &stock, &enquiry(SortKey::Distance));
    let facts = |one: &Candidate| {
        let as_of = one.stock_as_of.map(Moment::millis);
        (one.distance_m, one.missing_lines.clone(), one.total_price, as_of, one.delivery)
    };
    let described: Vec<_> = routed.shown.iter().map(facts).collect();
    assert_eq!(
        described,
        [
            (Some(1_000), vec![], Some(yuan("45.50")), Some(200), false),
            (Some(5_000), vec![1], None, Some(400), false),
            (Some(29_999), vec![], Some(yuan("37.00")), Some(100), true),
            (None, vec![1, 2], None, None, true),
        ]
    );
    assert!(routed.shown.iter().all(|one| one.complete == one.missing_lines.is_empty()));
}

// proves: RTE-01
#[test]
fn a_tie_favours_no_shop_over_many_prescriptions() {
    let shops = (1..=5).map(|id| pharmacy(id, 1)).collect();
    let registry = Registry::new(1, shops, Vec::new());
    let mut times_first: HashMap<i64, usize> = HashMap::new();
    for id in 0..2_000 {
        let routed = candidates(&prescription(id), &registry, &[], &enquiry(SortKey::Distance));
        *times_first.entry(ids(&routed)[0]).or_default() += 1;
    }
    // Four hundred each, give or take five standard deviations.
    let fair = |times: &usize| (310..490).contains(times);
    assert!(times_first.len() == 5 && times_first.values().all(fair), "{times_first:?}");
}

#[test]
fn the_same_question_gets_the_same_list() {
    let (registry, mut stock) = town();
    let ask = |stock: &[Stock]| {
        candidates(&prescription(7), &registry, stock, &enquiry(SortKey::Complete))
    };
    let before = ask(&stock);
    stock.reverse();
    assert_eq!(ask(&stock), before);
}

// proves: RTE-01
#[test]
fn who_may_not_serve_is_left_out_with_every_reason() {
    let (from, to) = (NaiveDate::MIN, NaiveDate::MAX);
    let suspended = AgreementPeriod { from, to, status: AgreementStatus::Suspended };
    let mut both = pharmacy(22, 1);
    both.agreement = vec![suspended];
    both.abilities.trace_connected = false;
    let mut unconnected = pharmacy(21, 1);
    unconnected.abilities.trace_connected = false;
    let elsewhere = Institution { pooling_area: area("542400"), ..pharmacy(23, 1) };
    let hospital = Institution { kind: InstitutionKind::Hospital, ..pharmacy(24, 1) };
    let of = vec![both, unconnected, elsewhere, hospital, pharmacy(25, 1)];
    let registry = Registry::new(1, of, Vec::new());
    let routed = candidates(&prescription(7), &registry, &[], &enquiry(SortKey::Distance));
    assert_eq!(ids(&routed), [25]);
    let reasons: Vec<(i64, Vec<&str>)> = routed
        .excluded
        .iter()
        .map(|one| (one.pharmacy_id.raw(), one.findings.iter().map(|why| &*why.rule).collect()))
        .collect();
    assert_eq!(reasons, [(21, vec!["PH-07"]), (22, vec!["PH-04", "PH-07"])]);
}

#[test]
fn a_short_list_is_the_head_of_the_long_one() {
    let shops = (1..=40).map(|id| pharmacy(id, id * 7 % 11)).collect();
    let registry = Registry::new(1, shops, Vec::new());
    let ask = |limit| {
        let enquiry = Enquiry { limit, ..enquiry(SortKey::Distance) };
        candidates(&prescription(7), &registry, &[], &enquiry)
    };
    let whole = ask(usize::MAX);
    for limit in [0, 1, 10, 40] {
        let head = ask(limit);
        assert_eq!(head.shown, whole.shown[..limit]);
        assert_eq!(head.eligible, 40);
    }
}

#[test]
fn two_lines_of_one_product_need_enough_for_both() {
    let registry = Registry::new(1, vec![pharmacy(11, 1)], Vec::new());
    let mut twice = prescription(7);
    twice.facts.lines =
        vec![line(1, "2"), crate::prescription::Line { line_no: 2, ..line(1, "2") }];
    for (quantity, missing) in [(3, vec![1, 2]), (4, vec![])] {
        let stock = [stock(11, 1, quantity, "1.00", 0)];
        let routed = candidates(&twice, &registry, &stock, &enquiry(SortKey::Price));
        assert_eq!(routed.shown[0].missing_lines, missing, "{quantity}");
    }
}
