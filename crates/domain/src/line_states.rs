//! What has become of single lines of a prescription: held, withdrawn by the doctor, used by an earlier visit.
//!
//! Most prescriptions have nothing here. Knows no price and no box. Serves RTE-03, RX-12, DS-01.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::hold::{Decider, Hold, Outcome};
use crate::moment::Moment;
use crate::refusal::Reason;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LineStates {
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub holds: Vec<Hold>,
    /// Lines that the doctor took back when a pharmacist asked.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub withdrawn: Vec<i32>,
    /// Lines that an earlier settlement used, where the region lets lines be used one by one.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub used: Vec<i32>,
}

impl LineStates {
    pub fn is_empty(&self) -> bool {
        self.holds.is_empty() && self.withdrawn.is_empty() && self.used.is_empty()
    }
    /// Why a line may not be packed now: `LineWithdrawn`, `LineUsed`, `LineHeld`.
    pub fn refusal(&self, line_no: i32, now: Moment) -> Option<Reason> {
        if self.withdrawn.contains(&line_no) {
            return Some(Reason::LineWithdrawn);
        }
        if self.used.contains(&line_no) {
            return Some(Reason::LineUsed);
        }
        let waits = |hold: &&Hold| hold.outcome(now) == Outcome::Waiting;
        self.about(line_no).find(waits).map(|_| Reason::LineHeld)
    }
    /// A hold on the line ended without consent: the fund does not pay it.
    pub fn is_denied(&self, line_no: i32, now: Moment) -> bool {
        self.about(line_no).any(|hold| hold.outcome(now) == Outcome::Denied)
    }
    /// Did somebody allow what this rule holds, on the line or on every line?
    pub fn is_allowed(&self, rule: &str, line_no: Option<i32>, now: Moment) -> bool {
        let same = |hold: &&Hold| &*hold.rule == rule && hold.line_no == line_no;
        self.holds.iter().filter(same).any(|hold| hold.outcome(now) == Outcome::Allowed)
    }
    /// The last deadline of a hold that the agency has not decided: until then it stands on the agency's list.
    pub fn agency_due(&self) -> Option<Moment> {
        let theirs = self.holds.iter().filter(|hold| hold.decider == Decider::Agency);
        theirs.filter(|hold| hold.decision.is_none()).map(|hold| hold.until).max()
    }
    fn about(&self, line_no: i32) -> impl Iterator<Item = &Hold> {
        self.holds.iter().filter(move |hold| hold.is_about(line_no))
    }
}
