//! The driver: moves the clock from round to round and lets the errands of a round run side by side.
//!
//! All errands of one patient in one round follow each other: what a year's cap leaves depends on the order of
//! settlements, and the outcome must depend on the seed alone.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::prescription::TraceCode;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::calendar::{self, Round, SetClock};
use super::errand::{Stage, Ticket};
use super::fault::DemoFault;
use super::scenario::{Fate, Plan, plans};
use crate::flow::Gate;
use crate::worker::expire;

/// Prescriptions at work at the same time.
const AT_ONCE: usize = 16;

/// One thing to do in a round.
#[derive(Clone, Debug)]
enum Job {
    Send(Plan),
    Collect(Ticket),
}

impl Job {
    fn patient(&self) -> usize {
        match self {
            Job::Send(plan) => plan.patient,
            Job::Collect(ticket) => ticket.plan.patient,
        }
    }
}

pub struct Play {
    pub stage: Arc<Stage>,
    pub clock: SetClock,
    pub gate: Arc<Gate>,
    pub days: usize,
    pub per_day: usize,
}

impl Play {
    /// Plays all days and lets what is left expire. `done` hears of every finished job.
    pub async fn run(&self, done: impl Fn() + Clone + Send + 'static) -> Result<(), DemoFault> {
        let plans = plans(&self.stage.world, self.days, self.per_day);
        let mut waiting: Vec<Ticket> = Vec::new();
        for round in Round::all(self.days) {
            self.clock.set(round.moment());
            let (due, later) = waiting.into_iter().partition(|one| one.plan.collected_in == round);
            waiting = later;
            let due: Vec<Ticket> = due;
            let sends = plans.iter().filter(|plan| plan.sent_in == round).cloned().map(Job::Send);
            let jobs = due.into_iter().map(Job::Collect).chain(sends).collect();
            waiting.extend(self.round(jobs, &done).await?);
        }
        self.clock.set(calendar::end(self.days));
        self.expire().await
    }

    async fn round(
        &self,
        jobs: Vec<Job>,
        done: &(impl Fn() + Clone + Send + 'static),
    ) -> Result<Vec<Ticket>, DemoFault> {
        let sold: Arc<[TraceCode]> = self.stage.tally().sold.values().cloned().collect();
        let mut by_patient: BTreeMap<usize, Vec<Job>> = BTreeMap::new();
        for job in jobs {
            by_patient.entry(job.patient()).or_default().push(job);
        }
        let seats = Arc::new(Semaphore::new(AT_ONCE));
        let mut running = JoinSet::new();
        for jobs in by_patient.into_values() {
            let (stage, sold) = (Arc::clone(&self.stage), Arc::clone(&sold));
            let (seats, done) = (Arc::clone(&seats), done.clone());
            running.spawn(async move {
                // The semaphore is never closed: no seat means that the run is over.
                let _seat = seats.acquire_owned().await.ok();
                one_patient(&stage, jobs, &sold, done).await
            });
        }
        let mut late = Vec::new();
        while let Some(ended) = running.join_next().await {
            late.extend(ended??);
        }
        late.sort_by_key(|ticket| ticket.plan.number);
        Ok(late)
    }

    /// Records everything that time has ended.
    async fn expire(&self) -> Result<(), DemoFault> {
        let failed = |no: domain::refusal::Refusal| DemoFault::Expiry(no.reason.code());
        while expire::pass(&self.gate).await.map_err(failed)? > 0 {}
        Ok(())
    }
}

/// Everything of one patient in one round; tickets that wait for a later round.
async fn one_patient(
    stage: &Stage,
    jobs: Vec<Job>,
    sold: &[TraceCode],
    done: impl Fn(),
) -> Result<Vec<Ticket>, DemoFault> {
    let mut late = Vec::new();
    for job in jobs {
        match job {
            Job::Collect(ticket) => stage.collect(&ticket, sold).await?,
            Job::Send(plan) => {
                match stage.send(&plan).await? {
                    Some(ticket) if plan.fate == Fate::CollectedLate => late.push(ticket),
                    Some(ticket) => stage.collect(&ticket, sold).await?,
                    None => {}
                }
                done();
            }
        }
    }
    Ok(late)
}
