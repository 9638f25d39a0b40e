//! The writer: takes the commands that wait, decides and writes them in one transaction, makes it durable, then answers
//! everybody (DESIGN §4 "The committer is the heart").
//!
//! Nothing is acknowledged before COMMIT has returned. A batch that fails is run again on what it then finds, and split
//! in halves if it fails again, so that only the bad command fails. A connection that is lost in COMMIT leaves the
//! outcome open: the batch is run again on a new one, where calls that were committed after all are answered from their
//! stored answers.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use domain::knowledge::Knowledge;
use domain::refusal::Reason;
use domain::verb::{Answer, Command};
use tokio::sync::oneshot;

use crate::database::Database;
use crate::engine::{Desk, Engine};
use crate::fault::{CommitError, StoreError, Trouble, message};
use crate::lane;
use crate::memory::Memory;
use crate::patience::{GiveUp, Patience};
use crate::queue::{Class, Queue};
use crate::readers::{self, Reading};
use crate::rows::event::LaneRow;
use crate::settings::Settings;
use crate::sitting::{Sitting, hear};

/// Commands in one transaction: where the curve of throughput flattens.
const MOST: usize = 256;

/// Commands after which the log is moved into the file: a few megabytes, and done before the next are there.
const CHECKPOINT_EVERY: usize = 1024;
/// What a batch adds to the log besides its commands', in commands.
const BATCH_ITSELF: usize = 8;

/// What waits for the writer.
pub enum Task {
    Commit(Job),
    /// Something else that writes, where only one may write at a time.
    Work(Reading),
}

pub struct Job {
    pub command: Command,
    pub reply: oneshot::Sender<Result<Answer, CommitError>>,
}

/// What writers share with the handle.
pub struct Shared {
    pub queue: Queue<Task>,
    pub reads: Queue<Reading>,
    pub knowledge: ArcSwap<Knowledge>,
    pub settings: Settings,
    pub database: Database,
    /// Lanes written by this process, with the number of the last durable event.
    pub lanes_written: Mutex<BTreeMap<i32, i64>>,
}

pub struct Writer {
    shared: Arc<Shared>,
    engine: Option<Box<dyn Desk>>,
    lane: Option<LaneRow>,
    memory: Memory,
    /// Commands since the last checkpoint.
    logged: usize,
}

impl Writer {
    pub fn new(shared: Arc<Shared>, engine: Box<dyn Desk>) -> Writer {
        Writer { shared, engine: Some(engine), lane: None, memory: Memory::default(), logged: 0 }
    }

    /// Works until the queue is closed and empty.
    pub fn run(mut self) {
        loop {
            let tasks = self.shared.queue.take(MOST);
            if tasks.is_empty() {
                break;
            }
            let mut jobs = Vec::with_capacity(tasks.len());
            let mut works = Vec::new();
            for task in tasks {
                match task {
                    Task::Commit(job) => jobs.push(job),
                    Task::Work(work) => works.push(work),
                }
            }
            self.logged += jobs.len() + BATCH_ITSELF;
            self.settle(jobs);
            self.checkpoint();
            works.into_iter().for_each(|work| self.work(work));
        }
        if let Some((engine, lane)) = self.engine.as_mut().zip(self.lane.take())
            && let Err(fault) = engine.free_lane(&lane)
        {
            tracing::debug!(%fault, "the lane frees itself in ten seconds");
        }
    }

    /// Has the log moved into the file, by a reader: it takes two disk writes for which nobody needs to wait.
    fn checkpoint(&mut self) {
        if self.logged < CHECKPOINT_EVERY || !self.shared.database.has_one_writer() {
            return;
        }
        self.logged = 0;
        let (reply, _nobody_waits) = oneshot::channel();
        let checkpoint = |engine: &mut dyn Engine| engine.checkpoint();
        let checkpoint = readers::reading(checkpoint, reply);
        if self.shared.reads.push(Class::Admin, checkpoint).is_err() {
            tracing::debug!("the readers are busy; the log is moved later");
        }
    }

    /// Between two batches; the caller hears it when there is no connection.
    fn work(&mut self, work: Reading) {
        let engine =
            self.connected().map_err(|trouble| StoreError::Unreachable(format!("{trouble:?}")));
        if readers::run(work, engine) {
            self.engine = None;
        }
    }

