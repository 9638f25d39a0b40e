//! The way to the gateway: HTTP on loopback, with tokens got as every client gets them. Counts what must never happen.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use domain::finding::{Finding, Severity};
use domain::moment::{MINUTE, Moment};
use reqwest::{RequestBuilder, Response};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::calendar::SetClock;
use super::fault::DemoFault;
use super::world::{House, client_secret};

/// Shorter than the five seconds after which the server closes an idle connection: a request that meets the closing one is
/// lost without an answer.
const IDLE: Duration = Duration::from_secs(2);
/// A request whose answer was lost is sent again, under the same key.
const MOST_TRIES: usize = 3;
/// A token holds for fifteen minutes; a new one is fetched a little earlier.
const FRESH_MS: i64 = 10 * MINUTE;

pub struct Door {
    http: reqwest::Client,
    base: String,
    clock: SetClock,
    seed: u64,
    tokens: Mutex<HashMap<String, (Moment, String)>>,
    server_errors: AtomicU64,
}

/// What the gateway said.
pub type Said<T> = Result<T, No>;

/// A no, as the problem document tells it.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct No {
    #[serde(default)]
    pub status: u16,
    #[serde(default)]
    pub code: String,
    #[serde(default)]
    pub rule: String,
    #[serde(default)]
    pub findings: Vec<Finding>,
}

impl No {
    /// The rules that said no, each once.
    pub fn rules(&self) -> Vec<String> {
        let rejecting = self.findings.iter().filter(|one| one.severity == Severity::Reject);
        let mut rules: Vec<String> = rejecting.map(|one| one.rule.to_string()).collect();
        if rules.is_empty() && !self.rule.is_empty() {
            rules.push(self.rule.clone());
        }
        rules.sort();
        rules.dedup();
        rules
    }
}

#[derive(Deserialize)]
struct Token {
    access_token: String,
}

impl Door {
    pub fn new(base: String, clock: SetClock, seed: u64) -> Result<Door, DemoFault> {
        // One connection per prescription at work; the machine's proxy settings are not ours.
        let http = reqwest::Client::builder().no_proxy();
        let http = http.pool_max_idle_per_host(64).pool_idle_timeout(IDLE).build()?;
        let tokens = Mutex::default();
        Ok(Door { http, base, clock, seed, tokens, server_errors: AtomicU64::new(0) })
    }

    pub fn base(&self) -> &str {
        &self.base
    }

    /// Answers of the gateway that said that it failed.
    pub fn server_errors(&self) -> u64 {
        self.server_errors.load(Ordering::Relaxed)
    }

    /// The token of a house.
    pub async fn token_of(&self, house: &House) -> Result<String, DemoFault> {
        let (client, secret) = house.client(self.seed);
        self.token(&client, &secret).await
    }

    /// The token of the regulator.
    pub async fn regulator(&self) -> Result<String, DemoFault> {
        let secret = client_secret(self.seed, super::register::REGULATOR);
        self.token(super::register::REGULATOR, &secret).await
    }

    async fn token(&self, client: &str, secret: &str) -> Result<String, DemoFault> {
        let now = self.clock.now();
        let kept = self.kept(client).filter(|(made, _)| now.since(*made) < FRESH_MS);
        if let Some((_, token)) = kept {
            return Ok(token);
        }
        let form =
            format!("grant_type=client_credentials&client_id={client}&client_secret={secret}");
        let request = self.http.post(self.url("/v1/token")).body(form);
        let request = request.header("Content-Type", "application/x-www-form-urlencoded");
        let said: Said<Token> = self.send("/v1/token", request).await?;
        let token = said.map_err(|no| unexpected("/v1/token", &no))?.access_token;
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        tokens.insert(client.to_owned(), (now, token.clone()));
        Ok(token)
    }

    fn kept(&self, client: &str) -> Option<(Moment, String)> {
        let tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        tokens.get(client).cloned()
    }

    /// A patient's token, against the pick-up token and the second factor.
    pub async fn admit(
        &self,
        pickup_token: &str,
        last_four: &str,
    ) -> Result<Said<String>, DemoFault> {
        let body = json!({ "pickup_token": pickup_token, "id_last_four": last_four });
        let request = self.http.post(self.url("/v1/patient/token")).json(&body);
        let said: Said<Token> = self.send("/v1/patient/token", request).await?;
        Ok(said.map(|token| token.access_token))
    }

    /// Commands something, exactly once per key.
    pub async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        token: &str,
        key: &str,
        body: &Value,
    ) -> Result<Said<T>, DemoFault> {
        let request = self.http.post(self.url(path)).bearer_auth(token).json(body);
        self.send(path, request.header("Idempotency-Key", key)).await
    }

    /// Reads something.
    pub async fn get<T: DeserializeOwned>(&self, path: &str, token: &str) -> Result<T, DemoFault> {
        let request = self.http.get(self.url(path)).bearer_auth(token);
        self.send(path, request).await?.map_err(|no| unexpected(path, &no))
    }

    async fn send<T: DeserializeOwned>(
        &self,
        path: &str,
        request: RequestBuilder,
    ) -> Result<Said<T>, DemoFault> {
        let answer = patiently(request).await?;
        let status = answer.status();
        let body = answer.bytes().await?;
        if status.is_server_error() {
            self.server_errors.fetch_add(1, Ordering::Relaxed);
        }
        let unread = || DemoFault::Answer {
            path: path.to_owned(),
            status: status.as_u16(),
            body: String::from_utf8_lossy(&body).into_owned(),
        };
        if status.is_success() {
            return serde_json::from_slice(&body).map(Ok).map_err(|_| unread());
        }
        serde_json::from_slice(&body).map(Err).map_err(|_| unread())
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }
}

/// A connection that broke says nothing about the request: its key makes it safe to ask again.
async fn patiently(request: RequestBuilder) -> Result<Response, DemoFault> {
    for _ in 1..MOST_TRIES {
        let Some(again) = request.try_clone() else { break };
        match again.send().await {
            Err(fault) if fault.is_request() => tracing::debug!(%fault, "sent again"),
            other => return Ok(other?),
        }
    }
    Ok(request.send().await?)
}

fn unexpected(path: &str, no: &No) -> DemoFault {
    DemoFault::Answer { path: path.to_owned(), status: no.status, body: no.code.clone() }
}
