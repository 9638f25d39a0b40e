//! The doors of a pharmacy: work list, claim, review, prepare, settle, hand over, release.

use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path, Query};
use domain::money::Yuan;
use domain::prescription::{PackedLine, PrescriptionId};
use domain::verb::{
    ClaimReply, Decide, HandOverReply, PrepareReply, ReviewReply, SettleReply, StateReply,
};
use serde::Deserialize;
use store::{HeldView, PrescriptionView};
use utoipa::ToSchema;

use super::caller::Pharmacy;
use super::field::{Faults, Field, Text, Unknown};
use super::hospital::NoteForm;
use super::page::{Page, PageQuery, found};
use super::post::Post;
use super::problem::{Problem, ProblemBody};
use super::reply;
use crate::flow::pharmacy::{At, Reviewed};
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

/// A command without content.
#[derive(Debug, Deserialize, ToSchema)]
pub struct EmptyForm {
    #[serde(flatten)]
    #[schema(ignore)]
    unknown: Unknown,
}

impl EmptyForm {
    fn read(&self) -> Result<(), Problem> {
        let mut faults = Faults::default();
        faults.unknown(&self.unknown);
        Ok(faults.finish(Some(()))?)
    }
}

impl<T> Post<T> {
    fn at(&self, pharmacy: &Pharmacy, id: PrescriptionId) -> At {
        let call = self.call(pharmacy.0.raw());
        At { pharmacy_id: pharmacy.0, prescription_id: id, call }
    }
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
    pharmacy: Pharmacy,
    post: Post<ClaimForm>,
) -> Result<HttpResponse, Problem> {
    let call = post.call(pharmacy.0.raw());
    let mut faults = Faults::default();
    faults.unknown(&post.body.unknown);
    let token = faults.required("pickup_token", post.body.pickup_token);
    let token = faults.finish(token)?.into_inner();
    Ok(reply(gate.claim(pharmacy.0, call, &token).await?))
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
pub async fn release(
    gate: Data<Gate>,
    pharmacy: Pharmacy,
    id: Path<PrescriptionId>,
    post: Post<NoteForm>,
) -> Result<HttpResponse, Problem> {
    let at = post.at(&pharmacy, *id);
    Ok(reply(gate.release(at, post.body.read()?).await?))
}

/// The pharmacist approves, asks the doctor, or refuses for good.
#[utoipa::path(post, path = "/v1/pharmacy/prescriptions/{id}/review", tag = "pharmacy", security(("token" = [])),
    params(("id" = String, Path), ("Idempotency-Key" = String, Header)), request_body = ReviewForm,
    responses((status = 200, body = ReviewReply), (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn review(
    gate: Data<Gate>,
    pharmacy: Pharmacy,
    id: Path<PrescriptionId>,
    post: Post<ReviewForm>,
) -> Result<HttpResponse, Problem> {
    let at = post.at(&pharmacy, *id);
    Ok(reply(gate.review(at, post.body.read()?).await?))
}

impl ReviewForm {
    fn read(self) -> Result<Reviewed, Problem> {
        let mut faults = Faults::default();
        faults.unknown(&self.unknown);
        let reviewer = faults.required("reviewer", self.reviewer);
        let decision = faults.required("decision", self.decision);
        let note = faults.optional("note", self.note);
        if note.is_none() && decision.is_some_and(|decision| decision != Decide::Approve) {
            faults.note("note", "疑问或拒绝须写明原因。", "A query or a refusal needs its reason.");
        }
        let reviewed = reviewer.zip(decision).map(|(reviewer, decision)| Reviewed {
            reviewer: reviewer.into_inner(),
            decision,
            note: note.map(Text::into_inner).unwrap_or_default(),
        });
        Ok(faults.finish(reviewed)?)
    }
}

/// Packs: boxes scanned and reserved, and what would be paid now.
#[utoipa::path(post, path = "/v1/pharmacy/prescriptions/{id}/preparation", tag = "pharmacy", security(("token" = [])),
    params(("id" = String, Path), ("Idempotency-Key" = String, Header)), request_body = PreparationForm,
    responses((status = 200, body = PrepareReply), (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn prepare(
    gate: Data<Gate>,
    pharmacy: Pharmacy,
    id: Path<PrescriptionId>,
    post: Post<PreparationForm>,
) -> Result<HttpResponse, Problem> {
    let at = post.at(&pharmacy, *id);
    Ok(reply(gate.prepare(at, post.body.read()?).await?))
}

impl PreparationForm {
    fn read(self) -> Result<Vec<PackedLine>, Problem> {
        let mut faults = Faults::default();
        faults.unknown(&self.unknown);
        let lines = faults.required("lines", self.lines).unwrap_or_default();
        if lines.len() > MOST_LINES {
            faults.note("lines", "明细不得超过 60 行。", "At most 60 lines.");
            return Ok(faults.finish(None)?);
        }
        let read: Vec<Option<PackedLine>> = lines
            .into_iter()
            .enumerate()
            .map(|(at, line)| faults.required(&format!("lines[{at}]"), line))
            .collect();
        Ok(faults.finish(read.into_iter().collect())?)
    }
}

/// Settles what is prepared, at the personal share that the patient agreed to.
#[utoipa::path(post, path = "/v1/pharmacy/prescriptions/{id}/settlement", tag = "pharmacy", security(("token" = [])),
    params(("id" = String, Path), ("Idempotency-Key" = String, Header)), request_body = SettlementForm,
    responses((status = 200, body = SettleReply), (status = 409, body = ProblemBody)))]
pub async fn settle(
    gate: Data<Gate>,
    pharmacy: Pharmacy,
    id: Path<PrescriptionId>,
    post: Post<SettlementForm>,
) -> Result<HttpResponse, Problem> {
    let at = post.at(&pharmacy, *id);
    let mut faults = Faults::default();
    faults.unknown(&post.body.unknown);
    let agreed = faults.required("agreed_personal", post.body.agreed_personal);
    let agreed = faults.finish(agreed)?;
    Ok(reply(gate.settle(at, agreed).await?))
}

/// The drugs reach the patient.
#[utoipa::path(post, path = "/v1/pharmacy/prescriptions/{id}/hand-over", tag = "pharmacy", security(("token" = [])),
    params(("id" = String, Path), ("Idempotency-Key" = String, Header)), request_body = EmptyForm,
    responses((status = 200, body = HandOverReply), (status = 409, body = ProblemBody)))]
pub async fn hand_over(
    gate: Data<Gate>,
    pharmacy: Pharmacy,
    id: Path<PrescriptionId>,
    post: Post<EmptyForm>,
) -> Result<HttpResponse, Problem> {
    post.body.read()?;
    Ok(reply(gate.hand_over(post.at(&pharmacy, *id)).await?))
}

/// Nothing of a frozen prescription was handed over.
#[utoipa::path(post, path = "/v1/pharmacy/prescriptions/{id}/nothing-left", tag = "pharmacy", security(("token" = [])),
    params(("id" = String, Path), ("Idempotency-Key" = String, Header)), request_body = EmptyForm,
    responses((status = 200, body = StateReply), (status = 409, body = ProblemBody)))]
pub async fn nothing_left(
    gate: Data<Gate>,
    pharmacy: Pharmacy,
    id: Path<PrescriptionId>,
    post: Post<EmptyForm>,
) -> Result<HttpResponse, Problem> {
    post.body.read()?;
    Ok(reply(gate.confirm_nothing_left(post.at(&pharmacy, *id)).await?))
}
