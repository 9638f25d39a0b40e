//! Callers that press on the server: a number of them that each wait for their answer (closed loop), or requests that
//! arrive by the clock whatever the server does (paced). One thread, so that it takes one core at most.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde::Serialize;
use tokio::task::JoinSet;
use tokio::time::{sleep, sleep_until};

use crate::connection::Connection;
use crate::errand::{Callers, Errand};
use crate::machine::{cpu_us, family_cpu_us};

const WARM_UP: Duration = Duration::from_secs(1);
/// Callers among whom paced requests are dealt out.
const PACED_CALLERS: u64 = 128;

/// The server that is pressed, and the database behind it if that is a process of its own.
pub struct Target {
    pub address: SocketAddr,
    pub server: u32,
    pub database: Option<u32>,
    /// Prescriptions sent so far: numbers are never used twice.
    pub sent: Arc<AtomicU64>,
}

/// One measured point.
#[derive(Clone, Debug, Serialize)]
pub struct Point {
    pub waiting: u64,
    pub operations: u64,
    pub per_second: f64,
    /// Microseconds of CPU per operation.
    pub server_us: f64,
    pub database_us: f64,
    pub client_us: f64,
    pub p50_ms: f64,
    pub p99_ms: f64,
    pub errors: u64,
    pub first_error: Option<String>,
}

/// What one caller saw: milliseconds of each answer within the window, and what went wrong.
#[derive(Default)]
struct Seen {
    latencies: Vec<Duration>,
    errors: Vec<String>,
}

/// When counting begins and ends.
#[derive(Clone, Copy)]
struct Window {
    opens: Instant,
    closes: Instant,
}

impl Window {
    fn after_warm_up(length: Duration) -> Window {
        let opens = Instant::now() + WARM_UP;
        Window { opens, closes: opens + length }
    }
    fn covers(&self, ended: Instant) -> bool {
        self.opens <= ended && ended < self.closes
    }
}

/// `waiting` callers, each with one request on its way at any time, for `length` after a warm-up.
pub fn closed_loop(target: &Target, errand: Errand, waiting: u64, length: Duration) -> Point {
    on_one_thread(async {
        let callers = Arc::new(Callers::arrive(target.address).await);
        let window = Window::after_warm_up(length);
        let mut all = JoinSet::new();
        for _ in 0..waiting {
            let (callers, sent) = (Arc::clone(&callers), Arc::clone(&target.sent));
            let mut connection = Connection::open(target.address).await.unwrap();
            all.spawn(async move {
                let mut seen = Seen::default();
                while Instant::now() < window.closes {
                    let number = sent.fetch_add(1, Ordering::Relaxed);
                    let began = Instant::now();
                    let outcome = callers.run(errand, &mut connection, number).await;
                    seen.note(began, window, outcome);
                }
                seen
            });
        }
        observe(target, window, waiting, all).await
    })
}

/// `per_second` requests by the clock; latency counts from when a request was due, so that none is hidden by waiting.
pub fn paced(target: &Target, errand: Errand, per_second: f64, length: Duration) -> Point {
    on_one_thread(async {
        let callers = Arc::new(Callers::arrive(target.address).await);
        let mut connections = Vec::new();
        for _ in 0..PACED_CALLERS {
            connections.push(Connection::open(target.address).await.unwrap());
        }
        let window = Window::after_warm_up(length);
        let began = Instant::now();
        let mut all = JoinSet::new();
        for (mut connection, first) in connections.into_iter().zip(0..) {
            let (callers, sent) = (Arc::clone(&callers), Arc::clone(&target.sent));
            all.spawn(async move {
                let mut seen = Seen::default();
                for turn in (first..).step_by(PACED_CALLERS as usize) {
                    let due = began + Duration::from_secs_f64(f64::from(turn) / per_second);
                    if due >= window.closes {
                        break;
                    }
                    sleep_until(due.into()).await;
                    let number = sent.fetch_add(1, Ordering::Relaxed);
                    let outcome = callers.run(errand, &mut connection, number).await;
                    seen.note(due, window, outcome);
                }
                seen
            });
        }
        observe(target, window, PACED_CALLERS, all).await
    })
}

impl Seen {
    fn note(&mut self, began: Instant, window: Window, outcome: Result<(), String>) {
        let ended = Instant::now();
        match outcome {
            Ok(()) if window.covers(ended) => self.latencies.push(ended - began),
            Ok(()) => {}
            Err(why) => self.errors.push(why),
        }
    }
}

async fn observe(target: &Target, window: Window, waiting: u64, mut all: JoinSet<Seen>) -> Point {
    let used = || {
        let database = target.database.map_or(0, family_cpu_us);
        [cpu_us(target.server), database, cpu_us(std::process::id())]
    };
    sleep(window.opens - Instant::now()).await;
    let (from, before) = (Instant::now(), used());
    sleep(window.closes - Instant::now()).await;
    let (seconds, after) = (from.elapsed().as_secs_f64(), used());
    let mut seen = Seen::default();
    while let Some(one) = all.join_next().await {
        let one = one.unwrap();
        seen.latencies.extend(one.latencies);
        seen.errors.extend(one.errors);
    }
    seen.latencies.sort_unstable();
    let operations = seen.latencies.len() as u64;
    let each = |at: usize| (after[at] - before[at]) as f64 / operations.max(1) as f64;
    Point {
        waiting,
        operations,
        per_second: operations as f64 / seconds,
        server_us: each(0),
        database_us: each(1),
        client_us: each(2),
        p50_ms: quantile_ms(&seen.latencies, 50),
        p99_ms: quantile_ms(&seen.latencies, 99),
        errors: seen.errors.len() as u64,
        first_error: seen.errors.into_iter().next(),
    }
}

/// The latency that `percent` of all do not exceed.
fn quantile_ms(sorted: &[Duration], percent: usize) -> f64 {
    let at = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
    sorted.get(at).map_or(f64::NAN, |latency| latency.as_secs_f64() * 1e3)
}

fn on_one_thread<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}
