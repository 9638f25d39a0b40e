//! What only SQLite does its own way: one file, one writer at a time, so that nothing needs a lock of its own.

use std::marker::PhantomData;
use std::str::Split;

use diesel::connection::{AnsiTransactionManager, Connection, SimpleConnection};
use diesel::dsl::SqlTypeOf;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::HasSqlType;
use diesel::sqlite::{Sqlite, SqliteConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::engine::NumberRow;
use crate::fault::StoreError;
use crate::rows::circulation::CirculationRow;
use crate::rows::command::CommandRow;
use crate::rows::dispensing::{DispensingRow, DrugBoxRow};
use crate::rows::entry::EntryRow;
use crate::rows::prescription::{LineRow, PersonRow, PrescriptionRow};
use crate::rows::settlement::UsageRow;
use crate::saving::{Saving, Tables};
use crate::schema::{
    circulation, command, dispensing, drug_box, entry, person, prescription, prescription_line,
    usage,
};
use crate::statement::Statement;
use crate::written::{self, Clash, Columns, Value, Written};

#[expect(clippy::duplicate_mod, reason = "one body of queries, compiled for two engines")]
#[path = "body/mod.rs"]
mod body;

type Conn = SqliteConnection;
pub(crate) const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");
/// The machine's clock in milliseconds, as the database reads it.
const CLOCK: &str = "CAST(unixepoch('subsec') * 1000 AS INTEGER)";
/// The whole file is locked.
const SKIP_LOCKED: &str = "";
/// `synchronous=FULL`: what is acknowledged is on the disk. Readers move the log into the file; the writer, who would keep
/// everybody waiting, does so only when they do not come to it.
const SESSION: &str = "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
    PRAGMA foreign_keys = ON; PRAGMA cache_size = -65536; PRAGMA journal_size_limit = 67108864; \
    PRAGMA wal_autocheckpoint = 16384;";

pub fn open(path: &str) -> Result<Conn, StoreError> {
    let mut conn =
        Conn::establish(path).map_err(|fault| StoreError::Unreachable(fault.to_string()))?;
    conn.batch_execute(SESSION)?;
    Ok(conn)
}

pub fn migrate(conn: &mut Conn) -> Result<(), StoreError> {
    let outcome = conn.run_pending_migrations(MIGRATIONS).map(|_| ());
    outcome.map_err(|fault| StoreError::Migration(fault.to_string()))
}

/// The write lock at once: a transaction that reads first and writes later could not get it.
fn begin(conn: &mut Conn) -> QueryResult<()> {
    AnsiTransactionManager::begin_transaction_sql(conn, "BEGIN IMMEDIATE")
}

fn checkpoint(conn: &mut Conn) -> QueryResult<()> {
    conn.batch_execute("PRAGMA wal_checkpoint(PASSIVE)")
}

/// What each key finds, one after the other: no text varies with their number, and a look inside one's own process is cheap.
fn each<K: Copy, R>(
    keys: &[K],
    mut find: impl FnMut(K) -> QueryResult<Vec<R>>,
) -> QueryResult<Vec<R>> {
    let mut rows = Vec::new();
    for key in keys {
        rows.extend(find(*key)?);
    }
    Ok(rows)
}

fn lock_people(_: &mut Conn, _: &[i64]) -> QueryResult<()> {
    Ok(())
}

fn lock_circulations(conn: &mut Conn, ids: &[i64]) -> QueryResult<Vec<CirculationRow>> {
    each(ids, |id| circulation::table.find(id).select(CirculationRow::as_select()).load(conn))
}

fn lock_boxes(conn: &mut Conn, codes: &[&str]) -> QueryResult<Vec<DrugBoxRow>> {
    each(codes, |code| drug_box::table.find(code).select(DrugBoxRow::as_select()).load(conn))
}

fn lock_usages(conn: &mut Conn, people: &[i64]) -> QueryResult<Vec<UsageRow>> {
    let of = |person| usage::table.filter(usage::person_id.eq(person));
    each(people, |person| of(person).select(UsageRow::as_select()).load(conn))
}

fn people(conn: &mut Conn, hashes: &[&[u8]]) -> QueryResult<Vec<PersonRow>> {
    let of = |hash| person::table.filter(person::identity_hash.eq(hash));
    each(hashes, |hash| of(hash).select(PersonRow::as_select()).load(conn))
}

fn entries(conn: &mut Conn, people: &[i64]) -> QueryResult<Vec<EntryRow>> {
    let of = |person| entry::table.filter(entry::person_id.eq(person));
    each(people, |person| of(person).select(EntryRow::as_select()).load(conn))
}

fn prescriptions(conn: &mut Conn, ids: &[i64]) -> QueryResult<Vec<PrescriptionRow>> {
    each(ids, |id| prescription::table.find(id).select(PrescriptionRow::as_select()).load(conn))
}

fn lines(conn: &mut Conn, ids: &[i64]) -> QueryResult<Vec<LineRow>> {
    let of = |id| prescription_line::table.filter(prescription_line::prescription_id.eq(id));
    each(ids, |id| of(id).select(LineRow::as_select()).load(conn))
}

fn dispensings(conn: &mut Conn, ids: &[i64]) -> QueryResult<Vec<DispensingRow>> {
    let of = |id| dispensing::table.filter(dispensing::prescription_id.eq(id));
    each(ids, |id| of(id).select(DispensingRow::as_select()).load(conn))
}

fn answers(conn: &mut Conn, calls: &[(i64, &str)]) -> QueryResult<Vec<CommandRow>> {
    let of = |(scope, key)| command::table.find((key, scope));
    each(calls, |call| of(call).select(CommandRow::as_select()).load(conn))
}

fn numbers(conn: &mut Conn, numbers: &[(i64, &str)]) -> QueryResult<Vec<NumberRow>> {
    use prescription as p;
    let of = |(hospital, number)| {
        p::table.filter(p::institution_id.eq(hospital)).filter(p::hosp_rxno.eq(number))
    };
    each(numbers, |number| of(number).select(NumberRow::as_select()).load(conn))
}

/// Rows that `last` finds, after everything else is written.
fn save(conn: &mut Conn, saving: &Saving, last: Statement<'_, Sqlite>) -> QueryResult<usize> {
    saving.tables(conn)?;
    last.execute(conn)
}

impl<'s> Tables<'s> for Conn {
    fn rows<R: Written, M: Clash>(&mut self, rows: &'s [R]) -> QueryResult<()> {
        write::<R, M>(self, rows).map(|_| ())
    }
}

/// Writes one row after the other; how many were written.
fn write<R: Written, M: Clash>(conn: &mut Conn, rows: &[R]) -> QueryResult<usize> {
    if rows.is_empty() {
        return Ok(0);
    }
    let text = written::insert::<R, M>("VALUES ");
    let one = |row| Insert::<R, M> { text: &text, row, clash: PhantomData }.execute(conn);
    rows.iter().map(one).sum()
}

struct Insert<'r, R, M> {
    text: &'r str,
    row: &'r R,
    clash: PhantomData<M>,
}

