//! The doors of a patient: a token against pick-up token and second factor, then one prescription and its pharmacies.

use actix_web::web::{Data, Json, Path, Query};
use domain::finding::Finding;
use domain::institution::{InstitutionId, Place};
use domain::lifecycle::State;
use domain::moment::Moment;
use domain::prescription::{Line, PrescriptionId};
use domain::register::{Content, EntryId};
use domain::route::{Candidate, SortKey};
use domain::verb::{ChangePharmacy, Choose, ChooseReply, EntryReply, Verb};
use serde::{Deserialize, Serialize};
use store::EntryView;
use utoipa::ToSchema;

use super::caller::Patient;
use super::field::{Faults, Field, Text, Unknown};
use super::form::Form;
use super::open::TokenReply;
use super::page::found;
use super::post::{Body, Post};
use super::problem::{Problem, ProblemBody};
use super::{Replied, reply};
use crate::flow::{Gate, unreadable};

#[derive(Debug, Deserialize, ToSchema)]
pub struct AdmitForm {
    /// What the pick-up QR carries.
    #[serde(default)]
    #[schema(value_type = String)]
    pickup_token: Field<Text<1, 64>>,
    /// The last four characters of the certificate number.
    #[serde(default)]
    #[schema(value_type = String, example = "001X")]
    id_last_four: Field<Text<4, 4>>,
    #[serde(flatten)]
    #[schema(ignore)]
    unknown: Unknown,
}

#[derive(Debug, Deserialize, ToSchema)]
pub struct ChoiceForm {
    #[serde(default)]
    #[schema(value_type = String)]
    pharmacy_id: Field<InstitutionId>,
    #[serde(flatten)]
    #[schema(ignore)]
    unknown: Unknown,
}

impl Form for AdmitForm {
    /// Pick-up token and last four characters.
    type Content = (Box<str>, Box<str>);
    fn take(self, faults: &mut Faults) -> Option<(Box<str>, Box<str>)> {
        faults.unknown(&self.unknown);
        let pickup_token = faults.required("pickup_token", self.pickup_token);
        let last_four = faults.required("id_last_four", self.id_last_four);
        pickup_token.map(Text::into_inner).zip(last_four.map(Text::into_inner))
    }
}

impl Form for ChoiceForm {
    type Content = InstitutionId;
    fn take(self, faults: &mut Faults) -> Option<InstitutionId> {
        faults.unknown(&self.unknown);
        faults.required("pharmacy_id", self.pharmacy_id)
    }
}

/// The patient's own prescription.
#[derive(Serialize, ToSchema)]
pub struct OwnPrescription {
    prescription_id: PrescriptionId,
    state: State,
    issued_at: Moment,
    valid_until: Moment,
    chosen_pharmacy: Option<InstitutionId>,
    lines: Vec<Line>,
    /// What the checks found on the day of issue, such as a line that the fund does not pay.
    findings: Vec<Finding>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CandidatesQuery {
    sort: SortKey,
    /// Micro-degrees east and north; without them nothing is sorted by distance.
    lon_udeg: Option<i64>,
    lat_udeg: Option<i64>,
}

/// Pharmacies that may dispense, none preselected.
#[derive(Serialize, ToSchema)]
pub struct CandidatesReply {
    sorted_by: SortKey,
    pharmacies: Vec<Candidate>,
}

/// A patient's token for one prescription.
#[utoipa::path(post, path = "/v1/patient/token", tag = "patient", request_body = AdmitForm,
    responses((status = 200, body = TokenReply), (status = 403, body = ProblemBody), (status = 429, body = ProblemBody)))]
pub async fn admit(
    gate: Data<Gate>,
    Body((pickup_token, last_four)): Body<AdmitForm>,
) -> Result<Json<TokenReply>, Problem> {
    let token = gate.admit(&pickup_token, &last_four).await?;
    Ok(Json(TokenReply::new(token, &gate)))
}

