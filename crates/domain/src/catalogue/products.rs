//! Products: one maker's drug in one pack, by national code and by the identifiers in its trace
//! codes.
//!
//! Serves DS-06, DS-07, RX-08. One product may bear several identifiers (box, case, unit), one
//! national code several products. Only one product with an identifier is public; an agency or a
//! pharmacy brings its own file in the same format.

use std::collections::HashMap;

use serde::Serialize;

use super::codes::code_format;
use super::fault::Fault;
use super::sheet::{Row, for_each_row};
use crate::prescription::{ProductKey, TraceCode};

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Product {
    /// National drug code, where it is known.
    pub national_code: Option<Box<str>>,
    pub generic_name: Box<str>,
    pub dosage_form: Box<str>,
    pub spec: Box<str>,
    /// Minimum units (tablets, vials) in one pack.
    pub units_per_pack: u32,
    pub maker: Box<str>,
    /// A letter or two and eight digits, mostly after `国药准字`; empty where it is not known.
    pub approval_no: Box<str>,
    /// First seven digits of its 20-digit trace codes (DS-05, DS-06).
    pub trace_identifiers: Box<[Box<str>]>,
}

impl Product {
    /// What a prescribed line must share with it, whatever its maker (RX-08).
    pub fn key(&self) -> ProductKey {
        ProductKey::new(&self.generic_name, &self.dosage_form, &self.spec)
    }
}

const COLUMNS: &[&str] = &[
    "national_code",
    "generic_name",
    "dosage_form",
    "spec",
    "units_per_pack",
    "maker",
    "approval_no",
    "trace_identifiers",
];
const UNITS_MAX: u32 = 100_000;

/// Products by code and by identifier.
#[derive(Debug, Default)]
pub struct Products {
    all: Vec<Product>,
    by_code: HashMap<Box<str>, Vec<usize>>,
    by_identifier: HashMap<Box<str>, usize>,
}

impl Products {
    /// Reads a file of products; refused with every fault, each with its row.
    pub fn parse(file: &str, bytes: &[u8]) -> Result<Products, Vec<Fault>> {
        let (mut products, mut faults) = (Products::default(), Vec::new());
        products.read(file, bytes, &mut faults);
        if faults.is_empty() { Ok(products) } else { Err(faults) }
    }

    pub(super) fn read(&mut self, file: &str, bytes: &[u8], faults: &mut Vec<Fault>) {
        for_each_row((file, bytes), COLUMNS, faults, |row, faults| {
            let Some(product) = product(row, faults) else { return };
            let place = self.all.len();
            for identifier in &product.trace_identifiers {
                if self.by_identifier.insert(identifier.clone(), place).is_some() {
                    let message = format!("{identifier} stands for another product above");
                    faults.push(row.fault("trace_identifiers", message));
                }
            }
            if let Some(code) = &product.national_code {
                self.by_code.entry(code.clone()).or_default().push(place);
            }
            self.all.push(product);
        });
    }

    /// Products of a national code: the same generic, form and spec in different packs.
    pub fn of_code(&self, code: &str) -> impl Iterator<Item = &Product> {
        let places = self.by_code.get(code).map_or(&[][..], Vec::as_slice);
        places.iter().filter_map(|place| self.all.get(*place))
    }
    /// The product in a package with this trace code. GS1 and makers' own codes name none.
    pub fn of_trace_code(&self, code: &TraceCode) -> Option<&Product> {
        self.all.get(*self.by_identifier.get(code.drug_identifier()?)?)
    }
    pub fn iter(&self) -> impl Iterator<Item = &Product> {
        self.all.iter()
    }
    pub fn len(&self) -> usize {
        self.all.len()
    }
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }
}

