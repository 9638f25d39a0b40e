//! What centralized procurement (VBP) and listed prices mean for the product that was really packed.
//!
//! The selected price is known per line; which product it is, and so which standard, only when it is packed. Prices are
//! compared per package of the same units. Serves PRC-03, PRC-04, PRC-05, PRC-07, PRC-13.

use chrono::NaiveDate;

use super::{Coverage, LineCoverage, Occasion};
use crate::catalogue::names;
use crate::finding::{Finding, Severity};
use crate::institution::{Institution, Ownership};
use crate::money::{Quantity, Ratio, Yuan};
use crate::prescription::{Line, PackedLine, PackedProduct};
use crate::region::{NonSelected, Region, StagedPath, Tie};

/// What a product is to a procurement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Selected,
    /// Originator, reference or a generic that passed the consistency evaluation, and not selected.
    Passed,
    /// A generic without the evaluation.
    NotPassed,
    /// Nobody said which product it is.
    Unknown,
}

/// Sets the standard of each packed line by the product that was packed, and says what its price is against the rules.
pub fn price(covered: &mut Coverage, packed: &[PackedLine], occasion: &Occasion<'_>) {
    let mut found = Vec::new();
    for one in packed {
        let Some(line) = occasion.facts.line(one.line_no) else { continue };
        let Some(terms) = covered.lines.iter_mut().find(|terms| terms.line_no == one.line_no)
        else {
            continue;
        };
        if terms.is_selected_price && terms.payable {
            by_procurement(line, one, terms, occasion, &mut found);
        }
        listed_price(line, one, terms, occasion, &mut found);
    }
    occasion.region.rules.apply_all(&mut found);
    covered.findings.append(&mut found);
}

fn by_procurement(
    line: &Line,
    packed: &PackedLine,
    terms: &mut LineCoverage,
    occasion: &Occasion<'_>,
    found: &mut Vec<Finding>,
) {
    let Some(selected) = terms.standard else { return };
    let standing = standing(line, packed.product.as_ref(), occasion);
    if standing == Standing::Selected {
        return markup(line, packed.unit_price, selected, occasion.region, found);
    }
    let standard = standard(standing, packed.unit_price, selected, occasion.region, occasion.day);
    terms.standard = standard;
    if let NonSelected::RaisedShare = occasion.region.vbp.non_selected.value
        && standing == Standing::Passed
    {
        terms.first_self_pay = raised(terms.first_self_pay, occasion.region);
    }
    found.extend(over(line, packed.unit_price, standing, standard));
}

/// Whose product it is, by the makers that bid for the name and form.
fn standing(line: &Line, product: Option<&PackedProduct>, occasion: &Occasion<'_>) -> Standing {
    let Some(product) = product else { return Standing::Unknown };
    let maker = names::normal(&product.maker);
    let catalogue = &occasion.knowledge.catalogue;
    let bids = catalogue.vbp_bids(&line.generic_name, Some(&line.dosage_form));
    let mut theirs = bids.into_iter().filter(|bid| {
        let bidder = names::normal(&bid.maker);
        !bidder.is_empty() && (maker.starts_with(&*bidder) || bidder.starts_with(&*maker))
    });
    let province = &occasion.region.province_zh;
    match theirs.next() {
        None => Standing::NotPassed,
        // Whoever may bid has passed; selected is who supplies this province.
        Some(first) if first.is_selected && first.supplies(province) => Standing::Selected,
        Some(_) if theirs.any(|bid| bid.is_selected && bid.supplies(province)) => {
            Standing::Selected
        }
        Some(_) => Standing::Passed,
    }
}

/// The payment standard of a product that was not selected; `None`: there is none, the first share rises instead.
///
/// Rule: PRC-03 — A non-selected product is paid at the selected price at once, or in yearly steps down to it
pub fn standard(
    standing: Standing,
    price: Yuan,
    selected: Yuan,
    region: &Region,
    day: NaiveDate,
) -> Option<Yuan> {
    if price <= selected {
        return Some(price);
    }
    match (standing, region.vbp.non_selected.value, &region.vbp.staged) {
        (Standing::Passed, NonSelected::Staged, Some(path)) => staged(price, selected, path, day),
        (Standing::Passed, NonSelected::RaisedShare, _) => None,
        _ => Some(selected),
    }
}

