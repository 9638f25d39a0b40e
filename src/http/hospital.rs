//! The doors of a hospital: check, send, read, revoke, answer.

use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path, Query};
use domain::finding::Finding;
use domain::lifecycle::State;
use domain::prescription::PrescriptionId;
use domain::verb::{AnswerQuery, HoldKeeper, LineReply, ReviewReply, Revoke, StateReply, Verb};
use serde::{Deserialize, Serialize};
use store::{HospitalFilter, PrescriptionView};
use utoipa::ToSchema;

use super::caller::Hospital;
use super::field::{Faults, Field, Text, Unknown};
use super::form::{EmptyForm, Form, HoldForm, NoteForm};
use super::page::{Page, PageQuery};
use super::post::{Body, On, Post};
use super::prescription_form::PrescriptionForm;
use super::problem::{Problem, ProblemBody};
use super::{Replied, reply, text};
use crate::flow::hospital::{Accepted, Reissued};
use crate::flow::{Gate, unreadable};

/// What the doctor says to a pharmacist's query.
#[derive(Debug, Deserialize, ToSchema)]
pub struct AnswerForm {
    #[serde(default)]
    #[schema(value_type = String)]
    note: Field<Text<1, 200>>,
    /// Lines that are taken back; to take all back, revoke.
    #[serde(default)]
    #[schema(value_type = Option<Vec<i32>>)]
    withdrawn: Field<Vec<i32>>,
    #[serde(flatten)]
    #[schema(ignore)]
    unknown: Unknown,
}

impl Form for AnswerForm {
    /// Note and lines.
    type Content = (Box<str>, Vec<i32>);
    fn take(self, faults: &mut Faults) -> Option<(Box<str>, Vec<i32>)> {
        faults.unknown(&self.unknown);
        let withdrawn = faults.optional("withdrawn", self.withdrawn).unwrap_or_default();
        let note = faults.required("note", self.note)?;
        Some((note.into_inner(), withdrawn))
    }
}

/// What the checks say; nothing was stored.
#[derive(Serialize, ToSchema)]
pub struct CheckReply {
    /// Would be accepted.
    accepted: bool,
    edition: Box<str>,
    lines: Vec<LineReply>,
    findings: Vec<Finding>,
}

/// Tries a prescription: all findings, nothing stored.
#[utoipa::path(post, path = "/v1/hospital/checks", tag = "hospital", security(("token" = [])),
    request_body = PrescriptionForm, responses((status = 200, body = CheckReply), (status = 400, body = ProblemBody)))]
pub async fn check(
    gate: Data<Gate>,
    Hospital(hospital): Hospital,
    Body(draft): Body<PrescriptionForm>,
) -> Result<Json<CheckReply>, Problem> {
    let verdict = gate.check(hospital, &draft)?;
    let line = |line_no| LineReply { line_no, self_pay: verdict.is_self_pay(line_no) };
    let lines = draft.facts.lines.iter().map(|one| line(one.line_no)).collect();
    let accepted = !verdict.is_rejected();
    Ok(Json(CheckReply { accepted, edition: verdict.edition, lines, findings: verdict.findings }))
}

/// Sends a prescription: accepted with its numbers, or refused with every reason.
#[utoipa::path(post, path = "/v1/hospital/prescriptions", tag = "hospital", security(("token" = [])),
    params(("Idempotency-Key" = String, Header, description = "8 to 64 characters, one per command")),
    request_body = PrescriptionForm,
    responses((status = 201, body = Accepted), (status = 400, body = ProblemBody), (status = 409, body = ProblemBody),
        (status = 422, body = ProblemBody)))]
pub async fn submit(
    gate: Data<Gate>,
    Hospital(hospital): Hospital,
    post: Post<PrescriptionForm>,
) -> Result<HttpResponse, Problem> {
    let call = post.call(hospital.raw());
    let accepted = gate.submit(hospital, call, post.content, &post.received).await?;
    Ok(text(HttpResponse::Created(), accepted))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListQuery {
    state: Option<State>,
    hosp_rxno: Option<Text<1, 40>>,
    cursor: Option<PrescriptionId>,
    limit: Option<i64>,
}

/// The hospital's own prescriptions, newest first.
#[utoipa::path(get, path = "/v1/hospital/prescriptions", tag = "hospital", security(("token" = [])),
    params(("state" = Option<State>, Query), ("hosp_rxno" = Option<String>, Query),
        ("cursor" = Option<String>, Query, description = "`next` of the page before"), ("limit" = Option<i64>, Query)),
    responses((status = 200, body = Page<PrescriptionView>), (status = 400, body = ProblemBody)))]
