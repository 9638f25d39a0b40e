//! The rows of one whole flow, as the gateway wrote them, turned into scripts for pgbench: the same statements as a
//! program would send that writes each command in a transaction of its own.
//!
//! Values are the gateway's own, so that every row is as wide as it really is; keys are new ones, rising as real ids do.
//! Only what is written is repeated: the look-ups before a decision are left out, which favours pgbench.

use std::fmt::Write;

use serde_json::{Map, Value};

use crate::postgres::Cluster;

/// What every script begins with: keys that rise with time, as the gateway's do, sixteen per transaction.
const KEYS: &str = "\\set n :n + 1\n\\set id :base + (:n * 1024 + :client_id) * 16\n\\set person random(1, 2000)\n";

type Row = Map<String, Value>;
/// Which value a column gets instead of its own: by place of the row and name of the column.
type Keyed<'a> = &'a dyn Fn(usize, &str) -> Option<String>;

/// One flow's rows.
pub struct Rows {
    prescription: Vec<Row>,
    lines: Vec<Row>,
    circulation: Vec<Row>,
    dispensing: Vec<Row>,
    boxes: Vec<Row>,
    settlement: Vec<Row>,
    postings: Vec<Row>,
    usage: Vec<Row>,
    events: Vec<Row>,
    notices: Vec<Row>,
    commands: Vec<Row>,
    lane: Vec<Row>,
}

/// How the verbs of a flow stand in the keys of `errand` and in the kinds of events.
const STEPS: [&str; 6] = ["accept", "claim", "review", "prepare", "settle", "hand-over"];

impl Rows {
    /// Of some prescription that was handed over.
    pub fn of_a_flow(cluster: &Cluster, url: &str) -> Rows {
        let some = "SELECT prescription_id FROM dispensing WHERE handed_over_ms IS NOT NULL \
                    ORDER BY prescription_id DESC LIMIT 1";
        let id = cluster.query(url, some);
        let number = cluster
            .query(url, &format!("SELECT right(hosp_rxno, 9) FROM prescription WHERE id = {id}"));
        let read = |table: &str, condition: &str| rows(cluster, url, table, condition);
        let of_prescription = format!("prescription_id = {id}");
        let in_settlement =
            format!("settlement_id IN (SELECT id FROM settlement WHERE {of_prescription})");
        let in_dispensing =
            format!("dispensing_id IN (SELECT id FROM dispensing WHERE {of_prescription})");
        let of_person = format!("person_id = (SELECT person_id FROM prescription WHERE id = {id})");
        let command = |step: &&str| read("command", &format!("key = '{step}-{number}'"));
        Rows {
            prescription: read("prescription", &format!("id = {id}")),
            lines: read("prescription_line", &format!("{of_prescription} ORDER BY line_no")),
            circulation: read("circulation", &of_prescription),
            dispensing: read("dispensing", &of_prescription),
            boxes: read("drug_box", &in_dispensing),
            settlement: read("settlement", &of_prescription),
            postings: read("posting", &in_settlement),
            usage: read("usage", &of_person),
            events: read("event", &format!("{of_prescription} ORDER BY rx_seq")),
            notices: read("outbox", &format!("{of_prescription} ORDER BY rx_seq")),
            commands: STEPS.iter().flat_map(command).collect(),
            lane: read("lane", "true LIMIT 1"),
        }
    }