/// The standard of a stage: p0 = price less the first cut, then equal steps to the selected price, never below it.
fn staged(price: Yuan, selected: Yuan, path: &StagedPath, day: NaiveDate) -> Option<Yuan> {
    let threshold = i128::from(selected.micro()) * i128::from(path.threshold_percent.value);
    let asked = i128::from(price.micro()) * 100;
    let within = match path.tie.value {
        Tie::Within => asked <= threshold,
        Tie::Above => asked < threshold,
    };
    if within {
        return Some(selected);
    }
    let kept = 10_000 - i128::from(path.first_cut.value.ten_thousandths());
    let first = i128::from(price.micro()) * kept / 10_000;
    let (last, stage) = (i128::from(selected.micro()), i128::from(path.stage_on(day)));
    let years = i128::from(path.years.value).max(1);
    let now = first - (first - last) * stage / years;
    i64::try_from(now.max(last)).ok().map(Yuan::from_micro)
}

/// Rule: PRC-03b — In the older way the first share of the person rises, and there is no standard
fn raised(share: Ratio, region: &Region) -> Ratio {
    let by = region.vbp.raised_share_by.as_ref().map_or(Ratio::ZERO, |figure| figure.value);
    let sum = share.ten_thousandths().saturating_add(by.ten_thousandths());
    Ratio::from_ten_thousandths(sum.min(10_000))
}

/// Rule: PRC-04 — A generic without consistency evaluation is paid at the selected price at most, at once
fn over(line: &Line, price: Yuan, standing: Standing, standard: Option<Yuan>) -> Option<Finding> {
    let standard = standard.filter(|standard| price > *standard)?;
    let (rule, zh, en) = match standing {
        Standing::Selected => return None,
        Standing::Passed => (
            "PRC-03",
            "非中选药品，超出支付标准部分由患者自付；可询问中选药品。",
            "Not a selected product: the patient pays above the standard; ask for the selected one.",
        ),
        Standing::NotPassed => (
            "PRC-04",
            "非中选且未查到通过一致性评价，按中选价支付，超出部分患者自付。",
            "Not selected, and no evaluation known: paid at the selected price, the patient pays the rest.",
        ),
        Standing::Unknown => (
            "PRC-03",
            "未填实配药品的生产企业，按中选价支付，超出部分患者自付；请补充生产企业。",
            "The maker is not stated: paid at the selected price, the patient pays the rest; state the maker.",
        ),
    };
    let finding = Finding::new(rule, Severity::Warn, zh, en).on_line(line.line_no);
    Some(finding.because(format!("{price} > {standard}")))
}

/// Rule: PRC-07 — A pharmacy's price of a selected drug stays within the area's markup
fn markup(line: &Line, price: Yuan, selected: Yuan, region: &Region, found: &mut Vec<Finding>) {
    let most = region.vbp.pharmacy_markup_max.value;
    if exceeds(price, selected, most) {
        let zh = format!("中选药品售价 {price} 元高于中选价 {selected} 元的允许加成。");
        let en =
            format!("A selected drug at {price} yuan, above the markup allowed on {selected}.");
        found.push(Finding::new("PRC-07", Severity::Warn, zh, en).on_line(line.line_no));
    }
}

fn exceeds(price: Yuan, base: Yuan, by: Ratio) -> bool {
    let allowed = i128::from(base.micro()) * (10_000 + i128::from(by.ten_thousandths()));
    i128::from(price.micro()) * 10_000 > allowed
}

