//! What every engine does. Object-safe: the rest of the program sees only `dyn Engine`, and the writer `dyn Desk`.
//!
//! Every list ends at `limit` and goes on after a key, so that nothing is counted and nothing is skipped over.

use std::collections::BTreeMap;
use std::sync::Arc;

use diesel::prelude::*;
use domain::circulation::Circulation;
use domain::dispensing::Dispensing;
use domain::institution::{Institution, InstitutionId, PoolingArea, Practitioner, Registry};
use domain::moment::Moment;
use domain::prescription::{Prescription, PrescriptionId, ProductKey};
use domain::register::Register;
use domain::route::Stock;
use domain::settle::Settlement;
use domain::world::Sealed;

use crate::fault::StoreError;
use crate::rows::circulation::CirculationRow;
use crate::rows::command::CommandRow;
use crate::rows::dispensing::{DispensingRow, DrugBoxRow};
use crate::rows::entry::EntryRow;
use crate::rows::event::{EventRow, LaneRow};
use crate::rows::outbox::{OutboxRow, Told};
use crate::rows::prescription::{LineRow, PersonRow, PrescriptionRow};
use crate::rows::register::Client;
use crate::rows::settlement::{PostingRow, SettlementRow, UsageRow};
use crate::saving::Saving;
use crate::schema::prescription;
use crate::view::{
    EntryView, EventView, HeldView, HospitalFilter, NoticeView, PrescriptionView, SearchFilter,
    SecondFactor, Totals,
};

type Read<T> = Result<T, StoreError>;

/// An open database.
pub trait Engine: Reads + Search + Entries + Outbox + Retention + Registers + Send {}

/// Plain reads of single things and work lists.
pub trait Reads {
    /// Does the database answer?
    fn ping(&mut self) -> Read<()>;
    fn prescription(&mut self, id: PrescriptionId) -> Read<Option<Arc<Prescription>>>;
    fn circulation(&mut self, id: PrescriptionId) -> Read<Option<Circulation>>;
    /// Oldest first.
    fn dispensings(&mut self, id: PrescriptionId) -> Read<Vec<Dispensing>>;
    /// Oldest first.
    fn settlements(&mut self, id: PrescriptionId) -> Read<Vec<Settlement>>;
    /// What a patient's second factor is compared with.
    fn second_factor(&mut self, id: PrescriptionId) -> Read<Option<SecondFactor>>;
    fn sealed(&mut self, id: PrescriptionId) -> Read<Option<Sealed>>;
    /// One of a hospital's own prescriptions.
    fn hospital_prescription(
        &mut self,
        hospital: InstitutionId,
        id: PrescriptionId,
        now: Moment,
    ) -> Read<Option<PrescriptionView>>;
    /// What a pharmacy holds now or sold.
    fn held(
        &mut self,
        pharmacy: InstitutionId,
        id: PrescriptionId,
        now: Moment,
    ) -> Read<Option<HeldView>>;
    /// What any pharmacy has of these products.
    fn stock(&mut self, keys: Vec<ProductKey>) -> Read<Vec<Stock>>;
    /// Prescriptions for which time alone has done something, longest ago first.
    fn due(&mut self, now: Moment, limit: i64) -> Read<Vec<PrescriptionId>>;
}

