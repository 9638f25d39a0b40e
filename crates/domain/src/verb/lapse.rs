//! What ends by itself: leases, validity, the wait of a freeze. The worker asks; [`Case::open`] does it.

use serde_json::json;

use super::{Case, Decision, Desk};
use crate::institution::InstitutionId;
use crate::lifecycle::{State, Step};
use crate::prescription::PrescriptionId;
use crate::refusal::{Reason, Refusal};

/// Record what time has done. Nothing to do is a yes without changes.
#[derive(Clone, Debug)]
pub struct Lapse {
    pub prescription_id: PrescriptionId,
}

/// The pharmacy confirms that nothing of a frozen prescription was handed over.
#[derive(Clone, Debug)]
pub struct ConfirmNothingLeft {
    pub pharmacy_id: InstitutionId,
    pub prescription_id: PrescriptionId,
}

impl Lapse {
    pub(super) fn decide(&self, desk: Desk<'_>) -> Result<Decision, Refusal> {
        let case = Case::open(desk, self.prescription_id)?;
        let reply = case.state_reply();
        case.done(&reply)
    }
}

impl ConfirmNothingLeft {
    // Refused: `NotClaimed` when nothing is frozen at this pharmacy.
    pub(super) fn decide(&self, desk: Desk<'_>) -> Result<Decision, Refusal> {
        let mut case = Case::open(desk, self.prescription_id)?;
        let holds =
            case.circulation.holder.as_ref().is_some_and(|one| one.pharmacy_id == self.pharmacy_id);
        if case.circulation.state != State::Frozen || !holds {
            return Err(Reason::NotClaimed.into());
        }
        case.step(Step::ConfirmNothingLeft)?;
        case.record("revoked", Some(self.pharmacy_id), json!({ "confirmed_by": self.pharmacy_id }));
        case.notify_hospital();
        let reply = case.state_reply();
        case.done(&reply)
    }
}
