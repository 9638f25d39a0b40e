//! The dispensing pharmacist's review: approve, ask the doctor, or refuse for good (RV-02, RV-04). And the doctor's answer.

use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{Case, Decision, Desk};
use crate::check;
use crate::institution::InstitutionId;
use crate::lifecycle::{self, State, Step};
use crate::prescription::PrescriptionId;
use crate::refusal::{Reason, Refusal};

#[derive(Clone, Debug)]
pub struct Review {
    pub pharmacy_id: InstitutionId,
    pub prescription_id: PrescriptionId,
    /// National code of the pharmacist.
    pub reviewer: Box<str>,
    pub decision: Decide,
    /// For a query or a refusal: what is wrong.
    pub note: Box<str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Decide {
    Approve,
    Query,
    Refuse,
}

/// The doctor stands by the prescription, or takes single lines back; to take all back the hospital revokes.
#[derive(Clone, Debug)]
pub struct AnswerQuery {
    pub institution_id: InstitutionId,
    pub prescription_id: PrescriptionId,
    pub note: Box<str>,
    /// Lines that are taken back.
    pub withdrawn: Vec<i32>,
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ReviewReply {
    pub prescription_id: PrescriptionId,
    pub state: State,
    pub review: lifecycle::Review,
}

impl Review {
    /// Rule: RV-01, RV-02 — The dispensing pharmacist approves, asks or refuses, before anything is packed
    // Refused: `NotClaimed`, `ReviewClosed` once approved, `QueryOpen` before the doctor answered, `ReviewerNotRegistered`.
    pub(super) fn decide(&self, desk: Desk<'_>) -> Result<Decision, Refusal> {
        let mut case = Case::of_holder(desk, self.prescription_id, self.pharmacy_id)?;
        let registered = check::reviewer(
            &self.reviewer,
            self.pharmacy_id,
            &case.prescription,
            &case.knowledge.registry,
            case.now.civil_date(),
        );
        if !registered {
            return Err(Refusal::at(Reason::ReviewerNotRegistered, "reviewer"));
        }
        let (review, kind) = match self.decision {
            Decide::Approve => (lifecycle::Review::Approved, "approved"),
            Decide::Query => (lifecycle::Review::Queried, "queried"),
            Decide::Refuse => (lifecycle::Review::Refused, "refused"),
        };
        let holder = case.circulation.holder.as_mut().ok_or(Reason::NotClaimed)?;
        match holder.review {
            lifecycle::Review::Approved => return Err(Reason::ReviewClosed.into()),
            // RV-01: the doctor confirms or issues anew, then it is reviewed again.
            lifecycle::Review::Queried if self.decision != Decide::Refuse => {
                return Err(Reason::QueryOpen.into());
            }
            _ => {}
        }
        holder.review = review;
        holder.reviewer = Some(self.reviewer.clone());
        if self.decision == Decide::Refuse {
            case.step(Step::RefuseFinally)?;
        }
        let body = json!({ "reviewer": self.reviewer, "note": self.note });
        case.record(kind, Some(self.pharmacy_id), body);
        case.notify_hospital();
        let reply = case.review_reply(review);
        case.done(&reply)
    }
}

impl AnswerQuery {
    // Refused: `NotFound` for another hospital's, `NotQueried` when nobody asked, `LinesIncomplete` for a line that is not
    // there or when no line would be left.
    pub(super) fn decide(&self, desk: Desk<'_>) -> Result<Decision, Refusal> {
        let mut case = Case::of_hospital(desk, self.prescription_id, self.institution_id)?;
        let holder = case.circulation.holder.as_mut().ok_or(Reason::NotQueried)?;
        if holder.review != lifecycle::Review::Queried {
            return Err(Reason::NotQueried.into());
        }
        holder.review = lifecycle::Review::Pending;
        let pharmacy = holder.pharmacy_id;
        self.withdraw(&mut case)?;
        let body = json!({ "note": self.note, "withdrawn": self.withdrawn });
        case.record("answered", Some(self.institution_id), body);
        case.notify(pharmacy);
        let reply = case.review_reply(lifecycle::Review::Pending);
        case.done(&reply)
    }
}

impl AnswerQuery {
    fn withdraw(&self, case: &mut Case<'_>) -> Result<(), Refusal> {
        let lines = &case.prescription.facts.lines;
        let is_known = |no: &i32| lines.iter().any(|line| line.line_no == *no);
        if let Some(at) = self.withdrawn.iter().position(|no| !is_known(no)) {
            return Err(Refusal::at(Reason::LinesIncomplete, format!("withdrawn[{at}]")));
        }
        let gone = &mut case.circulation.lines.withdrawn;
        gone.extend(&self.withdrawn);
        gone.sort_unstable();
        gone.dedup();
        let (gone, used) = (&case.circulation.lines.withdrawn, &case.circulation.lines.used);
        if lines.iter().all(|one| gone.contains(&one.line_no) || used.contains(&one.line_no)) {
            return Err(Refusal::at(Reason::LinesIncomplete, "withdrawn"));
        }
        Ok(())
    }
}

impl Case<'_> {
    fn review_reply(&self, review: lifecycle::Review) -> ReviewReply {
        ReviewReply {
            prescription_id: self.circulation.prescription_id,
            state: self.circulation.state,
            review,
        }
    }
}
