//! The doors of a pharmacy: work list, claim, review, prepare, settle, hand over, release.

use actix_web::web::{Data, Json, Path, Query};
use domain::prescription::PrescriptionId;
use domain::verb::{
    ClaimReply, ConfirmNothingLeft, HandOver, HandOverReply, Prepare, PrepareReply, Release,
    Review, ReviewReply, Settle, SettleReply, StateReply, Verb,
};
use serde::Deserialize;
use store::{HeldView, PrescriptionView};

use super::caller::Pharmacy;
use super::form::{CollectForm, EmptyForm, NoteForm};
use super::page::{Page, PageQuery, found};
use super::pharmacy_form::{
    ClaimForm, CredentialForm, PreparationForm, ReviewForm, Reviewed, SettlementForm,
};
use super::post::{Body, On, Post};
use super::problem::{Problem, ProblemBody};
use super::{Replied, reply};
use crate::flow::pharmacy::Authorised;
use crate::flow::{Gate, unreadable};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorklistQuery {
    cursor: Option<PrescriptionId>,
    limit: Option<i64>,
}

/// What patients chose this pharmacy for, and what it holds.
#[utoipa::path(get, path = "/v1/pharmacy/worklist", tag = "pharmacy", security(("token" = [])),
    params(("cursor" = Option<String>, Query), ("limit" = Option<i64>, Query)),
    responses((status = 200, body = Page<PrescriptionView>), (status = 400, body = ProblemBody)))]
pub async fn worklist(
    gate: Data<Gate>,
    Pharmacy(pharmacy): Pharmacy,
    query: Query<WorklistQuery>,
) -> Result<Json<Page<PrescriptionView>>, Problem> {
    let WorklistQuery { cursor, limit } = query.into_inner();
    let (page, now) = (PageQuery::new(limit)?, gate.now());
    let found = gate
        .store
        .read(move |engine| engine.worklist(pharmacy, cursor, page.fetch(), now))
        .await
        .map_err(unreadable)?;
    Ok(Json(page.of(found, |view| view.prescription_id.to_string())))
}

/// Reads a patient's credential: their open prescriptions, each with an authorisation for one claim.
#[utoipa::path(post, path = "/v1/pharmacy/authorisations", tag = "pharmacy", security(("token" = [])),
    request_body = CredentialForm, responses((status = 200, body = Vec<Authorised>), (status = 429, body = ProblemBody)))]
pub async fn authorise(
    gate: Data<Gate>,
    Pharmacy(pharmacy): Pharmacy,
    Body(patient): Body<CredentialForm>,
) -> Result<Json<Vec<Authorised>>, Problem> {
    Ok(Json(gate.authorise(pharmacy, &patient).await?))
}

/// Takes a prescription, with the patient's pick-up token or an authorisation.
#[utoipa::path(post, path = "/v1/pharmacy/claims", tag = "pharmacy", security(("token" = [])),
    params(("Idempotency-Key" = String, Header)), request_body = ClaimForm,
    responses((status = 200, body = ClaimReply), (status = 403, body = ProblemBody), (status = 409, body = ProblemBody)))]
pub async fn claim(
    gate: Data<Gate>,
    Pharmacy(pharmacy): Pharmacy,
    post: Post<ClaimForm>,
) -> Replied {
    let call = post.call(pharmacy.raw());
    let (shown, proxy) = post.content;
    reply(gate.claim(pharmacy, call, shown, proxy).await)
}

/// A prescription that this pharmacy holds or sold.
#[utoipa::path(get, path = "/v1/pharmacy/prescriptions/{id}", tag = "pharmacy", security(("token" = [])),
    params(("id" = String, Path)), responses((status = 200, body = HeldView), (status = 404, body = ProblemBody)))]
pub async fn show(
    gate: Data<Gate>,
    Pharmacy(pharmacy): Pharmacy,
    id: Path<PrescriptionId>,
) -> Result<Json<HeldView>, Problem> {
    let (id, now) = (id.into_inner(), gate.now());
    found(gate.store.read(move |engine| engine.held(pharmacy, id, now)).await).map(Json)
}

/// Gives a prescription back, such as for want of stock.
#[utoipa::path(post, path = "/v1/pharmacy/prescriptions/{id}/release", tag = "pharmacy", security(("token" = [])),
    params(("id" = String, Path), ("Idempotency-Key" = String, Header)), request_body = NoteForm,
    responses((status = 200, body = StateReply), (status = 409, body = ProblemBody)))]
