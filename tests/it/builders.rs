//! Prescriptions and packed boxes as JSON, the way they come through the door. Everything has a usual value; a test
//! names only what it is about.

use std::sync::atomic::{AtomicU64, Ordering};

use domain::moment::{DAY, Moment};
use serde_json::{Value, json};

use crate::town;

/// When the tests' simulated time begins: a Monday morning under the edition of 2025.
pub const MORNING: &str = "2026-01-05T09:00:00+08:00";

/// A drug as a line names it.
#[derive(Clone, Copy)]
pub struct Drug {
    pub kind: &'static str,
    pub code: Option<&'static str>,
    pub name: &'static str,
    pub form: &'static str,
    pub spec: &'static str,
}

/// Class A in both editions, no restriction, no selected price.
pub const METFORMIN: Drug = Drug {
    kind: "western",
    code: Some("XA10BAE036A001010100001"),
    name: "二甲双胍",
    form: "片剂",
    spec: "0.25g*48片",
};
/// Class A in both editions.
pub const AMLODIPINE: Drug = Drug {
    kind: "western",
    code: Some("XC08CAA123A001010112345"),
    name: "氨氯地平",
    form: "片剂",
    spec: "5mg*28片",
};
/// Negotiated, restricted: 63.00 yuan a vial until the end of 2025, 52.60 from 2026-01-01.
pub const ILAPRAZOLE: Drug = Drug {
    kind: "western",
    code: Some("XA02BCY164B001010100002"),
    name: "注射用艾普拉唑钠",
    form: "注射剂",
    spec: "10mg/瓶",
};

/// A decoction piece, in grams; no trace code is asked for.
pub const GOLDENROD: Drug =
    Drug { kind: "decoction_piece", code: None, name: "一枝黄花", form: "饮片", spec: "1g" };

/// A number that nobody used before in this process.
pub fn fresh() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// A prescription on its way to the door.
#[derive(Clone)]
pub struct Rx {
    pub form: Value,
}

/// A prescription for one person, issued at [`MORNING`] and valid for three days, without lines.
pub fn rx() -> Rx {
    let number = fresh();
    let form = json!({
        "hosp_rxno": format!("RX-{number}"),
        "biz_type": "visit",
        "attribute": "dual_channel",
        "patient": {
            "name": "测试患者", "id_number": format!("99010119700101{:04}", number % 10_000),
            "sex": "female", "birth_date": "1970-01-01",
            "insured_area": town::AREA, "insurance": "employee",
        },
        "doctor": town::doctor(1),
        "reviewer": town::hospital_pharmacist(1),
        "diagnoses": ["I10.x00x002"],
        "lines": [],
    });
    Rx { form }.issued(MORNING)
}

impl Rx {
    /// One more line: `quantity` packages for seven days.
    pub fn line(mut self, drug: Drug, quantity: i64) -> Rx {
        let line = json!({
            "kind": drug.kind, "drug_code": drug.code, "generic_name": drug.name,
            "dosage_form": drug.form, "spec": drug.spec, "quantity": quantity.to_string(), "days": 7,
        });
        self.form["lines"].as_array_mut().unwrap().push(line);
        self
    }
    /// Issued at an instant, valid until 72 hours later.
    pub fn issued(self, at: &str) -> Rx {
        let at: Moment = at.parse().unwrap();
        self.with("/issued_at", json!(at)).with("/valid_until", json!(at.plus(3 * DAY)))
    }
    /// By the doctor of another hospital.
    pub fn by_hospital(self, n: i64) -> Rx {
        self.with("/doctor", json!(town::doctor(n)))
            .with("/reviewer", json!(town::hospital_pharmacist(n)))
    }
    /// Any member, by JSON pointer; `null` takes it out.
    pub fn with(mut self, pointer: &str, value: Value) -> Rx {
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        let parent = self.form.pointer_mut(parent).unwrap();
        match parent {
            Value::Array(list) => list[name.parse::<usize>().unwrap()] = value,
            Value::Object(members) if value.is_null() => drop(members.remove(name)),
            other => other[name] = value,
        }
        self
    }
    /// The last four characters of the patient's certificate number.
    pub fn last_four(&self) -> String {
        let number = self.form["patient"]["id_number"].as_str().unwrap();
        number[number.len() - 4..].to_owned()
    }
}

/// The usual prescription: two boxes of one drug.
pub fn plain() -> Rx {
    rx().line(METFORMIN, 2)
}

/// A trace code that nobody used before.
pub fn trace_code() -> String {
    format!("8000001{:013}", fresh())
}

/// What a pharmacy packs for a prescription: a new box per package, at 12.50 yuan each.
pub fn packed(rx: &Rx) -> Value {
    packed_at(rx, "12.50")
}

/// The same at another price.
pub fn packed_at(rx: &Rx, unit_price: &str) -> Value {
    let lines = rx.form["lines"].as_array().unwrap().iter().zip(1..).map(|(line, line_no)| {
        let packages: usize = line["quantity"].as_str().unwrap().parse().unwrap();
        let boxes: Vec<Value> = (0..packages).map(|_| one_box(&trace_code())).collect();
        json!({ "line_no": line_no, "unit_price": unit_price, "boxes": boxes })
    });
    json!({ "lines": lines.collect::<Vec<_>>() })
}

/// A box with this trace code.
pub fn one_box(trace_code: &str) -> Value {
    json!({ "trace_code": trace_code, "lot": "L2501", "expires_on": "2028-12-31" })
}
