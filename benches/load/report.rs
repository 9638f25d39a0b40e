//! The outcome: a table for people, JSON for scripts, and each budget of the design held against its figure.

use serde::Serialize;

use crate::machine::Machine;
use crate::pgbench::Yardstick;
use crate::pressure::Point;
use crate::pure::Pure;

#[derive(Serialize)]
pub struct Report {
    pub date: String,
    pub command: String,
    pub machine: Machine,
    pub versions: Versions,
    pub pure: Pure,
    pub engines: Vec<Engine>,
    pub pgbench_accepts: Vec<Yardstick>,
    pub pgbench_flows: Vec<Yardstick>,
    pub budgets: Vec<Budget>,
}

#[derive(Serialize)]
pub struct Versions {
    pub rxgate: &'static str,
    pub rustc: String,
    pub postgresql: String,
}

/// One engine under load.
#[derive(Serialize)]
pub struct Engine {
    pub name: &'static str,
    pub start_to_ready_ms: f64,
    pub memory_at_start_mib: f64,
    pub memory_after_mib: f64,
    pub accepts: Vec<Point>,
    /// Arriving by the clock at half of the best rate.
    pub paced: Point,
    pub flows: Vec<Point>,
}

#[derive(Serialize)]
pub struct Budget {
    pub work: String,
    pub figure: String,
    pub budget: String,
    pub met: bool,
}

impl Engine {
    pub fn best_accept(&self) -> f64 {
        best(self.accepts.iter().map(|point| point.per_second))
    }
    fn best_flow(&self) -> f64 {
        best(self.flows.iter().map(|point| point.per_second))
    }
    /// The cheapest accept with 64 or more waiting, server and database together.
    fn accept_cpu(&self) -> f64 {
        let deep = self.accepts.iter().filter(|point| point.waiting >= 64);
        deep.map(|point| point.server_us + point.database_us).fold(f64::INFINITY, f64::min)
    }
    fn errors(&self) -> u64 {
        self.accepts.iter().chain(&self.flows).chain([&self.paced]).map(|point| point.errors).sum()
    }
}

fn best(rates: impl Iterator<Item = f64>) -> f64 {
    rates.fold(0.0, f64::max)
}

impl Report {
    /// Every row of DESIGN §9.
    pub fn judge(&mut self) {
        let Pure {
            parse_us,
            checks_us,
            route_by_distance_us,
            route_by_price_us,
            route_by_completeness_us,
            ..
        } = self.pure;
        let mut rows =
            vec![most("parse and all checks, 5 lines", parse_us + checks_us, 30.0, "µs")];
        for (by, us) in [
            ("distance", route_by_distance_us),
            ("price", route_by_price_us),
            ("completeness", route_by_completeness_us),
        ] {
            rows.push(most(&format!("routing over 5,000 pharmacies by {by}"), us, 100.0, "µs"));
        }
        let accepts = best(self.pgbench_accepts.iter().map(|one| one.per_second));
        let flows = best(self.pgbench_flows.iter().map(|one| one.per_second));
        for engine in &self.engines {
            let name = engine.name;
            let row = |what: &str| format!("{name}: {what}");
            rows.push(most(
                &row("CPU of an accept, 64 or more waiting"),
                engine.accept_cpu(),
                150.0,
                "µs",
            ));
            // A run on one engine alone has no pgbench beside it, and then nothing to be compared with.
            if accepts > 0.0 && flows > 0.0 {
                let (accept, flow) = (engine.best_accept() / accepts, engine.best_flow() / flows);
                rows.push(least(&row("accepts, best ÷ pgbench's best"), accept, 3.0));
                rows.push(least(&row("whole flows, best ÷ pgbench's best"), flow, 2.0));
            }
            rows.push(most(
                &row("p99 of accepts at half of the best rate"),
                engine.paced.p99_ms,
                20.0,
                "ms",
            ));
            rows.push(most(&row("memory after the load"), engine.memory_after_mib, 200.0, "MiB"));
            rows.push(most(&row("start to ready"), engine.start_to_ready_ms, 2_000.0, "ms"));
            rows.push(most(&row("errors"), engine.errors() as f64, 0.0, ""));
        }
        self.budgets = rows;
    }

    pub fn print(&self) {
        let Report { machine, versions, pure, .. } = self;
        println!(
            "{}: {} cores of {}, {} MiB, Linux {}",
            self.date, machine.cores, machine.cpu, machine.memory_mib, machine.kernel
        );
        println!("load average before: {}", machine.load_before);
        println!("rxgate {}, {}, {}", versions.rxgate, versions.rustc, versions.postgresql);
        println!("{}\n", self.command);
        println!(
            "catalogue build {:.0} ms, parse {:.1} µs, checks {:.1} µs\n",
            pure.catalogue_build_ms, pure.parse_us, pure.checks_us
        );
        for engine in &self.engines {
            points(engine.name, "accepts", &engine.accepts, &self.pgbench_accepts);
            points(
                engine.name,
                "accepts at half of the best rate",
                std::slice::from_ref(&engine.paced),
                &[],
            );
            points(engine.name, "whole flows", &engine.flows, &self.pgbench_flows);
        }
        yardsticks("accepts", &self.pgbench_accepts);
        yardsticks("whole flows", &self.pgbench_flows);
        println!("| work | figure | budget | met |\n|---|---|---|---|");
        for Budget { work, figure, budget, met } in &self.budgets {
            println!("| {work} | {figure} | {budget} | {} |", if *met { "yes" } else { "**no**" });
        }
    }
}

fn points(engine: &str, what: &str, points: &[Point], beside: &[Yardstick]) {
    println!("{engine}, {what}\n");
    println!(
        "| waiting | per second | ÷ pgbench | CPU µs: server | database | client | p50 ms | p99 ms | errors |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    for point in points {
        let same = beside.iter().find(|one| one.clients == point.waiting);
        let ratio = same
            .map_or("–".to_owned(), |one| format!("{:.1}", point.per_second / one.per_second));
        let Point {
            waiting,
            per_second,
            server_us,
            database_us,
            client_us,
            p50_ms,
            p99_ms,
            errors,
            ..
        } = point;
        println!(
            "| {waiting} | {per_second:.0} | {ratio} | {server_us:.0} | {database_us:.0} | {client_us:.0} | {p50_ms:.1} | {p99_ms:.1} | {errors} |"
        );
    }
    println!();
    if let Some(first) = points.iter().find_map(|point| point.first_error.as_ref()) {
        println!("first error: {first}\n");
    }
}

fn yardsticks(what: &str, all: &[Yardstick]) {
    println!("pgbench, the same rows, one transaction per command: {what}\n");
    println!("| clients | per second | CPU µs: database | mean ms |\n|---|---|---|---|");
    for Yardstick { clients, per_second, latency_ms, database_us } in all {
        println!("| {clients} | {per_second:.0} | {database_us:.0} | {latency_ms:.1} |");
    }
    println!();
}

fn most(work: &str, figure: f64, limit: f64, unit: &str) -> Budget {
    Budget {
        work: work.to_owned(),
        figure: format!("{figure:.1} {unit}"),
        budget: format!("≤ {limit} {unit}"),
        met: figure <= limit,
    }
}

fn least(work: &str, figure: f64, limit: f64) -> Budget {
    Budget {
        work: work.to_owned(),
        figure: format!("{figure:.1} ×"),
        budget: format!("≥ {limit} ×"),
        met: figure >= limit,
    }
}