pub async fn release(gate: Data<Gate>, on: On<Pharmacy, NoteForm>) -> Replied {
    let On { by: pharmacy_id, id: prescription_id, content: reason, call, .. } = on;
    let verb = Release { pharmacy_id, prescription_id, reason };
    reply(gate.commit(call, Verb::Release(verb)).await)
}

/// The pharmacist approves, asks the doctor, or refuses for good.
#[utoipa::path(post, path = "/v1/pharmacy/prescriptions/{id}/review", tag = "pharmacy", security(("token" = [])),
    params(("id" = String, Path), ("Idempotency-Key" = String, Header)), request_body = ReviewForm,
    responses((status = 200, body = ReviewReply), (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn review(gate: Data<Gate>, on: On<Pharmacy, ReviewForm>) -> Replied {
    let On { by: pharmacy_id, id: prescription_id, content, call, .. } = on;
    let Reviewed { reviewer, decision, note } = content;
    let verb = Review { pharmacy_id, prescription_id, reviewer, decision, note };
    reply(gate.commit(call, Verb::Review(verb)).await)
}

/// Packs: boxes scanned and reserved, and what would be paid now.
#[utoipa::path(post, path = "/v1/pharmacy/prescriptions/{id}/preparation", tag = "pharmacy", security(("token" = [])),
    params(("id" = String, Path), ("Idempotency-Key" = String, Header)), request_body = PreparationForm,
    responses((status = 200, body = PrepareReply), (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn prepare(gate: Data<Gate>, on: On<Pharmacy, PreparationForm>) -> Replied {
    let On { by: pharmacy_id, id: prescription_id, content: lines, call, .. } = on;
    let verb = Prepare { pharmacy_id, prescription_id, lines };
    reply(gate.commit(call, Verb::Prepare(verb)).await)
}

/// Settles what is prepared, at the personal share that the patient agreed to.
#[utoipa::path(post, path = "/v1/pharmacy/prescriptions/{id}/settlement", tag = "pharmacy", security(("token" = [])),
    params(("id" = String, Path), ("Idempotency-Key" = String, Header)), request_body = SettlementForm,
    responses((status = 200, body = SettleReply), (status = 409, body = ProblemBody)))]
pub async fn settle(gate: Data<Gate>, on: On<Pharmacy, SettlementForm>) -> Replied {
    let On { by: pharmacy_id, id: prescription_id, content: agreed_personal, call, .. } = on;
    let verb = Settle { pharmacy_id, prescription_id, agreed_personal };
    reply(gate.commit(call, Verb::Settle(verb)).await)
}

/// The drugs reach the patient.
#[utoipa::path(post, path = "/v1/pharmacy/prescriptions/{id}/hand-over", tag = "pharmacy", security(("token" = [])),
    params(("id" = String, Path), ("Idempotency-Key" = String, Header)), request_body = CollectForm,
    responses((status = 200, body = HandOverReply), (status = 409, body = ProblemBody)))]
pub async fn hand_over(gate: Data<Gate>, on: On<Pharmacy, CollectForm>) -> Replied {
    let On {
        by: pharmacy_id,
        id: prescription_id,
        dispensing: dispensing_id,
        content: proxy,
        call,
        ..
    } = on;
    let proxy = proxy.map(|number| number.pseudonym(&gate.keys));
    let verb = HandOver { pharmacy_id, prescription_id, dispensing_id, proxy };
    reply(gate.commit(call, Verb::HandOver(verb)).await)
}

/// Nothing of a frozen prescription was handed over.
#[utoipa::path(post, path = "/v1/pharmacy/prescriptions/{id}/nothing-left", tag = "pharmacy", security(("token" = [])),
    params(("id" = String, Path), ("Idempotency-Key" = String, Header)), request_body = EmptyForm,
    responses((status = 200, body = StateReply), (status = 409, body = ProblemBody)))]
pub async fn nothing_left(gate: Data<Gate>, on: On<Pharmacy, EmptyForm>) -> Replied {
    let On { by: pharmacy_id, id: prescription_id, call, .. } = on;
    let verb = ConfirmNothingLeft { pharmacy_id, prescription_id };
    reply(gate.commit(call, Verb::ConfirmNothingLeft(verb)).await)
}
