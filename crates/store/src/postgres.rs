//! What only PostgreSQL does its own way: the session, row locks, array parameters.

use diesel::connection::{Connection, SimpleConnection, TransactionManager};
use diesel::dsl::SqlTypeOf;
use diesel::expression::TypedExpressionType;
use diesel::pg::{Pg, PgConnection};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, HasSqlType, SqlType, Text};
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
    circulation, dispensing, drug_box, entry, person, prescription, prescription_line, usage,
};
use crate::statement::Statement;
use crate::written::{self, Clash, Columns, Value, Written};

#[path = "body/mod.rs"]
mod body;

type Conn = PgConnection;
pub(crate) const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations/postgres");
/// The database's clock in milliseconds; the clock of the wall, not of the transaction's start.
const CLOCK: &str = "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)";
/// Rows that another replica is taking are passed over.
const SKIP_LOCKED: &str = "FOR UPDATE SKIP LOCKED";
/// Migrations of two replicas that start together run one after the other.
const MIGRATION_LOCK: &str = "SELECT pg_advisory_lock(731005)";
const MIGRATION_UNLOCK: &str = "SELECT pg_advisory_unlock(731005)";
/// A replica that stands still inside a batch must not hold others for ever: its session is ended, their wait is cut and
/// tried again.
const SESSION: &str = "SET synchronous_commit = on; SET TIME ZONE 'UTC'; SET application_name = 'rxgate'; \
    SET client_min_messages = warning; SET lock_timeout = '5s'; \
    SET idle_in_transaction_session_timeout = '10s';";
/// A writer follows keys and nothing else. Its statements are planned once per connection, perhaps while a table is still
/// empty: a plan that reads whole tables must not be the one that is kept.
const WRITER: &str = "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; \
    SET enable_hashjoin = off; SET enable_mergejoin = off; SET jit = off;";
/// A host that is gone without a word is noticed within half a minute, unless the URL says otherwise.
const NETWORK: [(&str, &str); 5] = [
    ("connect_timeout", "5"),
    ("keepalives_idle", "10"),
    ("keepalives_interval", "5"),
    ("keepalives_count", "3"),
    ("tcp_user_timeout", "30000"),
];

pub fn open(url: &str) -> Result<Conn, StoreError> {
    let mut conn = Conn::establish(&with_network(url))
        .map_err(|fault| StoreError::Unreachable(fault.to_string()))?;
    conn.batch_execute(SESSION)?;
    Ok(conn)
}

pub fn open_desk(url: &str) -> Result<Conn, StoreError> {
    let mut conn = open(url)?;
    conn.batch_execute(WRITER)?;
    Ok(conn)
}

fn with_network(url: &str) -> String {
    let unsaid = NETWORK.iter().filter(|(name, _)| !url.contains(&format!("{name}=")));
    unsaid.fold(url.to_owned(), |url, (name, value)| {
        let joint = if url.contains('?') { '&' } else { '?' };
        format!("{url}{joint}{name}={value}")
    })
}

pub fn migrate(conn: &mut Conn) -> Result<(), StoreError> {
    conn.batch_execute(MIGRATION_LOCK)?;
    let outcome = conn.run_pending_migrations(MIGRATIONS).map(|_| ());
    conn.batch_execute(MIGRATION_UNLOCK)?;
    outcome.map_err(|fault| StoreError::Migration(fault.to_string()))
}

fn begin(conn: &mut Conn) -> QueryResult<()> {
    <Conn as Connection>::TransactionManager::begin_transaction(conn)
}

fn checkpoint(_: &mut Conn) -> QueryResult<()> {
    Ok(())
}

fn lock_people(conn: &mut Conn, ids: &[i64]) -> QueryResult<()> {
    let all = person::table.filter(person::id.eq_any(ids)).order(person::id).select(person::id);
    all.for_no_key_update().load::<i64>(conn).map(|_| ())
}

fn lock_circulations(conn: &mut Conn, ids: &[i64]) -> QueryResult<Vec<CirculationRow>> {
    let these = circulation::table.filter(circulation::prescription_id.eq_any(ids));
    let rows = these.order(circulation::prescription_id).select(CirculationRow::as_select());
    rows.for_update().load(conn)
}

fn lock_boxes(conn: &mut Conn, codes: &[&str]) -> QueryResult<Vec<DrugBoxRow>> {
    let these = drug_box::table.filter(drug_box::trace_code.eq_any(codes));
    these.order(drug_box::trace_code).select(DrugBoxRow::as_select()).for_update().load(conn)
}

fn lock_usages(conn: &mut Conn, people: &[i64]) -> QueryResult<Vec<UsageRow>> {
    let these = usage::table.filter(usage::person_id.eq_any(people));
    let rows = these.order((usage::person_id, usage::path, usage::year));
    rows.select(UsageRow::as_select()).for_update().load(conn)
}

