//! What a pharmacy does that needs more than a verb: what it was shown at the counter is proven before anything is loaded.

use domain::institution::InstitutionId;
use domain::moment::{MINUTE, Moment};
use domain::prescription::PrescriptionId;
use domain::refusal::{Reason, Refusal};
use domain::verb::{Call, Claim, Proof, Verb};
use serde::Serialize;
use utoipa::ToSchema;

use super::person::IdNumber;
use super::{Gate, unreadable};
use crate::trust::authorisation::Authorisation;

/// An authorisation is for the patient who stands at the counter now.
const AUTHORISED_MS: i64 = 5 * MINUTE;

/// What the patient shows, or what reading their credential gave.
pub enum Shown {
    PickupToken(Box<str>),
    Authorisation(Box<str>),
}

/// A prescription that may be claimed for the patient whose credential was read.
#[derive(Serialize, ToSchema)]
pub struct Authorised {
    pub prescription_id: PrescriptionId,
    pub hi_rxno: String,
    pub hospital_id: InstitutionId,
    pub issued_at: Moment,
    pub valid_until: Moment,
    /// Good for one claim by this pharmacy, until `authorised_until`.
    pub authorisation: String,
    pub authorised_until: Moment,
}

impl Gate {
    /// The open prescriptions of the patient whose credential was read, each with its authorisation.
    ///
    /// The reader is the pharmacy's own device and its word is taken; a credential that proves itself needs the insurance core.
    /// Refused: `TooManyAttempts`, so that nobody walks through other people's numbers.
    pub async fn authorise(
        &self,
        pharmacy: InstitutionId,
        patient: &IdNumber,
    ) -> Result<Vec<Authorised>, Refusal> {
        if self.attempts.is_over_for_counter(pharmacy) {
            return Err(Reason::TooManyAttempts.into());
        }
        let (person, now) = (patient.newcomer(&self.keys).identity_hash, self.now());
        let knowledge = self.store.knowledge();
        let shop = knowledge.registry.institution(pharmacy).ok_or(Reason::Forbidden)?;
        let area = shop.pooling_area.clone();
        let open = self.store.read(move |engine| engine.open_of(&area, &person, now)).await;
        let authorised_until = now.plus(AUTHORISED_MS);
        let authorised =
            |(prescription, claims): (std::sync::Arc<domain::prescription::Prescription>, i32)| {
                let id = prescription.id;
                let authorisation = Authorisation {
                    pharmacy: pharmacy.raw(),
                    prescription: id.raw(),
                    claims,
                    expires: authorised_until,
                };
                Authorised {
                    prescription_id: id,
                    hi_rxno: prescription.hi_rxno(),
                    hospital_id: prescription.institution_id,
                    issued_at: prescription.facts.issued_at,
                    valid_until: prescription.facts.valid_until,
                    authorisation: self.keys.authorisation(&authorisation),
                    authorised_until,
                }
            };
        Ok(open.map_err(unreadable)?.into_iter().map(authorised).collect())
    }

    /// Takes a prescription. Refused: `PickupTokenInvalid` for what this gateway did not make, made for another pharmacy, or
    /// whose time is over.
    pub async fn claim(
        &self,
        pharmacy_id: InstitutionId,
        call: Call,
        shown: Shown,
        proxy: Option<IdNumber>,
    ) -> Result<Box<str>, Refusal> {
        let (prescription_id, proof) = match shown {
            Shown::PickupToken(token) => {
                let (id, rotation) = self.read_pickup(&token)?;
                (id, Proof::PickupToken { rotation })
            }
            Shown::Authorisation(text) => self.read_authorisation(pharmacy_id, &text)?,
        };
        let proxy = proxy.map(|number| number.pseudonym(&self.keys));
        let verb = Claim { pharmacy_id, prescription_id, proof, proxy };
        self.commit(call, Verb::Claim(verb)).await
    }

    fn read_authorisation(
        &self,
        pharmacy: InstitutionId,
        text: &str,
    ) -> Result<(PrescriptionId, Proof), Refusal> {
        let read = self.keys.read_authorisation(text);
        // Whether its time is over is judged with the claim: a repeated call hears its stored answer first.
        let read = read.filter(|one| one.pharmacy == pharmacy.raw());
        let Authorisation { prescription, claims, expires, .. } =
            read.ok_or(Reason::PickupTokenInvalid)?;
        Ok((PrescriptionId::new(prescription), Proof::Authorisation { claims, expires }))
    }
}
