//! pgbench on the same cluster, in the same run: what PostgreSQL does when every command is a transaction of its own.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde::Serialize;

use crate::machine::family_cpu_us;
use crate::postgres::Cluster;

#[derive(Clone, Debug, Serialize)]
pub struct Yardstick {
    pub clients: u64,
    pub per_second: f64,
    pub latency_ms: f64,
    /// Microseconds of CPU per script in PostgreSQL; pgbench's own are not counted.
    pub database_us: f64,
}

/// A database of the gateway's shape, and keys that no run before has used.
pub struct Pgbench<'a> {
    pub cluster: &'a Cluster,
    pub postmaster: u32,
    pub url: String,
    pub runs: u64,
}

impl Pgbench<'_> {
    /// Runs a script with so many clients for so many seconds; statements are prepared once per connection.
    pub fn run(&mut self, script: &str, folder: &Path, clients: u64, seconds: u64) -> Yardstick {
        let file = folder.join("script.sql");
        fs::write(&file, script).unwrap();
        self.runs += 1;
        // Nineteen digits, as real ids have.
        let base = 1_000_000_000_000_000_000 + self.runs * 1_000_000_000_000_000;
        let before = family_cpu_us(self.postmaster);
        let mut pgbench = Command::new(self.cluster.program("pgbench"));
        pgbench.args(["--no-vacuum", "-M", "prepared", "-j", "2", "-D", "n=0"]);
        pgbench.args([
            "-D",
            &format!("base={base}"),
            "-c",
            &clients.to_string(),
            "-T",
            &seconds.to_string(),
        ]);
        let output = pgbench.arg("-f").arg(&file).arg(&self.url).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "pgbench: {complaint}");
        let done = number_after(&said, "number of transactions actually processed: ");
        Yardstick {
            clients,
            per_second: number_after(&said, "tps = "),
            latency_ms: number_after(&said, "latency average = "),
            database_us: (family_cpu_us(self.postmaster) - before) as f64 / done,
        }
    }
}

fn number_after(text: &str, what: &str) -> f64 {
    let at = text.find(what).unwrap_or_else(|| panic!("pgbench does not say `{what}`: {text}"));
    let rest = &text[at + what.len()..];
    let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
    rest[..end].parse().unwrap()
}
