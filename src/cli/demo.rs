//! `rxgate demo`: plays the demo world through the gateway, prints its figures, and serves what it made.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tracing_subscriber::EnvFilter;

use super::serve::wait_for_end;
use crate::demo::{Demo, DemoFault, Options};

#[derive(Args, Clone, Debug)]
pub struct DemoArguments {
    /// End when the figures are printed, instead of serving until Ctrl-C.
    #[arg(long)]
    exit: bool,
    /// Print one JSON object on standard output, and nothing else.
    #[arg(long)]
    json: bool,
    /// Prescriptions on each day.
    #[arg(long, default_value_t = 300, value_parser = within(1, 100_000))]
    prescriptions: usize,
    /// Simulated days: 31 December 2025, 2 January 2026, and those that follow.
    #[arg(long, default_value_t = 2, value_parser = within(1, 60))]
    days: usize,
    /// Address to listen on; port 0 takes a free one.
    #[arg(long, env = "RXGATE_LISTEN", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// An empty database: `postgres://…` or the path of an SQLite file; without it a temporary file.
    #[arg(long, env = "RXGATE_DATABASE", hide_env_values = true)]
    database: Option<String>,
    /// Folder of the national catalogue, the regions and the demo world.
    #[arg(long, env = "RXGATE_CATALOGUE", default_value = "catalogue")]
    catalogue: PathBuf,
    /// The same seed gives the same run.
    #[arg(long, default_value_t = 20_260_102)]
    seed: u64,
}

fn within(low: usize, high: usize) -> impl Fn(&str) -> Result<usize, String> + Clone {
    move |text| {
        let number = text.parse().ok().filter(|number| (low..=high).contains(number));
        number.ok_or_else(|| format!("a number from {low} to {high}"))
    }
}

/// Plays, prints, serves. Fails when the chain, the ledger, the gateway or the figures are not in order.
pub fn demo(arguments: &DemoArguments) -> ExitCode {
    let filter = EnvFilter::try_from_env("RXGATE_LOG").unwrap_or_else(|_| EnvFilter::new("error"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let folder = std::env::temp_dir().join(format!("rxgate-demo-{}", std::process::id()));
    let outcome = actix_web::rt::System::new().block_on(run(arguments, &folder));
    // Only the temporary database is in it; a folder that was never made is no matter.
    std::fs::remove_dir_all(&folder).unwrap_or_default();
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(why) => {
            eprintln!("rxgate: {why}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: &DemoArguments, folder: &Path) -> Result<bool, DemoFault> {
    let demo = Demo::start(&Options {
        days: arguments.days,
        per_day: arguments.prescriptions,
        seed: arguments.seed,
        database: database(arguments, folder)?,
        catalogue: arguments.catalogue.clone(),
        listen: arguments.listen,
    })
    .await?;
    let bar = bar(arguments);
    let sent = bar.clone();
    demo.play(move || sent.inc(1)).await?;
    bar.finish_and_clear();
    let report = demo.report().await?;
    if arguments.json {
        println!("{}", serde_json::to_string(&report).unwrap_or_default());
    } else {
        println!("{report}\n{}", demo.story().await?);
    }
    if !arguments.exit {
        eprintln!("{}Ctrl-C 结束 / ends", demo.invitation().await?);
        wait_for_end().await;
    }
    demo.stop().await;
    Ok(report.is_good())
}

fn database(arguments: &DemoArguments, folder: &Path) -> Result<String, DemoFault> {
    if let Some(given) = &arguments.database {
        return Ok(given.clone());
    }
    std::fs::create_dir_all(folder).map_err(DemoFault::Folder)?;
    Ok(folder.join("demo.sqlite").to_string_lossy().into_owned())
}

fn bar(arguments: &DemoArguments) -> ProgressBar {
    let count = u64::try_from(arguments.days * arguments.prescriptions).unwrap_or(u64::MAX);
    let bar = ProgressBar::with_draw_target(Some(count), ProgressDrawTarget::stderr());
    let style =
        ProgressStyle::with_template("{bar:40} {pos}/{len} 张处方 prescriptions  {elapsed}");
    if let Ok(style) = style {
        bar.set_style(style);
    }
    bar
}
