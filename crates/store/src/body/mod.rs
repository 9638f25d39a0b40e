//! The queries, written once and compiled for each engine: `super` gives the connection and what is the engine's own.

mod desk;
mod entries;
mod outbox;
mod reads;
mod registers;
mod retention;
mod search;

use diesel::QueryResult;

use super::{Conn, begin};
use crate::engine::{Desk, Engine};

impl Engine for Conn {}

/// One transaction that takes its write lock first.
fn within(conn: &mut Conn, work: impl FnOnce(&mut Conn) -> QueryResult<()>) -> QueryResult<()> {
    begin(conn)?;
    match work(conn) {
        Ok(()) => conn.commit(),
        Err(fault) => {
            // The first fault tells more than a failed roll-back, which closes the connection's transaction anyway.
            if let Err(second) = conn.rollback() {
                tracing::warn!(%second, "roll-back failed");
            }
            Err(fault)
        }
    }
}
