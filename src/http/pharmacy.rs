//! The doors of a pharmacy: work list, claim, review, prepare, settle, hand over, release.

use actix_web::web::{Data, Json, Path, Query};
use domain::money::Yuan;
use domain::prescription::{PackedLine, PrescriptionId};
use domain::verb::{
    ClaimReply, ConfirmNothingLeft, Decide, HandOver, HandOverReply, Prepare, PrepareReply,
    Release, Review, ReviewReply, Settle, SettleReply, StateReply, Verb,
};
use serde::Deserialize;
use store::{HeldView, PrescriptionView};
use utoipa::ToSchema;

use super::caller::Pharmacy;
use super::field::{Faults, Field, Text, Unknown};
use super::form::{EmptyForm, Form, NoteForm};
use super::page::{Page, PageQuery, found};
use super::post::{On, Post};
use super::problem::{Problem, ProblemBody};
use super::{Replied, reply};
use crate::flow::{Gate, unreadable};

/// Packed lines at most, as a prescription's.
const MOST_LINES: usize = 60;

#[derive(Debug, Deserialize, ToSchema)]
pub struct ClaimForm {
    /// What the patient's pick-up QR carries.
    #[serde(default)]
    #[schema(value_type = String)]
    pickup_token: Field<Text<1, 64>>,
    #[serde(flatten)]
    #[schema(ignore)]
    unknown: Unknown,
}

#[derive(Debug, Deserialize, ToSchema)]
pub struct ReviewForm {
    /// National code of the pharmacist, registered here.
    #[serde(default)]
    #[schema(value_type = String)]
    reviewer: Field<Text<1, 30>>,
    #[serde(default)]
    #[schema(value_type = Decide)]
    decision: Field<Decide>,
    /// What is wrong; required for a query or a refusal.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    note: Field<Text<1, 200>>,
    #[serde(flatten)]
    #[schema(ignore)]
    unknown: Unknown,
}

#[derive(Debug, Deserialize, ToSchema)]
pub struct PreparationForm {
    #[serde(default)]
    #[schema(value_type = Vec<PackedLine>)]
    lines: Field<Vec<Field<PackedLine>>>,
    #[serde(flatten)]
    #[schema(ignore)]
    unknown: Unknown,
}

#[derive(Debug, Deserialize, ToSchema)]
pub struct SettlementForm {
    /// The personal share that the patient was shown and agreed to, in yuan.
    #[serde(default)]
    #[schema(value_type = String, example = "13.02")]
    agreed_personal: Field<Yuan>,
    #[serde(flatten)]
    #[schema(ignore)]
    unknown: Unknown,
}

impl Form for ClaimForm {
    type Content = Box<str>;
    fn take(self, faults: &mut Faults) -> Option<Box<str>> {
        faults.unknown(&self.unknown);
        faults.required("pickup_token", self.pickup_token).map(Text::into_inner)
    }
}

impl Form for ReviewForm {
    type Content = Reviewed;
    fn take(self, faults: &mut Faults) -> Option<Reviewed> {
        faults.unknown(&self.unknown);
        let reviewer = faults.required("reviewer", self.reviewer);
        let decision = faults.required("decision", self.decision);
        let note = faults.optional("note", self.note);
        if note.is_none() && decision.is_some_and(|decision| decision != Decide::Approve) {
            faults.note("note", "疑问或拒绝须写明原因。", "A query or a refusal needs its reason.");
        }
        let (reviewer, decision) = reviewer.zip(decision)?;
        let note = note.map(Text::into_inner).unwrap_or_default();
        Some(Reviewed { reviewer: reviewer.into_inner(), decision, note })
    }
}

impl Form for PreparationForm {
    type Content = Vec<PackedLine>;
    fn take(self, faults: &mut Faults) -> Option<Vec<PackedLine>> {
        faults.unknown(&self.unknown);
        let lines = faults.required("lines", self.lines)?;
        if lines.len() > MOST_LINES {
            faults.note("lines", "明细不得超过 60 行。", "At most 60 lines.");
            return None;
        }
        let lines = lines.into_iter().enumerate();
        // Every line is read, also after a bad one: all faults at once.
        let read: Vec<Option<PackedLine>> =
            lines.map(|(at, line)| faults.required(&format!("lines[{at}]"), line)).collect();
        read.into_iter().collect()
    }
}

impl Form for SettlementForm {
    type Content = Yuan;
    fn take(self, faults: &mut Faults) -> Option<Yuan> {
        faults.unknown(&self.unknown);
        faults.required("agreed_personal", self.agreed_personal)
    }
}

/// What the pharmacist concluded.
pub struct Reviewed {
    reviewer: Box<str>,
    decision: Decide,
    note: Box<str>,
}

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

/// Takes a prescription, with the patient's pick-up token.
#[utoipa::path(post, path = "/v1/pharmacy/claims", tag = "pharmacy", security(("token" = [])),
    params(("Idempotency-Key" = String, Header)), request_body = ClaimForm,
    responses((status = 200, body = ClaimReply), (status = 403, body = ProblemBody), (status = 409, body = ProblemBody)))]
pub async fn claim(
    gate: Data<Gate>,
    Pharmacy(pharmacy): Pharmacy,
    post: Post<ClaimForm>,
) -> Replied {
    reply(gate.claim(pharmacy, post.call(pharmacy.raw()), &post.content).await)
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
    params(("id" = String, Path), ("Idempotency-Key" = String, Header)), request_body = EmptyForm,
    responses((status = 200, body = HandOverReply), (status = 409, body = ProblemBody)))]
pub async fn hand_over(gate: Data<Gate>, on: On<Pharmacy, EmptyForm>) -> Replied {
    let On { by: pharmacy_id, id: prescription_id, call, .. } = on;
    let verb = HandOver { pharmacy_id, prescription_id };
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
