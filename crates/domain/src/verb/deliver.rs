//! Delivery after settlement: dispatched, signed for at the door, or failed and back (RTE-06).
//!
//! Nothing leaves before it is paid. Whoever takes the delivery is the patient or somebody who may act for them.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::{Case, Decision, Desk};
use crate::dispensing::{Dispensing, DispensingId};
use crate::institution::InstitutionId;
use crate::lifecycle::{DispensingState, DispensingStep};
use crate::moment::Moment;
use crate::prescription::PrescriptionId;
use crate::refusal::{Reason, Refusal};
use crate::register::Entries;

#[derive(Clone, Debug)]
pub struct Dispatch {
    pub pharmacy_id: InstitutionId,
    pub prescription_id: PrescriptionId,
    /// Which visit, where there are several.
    pub dispensing_id: Option<DispensingId>,
    /// Who carries it and under which number.
    pub note: Box<str>,
}

#[derive(Clone, Debug)]
pub struct SignFor {
    pub pharmacy_id: InstitutionId,
    pub prescription_id: PrescriptionId,
    /// Which visit, where there are several.
    pub dispensing_id: Option<DispensingId>,
    /// Keyed hash of the certificate of somebody who took it for the patient; none: the patient.
    pub proxy: Option<Box<str>>,
}

#[derive(Clone, Debug)]
pub struct FailDelivery {
    pub pharmacy_id: InstitutionId,
    pub prescription_id: PrescriptionId,
    /// Which visit, where there are several.
    pub dispensing_id: Option<DispensingId>,
    pub note: Box<str>,
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct DeliveryReply {
    pub prescription_id: PrescriptionId,
    pub dispensing_id: DispensingId,
    pub dispensing_state: DispensingState,
    pub at: Moment,
}

impl Dispatch {
    /// Rule: RTE-06 — Delivered only after settlement, and signed for by somebody who is known
    // Refused: `DeliveryNotOffered`, `NotSettled`, `AlreadyDispatched`, `AlreadyHandedOver`.
    pub(super) fn decide(&self, desk: Desk<'_>) -> Result<Decision, Refusal> {
        let case = Case::open(desk, self.prescription_id)?;
        let pharmacy = case.knowledge.registry.institution(self.pharmacy_id);
        if !pharmacy.ok_or(Reason::NotFound)?.abilities.delivery {
            return Err(Reason::DeliveryNotOffered.into());
        }
        case.not_taken_back()?;
        let which = (self.pharmacy_id, self.dispensing_id);
        let note = json!({ "note": self.note });
        case.moved(which, DispensingStep::Dispatch, "dispatched", note)
    }
}

impl SignFor {
    // Refused: `NotDispatched`, `AlreadyHandedOver`, `ProxyNotAllowed`.
    pub(super) fn decide(&self, desk: Desk<'_>) -> Result<Decision, Refusal> {
        let case = Case::open(desk, self.prescription_id)?;
        case.may_act_for(self.proxy.as_deref())?;
        let which = (self.pharmacy_id, self.dispensing_id);
        let proxy = json!({ "proxy": self.proxy });
        case.moved(which, DispensingStep::SignFor, "signed_for", proxy)
    }
}

impl FailDelivery {
    // Refused: `NotDispatched`, `AlreadyHandedOver`.
    pub(super) fn decide(&self, desk: Desk<'_>) -> Result<Decision, Refusal> {
        let case = Case::open(desk, self.prescription_id)?;
        let which = (self.pharmacy_id, self.dispensing_id);
        let note = json!({ "note": self.note });
        case.moved(which, DispensingStep::FailDelivery, "delivery_failed", note)
    }
}

impl Case<'_> {
    /// One step of what this pharmacy sold, recorded and told to the hospital.
    fn moved(
        mut self,
        (pharmacy, dispensing): (InstitutionId, Option<DispensingId>),
        step: DispensingStep,
        kind: &'static str,
        details: Value,
    ) -> Result<Decision, Refusal> {
        let sold = self.sold_by(pharmacy, dispensing)?;
        let state = sold.state.next(step)?;
        let now = self.now;
        let handed_over_at = (state == DispensingState::HandedOver).then_some(now);
        let moved = Dispensing { state, handed_over_at, ..sold };
        let reply = DeliveryReply {
            prescription_id: moved.prescription_id,
            dispensing_id: moved.id,
            dispensing_state: state,
            at: now,
        };
        let body = json!({ "dispensing_id": moved.id, "details": details });
        self.changes.dispensings.push(moved);
        self.record(kind, Some(pharmacy), body);
        self.notify_hospital();
        self.done(&reply)
    }

    /// Rule: RX-16 — Somebody else collects only where the area lets them, registered beforehand where it asks for that
    pub(super) fn may_act_for(&self, proxy: Option<&str>) -> Result<(), Refusal> {
        let Some(proxy) = proxy else { return Ok(()) };
        let policy = &self.region()?.proxy;
        let registered = || Entries(&self.entries()).is_proxy(proxy, self.now.civil_date());
        let may = policy.allowed.value && (!policy.registered_only.value || registered());
        if may { Ok(()) } else { Err(Reason::ProxyNotAllowed.into()) }
    }
}
