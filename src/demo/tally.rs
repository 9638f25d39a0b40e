//! What the actors counted by themselves, from the answers that they got: the gateway's own figures are held against it.

use std::collections::BTreeMap;

use domain::institution::InstitutionId;
use domain::money::{Quantity, Yuan};
use domain::prescription::{InsuranceType, PrescriptionId, TraceCode};
use domain::verb::SettleReply;

use super::scenario::Plan;

/// What was sold, at which price, and what the gateway answered: enough to compute the split again elsewhere.
#[derive(Clone, Debug)]
pub struct Sale {
    pub insurance: InsuranceType,
    pub lines: Vec<SoldLine>,
    pub reply: SettleReply,
}

#[derive(Clone, Debug)]
pub struct SoldLine {
    pub line_no: i32,
    pub unit_price: Yuan,
    pub quantity: Quantity,
}

#[derive(Clone, Debug, Default)]
pub struct Tally {
    pub sent: u64,
    pub accepted: u64,
    pub rejected: u64,
    /// Rejected prescriptions by rule; one that breaks two rules counts in both.
    pub rejected_by_rule: BTreeMap<String, u64>,
    /// Refused because the number was used before: no event of the prescription tells of it.
    pub numbers_used_before: u64,
    /// Lines that the patient pays alone, as said on the day of issue.
    pub self_pay_lines: u64,
    pub claimed: u64,
    pub queried: u64,
    pub refused: u64,
    pub released: u64,
    pub revoked: u64,
    pub handed_over: u64,
    /// Boxes that were sold before and had to be replaced by another.
    pub boxes_replaced: u64,
    /// No pharmacy of the list could serve it.
    pub unserved: u64,
    /// Every sale with the settlement as it was answered to the pharmacy.
    pub sales: Vec<Sale>,
    /// Who issued what was accepted.
    pub issuers: BTreeMap<PrescriptionId, InstitutionId>,
    /// One sold box per prescription, by the number of its plan.
    pub sold: BTreeMap<usize, TraceCode>,
    /// A prescription whose story is worth telling: lowest plan number first.
    pub stories: BTreeMap<usize, PrescriptionId>,
    /// Answers that nobody expected.
    pub surprises: Vec<String>,
}

impl Tally {
    pub fn completed(&self) -> u64 {
        u64::try_from(self.sales.len()).unwrap_or(u64::MAX)
    }
    /// What was accepted and came to no other end.
    pub fn expired(&self) -> u64 {
        self.accepted - self.completed() - self.refused - self.revoked
    }
    pub fn surprise(&mut self, plan: &Plan, what: impl std::fmt::Display) {
        let (number, recipe, fate) = (plan.number, plan.recipe, plan.fate);
        self.surprises.push(format!("prescription {number} ({recipe:?}, {fate:?}): {what}"));
    }
}
