//! What a hospital does: try a prescription, send it, take it back, answer the pharmacist.

use std::sync::Arc;

use domain::check;
use domain::institution::{Institution, InstitutionId};
use domain::knowledge::Knowledge;
use domain::prescription::{Facts, PrescriptionId, Verdict};
use domain::refusal::{Reason, Refusal};
use domain::verb::{AnswerQuery, Call, Revoke, Submit, SubmitReply, Verb};
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
        let token = self.keys.pickup_token(prescription_id.raw(), 0);
        // The stored text with one member more: it need not be read and written again.
        let members = reply.strip_suffix('}').ok_or(Reason::Internal)?;
        Ok(format!(r#"{members},"pickup_token":"{token}"}}"#).into())
    }

    /// Takes a prescription back.
    pub async fn revoke(
        &self,
        hospital: InstitutionId,
        call: Call,
        id: PrescriptionId,
        reason: Box<str>,
    ) -> Result<Box<str>, Refusal> {
        let verb = Revoke { institution_id: hospital, prescription_id: id, reason };
        self.commit(call, Verb::Revoke(verb)).await
    }

    /// Answers the pharmacist's query: the doctor stands by the prescription.
    pub async fn answer_query(
        &self,
        hospital: InstitutionId,
        call: Call,
        id: PrescriptionId,
        note: Box<str>,
    ) -> Result<Box<str>, Refusal> {
        let verb = AnswerQuery { institution_id: hospital, prescription_id: id, note };
        self.commit(call, Verb::AnswerQuery(verb)).await
    }
}

fn issuer(knowledge: &Arc<Knowledge>, hospital: InstitutionId) -> Result<&Institution, Refusal> {
    knowledge.registry.institution(hospital).ok_or_else(|| Reason::Forbidden.into())
}
