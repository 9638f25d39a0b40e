//! One benefit path over all lines: deductible, share, cap, and who pays what in the end (RULES §2.2).

use super::line::split_line;
use super::paper::{Paper, percent};
use super::{Account, Benefit, CapBasis, Charge, LineSplit, Split, Usage};
use crate::money::{Ratio, Yuan};
use crate::refusal::Reason;

/// Rule: SET-01 — identities of the split: each line closes, and `total = fund + personal`.
///
/// Amounts are exact to the fen: every step is rounded half up, every last share is a subtraction (RULES §2.0). Refused:
/// `AmountOutOfRange` when an amount, a quantity, a usage or a ratio is negative, or a sum leaves 64 bits.
pub fn split(charges: &[Charge], benefit: &Benefit, used: &Usage) -> Result<Split, Reason> {
    worked_out(charges, benefit, used).ok_or(Reason::AmountOutOfRange)
}

fn worked_out(charges: &[Charge], benefit: &Benefit, used: &Usage) -> Option<Split> {
    within_range(benefit, used)?;
    let mut paper = Paper::default();
    let lines: Vec<LineSplit> =
        charges.iter().map(|charge| split_line(charge, &mut paper)).collect::<Option<_>>()?;
    let total = Yuan::total(lines.iter().map(|line| line.fee))?;
    let in_scope = Yuan::total(lines.iter().map(|line| line.in_scope))?;
    if lines.len() > 1 {
        let en = "In scope, all lines".to_owned();
        paper.on_all("各项政策范围内费用合计".to_owned(), en, in_scope);
    }
    let deductible = deductible(in_scope, benefit, used, &mut paper);
    let above = in_scope.minus(deductible)?;
    let (pool, over_quota) = pool(above, benefit, used, &mut paper)?;
    let personal = total.minus(pool)?;
    paper.on_all("基金支付".to_owned(), "Paid by the fund".to_owned(), pool);
    let zh = format!("个人负担 {total} − {pool} 元");
    paper.on_all(zh, format!("Paid by the patient {total} − {pool} yuan"), personal);
    let (fund, steps) = (pool, paper.steps);
    let paths = Vec::new();
    Some(Split {
        lines,
        total,
        in_scope,
        deductible,
        pool,
        over_quota,
        fund,
        personal,
        paths,
        steps,
    })
}

fn within_range(benefit: &Benefit, used: &Usage) -> Option<()> {
    let cap = benefit.cap.unwrap_or_default();
    let amounts = [benefit.deductible, cap, used.deductible_used, used.cap_used];
    let share = (Ratio::ZERO..=Ratio::from_ten_thousandths(10_000)).contains(&benefit.ratio);
    (share && amounts.iter().all(|amount| *amount >= Yuan::ZERO)).then_some(())
}

/// What of the year's deductible falls on this dispensing (起付线).
fn deductible(in_scope: Yuan, benefit: &Benefit, used: &Usage, paper: &mut Paper) -> Yuan {
    let amount = in_scope.min(benefit.deductible.above(used.deductible_used));
    if benefit.deductible > Yuan::ZERO && in_scope > Yuan::ZERO {
        let (whole, before) = (benefit.deductible, used.deductible_used);
        let zh = format!("起付线 {whole} 元，已累计 {before} 元，本次计入");
        let en = format!("Deductible {whole} yuan, {before} borne before: now");
        paper.on_all(zh, en, amount);
    }
    amount
}

/// Rule: BEN-05 — what the pooled fund pays of the cost above the deductible, and what the cap of the year keeps from it.
fn pool(above: Yuan, benefit: &Benefit, used: &Usage, paper: &mut Paper) -> Option<(Yuan, Yuan)> {
    if above.is_zero() {
        return Some((Yuan::ZERO, Yuan::ZERO));
    }
    let room = benefit.cap.map(|cap| cap.above(used.cap_used));
    match (room, benefit.basis) {
        (None, _) => Some((share(above, benefit.ratio, paper)?, Yuan::ZERO)),
        (Some(room), CapBasis::FundPaid) => {
            let want = share(above, benefit.ratio, paper)?;
            let pool = want.min(room);
            let over_quota = want.minus(pool)?;
            write_room(benefit, used, room, paper);
            write_over(want, pool, over_quota, paper);
            Some((pool, over_quota))
        }
        (Some(room), CapBasis::EligibleCost) => {
            let counted = above.min(room);
            let over_quota = above.minus(counted)?;
            write_room(benefit, used, room, paper);
            write_over(above, counted, over_quota, paper);
            Some((share(counted, benefit.ratio, paper)?, over_quota))
        }
    }
}

fn share(of: Yuan, ratio: Ratio, paper: &mut Paper) -> Option<Yuan> {
    let amount = of.share(ratio)?;
    let rate = percent(ratio);
    paper.on_all(format!("统筹支付 {of} × {rate}"), format!("Fund share {of} × {rate}"), amount);
    Some(amount)
}

fn write_room(benefit: &Benefit, used: &Usage, room: Yuan, paper: &mut Paper) {
    let (cap, before) = (benefit.cap.unwrap_or_default(), used.cap_used);
    let zh = format!("年度限额 {cap} 元，已用 {before} 元，剩余");
    paper.on_all(zh, format!("Annual cap {cap} yuan, {before} used: room"), room);
}

fn write_over(whole: Yuan, within: Yuan, over: Yuan, paper: &mut Paper) {
    if over > Yuan::ZERO {
        let zh = format!("超出年度限额 {whole} − {within} 元，个人负担");
        let en = format!("Above the annual cap, paid by the patient: {whole} − {within} yuan");
        paper.on_all(zh, en, over);
    }
}

impl Usage {
    /// What is used of the year after this split; `None` when a sum leaves 64 bits.
    pub fn after(&self, split: &Split, basis: CapBasis) -> Option<Usage> {
        let counted = match basis {
            CapBasis::FundPaid => split.pool,
            CapBasis::EligibleCost => {
                split.in_scope.minus(split.deductible)?.minus(split.over_quota)?
            }
        };
        Some(Usage {
            deductible_used: self.deductible_used.plus(split.deductible)?,
            cap_used: self.cap_used.plus(counted)?,
        })
    }
}

/// Rule: SET-01 — who is booked with what: the pharmacy's claim is covered by the pool and the person, the sum is zero.
pub fn postings(split: &Split) -> Vec<(Account, Yuan)> {
    vec![
        (Account::Sales, split.total.negated()),
        (Account::Pool, split.fund),
        (Account::Personal, split.personal),
    ]
}
