//! The writer's side: lanes, and what a batch loads and locks.

use diesel::connection::{Connection, TransactionManager};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Integer};

use super::super::{self as engine, CLOCK, Conn, SKIP_LOCKED};
use crate::engine::{Desk, NumberRow, Opening};
use crate::lane::FREE_AFTER_MS;
use crate::rows::circulation::CirculationRow;
use crate::rows::command::CommandRow;
use crate::rows::dispensing::{DispensingRow, DrugBoxRow};
use crate::rows::entry::EntryRow;
use crate::rows::event::LaneRow;
use crate::rows::prescription::{LineRow, PersonRow, PrescriptionRow};
use crate::rows::settlement::{PostingRow, SettlementRow, UsageRow};
use crate::saving::Saving;
use crate::schema::{entry, lane, posting, reversal, settlement};
use crate::statement::Statement;
use crate::written::Keeps;

type Transaction = <Conn as Connection>::TransactionManager;

impl Desk for Conn {
    fn begin(&mut self) -> QueryResult<()> {
        engine::begin(self)
    }
    fn commit(&mut self) -> QueryResult<()> {
        Transaction::commit_transaction(self)
    }
    fn rollback(&mut self) -> QueryResult<()> {
        Transaction::rollback_transaction(self)
    }

    fn take_lane(&mut self) -> QueryResult<Option<LaneRow>> {
        if let Some(free) = take_free_lane(self)? {
            return Ok(Some(free));
        }
        make_lane(self)
    }

    fn free_lane(&mut self, mine: &LaneRow) -> QueryResult<()> {
        let still_mine = lane::table.filter(lane::id.eq(mine.id).and(lane::epoch.eq(mine.epoch)));
        diesel::update(still_mine).set(lane::touched_ms.eq(0)).execute(self).map(|_| ())
    }

    fn opening(&mut self, lane: i32) -> QueryResult<Option<Opening>> {
        let sql = format!(
            "SELECT epoch, seq, head, last_ms, {CLOCK} AS clock_ms, \
             (SELECT revision FROM register WHERE id = 1) AS revision FROM lane WHERE id = ?"
        );
        Statement::new(sql).bind::<Integer, _>(lane).get_result(self).optional()
    }

    fn answers(&mut self, calls: &[(i64, &str)]) -> QueryResult<Vec<CommandRow>> {
        engine::answers(self, calls)
    }

    fn people(&mut self, hashes: &[&[u8]]) -> QueryResult<Vec<PersonRow>> {
        engine::people(self, hashes)
    }

    fn make_people(&mut self, rows: &[PersonRow]) -> QueryResult<usize> {
        engine::write::<_, Keeps>(self, rows)
    }

    fn numbers(&mut self, numbers: &[(i64, &str)]) -> QueryResult<Vec<NumberRow>> {
        engine::numbers(self, numbers)
    }

    fn prescription_rows(
        &mut self,
        ids: &[i64],
    ) -> QueryResult<(Vec<PrescriptionRow>, Vec<LineRow>)> {
        Ok((engine::prescriptions(self, ids)?, engine::lines(self, ids)?))
    }

    fn lock_people(&mut self, ids: &[i64]) -> QueryResult<()> {
        engine::lock_people(self, ids)
    }

    fn lock_circulations(&mut self, ids: &[i64]) -> QueryResult<Vec<CirculationRow>> {
        engine::lock_circulations(self, ids)
    }

    fn dispensing_rows(&mut self, prescriptions: &[i64]) -> QueryResult<Vec<DispensingRow>> {
        engine::dispensings(self, prescriptions)
    }

    fn lock_boxes(&mut self, codes: &[&str]) -> QueryResult<Vec<DrugBoxRow>> {
        engine::lock_boxes(self, codes)
    }

    fn lock_usages(&mut self, people: &[i64]) -> QueryResult<Vec<UsageRow>> {
        engine::lock_usages(self, people)
    }

    fn entry_rows(&mut self, people: &[i64]) -> QueryResult<Vec<EntryRow>> {
        engine::entries(self, people)
    }

    fn people_of(&mut self, entries: &[i64]) -> QueryResult<Vec<i64>> {
        entry::table.filter(entry::id.eq_any(entries)).select(entry::person_id).load(self)
    }

    fn standing_settlements(
        &mut self,
        prescriptions: &[i64],
    ) -> QueryResult<(Vec<SettlementRow>, Vec<PostingRow>)> {
        use {posting as p, reversal as r, settlement as s};
        let taken_back = r::table.filter(r::settlement_id.eq(s::id));
        let these = s::table.filter(s::prescription_id.eq_any(prescriptions));
        let these = these.filter(not(exists(taken_back))).select(SettlementRow::as_select());
        let rows: Vec<SettlementRow> = these.load(self)?;
        let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
        let booked = p::table.filter(p::settlement_id.eq_any(ids));
        Ok((rows, booked.select(PostingRow::as_select()).load(self)?))
    }

    fn save(&mut self, saving: &Saving, from: &LaneRow, to: &LaneRow) -> QueryResult<bool> {
        Ok(engine::save(self, saving, move_lane(from, to))? == 1)
    }
}

/// Guarded, so that a writer that was only paused cannot write into a lane that was given to another.
fn move_lane<'a>(
    from: &'a LaneRow,
    to: &'a LaneRow,
) -> Statement<'a, <Conn as Connection>::Backend> {
    let sql = format!(
        "UPDATE lane SET seq = ?, head = ?, last_ms = ?, touched_ms = {CLOCK} \
         WHERE id = ? AND epoch = ? AND seq = ?"
    );
    Statement::new(sql)
        .bind::<BigInt, _>(to.seq)
        .bind::<Binary, _>(&to.head)
        .bind::<BigInt, _>(to.last_ms)
        .bind::<Integer, _>(from.id)
        .bind::<BigInt, _>(from.epoch)
        .bind::<BigInt, _>(from.seq)
}

fn take_free_lane(conn: &mut Conn) -> QueryResult<Option<LaneRow>> {
    let sql = format!(
        "UPDATE lane SET epoch = epoch + 1, touched_ms = {CLOCK} WHERE id = (\
         SELECT id FROM lane WHERE touched_ms < {CLOCK} - $1 ORDER BY id LIMIT 1 {SKIP_LOCKED}) \
         RETURNING id, epoch, seq, head, last_ms, touched_ms"
    );
    diesel::sql_query(sql).bind::<BigInt, _>(FREE_AFTER_MS).get_result(conn).optional()
}

/// The lane after the last; none: another writer was faster, or there are no more.
fn make_lane(conn: &mut Conn) -> QueryResult<Option<LaneRow>> {
    let sql = format!(
        "INSERT INTO lane (id, epoch, seq, head, last_ms, touched_ms) \
         SELECT next.id, 1, 0, $1, 0, {CLOCK} FROM \
         (SELECT COALESCE(MAX(id) + 1, 0) AS id FROM lane) AS next WHERE next.id <= $2 \
         ON CONFLICT DO NOTHING RETURNING id, epoch, seq, head, last_ms, touched_ms"
    );
    let last = i32::try_from(domain::id::LANES - 1).unwrap_or(i32::MAX);
    let before_the_first = [0_u8; 32].as_slice();
    let made = diesel::sql_query(sql).bind::<Binary, _>(before_the_first).bind::<Integer, _>(last);
    made.get_result(conn).optional()
}
