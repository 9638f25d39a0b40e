//! From a request to a command and back to a reply: one file per family of verbs.
//!
//! A flow verifies, checks, builds the command and commits it. It knows no transport and no table.

pub mod audit;
pub mod hospital;
pub mod patient;
pub mod person;
pub mod pharmacy;

use std::sync::Arc;

use domain::moment::Moment;
use domain::refusal::{Reason, Refusal};
use domain::verb::{Answer, Call, Command, Verb};
use store::{Class, CommitError, Store, StoreError};
use tokio::sync::Semaphore;

use crate::trust::keys::Keys;
use crate::trust::randomness::Randomness;
use crate::trust::sealed::Sealer;
use crate::trust::token::{TokenMaker, TokenReader};

/// The time, as the gateway is told it: the machine's clock, or a simulated one in demo and tests.
pub type Clock = Arc<dyn Fn() -> Moment + Send + Sync>;

/// Everything a flow works with. One per process, shared.
pub struct Gate {
    pub store: Store,
    pub clock: Clock,
    pub keys: Keys,
    pub sealer: Sealer,
    pub token_maker: TokenMaker,
    pub token_reader: TokenReader,
    pub randomness: Randomness,
    pub attempts: patient::Attempts,
    /// One long report at a time: the other readers stay free for the counter.
    pub reports: Semaphore,
}

impl Gate {
    pub fn now(&self) -> Moment {
        (self.clock)()
    }

    /// Commits one command and hears its answer: the reply as JSON text, or the refusal.
    ///
    /// Refused besides the verb's own reasons: `Busy` (nothing was done), `Uncertain` (ask again with the same key).
    pub async fn commit(&self, call: Call, verb: Verb) -> Result<Box<str>, Refusal> {
        self.command(Command { call: Some(call), verb }).await
    }

    /// Commits what the gateway does by itself, without a call that could be repeated.
    pub async fn act(&self, verb: Verb) -> Result<Box<str>, Refusal> {
        self.command(Command { call: None, verb }).await
    }

    async fn command(&self, command: Command) -> Result<Box<str>, Refusal> {
        let class = class_of(&command.verb);
        match self.store.commit(command, class).await {
            Ok(Answer::Done(reply)) => Ok(reply),
            Ok(Answer::Refused(refusal)) => Err(refusal),
            Err(CommitError::Busy { .. }) => Err(Reason::Busy.into()),
            Err(CommitError::Uncertain) => Err(Reason::Uncertain.into()),
        }
    }
}

/// A patient at the counter goes before a new prescription, and both before housekeeping (DESIGN §4).
fn class_of(verb: &Verb) -> Class {
    match verb {
        Verb::Submit(_) => Class::Submit,
        Verb::Lapse(_) | Verb::Show(_) => Class::Admin,
        _ => Class::Dispense,
    }
}

/// A failed read: logged once, and told as our fault, or as a moment to wait where waiting helps.
pub fn unreadable(fault: StoreError) -> Refusal {
    tracing::error!(%fault, "a read failed");
    match fault {
        StoreError::Busy | StoreError::Closed | StoreError::Unreachable(_) => Reason::Busy.into(),
        _ => Reason::Internal.into(),
    }
}
