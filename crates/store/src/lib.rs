//! The store: a city's prescriptions in SQLite or PostgreSQL, chosen by URL.
//!
//! Commands are committed by group: [`Store::commit`] queues one, a writer decides all that wait in one durable
//! transaction and answers. Reads run on their own connections through [`Store::read`]. Nothing outside this crate
//! names a table; nothing in it knows HTTP, cryptography, or what a verb means. DESIGN §4.

mod audit;
mod chain;
mod committer;
mod database;
mod docket;
mod engine;
mod fault;
mod lane;
mod load;
mod memory;
mod patience;
mod postgres;
mod queue;
mod readers;
mod rows;
mod saving;
mod schema;
mod settings;
mod sitting;
mod sqlite;
mod statement;
mod view;
mod written;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use arc_swap::ArcSwap;
use domain::catalogue::Catalogue;
use domain::knowledge::Knowledge;
use domain::region::Regions;
use domain::verb::{Answer, Command};
use tokio::sync::oneshot;

use committer::{Job, Shared, Task, Writer};
use database::Database;
use queue::{NotQueued, Queue};
use readers::{Reader, reading};

pub use chain::Digest;
pub use engine::{Engine, Entries, Outbox, Reads, Registers, Retention, Search};
pub use fault::{CommitError, Faults, StoreError};
pub use queue::Class;
pub use rows::Unreadable;
pub use rows::event::{EventRow, LaneRow};
pub use rows::outbox::{Fate, OutboxRow, Told};
pub use rows::register::Client;
pub use settings::{Clock, Settings};
pub use view::{
    BadEvent, ChainReport, DispensingView, EntryView, EventView, HeldView, HospitalFilter,
    NoticeView, PrescriptionView, SearchFilter, SecondFactor, SettlementView, Totals,
};

/// An open store; clones are the same store. The threads end when [`Store::close`] is called or the last clone is dropped.
#[derive(Clone)]
pub struct Store(Arc<Handle>);

struct Handle {
    shared: Arc<Shared>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

/// Brings a database to this program's version.
pub fn migrate(url: &str) -> Result<(), StoreError> {
    Database::new(url).migrate()
}

/// Version of a database: that of the newest migration; none: it is empty.
pub fn schema_version(url: &str) -> Result<Option<String>, StoreError> {
    Database::new(url).version()
}

impl Store {
    /// Opens a database, reads the registry and starts the threads.
    pub fn open(mut settings: Settings) -> Result<Store, StoreError> {
        let database = Database::new(&settings.database);
        if settings.migrate {
            database.migrate()?;
        }
        database.check_version()?;
        if database.has_one_writer() {
            settings.writers = 1;
        }
        let mut first = database.desk()?;
        settings.knowledge.registry = Arc::new(first.registry()?);
        let shared = Arc::new(Shared {
            queue: Queue::new(settings.waiting),
            reads: Queue::new(settings.waiting),
            knowledge: ArcSwap::from_pointee(settings.knowledge.clone()),
            lanes_written: Mutex::default(),
            database,
            settings,
        });
        let handle = Handle { shared, threads: Mutex::default() };
        // From here on a failure drops the handle, which ends the threads that were started.
        handle.start_readers()?;
        handle.start_writers(first)?;
        Ok(Store(Arc::new(handle)))
    }

    /// Commits one command and hears its answer, once it is durable.
    pub async fn commit(&self, command: Command, class: Class) -> Result<Answer, CommitError> {
        let (reply, answer) = oneshot::channel();
        let task = Task::Commit(Job { command, reply });
        self.0.shared.queue.push(class, task).map_err(|_| CommitError::BUSY)?;
        // A writer that is gone without an answer may have committed.
        answer.await.unwrap_or(Err(CommitError::Uncertain))
    }

    /// Reads on a connection of its own.
    pub async fn read<T, F>(&self, read: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&mut dyn Engine) -> Result<T, StoreError> + Send + 'static,
    {
        let (reply, outcome) = oneshot::channel();
        self.0
            .shared
            .reads
            .push(Class::Dispense, reading(read, reply))
            .map_err(StoreError::from)?;
        outcome.await.map_err(|_| StoreError::Closed)?
    }