/// Lists, newest first unless said otherwise; `before` is the last item of the page before.
pub trait Search {
    fn hospital_prescriptions(
        &mut self,
        hospital: InstitutionId,
        filter: &HospitalFilter,
        before: Option<PrescriptionId>,
        limit: i64,
        now: Moment,
    ) -> Read<Vec<PrescriptionView>>;
    /// What patients chose this pharmacy for and may still be dispensed, and what it holds.
    fn worklist(
        &mut self,
        pharmacy: InstitutionId,
        before: Option<PrescriptionId>,
        limit: i64,
        now: Moment,
    ) -> Read<Vec<PrescriptionView>>;
    fn search(
        &mut self,
        filter: &SearchFilter,
        before: Option<PrescriptionId>,
        limit: i64,
        now: Moment,
    ) -> Read<Vec<PrescriptionView>>;
    /// Everything that happened to one prescription, in its own order.
    fn timeline(&mut self, id: PrescriptionId) -> Read<Vec<EventView>>;
    /// Events after a cursor of lane and number, lane by lane; a lane that the cursor does not name starts at its start.
    fn events_after(&mut self, after: &BTreeMap<i32, i64>, limit: i64) -> Read<Vec<EventView>>;
    /// Prescriptions of an area on which something waits for a decision.
    fn held_back(
        &mut self,
        area: &PoolingArea,
        before: Option<PrescriptionId>,
        limit: i64,
        now: Moment,
    ) -> Read<Vec<PrescriptionView>>;
    /// Sums over everything, states as they are at `now`; what was taken back does not count.
    fn totals(&mut self, now: Moment) -> Read<Totals>;
    /// Rows of one lane after a number, in order: what an audit recomputes.
    fn chain_page(&mut self, lane: i32, after: i64, limit: i64) -> Read<Vec<EventRow>>;
    /// All lanes as they stand.
    fn lanes(&mut self) -> Read<Vec<LaneRow>>;
    /// The last digest of each of these prescriptions' own chains before its event `rx_seq`.
    fn rx_digests(&mut self, before: &[(i64, i64)]) -> Read<BTreeMap<(i64, i64), Vec<u8>>>;
}

/// The registers of persons.
pub trait Entries {
    /// One person's entries in an area, oldest first.
    fn entries(&mut self, area: &PoolingArea, identity_hash: &[u8]) -> Read<Vec<EntryView>>;
    /// All entries of the person of a prescription, oldest first.
    fn entries_for(&mut self, id: PrescriptionId) -> Read<Vec<EntryView>>;
    /// A person's open prescriptions in an area, each with the number of its claims.
    fn open_of(
        &mut self,
        area: &PoolingArea,
        identity_hash: &[u8],
        now: Moment,
    ) -> Read<Vec<(Arc<Prescription>, i32)>>;
    /// An area's register is loaded as of an instant; raises the registry's revision.
    fn loaded(&mut self, area: &PoolingArea, register: Register, as_of: Moment) -> Read<()>;
}

/// Delivery of notices. A row is leased, then delivered, put off, or given up.
pub trait Outbox {
    /// Leases up to `limit` notices that are due. Of one partner and prescription only the oldest undelivered is given,
    /// and no two callers get the same.
    fn take_due(&mut self, now: Moment, limit: i64, lease_ms: i64) -> Read<Vec<OutboxRow>>;
    /// Notes what became of leased notices, in one transaction. What follows one that was given up, for the same partner
    /// and prescription, waits until it is sent again.
    fn told(&mut self, all: &[Told]) -> Read<()>;
    /// A partner's dead letter becomes due at once; false: it has no such.
    fn resend(&mut self, partner: InstitutionId, id: i64, now: Moment) -> Read<bool>;
    /// A partner's dead letters, oldest first.
    fn dead_letters(&mut self, partner: InstitutionId, limit: i64) -> Read<Vec<NoticeView>>;
}

/// What has served its time.
pub trait Retention {
    /// Moves what was committed from the log into the database's own file, beside the writer. PostgreSQL does so by itself.
    fn checkpoint(&mut self) -> Read<()>;
    /// Forgets up to `limit` stored answers and as many delivered notices from before `before`; how many were there.
    fn forget(&mut self, before: Moment, limit: i64) -> Read<usize>;
}

