//! The doors of an insurance agency: the registers of persons of its area, and the holds that wait for its decision.
//!
//! An identity number comes in a body and becomes a keyed hash before anything is asked of the store.

use actix_web::web::{Data, Json, Path, Query};
use chrono::{Datelike, NaiveDate};
use domain::prescription::PrescriptionId;
use domain::register::{Content, EntryId, Proxy};
use domain::verb::{EndEntry, Enrol, EntryReply, HoldKeeper, StateReply, Verb};
use serde::Deserialize;
use store::{EntryView, PrescriptionView};
use utoipa::ToSchema;

use super::caller::Agency;
use super::field::{Faults, Field, Text, Unknown};
use super::form::{Form, HoldForm};
use super::page::{Page, PageQuery};
use super::post::{Body, Post};
use super::problem::{Problem, ProblemBody};
use super::{Replied, reply};
use crate::flow::person::IdNumber;
use crate::flow::{Gate, unreadable};

/// One fact about one person for one period.
#[derive(Debug, Deserialize, ToSchema)]
pub struct EntryForm {
    /// Identity card of the person.
    #[serde(default)]
    #[schema(value_type = String, example = "990101197001010011")]
    id_number: Field<IdNumber>,
    #[serde(default)]
    #[schema(value_type = String, format = Date)]
    from: Field<NaiveDate>,
    /// First day on which it no longer holds.
    #[serde(default)]
    #[schema(value_type = String, format = Date)]
    to: Field<NaiveDate>,
    /// What is entered: `insured`, `entitlement` or `benefit`.
    #[serde(default)]
    #[schema(value_type = Option<Content>)]
    content: Field<Content>,
    /// Identity card of somebody who may act for the person, in place of `content`.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    proxy_id_number: Field<IdNumber>,
    #[serde(flatten)]
    #[schema(ignore)]
    unknown: Unknown,
}

/// An entry as read.
pub struct Entered {
    person: IdNumber,
    from: NaiveDate,
    to: NaiveDate,
    what: What,
}

enum What {
    Content(Content),
    Proxy(IdNumber),
}

impl Form for EntryForm {
    type Content = Entered;
    fn take(self, faults: &mut Faults) -> Option<Entered> {
        faults.unknown(&self.unknown);
        let person = faults.required("id_number", self.id_number);
        let from = faults.required("from", self.from);
        let to = faults.required("to", self.to);
        for (name, day) in [("from", from), ("to", to)] {
            within_reason(name, day, faults);
        }
        let unreadable = matches!(self.content, Field::Bad(_));
        let content = faults.optional("content", self.content);
        let proxy = faults.optional("proxy_id_number", self.proxy_id_number);
        let what = match (content, proxy) {
            (Some(Content::Proxy(_) | Content::InHand(_)), _) => {
                let zh = "代取人请填 proxy_id_number；在手药量由结算产生。";
                let en =
                    "A proxy comes as proxy_id_number; what is in hand comes from settlements.";
                faults.note("content", zh, en);
                None
            }
            (Some(content), None) => Some(What::Content(content)),
            (None, Some(proxy)) => Some(What::Proxy(proxy)),
            // Its fault is noted.
            (None, None) if unreadable => None,
            _ => {
                let zh = "content 与 proxy_id_number 须且只能填一项。";
                faults.note("content", zh, "Give content or proxy_id_number, and not both.");
                None
            }
        };
        let ((person, what), (from, to)) = person.zip(what).zip(from.zip(to))?;
        Some(Entered { person, from, to, what })
    }
}

#[derive(Debug, Deserialize, ToSchema)]
pub struct EndForm {
    /// First day on which it no longer holds.
    #[serde(default)]
    #[schema(value_type = String, format = Date)]
    to: Field<NaiveDate>,
    #[serde(default)]
    #[schema(value_type = String)]
    note: Field<Text<1, 200>>,
    #[serde(flatten)]
    #[schema(ignore)]
    unknown: Unknown,
}

impl Form for EndForm {
    /// Day and reason.
    type Content = (NaiveDate, Box<str>);
    fn take(self, faults: &mut Faults) -> Option<(NaiveDate, Box<str>)> {
        faults.unknown(&self.unknown);
        let to = faults.required("to", self.to);
        within_reason("to", to, faults);
        let note = faults.required("note", self.note).map(Text::into_inner);
        to.zip(note)
    }
}

/// Days are kept as text of ten characters.
fn within_reason(name: &str, day: Option<NaiveDate>, faults: &mut Faults) {
    if day.is_some_and(|day| !(1900..=2999).contains(&day.year())) {
        faults.note(name, "年份应在 1900 至 2999 之间。", "The year must be 1900 to 2999.");
    }
}

