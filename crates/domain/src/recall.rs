//! Recalled lots: what may no longer be handed over, from which day on.
//!
//! A recall names the product by the identifier in its trace codes or by the national code, and one lot or all. Knows no
//! box. Serves DS-06.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::prescription::PackedBox;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Recall {
    /// First seven digits of the 20-digit trace codes, or the national drug code.
    pub product: Box<str>,
    /// None: every lot.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub lot: Option<Box<str>>,
    pub from: NaiveDate,
    /// The notice that recalls it.
    pub notice: Box<str>,
}

/// All recalls in force.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recalls(Vec<Recall>);

impl Recalls {
    pub fn new(all: Vec<Recall>) -> Recalls {
        Recalls(all)
    }
    /// The recall that a box falls under on a day; `code`: the national code of its product, where known.
    pub fn of(&self, one: &PackedBox, code: Option<&str>, day: NaiveDate) -> Option<&Recall> {
        let identifier = one.trace_code.drug_identifier();
        self.0.iter().find(|recall| {
            let product = Some(&*recall.product);
            let lot = recall.lot.as_deref().is_none_or(|lot| lot == one.lot.as_str());
            recall.from <= day && lot && (product == identifier || product == code)
        })
    }
}
