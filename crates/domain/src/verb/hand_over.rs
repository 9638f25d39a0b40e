//! The drugs reach the patient: its own event, after settlement (DESIGN §3 "Dispensing").

use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{Case, Decision, Desk};
use crate::dispensing::{Dispensing, DispensingId};
use crate::institution::InstitutionId;
use crate::lifecycle::{DispensingState, DispensingStep, State, Step};
use crate::moment::Moment;
use crate::prescription::PrescriptionId;
use crate::refusal::{Reason, Refusal};

#[derive(Clone, Debug)]
pub struct HandOver {
    pub pharmacy_id: InstitutionId,
    pub prescription_id: PrescriptionId,
    /// Which visit, where there are several.
    pub dispensing_id: Option<DispensingId>,
    /// Keyed hash of the certificate of somebody who collects for the patient; none: the patient.
    pub proxy: Option<Box<str>>,
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct HandOverReply {
    pub prescription_id: PrescriptionId,
    pub dispensing_id: DispensingId,
    pub dispensing_state: DispensingState,
    pub handed_over_at: Moment,
}

impl HandOver {
    // Refused: `AlreadyHandedOver`, `AlreadyDispatched`, `NotSettled`, `ProxyNotAllowed`, `NotFound` for another pharmacy's, `PrescriptionFrozen` and the
    // like for a prescription that was never settled.
    pub(super) fn decide(&self, desk: Desk<'_>) -> Result<Decision, Refusal> {
        let mut case = Case::open(desk, self.prescription_id)?;
        let sold = case.sold_by(self.pharmacy_id, self.dispensing_id)?;
        case.not_taken_back()?;
        case.may_act_for(self.proxy.as_deref())?;
        let now = case.now;
        let state = sold.state.next(DispensingStep::HandOver)?;
        let handed_over = Dispensing { state, handed_over_at: Some(now), ..sold };
        let reply = HandOverReply {
            prescription_id: self.prescription_id,
            dispensing_id: handed_over.id,
            dispensing_state: handed_over.state,
            handed_over_at: now,
        };
        let body = json!({ "dispensing_id": handed_over.id, "proxy": self.proxy });
        case.changes.dispensings.push(handed_over);
        case.record("handed_over", Some(self.pharmacy_id), body);
        case.notify_hospital();
        case.done(&reply)
    }
}

impl Case<'_> {
    /// The sold dispensing of this pharmacy.
    /// Refused: `DispensingNotNamed` where lines are used one by one and there are several.
    pub(super) fn sold_by(
        &self,
        pharmacy: InstitutionId,
        named: Option<DispensingId>,
    ) -> Result<Dispensing, Refusal> {
        let mine = self.world.dispensings_of(self.circulation.prescription_id);
        let sold = mine.filter(|one| one.pharmacy_id == pharmacy && one.is_sold());
        let mut sold = sold.filter(|one| named.is_none_or(|id| one.id == id));
        match (sold.next(), sold.next()) {
            (Some(_), Some(_)) => {
                return Err(Refusal::at(Reason::DispensingNotNamed, "dispensing_id"));
            }
            (Some(only), None) => return Ok(only.clone()),
            (None, _) => {}
        }
        match self.circulation.state {
            State::Claimed => {
                let holds = self.holder()?.pharmacy_id == pharmacy;
                Err(if holds { Reason::NotSettled } else { Reason::NotClaimed }.into())
            }
            _ if self.was_reversed(pharmacy) => Err(Reason::AlreadyReversed.into()),
            State::Completed => Err(Reason::NotFound.into()),
            other => Err(other.next(Step::UseUp).err().unwrap_or(Reason::NotSettled).into()),
        }
    }

    /// A hospital that takes a prescription back stops what is paid and not yet collected, too.
    pub(super) fn not_taken_back(&self) -> Result<(), Refusal> {
        match self.circulation.state {
            State::Frozen => Err(Reason::PrescriptionFrozen.into()),
            State::Revoked => Err(Reason::PrescriptionRevoked.into()),
            _ => Ok(()),
        }
    }

    fn was_reversed(&self, pharmacy: InstitutionId) -> bool {
        let mut all = self.world.dispensings_of(self.circulation.prescription_id);
        all.any(|one| one.pharmacy_id == pharmacy && one.state == DispensingState::Reversed)
    }
}
