//! A settlement taken back: the exact negative of what was stored, never computed again (RULES §2.5).
//!
//! Knows no box and no state: what becomes of packages and prescription is decided where it is reversed.

use chrono::Datelike;

use super::{Account, Settlement, SettlementId};
use crate::id::Id;
use crate::moment::Moment;
use crate::money::Yuan;

pub type ReversalId = Id<Reversal>;

/// The negative record of a settlement; at most one for each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reversal {
    pub id: ReversalId,
    pub settlement_id: SettlementId,
    pub reversed_at: Moment,
    /// The settlement lies in an earlier month: the statement shows it as a prior-month adjustment.
    pub prior_month: bool,
    /// The drugs had left the shop: their packages are never sold again (DS-09).
    pub had_left: bool,
    pub reason: Box<str>,
    /// Those of the settlement with the other sign; they sum to zero as well.
    pub postings: Vec<(Account, Yuan)>,
}

impl Reversal {
    /// Rule: SET-04 — A cancel is the exact negative of what was stored
    pub fn of(
        settlement: &Settlement,
        id: ReversalId,
        reversed_at: Moment,
        had_left: bool,
        reason: Box<str>,
    ) -> Reversal {
        let month = |at: Moment| (at.civil_date().year(), at.civil_date().month());
        let negated = |(account, amount): &(Account, Yuan)| (*account, amount.negated());
        Reversal {
            id,
            settlement_id: settlement.id,
            reversed_at,
            prior_month: month(settlement.settled_at) != month(reversed_at),
            had_left,
            reason,
            postings: settlement.postings.iter().map(negated).collect(),
        }
    }
}