    /// What must be there before: people and lanes.
    pub fn ground() -> &'static str {
        "INSERT INTO person SELECT n, sha256(n::text::bytea), sha256(n::text::bytea), 0 FROM generate_series(1, 2000) n;
         INSERT INTO lane SELECT n, 1, 0, sha256('0'), 0, 0 FROM generate_series(0, 1023) n;"
    }

    /// One accept, one transaction.
    pub fn accept(&self) -> String {
        format!("{KEYS}{}", self.step(0))
    }

    /// A whole flow, one transaction per command.
    pub fn flow(&self) -> String {
        (0..STEPS.len()).fold(KEYS.to_owned(), |script, step| script + &self.step(step))
    }

    fn step(&self, step: usize) -> String {
        let mut script =
            format!("\\set seq :id + {step}\n\\set d :id + 8\n\\set s :id + 9\nBEGIN;\n");
        match step {
            0 => self.accepted(&mut script),
            3 => self.prepared(&mut script),
            4 => self.settled(&mut script),
            5 => script.push_str(&self.dispensed("handed_over")),
            _ => {}
        }
        if step > 0 {
            script.push_str(&self.moved(step));
        }
        let event = |_: usize, column: &str| match column {
            "lane" => Some(":client_id".to_owned()),
            "seq" | "id" => Some(":seq".to_owned()),
            "prescription_id" => Some(":id".to_owned()),
            _ => None,
        };
        script.push_str(&insert("event", self.events.get(step..=step).unwrap_or_default(), &event));
        let event_no = self.events.get(step).and_then(|row| row.get("rx_seq"));
        let notices: Vec<Row> =
            self.notices.iter().filter(|row| row.get("rx_seq") == event_no).cloned().collect();
        script.push_str(&insert("outbox", &notices, &|_, column| match column {
            "id" | "event_id" => Some(":seq".to_owned()),
            "prescription_id" => Some(":id".to_owned()),
            _ => None,
        }));
        let key = format!("'{}-' || :id", STEPS[step]);
        let command = |_: usize, column: &str| (column == "key").then(|| key.clone());
        script.push_str(&insert(
            "command",
            self.commands.get(step..=step).unwrap_or_default(),
            &command,
        ));
        script.push_str(&update(
            "lane",
            &self.lane,
            "id = :client_id",
            &|_, column| match column {
                "id" | "epoch" => Some(String::new()),
                "seq" => Some(":seq".to_owned()),
                _ => None,
            },
        ));
        script + "COMMIT;\n"
    }

    fn accepted(&self, script: &mut String) {
        script.push_str(&insert("prescription", &self.prescription, &|_, column| match column {
            "id" => Some(":id".to_owned()),
            "person_id" => Some(":person".to_owned()),
            "hosp_rxno" => Some("'BENCH-' || :id".to_owned()),
            "hi_rxno" => Some("'54010026326' || :id".to_owned()),
            _ => None,
        }));
        let of_prescription =
            |_: usize, column: &str| (column == "prescription_id").then(|| ":id".to_owned());
        script.push_str(&insert("prescription_line", &self.lines, &of_prescription));
        script.push_str(&insert("circulation", &self.circulation, &|_, column| match column {
            "prescription_id" => Some(":id".to_owned()),
            "person_id" => Some(":person".to_owned()),
            "state" => Some("'open'".to_owned()),
            "due_ms" => Some("1900000000000".to_owned()),
            "holder_id" | "lease_until_ms" | "review" | "reviewer" => Some("NULL".to_owned()),
            _ => None,
        }));
    }

    /// Each step rewrites the circulation's changing columns.
    fn moved(&self, step: usize) -> String {
        update("circulation", &self.circulation, "prescription_id = :id", &|_, column| match column
        {
            "prescription_id" | "institution_id" | "person_id" | "pooling_area"
            | "valid_until_ms" => Some(String::new()),
            "state" => Some(if step < 4 { "'claimed'" } else { "'completed'" }.to_owned()),
            "due_ms" if step < 4 => Some(format!("{}", 1_900_000_000_000_u64 + step as u64)),
            _ => None,
        })
    }

    fn prepared(&self, script: &mut String) {
        script.push_str(&insert("dispensing", &self.dispensing, &|_, column| match column {
            "id" => Some(":d".to_owned()),
            "prescription_id" => Some(":id".to_owned()),
            "state" => Some("'prepared'".to_owned()),
            "settled_ms" | "handed_over_ms" => Some("NULL".to_owned()),
            _ => None,
        }));
        script.push_str(&insert("drug_box", &self.boxes, &|at, column| match column {
            "trace_code" => Some(format!("'{at}' || :id")),
            "dispensing_id" => Some(":d".to_owned()),
            "state" => Some("'reserved'".to_owned()),
            _ => None,
        }));
    }

    fn settled(&self, script: &mut String) {
        script.push_str(&self.dispensed("settled"));
        for at in 0..self.boxes.len() {
            writeln!(
                script,
                "UPDATE drug_box SET state = 'sold' WHERE trace_code = '{at}' || :id;"
            )
            .unwrap();
        }
        script.push_str(&insert("settlement", &self.settlement, &|_, column| match column {
            "id" => Some(":s".to_owned()),
            "dispensing_id" => Some(":d".to_owned()),
            "prescription_id" => Some(":id".to_owned()),
            "person_id" => Some(":person".to_owned()),
            _ => None,
        }));
        let of_settlement =
            |_: usize, column: &str| (column == "settlement_id").then(|| ":s".to_owned());
        script.push_str(&insert("posting", &self.postings, &of_settlement));
        let person = |_: usize, column: &str| (column == "person_id").then(|| ":person".to_owned());
        let usage = insert("usage", &self.usage, &person);
        let usage = usage.trim_end().trim_end_matches(';');
        let conflict = "ON CONFLICT (person_id, attribute, year) DO UPDATE SET \
                        deductible_used_uyuan = excluded.deductible_used_uyuan, cap_used_uyuan = excluded.cap_used_uyuan";
        writeln!(script, "{usage} {conflict};").unwrap();
    }

    fn dispensed(&self, state: &str) -> String {
        update("dispensing", &self.dispensing, "id = :d", &|_, column| match column {
            "state" => Some(format!("'{state}'")),
            "settled_ms" | "handed_over_ms" => None,
            _ => Some(String::new()),
        })
    }
}

