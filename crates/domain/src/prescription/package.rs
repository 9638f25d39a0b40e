//! What a pharmacy packs: boxes with trace code, lot and expiry, and the product that it took from the shelf.
//!
//! Knows no ledger: whether a box is free is the store's to say. Serves DS-02..07, RV-05, RX-08.

use std::fmt;
use std::str::FromStr;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::ProductKey;
use crate::money::Yuan;

/// The code printed on a drug package: 20 digits, GS1, or the maker's own (DS-05). 8 to 64 characters,
/// letters, digits and `()-.` of GS1; upper-cased.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TraceCode(Box<str>);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a trace code has 8 to 64 letters, digits or ()-. characters")]
pub struct NotATraceCode;

impl TraceCode {
    pub fn as_str(&self) -> &str {
        &self.0
    }
    /// The drug identifier of a 20-digit code: its first seven digits; other shapes carry none (DS-05).
    pub fn drug_identifier(&self) -> Option<&str> {
        let national = self.0.len() == 20 && self.0.bytes().all(|b| b.is_ascii_digit());
        national.then(|| self.0.get(..7)).flatten()
    }
}
impl fmt::Display for TraceCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl FromStr for TraceCode {
    type Err = NotATraceCode;
    /// Rule: DS-05 — national, GS1 and makers' own codes pass; length alone refuses none of them
    fn from_str(text: &str) -> Result<TraceCode, NotATraceCode> {
        let fits = (8..=64).contains(&text.len());
        let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || b"()-.".contains(&b));
        (fits && plain).then(|| TraceCode(text.to_ascii_uppercase().into())).ok_or(NotATraceCode)
    }
}
crate::text_form!(TraceCode, "83857930000000000017", "Trace code on a package");

/// Lot number as printed on a package: 1 to 40 characters without control characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lot(Box<str>);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a lot number has 1 to 40 characters without control characters")]
pub struct NotALot;

impl Lot {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
impl fmt::Display for Lot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl FromStr for Lot {
    type Err = NotALot;
    fn from_str(text: &str) -> Result<Lot, NotALot> {
        let text = text.trim();
        let fits = (1..=40).contains(&text.chars().count()) && !text.chars().any(char::is_control);
        fits.then(|| Lot(text.into())).ok_or(NotALot)
    }
}
crate::text_form!(Lot, "L20260101", "Lot number on a package");

/// What a pharmacy paid attention to when it packed a line: the boxes and their price.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PackedLine {
    pub line_no: i32,
    /// Price of one package, in yuan.
    pub unit_price: Yuan,
    /// One entry per package; empty where no trace code is required (DS-03).
    pub boxes: Vec<PackedBox>,
    /// What was taken from the shelf, where it is not simply the product of the prescribed code.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub product: Option<PackedProduct>,
}

/// The product that stands for a line: any maker's of the same generic name, form and spec (RX-08).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PackedProduct {
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub drug_code: Option<Box<str>>,
    pub generic_name: Box<str>,
    pub dosage_form: Box<str>,
    pub spec: Box<str>,
    pub maker: Box<str>,
    /// Why it is not the product of the prescribed code (RV-05).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<Box<str>>,
    /// Minimum units (tablets, vials) in one package, where the pharmacy knows it (DS-07).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub units_per_pack: Option<u32>,
    /// Price of one package as the province's platform lists it, where the pharmacy knows it (PRC-05).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub listed_price: Option<Yuan>,
}

impl PackedProduct {
    pub fn key(&self) -> ProductKey {
        ProductKey::new(&self.generic_name, &self.dosage_form, &self.spec)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PackedBox {
    pub trace_code: TraceCode,
    pub lot: Lot,
    pub expires_on: NaiveDate,
    /// Minimum units taken out of a package that was opened (拆零, DS-07); none: the whole package.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub units: Option<u32>,
}
