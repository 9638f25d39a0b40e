//! An independent bookkeeper: computes again, from the database alone, what the gateway claims.
//!
//! Uses nothing of the gateway but SM3 (proved on published vectors elsewhere). Amounts are integer fen here.

use std::collections::{BTreeMap, HashMap, HashSet};

use rxgate::trust::sm3::sm3;
use serde_json::Value;

use crate::rows::table;

/// Everything in this database agrees with itself; fails the test otherwise.
pub fn audit(database: &str) {
    settlements_add_up(database);
    the_ledger_is_zero(database);
    no_box_is_in_two_places(database);
    usage_is_the_sum_of_settlements(database);
    the_chains_verify(database);
    states_agree_with_their_events(database);
    nothing_is_half(database);
}

fn integer(text: &str) -> i64 {
    text.parse().unwrap_or_else(|_| panic!("not an integer: {text:?}"))
}

/// Micro-yuan to fen; an amount with a fraction of a fen is a fault.
fn fen(uyuan: &str) -> i64 {
    let uyuan = integer(uyuan);
    assert_eq!(uyuan % 10_000, 0, "{uyuan} is no whole fen");
    uyuan / 10_000
}

/// Yuan as decimal text, to fen.
fn fen_of_text(text: &Value) -> i64 {
    let text = text.as_str().unwrap();
    let (sign, plain) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let (yuan, fraction) = plain.split_once('.').unwrap_or((plain, ""));
    assert!(fraction.trim_end_matches('0').len() <= 2, "{text} is no whole fen");
    let cents = format!("{fraction:0<2}");
    sign * (integer(yuan) * 100 + integer(&cents[..2]))
}

/// SET-01: the identities of every settlement, and the fee of every line from boxes and price.
fn settlements_add_up(database: &str) {
    let columns = [
        "s.total_uyuan",
        "s.in_scope_uyuan",
        "s.fund_uyuan",
        "s.personal_uyuan",
        "s.split",
        "d.lines",
        "d.state",
        "d.prescription_id",
    ];
    for row in table(database, &columns, "settlement s JOIN dispensing d ON d.id = s.dispensing_id")
    {
        let [total, in_scope, fund, personal] = [0, 1, 2, 3].map(|at| fen(&row[at]));
        let split: Value = serde_json::from_str(&row[4]).unwrap();
        let part = |name: &str| fen_of_text(&split[name]);
        assert_eq!(total, fund + personal, "{row:?}");
        assert!(total >= 0 && fund >= 0 && personal >= 0, "{row:?}");
        assert_eq!(
            [total, in_scope, fund, personal],
            ["total", "in_scope", "fund", "personal"].map(part)
        );
        assert!(fund <= in_scope, "the fund pays nothing out of scope: {row:?}");
        let lines = split["lines"].as_array().unwrap();
        let sum = |name: &str| lines.iter().map(|line| fen_of_text(&line[name])).sum::<i64>();
        assert_eq!(sum("fee"), total, "{row:?}");
        assert_eq!(sum("in_scope"), in_scope, "{row:?}");
        for line in lines {
            let parts = ["full_self_pay", "over_limit", "first_self_pay", "in_scope"];
            let parts = parts.map(|name| fen_of_text(&line[name]));
            assert!(parts.iter().all(|part| *part >= 0), "{line}");
            assert_eq!(fen_of_text(&line["fee"]), parts.iter().sum::<i64>(), "{line}");
        }
        let after =
            ["settled", "self_paid", "dispatched", "delivery_failed", "handed_over", "reversed"];
        let sold = after.contains(&row[6].as_str());
        assert!(sold, "settled but {}", row[6]);
    }
}

/// Every settlement's postings sum to zero, and so does the whole ledger.
fn the_ledger_is_zero(database: &str) {
    let mut sums: BTreeMap<String, i64> = BTreeMap::new();
    let settled =
        table(database, &["id", "total_uyuan", "fund_uyuan", "personal_uyuan"], "settlement");
    let reversed = table(database, &["id", "settlement_id"], "reversal");
    for row in settled.iter().chain(&reversed) {
        sums.insert(row[0].clone(), 0);
    }
    let mut booked: HashMap<(String, String), i64> = HashMap::new();
    for row in table(database, &["settlement_id", "account", "amount_uyuan"], "posting") {
        let sum = sums.get_mut(&row[0]).expect("a posting belongs to a settlement");
        *sum += fen(&row[2]);
        booked.insert((row[0].clone(), row[1].clone()), fen(&row[2]));
    }
    assert!(sums.values().all(|sum| *sum == 0), "{sums:?}");
    for row in &reversed {
        for account in ["sales", "pool", "personal"] {
            let of = |id: &String| booked.get(&(id.clone(), account.to_owned())).copied();
            assert_eq!(of(&row[0]), of(&row[1]).map(|amount| -amount), "{account} of {row:?}");
        }
    }
    for row in &settled {
        let of =
            |account: &str| booked.get(&(row[0].clone(), account.to_owned())).copied().unwrap_or(0);
        assert_eq!(of("sales"), -fen(&row[1]), "{row:?}");
        assert_eq!(of("pool"), fen(&row[2]), "{row:?}");
        assert_eq!(of("personal"), fen(&row[3]), "{row:?}");
    }
}

