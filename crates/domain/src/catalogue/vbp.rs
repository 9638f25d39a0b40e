//! Prices of centralized volume-based procurement (VBP), batches 1 to 4: per minimum unit (tablet,
//! capsule, vial), never per box.
//!
//! Serves PRC-02. The prices are historic: the sources have no end of contract, so the end is an
//! assumed length after the start, and a batch whose start is not known never answers for a date.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{Months, NaiveDate};
use serde::Serialize;

use super::fault::Fault;
use super::forms::{Form, Forms};
use super::limits::Interner;
use super::manifest::{TableEntry, VbpEntry};
use super::sheet::{Row, for_each_row};
use super::{names, substance};
use crate::money::Yuan;

/// One bid: selected, or not.
#[derive(Clone, Debug, Serialize)]
pub struct VbpPrice {
    /// `1_4+7`, `1_alliance`, `2`, `3`, `4`.
    pub batch: Arc<str>,
    pub generic_name: Arc<str>,
    pub dosage_form: Arc<str>,
    pub spec: Arc<str>,
    /// Several specs were tendered together; the others follow a difference rule, not this price.
    pub is_multi_spec: bool,
    pub maker: Arc<str>,
    pub is_selected: bool,
    /// Yuan per minimum unit of `spec`.
    pub price: Yuan,
    /// Provinces that this bid supplies (for 4+7: cities); empty when not selected.
    pub regions: Arc<[Box<str>]>,
    pub from: Option<NaiveDate>,
    /// First day after the contract, computed from an assumed length.
    pub to: Option<NaiveDate>,
    pub is_end_assumed: bool,
    #[serde(skip)]
    strength: Strength,
}

/// A strength made comparable once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Strength(Comparable);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Comparable {
    Micrograms(i64),
    Text(Box<str>),
}

impl Strength {
    /// `0.25g`, `250mg` and `250mg*24片` are one.
    pub fn of(spec: &str) -> Strength {
        strength(spec)
    }
}

/// What is asked for. Names as a prescription writes them: `阿托伐他汀钙片`, `片剂`, `20mg`, `西藏自治区`.
#[derive(Clone, Copy, Debug, Default)]
pub struct VbpQuery<'a> {
    pub generic_name: &'a str,
    pub dosage_form: Option<&'a str>,
    pub spec: &'a str,
    /// `None`: whoever was selected.
    pub maker: Option<&'a str>,
    pub province: &'a str,
}

impl VbpPrice {
    pub fn supplies(&self, province: &str) -> bool {
        self.regions.iter().any(|region| province.starts_with(&**region))
    }
    /// Within the (assumed) contract; never, when the start is not known.
    pub fn covers(&self, day: NaiveDate) -> bool {
        self.from.is_some_and(|from| from <= day) && self.to.is_some_and(|to| day < to)
    }
    pub fn is_of(&self, strength: &Strength) -> bool {
        self.strength == *strength
    }
    fn is_made_by(&self, maker: &str) -> bool {
        let (ours, theirs) = (names::normal(&self.maker), names::normal(maker));
        !ours.is_empty() && (theirs.starts_with(&*ours) || ours.starts_with(&*theirs))
    }
}

#[derive(Debug, Default)]
pub(super) struct VbpTable {
    prices: Vec<VbpPrice>,
    by_substance: HashMap<Box<str>, Vec<usize>>,
}

impl VbpTable {
    pub fn read(
        &mut self,
        (table, bytes): (&TableEntry, &[u8]),
        contract: VbpEntry,
        forms: &Forms,
        faults: &mut Vec<Fault>,
    ) {
        let columns = &[
            "batch",
            "generic_name",
            "dosage_form",
            "spec",
            "multi_spec",
            "maker",
            "selected",
            "price_unit_yuan",
            "regions",
            "tender_start",
        ];
        let mut words = Interner::default();
        for_each_row((&table.file, bytes), columns, faults, |row, faults| {
            let Some(price) = read_price(row, contract, &mut words, faults) else { return };
            for stem in stems(&price.generic_name, forms).0 {
                let key = substance::key(&stem);
                self.by_substance.entry(key.into()).or_default().push(self.prices.len());
            }
            self.prices.push(price);
        });
    }

    pub fn len(&self, selected: bool) -> usize {
        self.prices.iter().filter(|price| price.is_selected == selected).count()
    }