/// Whose entries.
#[derive(Debug, Deserialize, ToSchema)]
pub struct PersonForm {
    #[serde(default)]
    #[schema(value_type = String, example = "990101197001010011")]
    id_number: Field<IdNumber>,
    #[serde(flatten)]
    #[schema(ignore)]
    unknown: Unknown,
}

impl Form for PersonForm {
    type Content = IdNumber;
    fn take(self, faults: &mut Faults) -> Option<IdNumber> {
        faults.unknown(&self.unknown);
        faults.required("id_number", self.id_number)
    }
}

/// Enters one fact about one person.
#[utoipa::path(post, path = "/v1/agency/entries", tag = "agency", security(("token" = [])),
    params(("Idempotency-Key" = String, Header)), request_body = EntryForm,
    responses((status = 200, body = EntryReply), (status = 400, body = ProblemBody), (status = 409, body = ProblemBody)))]
pub async fn enrol(gate: Data<Gate>, Agency(area): Agency, post: Post<EntryForm>) -> Replied {
    let call = post.call(scope(&area));
    let Entered { person, from, to, what } = post.content;
    let content = match what {
        What::Content(content) => content,
        What::Proxy(proxy) => Content::Proxy(Proxy { identity_hash: proxy.pseudonym(&gate.keys) }),
    };
    let verb = Enrol { area, person: person.newcomer(&gate.keys), from, to, content };
    reply(gate.commit(call, Verb::Enrol(Box::new(verb))).await)
}

/// Ends an entry before its time.
#[utoipa::path(post, path = "/v1/agency/entries/{id}/end", tag = "agency", security(("token" = [])),
    params(("id" = String, Path), ("Idempotency-Key" = String, Header)), request_body = EndForm,
    responses((status = 200, body = EntryReply), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody)))]
pub async fn end_entry(
    gate: Data<Gate>,
    Agency(area): Agency,
    id: Path<EntryId>,
    post: Post<EndForm>,
) -> Replied {
    let call = post.call(scope(&area));
    let (to, reason) = post.content;
    let verb = EndEntry { area, entry_id: *id, to, reason };
    reply(gate.commit(call, Verb::EndEntry(verb)).await)
}

/// The entries of one person in this area, oldest first. The number comes in the body: it belongs in no URL.
#[utoipa::path(post, path = "/v1/agency/entries/search", tag = "agency", security(("token" = [])), request_body = PersonForm,
    responses((status = 200, body = Vec<EntryView>), (status = 400, body = ProblemBody)))]
pub async fn entries(
    gate: Data<Gate>,
    Agency(area): Agency,
    Body(person): Body<PersonForm>,
) -> Result<Json<Vec<EntryView>>, Problem> {
    let person = person.newcomer(&gate.keys).identity_hash;
    let found = gate.store.read(move |engine| engine.entries(&area, &person)).await;
    Ok(Json(found.map_err(unreadable)?))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HoldsQuery {
    cursor: Option<PrescriptionId>,
    limit: Option<i64>,
}

/// Prescriptions of this area on which something waits for a decision, newest first.
#[utoipa::path(get, path = "/v1/agency/holds", tag = "agency", security(("token" = [])),
    params(("cursor" = Option<String>, Query), ("limit" = Option<i64>, Query)),
    responses((status = 200, body = Page<PrescriptionView>), (status = 400, body = ProblemBody)))]
pub async fn holds(
    gate: Data<Gate>,
    Agency(area): Agency,
    query: Query<HoldsQuery>,
) -> Result<Json<Page<PrescriptionView>>, Problem> {
    let HoldsQuery { cursor, limit } = query.into_inner();
    let (page, now) = (PageQuery::new(limit)?, gate.now());
    let found = gate.store.read(move |engine| engine.held_back(&area, cursor, page.fetch(), now));
    let found = found.await.map_err(unreadable)?;
    Ok(Json(page.of(found, |view| view.prescription_id.to_string())))
}

/// The agency decides what a rule holds.
#[utoipa::path(post, path = "/v1/agency/prescriptions/{id}/hold-decision", tag = "agency", security(("token" = [])),
    params(("id" = String, Path), ("Idempotency-Key" = String, Header)), request_body = HoldForm,
    responses((status = 200, body = StateReply), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody)))]
pub async fn decide_hold(
    gate: Data<Gate>,
    Agency(area): Agency,
    id: Path<PrescriptionId>,
    post: Post<HoldForm>,
) -> Replied {
    let call = post.call(scope(&area));
    let verb = post.content.by(HoldKeeper::Agency(area), *id);
    reply(gate.commit(call, verb).await)
}

/// Calls of an agency are told apart by its area: a division code is never an id.
fn scope(area: &domain::institution::PoolingArea) -> i64 {
    area.as_str().parse().unwrap_or_default()
}
