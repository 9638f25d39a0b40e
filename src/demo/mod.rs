//! The demo: the real server on a simulated clock, and a synthetic city that uses it over HTTP for a few days.
//!
//! Nothing here knows the inside of the gateway: the actors have tokens and doors like everybody else, and the figures at
//! the end are read back from the regulator's doors and held against what the actors counted.

mod calendar;
mod counter;
mod dice;
mod document;
mod door;
mod errand;
mod fault;
mod listener;
mod patient;
mod play;
mod readback;
mod register;
mod report;
mod scenario;
mod story;
mod tally;
mod world;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

pub use fault::DemoFault;
pub use report::Report;
pub use tally::{Sale, SoldLine, Tally};

use crate::app::{self, App, ClockSource, Parts};
use crate::trust::keys::Keys;
use crate::trust::randomness::Randomness;
use calendar::{Round, SetClock};
use door::Door;
use errand::Stage;
use listener::Listener;
use play::Play;
use world::World;

/// HTTP worker threads of the demo's server.
const THREADS: usize = 2;
/// How long the last notices may take.
const NOTICE_TIME: Duration = Duration::from_secs(20);

/// How a demo is played.
#[derive(Clone, Debug)]
pub struct Options {
    pub days: usize,
    pub per_day: usize,
    pub seed: u64,
    /// An empty database: a file or a PostgreSQL URL.
    pub database: String,
    /// The catalogue folder, with `demo/` in it.
    pub catalogue: PathBuf,
    pub listen: SocketAddr,
}

/// A running demo.
pub struct Demo {
    app: App,
    listener: Listener,
    play: Play,
    began: Instant,
}

impl Demo {
    /// Starts the server on the demo world; nothing has happened yet.
    pub async fn start(options: &Options) -> Result<Demo, DemoFault> {
        let began = Instant::now();
        let listener = Listener::start()?;
        let world = World::read(&options.catalogue.join("demo"), options.seed, listener.url())?;
        let clock = SetClock::at(Round { day: 0, hour: 0 }.moment());
        let randomness = Randomness::seeded(options.seed);
        let gate = app::gate(Parts {
            database: options.database.clone(),
            knowledge: app::read_knowledge(&options.catalogue)?,
            keys: Keys::from_master(&master(options.seed)),
            clock: ClockSource::Simulated(clock.clock()),
            randomness,
            migrate: true,
            faults: store::Faults::default(),
        })?;
        register::load(&gate, &world, clock.now()).await?;
        let app = App::start(Arc::clone(&gate), options.listen, THREADS).await?;
        let door = Door::new(format!("http://{}", app.address), clock.clone(), options.seed)?;
        let stage = Arc::new(Stage::new(world, door));
        let (days, per_day) = (options.days, options.per_day);
        Ok(Demo { app, listener, play: Play { stage, clock, gate, days, per_day }, began })
    }

    /// Plays it; `done` hears of every prescription that was sent and walked.
    pub async fn play(&self, done: impl Fn() + Clone + Send + 'static) -> Result<(), DemoFault> {
        self.play.run(done).await
    }

    /// The figures as the gateway gives them, held against the actors' own.
    pub async fn report(&self) -> Result<Report, DemoFault> {
        let figures = readback::read(&self.play.stage.door).await?;
        let tally = self.tally();
        let expected = figures.notices_for(&self.play.stage.world, &tally);
        let heard = self.wait_for_notices(expected).await;
        let server_errors = self.play.stage.door.server_errors();
        let mut report = Report::new(&figures, &tally, server_errors, self.began.elapsed());
        report.hold_notices(expected, heard);
        Ok(report)
    }

    /// What the actors counted.
    pub fn tally(&self) -> Tally {
        self.play.stage.tally().clone()
    }

    /// One prescription's timeline, as text.
    pub async fn story(&self) -> Result<String, DemoFault> {
        story::tell(&self.play.stage).await
    }

    /// What to try at the running server: its pages, and one call per role.
    pub async fn invitation(&self) -> Result<String, DemoFault> {
        story::invitation(&self.play.stage).await
    }

    pub async fn stop(self) {
        self.app.stop().await;
        self.listener.stop().await;
    }

    async fn wait_for_notices(&self, expected: u64) -> u64 {
        let began = Instant::now();
        while self.listener.heard() < expected && began.elapsed() < NOTICE_TIME {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        self.listener.heard()
    }
}

/// Keys of a demo: made from its seed, secret to nobody.
fn master(seed: u64) -> [u8; 32] {
    let mut dice = dice::Dice::of(seed, "keys", 0);
    let mut bytes = [0; 32];
    for chunk in bytes.chunks_mut(8) {
        chunk.copy_from_slice(&dice.roll().to_be_bytes());
    }
    bytes
}