fn product(row: &Row<'_>, faults: &mut Vec<Fault>) -> Option<Product> {
    let before = faults.len();
    let code = row.text("national_code");
    if let (false, Err(fault)) = (code.is_empty(), code_format(code)) {
        faults.push(row.fault("national_code", fault.to_string()));
    }
    let required = ["generic_name", "dosage_form", "spec", "maker"];
    for column in required {
        row.required(column, faults);
    }
    let units = row.text("units_per_pack").parse().ok().filter(|n| (1..=UNITS_MAX).contains(n));
    if units.is_none() {
        faults.push(row.fault("units_per_pack", "not a whole number from 1 to 100000"));
    }
    let approval = row.text("approval_no");
    if !approval.is_empty() && !is_approval_no(approval) {
        faults.push(row.fault(
            "approval_no",
            "write 国药准字 (imports: nothing), one or two letters, eight digits",
        ));
    }
    let identifiers: Vec<&str> =
        row.text("trace_identifiers").split('|').filter(|one| !one.is_empty()).collect();
    if !identifiers.iter().all(|one| one.len() == 7 && one.bytes().all(|b| b.is_ascii_digit())) {
        faults.push(row.fault("trace_identifiers", "each has seven digits; | between them"));
    }
    if faults.len() > before {
        return None;
    }
    Some(Product {
        national_code: (!code.is_empty()).then(|| code.into()),
        generic_name: row.text("generic_name").into(),
        dosage_form: row.text("dosage_form").into(),
        spec: row.text("spec").into(),
        units_per_pack: units?,
        maker: row.text("maker").into(),
        approval_no: approval.into(),
        trace_identifiers: identifiers.into_iter().map(Box::from).collect(),
    })
}

/// `国药准字H20200001`, `国药准字HJ20200001`; imports of old have no prefix: `H20130288`.
fn is_approval_no(text: &str) -> bool {
    let rest = text.strip_prefix("国药准字").unwrap_or(text);
    let letters = rest.bytes().take_while(u8::is_ascii_uppercase).count();
    let mut digits = rest.bytes().skip(letters);
    (1..=2).contains(&letters) && rest.len() == letters + 8 && digits.all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "national_code,generic_name,dosage_form,spec,units_per_pack,maker,approval_no,trace_identifiers";

    fn products(rows: &str) -> Result<Products, Vec<String>> {
        let read = Products::parse("products.csv", format!("{HEAD}\n{rows}\n").as_bytes());
        read.map_err(|faults| faults.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn a_box_and_its_case_bear_different_identifiers_of_one_product() {
        let read = products(
            "XA00AAA000A000000000001,甲药片,片剂,1mg*7片/盒,7,某厂,国药准字H20200001,8021761|8021762",
        );
        let products = read.expect("sound");
        for (code, found) in [
            ("80217610000000000001", true),
            ("80217620000000000001", true),
            ("80217630000000000001", false),
            ("(01)06924561884074", false),
        ] {
            let code = code.parse().expect("trace code");
            assert_eq!(products.of_trace_code(&code).is_some(), found, "{code}");
        }
        let product = products.of_code("XA00AAA000A000000000001").next().expect("one");
        assert_eq!(product.key(), ProductKey::new("甲药片", "片剂", "1mg*7片/盒"));
    }

    #[test]
    fn a_wrong_row_refuses_the_file_and_every_fault_is_told_with_its_row() {
        let faults = products(
            "XA00,甲药片,片剂,1mg,7,某厂,国药准字H20200001,8021761\n\
             ,乙药片,片剂,1mg,0,某厂,H2020,80217\n\
             ,丙药片,,1mg,7,某厂,,8021764|8021764",
        )
        .expect_err("must be refused");
        for start in [
            "products.csv:2 national_code",
            "products.csv:3 units_per_pack",
            "products.csv:3 approval_no",
            "products.csv:3 trace_identifiers",
            "products.csv:4 dosage_form",
        ] {
            assert!(faults.iter().any(|fault| fault.starts_with(start)), "{start}: {faults:#?}");
        }
    }
}
