//! What can go wrong here, and what it means for the caller; and the faults that tests inject.

use std::any::Any;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use diesel::result::{DatabaseErrorKind, Error};

use crate::rows::Unreadable;

/// Why the store cannot do what was asked. Each text says what to do where somebody can.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("cannot reach the database: {0}")]
    Unreachable(String),
    #[error(
        "the database is at version {found:?}, this program needs {needed}; run `rxgate migrate`"
    )]
    NotMigrated { found: Option<String>, needed: String },
    #[error(
        "the database is at version {found}, newer than this program knows ({known}); use a newer program"
    )]
    TooNew { found: String, known: String },
    #[error("the migration failed: {0}")]
    Migration(String),
    #[error("all lanes are taken by other writers")]
    NoLane,
    #[error("the database says: {0}")]
    Query(#[from] Error),
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    #[error("too many reads wait")]
    Busy,
    #[error("the store is closed")]
    Closed,
    #[error("a thread cannot be started: {0}")]
    Thread(#[from] std::io::Error),
}

/// Why a command has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommitError {
    /// Nothing was done; the same command may be sent again.
    #[error("busy; nothing was done")]
    Busy { retry_after: Duration },
    /// It may have been done: the same call tells.
    #[error("the outcome is unknown; send the same call again")]
    Uncertain,
}

impl CommitError {
    pub(crate) const BUSY: CommitError = CommitError::Busy { retry_after: Duration::from_secs(1) };
}

/// What went wrong with one attempt at a batch.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// The lane was given to another writer.
    LaneLost,
    /// Two transactions met; the same again will do.
    Serialization,
    /// The database's clock is behind what the lane has seen.
    ClockBehind,
    /// The connection is gone, and nothing was committed.
    Lost(String),
    /// The connection went while it committed: done or not done.
    LostInCommit(String),
    /// The store itself panicked before COMMIT.
    Panic(String),
    /// A statement failed, perhaps by a row that another writer made meanwhile.
    Statement(Error),
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Trouble {
        match error {
            Error::DatabaseError(DatabaseErrorKind::SerializationFailure, _) => {
                Trouble::Serialization
            }
            // diesel names neither; the texts are PostgreSQL's own for 40P01 and 55P03.
            Error::DatabaseError(_, what)
                if ["deadlock detected", "canceling statement due to lock timeout"]
                    .contains(&what.message()) =>
            {
                Trouble::Serialization
            }
            Error::DatabaseError(DatabaseErrorKind::ClosedConnection, what) => {
                Trouble::Lost(what.message().to_owned())
            }
            // A server that lost its leadership: another connection may find the new leader.
            Error::DatabaseError(DatabaseErrorKind::ReadOnlyTransaction, what) => {
                Trouble::Lost(what.message().to_owned())
            }
            Error::BrokenTransactionManager => Trouble::Lost("the transaction broke".to_owned()),
            other => Trouble::Statement(other),
        }
    }
}

impl From<StoreError> for Trouble {
    fn from(fault: StoreError) -> Trouble {
        match fault {
            StoreError::Query(error) => error.into(),
            StoreError::Unreadable(fault) => Trouble::Statement(fault.into()),
            other => Trouble::Lost(other.to_string()),
        }
    }
}

/// Does the connection that said this have to be opened anew?
pub(crate) fn is_lost(fault: &StoreError) -> bool {
    use StoreError::Query;
    matches!(
        fault,
        Query(
            Error::BrokenTransactionManager
                | Error::DatabaseError(DatabaseErrorKind::ClosedConnection, _)
        )
    )
}

/// What a panic said.
pub(crate) fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or(panic.downcast_ref::<&str>().copied()).unwrap_or("no message").to_owned()
}

/// Faults that a test injects: how often each is still to happen. None by default; shared by clones.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    before_commit: Arc<AtomicU32>,
    after_commit: Arc<AtomicU32>,
    unreachable: Arc<AtomicU32>,
}

impl Faults {
    /// The connection is lost as COMMIT is sent, the next `times` times: nothing is committed, nobody knows.
    pub fn lose_before_commit(&self, times: u32) {
        self.before_commit.store(times, Ordering::SeqCst);
    }
    /// The connection is lost after COMMIT and before its answer: everything is committed, nobody knows.
    pub fn lose_after_commit(&self, times: u32) {
        self.after_commit.store(times, Ordering::SeqCst);
    }
    /// The writer cannot connect, the next `times` times.
    pub fn refuse_connections(&self, times: u32) {
        self.unreachable.store(times, Ordering::SeqCst);
    }
    pub(crate) fn before_commit(&self) -> bool {
        take(&self.before_commit)
    }
    pub(crate) fn after_commit(&self) -> bool {
        take(&self.after_commit)
    }
    pub(crate) fn unreachable(&self) -> bool {
        take(&self.unreachable)
    }
}

fn take(count: &AtomicU32) -> bool {
    let one_less = |left: u32| left.checked_sub(1);
    count.fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_less).is_ok()
}