/// DS-04: a trace code is sold once, and is where the ledger of boxes says.
fn no_box_is_in_two_places(database: &str) {
    let boxes: HashMap<String, (String, String)> =
        table(database, &["trace_code", "state", "dispensing_id"], "drug_box")
            .into_iter()
            .map(|row| (row[0].clone(), (row[1].clone(), row[2].clone())))
            .collect();
    let mut taken = HashSet::new();
    let holding = "dispensing WHERE state NOT IN ('released', 'reversed')";
    for row in table(database, &["id", "state", "lines"], holding) {
        let lines: Value = serde_json::from_str(&row[2]).unwrap();
        for one in
            lines.as_array().unwrap().iter().flat_map(|line| line["boxes"].as_array().unwrap())
        {
            let code = one["trace_code"].as_str().unwrap().to_owned();
            let expected = if row[1] == "prepared" { "reserved" } else { "sold" };
            assert_eq!(boxes[&code], (expected.to_owned(), row[0].clone()), "{code}");
            assert!(taken.insert(code.clone()), "{code} is in two places");
        }
    }
    // What came back after it had left is nowhere else, and nobody's.
    let held = boxes.iter().filter(|(_, (state, _))| state != "free" && state != "quarantined");
    let held = held.count();
    assert_eq!(held, taken.len(), "every reserved or sold box belongs to a dispensing");
}

/// Year totals are the sums of what was settled. Every path of the test region caps what the fund paid.
fn usage_is_the_sum_of_settlements(database: &str) {
    let columns = ["s.person_id", "s.id", "s.settled_ms", "s.split"];
    let standing = "settlement s \
        WHERE NOT EXISTS (SELECT 1 FROM reversal r WHERE r.settlement_id = s.id)";
    let mut sums: BTreeMap<(String, String, i64), (i64, i64)> = BTreeMap::new();
    for row in table(database, &columns, standing) {
        let split: Value = serde_json::from_str(&row[3]).unwrap();
        let year = beijing_year(integer(&row[2]));
        let mut shares = 0;
        for share in split["paths"].as_array().unwrap_or(&Vec::new()) {
            let path = share["path"].as_str().unwrap().to_owned();
            let (deductible, counted) = sums.entry((row[0].clone(), path, year)).or_default();
            *deductible += fen_of_text(&share["deductible"]);
            *counted += fen_of_text(&share["counted"]);
            shares += fen_of_text(&share["counted"]);
        }
        assert_eq!(shares, fen_of_text(&split["fund"]), "{split}");
    }
    let columns = ["person_id", "path", "year", "deductible_used_uyuan", "cap_used_uyuan"];
    let rows = table(database, &columns, "usage");
    let row = |row: Vec<String>| {
        ((row[0].clone(), row[1].clone(), integer(&row[2])), (fen(&row[3]), fen(&row[4])))
    };
    let mut kept: BTreeMap<_, _> = rows.into_iter().map(row).collect();
    // A row that is locked before the first settlement holds zeros.
    kept.retain(|key, used| *used != (0, 0) || sums.contains_key(key));
    assert_eq!(kept, sums);
}

fn beijing_year(ms: i64) -> i64 {
    let at = chrono::DateTime::from_timestamp_millis(ms + 8 * 3_600_000).unwrap();
    i64::from(chrono::Datelike::year(&at))
}

const EVENT: [&str; 12] = [
    "lane",
    "seq",
    "id",
    "prescription_id",
    "rx_seq",
    "kind",
    "actor_id",
    "at_ms",
    "x'rx_prev",
    "body",
    "x'prev",
    "x'digest",
];

/// AUD-01: every digest again, by the written encoding; lanes and prescriptions are unbroken.
fn the_chains_verify(database: &str) {
    let zeros = "00".repeat(32);
    let mut lanes: BTreeMap<i64, (i64, String)> = BTreeMap::new();
    let mut stories: HashMap<String, (i64, String)> = HashMap::new();
    for row in table(database, &EVENT, "event ORDER BY lane, seq") {
        let (lane, digest) = (integer(&row[0]), &row[11]);
        let (seq, head) = lanes.entry(lane).or_insert((0, zeros.clone()));
        assert_eq!(integer(&row[1]), *seq + 1, "lane {lane} has a gap");
        assert_eq!(row[10], *head, "lane {lane} is broken at {}", row[1]);
        assert_eq!(*digest, digest_of(&row), "event {} was altered", row[2]);
        (*seq, *head) = (*seq + 1, digest.clone());
    }
    for row in table(
        database,
        &EVENT,
        "event WHERE prescription_id IS NOT NULL ORDER BY prescription_id, rx_seq",
    ) {
        let (seq, head) = stories.entry(row[3].clone()).or_insert((0, zeros.clone()));
        assert_eq!(integer(&row[4]), *seq + 1, "prescription {} has a gap", row[3]);
        assert_eq!(row[8], *head, "prescription {} is broken at {}", row[3], row[4]);
        (*seq, *head) = (*seq + 1, row[11].clone());
    }
    for row in table(database, &["id", "seq", "x'head"], "lane") {
        let empty = (0, zeros.clone());
        let (seq, head) = lanes.get(&integer(&row[0])).unwrap_or(&empty);
        assert_eq!((integer(&row[1]), &row[2]), (*seq, head), "lane {} and its events", row[0]);
    }
}