fn people(conn: &mut Conn, hashes: &[&[u8]]) -> QueryResult<Vec<PersonRow>> {
    let these = person::table.filter(person::identity_hash.eq_any(hashes));
    these.select(PersonRow::as_select()).load(conn)
}

fn entries(conn: &mut Conn, people: &[i64]) -> QueryResult<Vec<EntryRow>> {
    let these = entry::table.filter(entry::person_id.eq_any(people));
    these.select(EntryRow::as_select()).load(conn)
}

fn prescriptions(conn: &mut Conn, ids: &[i64]) -> QueryResult<Vec<PrescriptionRow>> {
    let these = prescription::table.filter(prescription::id.eq_any(ids));
    these.select(PrescriptionRow::as_select()).load(conn)
}

fn lines(conn: &mut Conn, ids: &[i64]) -> QueryResult<Vec<LineRow>> {
    let these = prescription_line::table.filter(prescription_line::prescription_id.eq_any(ids));
    these.select(LineRow::as_select()).load(conn)
}

fn dispensings(conn: &mut Conn, ids: &[i64]) -> QueryResult<Vec<DispensingRow>> {
    let these = dispensing::table.filter(dispensing::prescription_id.eq_any(ids));
    these.select(DispensingRow::as_select()).load(conn)
}

fn answers(conn: &mut Conn, calls: &[(i64, &str)]) -> QueryResult<Vec<CommandRow>> {
    let (scopes, keys): (Vec<i64>, Vec<&str>) = calls.iter().copied().unzip();
    let these = Statement::new(
        "SELECT c.* FROM unnest(?, ?) AS call(scope, key) \
         JOIN command c ON c.key = call.key AND c.scope = call.scope",
    );
    these.bind::<Array<BigInt>, _>(scopes).bind::<Array<Text>, _>(keys).load(conn)
}

fn numbers(conn: &mut Conn, numbers: &[(i64, &str)]) -> QueryResult<Vec<NumberRow>> {
    let (hospitals, texts): (Vec<i64>, Vec<&str>) = numbers.iter().copied().unzip();
    let these = Statement::new(
        "SELECT p.institution_id, p.hosp_rxno, p.id FROM unnest(?, ?) AS n(hospital, number) \
         JOIN prescription p ON p.institution_id = n.hospital AND p.hosp_rxno = n.number",
    );
    these.bind::<Array<BigInt>, _>(hospitals).bind::<Array<Text>, _>(texts).load(conn)
}

/// Writes all rows with one statement; how many were written.
fn write<R: Written, M: Clash>(conn: &mut Conn, rows: &[R]) -> QueryResult<usize> {
    if rows.is_empty() {
        return Ok(0);
    }
    let mut statement = Statement::new("");
    insert::<R, M>(&mut statement, rows);
    statement.execute(conn)
}

fn insert<'r, R: Written, M: Clash>(into: &mut Statement<'r, Pg>, rows: &'r [R]) {
    into.say(&written::insert::<R, M>("SELECT * FROM UNNEST"));
    R::columns(&mut Arrays { rows, statement: into });
}

/// All tables and `last` as one statement, for the way to the server and back costs as much as a dozen rows; how many
/// rows `last` found.
fn save<'s>(conn: &mut Conn, saving: &'s Saving, last: Statement<'s, Pg>) -> QueryResult<usize> {
    let mut all = AtOnce { statement: Statement::new(""), tables: 0 };
    saving.tables(&mut all)?;
    all.statement.append(" ", last);
    all.statement.execute(conn)
}

struct AtOnce<'s> {
    statement: Statement<'s, Pg>,
    tables: usize,
}

impl<'s> Tables<'s> for AtOnce<'s> {
    fn rows<R: Written, M: Clash>(&mut self, rows: &'s [R]) -> QueryResult<()> {
        if !rows.is_empty() {
            self.statement.say(if self.tables == 0 { "WITH " } else { ", " });
            self.statement.say(&format!("w{} AS (", self.tables));
            insert::<R, M>(&mut self.statement, rows);
            self.statement.say(")");
            self.tables += 1;
        }
        Ok(())
    }
}

/// Each column of all rows as one parameter.
struct Arrays<'r, 'p, R> {
    rows: &'r [R],
    statement: &'p mut Statement<'r, Pg>,
}

impl<'r, R: 'r> Columns<'r, R> for Arrays<'r, '_, R> {
    fn put<C, T>(&mut self, _: C, value: fn(&'r R) -> &'r T)
    where
        C: Column,
        SqlTypeOf<C>: SqlType + TypedExpressionType + 'static,
        T: Value<SqlTypeOf<C>>,
        Pg: HasSqlType<SqlTypeOf<C>>,
    {
        self.statement
            .push::<Array<SqlTypeOf<C>>, Vec<&'r T>>(self.rows.iter().map(value).collect());
    }
}
