//! A lost pick-up token: the hospital counts its issue up, and every earlier token is void from that instant (RX-16).
//!
//! The token itself is computed outside, from the prescription and the issue; nothing secret is decided or stored here.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Case, Decision, Desk};
use crate::institution::InstitutionId;
use crate::prescription::PrescriptionId;
use crate::refusal::{Reason, Refusal};

#[derive(Clone, Debug)]
pub struct Reissue {
    pub institution_id: InstitutionId,
    pub prescription_id: PrescriptionId,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ReissueReply {
    pub prescription_id: PrescriptionId,
    /// Issue of the token that holds from now on, 1 to 65,535; the first one, given with the prescription, is 0.
    pub pickup_rotation: u16,
}

impl Reissue {
    /// Rule: RX-16 — Whoever collects shows the patient's token; a lost one is void once it is replaced
    // Refused: `NotFound` for another hospital's, the reason of the state once nothing can be collected any more,
    // `TooManyAttempts` after 65,535 issues.
    pub(super) fn decide(&self, desk: Desk<'_>) -> Result<Decision, Refusal> {
        let mut case = Case::of_hospital(desk, self.prescription_id, self.institution_id)?;
        case.living()?;
        let issue =
            u16::try_from(case.circulation.pickup_rotation).ok().and_then(|n| n.checked_add(1));
        let pickup_rotation = issue.ok_or(Reason::TooManyAttempts)?;
        case.circulation.pickup_rotation = pickup_rotation.into();
        let body = json!({ "pickup_rotation": pickup_rotation });
        case.record("pickup_reissued", Some(self.institution_id), body);
        case.done(&ReissueReply { prescription_id: self.prescription_id, pickup_rotation })
    }
}