/// The encoding as `crates/store/src/chain.rs` describes it, written down a second time.
fn digest_of(row: &[String]) -> String {
    let mut fields: Vec<u8> = Vec::new();
    let mut field = |bytes: Option<Vec<u8>>| match bytes {
        Some(bytes) => {
            fields.extend(u32::try_from(bytes.len()).unwrap().to_be_bytes());
            fields.extend(bytes);
        }
        None => fields.extend([0xff; 4]),
    };
    let number = |text: &String| (!text.is_empty()).then(|| integer(text).to_be_bytes().to_vec());
    field(Some(i32::try_from(integer(&row[0])).unwrap().to_be_bytes().to_vec()));
    for at in [1, 2, 3, 4] {
        field(number(&row[at]));
    }
    field(Some(row[5].clone().into_bytes()));
    field(number(&row[6]));
    field(number(&row[7]));
    field((!row[8].is_empty()).then(|| unhex(&row[8])));
    field(Some(row[9].clone().into_bytes()));
    sm3(&[&unhex(&row[10]), &fields]).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    let pairs = text.as_bytes().chunks(2);
    pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

/// A prescription's state is where its events lead.
fn states_agree_with_their_events(database: &str) {
    let mut state: HashMap<String, &str> = HashMap::new();
    let events = table(
        database,
        &["prescription_id", "kind", "body"],
        "event WHERE prescription_id IS NOT NULL ORDER BY prescription_id, rx_seq",
    );
    for row in &events {
        let next = match row[1].as_str() {
            "accepted" | "released" | "lease_ended" => "open",
            "claimed" => "claimed",
            "refused" => "refused",
            // Used up; or open again where lines are used one by one.
            "settled" if row[2].contains(r#""state":"open""#) => "open",
            "settled" => "completed",
            "frozen" => "frozen",
            "revoked" => "revoked",
            "expired" => "expired",
            "shown" | "chosen" | "approved" | "queried" | "answered" | "prepared"
            | "handed_over" | "pickup_reissued" | "ordered" | "dispatched" | "signed_for"
            | "delivery_failed" | "hold_decided" | "pharmacy_changed" => continue,
            // Open again where nothing had left the shop; used up otherwise.
            "reversed" => {
                let body: Value = serde_json::from_str(&row[2]).unwrap();
                if body["state"] == "open" {
                    state.insert(row[0].clone(), "open");
                }
                continue;
            }
            other => panic!("an event of an unknown kind: {other}"),
        };
        let before = state.insert(row[0].clone(), next);
        let ended =
            before.is_some_and(|one| ["refused", "completed", "revoked", "expired"].contains(&one));
        assert!(!ended, "{} left {before:?} by {}", row[0], row[1]);
    }
    for row in table(database, &["prescription_id", "state"], "circulation") {
        assert_eq!(state.get(&row[0]), Some(&row[1].as_str()), "prescription {}", row[0]);
    }
}

/// Whatever belongs together is there together.
fn nothing_is_half(database: &str) {
    let whole = [
        "prescription p WHERE NOT EXISTS (SELECT 1 FROM circulation c WHERE c.prescription_id = p.id)",
        "prescription p WHERE NOT EXISTS (SELECT 1 FROM prescription_line l WHERE l.prescription_id = p.id)",
        "prescription p WHERE NOT EXISTS (SELECT 1 FROM event e WHERE e.prescription_id = p.id AND e.kind = 'accepted')",
        "circulation c WHERE c.state = 'completed' AND NOT EXISTS (SELECT 1 FROM settlement s WHERE s.prescription_id = c.prescription_id)",
        "settlement s WHERE NOT EXISTS (SELECT 1 FROM posting p WHERE p.settlement_id = s.id)",
        "settlement s WHERE (SELECT count(*) FROM event e WHERE e.prescription_id = s.prescription_id AND e.kind = 'settled') <> (SELECT count(*) FROM settlement o WHERE o.prescription_id = s.prescription_id)",
        "outbox o WHERE NOT EXISTS (SELECT 1 FROM event e WHERE e.id = o.event_id)",
        "dispensing d JOIN circulation c ON c.prescription_id = d.prescription_id WHERE d.state = 'prepared' AND c.state NOT IN ('claimed', 'frozen')",
    ];
    for half in whole {
        let found = table(database, &["count(*)"], half);
        assert_eq!(found[0][0], "0", "{half}");
    }
}
