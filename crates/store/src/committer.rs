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
use std::time::Duration;

use arc_swap::ArcSwap;
use domain::knowledge::Knowledge;
use domain::moment::Moment;
use domain::refusal::Reason;
use domain::verb::{Answer, Call, Command};
use domain::world::Keys;
use tokio::sync::oneshot;

use crate::chain::Head;
use crate::database::Database;
use crate::docket::{Changed, Docket, answered, repeated};
use crate::engine::{Desk, Engine};
use crate::fault::{CommitError, StoreError, Trouble, message};
use crate::lane::{self, BatchTime};
use crate::load::{Loaded, load};
use crate::queue::Queue;
use crate::readers::{self, Reading};
use crate::rows::event::LaneRow;
use crate::saving::Saving;
use crate::settings::Settings;

/// Commands in one transaction: where the curve of throughput flattens.
const MOST: usize = 256;
/// Pauses before the database is called again.
const PAUSES_MS: [u64; 4] = [50, 200, 800, 2_000];
const MOST_SERIALIZATIONS: u32 = 20;
const MOST_LANES: u32 = 8;

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
}

/// Why a batch has no answers.
enum GiveUp {
    /// It fails whole; its halves may not.
    Split,
    Busy,
    Uncertain,
}

/// What the attempts at a batch have cost so far.
#[derive(Default)]
struct Patience {
    reruns: u32,
    serializations: u32,
    lanes: u32,
    losses: usize,
    /// A COMMIT was lost: nobody knows whether it was done.
    uncertain: bool,
}

impl Writer {
    pub fn new(shared: Arc<Shared>, engine: Box<dyn Desk>) -> Writer {
        Writer { shared, engine: Some(engine), lane: None }
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
            self.settle(jobs);
            works.into_iter().for_each(|work| self.work(work));
        }
        if let Some((engine, lane)) = self.engine.as_mut().zip(self.lane.take())
            && let Err(fault) = engine.free_lane(&lane)
        {
            tracing::debug!(%fault, "the lane frees itself in ten seconds");
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
            let mut patience = Patience { uncertain: was_uncertain, ..Patience::default() };
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
        let Writer { engine: Some(engine), lane, .. } = self else { return Err(Trouble::LaneLost) };
        let desk = engine.as_mut();
        let mine = match lane {
            Some(mine) => mine.clone(),
            None => lane.insert(lane::take(desk)?).clone(),
        };
        // Not even begun: the database is away, or another program holds the file.
        desk.begin().map_err(|fault| Trouble::Lost(fault.to_string()))?;
        let heard = hear(desk, &shared, &mine, commands);
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
        let mut written = shared.lanes_written.lock().unwrap_or_else(PoisonError::into_inner);
        written.insert(sitting.lane.id, sitting.lane.seq);
        Ok(sitting.answers)
    }

    fn connected(&mut self) -> Result<&mut dyn Engine, Trouble> {
        if self.engine.is_none() {
            if self.shared.settings.faults.unreachable() {
                return Err(Trouble::Lost("refused by a test".to_owned()));
            }
            self.engine = Some(self.shared.database.connect()?);
        }
        match &mut self.engine {
            Some(engine) => Ok(engine.as_mut()),
            None => Err(Trouble::Lost("no connection".to_owned())),
        }
    }
}

/// What came of one transaction that is not yet committed.
struct Sitting {
    answers: Vec<Answer>,
    /// Is there anything to commit?
    written: bool,
    lane: LaneRow,
}

fn hear(
    desk: &mut dyn Desk,
    shared: &Shared,
    mine: &LaneRow,
    commands: &[&Command],
) -> Result<Sitting, Trouble> {
    let opening = desk.opening(mine.id)?.ok_or(Trouble::LaneLost)?;
    let found = lane::still_ours(mine, &opening)?;
    let simulated = shared.settings.clock.as_ref().map(|clock| clock());
    let clock = simulated.unwrap_or(Moment::from_millis(opening.clock_ms));
    let mut time = BatchTime::new(&found, clock)?;
    let knowledge = current_knowledge(desk, shared, opening.revision)?;
    let before = answered_before(desk, commands)?;
    let is_new = |command: &&&Command| match &command.call {
        Some(call) => repeated(&before, call).is_none(),
        None => true,
    };
    let keys: Vec<Keys> =
        commands.iter().filter(is_new).map(|one| one.verb.keys(time.now)).collect();
    let loaded: Loaded = load(desk, &keys, time.now, &mut time.ids)?;
    let mut docket = Docket {
        knowledge: &knowledge,
        hash: shared.settings.digest,
        time,
        lane: found.id,
        head: Head::stored(found.seq, &found.head),
        loaded,
        answered: before,
        changed: Changed::default(),
        saving: Saving::default(),
    };
    let answers = commands.iter().map(|one| docket.hear(one)).collect::<Result<Vec<_>, _>>()?;
    answered_meanwhile(desk, commands, &answers, &docket.answered)?;
    let (saving, head, time) = docket.close()?;
    let after = lane::moved_on(&found, &head, &time);
    if saving.is_empty() {
        return Ok(Sitting { answers, written: false, lane: found });
    }
    desk.save(&saving)?;
    if !desk.advance_lane(&found, &after)? {
        return Err(Trouble::LaneLost);
    }
    Ok(Sitting { answers, written: true, lane: after })
}

