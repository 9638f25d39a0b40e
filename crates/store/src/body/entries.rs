//! The registers of persons, read: by keyed hash for the agency, by prescription for the patient; and what waits for a decision.

use std::sync::Arc;

use diesel::prelude::*;
use diesel::upsert::excluded;
use domain::institution::PoolingArea;
use domain::lifecycle::State;
use domain::moment::Moment;
use domain::prescription::{Prescription, PrescriptionId};
use domain::register::{Entry, Register};

use super::super::Conn;
use super::registers::raise_revision;
use super::within;
use crate::engine::{Desk, Entries};
use crate::fault::StoreError;
use crate::rows::entry::{EntryRow, LoadedRow};
use crate::rows::{name_of, prescription};
use crate::schema::{circulation as c, entry as e, person, register_loaded as l};
use crate::view::EntryView;

type Read<T> = Result<T, StoreError>;

impl Entries for Conn {
    fn entries(&mut self, area: &PoolingArea, identity_hash: &[u8]) -> Read<Vec<EntryView>> {
        let these =
            e::table.inner_join(person::table).filter(person::identity_hash.eq(identity_hash));
        let these = these.filter(e::area.eq(area.as_str())).order(e::id);
        views(these.select(EntryRow::as_select()).load(self)?)
    }

    fn entries_for(&mut self, id: PrescriptionId) -> Read<Vec<EntryView>> {
        let whose = c::table.find(id.raw()).select(c::person_id);
        let these = e::table.filter(e::person_id.eq_any(whose)).order(e::id);
        views(these.select(EntryRow::as_select()).load(self)?)
    }

    fn open_of(
        &mut self,
        area: &PoolingArea,
        identity_hash: &[u8],
        now: Moment,
    ) -> Read<Vec<(Arc<Prescription>, i32)>> {
        let whose = person::table.filter(person::identity_hash.eq(identity_hash));
        let these = c::table.filter(c::person_id.eq_any(whose.select(person::id)));
        let open = c::state.eq(name_of(&State::Open)).and(c::valid_until_ms.gt(now.millis()));
        let there = c::pooling_area.eq(area.as_str());
        let open: Vec<(i64, i32)> = these
            .filter(open.and(there))
            .order(c::prescription_id)
            .select((c::prescription_id, c::claims))
            .load(self)?;
        let ids: Vec<i64> = open.iter().map(|(id, _)| *id).collect();
        let (rows, lines) = self.prescription_rows(&ids)?;
        let found = prescription::prescriptions(rows, lines)?.into_iter();
        let claims = |id: i64| open.iter().find(|(one, _)| *one == id).map_or(0, |(_, n)| *n);
        Ok(found.map(|one| (Arc::clone(&one), claims(one.id.raw()))).collect())
    }

    fn loaded(&mut self, area: &PoolingArea, register: Register, as_of: Moment) -> Read<()> {
        let row = LoadedRow::new(area, register, as_of);
        within(self, |conn| {
            let row = diesel::insert_into(l::table).values(&row);
            let row = row.on_conflict((l::area, l::register)).do_update();
            row.set(l::as_of_ms.eq(excluded(l::as_of_ms))).execute(conn)?;
            raise_revision(conn)
        })?;
        Ok(())
    }
}

fn views(rows: Vec<EntryRow>) -> Read<Vec<EntryView>> {
    let view = |row: EntryRow| Entry::try_from(row).map(EntryView::from);
    Ok(rows.into_iter().map(view).collect::<Result<_, _>>()?)
}
