//! The doors to what a partner was not told: its own dead letters, and sending one again.
//!
//! A partner that was away for half a day finds here what it missed; until a dead letter is sent again, what follows for the same
//! prescription waits behind it.

use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path};
use domain::id::Id;
use domain::refusal::Reason;
use domain::world::Notice;
use store::NoticeView;

use super::caller::{Hospital, Member, Pharmacy};
use super::problem::{Problem, ProblemBody};
use crate::flow::{Gate, unreadable};

/// Letters shown at once; the oldest first.
const MOST: i64 = 200;

/// What could not be delivered to this hospital, oldest first.
#[utoipa::path(get, path = "/v1/hospital/dead-letters", tag = "hospital", security(("token" = [])),
    responses((status = 200, body = Vec<NoticeView>)))]
pub async fn of_hospital(
    gate: Data<Gate>,
    caller: Hospital,
) -> Result<Json<Vec<NoticeView>>, Problem> {
    dead(&gate, &caller).await
}

/// What could not be delivered to this pharmacy, oldest first.
#[utoipa::path(get, path = "/v1/pharmacy/dead-letters", tag = "pharmacy", security(("token" = [])),
    responses((status = 200, body = Vec<NoticeView>)))]
pub async fn of_pharmacy(
    gate: Data<Gate>,
    caller: Pharmacy,
) -> Result<Json<Vec<NoticeView>>, Problem> {
    dead(&gate, &caller).await
}

/// Sends one of the hospital's dead letters again, at once.
#[utoipa::path(post, path = "/v1/hospital/dead-letters/{id}/resend", tag = "hospital", security(("token" = [])),
    params(("id" = String, Path)), responses((status = 204), (status = 404, body = ProblemBody)))]
pub async fn resend_to_hospital(
    gate: Data<Gate>,
    caller: Hospital,
    id: Path<Id<Notice>>,
) -> Result<HttpResponse, Problem> {
    resend(&gate, &caller, *id).await
}

/// Sends one of the pharmacy's dead letters again, at once.
#[utoipa::path(post, path = "/v1/pharmacy/dead-letters/{id}/resend", tag = "pharmacy", security(("token" = [])),
    params(("id" = String, Path)), responses((status = 204), (status = 404, body = ProblemBody)))]
pub async fn resend_to_pharmacy(
    gate: Data<Gate>,
    caller: Pharmacy,
    id: Path<Id<Notice>>,
) -> Result<HttpResponse, Problem> {
    resend(&gate, &caller, *id).await
}

async fn dead(gate: &Gate, caller: &impl Member) -> Result<Json<Vec<NoticeView>>, Problem> {
    let partner = caller.id();
    let found = gate.store.read(move |engine| engine.dead_letters(partner, MOST)).await;
    Ok(Json(found.map_err(unreadable)?))
}

/// Doing it twice is as good as once: no key is needed.
async fn resend(
    gate: &Gate,
    caller: &impl Member,
    id: Id<Notice>,
) -> Result<HttpResponse, Problem> {
    let (partner, now) = (caller.id(), gate.now());
    let sent = gate.store.write(move |engine| engine.resend(partner, id.raw(), now)).await;
    if sent.map_err(unreadable)? {
        return Ok(HttpResponse::NoContent().finish());
    }
    Err(Reason::NotFound.into())
}
