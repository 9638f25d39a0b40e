//! What only SQLite does its own way: one file, one writer at a time, so that nothing needs a lock of its own.

use diesel::connection::{AnsiTransactionManager, Connection, SimpleConnection};
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel::sqlite::SqliteConnection;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::engine::NumberRow;
use crate::fault::StoreError;
use crate::rows::circulation::CirculationRow;
use crate::rows::command::CommandRow;
use crate::rows::dispensing::DrugBoxRow;
use crate::rows::settlement::UsageRow;
use crate::schema::{circulation, drug_box, usage};

#[expect(clippy::duplicate_mod, reason = "one body of queries, compiled for two engines")]
#[path = "body/mod.rs"]
mod body;

type Conn = SqliteConnection;
pub(crate) const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");
/// Parameters that a statement can have.
const MOST_BINDS: usize = 32_766;
/// The machine's clock in milliseconds, as the database reads it.
const CLOCK: &str = "CAST(unixepoch('subsec') * 1000 AS INTEGER)";
/// The whole file is locked.
const SKIP_LOCKED: &str = "";
/// `synchronous=FULL`: what is acknowledged is on the disk.
const SESSION: &str = "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
    PRAGMA foreign_keys = ON; PRAGMA cache_size = -65536; PRAGMA journal_size_limit = 67108864;";

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

fn lock_people(_: &mut Conn, _: &[i64]) -> QueryResult<()> {
    Ok(())
}

fn lock_circulations(conn: &mut Conn, ids: &[i64]) -> QueryResult<Vec<CirculationRow>> {
    let these = circulation::table.filter(circulation::prescription_id.eq_any(ids));
    these.select(CirculationRow::as_select()).load(conn)
}

fn lock_boxes(conn: &mut Conn, codes: &[&str]) -> QueryResult<Vec<DrugBoxRow>> {
    let these = drug_box::table.filter(drug_box::trace_code.eq_any(codes));
    these.select(DrugBoxRow::as_select()).load(conn)
}

fn lock_usages(conn: &mut Conn, people: &[i64]) -> QueryResult<Vec<UsageRow>> {
    usage::table.filter(usage::person_id.eq_any(people)).select(UsageRow::as_select()).load(conn)
}

fn answers(conn: &mut Conn, calls: &[(i64, &str)]) -> QueryResult<Vec<CommandRow>> {
    diesel::sql_query(
        "SELECT c.* FROM json_each($1) AS call CROSS JOIN command c \
         ON c.key = json_extract(call.value, '$[1]') AND c.scope = json_extract(call.value, '$[0]')",
    )
    .bind::<Text, _>(crate::rows::json(calls)?)
    .load(conn)
}

fn numbers(conn: &mut Conn, numbers: &[(i64, &str)]) -> QueryResult<Vec<NumberRow>> {
    diesel::sql_query(
        "SELECT p.institution_id, p.hosp_rxno, p.id FROM json_each($1) AS n CROSS JOIN prescription p \
         ON p.institution_id = json_extract(n.value, '$[0]') AND p.hosp_rxno = json_extract(n.value, '$[1]')",
    )
    .bind::<Text, _>(crate::rows::json(numbers)?)
    .load(conn)
}
