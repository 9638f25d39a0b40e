//! How a no travels: RFC 9457 problems made from the refusal table. The only file that turns a reason into a status.
//!
//! Domain and store return `Refusal`; anything unexpected is logged here once, under an opaque id that the answer names.

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, RETRY_AFTER};
use actix_web::{HttpResponse, ResponseError};
use domain::finding::Finding;
use domain::refusal::{Fault, Kind, Reason, Refusal, Retry};
use serde::Serialize;
use utoipa::ToSchema;

/// A refusal on its way out.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.reason.code())]
pub struct Problem(pub Refusal);

/// The body of `application/problem+json`.
#[derive(Serialize, ToSchema)]
pub struct ProblemBody<'a> {
    /// Where the reason is explained.
    #[serde(rename = "type")]
    kind: String,
    title: &'static str,
    status: u16,
    /// Stable code of the refusal table (`GET /errors`).
    code: &'static str,
    detail_zh: &'static str,
    detail_en: &'static str,
    retry: Retry,
    #[serde(skip_serializing_if = "str::is_empty")]
    rule: &'static str,
    #[serde(skip_serializing_if = "<[Fault]>::is_empty")]
    #[schema(value_type = Vec<Fault>)]
    faults: &'a [Fault],
    #[serde(skip_serializing_if = "<[Finding]>::is_empty")]
    #[schema(value_type = Vec<Finding>)]
    findings: &'a [Finding],
}

/// Seconds after which a busy gateway may be asked again.
const RETRY_SECONDS: &str = "2";

/// The status of a kind of no.
pub fn status(kind: Kind) -> StatusCode {
    match kind {
        Kind::Malformed => StatusCode::BAD_REQUEST,
        Kind::Unauthenticated => StatusCode::UNAUTHORIZED,
        Kind::Forbidden => StatusCode::FORBIDDEN,
        Kind::NotFound => StatusCode::NOT_FOUND,
        Kind::Conflict => StatusCode::CONFLICT,
        Kind::Refused => StatusCode::UNPROCESSABLE_ENTITY,
        Kind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Kind::TooMany => StatusCode::TOO_MANY_REQUESTS,
        Kind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Kind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        status(self.0.reason.kind())
    }
    fn error_response(&self) -> HttpResponse {
        let Refusal { reason, faults, findings } = &self.0;
        let status = self.status_code();
        let mut response = HttpResponse::build(status);
        response.insert_header((CONTENT_TYPE, "application/problem+json"));
        if reason.retry() == Retry::Later {
            response.insert_header((RETRY_AFTER, RETRY_SECONDS));
        }
        response.json(ProblemBody {
            kind: format!("/errors#{}", reason.code()),
            title: status.canonical_reason().unwrap_or_default(),
            status: status.as_u16(),
            code: reason.code(),
            detail_zh: reason.zh(),
            detail_en: reason.en(),
            retry: reason.retry(),
            rule: reason.rule(),
            faults,
            findings,
        })
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Problem {
        Problem(refusal)
    }
}
impl From<Reason> for Problem {
    fn from(reason: Reason) -> Problem {
        Problem(reason.into())
    }
}