fn answered_before(
    desk: &mut dyn Desk,
    commands: &[&Command],
) -> Result<crate::docket::Answered, Trouble> {
    let calls: Vec<&Call> = commands.iter().filter_map(|command| command.call.as_ref()).collect();
    if calls.is_empty() {
        return Ok(Default::default());
    }
    let calls: Vec<(i64, &str)> = calls.iter().map(|call| (call.scope, &*call.key)).collect();
    Ok(answered(desk.answers(&calls)?)?)
}

/// A refusal by the state may be the trace of the call's own first attempt, which committed between our look for its answer
/// and our lock on its rows: then the batch is run again and hears that answer.
fn answered_meanwhile(
    desk: &mut dyn Desk,
    commands: &[&Command],
    answers: &[Answer],
    known: &crate::docket::Answered,
) -> Result<(), Trouble> {
    let refused =
        commands.iter().zip(answers).filter(|(_, answer)| matches!(answer, Answer::Refused(_)));
    let calls = refused.filter_map(|(command, _)| command.call.as_ref());
    let unstored: Vec<(i64, &str)> = calls
        .map(|call| (call.scope, &*call.key))
        .filter(|(scope, key)| !known.contains_key(&(*scope, (*key).into())))
        .collect();
    if unstored.is_empty() || desk.answers(&unstored)?.is_empty() {
        return Ok(());
    }
    Err(Trouble::Serialization)
}

/// The knowledge with the registry that this transaction sees; a changed one is read and swapped in for everybody.
fn current_knowledge(
    desk: &mut dyn Desk,
    shared: &Shared,
    revision: i64,
) -> Result<Arc<Knowledge>, Trouble> {
    if shared.knowledge.load().registry.revision != revision {
        let registry = Arc::new(desk.registry()?);
        shared
            .knowledge
            .rcu(|old| Knowledge { registry: Arc::clone(&registry), ..(**old).clone() });
    }
    Ok(shared.knowledge.load_full())
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

impl Patience {
    /// Waits where waiting helps; `Err` when it was enough.
    fn after(&mut self, trouble: Trouble) -> Result<(), GiveUp> {
        match trouble {
            Trouble::Serialization if self.serializations < MOST_SERIALIZATIONS => {
                self.serializations += 1;
                Ok(())
            }
            Trouble::LaneLost if self.lanes < MOST_LANES => {
                self.lanes += 1;
                Ok(())
            }
            Trouble::Statement(error) if self.reruns == 0 => {
                tracing::debug!(%error, "a batch is run again");
                self.reruns += 1;
                Ok(())
            }
            Trouble::Statement(error) => {
                tracing::warn!(%error, "a batch is split");
                Err(self.split())
            }
            // Rolled back with its connection, which had not come to COMMIT.
            Trouble::Panic(what) => {
                tracing::error!(what, "a batch panicked and is split");
                Err(self.split())
            }
            Trouble::Lost(what) => self.reconnect(&what),
            Trouble::LostInCommit(what) => {
                self.uncertain = true;
                self.reconnect(&what)
            }
            Trouble::ClockBehind => {
                tracing::error!(
                    "the clock is more than 5 s behind what was written; nothing is taken"
                );
                Err(self.busy())
            }
            Trouble::Serialization | Trouble::LaneLost => Err(self.busy()),
        }
    }

    fn reconnect(&mut self, what: &str) -> Result<(), GiveUp> {
        tracing::warn!(what, "the database connection is lost");
        let Some(pause) = PAUSES_MS.get(self.losses) else { return Err(self.busy()) };
        std::thread::sleep(Duration::from_millis(*pause));
        self.losses += 1;
        Ok(())
    }

    fn split(&self) -> GiveUp {
        GiveUp::Split
    }

    fn busy(&self) -> GiveUp {
        if self.uncertain { GiveUp::Uncertain } else { GiveUp::Busy }
    }
}
