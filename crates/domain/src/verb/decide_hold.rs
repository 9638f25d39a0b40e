//! A named person decides what a rule holds: the fund may pay the line, or may not (DESIGN §3 "Checks").

use serde_json::json;

use super::revoke::StateReply;
use super::{Case, Decision, Desk};
use crate::hold::{Decider, HoldDecision, Outcome};
use crate::institution::{InstitutionId, PoolingArea};
use crate::prescription::PrescriptionId;
use crate::refusal::{Reason, Refusal};

/// Who decides, and so which holds are theirs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HoldKeeper {
    /// The hospital that issued the prescription, for its doctor.
    Hospital(InstitutionId),
    /// The insurance agency of the prescription's pooling area.
    Agency(PoolingArea),
    Regulator,
}

#[derive(Clone, Debug)]
pub struct DecideHold {
    pub keeper: HoldKeeper,
    pub prescription_id: PrescriptionId,
    pub rule: Box<str>,
    /// The line; none: the hold that is about every line.
    pub line_no: Option<i32>,
    pub allow: bool,
    /// Code of the person who decides.
    pub decided_by: Box<str>,
    pub note: Box<str>,
}

impl HoldKeeper {
    fn decider(&self) -> Decider {
        match self {
            HoldKeeper::Hospital(_) => Decider::Doctor,
            HoldKeeper::Agency(_) => Decider::Agency,
            HoldKeeper::Regulator => Decider::Regulator,
        }
    }
    fn actor(&self) -> Option<InstitutionId> {
        match self {
            HoldKeeper::Hospital(id) => Some(*id),
            _ => None,
        }
    }
}

impl DecideHold {
    // Refused: `NotFound` for another's prescription, the reason of a state in which nothing can be collected any more,
    // `NothingHeld` when there is no such hold of theirs that still waits.
    pub(super) fn decide(&self, desk: Desk<'_>) -> Result<Decision, Refusal> {
        let mut case = Case::open(desk, self.prescription_id)?;
        let theirs = match &self.keeper {
            HoldKeeper::Hospital(id) => case.circulation.institution_id == *id,
            HoldKeeper::Agency(area) => case.circulation.pooling_area == *area,
            HoldKeeper::Regulator => true,
        };
        if !theirs {
            return Err(Reason::NotFound.into());
        }
        case.living()?;
        let (now, decider) = (case.now, self.keeper.decider());
        let waiting = case.circulation.lines.holds.iter_mut().find(|hold| {
            hold.rule == self.rule
                && hold.line_no == self.line_no
                && hold.decider == decider
                && hold.outcome(now) == Outcome::Waiting
        });
        let hold = waiting.ok_or(Reason::NothingHeld)?;
        let by = self.decided_by.clone();
        hold.decision = Some(HoldDecision { allowed: self.allow, by, at: now });
        let body = json!({
            "rule": self.rule, "line_no": self.line_no, "allowed": self.allow,
            "decided_by": self.decided_by, "note": self.note,
        });
        case.record("hold_decided", self.keeper.actor(), body);
        case.notify_hospital();
        if let Some(pharmacy) = case.circulation.holder.as_ref().map(|one| one.pharmacy_id) {
            case.notify(pharmacy);
        }
        let reply: StateReply = case.state_reply();
        case.done(&reply)
    }
}