    /// Answers every job, whole or in halves.
    fn settle(&mut self, jobs: Vec<Job>) {
        let mut parts = vec![(jobs, false)];
        while let Some((mut jobs, was_uncertain)) = parts.pop() {
            let commands: Vec<&Command> = jobs.iter().map(|job| &job.command).collect();
            let mut patience = Patience::new(was_uncertain);
            let answers = match self.persist(&commands, &mut patience) {
                Ok(answers) => answers.into_iter().map(Ok).collect(),
                Err(GiveUp::Split) if jobs.len() > 1 => {
                    let later = jobs.split_off(jobs.len() / 2);
                    parts.extend([(later, patience.uncertain), (jobs, patience.uncertain)]);
                    continue;
                }
                // Alone, rolled back and nothing changed: a fault of ours, and a statement that cannot succeed.
                Err(GiveUp::Split) => vec![Ok(Answer::Refused(Reason::Internal.into()))],
                Err(GiveUp::Busy) => vec![Err(CommitError::BUSY); jobs.len()],
                Err(GiveUp::Uncertain) => vec![Err(CommitError::Uncertain); jobs.len()],
            };
            for (job, answer) in jobs.into_iter().zip::<Vec<_>>(answers) {
                // Nobody may be waiting any more: the answer is stored and can be asked for again.
                drop(job.reply.send(answer));
            }
        }
    }

    /// Tries until the batch is durable, or there is no hope.
    fn persist(
        &mut self,
        commands: &[&Command],
        patience: &mut Patience,
    ) -> Result<Vec<Answer>, GiveUp> {
        if commands.is_empty() {
            return Ok(Vec::new());
        }
        loop {
            match self.attempt(commands) {
                Ok(answers) => return Ok(answers),
                Err(trouble) => patience.after(trouble)?,
            }
        }
    }

    fn attempt(&mut self, commands: &[&Command]) -> Result<Vec<Answer>, Trouble> {
        // A verb's own panic is caught where it is decided; this one is a fault of the store, and must not end the writer.
        let sat = catch_unwind(AssertUnwindSafe(|| self.sit(commands)));
        let outcome = sat.unwrap_or_else(|panic| Err(Trouble::Panic(message(panic.as_ref()))));
        match &outcome {
            Err(Trouble::Lost(_) | Trouble::LostInCommit(_) | Trouble::Panic(_)) => {
                self.engine = None;
            }
            Err(Trouble::LaneLost) => self.lane = None,
            _ => {}
        }
        outcome
    }

    /// One transaction over all commands.
    fn sit(&mut self, commands: &[&Command]) -> Result<Vec<Answer>, Trouble> {
        let shared = Arc::clone(&self.shared);
        self.connected()?;
        let Writer { engine: Some(engine), lane, memory, .. } = self else {
            return Err(Trouble::LaneLost);
        };
        let desk = engine.as_mut();
        let mine = match lane {
            Some(mine) => mine.clone(),
            None => lane.insert(lane::take(desk)?).clone(),
        };
        // Not even begun: the database is away, or another program holds the file.
        desk.begin().map_err(|fault| Trouble::Lost(fault.to_string()))?;
        let heard = hear(desk, &shared, &mine, memory, commands);
        let sitting = match heard {
            Ok(Sitting { answers, written: false, .. }) => {
                desk.rollback()?;
                return Ok(answers);
            }
            Ok(sitting) => sitting,
            Err(trouble) => {
                if let Err(second) = desk.rollback() {
                    return Err(Trouble::Lost(format!("{trouble:?}, and no roll-back: {second}")));
                }
                return Err(trouble);
            }
        };
        commit(desk, &shared)?;
        memory.keep(sitting.prescriptions.into_values());
        let mut written = shared.lanes_written.lock().unwrap_or_else(PoisonError::into_inner);
        written.insert(sitting.lane.id, sitting.lane.seq);
        Ok(sitting.answers)
    }

    fn connected(&mut self) -> Result<&mut dyn Engine, Trouble> {
        if self.engine.is_none() {
            if self.shared.settings.faults.unreachable() {
                return Err(Trouble::Lost("refused by a test".to_owned()));
            }
            self.engine = Some(self.shared.database.desk()?);
        }
        match &mut self.engine {
            Some(engine) => Ok(engine.as_mut()),
            None => Err(Trouble::Lost("no connection".to_owned())),
        }
    }
}

fn commit(desk: &mut dyn Desk, shared: &Shared) -> Result<(), Trouble> {
    let faults = &shared.settings.faults;
    if faults.before_commit() {
        return Err(Trouble::LostInCommit("before COMMIT, by a test".to_owned()));
    }
    match desk.commit().map_err(Trouble::from) {
        Ok(()) if faults.after_commit() => {
            Err(Trouble::LostInCommit("after COMMIT, by a test".to_owned()))
        }
        Ok(()) => Ok(()),
        Err(Trouble::Serialization) => Err(Trouble::Serialization),
        // Whatever else COMMIT says, it may have been done.
        Err(other) => Err(Trouble::LostInCommit(format!("{other:?}"))),
    }
}
