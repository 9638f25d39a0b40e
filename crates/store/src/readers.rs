//! Reads run on threads of their own, each with its own connection, so that no read waits for a batch.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::committer::Shared;
use crate::engine::Engine;
use crate::fault::{StoreError, is_lost, message};

/// What a reader does; true: its connection was lost and must be opened anew.
pub type Reading = Box<dyn FnOnce(Result<&mut dyn Engine, StoreError>) -> bool + Send>;

pub struct Reader {
    pub shared: Arc<Shared>,
    pub engine: Option<Box<dyn Engine>>,
}

impl Reader {
    /// Works until the queue is closed and empty.
    pub fn run(mut self) {
        loop {
            let Some(reading) = self.shared.reads.take(1).pop() else { break };
            if self.engine.is_none() {
                match self.shared.database.connect() {
                    Ok(engine) => self.engine = Some(engine),
                    Err(fault) => {
                        reading(Err(fault));
                        continue;
                    }
                }
            }
            let Some(engine) = &mut self.engine else { continue };
            if run(reading, Ok(engine.as_mut())) {
                self.engine = None;
            }
        }
    }
}

/// Runs a read; true: the connection must be opened anew. A read that panics takes neither the thread nor its connection's
/// next user with it; whoever waits for it hears that there is no answer.
pub fn run(reading: Reading, engine: Result<&mut dyn Engine, StoreError>) -> bool {
    catch_unwind(AssertUnwindSafe(|| reading(engine))).unwrap_or_else(|panic| {
        tracing::error!(what = message(panic.as_ref()), "a read panicked");
        true
    })
}

/// Wraps a read so that its outcome is sent on and a lost connection is noticed.
pub fn reading<T, F>(read: F, reply: tokio::sync::oneshot::Sender<Result<T, StoreError>>) -> Reading
where
    T: Send + 'static,
    F: FnOnce(&mut dyn Engine) -> Result<T, StoreError> + Send + 'static,
{
    Box::new(move |engine| {
        let outcome = engine.and_then(read);
        let lost = outcome.as_ref().is_err_and(is_lost);
        // Nobody may be waiting any more.
        drop(reply.send(outcome));
        lost
    })
}
