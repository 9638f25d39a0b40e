//! One line: what it costs, what of it the patient bears before any benefit, and what is left in scope (RULES §2.1).

use super::paper::{Paper, percent};
use super::{Charge, LineSplit};
use crate::money::{Quantity, Ratio, Yuan};

/// Ratios above this are no shares.
const WHOLE: Ratio = Ratio::from_ten_thousandths(10_000);

/// Rule: PRC-01 — above the payment standard the patient pays the excess; below it the real price counts.
///
/// `None` when an amount is negative or leaves 64 bits.
pub(super) fn split_line(charge: &Charge, paper: &mut Paper) -> Option<LineSplit> {
    let Charge { line_no, quantity, unit_price, .. } = *charge;
    within_range(charge)?;
    let fee = unit_price.times(quantity)?;
    paper.on_line(
        line_no,
        format!("总额 {quantity} × {unit_price} 元"),
        format!("Total {quantity} × {unit_price} yuan"),
        fee,
    );
    if !charge.payable {
        return Some(full_self_pay(line_no, fee, paper));
    }
    let base = base(charge, fee, paper)?;
    let over_limit = fee.minus(base)?;
    let first_self_pay = first_self_pay(charge, base, paper)?;
    let in_scope = base.minus(first_self_pay)?;
    let zh = format!("政策范围内 {base} − {first_self_pay} 元");
    let en = format!("In scope {base} − {first_self_pay} yuan");
    paper.on_line(line_no, zh, en, in_scope);
    let full_self_pay = Yuan::ZERO;
    Some(LineSplit { line_no, fee, full_self_pay, over_limit, first_self_pay, in_scope })
}

fn within_range(charge: &Charge) -> Option<()> {
    let standard = charge.standard.unwrap_or_default();
    let negative =
        charge.unit_price < Yuan::ZERO || charge.quantity < Quantity::ZERO || standard < Yuan::ZERO;
    let share = (Ratio::ZERO..=WHOLE).contains(&charge.first_self_pay);
    (!negative && share).then_some(())
}

fn full_self_pay(line_no: i32, fee: Yuan, paper: &mut Paper) -> LineSplit {
    let zh = "医保不支付，全额自费".to_owned();
    paper.on_line(line_no, zh, "Not covered: paid in full by the patient".to_owned(), fee);
    let none = Yuan::ZERO;
    LineSplit {
        line_no,
        fee,
        full_self_pay: fee,
        over_limit: none,
        first_self_pay: none,
        in_scope: none,
    }
}

/// What the fund reckons with: the fee, or the quantity at the payment standard when that is less.
fn base(charge: &Charge, fee: Yuan, paper: &mut Paper) -> Option<Yuan> {
    let Charge { line_no, quantity, unit_price, .. } = *charge;
    let Some(standard) = charge.standard else {
        return Some(fee);
    };
    if unit_price <= standard {
        let zh = format!("单价不高于支付标准 {standard} 元，按实际价格计算");
        let en = format!("Not above the payment standard {standard} yuan: the real price counts");
        paper.on_line(line_no, zh, en, fee);
        return Some(fee);
    }
    let base = fee.min(standard.times(quantity)?);
    let zh = format!("按支付标准 {quantity} × {standard} 元计算");
    let en = format!("At the payment standard {quantity} × {standard} yuan");
    paper.on_line(line_no, zh, en, base);
    let zh = format!("超支付标准自费 {fee} − {base} 元");
    let en = format!("Above the payment standard, paid by the patient: {fee} − {base} yuan");
    paper.on_line(line_no, zh, en, fee.minus(base)?);
    Some(base)
}

/// The share of class B and agreement drugs that the patient bears before the benefit (先行自付).
fn first_self_pay(charge: &Charge, base: Yuan, paper: &mut Paper) -> Option<Yuan> {
    let amount = base.share(charge.first_self_pay)?;
    if charge.first_self_pay > Ratio::ZERO {
        let rate = percent(charge.first_self_pay);
        let zh = format!("先行自付 {base} × {rate}");
        paper.on_line(charge.line_no, zh, format!("First self-pay {base} × {rate}"), amount);
    }
    Some(amount)
}
