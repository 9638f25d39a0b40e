//! `make bench`, first part: SM2 verifications per second on one core, ours beside OpenSSL's and RustCrypto's, with 200, 2,000
//! and 20,000 keys that sign alike. Prints a table and writes `target/bench-verify.json`.
//!
//! Counted is the time that this thread had a core, not the time that passed: other work on the machine then disturbs less.
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
use std::time::Duration;

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
/// Calls timed together, and how often.
const BATCH: usize = 400;
const ROUNDS: usize = 41;
/// Uses after which a key has its large table, if there is room.
const WARM: usize = 70;

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
    let [small_table, large_table, large_per_second, signatures_per_second] = per_second([
        &|_| KeyTable::small(one.key.point()).is_large(),
        &|_| KeyTable::large(one.key.point()).is_large(),
        &|_| large.verifies(&one.digest.0, one.signature.raw()),
        &|_| signer.sign(&one.digest).is_ok(),
    ]);
    let report = Report {
        machine,
        rustc: version("rustc"),
        openssl: openssl::version::version(),
        small_table_us: 1e6 / small_table,
        large_table_us: 1e6 / large_table,
        large_per_second,
        signatures_per_second,
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
    // Until large tables are given out as far as they go: to 682 keys at most.
    (0..all.len().min(700)).for_each(|turn| (0..WARM).for_each(|_| assert!(own(turn))));
    let prepared = |turn: usize| (turn * 7_919 % all.len(), at(turn));
    let [rxgate, small, openssl, rustcrypto] = per_second([
        &own,
        &|turn| {
            let (index, one) = prepared(turn);
            small[index].verifies(&one.digest.0, one.signature.raw())
        },
        &|turn| {
            let (index, one) = prepared(turn);
            openssl[index].verifies(&one.digest, &one.signature)
        },
        &|turn| {
            let (index, one) = prepared(turn);
            rustcrypto[index].verifies(&one.digest, &one.signature)
        },
    ]);
    Row {
        keys: all.len(),
        rxgate_per_second: rxgate,
        large_tables: tables.kept().1,
        tables_mib: tables.bytes() as f64 / f64::from(1 << 20),
        small_per_second: small,
        openssl_per_second: openssl,
        rustcrypto_per_second: rustcrypto,
    }
}

/// Calls per second of core time, each contender in turn, so that what disturbs one disturbs all. From the median of the batches.
fn per_second<const CONTENDERS: usize>(
    calls: [&dyn Fn(usize) -> bool; CONTENDERS],
) -> [f64; CONTENDERS] {
    let mut batches = [const { Vec::new() }; CONTENDERS];
    for round in 0..ROUNDS {
        for (call, batches) in calls.iter().zip(&mut batches) {
            let began = on_a_core();
            (0..BATCH).for_each(|turn| {
                black_box(call(round * BATCH + turn));
            });
            batches.push(on_a_core() - began);
        }
    }
    batches.map(|mut batches: Vec<Duration>| {
        batches.sort_unstable();
        BATCH as f64 / batches[ROUNDS / 2].as_secs_f64()
    })
}

/// How long this thread has had a core (Linux).
fn on_a_core() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    Duration::from_nanos(text.split(' ').next().unwrap().parse().unwrap())
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
