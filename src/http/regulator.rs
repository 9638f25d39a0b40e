//! The doors of a regulator: search, one prescription's timeline, the event feed, the proof that nothing was altered.
//!
//! Everything here is pseudonymous: ids and codes, never an identity (AUD-09).

use std::collections::BTreeMap;

use actix_web::web::{Data, Json, Path, Query};
use chrono::NaiveDate;
use domain::institution::InstitutionId;
use domain::lifecycle::State;
use domain::moment::{DAY, Moment};
use domain::prescription::PrescriptionId;
use domain::refusal::{Fault, Reason, Refusal};
use domain::verb::{HoldKeeper, StateReply};
use serde::Deserialize;
use store::{ChainReport, EventView, PrescriptionView, SearchFilter, Totals};

use super::caller::Regulator;
use super::form::HoldForm;
use super::page::{Page, PageQuery, found};
use super::post::Post;
use super::problem::{Problem, ProblemBody};
use super::{Replied, reply};
use crate::flow::{Gate, unreadable};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SearchQuery {
    hospital: Option<InstitutionId>,
    pharmacy: Option<InstitutionId>,
    state: Option<State>,
    /// First and last day of acceptance, Beijing time.
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
    cursor: Option<PrescriptionId>,
    limit: Option<i64>,
}

/// Prescriptions of the whole area, newest first.
#[utoipa::path(get, path = "/v1/regulator/prescriptions", tag = "regulator", security(("token" = [])),
    params(("hospital" = Option<String>, Query), ("pharmacy" = Option<String>, Query), ("state" = Option<State>, Query),
        ("from" = Option<String>, Query, format = Date), ("to" = Option<String>, Query, format = Date),
        ("cursor" = Option<String>, Query), ("limit" = Option<i64>, Query)),
    responses((status = 200, body = Page<PrescriptionView>), (status = 400, body = ProblemBody)))]
pub async fn search(
    gate: Data<Gate>,
    _: Regulator,
    query: Query<SearchQuery>,
) -> Result<Json<Page<PrescriptionView>>, Problem> {
    let SearchQuery { hospital, pharmacy, state, from, to, cursor, limit } = query.into_inner();
    let (page, now) = (PageQuery::new(limit)?, gate.now());
    let filter = SearchFilter {
        hospital,
        pharmacy,
        state,
        from: from.map(Moment::start_of),
        before: to.map(|day| Moment::start_of(day).plus(DAY)),
    };
    let found = gate
        .store
        .read(move |engine| engine.search(&filter, cursor, page.fetch(), now))
        .await
        .map_err(unreadable)?;
    Ok(Json(page.of(found, |view| view.prescription_id.to_string())))
}

/// Everything that happened to one prescription, in its own order.
#[utoipa::path(get, path = "/v1/regulator/prescriptions/{id}/timeline", tag = "regulator", security(("token" = [])),
    params(("id" = String, Path)), responses((status = 200, body = Vec<EventView>), (status = 404, body = ProblemBody)))]
pub async fn timeline(
    gate: Data<Gate>,
    _: Regulator,
    id: Path<PrescriptionId>,
) -> Result<Json<Vec<EventView>>, Problem> {
    let id = id.into_inner();
    let events = gate.store.read(move |engine| engine.timeline(id)).await;
    found(events.map(|events| Some(events).filter(|all| !all.is_empty()))).map(Json)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventsQuery {
    /// `lane:seq` pairs joined by commas, as `next` gives them.
    cursor: Option<String>,
    limit: Option<i64>,
}

/// The feed of all events, lane by lane; nothing is ever passed over. `next` is always there: an empty page means that
/// nothing new has happened yet.
#[utoipa::path(get, path = "/v1/regulator/events", tag = "regulator", security(("token" = [])),
    params(("cursor" = Option<String>, Query), ("limit" = Option<i64>, Query)),
    responses((status = 200, body = Page<EventView>), (status = 400, body = ProblemBody)))]
pub async fn events(
    gate: Data<Gate>,
    _: Regulator,
    query: Query<EventsQuery>,
) -> Result<Json<Page<EventView>>, Problem> {
    let EventsQuery { cursor, limit } = query.into_inner();
    let page = PageQuery::new(limit)?;
    let mut after = read_cursor(cursor.as_deref().unwrap_or_default())?;
    let from = after.clone();
    let found = gate.store.read(move |engine| engine.events_after(&from, page.fetch())).await;
    let mut page = page.of(found.map_err(unreadable)?, |_| String::new());
    for event in &page.items {
        after.insert(event.lane, event.seq);
    }
    page.next = Some(write_cursor(&after));
    Ok(Json(page))
}

fn read_cursor(text: &str) -> Result<BTreeMap<i32, i64>, Problem> {
    let pair = |part: &str| {
        let (lane, seq) = part.split_once(':')?;
        Some((lane.parse().ok()?, seq.parse().ok()?))
    };
    let parts = text.split(',').filter(|part| !part.is_empty());
    let cursor: Option<BTreeMap<i32, i64>> = parts.map(pair).collect();
    cursor.ok_or_else(|| {
        let fault = Fault::new(
            "cursor",
            "游标无效，请使用上一页的 next。",
            "Not a cursor; use `next` of a page.",
        );
        Refusal::with_faults(Reason::Malformed, vec![fault]).into()
    })
}

fn write_cursor(after: &BTreeMap<i32, i64>) -> String {
    let parts: Vec<String> = after.iter().map(|(lane, seq)| format!("{lane}:{seq}")).collect();
    parts.join(",")
}

/// Recomputes the whole chain of events and names the first bad one.
#[utoipa::path(get, path = "/v1/regulator/audit", tag = "regulator", security(("token" = [])),
    responses((status = 200, body = ChainReport)))]
pub async fn audit(gate: Data<Gate>, _: Regulator) -> Result<Json<ChainReport>, Problem> {
    Ok(Json(gate.verify_chain().await?))
}

/// Prescriptions by state, and the ledger by account: its sum is zero.
#[utoipa::path(get, path = "/v1/regulator/totals", tag = "regulator", security(("token" = [])),
    responses((status = 200, body = Totals)))]
pub async fn totals(gate: Data<Gate>, _: Regulator) -> Result<Json<Totals>, Problem> {
    let now = gate.now();
    let totals = gate.store.read(move |engine| engine.totals(now)).await.map_err(unreadable)?;
    Ok(Json(totals))
}

/// The regulator decides what a rule about a sanction holds.
#[utoipa::path(post, path = "/v1/regulator/prescriptions/{id}/hold-decision", tag = "regulator", security(("token" = [])),
    params(("id" = String, Path), ("Idempotency-Key" = String, Header)), request_body = HoldForm,
    responses((status = 200, body = StateReply), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody)))]
pub async fn decide_hold(
    gate: Data<Gate>,
    _: Regulator,
    id: Path<PrescriptionId>,
    post: Post<HoldForm>,
) -> Replied {
    // Regulators share one scope: a key is theirs together.
    let call = post.call(REGULATORS);
    reply(gate.commit(call, post.content.by(HoldKeeper::Regulator, *id)).await)
}

/// Scope of the calls of regulators.
const REGULATORS: i64 = 0;
