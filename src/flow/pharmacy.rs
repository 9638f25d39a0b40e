//! What a pharmacy does with a prescription: claim, review, prepare, settle, hand over, or give it back.

use domain::institution::InstitutionId;
use domain::money::Yuan;
use domain::prescription::{PackedLine, PrescriptionId};
use domain::refusal::Refusal;
use domain::verb::{
    Call, Claim, ConfirmNothingLeft, Decide, HandOver, Prepare, Release, Review, Settle, Verb,
};

use super::Gate;

/// What the pharmacist concluded, as sent.
#[derive(Clone, Debug)]
pub struct Reviewed {
    pub reviewer: Box<str>,
    pub decision: Decide,
    pub note: Box<str>,
}

/// The caller of a verb on a prescription.
#[derive(Clone, Debug)]
pub struct At {
    pub pharmacy_id: InstitutionId,
    pub prescription_id: PrescriptionId,
    pub call: Call,
}

impl Gate {
    /// Takes a prescription, with the pick-up token that the patient shows.
    pub async fn claim(
        &self,
        pharmacy_id: InstitutionId,
        call: Call,
        pickup_token: &str,
    ) -> Result<Box<str>, Refusal> {
        let (prescription_id, pickup_rotation) = self.read_pickup(pickup_token)?;
        self.commit(call, Verb::Claim(Claim { pharmacy_id, prescription_id, pickup_rotation }))
            .await
    }

    pub async fn release(&self, at: At, reason: Box<str>) -> Result<Box<str>, Refusal> {
        let At { pharmacy_id, prescription_id, call } = at;
        self.commit(call, Verb::Release(Release { pharmacy_id, prescription_id, reason })).await
    }

    pub async fn review(&self, at: At, reviewed: Reviewed) -> Result<Box<str>, Refusal> {
        let At { pharmacy_id, prescription_id, call } = at;
        let Reviewed { reviewer, decision, note } = reviewed;
        let verb = Review { pharmacy_id, prescription_id, reviewer, decision, note };
        self.commit(call, Verb::Review(verb)).await
    }

    pub async fn prepare(&self, at: At, lines: Vec<PackedLine>) -> Result<Box<str>, Refusal> {
        let At { pharmacy_id, prescription_id, call } = at;
        self.commit(call, Verb::Prepare(Prepare { pharmacy_id, prescription_id, lines })).await
    }

    pub async fn settle(&self, at: At, agreed_personal: Yuan) -> Result<Box<str>, Refusal> {
        let At { pharmacy_id, prescription_id, call } = at;
        self.commit(call, Verb::Settle(Settle { pharmacy_id, prescription_id, agreed_personal }))
            .await
    }

    pub async fn hand_over(&self, at: At) -> Result<Box<str>, Refusal> {
        let At { pharmacy_id, prescription_id, call } = at;
        self.commit(call, Verb::HandOver(HandOver { pharmacy_id, prescription_id })).await
    }

    /// The pharmacy confirms that nothing of a frozen prescription was handed over.
    pub async fn confirm_nothing_left(&self, at: At) -> Result<Box<str>, Refusal> {
        let At { pharmacy_id, prescription_id, call } = at;
        let verb = ConfirmNothingLeft { pharmacy_id, prescription_id };
        self.commit(call, Verb::ConfirmNothingLeft(verb)).await
    }
}
