//! `make bench`, first part: SM2 verifications per second on one core, ours beside OpenSSL's and RustCrypto's, with 200, 2,000
//! and 20,000 keys that sign alike. Prints a table and writes `target/bench-verify.json`.
//!
//! The other two get their keys ready before the clock starts; ours goes through the gateway's own store of tables, as a
//! prescription does. docs/trust.md tells how to read it.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::as_conversions,
    clippy::float_arithmetic,
    reason = "a measurement may stop at once, prints, and computes with what the clock says; no money here"
)]

#[path = "load/machine.rs"]
#[expect(dead_code, reason = "shared with the load; here no other process is measured")]
mod machine;

use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use rxgate::trust::key_tables::KeyTables;
use rxgate::trust::randomness::Randomness;
use rxgate::trust::sign::SigningKey;
use rxgate::trust::signature::{Digest, PublicKey, Signature};
use rxgate::trust::verify::{OpenSslKey, RustCryptoKey, Verify};
use serde::Serialize;
use sm2::KeyTable;

use machine::{Machine, version};

const KEYS: [usize; 3] = [200, 2_000, 20_000];
/// What the gateway keeps tables in: room for every key, and for 682 large tables.
const TABLES: usize = 64 << 20;
/// Verifications timed together, and how often. The median is told: other work disturbs some batches, not half.
const BATCH: usize = 200;
const BATCHES: usize = 41;

struct Signed {
    key: PublicKey,
    digest: Digest,
    signature: Signature,
}

#[derive(Serialize)]
struct Row {
    keys: usize,
    small_per_second: f64,
    rxgate_per_second: f64,
    large_tables: usize,
    tables_mib: f64,
    openssl_per_second: f64,
    rustcrypto_per_second: f64,
}

#[derive(Serialize)]
struct Report {
    machine: Machine,
    rustc: String,
    openssl: &'static str,
    small_table_us: f64,
    large_table_us: f64,
    large_per_second: f64,
    signatures_per_second: f64,
    rows: Vec<Row>,
}

fn main() {
    let machine = Machine::look();
    let randomness = Randomness::seeded(1);
    let signer = SigningKey::parse(&randomness.bytes::<32>().unwrap()).unwrap();
    let most: Vec<Signed> = (0..*KEYS.last().unwrap()).map(|_| signed(&randomness)).collect();
    let one = &most[0];
    let large = KeyTable::large(one.key.point());
    let report = Report {
        machine,
        rustc: version("rustc"),
        openssl: openssl::version::version(),
        small_table_us: 1e6 / per_second(|_| KeyTable::small(one.key.point()).is_large()),
        large_table_us: 1e6 / per_second(|_| KeyTable::large(one.key.point()).is_large()),
        large_per_second: per_second(|_| large.verifies(&one.digest.0, one.signature.raw())),
        signatures_per_second: per_second(|_| signer.sign(&one.digest).is_ok()),
        rows: KEYS.iter().map(|keys| row(&most[..*keys])).collect(),
    };
    print(&report);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/bench-verify.json");
    std::fs::write(path, serde_json::to_vec_pretty(&report).unwrap()).unwrap();
}

fn signed(randomness: &Randomness) -> Signed {
    let signer = SigningKey::parse(&randomness.bytes::<32>().unwrap()).unwrap();
    let digest = Digest(randomness.bytes().unwrap());
    let signature = signer.sign(&digest).unwrap();
    Signed { key: signer.public_key().clone(), digest, signature }
}

fn row(all: &[Signed]) -> Row {
    // A stride that is prime to the number of keys visits all of them, never a neighbour.
    let at = |turn: usize| &all[turn * 7_919 % all.len()];
    let tables = KeyTables::new(TABLES);
    let own = |turn| {
        let Signed { key, digest, signature } = at(turn);
        tables.verifies(key, digest, signature)
    };
    // Each key once: everybody has the small table.
    (0..all.len()).for_each(|turn| assert!(own(turn)));
    let small: Vec<KeyTable> = all.iter().map(|one| KeyTable::small(one.key.point())).collect();
    let openssl: Vec<_> = all.iter().map(|one| OpenSslKey::new(&one.key).unwrap()).collect();
    let rustcrypto: Vec<_> = all.iter().map(|one| RustCryptoKey::new(&one.key).unwrap()).collect();
    // Until large tables are given out as far as they go.
    (0..all.len() * 70).for_each(|turn| assert!(own(turn)));
    let index = |turn: usize| turn * 7_919 % all.len();
    Row {
        keys: all.len(),
        small_per_second: per_second(|turn| {
            small[index(turn)].verifies(&at(turn).digest.0, at(turn).signature.raw())
        }),
        rxgate_per_second: per_second(own),
        large_tables: tables.kept().1,
        tables_mib: tables.bytes() as f64 / f64::from(1 << 20),
        openssl_per_second: per_second(|turn| {
            openssl[index(turn)].verifies(&at(turn).digest, &at(turn).signature)
        }),
        rustcrypto_per_second: per_second(|turn| {
            rustcrypto[index(turn)].verifies(&at(turn).digest, &at(turn).signature)
        }),
    }
}

/// Calls per second on this thread: from the median of the batches.
fn per_second(mut call: impl FnMut(usize) -> bool) -> f64 {
    let mut turn = 0;
    let mut batch = || {
        let began = Instant::now();
        (0..BATCH).for_each(|_| {
            turn += 1;
            black_box(call(turn));
        });
        began.elapsed()
    };
    batch();
    let mut batches: Vec<Duration> = (0..BATCHES).map(|_| batch()).collect();
    batches.sort_unstable();
    BATCH as f64 / batches[BATCHES / 2].as_secs_f64()
}

fn print(report: &Report) {
    let Report { machine, rustc, openssl, .. } = report;
    println!("{} cores of {}, Linux {}", machine.cores, machine.cpu, machine.kernel);
    println!("load average before: {}; {rustc}; {openssl}", machine.load_before);
    println!(
        "a small table is made in {:.0} µs, a large one in {:.0} µs; with the large table of one key {:.0}/s; signing {:.0}/s\n",
        report.small_table_us,
        report.large_table_us,
        report.large_per_second,
        report.signatures_per_second
    );
    println!("verifications per second on one core\n");
    println!("| keys | rxgate | large tables | MiB | small tables alone | OpenSSL | RustCrypto |");
    println!("|---|---|---|---|---|---|---|");
    for row in &report.rows {
        println!(
            "| {} | {:.0} | {} | {:.0} | {:.0} | {:.0} | {:.0} |",
            row.keys,
            row.rxgate_per_second,
            row.large_tables,
            row.tables_mib,
            row.small_per_second,
            row.openssl_per_second,
            row.rustcrypto_per_second
        );
    }
}