fn rows(cluster: &Cluster, url: &str, table: &str, condition: &str) -> Vec<Row> {
    let sql = format!("SELECT row_to_json(t) FROM (SELECT * FROM {table} WHERE {condition}) t");
    let rows: Vec<Row> =
        cluster.query(url, &sql).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(!rows.is_empty() || table == "outbox", "a flow wrote no row of {table}");
    rows
}

/// One statement for all rows; nothing for none.
fn insert(table: &str, rows: &[Row], keyed: Keyed<'_>) -> String {
    let Some(first) = rows.first() else { return String::new() };
    let columns: Vec<&str> = first.keys().map(String::as_str).collect();
    let tuple = |(at, row): (usize, &Row)| {
        let value =
            |(name, value): (&String, &Value)| keyed(at, name).unwrap_or_else(|| literal(value));
        format!("({})", row.iter().map(value).collect::<Vec<_>>().join(", "))
    };
    let tuples: Vec<String> = rows.iter().enumerate().map(tuple).collect();
    format!("INSERT INTO {table} ({}) VALUES {};\n", columns.join(", "), tuples.join(", "))
}

/// Sets every column of the first row but those for which `keyed` gives the empty text.
fn update(table: &str, rows: &[Row], condition: &str, keyed: Keyed<'_>) -> String {
    let Some(row) = rows.first() else { return String::new() };
    let set = |(name, value): (&String, &Value)| {
        let to = keyed(0, name).unwrap_or_else(|| literal(value));
        (!to.is_empty()).then(|| format!("{name} = {to}"))
    };
    let set: Vec<String> = row.iter().filter_map(set).collect();
    format!("UPDATE {table} SET {} WHERE {condition};\n", set.join(", "))
}

/// A value as SQL. Colons are escaped: pgbench takes what follows one for a variable, even within quotes.
fn literal(value: &Value) -> String {
    match value {
        Value::String(text) => {
            let text = text.replace('\\', "\\\\").replace('\'', "''").replace(':', "\\x3a");
            format!("E'{text}'")
        }
        Value::Null => "NULL".to_owned(),
        other => other.to_string(),
    }
}
