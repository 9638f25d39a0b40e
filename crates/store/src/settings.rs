//! How a store is opened.

use std::sync::Arc;

use domain::knowledge::Knowledge;
use domain::moment::Moment;

use crate::chain::Digest;
use crate::fault::Faults;

/// A simulated clock.
pub type Clock = Arc<dyn Fn() -> Moment + Send + Sync>;

pub struct Settings {
    /// `postgres://…`, or the path of a SQLite file with or without `sqlite:` before it.
    pub database: String,
    /// Catalogue and regions; the registry is read from the database.
    pub knowledge: Knowledge,
    /// What chains the events: SM3 in the gateway.
    pub digest: Digest,
    /// None: the database's own clock.
    pub clock: Option<Clock>,
    /// Bring the database to this program's version first; else a difference is an error.
    pub migrate: bool,
    /// Writers, each with a lane of its own. A SQLite file has one.
    pub writers: usize,
    /// Reader threads, each with a connection of its own.
    pub readers: usize,
    /// Commands of one class that may wait.
    pub waiting: usize,
    /// Faults that tests inject.
    pub faults: Faults,
}

impl Settings {
    pub fn new(database: String, knowledge: Knowledge, digest: Digest) -> Settings {
        Settings {
            database,
            knowledge,
            digest,
            clock: None,
            migrate: true,
            writers: 1,
            readers: 4,
            waiting: 4096,
            faults: Faults::default(),
        }
    }
}
