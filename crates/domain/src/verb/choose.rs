//! The patient sees which pharmacies may serve the prescription, and chooses one (RTE-01). Nobody chooses for them.

use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{Case, Decision, Desk};
use crate::check::{self, Errand};
use crate::institution::{Institution, InstitutionId};
use crate::lifecycle::{State, Step};
use crate::prescription::PrescriptionId;
use crate::refusal::{Reason, Refusal};
use crate::register::Entries;
use crate::route::SortKey;

/// Log the list that was shown, in the order shown.
#[derive(Clone, Debug)]
pub struct Show {
    pub prescription_id: PrescriptionId,
    pub sorted_by: SortKey,
    pub shown: Vec<InstitutionId>,
}

#[derive(Clone, Debug)]
pub struct Choose {
    pub prescription_id: PrescriptionId,
    pub pharmacy_id: InstitutionId,
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ChooseReply {
    pub prescription_id: PrescriptionId,
    pub chosen_pharmacy: InstitutionId,
    pub state: State,
}

impl Show {
    pub(super) fn decide(&self, desk: Desk<'_>) -> Result<Decision, Refusal> {
        let mut case = Case::open(desk, self.prescription_id)?;
        case.living()?;
        case.record(
            "shown",
            None,
            json!({ "sorted_by": self.sorted_by, "pharmacies": self.shown }),
        );
        let reply = case.state_reply();
        case.done(&reply)
    }
}

impl Choose {
    // Refused: the reason of a state other than `Open`; `PharmacyNotEligible` with the findings.
    pub(super) fn decide(&self, desk: Desk<'_>) -> Result<Decision, Refusal> {
        let mut case = Case::open(desk, self.prescription_id)?;
        if case.circulation.state != State::Open {
            let no = case.circulation.state.next(Step::Claim).err();
            return Err(no.unwrap_or(Reason::AlreadyClaimed).into());
        }
        case.eligible(self.pharmacy_id)?;
        case.circulation.chosen_pharmacy = Some(self.pharmacy_id);
        case.record("chosen", None, json!({ "pharmacy": self.pharmacy_id }));
        case.notify(self.pharmacy_id);
        let reply = ChooseReply {
            prescription_id: self.prescription_id,
            chosen_pharmacy: self.pharmacy_id,
            state: case.circulation.state,
        };
        case.done(&reply)
    }
}

impl Case<'_> {
    /// May this pharmacy serve the prescription today (PH-04, PH-06, PH-07, CAT-08, RX-05)?
    pub fn eligible(&self, pharmacy_id: InstitutionId) -> Result<(), Refusal> {
        let pharmacy = self.knowledge.registry.institution(pharmacy_id).ok_or(Reason::NotFound)?;
        self.eligible_by(pharmacy, Entries(&self.entries()))
    }

    /// The same whatever an entitlement is fixed to: the patient is about to change that.
    pub fn eligible_anew(&self, pharmacy_id: InstitutionId) -> Result<(), Refusal> {
        let pharmacy = self.knowledge.registry.institution(pharmacy_id).ok_or(Reason::NotFound)?;
        self.eligible_by(pharmacy, Entries::default())
    }

    fn eligible_by(&self, pharmacy: &Institution, entries: Entries<'_>) -> Result<(), Refusal> {
        let today = self.now.civil_date();
        let errand = Errand::new(&self.prescription, entries, self.region()?, today);
        let findings = check::pharmacy(pharmacy, &errand);
        if !check::bars(&findings) {
            return Ok(());
        }
        Err(Refusal::with_findings(Reason::PharmacyNotEligible, findings))
    }
}
