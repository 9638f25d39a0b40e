//! What only PostgreSQL does its own way: the session, row locks, array parameters.

use diesel::connection::{Connection, SimpleConnection, TransactionManager};
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Text};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::engine::NumberRow;
use crate::fault::StoreError;
use crate::rows::circulation::CirculationRow;
use crate::rows::command::CommandRow;
use crate::rows::dispensing::DrugBoxRow;
use crate::rows::settlement::UsageRow;
use crate::schema::{circulation, drug_box, person, usage};

#[path = "body/mod.rs"]
mod body;

type Conn = PgConnection;
pub(crate) const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations/postgres");
/// Parameters that a statement can have.
const MOST_BINDS: usize = 65_535;
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

pub fn open(url: &str) -> Result<Conn, StoreError> {
    let mut conn =
        Conn::establish(url).map_err(|fault| StoreError::Unreachable(fault.to_string()))?;
    conn.batch_execute(SESSION)?;
    Ok(conn)
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
    let rows = these.order((usage::person_id, usage::attribute, usage::year));
    rows.select(UsageRow::as_select()).for_update().load(conn)
}

fn answers(conn: &mut Conn, calls: &[(i64, &str)]) -> QueryResult<Vec<CommandRow>> {
    let (scopes, keys): (Vec<i64>, Vec<&str>) = calls.iter().copied().unzip();
    diesel::sql_query(
        "SELECT c.* FROM unnest($1, $2) AS call(scope, key) \
         JOIN command c ON c.key = call.key AND c.scope = call.scope",
    )
    .bind::<Array<BigInt>, _>(scopes)
    .bind::<Array<Text>, _>(keys)
    .load(conn)
}

fn numbers(conn: &mut Conn, numbers: &[(i64, &str)]) -> QueryResult<Vec<NumberRow>> {
    let (hospitals, texts): (Vec<i64>, Vec<&str>) = numbers.iter().copied().unzip();
    diesel::sql_query(
        "SELECT p.institution_id, p.hosp_rxno, p.id FROM unnest($1, $2) AS n(hospital, number) \
         JOIN prescription p ON p.institution_id = n.hospital AND p.hosp_rxno = n.number",
    )
    .bind::<Array<BigInt>, _>(hospitals)
    .bind::<Array<Text>, _>(texts)
    .load(conn)
}
