//! `rxgate serve` and `rxgate migrate`.

use std::path::Path;
use std::process::ExitCode;

use domain::knowledge::Knowledge;
use tracing_subscriber::EnvFilter;

use crate::app::{self, App, CannotStart, ClockSource, Parts};
use crate::config::Config;
use crate::trust::keys::Keys;
use crate::trust::randomness::Randomness;

/// Serves until Ctrl-C or SIGTERM; finishes what is in hand before it ends.
pub fn serve(config: &Config) -> ExitCode {
    let filter = EnvFilter::try_from_env("RXGATE_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    report(actix_web::rt::System::new().block_on(run(config)))
}

async fn run(config: &Config) -> Result<(), CannotStart> {
    let randomness = Randomness::system();
    let keys = match config.production {
        true => Keys::load(&config.keys)?,
        false => Keys::load_or_create(&config.keys, &randomness)?,
    };
    make_folder(&config.database)?;
    let gate = app::gate(Parts {
        database: config.database.clone(),
        knowledge: Knowledge {
            production: config.production,
            ..app::read_knowledge(&config.catalogue)?
        },
        keys,
        clock: ClockSource::Machine,
        randomness,
        migrate: !config.production,
        faults: store::Faults::default(),
    })?;
    let app = App::start(gate, config.listen, config.workers).await?;
    tracing::info!(address = %app.address, "serving; the interface is at /docs/");
    wait_for_end().await;
    tracing::info!("stopping");
    app.stop().await;
    Ok(())
}

/// Brings the database to the version of this program.
pub fn migrate(config: &Config) -> ExitCode {
    report(make_folder(&config.database).and_then(|()| Ok(store::migrate(&config.database)?)))
}

/// Waits for Ctrl-C or SIGTERM.
pub async fn wait_for_end() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        // Without a handler the default action ends the process, which is what SIGTERM asks for.
        drop(tokio::signal::ctrl_c().await);
        return;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}

/// The folder of an SQLite file is made; a PostgreSQL URL has none.
fn make_folder(database: &str) -> Result<(), CannotStart> {
    let file = database.strip_prefix("sqlite:").unwrap_or(database);
    let folder = Path::new(file).parent().filter(|_| !database.starts_with("postgres"));
    let Some(folder) = folder else { return Ok(()) };
    std::fs::create_dir_all(folder).map_err(|why| CannotStart::Folder(folder.into(), why))
}

fn report(outcome: Result<(), CannotStart>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("rxgate: {why}");
            ExitCode::FAILURE
        }
    }
}
