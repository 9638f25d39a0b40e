//! `event` and `lane`: what happened, chained; and the lane that a writer writes.

use diesel::prelude::*;
use domain::world::Event;

use crate::chain::{Chained, Head};
use crate::schema;
use crate::written::{Columns, Written};

#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = schema::event)]
pub struct EventRow {
    pub lane: i32,
    pub seq: i64,
    pub id: i64,
    pub prescription_id: Option<i64>,
    pub rx_seq: Option<i64>,
    pub kind: String,
    pub actor_id: Option<i64>,
    pub at_ms: i64,
    pub body: String,
    pub rx_prev: Option<Vec<u8>>,
    pub prev: Vec<u8>,
    pub digest: Vec<u8>,
}

impl Written for EventRow {
    const TABLE: &'static str = "event";
    const KEY: &'static str = "lane, seq";
    fn columns<'r>(to: &mut impl Columns<'r, EventRow>) {
        use schema::event as t;
        to.put(t::lane, |row| &row.lane);
        to.put(t::seq, |row| &row.seq);
        to.put(t::id, |row| &row.id);
        to.put(t::prescription_id, |row| &row.prescription_id);
        to.put(t::rx_seq, |row| &row.rx_seq);
        to.put(t::kind, |row| &row.kind);
        to.put(t::actor_id, |row| &row.actor_id);
        to.put(t::at_ms, |row| &row.at_ms);
        to.put(t::body, |row| &row.body);
        to.put(t::rx_prev, |row| &row.rx_prev);
        to.put(t::prev, |row| &row.prev);
        to.put(t::digest, |row| &row.digest);
    }
}

/// Where an event goes in its chains.
pub struct Place<'a> {
    pub lane: i32,
    pub before: &'a Head,
    /// The chain of its prescription, if it is about one.
    pub rx_before: Option<&'a Head>,
}

impl EventRow {
    /// The row of an event, without its digest yet.
    pub fn new(event: &Event, body: String, place: &Place<'_>) -> EventRow {
        EventRow {
            lane: place.lane,
            seq: place.before.seq + 1,
            id: event.id.raw(),
            prescription_id: event.prescription_id.map(|id| id.raw()),
            rx_seq: place.rx_before.map(|head| head.seq + 1),
            kind: event.kind.to_owned(),
            actor_id: event.actor.map(|id| id.raw()),
            at_ms: event.at.millis(),
            body,
            rx_prev: place.rx_before.map(|head| head.digest.to_vec()),
            prev: place.before.digest.to_vec(),
            digest: Vec::new(),
        }
    }

    /// What the digest is made of.
    pub fn chained(&self) -> Chained<'_> {
        Chained {
            lane: self.lane,
            seq: self.seq,
            id: self.id,
            prescription_id: self.prescription_id,
            rx_seq: self.rx_seq,
            kind: &self.kind,
            actor_id: self.actor_id,
            at_ms: self.at_ms,
            rx_prev: self.rx_prev.as_deref(),
            body: &self.body,
        }
    }
}

#[derive(Clone, Debug, Queryable, QueryableByName, Selectable)]
#[diesel(table_name = schema::lane)]
pub struct LaneRow {
    pub id: i32,
    pub epoch: i64,
    pub seq: i64,
    pub head: Vec<u8>,
    pub last_ms: i64,
    pub touched_ms: i64,
}
