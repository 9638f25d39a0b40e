//! Which pharmacies may serve a prescription, and in which order the patient sees them (RTE-01; DESIGN §3 "Routing").
//!
//! Chooses for nobody. Does not know why a pharmacy may not serve: that is [`crate::check::pharmacy`]. Pure: the caller
//! brings the reported stock and logs the list that was shown.

mod distance;
mod order;
mod shelf;
mod tests;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::check::{self, Errand};
use crate::finding::Finding;
use crate::institution::{Institution, InstitutionId, Place, Registry};
use crate::moment::Moment;
use crate::money::Yuan;
use distance::Origin;
use order::{First, UNKNOWN, lot};
use shelf::{Shelf, Shelves};

pub use shelf::Stock;

/// The one key that the patient sorts by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SortKey {
    /// Nearest first; unknown places last.
    Distance,
    /// Cheapest first; without a price for every line, last.
    Price,
    /// Fewest missing lines first.
    Complete,
}

/// What the patient asks: from where, sorted by what, how long a list.
#[derive(Clone, Copy, Debug)]
pub struct Enquiry {
    pub from: Option<Place>,
    pub by: SortKey,
    /// Pharmacies shown at most.
    pub limit: usize,
}

/// A pharmacy that may serve the prescription.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Candidate {
    pub pharmacy_id: InstitutionId,
    pub name: Box<str>,
    /// Six-digit code of the county.
    pub county: Box<str>,
    /// Whole metres as the crow flies; none when either place is unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub distance_m: Option<i64>,
    /// It reported enough of every line.
    pub complete: bool,
    pub missing_lines: Vec<i32>,
    /// Price of all lines in yuan before any benefit; none unless complete.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_price: Option<Yuan>,
    /// Since when its figures for these products stand: the oldest of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stock_as_of: Option<Moment>,
    pub delivery: bool,
}

/// A pharmacy of the area that may not serve the prescription, and why. For the regulator and that pharmacy only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Excluded {
    pub pharmacy_id: InstitutionId,
    pub findings: Vec<Finding>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Routed {
    /// In the order to show, at most [`Enquiry::limit`].
    pub shown: Vec<Candidate>,
    /// How many are eligible, shown or not.
    pub eligible: usize,
    /// In the order of their ids.
    pub excluded: Vec<Excluded>,
}

/// Rule: RTE-01 — every eligible pharmacy of the pooling area, in stock or not, ordered by the one key that the patient
/// picked; ties fall by a lot drawn anew for each prescription. Nobody is preselected.
pub fn candidates(
    errand: &Errand<'_>,
    registry: &Registry,
    stock: &[Stock],
    enquiry: &Enquiry,
) -> Routed {
    let prescription = errand.prescription;
    let origin = enquiry.from.map(Origin::new);
    let mut shelves = Shelves::new(&prescription.facts.lines, stock);
    let mut eligible: Vec<&Institution> = Vec::new();
    let mut excluded = Vec::new();
    let mut first = First::new(enquiry.limit);
    for pharmacy in registry.pharmacies(&prescription.pooling_area) {
        let findings = check::pharmacy(pharmacy, errand);
        if check::bars(&findings) {
            excluded.push(Excluded { pharmacy_id: pharmacy.id, findings });
            continue;
        }
        let key = match enquiry.by {
            SortKey::Distance => distance(origin.as_ref(), pharmacy),
            SortKey::Price => shelves.of(pharmacy.id).total_price().map(Yuan::micro),
            SortKey::Complete => i64::try_from(shelves.of(pharmacy.id).count_missing()).ok(),
        };
        let lot = lot(prescription.id, pharmacy.id);
        first.consider((key.unwrap_or(UNKNOWN), lot, eligible.len()));
        eligible.push(pharmacy);
    }
    let listed = first.in_order().into_iter().filter_map(|(.., at)| eligible.get(at));
    let shown = listed.map(|pharmacy| {
        candidate(pharmacy, &shelves.of(pharmacy.id), distance(origin.as_ref(), pharmacy))
    });
    Routed { shown: shown.collect(), eligible: eligible.len(), excluded }
}

fn distance(from: Option<&Origin>, pharmacy: &Institution) -> Option<i64> {
    Some(from?.metres_to(pharmacy.place?))
}

fn candidate(pharmacy: &Institution, shelf: &Shelf<'_>, distance_m: Option<i64>) -> Candidate {
    let missing_lines = shelf.missing_lines();
    Candidate {
        pharmacy_id: pharmacy.id,
        name: pharmacy.name.clone(),
        county: pharmacy.county.clone(),
        distance_m,
        complete: missing_lines.is_empty(),
        missing_lines,
        total_price: shelf.total_price(),
        stock_as_of: shelf.as_of(),
        delivery: pharmacy.abilities.delivery,
    }
}
