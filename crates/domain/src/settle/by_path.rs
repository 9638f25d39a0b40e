//! A dispensing whose lines are paid by different paths: each path by itself, then everything together (RULES §2.2).
//!
//! Knows no reason why a line takes a path, and no layer above the pool.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Benefit, Charge, Split, Step, Usage, split};
use crate::money::Yuan;
use crate::refusal::Reason;
use crate::region::Path;

/// The lines that one path pays, its terms, and what the person used of it this year.
#[derive(Clone, Debug)]
pub struct PathCharges {
    /// None: no path pays any of the lines.
    pub path: Option<Path>,
    pub charges: Vec<Charge>,
    pub benefit: Benefit,
    pub used: Usage,
}

/// What a settlement took of a path's year: given back by these numbers when it is reversed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PathShare {
    pub path: Path,
    pub deductible: Yuan,
    /// Fund paid or eligible cost, by the path's basis.
    pub counted: Yuan,
}

/// Splits every path and adds them up. Also the year totals of each path as they would be.
///
/// Refused: `AmountOutOfRange` as [`split`].
pub fn split_by_path(shares: Vec<PathCharges>) -> Result<(Split, Vec<(Path, Usage)>), Reason> {
    let order: Vec<i32> = line_order(&shares);
    let several = shares.len() > 1;
    let mut whole = Split::default();
    let mut usages = Vec::new();
    for share in shares {
        let own = split(&share.charges, &share.benefit, &share.used)?;
        if let Some(path) = share.path {
            let used = share.used.after(&own, share.benefit.basis);
            let used = used.ok_or(Reason::AmountOutOfRange)?;
            whole.paths.push(taken(path, &share.used, &used)?);
            usages.push((path, used));
            if several {
                whole.steps.push(heading(path, own.in_scope));
            }
        }
        whole = together(whole, own).ok_or(Reason::AmountOutOfRange)?;
    }
    let place = |no: i32| order.iter().position(|one| *one == no);
    whole.lines.sort_by_key(|line| place(line.line_no));
    Ok((whole, usages))
}

/// Line numbers as they were charged; a path's own lines stay in their order.
fn line_order(shares: &[PathCharges]) -> Vec<i32> {
    let mut order: Vec<i32> =
        shares.iter().flat_map(|share| &share.charges).map(|one| one.line_no).collect();
    if shares.len() > 1 {
        order.sort_unstable();
    }
    order
}

fn taken(path: Path, before: &Usage, after: &Usage) -> Result<PathShare, Reason> {
    let deductible = after.deductible_used.minus(before.deductible_used);
    let counted = after.cap_used.minus(before.cap_used);
    let (deductible, counted) = deductible.zip(counted).ok_or(Reason::AmountOutOfRange)?;
    Ok(PathShare { path, deductible, counted })
}

fn heading(path: Path, in_scope: Yuan) -> Step {
    let text_zh = format!("{}：政策范围内", path.name_zh()).into();
    let text_en = format!("Path {}: in scope", path.key()).into();
    Step { line_no: None, text_zh, text_en, amount: in_scope }
}

fn together(mut whole: Split, own: Split) -> Option<Split> {
    whole.lines.extend(own.lines);
    whole.steps.extend(own.steps);
    whole.paths.extend(own.paths);
    Some(Split {
        total: whole.total.plus(own.total)?,
        in_scope: whole.in_scope.plus(own.in_scope)?,
        deductible: whole.deductible.plus(own.deductible)?,
        pool: whole.pool.plus(own.pool)?,
        over_quota: whole.over_quota.plus(own.over_quota)?,
        fund: whole.fund.plus(own.fund)?,
        personal: whole.personal.plus(own.personal)?,
        ..whole
    })
}

impl Usage {
    /// The year without what a settlement took of it; `None` when it is not all in there.
    pub fn without(&self, share: &PathShare) -> Option<Usage> {
        let restored = Usage {
            deductible_used: self.deductible_used.minus(share.deductible)?,
            cap_used: self.cap_used.minus(share.counted)?,
        };
        let whole = restored.deductible_used >= Yuan::ZERO && restored.cap_used >= Yuan::ZERO;
        whole.then_some(restored)
    }
}
