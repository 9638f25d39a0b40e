//! What the pure core costs by itself, measured in this process: reading, checking, routing, building the catalogue.

use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use domain::check::{self, Errand};
use domain::id::Id;
use domain::knowledge::Knowledge;
use domain::moment::Moment;
use domain::prescription::Prescription;
use domain::register::Entries;
use domain::route::{self, Enquiry, SortKey, Stock};
use rxgate::app::read_knowledge;
use rxgate::flow::hospital::Draft;
use rxgate::http::form::Form;
use rxgate::http::prescription_form::PrescriptionForm;
use serde::Serialize;

use crate::city;

const PHARMACIES: i64 = 5_000;
/// Batches whose median is taken: other work on the machine disturbs some of them, not half.
const BATCHES: usize = 41;

#[derive(Clone, Debug, Serialize)]
pub struct Pure {
    pub catalogue_build_ms: f64,
    /// Reading a 5-line prescription from JSON.
    pub parse_us: f64,
    /// All rules of RX, CAT and RV over it, on the full catalogue.
    pub checks_us: f64,
    /// Every pharmacy of the area looked at, three lines, all in stock.
    pub route_by_distance_us: f64,
    pub route_by_price_us: f64,
    pub route_by_completeness_us: f64,
}

/// Measures everything; gives the knowledge back, which the servers' registers need.
pub fn measure(catalogue: &Path, now: Moment) -> (Pure, Knowledge) {
    let began = Instant::now();
    let knowledge = read_knowledge(catalogue).unwrap();
    let built = began.elapsed();
    let known = city::knowledge_of(&knowledge, PHARMACIES);
    let text = city::prescription(1, 5, now);
    let issuer = known.registry.institution(Id::new(city::hospital_of(1))).unwrap();
    let draft = read(&text);
    let verdict = check::prescription(&draft.facts, issuer, &known, now);
    assert!(!verdict.is_rejected(), "the measured prescription is refused: {:?}", verdict.findings);
    let prescription = Prescription {
        id: Id::new(7),
        institution_id: issuer.id,
        person_id: Id::new(1),
        pooling_area: issuer.pooling_area.clone(),
        accepted_at: now,
        facts: read(&city::prescription(1, city::LINES, now)).facts,
        verdict,
    };
    let stock = city::stock(PHARMACIES, city::LINES);
    let route = |by| median_us(20, || routed(&prescription, &known, &stock, by, now));
    let pure = Pure {
        catalogue_build_ms: built.as_secs_f64() * 1e3,
        parse_us: median_us(500, || black_box(read(black_box(&text))).facts.lines.len()),
        checks_us: median_us(500, || {
            black_box(check::prescription(black_box(&draft.facts), issuer, &known, now))
                .findings
                .len()
        }),
        route_by_distance_us: route(SortKey::Distance),
        route_by_price_us: route(SortKey::Price),
        route_by_completeness_us: route(SortKey::Complete),
    };
    (pure, knowledge)
}

fn read(text: &str) -> Draft {
    let form: PrescriptionForm = serde_json::from_slice(text.as_bytes()).unwrap();
    form.read().unwrap()
}

fn routed(
    prescription: &Prescription,
    known: &Knowledge,
    stock: &[Stock],
    by: SortKey,
    now: Moment,
) -> usize {
    let from = Some(domain::institution::Place { lon_udeg: 91_150_000, lat_udeg: 29_660_000 });
    let today = now.civil_date();
    let region = known.region(&prescription.pooling_area, today).unwrap();
    let errand = Errand::new(prescription, Entries::default(), region, today);
    let enquiry = Enquiry { from, by, limit: 50 };
    let routed = route::candidates(&errand, &known.registry, black_box(stock), &enquiry);
    assert_eq!((routed.eligible, routed.shown.len()), (PHARMACIES as usize, 50));
    black_box(routed).shown.len()
}

/// Microseconds of one call: the median over batches of `size` calls.
fn median_us(size: u32, mut call: impl FnMut() -> usize) -> f64 {
    let mut batch = || {
        let began = Instant::now();
        (0..size).for_each(|_| {
            black_box(call());
        });
        began.elapsed()
    };
    batch();
    let mut batches: Vec<Duration> = (0..BATCHES).map(|_| batch()).collect();
    batches.sort_unstable();
    batches[BATCHES / 2].as_secs_f64() * 1e6 / f64::from(size)
}
