//! What reads give: shapes for the doors, already without anything that is nobody's business there.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use domain::dispensing::DispensingId;
use domain::id::Id;
use domain::institution::{InstitutionId, PoolingArea};
use domain::lifecycle::{DispensingState, Review, State};
use domain::line_states::LineStates;
use domain::moment::Moment;
use domain::money::Yuan;
use domain::prescription::{Line, PackedLine, PrescriptionId};
use domain::register::{Content, Entry, EntryId};
use domain::settle::{Account, SettlementId, Split};
use domain::world::{EventId, Notice};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where a prescription is, with its numbers. No identity and no diagnosis.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PrescriptionView {
    pub prescription_id: PrescriptionId,
    /// The hospital that issued it.
    pub institution_id: InstitutionId,
    pub pooling_area: PoolingArea,
    pub hosp_rxno: Box<str>,
    pub hi_rxno: Box<str>,
    pub rx_trace_code: Box<str>,
    /// As it is at the time of reading, recorded or not.
    pub state: State,
    pub issued_at: Moment,
    pub accepted_at: Moment,
    pub valid_until: Moment,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub chosen_pharmacy: Option<InstitutionId>,
    /// The pharmacy that holds it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub holder: Option<InstitutionId>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub lease_until: Option<Moment>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub review: Option<Review>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub frozen_until: Option<Moment>,
    /// Lines that wait for somebody, were withdrawn or used.
    #[serde(skip_serializing_if = "LineStates::is_empty", default)]
    pub line_states: LineStates,
}

/// A prescription as the pharmacy sees it that holds it or sold it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HeldView {
    pub prescription: PrescriptionView,
    pub diagnoses: Vec<Box<str>>,
    pub lines: Vec<Line>,
    /// This pharmacy's own, oldest first.
    pub dispensings: Vec<DispensingView>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DispensingView {
    pub dispensing_id: DispensingId,
    pub state: DispensingState,
    pub prepared_at: Moment,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub settled_at: Option<Moment>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub handed_over_at: Option<Moment>,
    pub quoted_personal: Yuan,
    pub lines: Vec<PackedLine>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub settlement: Option<SettlementView>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SettlementView {
    pub settlement_id: SettlementId,
    pub settled_at: Moment,
    pub edition: Box<str>,
    pub split: Split,
}

/// One entry of a register of persons. Of a proxy only the keyed hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EntryView {
    #[schema(value_type = String)]
    pub entry_id: EntryId,
    pub area: PoolingArea,
    pub from: NaiveDate,
    /// First day on which it no longer holds.
    pub to: NaiveDate,
    pub content: Content,
}

impl From<Entry> for EntryView {
    fn from(of: Entry) -> EntryView {
        let Entry { id, area, from, to, content, .. } = of;
        EntryView { entry_id: id, area, from, to, content }
    }
}

/// A notice that could not be delivered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NoticeView {
    #[schema(value_type = String)]
    pub notice_id: Id<Notice>,
    #[schema(value_type = String)]
    pub event_id: EventId,
    pub prescription_id: PrescriptionId,
    /// What it tells of, such as `settled`.
    pub kind: Box<str>,
    /// Attempts that failed.
    pub attempts: i32,
    /// What the last attempt came to.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub last_error: Option<Box<str>>,
}

/// One event of the record, as it was stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct EventView {
    pub lane: i32,
    /// Number within the lane, from 1 without a gap.
    pub seq: i64,
    pub event_id: EventId,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub prescription_id: Option<PrescriptionId>,
    /// Number within the prescription, from 1 without a gap.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub rx_seq: Option<i64>,
    pub kind: Box<str>,
    /// The institution that did it; none: the gateway itself or the patient.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub actor: Option<InstitutionId>,
    pub at: Moment,
    #[schema(value_type = Object)]
    pub body: serde_json::Value,
    /// Digest of the event, hexadecimal.
    pub digest: String,
}

/// What the second factor of a pick-up is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecondFactor {
    /// The issue of the pick-up token that counts.
    pub pickup_rotation: i32,
    pub last_four_hash: Box<[u8]>,
}

/// Which of its own prescriptions a hospital wants.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HospitalFilter {
    pub state: Option<State>,
    pub hosp_rxno: Option<Box<str>>,
}

/// Which prescriptions a regulator wants.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchFilter {
    pub hospital: Option<InstitutionId>,
    /// Chosen for it, held by it, or prepared there.
    pub pharmacy: Option<InstitutionId>,
    pub state: Option<State>,
    /// Accepted at or after.
    pub from: Option<Moment>,
    /// Accepted before.
    pub before: Option<Moment>,
}

/// Sums over everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Totals {
    /// Prescriptions by state.
    pub prescriptions: BTreeMap<State, i64>,
    /// Postings by account; together they are zero.
    pub ledger: BTreeMap<Account, Yuan>,
    pub settlements: i64,
    pub settled_total: Yuan,
    pub settled_fund: Yuan,
    pub settled_personal: Yuan,
}

/// What recomputing the chain of events found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ChainReport {
    /// Events that were recomputed.
    pub events: i64,
    pub lanes: i64,
    /// The first event that is not as it was written; none: nothing was altered.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub first_bad: Option<BadEvent>,
    /// Where each lane was found to end: a later check may start there.
    pub heads: BTreeMap<i32, i64>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BadEvent {
    pub lane: i32,
    pub seq: i64,
    pub why: String,
}
