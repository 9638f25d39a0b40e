//! `outbox`: what partners must be told, and how far the telling is.

use diesel::prelude::*;
use diesel::result::Error;
use domain::id::Id;
use domain::institution::InstitutionId;
use domain::moment::Moment;
use domain::prescription::PrescriptionId;
use domain::world::{Event, Notice};

use super::json;
use crate::schema;
use crate::view::NoticeView;
use crate::written::{Columns, Written};

#[derive(Clone, Debug, Queryable, QueryableByName, Selectable)]
#[diesel(table_name = schema::outbox)]
pub struct NoticeRow {
    pub id: i64,
    pub event_id: i64,
    pub partner_id: i64,
    pub prescription_id: i64,
    pub rx_seq: i64,
    pub kind: String,
    pub body: String,
    pub state: String,
    pub attempts: i32,
    pub next_ms: i64,
    pub leased_until_ms: Option<i64>,
    pub delivered_ms: Option<i64>,
    pub last_error: Option<String>,
}

impl Written for NoticeRow {
    const TABLE: &'static str = "outbox";
    const KEY: &'static str = "id";
    fn columns<'r>(to: &mut impl Columns<'r, NoticeRow>) {
        use schema::outbox as t;
        to.put(t::id, |row| &row.id);
        to.put(t::event_id, |row| &row.event_id);
        to.put(t::partner_id, |row| &row.partner_id);
        to.put(t::prescription_id, |row| &row.prescription_id);
        to.put(t::rx_seq, |row| &row.rx_seq);
        to.put(t::kind, |row| &row.kind);
        to.put(t::body, |row| &row.body);
        to.put(t::state, |row| &row.state);
        to.put(t::attempts, |row| &row.attempts);
        to.put(t::next_ms, |row| &row.next_ms);
        to.put(t::leased_until_ms, |row| &row.leased_until_ms);
        to.put(t::delivered_ms, |row| &row.delivered_ms);
        to.put(t::last_error, |row| &row.last_error);
    }
}

impl NoticeRow {
    /// A notice that is due at once.
    pub fn new(id: i64, notice: &Notice, rx_seq: i64, now_ms: i64) -> Result<NoticeRow, Error> {
        Ok(NoticeRow {
            id,
            event_id: notice.event_id.raw(),
            partner_id: notice.partner.raw(),
            prescription_id: notice.prescription_id.raw(),
            rx_seq,
            kind: notice.kind.to_owned(),
            body: json(&notice.body)?,
            state: "pending".to_owned(),
            attempts: 0,
            next_ms: now_ms,
            leased_until_ms: None,
            delivered_ms: None,
            last_error: None,
        })
    }
}

/// A notice to deliver: one row of the outbox, leased to the caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxRow {
    pub id: i64,
    /// Receivers drop what they have seen.
    pub event_id: Id<Event>,
    pub partner_id: InstitutionId,
    pub prescription_id: PrescriptionId,
    pub kind: String,
    /// JSON text, the same at every attempt.
    pub body: String,
    /// Attempts that failed.
    pub attempts: i32,
}

impl From<NoticeRow> for OutboxRow {
    fn from(row: NoticeRow) -> OutboxRow {
        OutboxRow {
            id: row.id,
            event_id: Id::new(row.event_id),
            partner_id: Id::new(row.partner_id),
            prescription_id: Id::new(row.prescription_id),
            kind: row.kind,
            body: row.body,
            attempts: row.attempts,
        }
    }
}

impl From<NoticeRow> for NoticeView {
    fn from(row: NoticeRow) -> NoticeView {
        NoticeView {
            notice_id: Id::new(row.id),
            event_id: Id::new(row.event_id),
            prescription_id: Id::new(row.prescription_id),
            kind: row.kind.into(),
            attempts: row.attempts,
            last_error: row.last_error.map(String::into_boxed_str),
        }
    }
}

/// An attempt to deliver a notice, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The notice's id.
    pub id: i64,
    pub fate: Fate,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    Delivered {
        at: Moment,
    },
    /// The attempt counts; the next is not before `until`.
    PutOff {
        until: Moment,
        why: String,
    },
    GivenUp {
        why: String,
    },
}
