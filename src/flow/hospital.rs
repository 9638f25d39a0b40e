//! What a hospital does that needs more than a verb: try a prescription, send it, replace its pick-up token.

use std::sync::Arc;

use domain::check;
use domain::institution::{Institution, InstitutionId};
use domain::knowledge::Knowledge;
use domain::prescription::{Facts, PrescriptionId, Verdict};
use domain::refusal::{Reason, Refusal};
use domain::verb::{Call, Reissue, ReissueReply, Submit, SubmitReply, Verb};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Gate;
use super::person::Identity;

/// A prescription as read at the door: facts for the checks, identity for the seal.
#[derive(Clone, Debug)]
pub struct Draft {
    pub facts: Facts,
    pub identity: Identity,
}

/// The reply to an accepted prescription, with the secret for the patient.
#[derive(Serialize, ToSchema)]
pub struct Accepted {
    #[serde(flatten)]
    pub reply: SubmitReply,
    /// What the pick-up QR carries: give it to the patient, never print it beside the document number.
    pub pickup_token: String,
}

/// A pick-up token that holds from now on; all earlier ones are void.
#[derive(Serialize, ToSchema)]
pub struct Reissued {
    pub prescription_id: PrescriptionId,
    pub pickup_token: String,
}

/// Issue of the token that comes with the prescription.
const FIRST_ISSUE: u16 = 0;

/// What must be read of the stored reply.
#[derive(Deserialize)]
struct Numbered {
    prescription_id: PrescriptionId,
}

impl Gate {
    /// Runs all checks and stores nothing.
    pub fn check(&self, hospital: InstitutionId, draft: &Draft) -> Result<Verdict, Refusal> {
        let knowledge = self.store.knowledge();
        let issuer = issuer(&knowledge, hospital)?;
        Ok(check::prescription(&draft.facts, issuer, &knowledge, self.now()))
    }

    /// Takes a prescription: checked, sealed, committed. `received` is the document byte for byte; the reply is the JSON
    /// text of [`Accepted`].
    pub async fn submit(
        &self,
        hospital: InstitutionId,
        call: Call,
        draft: Draft,
        received: &[u8],
    ) -> Result<Box<str>, Refusal> {
        let knowledge = self.store.knowledge();
        let issuer = issuer(&knowledge, hospital)?;
        let verdict = check::prescription(&draft.facts, issuer, &knowledge, self.now());
        let submit = Submit {
            institution_id: hospital,
            pooling_area: issuer.pooling_area.clone(),
            newcomer: draft.identity.newcomer(&self.keys),
            sealed: self.seal(&draft.identity, received)?,
            facts: draft.facts,
            verdict,
        };
        let reply = self.commit(call, Verb::Submit(Box::new(submit))).await?;
        let Numbered { prescription_id } =
            serde_json::from_str(&reply).map_err(|_| Reason::Internal)?;
        let token = self.keys.pickup_token(prescription_id.raw(), FIRST_ISSUE);
        // The stored text with one member more: it need not be read and written again.
        let members = reply.strip_suffix('}').ok_or(Reason::Internal)?;
        Ok(format!(r#"{members},"pickup_token":"{token}"}}"#).into())
    }

    /// Replaces a lost pick-up token.
    pub async fn reissue(
        &self,
        hospital: InstitutionId,
        call: Call,
        id: PrescriptionId,
    ) -> Result<Reissued, Refusal> {
        let verb = Reissue { institution_id: hospital, prescription_id: id };
        let reply = self.commit(call, Verb::Reissue(verb)).await?;
        let ReissueReply { prescription_id, pickup_rotation } =
            serde_json::from_str(&reply).map_err(|_| Reason::Internal)?;
        let pickup_token = self.keys.pickup_token(prescription_id.raw(), pickup_rotation);
        Ok(Reissued { prescription_id, pickup_token })
    }
}

fn issuer(knowledge: &Arc<Knowledge>, hospital: InstitutionId) -> Result<&Institution, Refusal> {
    knowledge.registry.institution(hospital).ok_or_else(|| Reason::Forbidden.into())
}