/// The prescription that the token is for.
#[utoipa::path(get, path = "/v1/patient/prescription", tag = "patient", security(("token" = [])),
    responses((status = 200, body = OwnPrescription), (status = 404, body = ProblemBody)))]
pub async fn show(
    gate: Data<Gate>,
    Patient(id): Patient,
) -> Result<Json<OwnPrescription>, Problem> {
    let prescription = gate.prescription(id).await?;
    let circulation = found(gate.store.read(move |engine| engine.circulation(id)).await)?;
    Ok(Json(OwnPrescription {
        prescription_id: id,
        state: circulation.state_at(gate.now()),
        issued_at: prescription.facts.issued_at,
        valid_until: circulation.valid_until,
        chosen_pharmacy: circulation.chosen_pharmacy,
        lines: prescription.facts.lines.clone(),
        findings: prescription.verdict.findings.clone(),
    }))
}

/// Who may dispense it, in the order the patient asks for.
#[utoipa::path(get, path = "/v1/patient/candidates", tag = "patient", security(("token" = [])),
    params(("sort" = SortKey, Query), ("lon_udeg" = Option<i64>, Query), ("lat_udeg" = Option<i64>, Query)),
    responses((status = 200, body = CandidatesReply), (status = 404, body = ProblemBody)))]
pub async fn candidates(
    gate: Data<Gate>,
    Patient(id): Patient,
    query: Query<CandidatesQuery>,
) -> Result<Json<CandidatesReply>, Problem> {
    let CandidatesQuery { sort, lon_udeg, lat_udeg } = query.into_inner();
    let from = lon_udeg.zip(lat_udeg).map(|(lon_udeg, lat_udeg)| Place { lon_udeg, lat_udeg });
    let routed = gate.candidates(id, from, sort).await?;
    Ok(Json(CandidatesReply { sorted_by: sort, pharmacies: routed.shown }))
}

/// Chooses a pharmacy; it then sees the prescription in its work list.
#[utoipa::path(post, path = "/v1/patient/choice", tag = "patient", security(("token" = [])),
    params(("Idempotency-Key" = String, Header)), request_body = ChoiceForm,
    responses((status = 200, body = ChooseReply), (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn choose(gate: Data<Gate>, Patient(id): Patient, post: Post<ChoiceForm>) -> Replied {
    let call = post.call(id.raw());
    let verb = Choose { prescription_id: id, pharmacy_id: post.content };
    reply(gate.commit(call, Verb::Choose(verb)).await)
}

/// The patient's entitlements, each with the pharmacy that it is fixed to.
#[utoipa::path(get, path = "/v1/patient/entitlements", tag = "patient", security(("token" = [])),
    responses((status = 200, body = Vec<EntryView>), (status = 404, body = ProblemBody)))]
pub async fn entitlements(
    gate: Data<Gate>,
    Patient(id): Patient,
) -> Result<Json<Vec<EntryView>>, Problem> {
    let all = gate.store.read(move |engine| engine.entries_for(id)).await.map_err(unreadable)?;
    let mine = all.into_iter().filter(|one| matches!(one.content, Content::Entitlement(_)));
    Ok(Json(mine.collect()))
}

/// Picks another pharmacy for an entitlement: the patient's right.
#[utoipa::path(post, path = "/v1/patient/entitlements/{id}/pharmacy", tag = "patient", security(("token" = [])),
    params(("id" = String, Path), ("Idempotency-Key" = String, Header)), request_body = ChoiceForm,
    responses((status = 200, body = EntryReply), (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn change_pharmacy(
    gate: Data<Gate>,
    Patient(prescription_id): Patient,
    entry: Path<EntryId>,
    post: Post<ChoiceForm>,
) -> Replied {
    let call = post.call(prescription_id.raw());
    let verb = ChangePharmacy { prescription_id, entry_id: *entry, pharmacy_id: post.content };
    reply(gate.commit(call, Verb::ChangePharmacy(verb)).await)
}