/// The types tell which text it is, so that it need not be compared.
impl<R: Written, M: Clash> QueryId for Insert<'_, R, M> {
    type QueryId = Insert<'static, R, M>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl<R: Written, M: Clash> RunQueryDsl<Conn> for Insert<'_, R, M> {}

impl<R: Written, M: Clash> QueryFragment<Sqlite> for Insert<'_, R, M> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        let mut parts = self.text.split('?');
        out.push_sql(parts.next().unwrap_or_default());
        let mut values = Values { row: self.row, parts, out, outcome: Ok(()) };
        R::columns(&mut values);
        values.outcome
    }
}

/// Each column of one row as a parameter.
struct Values<'p, 'b, R> {
    row: &'b R,
    parts: Split<'b, char>,
    out: AstPass<'p, 'b, Sqlite>,
    outcome: QueryResult<()>,
}

impl<'b, R: 'b> Columns<'b, R> for Values<'_, 'b, R> {
    fn put<C, T>(&mut self, _: C, value: fn(&'b R) -> &'b T)
    where
        C: Column,
        T: Value<SqlTypeOf<C>>,
        Sqlite: HasSqlType<SqlTypeOf<C>>,
    {
        let bound = self.out.push_bind_param::<SqlTypeOf<C>, T>(value(self.row));
        self.out.push_sql(self.parts.next().unwrap_or_default());
        if self.outcome.is_ok() {
            self.outcome = bound;
        }
    }
}
