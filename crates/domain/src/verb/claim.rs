//! A pharmacy takes a prescription for itself, with the patient's pick-up token and under a lease (RTE-03), or gives it back.

use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{Case, Decision, Desk};
use crate::circulation::Holder;
use crate::institution::InstitutionId;
use crate::lifecycle::{Review, State, Step};
use crate::moment::Moment;
use crate::prescription::{Line, PrescriptionId};
use crate::refusal::{Reason, Refusal};

#[derive(Clone, Debug)]
pub struct Claim {
    pub pharmacy_id: InstitutionId,
    pub prescription_id: PrescriptionId,
    pub proof: Proof,
    /// Keyed hash of the certificate of somebody who collects for the patient; none: the patient.
    pub proxy: Option<Box<str>>,
}

/// What the pharmacy was shown at the counter; its authenticity is already proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// The pick-up token of this issue.
    PickupToken { rotation: i32 },
    /// The patient's own credential was read; good for the claim after so many claims, and for no other.
    Authorisation { claims: i32, expires: Moment },
}

/// What a pharmacy needs to work: the lines, never the diagnosis's owner.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ClaimReply {
    pub prescription_id: PrescriptionId,
    pub hi_rxno: String,
    pub state: State,
    pub lease_until: Moment,
    pub valid_until: Moment,
    pub diagnoses: Vec<Box<str>>,
    pub lines: Vec<Line>,
}

#[derive(Clone, Debug)]
pub struct Release {
    pub pharmacy_id: InstitutionId,
    pub prescription_id: PrescriptionId,
    /// Why, such as no stock: a release is not a refusal.
    pub reason: Box<str>,
}

impl Claim {
    /// Rule: RTE-03 — One pharmacy at a time holds a prescription, under a lease
    // Refused: `PickupTokenInvalid` for a replaced token or a used authorisation, `ProxyNotAllowed`, `AlreadyClaimed`, the
    // reason of the state, `PharmacyNotEligible` with findings. Claiming again what one holds renews the lease.
    pub(super) fn decide(&self, desk: Desk<'_>) -> Result<Decision, Refusal> {
        let mut case = Case::open(desk, self.prescription_id)?;
        let holds = match self.proof {
            Proof::PickupToken { rotation } => case.circulation.pickup_rotation == rotation,
            Proof::Authorisation { claims, expires } => {
                case.circulation.claims == claims && case.now < expires
            }
        };
        if !holds {
            return Err(Reason::PickupTokenInvalid.into());
        }
        case.may_act_for(self.proxy.as_deref())?;
        let until = case.lease_end()?;
        match &mut case.circulation.holder {
            Some(holder)
                if holder.pharmacy_id == self.pharmacy_id
                    && case.circulation.state == State::Claimed =>
            {
                holder.lease_until = holder.lease_until.max(until);
            }
            _ => {
                case.circulation.state.next(Step::Claim)?;
                case.eligible(self.pharmacy_id)?;
                case.step(Step::Claim)?;
                case.circulation.claims = case.circulation.claims.saturating_add(1);
                case.circulation.holder = Some(Holder {
                    pharmacy_id: self.pharmacy_id,
                    lease_until: until,
                    review: Review::Pending,
                    reviewer: None,
                });
            }
        }
        case.record(
            "claimed",
            Some(self.pharmacy_id),
            json!({ "lease_until": until, "proxy": self.proxy }),
        );
        case.notify_hospital();
        let reply = case.claim_reply(until);
        case.done(&reply)
    }
}

impl Release {
    // Refused: `NotClaimed`, or the reason of the state.
    pub(super) fn decide(&self, desk: Desk<'_>) -> Result<Decision, Refusal> {
        let mut case = Case::of_holder(desk, self.prescription_id, self.pharmacy_id)?;
        case.step(Step::Release)?;
        case.circulation.chosen_pharmacy = None;
        case.record("released", Some(self.pharmacy_id), json!({ "reason": self.reason }));
        case.notify_hospital();
        let reply = case.state_reply();
        case.done(&reply)
    }
}

impl Case<'_> {
    fn claim_reply(&self, lease_until: Moment) -> ClaimReply {
        ClaimReply {
            prescription_id: self.circulation.prescription_id,
            hi_rxno: self.prescription.hi_rxno(),
            state: self.circulation.state,
            lease_until,
            valid_until: self.circulation.valid_until,
            diagnoses: self.prescription.facts.diagnoses.clone(),
            lines: self.prescription.facts.lines.clone(),
        }
    }
}