    /// All bids of any date and province for a name and form.
    pub fn named<'t>(
        &'t self,
        name: &str,
        dosage_form: Option<&str>,
        forms: &Forms,
    ) -> Vec<&'t VbpPrice> {
        self.named_where(name, dosage_form, forms, |_| true)
    }

    /// The same of those that are to be kept, which is asked before the form is compared.
    pub fn named_where<'t>(
        &'t self,
        name: &str,
        dosage_form: Option<&str>,
        forms: &Forms,
        keep: impl Fn(&VbpPrice) -> bool,
    ) -> Vec<&'t VbpPrice> {
        let name = names::normal(name);
        let (stems, own) = stems(&name, forms);
        let form = own.or_else(|| forms.of(dosage_form?));
        let mut found: Vec<&VbpPrice> = Vec::new();
        for stem in &stems {
            let places = self.by_substance.get(&*substance::key(stem)).into_iter().flatten();
            let prices = places.filter_map(|place| self.prices.get(*place));
            found.extend(prices.filter(|price| keep(price)));
        }
        found.retain(|price| form.is_none_or(|form| form.is_covered_by(&price.dosage_form)));
        found
    }
}

fn stems<'f>(name: &str, forms: &'f Forms) -> (Vec<String>, Option<&'f Form>) {
    let stripped = forms.strip(name);
    (stripped.stems, stripped.form)
}

fn read_price(
    row: &Row<'_>,
    contract: VbpEntry,
    words: &mut Interner,
    faults: &mut Vec<Fault>,
) -> Option<VbpPrice> {
    let required = ["batch", "generic_name", "dosage_form", "spec", "maker", "price_unit_yuan"];
    let filled = required.iter().filter(|c| row.required(c, faults).is_some()).count();
    let price = row.price("price_unit_yuan", faults);
    let from = row.date("tender_start", faults);
    let regions = row.text("regions").split('|').filter(|r| !r.is_empty()).map(Box::from).collect();
    let is_selected = row.flag("selected", faults);
    let is_multi_spec = row.flag("multi_spec", faults);
    Some(VbpPrice {
        batch: words.keep(row.text("batch")),
        generic_name: words.keep(&names::normal(row.text("generic_name"))),
        dosage_form: words.keep(&names::normal(row.text("dosage_form"))),
        spec: words.keep(row.text("spec")),
        strength: strength(row.text("spec")),
        is_multi_spec,
        maker: words.keep(row.text("maker")),
        is_selected,
        price: price.filter(|_| filled == required.len())?,
        regions,
        from,
        to: from.and_then(|day| day.checked_add_months(Months::new(contract.contract_months))),
        is_end_assumed: contract.assumed,
    })
}

/// The price that holds for a query on a day: selected bids that supply the province, strength and
/// maker agreeing.
pub(super) fn select<'t>(
    bids: Vec<&'t VbpPrice>,
    query: &VbpQuery<'_>,
    on: NaiveDate,
) -> Vec<&'t VbpPrice> {
    let strength = strength(query.spec);
    bids.into_iter()
        .filter(|bid| bid.is_selected && bid.covers(on) && bid.supplies(query.province))
        .filter(|bid| bid.strength == strength)
        .filter(|bid| query.maker.is_none_or(|maker| bid.is_made_by(maker)))
        .collect()
}

/// `0.25g`, `250mg` and `250mg*24片` are one strength; anything that is no single weight must agree
/// word for word.
pub fn is_same_strength(one: &str, other: &str) -> bool {
    strength(one) == strength(other)
}

fn strength(spec: &str) -> Strength {
    let spec = names::normal(spec);
    let spec = without_pack(&spec);
    match micrograms(spec) {
        Some(weight) => Strength(Comparable::Micrograms(weight)),
        None => Strength(Comparable::Text(spec.into())),
    }
}

fn without_pack(spec: &str) -> &str {
    spec.split(['*', '×']).next().unwrap_or(spec)
}

/// A single weight in whole micrograms; text is in matching form, so units are upper case.
fn micrograms(spec: &str) -> Option<i64> {
    let units: &[(&str, i64)] =
        &[("UG", 1), ("ΜG", 1), ("μG", 1), ("MG", 1_000), ("KG", 1_000_000_000), ("G", 1_000_000)];
    let (number, factor) = units.iter().find_map(|(u, f)| Some((spec.strip_suffix(u)?, *f)))?;
    let scaled = number.parse::<Yuan>().ok()?.micro().checked_mul(factor)?;
    (scaled % 1_000_000 == 0).then_some(scaled / 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strengths_are_compared_by_weight() {
        for (one, other, same) in [
            ("0.25g", "250mg", true),
            ("20mg", "20mg*7片", true),
            ("20mg", "10mg", false),
            ("2ml:15mg", "2ml：15mg", true),
            ("2ml:15mg", "15mg", false),
        ] {
            assert_eq!(is_same_strength(one, other), same, "{one} {other}");
        }
    }
}
