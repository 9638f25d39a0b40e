//! What some lines say besides: how the drug is taken, a pack that is to be opened, storage, a province's own item.
//!
//! Every member may be left out and then says nothing. Serves RX-02, RX-04, RX-18, CAT-06, CAT-08, DS-07, RTE-06.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::money::Quantity;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LineDetails {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dosing: Option<Dosing>,
    /// Minimum units (tablets) of an opened pack (拆零); `quantity` is then their part of a package, to four digits (DS-07).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub split_units: Option<u32>,
    /// Kept cold from maker to patient (RX-04, PH-03, RTE-06).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub cold_chain: bool,
    /// The hospital takes it for an item of its province's own list (CAT-06).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub local_item: bool,
    /// Registration of an institution preparation, such as 藏药制字Z… (CAT-08).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preparation_no: Option<Box<str>>,
}

impl LineDetails {
    pub fn says_nothing(&self) -> bool {
        *self == LineDetails::default()
    }
}

/// How a drug is taken: `dose` of `unit`, `times` in `per_days` days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Dosing {
    pub dose: Quantity,
    /// 片, 粒, mg, ml …
    pub unit: Box<str>,
    pub times: u32,
    pub per_days: u32,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub route: Option<Box<str>>,
    /// Largest single dose of the label, in `unit`, as the hospital's drug file has it (RX-18).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub label_max: Option<Quantity>,
}
