//! A drug is ordered in: the pharmacy holds the prescription until the time that it promised and the patient agreed to
//! (DESIGN §3 "order lease").

use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{Case, Decision, Desk};
use crate::institution::InstitutionId;
use crate::moment::Moment;
use crate::prescription::PrescriptionId;
use crate::refusal::{Reason, Refusal};

#[derive(Clone, Debug)]
pub struct Order {
    pub pharmacy_id: InstitutionId,
    pub prescription_id: PrescriptionId,
    /// When the drug will be there, as the patient agreed.
    pub promised_at: Moment,
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct OrderReply {
    pub prescription_id: PrescriptionId,
    pub lease_until: Moment,
}

impl Order {
    /// Rule: RTE-03 — A promise keeps the prescription, within its validity and the area's longest promise
    // Refused: `NotClaimed`, `PromiseTooLate`.
    pub(super) fn decide(&self, desk: Desk<'_>) -> Result<Decision, Refusal> {
        let mut case = Case::of_holder(desk, self.prescription_id, self.pharmacy_id)?;
        let longest = case.now.plus(case.region()?.lease.order_ms());
        let last = longest.min(case.circulation.valid_until);
        if self.promised_at <= case.now || self.promised_at > last {
            return Err(Refusal::at(Reason::PromiseTooLate, "promised_at"));
        }
        let holder = case.circulation.holder.as_mut().ok_or(Reason::NotClaimed)?;
        // A promise lengthens the hold and never shortens it.
        holder.lease_until = holder.lease_until.max(self.promised_at);
        let lease_until = holder.lease_until;
        let body = json!({ "promised_at": self.promised_at });
        case.record("ordered", Some(self.pharmacy_id), body);
        case.notify_hospital();
        case.done(&OrderReply { prescription_id: self.prescription_id, lease_until })
    }
}
