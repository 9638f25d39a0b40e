//! The body of a command: read as JSON with all faults, and identified by its idempotency key and digest.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::web::{Bytes, Query};
use actix_web::{FromRequest, HttpRequest};
use domain::dispensing::DispensingId;
use domain::institution::InstitutionId;
use domain::prescription::PrescriptionId;
use domain::refusal::{Fault, Reason, Refusal};
use domain::verb::Call;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::caller::Member;
use super::form::Form;
use super::problem::Problem;
use crate::trust::sm3::sm3;

/// Bytes of a request body at most: a prescription of 60 lines fits many times.
pub const MOST_BYTES: usize = 256 * 1024;
const KEY_HEADER: &str = "Idempotency-Key";

/// A JSON body that changes nothing, so that it needs no key.
pub struct Body<F: Form>(pub F::Content);

/// A JSON body that commands something: exactly once per key.
pub struct Post<F: Form> {
    pub content: F::Content,
    /// The bytes as received.
    pub received: Bytes,
    key: Box<str>,
    digest: [u8; 32],
}

impl<F: Form> Post<F> {
    /// The call's identity, within the caller's own scope.
    pub fn call(&self, scope: i64) -> Call {
        Call { scope, key: self.key.clone(), digest: self.digest }
    }
}

/// A command on one prescription: by whom, on which, what, and the call that makes it exactly once.
pub struct On<M, F: Form> {
    pub by: InstitutionId,
    pub id: PrescriptionId,
    /// Which visit of the pharmacy, where there are several: `?dispensing_id=`.
    pub dispensing: Option<DispensingId>,
    pub content: F::Content,
    pub call: Call,
    member: PhantomData<M>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Which {
    dispensing_id: Option<DispensingId>,
}

type Reading<T> = Pin<Box<dyn Future<Output = Result<T, Problem>>>>;

impl<F: Form> FromRequest for Body<F> {
    type Error = Problem;
    type Future = Reading<Self>;
    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let bytes = Bytes::from_request(request, payload);
        Box::pin(async move { Ok(Body(read_json::<F>(&read_bytes(bytes).await?)?.read()?)) })
    }
}

impl<F: Form> FromRequest for Post<F> {
    type Error = Problem;
    type Future = Reading<Self>;
    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let key = idempotency_key(request);
        let operation = format!("{} {}", request.method(), request.uri());
        let bytes = Bytes::from_request(request, payload);
        Box::pin(async move {
            let received = read_bytes(bytes).await?;
            let key = key?;
            let content = read_json::<F>(&received)?.read()?;
            let digest = sm3(&[operation.as_bytes(), b"\n", &received]);
            Ok(Post { content, received, key, digest })
        })
    }
}

impl<M: Member, F: Form> FromRequest for On<M, F> {
    type Error = Problem;
    type Future = Reading<Self>;
    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let by = M::from_request(request, payload).into_inner().map(|member| member.id());
        // What is no id is nobody's.
        let id = request.match_info().query("id").parse().map_err(|_| Reason::NotFound);
        let which = Query::<Which>::from_query(request.query_string());
        let post = Post::<F>::from_request(request, payload);
        Box::pin(async move {
            let (by, id) = (by?, id?);
            let dispensing = which.map_err(|_| Reason::NotFound)?.dispensing_id;
            let post = post.await?;
            let call = post.call(by.raw());
            Ok(On { by, id, dispensing, content: post.content, call, member: PhantomData })
        })
    }
}

/// A client has this long for the whole body; the server's own limit is about the head alone.
const BODY_TIME: Duration = Duration::from_secs(10);

async fn read_bytes(
    bytes: impl Future<Output = Result<Bytes, actix_web::Error>>,
) -> Result<Bytes, Problem> {
    let bytes = tokio::time::timeout(BODY_TIME, bytes).await.map_err(|_| Reason::Malformed)?;
    bytes.map_err(|fault| {
        let too_large = fault.as_response_error().status_code().as_u16() == 413;
        let reason = if too_large { Reason::TooLarge } else { Reason::Malformed };
        reason.into()
    })
}

fn read_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(bytes).map_err(|fault| {
        let zh = format!("第 {} 行第 {} 列：不是有效的 JSON 对象。", fault.line(), fault.column());
        let en = format!(
            "Line {}, column {}: not a JSON object of this shape.",
            fault.line(),
            fault.column()
        );
        Refusal::with_faults(Reason::Malformed, vec![Fault::new("", zh, en)]).into()
    })
}

fn idempotency_key(request: &HttpRequest) -> Result<Box<str>, Problem> {
    let value = request.headers().get(KEY_HEADER).and_then(|value| value.to_str().ok());
    let fits =
        |key: &&str| (8..=64).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic());
    let key = value.filter(fits).ok_or(Reason::IdempotencyKeyMissing)?;
    Ok(key.into())
}