pub async fn list(
    gate: Data<Gate>,
    Hospital(hospital): Hospital,
    query: Query<ListQuery>,
) -> Result<Json<Page<PrescriptionView>>, Problem> {
    let ListQuery { state, hosp_rxno, cursor, limit } = query.into_inner();
    let page = PageQuery::new(limit)?;
    let filter = HospitalFilter { state, hosp_rxno: hosp_rxno.map(Text::into_inner) };
    let now = gate.now();
    let found = gate
        .store
        .read(move |engine| {
            engine.hospital_prescriptions(hospital, &filter, cursor, page.fetch(), now)
        })
        .await
        .map_err(unreadable)?;
    Ok(Json(page.of(found, |view| view.prescription_id.to_string())))
}

/// One of the hospital's own prescriptions.
#[utoipa::path(get, path = "/v1/hospital/prescriptions/{id}", tag = "hospital", security(("token" = [])),
    params(("id" = String, Path)), responses((status = 200, body = PrescriptionView), (status = 404, body = ProblemBody)))]
pub async fn show(
    gate: Data<Gate>,
    Hospital(hospital): Hospital,
    id: Path<PrescriptionId>,
) -> Result<Json<PrescriptionView>, Problem> {
    let (id, now) = (id.into_inner(), gate.now());
    let view = gate.store.read(move |engine| engine.hospital_prescription(hospital, id, now)).await;
    super::page::found(view).map(Json)
}

/// Takes a prescription back; while boxes are packed it is frozen first.
#[utoipa::path(post, path = "/v1/hospital/prescriptions/{id}/revocation", tag = "hospital", security(("token" = [])),
    params(("id" = String, Path), ("Idempotency-Key" = String, Header)), request_body = NoteForm,
    responses((status = 200, body = StateReply), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody)))]
pub async fn revoke(gate: Data<Gate>, on: On<Hospital, NoteForm>) -> Replied {
    let On { by: institution_id, id: prescription_id, content: reason, call, .. } = on;
    let verb = Revoke { institution_id, prescription_id, reason };
    reply(gate.commit(call, Verb::Revoke(verb)).await)
}

/// Answers the pharmacist's query: the doctor stands by the prescription, or takes lines back.
#[utoipa::path(post, path = "/v1/hospital/prescriptions/{id}/answer", tag = "hospital", security(("token" = [])),
    params(("id" = String, Path), ("Idempotency-Key" = String, Header)), request_body = AnswerForm,
    responses((status = 200, body = ReviewReply), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody)))]
pub async fn answer(gate: Data<Gate>, on: On<Hospital, AnswerForm>) -> Replied {
    let On { by: institution_id, id: prescription_id, content: (note, withdrawn), call, .. } = on;
    let verb = AnswerQuery { institution_id, prescription_id, note, withdrawn };
    reply(gate.commit(call, Verb::AnswerQuery(verb)).await)
}

/// Replaces a lost pick-up token: the one in the reply holds, all earlier ones are void.
#[utoipa::path(post, path = "/v1/hospital/prescriptions/{id}/pickup-token", tag = "hospital", security(("token" = [])),
    params(("id" = String, Path), ("Idempotency-Key" = String, Header)), request_body = EmptyForm,
    responses((status = 200, body = Reissued), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody)))]
pub async fn reissue(
    gate: Data<Gate>,
    on: On<Hospital, EmptyForm>,
) -> Result<Json<Reissued>, Problem> {
    Ok(Json(gate.reissue(on.by, on.call, on.id).await?))
}

/// The doctor decides what a clinical rule holds.
#[utoipa::path(post, path = "/v1/hospital/prescriptions/{id}/hold-decision", tag = "hospital", security(("token" = [])),
    params(("id" = String, Path), ("Idempotency-Key" = String, Header)), request_body = HoldForm,
    responses((status = 200, body = StateReply), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody)))]
pub async fn decide_hold(gate: Data<Gate>, on: On<Hospital, HoldForm>) -> Replied {
    let verb = on.content.by(HoldKeeper::Hospital(on.by), on.id);
    reply(gate.commit(on.call, verb).await)
}
