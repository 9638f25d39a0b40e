//! Wires everything together: knowledge from files, keys, store, flows, doors and workers. Decides nothing itself.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::{Server, ServerHandle};
use actix_web::middleware::{NormalizePath, TrailingSlash};
use actix_web::web::Data;
use actix_web::{App as Actix, HttpServer};
use domain::catalogue::Catalogue;
use domain::institution::Registry;
use domain::knowledge::Knowledge;
use domain::moment::Moment;
use store::{Settings, Store, StoreError};
use tokio::sync::Semaphore;

use crate::catalogue_files::{self, FolderFault};
use crate::flow::patient::Attempts;
use crate::flow::{Clock, Gate};
use crate::http;
use crate::peer::{Messenger, NoClient};
use crate::trust::keys::Keys;
use crate::trust::randomness::Randomness;
use crate::trust::sealed::Sealer;
use crate::trust::self_test::{self, SelfTestFailed};
use crate::trust::sm3::sm3;
use crate::trust::token::{TokenMaker, TokenReader, TokenTerms};
use crate::worker::Workers;

/// Seconds that an access token holds.
const TOKEN_SECONDS: i64 = 900;
const ISSUER: &str = "rxgate";
/// A client has this long to send the head of a request; `http::post` limits the body.
const REQUEST_TIME: Duration = Duration::from_secs(10);

/// Why a server cannot start; each text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum CannotStart {
    #[error(transparent)]
    Catalogue(#[from] FolderFault),
    #[error("the catalogue has {} faults; `rxgate catalogue check` lists them all; the first: {}", .0.len(), .0.first().map_or("", String::as_str))]
    Faults(Vec<String>),
    #[error(transparent)]
    Keys(#[from] crate::trust::key_folder::KeyFault),
    #[error(transparent)]
    SelfTest(#[from] SelfTestFailed),
    #[error(transparent)]
    Cipher(#[from] crate::trust::sealed::CannotSeal),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("cannot listen on {0}: {1}; choose another address with --listen")]
    Listen(SocketAddr, std::io::Error),
    #[error("cannot make the folder {0}: {1}")]
    Folder(std::path::PathBuf, std::io::Error),
    #[error("cannot make an HTTP client: {0}")]
    Client(#[from] NoClient),
}

/// What a server runs on: given, so that demo and tests bring their own clock, keys and database.
pub struct Parts {
    pub database: String,
    pub knowledge: Knowledge,
    pub keys: Keys,
    pub clock: ClockSource,
    pub randomness: Randomness,
    pub migrate: bool,
    /// Faults that tests inject into the store; none in production.
    pub faults: store::Faults,
}

/// Where the time comes from.
#[derive(Clone)]
pub enum ClockSource {
    /// The machine for the doors, the database for the records.
    Machine,
    /// One simulated clock for both.
    Simulated(Clock),
}

/// The knowledge in a catalogue folder: national catalogue and regions, without registers.
pub fn read_knowledge(folder: &Path) -> Result<Knowledge, CannotStart> {
    let files = catalogue_files::read(folder)?;
    let catalogue = Catalogue::build(&files, catalogue_files::digest(&files));
    let (regions, faults) = catalogue_files::policies(folder)?;
    let catalogue = catalogue.map_err(|found| found.iter().map(ToString::to_string).collect());
    match catalogue {
        Ok(catalogue) if faults.is_empty() => Ok(Knowledge {
            catalogue: Arc::new(catalogue),
            regions: Arc::new(regions),
            registry: Arc::new(Registry::default()),
            production: false,
        }),
        other => Err(CannotStart::Faults([other.err().unwrap_or_default(), faults].concat())),
    }
}

/// Tries the algorithms, opens the store and puts the flows on top.
pub fn gate(parts: Parts) -> Result<Arc<Gate>, CannotStart> {
    self_test::run(&self_test::KNOWN_ANSWERS)?;
    let Parts { database, knowledge, keys, clock, randomness, migrate, faults } = parts;
    let simulated = match &clock {
        ClockSource::Machine => None,
        ClockSource::Simulated(clock) => Some(Arc::clone(clock)),
    };
    let mut settings = Settings::new(database, knowledge, sm3);
    settings.clock = simulated.clone();
    settings.migrate = migrate;
    settings.faults = faults;
    let store = Store::open(settings)?;
    let terms = TokenTerms {
        issuer: ISSUER.to_owned(),
        audience: ISSUER.to_owned(),
        lifetime_s: TOKEN_SECONDS,
    };
    Ok(Arc::new(Gate {
        store,
        clock: simulated.unwrap_or_else(machine_clock),
        sealer: Sealer::new(&keys, randomness.clone())?,
        token_reader: TokenReader::new(&keys, &terms),
        token_maker: TokenMaker::new(&keys, terms, randomness.clone()),
        keys,
        randomness,
        attempts: Attempts::default(),
        reports: Semaphore::new(1),
    }))
}

#[expect(clippy::disallowed_methods, reason = "the one place where the machine's clock is read")]
fn machine_clock() -> Clock {
    Arc::new(|| Moment::from_millis(chrono::Utc::now().timestamp_millis()))
}

/// A running server.
pub struct App {
    pub gate: Arc<Gate>,
    pub address: SocketAddr,
    workers: Workers,
    handle: ServerHandle,
    server: tokio::task::JoinHandle<std::io::Result<()>>,
}

impl App {
    /// Starts doors and workers; port 0 takes a free one.
    pub async fn start(
        gate: Arc<Gate>,
        listen: SocketAddr,
        threads: usize,
    ) -> Result<App, CannotStart> {
        let listener = TcpListener::bind(listen).map_err(|why| CannotStart::Listen(listen, why))?;
        let address = listener.local_addr().map_err(|why| CannotStart::Listen(listen, why))?;
        let messenger = Messenger::new()?;
        let server =
            server(&gate, listener, threads).map_err(|why| CannotStart::Listen(listen, why))?;
        let handle = server.handle();
        let workers = Workers::start(Arc::clone(&gate), messenger);
        Ok(App { gate, address, workers, handle, server: tokio::spawn(server) })
    }

    /// Stops taking requests, finishes those in hand, and closes the store.
    pub async fn stop(self) {
        self.handle.stop(true).await;
        match self.server.await {
            Ok(Ok(())) => {}
            other => tracing::error!(?other, "the doors did not close cleanly"),
        }
        self.workers.stop().await;
        self.gate.store.close().await;
    }
}

fn server(gate: &Arc<Gate>, listener: TcpListener, threads: usize) -> std::io::Result<Server> {
    let gate = Data::from(Arc::clone(gate));
    let server = HttpServer::new(move || {
        Actix::new()
            .app_data(gate.clone())
            .wrap(NormalizePath::new(TrailingSlash::MergeOnly))
            .configure(http::configure)
    });
    let server = server.workers(threads).client_request_timeout(REQUEST_TIME).disable_signals();
    Ok(server.shutdown_timeout(30).listen(listener)?.run())
}
