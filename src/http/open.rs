//! The doors that need no token: getting one, the table of refusals, and whether we are alive and ready.

use actix_web::HttpResponse;
use actix_web::web::{Data, Form, Json};
use domain::refusal::{Kind, Reason, Retry};
use domain::role::Role;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::field::Text;
use super::problem::{Problem, ProblemBody, status};
use crate::flow::{Gate, unreadable};

/// Client credentials (RFC 6749 §4.4), in the body.
#[derive(Deserialize, ToSchema)]
pub struct TokenForm {
    #[schema(example = "client_credentials")]
    grant_type: String,
    #[schema(value_type = String)]
    client_id: Text<1, 64>,
    client_secret: String,
}

#[derive(Serialize, ToSchema)]
pub struct TokenReply {
    access_token: String,
    token_type: &'static str,
    /// Seconds.
    expires_in: i64,
}

impl TokenReply {
    pub fn new(access_token: String, gate: &Gate) -> TokenReply {
        TokenReply { access_token, token_type: "Bearer", expires_in: gate.token_maker.lifetime_s() }
    }
}

/// One row of the refusal table.
#[derive(Serialize, ToSchema)]
pub struct ErrorRow {
    code: &'static str,
    kind: Kind,
    status: u16,
    retry: Retry,
    rule: &'static str,
    detail_zh: &'static str,
    detail_en: &'static str,
}

/// Whether one thing that the gateway needs is there.
#[derive(Serialize, ToSchema)]
pub struct Readiness {
    ready: bool,
    database: bool,
    /// Digest of the national catalogue in use.
    catalogue: Box<str>,
    registry_revision: i64,
}

/// An access token for an institution.
#[utoipa::path(post, path = "/v1/token", tag = "open",
    request_body(content = TokenForm, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, body = TokenReply), (status = 401, body = ProblemBody)))]
pub async fn token(gate: Data<Gate>, form: Form<TokenForm>) -> Result<Json<TokenReply>, Problem> {
    let TokenForm { grant_type, client_id, client_secret } = form.into_inner();
    let client_id = client_id.into_inner();
    if grant_type != "client_credentials" {
        return Err(Reason::Malformed.into());
    }
    let client =
        gate.store.read(move |engine| engine.client(&client_id)).await.map_err(unreadable)?;
    // An unknown client costs the same work as a wrong secret.
    let (hash, known) = client.map_or((String::new(), None), |one| {
        (one.secret_hash, Some((one.institution_id, one.role)))
    });
    let right = gate.keys.verify_secret(&client_secret, &hash);
    let (owner, role) = known.filter(|_| right).ok_or(Reason::WrongSecret)?;
    issue(&gate, &owner.to_string(), role)
}

fn issue(gate: &Gate, subject: &str, role: Role) -> Result<Json<TokenReply>, Problem> {
    let token = gate.token_maker.issue(subject, role, gate.now()).map_err(|fault| {
        tracing::error!(%fault, "no token could be made");
        Reason::Internal
    })?;
    Ok(Json(TokenReply::new(token, gate)))
}

/// Every reason to say no: code, text in two languages, and whether to try again.
#[utoipa::path(get, path = "/errors", tag = "open", responses((status = 200, body = Vec<ErrorRow>)))]
pub async fn errors() -> Json<Vec<ErrorRow>> {
    let row = |reason: &Reason| ErrorRow {
        code: reason.code(),
        kind: reason.kind(),
        status: status(reason.kind()).as_u16(),
        retry: reason.retry(),
        rule: reason.rule(),
        detail_zh: reason.zh(),
        detail_en: reason.en(),
    };
    Json(Reason::ALL.iter().map(row).collect())
}

/// The process answers.
#[utoipa::path(get, path = "/healthz", tag = "open", responses((status = 200)))]
pub async fn healthz() -> HttpResponse {
    HttpResponse::Ok().body("ok")
}

/// Everything that the gateway needs is there.
#[utoipa::path(get, path = "/readyz", tag = "open", responses((status = 200, body = Readiness), (status = 503, body = Readiness)))]
pub async fn readyz(gate: Data<Gate>) -> HttpResponse {
    let database = gate.store.read(|engine| engine.ping()).await.is_ok();
    let knowledge = gate.store.knowledge();
    let readiness = Readiness {
        ready: database,
        database,
        catalogue: knowledge.catalogue.digest().into(),
        registry_revision: knowledge.registry.revision,
    };
    if database {
        HttpResponse::Ok().json(readiness)
    } else {
        HttpResponse::ServiceUnavailable().json(readiness)
    }
}