    /// Writes outside a batch: registers and the outbox. Where a database has one writer, it is done between two
    /// batches, so that nobody waits for a lock.
    pub async fn write<T, F>(&self, write: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&mut dyn Engine) -> Result<T, StoreError> + Send + 'static,
    {
        if !self.0.shared.database.has_one_writer() {
            return self.read(write).await;
        }
        let (reply, outcome) = oneshot::channel();
        let task = Task::Work(reading(write, reply));
        self.0.shared.queue.push(Class::Admin, task).map_err(StoreError::from)?;
        outcome.await.map_err(|_| StoreError::Closed)?
    }

    /// What decisions look up, as of now.
    pub fn knowledge(&self) -> Arc<Knowledge> {
        self.0.shared.knowledge.load_full()
    }

    /// A new catalogue and new policies for every decision from now on; the registry stays.
    pub fn replace_knowledge(&self, catalogue: Arc<Catalogue>, regions: Arc<Regions>) {
        self.0.shared.knowledge.rcu(|old| Knowledge {
            catalogue: Arc::clone(&catalogue),
            regions: Arc::clone(&regions),
            ..(**old).clone()
        });
    }

    /// Reads the registry again: for a process that writes nothing itself. Writers notice a change with their next batch.
    pub async fn refresh_registry(&self) -> Result<(), StoreError> {
        let registry = Arc::new(self.read(|engine| engine.registry()).await?);
        let newer = |old: &Arc<Knowledge>| {
            let newest =
                if old.registry.revision < registry.revision { &registry } else { &old.registry };
            Knowledge { registry: Arc::clone(newest), ..(**old).clone() }
        };
        self.0.shared.knowledge.rcu(newer);
        Ok(())
    }

    /// Recomputes the whole chain of events.
    pub async fn verify_chain(&self) -> Result<ChainReport, StoreError> {
        self.verify_chain_after(BTreeMap::new()).await
    }

    /// Recomputes the chain after what an earlier report found good (its `heads`).
    pub async fn verify_chain_after(
        &self,
        heads: BTreeMap<i32, i64>,
    ) -> Result<ChainReport, StoreError> {
        let hash = self.0.shared.settings.digest;
        self.read(move |engine| audit::verify(engine, &heads, hash)).await
    }

    /// Lanes that this process wrote, each with the number of its last durable event.
    pub fn lanes_written(&self) -> BTreeMap<i32, i64> {
        self.0.shared.lanes_written.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes nothing more, finishes what waits, and ends the threads.
    pub async fn close(&self) {
        self.0.close_queues();
        let threads =
            std::mem::take(&mut *self.0.threads.lock().unwrap_or_else(PoisonError::into_inner));
        let joined =
            tokio::task::spawn_blocking(|| threads.into_iter().try_for_each(JoinHandle::join));
        if !matches!(joined.await, Ok(Ok(()))) {
            tracing::error!("a thread of the store panicked");
        }
    }
}

impl Handle {
    fn start_readers(&self) -> Result<(), StoreError> {
        for number in 0..self.shared.settings.readers.max(1) {
            let reader = Reader { shared: Arc::clone(&self.shared), engine: None };
            self.spawn(format!("store-read-{number}"), move || reader.run())?;
        }
        Ok(())
    }

    fn start_writers(&self, first: Box<dyn engine::Desk>) -> Result<(), StoreError> {
        let mut engines = vec![first];
        for _ in 1..self.shared.settings.writers {
            engines.push(self.shared.database.desk()?);
        }
        for (number, engine) in engines.into_iter().enumerate() {
            let writer = Writer::new(Arc::clone(&self.shared), engine);
            self.spawn(format!("store-write-{number}"), move || writer.run())?;
        }
        Ok(())
    }

    fn spawn(&self, name: String, work: impl FnOnce() + Send + 'static) -> Result<(), StoreError> {
        let thread = std::thread::Builder::new().name(name).spawn(work)?;
        self.threads.lock().unwrap_or_else(PoisonError::into_inner).push(thread);
        Ok(())
    }

    fn close_queues(&self) {
        self.shared.queue.close();
        self.shared.reads.close();
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.close_queues();
    }
}

impl From<NotQueued> for StoreError {
    fn from(why: NotQueued) -> StoreError {
        match why {
            NotQueued::Full => StoreError::Busy,
            NotQueued::Closed => StoreError::Closed,
        }
    }
}
