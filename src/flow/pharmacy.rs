//! What a pharmacy does that needs more than a verb: the pick-up token is proven before anything is loaded.

use domain::institution::InstitutionId;
use domain::refusal::Refusal;
use domain::verb::{Call, Claim, Verb};

use super::Gate;

impl Gate {
    /// Takes a prescription, with the pick-up token that the patient shows. Refused: `PickupTokenInvalid`.
    pub async fn claim(
        &self,
        pharmacy_id: InstitutionId,
        call: Call,
        pickup_token: &str,
    ) -> Result<Box<str>, Refusal> {
        let (prescription_id, pickup_rotation) = self.read_pickup(pickup_token)?;
        let verb = Claim { pharmacy_id, prescription_id, pickup_rotation };
        self.commit(call, Verb::Claim(verb)).await
    }
}