/// Rule: PRC-05 — Institutions that are not public sell drugs at the listed price: the excess is the patient's, and a lead
fn listed_price(
    line: &Line,
    packed: &PackedLine,
    terms: &mut LineCoverage,
    occasion: &Occasion<'_>,
    found: &mut Vec<Finding>,
) {
    let non_public = |one: &Institution| one.credentials.ownership == Some(Ownership::NonPublic);
    if !occasion.seller.is_some_and(non_public) {
        return;
    }
    let Some(listed) = packed.product.as_ref().and_then(|product| product.listed_price) else {
        return;
    };
    if exceeds(packed.unit_price, listed, occasion.region.prices.listed_markup_max.value) {
        terms.standard = Some(terms.standard.map_or(listed, |standard| standard.min(listed)));
        let price = packed.unit_price;
        let zh = format!("售价 {price} 元高于挂网价 {listed} 元，应按挂网价销售。");
        let en = format!(
            "Sold at {price} yuan, above the listed price of {listed}: sell at the listed price."
        );
        found.push(Finding::new("PRC-05", Severity::Clue, zh, en).on_line(line.line_no));
    }
}

/// What a hospital prescribed of one procured drug in a period, in packages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProcuredUse {
    pub selected: Quantity,
    pub non_selected: Quantity,
    /// Of the non-selected: shortage, first aid, season, a cheaper drug of equal quality, a backup supplier.
    pub exempt: Quantity,
}

/// Rule: PRC-13 — A hospital uses the selected drugs first: too large a share of others is a lead
pub fn selected_first(of: ProcuredUse, region: &Region) -> Option<Finding> {
    let counted =
        of.non_selected.ten_thousandths().saturating_sub(of.exempt.ten_thousandths()).max(0);
    let all = i128::from(of.selected.ten_thousandths()) + i128::from(counted);
    let most = region.vbp.non_selected_share_max.value;
    if i128::from(counted) * 10_000 <= all * i128::from(most.ten_thousandths()) {
        return None;
    }
    let zh = "非中选药品使用占比超过规定，应优先使用中选药品。";
    let en = "The share of non-selected drugs is above the area's: use the selected ones first.";
    let counts = format!("{} / {}", of.non_selected, of.selected);
    Some(Finding::new("PRC-13", Severity::Clue, zh, en).because(counts))
}

#[cfg(test)]
mod tests {
    use super::super::sample::{day, lhasa};
    use super::*;

    fn yuan(text: &str) -> Yuan {
        text.parse().expect("amount")
    }
    fn qingyang() -> Region {
        let text = include_str!("../../../../catalogue/regions/621000.toml");
        Region::parse(text, "").expect("a policy")
    }

    // proves: PRC-03, PRC-04
    #[test]
    fn the_worked_example_of_atorvastatin_comes_out() {
        let (staged, converged) = (qingyang(), lhasa());
        let (selected, dear) = (yuan("2.86"), yuan("61.41"));
        for (region, on, standing, price, expected) in [
            (&staged, "2025-06-01", Standing::Passed, dear, "42.987"),
            (&staged, "2028-01-01", Standing::Passed, dear, "2.86"),
            (&staged, "2025-06-01", Standing::NotPassed, dear, "2.86"),
            (&staged, "2025-06-01", Standing::Unknown, dear, "2.86"),
            (&staged, "2025-06-01", Standing::Passed, yuan("5.00"), "2.86"),
            (&staged, "2025-06-01", Standing::Passed, yuan("2.10"), "2.10"),
            (converged, "2025-06-01", Standing::Passed, dear, "2.86"),
            (converged, "2025-06-01", Standing::Passed, yuan("2.10"), "2.10"),
        ] {
            let found = standard(standing, price, selected, region, day(on));
            assert_eq!(found, Some(yuan(expected)), "{on} {standing:?} {price}");
        }
    }

    // proves: PRC-03
    #[test]
    fn a_path_of_two_years_is_half_way_in_its_second() {
        let mut region = qingyang();
        if let Some(path) = &mut region.vbp.staged {
            path.years.value = 2;
        }
        let middle =
            standard(Standing::Passed, yuan("61.41"), yuan("2.86"), &region, day("2026-01-01"));
        assert_eq!(middle, Some(yuan("22.9235")));
    }
}
