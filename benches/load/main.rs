//! `make bench`: what the gateway carries and what it costs, over HTTP and on both engines, beside pgbench doing the same
//! rows one transaction each on the same cluster in the same run. Prints a table and writes `target/bench.json`.
//!
//! docs/performance.md tells how to read it. An argument limits the engines: `cargo bench --bench load -- sqlite`.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::as_conversions,
    clippy::float_arithmetic,
    clippy::disallowed_methods,
    reason = "a measurement may stop at once, prints, and computes with what the clock says; no money here"
)]

mod city;
mod connection;
mod errand;
mod gateway;
mod machine;
mod pgbench;
#[path = "../../tests/it/postgres.rs"]
#[expect(dead_code, reason = "the tests' own cluster; a measurement does not crash it")]
mod postgres;
mod pressure;
mod pure;
mod report;
mod rows;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use domain::knowledge::Knowledge;
use rxgate::trust::keys::Keys;
use rxgate::trust::randomness::Randomness;

use errand::{Errand, now};
use gateway::Gateway;
use machine::{Machine, version};
use pgbench::{Pgbench, Yardstick};
use postgres::Cluster;
use pressure::{Point, Target, closed_loop, paced};
use report::{Engine, Report, Versions};
use rows::Rows;

/// Requests waiting at any time; also pgbench's clients.
const WAITING: [u64; 4] = [1, 16, 64, 256];
const POINT: Duration = Duration::from_secs(5);
const YARDSTICK_SECONDS: u64 = 6;
/// PostgreSQL's defaults but for the connections that 256 clients need. What is acknowledged is on the disk.
const SETTINGS: [&str; 3] = ["fsync=on", "autovacuum=on", "max_connections=300"];

/// Where a run keeps its keys and files, and what it knows.
struct Bench {
    folder: PathBuf,
    keys: Keys,
    knowledge: Knowledge,
}

fn main() {
    let only: Vec<String> =
        std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let wanted = |engine: &str| only.is_empty() || only.iter().any(|word| word == engine);
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::tempdir().unwrap();
    let machine = Machine::look();
    let (pure, knowledge) = pure::measure(&root.join("catalogue"), now());
    let keys = Keys::load_or_create(&folder.path().join("keys"), &Randomness::system()).unwrap();
    let bench = Bench { folder: folder.path().to_owned(), keys, knowledge };
    let mut report = Report {
        date: now().to_string(),
        command: "cargo bench --locked --bench load".to_owned(),
        machine,
        versions: Versions {
            rxgate: env!("CARGO_PKG_VERSION"),
            rustc: version("rustc"),
            postgresql: String::new(),
        },
        pure,
        engines: Vec::new(),
        pgbench_accepts: Vec::new(),
        pgbench_flows: Vec::new(),
        budgets: Vec::new(),
    };
    if wanted("sqlite") {
        let database = bench.folder.join("bench.sqlite").to_str().unwrap().to_owned();
        report.engines.push(bench.engine("SQLite", &database, None));
    }
    if wanted("postgres") {
        bench.postgres(&mut report);
    }
    report.judge();
    report.print();
    let path = root.join("target/bench.json");
    fs::write(&path, serde_json::to_vec_pretty(&report).unwrap()).unwrap();
}

impl Bench {
    /// The gateway on a private cluster, then pgbench on the same.
    fn postgres(&self, report: &mut Report) {
        let cluster = Cluster::start_with(&SETTINGS, |url| store::migrate(url).unwrap());
        report.versions.postgresql = version(cluster.program("postgres").to_str().unwrap());
        let data = cluster.query("postgres", "SHOW data_directory");
        let pids = fs::read_to_string(Path::new(&data).join("postmaster.pid")).unwrap();
        let postmaster: u32 = pids.lines().next().unwrap().parse().unwrap();
        let url = cluster.fresh_database();
        report.engines.push(self.engine("PostgreSQL", &url, Some(postmaster)));
        let rows = Rows::of_a_flow(&cluster, &url);
        let ground = cluster.fresh_database();
        cluster.query(&ground, Rows::ground());
        let mut pgbench = Pgbench { cluster: &cluster, postmaster, url: ground, runs: 0 };
        report.pgbench_accepts = self.yardsticks(&mut pgbench, &rows.accept());
        report.pgbench_flows = self.yardsticks(&mut pgbench, &rows.flow());
    }

    fn yardsticks(&self, pgbench: &mut Pgbench<'_>, script: &str) -> Vec<Yardstick> {
        WAITING
            .iter()
            .map(|clients| pgbench.run(script, &self.folder, *clients, YARDSTICK_SECONDS))
            .collect()
    }

    /// Fills the registers of an empty database, starts the server on it and loads it.
    fn engine(&self, name: &'static str, database: &str, postmaster: Option<u32>) -> Engine {
        city::register(database, &self.knowledge, &self.keys);
        let gateway = Gateway::start(database, &self.folder.join("keys"));
        let memory_at_start_mib = gateway.memory_mib();
        let target = Target {
            address: gateway.address,
            server: gateway.pid(),
            database: postmaster,
            sent: Arc::default(),
        };
        let points = |errand: Errand| -> Vec<Point> {
            WAITING
                .iter()
                .map(|waiting| told(name, errand, closed_loop(&target, errand, *waiting, POINT)))
                .collect()
        };
        let accepts = points(Errand::Accept);
        let best = accepts.iter().map(|point| point.per_second).fold(0.0, f64::max);
        let paced = told(name, Errand::Accept, paced(&target, Errand::Accept, best / 2.0, POINT));
        let flows = points(Errand::Flow);
        let engine = Engine {
            name,
            start_to_ready_ms: gateway.ready_after.as_secs_f64() * 1e3,
            memory_at_start_mib,
            memory_after_mib: gateway.memory_mib(),
            accepts,
            paced,
            flows,
        };
        gateway.stop();
        engine
    }
}

/// Progress, for whoever waits.
fn told(engine: &str, errand: Errand, point: Point) -> Point {
    let Point { waiting, per_second, server_us, database_us, .. } = point;
    let cpu = server_us + database_us;
    eprintln!("{engine}: {errand:?}, {waiting} waiting: {per_second:.0}/s, {cpu:.0} µs CPU each");
    point
}
