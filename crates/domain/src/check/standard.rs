//! Payment standard of one package: public national standards and centralized-procurement prices,
//! both per minimum unit.
//!
//! Knows no price asked at a counter (see [`crate::settle`]). A pack size that cannot be read is
//! never guessed: then no
//! standard is applied and the finding says so. Serves PRC-01, PRC-02.

use super::coverage::{Scene, of};
use crate::catalogue::{Item, PaymentStandard, Strength, is_same_strength};
use crate::finding::{Finding, Severity};
use crate::money::Yuan;
use crate::prescription::{ItemKind, Line};

/// A package that is one unit by itself; anything else (片, 粒, 丸 …) is sold by the box.
const CONTAINERS: &[&str] = &["支", "瓶", "袋", "盒", "套", "筒", "包", "管"];

/// A spec as written: `20mg*7片/盒` has strength `20mg` and 7 units, `10mg/瓶` is one bottle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Pack<'a> {
    strength: &'a str,
    /// Units in a package, if the spec says so.
    units: Option<i64>,
    /// The word after the last stroke or the number: 片, 瓶.
    unit: &'a str,
}

impl<'a> Pack<'a> {
    fn read(spec: &'a str) -> Pack<'a> {
        match spec.split_once(['*', '×']) {
            Some((strength, tail)) => {
                let counts = tail.split('/').next().unwrap_or(tail);
                let each = counts.split(['*', '×']).map(leading_number);
                let units = each.into_iter().try_fold(1_i64, |all, one| all.checked_mul(one?));
                let unit = counts.trim_start_matches(|c: char| c.is_ascii_digit());
                Pack { strength: strength.trim(), units, unit }
            }
            None => {
                let (strength, unit) = strength_and_unit(spec);
                let single = unit.is_empty() || CONTAINERS.contains(&unit);
                Pack { strength, units: single.then_some(1), unit }
            }
        }
    }
    /// Units of a package when one unit is a `priced` (片, 支 …): a bare strength is one package of
    /// one container.
    fn units_of(&self, priced: &str) -> Option<i64> {
        let bare = self.unit.is_empty() && self.units == Some(1);
        if bare && !CONTAINERS.contains(&priced) { None } else { self.units }
    }
}

fn leading_number(text: &str) -> Option<i64> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text.get(..digits)?.parse().ok().filter(|n| (1..=10_000).contains(n))
}

/// `10mg/片(按C22H25FN2O4S计)` is `10mg` per `片`; without a stroke the unit is empty.
fn strength_and_unit(text: &str) -> (&str, &str) {
    let text = text.trim();
    match text.rsplit_once('/') {
        Some((strength, unit)) => {
            let unit = unit.split(['(', '（', '[', ' ']).next().unwrap_or(unit);
            (strength.trim(), unit.trim())
        }
        None => (text, ""),
    }
}

/// Units in a package of this spec, counted as `unit` (片, 粒 …); none: the spec does not say, or counts another unit.
pub(super) fn units_per_package(spec: &str, unit: &str) -> Option<i64> {
    let pack = Pack::read(spec);
    if *pack.unit == *unit { pack.units } else { None }
}

/// The standard of one package of the line, if there is one for its strength.
pub(super) fn per_package(
    line: &Line,
    item: &Item,
    scene: &Scene<'_>,
    found: &mut Vec<Finding>,
) -> Option<Yuan> {
    if !matches!(line.kind, ItemKind::Western | ItemKind::ChinesePatent) {
        return None;
    }
    let pack = Pack::read(&line.spec);
    if item.part.is_negotiated() {
        return national(line, item, pack, scene, found);
    }
    selected(line, item, pack, scene, found)
}

/// Rule: PRC-01 — Above the national payment standard the patient pays the excess
fn national(
    line: &Line,
    item: &Item,
    pack: Pack<'_>,
    scene: &Scene<'_>,
    found: &mut Vec<Finding>,
) -> Option<Yuan> {
    if item.price_confidential {
        let zh = "支付标准未公开，未核对价格。";
        let en = "The payment standard is not public: the price was not compared with it.";
        found.push(of(item, line, "PRC-01", Severity::Warn, (zh, en)));
        return None;
    }
    let mut any = false;
    let fits = |standard: &&PaymentStandard| {
        any = true;
        is_same_strength(strength_and_unit(&standard.spec_text).0, pack.strength)
    };
    let Some(standard) = item.payment_standards_on(scene.day).find(fits) else {
        if any {
            found.push(not_applied(line, item, "PRC-01"));
        }
        return None;
    };
    let (_, unit) = strength_and_unit(&standard.spec_text);
    times(standard.price, pack.units_of(unit)).or_else(|| {
        found.push(unknown_pack(line, item, "PRC-01"));
        None
    })
}

/// Rule: PRC-02 — The selected price of centralized procurement is the payment standard
fn selected(
    line: &Line,
    item: &Item,
    pack: Pack<'_>,
    scene: &Scene<'_>,
    found: &mut Vec<Finding>,
) -> Option<Yuan> {
    let drug = (&*line.generic_name, &*line.dosage_form);
    let province = &scene.region.province_zh;
    let mut bids = scene.catalogue.vbp_selected(drug, province, scene.day);
    if bids.is_empty() {
        return None;
    }
    let strength = Strength::of(pack.strength);
    let carried_on = scene.region.vbp.historic_prices.value;
    bids.retain(|bid| bid.is_of(&strength) && (carried_on || bid.covers(scene.day)));
    let latest = bids.into_iter().max_by_key(|bid| (bid.from, bid.price))?;
    let unit = if is_injection(line) { "支" } else { "片" };
    times(latest.price, pack.units_of(unit)).or_else(|| {
        found.push(unknown_pack(line, item, "PRC-02"));
        None
    })
}

fn is_injection(line: &Line) -> bool {
    line.dosage_form.contains('注') || line.dosage_form.contains('针')
}

fn times(price: Yuan, units: Option<i64>) -> Option<Yuan> {
    price.micro().checked_mul(units?).map(Yuan::from_micro)
}

fn unknown_pack(line: &Line, item: &Item, rule: &str) -> Finding {
    let zh = "规格中无法识别每包装数量，未应用支付标准。";
    let en = "Payment standard not applied: pack size unknown.";
    of(item, line, rule, Severity::Warn, (zh, en)).because(line.spec.clone())
}

fn not_applied(line: &Line, item: &Item, rule: &str) -> Finding {
    let zh = "规格与公布的支付标准均不一致，未应用支付标准。";
    let en = "Payment standard not applied: no published standard has this strength.";
    of(item, line, rule, Severity::Warn, (zh, en)).because(line.spec.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spec_tells_strength_and_units_or_says_that_it_does_not() {
        for (spec, strength, units) in [
            ("20mg*7片/盒", "20mg", Some(7)),
            ("20mg*7片*2板/盒", "20mg", Some(14)),
            ("10mg/瓶", "10mg", Some(1)),
            ("10ml:0.1g*5支/盒", "10ml:0.1g", Some(5)),
            ("10mg/片", "10mg", None),
            ("10mg*片", "10mg", None),
            ("0.25g×24粒", "0.25g", Some(24)),
        ] {
            let pack = Pack::read(spec);
            assert_eq!((pack.strength, pack.units), (strength, units), "{spec}");
        }
    }

    #[test]
    fn a_bare_strength_is_one_vial_but_never_one_tablet() {
        let bare = Pack::read("10mg");
        assert_eq!(bare.units_of("瓶"), Some(1));
        assert_eq!(bare.units_of("片"), None);
    }
}
