//! `circulation`: the one row of a prescription that changes, with the head of its event chain.

use diesel::prelude::*;
use diesel::result::Error;
use domain::circulation::{Circulation, Holder};
use domain::id::Id;
use domain::moment::Moment;

use super::{Unreadable, document, json, name_of, named, text};
use crate::chain::Head;
use crate::schema;
use crate::written::{Columns, Written};

#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = schema::circulation)]
pub struct CirculationRow {
    pub prescription_id: i64,
    pub institution_id: i64,
    pub person_id: i64,
    pub pooling_area: String,
    pub state: String,
    pub valid_until_ms: i64,
    pub due_ms: Option<i64>,
    pub pickup_rotation: i32,
    pub chosen_pharmacy_id: Option<i64>,
    pub holder_id: Option<i64>,
    pub lease_until_ms: Option<i64>,
    pub review: Option<String>,
    pub reviewer: Option<String>,
    pub frozen_until_ms: Option<i64>,
    pub event_seq: i64,
    pub event_head: Option<Vec<u8>>,
    pub claims: i32,
    pub line_states: Option<String>,
    pub hold_due_ms: Option<i64>,
}

impl Written for CirculationRow {
    const TABLE: &'static str = "circulation";
    const KEY: &'static str = "prescription_id";
    fn columns<'r>(to: &mut impl Columns<'r, CirculationRow>) {
        use schema::circulation as t;
        to.put(t::prescription_id, |row| &row.prescription_id);
        to.put(t::institution_id, |row| &row.institution_id);
        to.put(t::person_id, |row| &row.person_id);
        to.put(t::pooling_area, |row| &row.pooling_area);
        to.renew(t::state, |row| &row.state);
        to.put(t::valid_until_ms, |row| &row.valid_until_ms);
        to.renew(t::due_ms, |row| &row.due_ms);
        to.renew(t::pickup_rotation, |row| &row.pickup_rotation);
        to.renew(t::chosen_pharmacy_id, |row| &row.chosen_pharmacy_id);
        to.renew(t::holder_id, |row| &row.holder_id);
        to.renew(t::lease_until_ms, |row| &row.lease_until_ms);
        to.renew(t::review, |row| &row.review);
        to.renew(t::reviewer, |row| &row.reviewer);
        to.renew(t::frozen_until_ms, |row| &row.frozen_until_ms);
        to.renew(t::event_seq, |row| &row.event_seq);
        to.renew(t::event_head, |row| &row.event_head);
        to.renew(t::claims, |row| &row.claims);
        to.renew(t::line_states, |row| &row.line_states);
        to.renew(t::hold_due_ms, |row| &row.hold_due_ms);
    }
}

impl CirculationRow {
    pub fn new(of: &Circulation, head: &Head) -> Result<CirculationRow, Error> {
        let holder = of.holder.as_ref();
        let lines = Some(&of.lines).filter(|lines| !lines.is_empty());
        Ok(CirculationRow {
            prescription_id: of.prescription_id.raw(),
            institution_id: of.institution_id.raw(),
            person_id: of.person_id.raw(),
            pooling_area: of.pooling_area.to_string(),
            state: name_of(&of.state),
            valid_until_ms: of.valid_until.millis(),
            due_ms: of.due_at().map(Moment::millis),
            pickup_rotation: of.pickup_rotation,
            chosen_pharmacy_id: of.chosen_pharmacy.map(Id::raw),
            holder_id: holder.map(|one| one.pharmacy_id.raw()),
            lease_until_ms: holder.map(|one| one.lease_until.millis()),
            review: holder.map(|one| name_of(&one.review)),
            reviewer: holder.and_then(|one| one.reviewer.as_deref()).map(str::to_owned),
            frozen_until_ms: of.frozen_until.map(Moment::millis),
            event_seq: head.seq,
            event_head: (head.seq > 0).then(|| head.digest.to_vec()),
            claims: of.claims,
            line_states: lines.map(json).transpose()?,
            hold_due_ms: of.lines.agency_due().map(Moment::millis),
        })
    }

    /// The prescription's event chain as it stands.
    pub fn head(&self) -> Head {
        Head::stored(self.event_seq, self.event_head.as_deref().unwrap_or_default())
    }
}

impl TryFrom<CirculationRow> for Circulation {
    type Error = Unreadable;
    fn try_from(row: CirculationRow) -> Result<Circulation, Unreadable> {
        let held = row.holder_id.zip(row.lease_until_ms).zip(row.review);
        let holder = held.map(|((pharmacy, until), review)| {
            Ok(Holder {
                pharmacy_id: Id::new(pharmacy),
                lease_until: Moment::from_millis(until),
                review: named("circulation.review", &review)?,
                reviewer: row.reviewer.map(String::into_boxed_str),
            })
        });
        let lines = row.line_states.as_deref();
        let lines = lines.map(|text| document("circulation.line_states", text));
        Ok(Circulation {
            prescription_id: Id::new(row.prescription_id),
            institution_id: Id::new(row.institution_id),
            person_id: Id::new(row.person_id),
            pooling_area: text("circulation.pooling_area", &row.pooling_area)?,
            state: named("circulation.state", &row.state)?,
            valid_until: Moment::from_millis(row.valid_until_ms),
            pickup_rotation: row.pickup_rotation,
            claims: row.claims,
            chosen_pharmacy: row.chosen_pharmacy_id.map(Id::new),
            holder: holder.transpose()?,
            frozen_until: row.frozen_until_ms.map(Moment::from_millis),
            lines: lines.transpose()?.unwrap_or_default(),
        })
    }
}
