//! What a batch writes: one statement per table, in parts only where a statement would have too many parameters.

use diesel::prelude::*;
use diesel::upsert::excluded;

use super::super::{Conn, MOST_BINDS};
use crate::rows::circulation::CirculationRow;
use crate::rows::dispensing::{DispensingRow, DrugBoxRow};
use crate::rows::settlement::UsageRow;
use crate::saving::Saving;
use crate::schema::{
    circulation, command, dispensing, drug_box, event, outbox, posting, prescription,
    prescription_line, settlement, usage,
};

/// Rows of the widest table that fit into one statement.
const PART: usize = MOST_BINDS / 20;

pub(super) fn all(conn: &mut Conn, saving: &Saving) -> QueryResult<()> {
    for part in saving.prescriptions.chunks(PART) {
        diesel::insert_into(prescription::table).values(part).execute(conn)?;
    }
    for part in saving.lines.chunks(PART) {
        diesel::insert_into(prescription_line::table).values(part).execute(conn)?;
    }
    for part in saving.circulations.chunks(PART) {
        circulations(conn, part)?;
    }
    for part in saving.dispensings.chunks(PART) {
        dispensings(conn, part)?;
    }
    for part in saving.new_boxes.chunks(PART) {
        diesel::insert_into(drug_box::table).values(part).execute(conn)?;
    }
    for part in saving.boxes.chunks(PART) {
        boxes(conn, part)?;
    }
    money(conn, saving)?;
    for part in saving.events.chunks(PART) {
        diesel::insert_into(event::table).values(part).execute(conn)?;
    }
    for part in saving.notices.chunks(PART) {
        diesel::insert_into(outbox::table).values(part).execute(conn)?;
    }
    for part in saving.commands.chunks(PART) {
        diesel::insert_into(command::table).values(part).execute(conn)?;
    }
    Ok(())
}

fn money(conn: &mut Conn, saving: &Saving) -> QueryResult<()> {
    for part in saving.settlements.chunks(PART) {
        diesel::insert_into(settlement::table).values(part).execute(conn)?;
    }
    for part in saving.postings.chunks(PART) {
        diesel::insert_into(posting::table).values(part).execute(conn)?;
    }
    for part in saving.usages.chunks(PART) {
        usages(conn, part)?;
    }
    Ok(())
}

fn circulations(conn: &mut Conn, part: &[CirculationRow]) -> QueryResult<usize> {
    use circulation as c;
    let rows =
        diesel::insert_into(c::table).values(part).on_conflict(c::prescription_id).do_update();
    rows.set((
        c::state.eq(excluded(c::state)),
        c::due_ms.eq(excluded(c::due_ms)),
        c::pickup_rotation.eq(excluded(c::pickup_rotation)),
        c::chosen_pharmacy_id.eq(excluded(c::chosen_pharmacy_id)),
        c::holder_id.eq(excluded(c::holder_id)),
        c::lease_until_ms.eq(excluded(c::lease_until_ms)),
        c::review.eq(excluded(c::review)),
        c::reviewer.eq(excluded(c::reviewer)),
        c::frozen_until_ms.eq(excluded(c::frozen_until_ms)),
        c::event_seq.eq(excluded(c::event_seq)),
        c::event_head.eq(excluded(c::event_head)),
    ))
    .execute(conn)
}

fn dispensings(conn: &mut Conn, part: &[DispensingRow]) -> QueryResult<usize> {
    use dispensing as d;
    let rows = diesel::insert_into(d::table).values(part).on_conflict(d::id).do_update();
    rows.set((
        d::state.eq(excluded(d::state)),
        d::settled_ms.eq(excluded(d::settled_ms)),
        d::handed_over_ms.eq(excluded(d::handed_over_ms)),
    ))
    .execute(conn)
}

fn boxes(conn: &mut Conn, part: &[DrugBoxRow]) -> QueryResult<usize> {
    use drug_box as b;
    let rows = diesel::insert_into(b::table).values(part).on_conflict(b::trace_code).do_update();
    rows.set((
        b::state.eq(excluded(b::state)),
        b::dispensing_id.eq(excluded(b::dispensing_id)),
        b::line_no.eq(excluded(b::line_no)),
        b::lot.eq(excluded(b::lot)),
        b::expires_on.eq(excluded(b::expires_on)),
    ))
    .execute(conn)
}

fn usages(conn: &mut Conn, part: &[UsageRow]) -> QueryResult<usize> {
    use usage as u;
    let key = (u::person_id, u::attribute, u::year);
    let rows = diesel::insert_into(u::table).values(part).on_conflict(key).do_update();
    rows.set((
        u::deductible_used_uyuan.eq(excluded(u::deductible_used_uyuan)),
        u::cap_used_uyuan.eq(excluded(u::cap_used_uyuan)),
    ))
    .execute(conn)
}
