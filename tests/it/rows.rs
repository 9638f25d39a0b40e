//! What is in a database, asked in plain SQL and apart from the gateway's own queries: lines of text.

use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel::{PgConnection, SqliteConnection, sql_query};

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// True for a `postgres://` URL; else it is the path of an SQLite file.
pub fn is_postgres(database: &str) -> bool {
    database.starts_with("postgres")
}

/// The rows of a query, each the text of its column `line`.
pub fn lines(database: &str, sql: &str) -> Vec<String> {
    let rows: Vec<Line> = if is_postgres(database) {
        let mut connection = PgConnection::establish(database).unwrap();
        sql_query(sql).load(&mut connection).unwrap()
    } else {
        let mut connection = SqliteConnection::establish(database).unwrap();
        sql_query("PRAGMA busy_timeout = 10000").execute(&mut connection).unwrap();
        sql_query(sql).load(&mut connection).unwrap()
    };
    rows.into_iter().map(|row| row.line).collect()
}

/// The rows of `SELECT columns FROM rest`, each split into its columns. NULL is empty, blobs are lower-case hex:
/// name them `x'column`.
pub fn table(database: &str, columns: &[&str], rest: &str) -> Vec<Vec<String>> {
    let hex = if is_postgres(database) { "encode(_, 'hex')" } else { "lower(hex(_))" };
    let shown = |column: &&str| {
        let value = match column.strip_prefix("x'") {
            Some(blob) => hex.replace('_', blob),
            None => (*column).to_owned(),
        };
        format!("coalesce(CAST({value} AS TEXT), '')")
    };
    let columns: Vec<String> = columns.iter().map(shown).collect();
    // The separator occurs in no value: documents escape control characters.
    let sql = format!("SELECT {} AS line FROM {rest}", columns.join(" || '\u{1f}' || "));
    let split = |line: String| line.split('\u{1f}').map(str::to_owned).collect();
    lines(database, &sql).into_iter().map(split).collect()
}

/// The one number that a query gives.
pub fn number(database: &str, select: &str) -> i64 {
    let sql = format!("SELECT CAST(({select}) AS TEXT) AS line");
    lines(database, &sql)[0].parse().unwrap()
}

/// Runs statements that give no rows.
pub fn execute(database: &str, sql: &str) -> Result<(), diesel::result::Error> {
    if is_postgres(database) {
        let mut connection = PgConnection::establish(database).unwrap();
        diesel::connection::SimpleConnection::batch_execute(&mut connection, sql)
    } else {
        let mut connection = SqliteConnection::establish(database).unwrap();
        diesel::connection::SimpleConnection::batch_execute(&mut connection, sql)
    }
}