/// Who takes part. Each change of institutions or people raises the registry's revision in its own transaction.
pub trait Registers {
    fn registry(&mut self) -> Read<Registry>;
    fn client(&mut self, id: &str) -> Read<Option<Client>>;
    /// New or replaced by id.
    fn put_institutions(&mut self, all: &[Institution]) -> Read<()>;
    /// New or replaced by institution, code, profession and first day.
    fn put_practitioners(&mut self, all: &[Practitioner]) -> Read<()>;
    /// New or replaced by pharmacy and product; an older count never replaces a newer one.
    fn put_stock(&mut self, all: &[Stock]) -> Read<()>;
    /// New or replaced by id.
    fn put_clients(&mut self, all: &[Client]) -> Read<()>;
}

/// What a batch begins with, in one statement.
#[derive(Clone, Debug, diesel::QueryableByName)]
pub struct Opening {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    pub epoch: i64,
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    pub seq: i64,
    #[diesel(sql_type = diesel::sql_types::Binary)]
    pub head: Vec<u8>,
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    pub last_ms: i64,
    /// The database's clock.
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    pub clock_ms: i64,
    /// Revision of the registry.
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    pub revision: i64,
}

/// What the writer needs: one transaction, whole sets of rows at a time, locks in one order of keys.
pub trait Desk: Engine {
    fn begin(&mut self) -> QueryResult<()>;
    fn commit(&mut self) -> QueryResult<()>;
    fn rollback(&mut self) -> QueryResult<()>;

    /// A lane that nobody touched for ten seconds, or a new one, with its epoch raised.
    fn take_lane(&mut self) -> QueryResult<Option<LaneRow>>;
    /// Lets the next writer have the lane at once.
    fn free_lane(&mut self, lane: &LaneRow) -> QueryResult<()>;
    /// The lane, the clock and the registry's revision; none: there is no such lane.
    fn opening(&mut self, lane: i32) -> QueryResult<Option<Opening>>;

    fn answers(&mut self, calls: &[(i64, &str)]) -> QueryResult<Vec<CommandRow>>;
    fn people(&mut self, hashes: &[&[u8]]) -> QueryResult<Vec<PersonRow>>;
    /// Makes those that are not there yet; how many were made.
    fn make_people(&mut self, rows: &[PersonRow]) -> QueryResult<usize>;
    /// Hospital, number and prescription, for the numbers that are taken.
    fn numbers(&mut self, numbers: &[(i64, &str)]) -> QueryResult<Vec<NumberRow>>;
    fn prescription_rows(
        &mut self,
        ids: &[i64],
    ) -> QueryResult<(Vec<PrescriptionRow>, Vec<LineRow>)>;
    fn lock_people(&mut self, ids: &[i64]) -> QueryResult<()>;
    fn lock_circulations(&mut self, ids: &[i64]) -> QueryResult<Vec<CirculationRow>>;
    fn dispensing_rows(&mut self, prescriptions: &[i64]) -> QueryResult<Vec<DispensingRow>>;
    fn lock_boxes(&mut self, codes: &[&str]) -> QueryResult<Vec<DrugBoxRow>>;
    fn lock_usages(&mut self, people: &[i64]) -> QueryResult<Vec<UsageRow>>;

    /// All entries of these persons.
    fn entry_rows(&mut self, people: &[i64]) -> QueryResult<Vec<EntryRow>>;
    /// The persons of these entries.
    fn people_of(&mut self, entries: &[i64]) -> QueryResult<Vec<i64>>;
    /// Settlements of these prescriptions that were not taken back, with their postings.
    fn standing_settlements(
        &mut self,
        prescriptions: &[i64],
    ) -> QueryResult<(Vec<SettlementRow>, Vec<PostingRow>)>;

    /// Writes everything and moves the lane on if it still is as `from` says; false: it is another writer's.
    fn save(&mut self, saving: &Saving, from: &LaneRow, to: &LaneRow) -> QueryResult<bool>;
}

/// A hospital's number that is taken.
#[derive(Clone, Debug, Queryable, QueryableByName, Selectable)]
#[diesel(table_name = prescription)]
pub struct NumberRow {
    pub institution_id: i64,
    pub hosp_rxno: String,
    pub id: i64,
}
