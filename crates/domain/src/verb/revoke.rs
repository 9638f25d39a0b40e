//! The hospital takes a prescription back: at once while nothing is prepared, by a freeze while boxes are packed (RX-11).

use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{Case, Decision, Desk};
use crate::institution::InstitutionId;
use crate::lifecycle::{State, Step};
use crate::moment::Moment;
use crate::prescription::PrescriptionId;
use crate::refusal::Refusal;

#[derive(Clone, Debug)]
pub struct Revoke {
    pub institution_id: InstitutionId,
    pub prescription_id: PrescriptionId,
    pub reason: Box<str>,
}

/// The state a verb left the prescription in.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct StateReply {
    pub prescription_id: PrescriptionId,
    pub state: State,
    /// Until when a frozen prescription waits for the pharmacy.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub frozen_until: Option<Moment>,
}

impl Revoke {
    /// Rule: RX-11 — Only an unused prescription is taken back, frozen first while boxes are packed
    // Refused: `PrescriptionUsed` after settlement, the reason of the state otherwise.
    pub(super) fn decide(&self, desk: Desk<'_>) -> Result<Decision, Refusal> {
        let mut case = Case::of_hospital(desk, self.prescription_id, self.institution_id)?;
        let holder = case.circulation.holder.as_ref().map(|holder| holder.pharmacy_id);
        let frozen = case.prepared().is_some() && case.circulation.state == State::Claimed;
        if frozen {
            case.step(Step::Freeze)?;
            case.circulation.frozen_until = Some(case.now.plus(case.region()?.lease.freeze_ms()));
        } else {
            case.step(Step::Revoke)?;
        }
        let kind = if frozen { "frozen" } else { "revoked" };
        case.record(
            kind,
            Some(self.institution_id),
            json!({ "reason": self.reason, "holder": holder }),
        );
        case.notify_hospital();
        if let Some(pharmacy) = holder {
            case.notify(pharmacy);
        }
        let reply = case.state_reply();
        case.done(&reply)
    }
}

impl Case<'_> {
    /// The present state as a reply.
    pub fn state_reply(&self) -> StateReply {
        StateReply {
            prescription_id: self.circulation.prescription_id,
            state: self.circulation.state,
            frozen_until: self.circulation.frozen_until,
        }
    }
}
