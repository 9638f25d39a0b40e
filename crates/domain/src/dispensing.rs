//! One visit to one pharmacy: what was packed, which boxes, and how it ended.
//!
//! Knows nothing of money split (see [`crate::settle`]). Serves DS-01..DS-05.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::id::Id;
use crate::institution::InstitutionId;
use crate::lifecycle::DispensingState;
use crate::moment::Moment;
use crate::money::Yuan;
use crate::prescription::{PackedLine, PrescriptionId, TraceCode};

pub type DispensingId = Id<Dispensing>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispensing {
    pub id: DispensingId,
    pub prescription_id: PrescriptionId,
    pub pharmacy_id: InstitutionId,
    pub state: DispensingState,
    pub prepared_at: Moment,
    pub settled_at: Option<Moment>,
    pub handed_over_at: Option<Moment>,
    /// What the patient would pay by the quote made at `prepared_at`.
    pub quoted_personal: Yuan,
    pub lines: Vec<PackedLine>,
}

impl Dispensing {
    pub fn is_prepared(&self) -> bool {
        self.state == DispensingState::Prepared
    }
    /// Sold, whoever paid.
    pub fn is_sold(&self) -> bool {
        self.state.is_sold()
    }
    pub fn trace_codes(&self) -> impl Iterator<Item = &TraceCode> {
        self.lines.iter().flat_map(|line| line.boxes.iter().map(|one| &one.trace_code))
    }
}

/// Where a box is in our own ledger of trace codes (DS-04).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BoxState {
    /// Seen, and given back before it was sold.
    Free,
    Reserved,
    Sold,
    /// Came back after it had left the shop: never sold again (DS-09).
    Quarantined,
}

/// A drug package by its trace code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DrugBox {
    pub trace_code: TraceCode,
    pub state: BoxState,
    /// The dispensing that has or last had it.
    pub dispensing_id: DispensingId,
    pub line_no: i32,
    pub lot: Box<str>,
    pub expires_on: NaiveDate,
}
