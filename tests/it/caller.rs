//! Somebody at the door: sends JSON with a token and an idempotency key, and hears a reply.

use std::time::Duration;

use domain::refusal::Reason;
use reqwest::{Client, Method};
use rxgate::http::problem;
use serde_json::{Value, json};

use crate::builders::{Rx, fresh};

/// What was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    pub status: u16,
    pub text: String,
    /// The seconds of `Retry-After`, if given.
    pub retry_after: Option<String>,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }
    /// The body of a yes; fails the test otherwise.
    #[track_caller]
    pub fn ok(&self) -> Value {
        assert!((200..300).contains(&self.status), "{} {}", self.status, self.text);
        self.json()
    }
    /// The problem of a no for this reason, complete in both languages; fails the test otherwise.
    #[track_caller]
    pub fn refused(&self, reason: Reason) -> Value {
        let body = self.json();
        assert_eq!(body["code"], reason.code(), "{} {}", self.status, self.text);
        assert_eq!(self.status, problem::status(reason.kind()).as_u16(), "{}", self.text);
        assert_eq!(body["detail_zh"], reason.zh());
        assert_eq!(body["detail_en"], reason.en());
        assert_eq!(self.retry_after.is_some(), body["retry"] == "later", "{}", self.text);
        body
    }
    /// The fields that a refusal names, for this reason.
    #[track_caller]
    pub fn refused_fields(&self, reason: Reason) -> Vec<String> {
        let body = self.refused(reason);
        let faults = body["faults"].as_array().cloned().unwrap_or_default();
        let named = faults.iter().map(|fault| {
            assert!(!fault["message_zh"].as_str().unwrap().is_empty(), "{}", self.text);
            assert!(!fault["message_en"].as_str().unwrap().is_empty(), "{}", self.text);
            fault["field"].as_str().unwrap().to_owned()
        });
        named.collect()
    }
    /// The rules that its findings name.
    pub fn rules(&self) -> Vec<String> {
        let findings = self.json()["findings"].as_array().cloned().unwrap_or_default();
        findings.iter().map(|one| one["rule"].as_str().unwrap().to_owned()).collect()
    }
}

/// A client that lets go of a connection before the server closes it, so that no request meets the closing one.
pub fn http_client() -> Client {
    Client::builder().no_proxy().pool_idle_timeout(Duration::from_secs(2)).build().unwrap()
}

/// One caller: a base address, a token, an HTTP client. Knows no test.
#[derive(Clone)]
pub struct Caller {
    pub client: Client,
    pub base: String,
    pub token: Option<String>,
}

/// A prescription that was accepted.
#[derive(Clone, Debug)]
pub struct Issued {
    pub id: String,
    pub pickup_token: String,
    pub reply: Value,
}

impl From<Value> for Issued {
    fn from(reply: Value) -> Issued {
        let text = |name: &str| reply[name].as_str().unwrap().to_owned();
        Issued { id: text("prescription_id"), pickup_token: text("pickup_token"), reply }
    }
}

/// An idempotency key that nobody used before.
pub fn fresh_key() -> String {
    format!("test-key-{}-{}", std::process::id(), fresh())
}

impl Caller {
    /// Sends a request; `Err` when no answer came, as when the server was killed.
    pub async fn try_send(
        &self,
        method: Method,
        path: &str,
        key: Option<&str>,
        body: Vec<u8>,
    ) -> reqwest::Result<Reply> {
        let mut request = self.client.request(method, format!("{}{path}", self.base));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if let Some(key) = key {
            request = request.header("Idempotency-Key", key);
        }
        let request = request.header("Content-Type", "application/json").body(body);
        heard(request.send().await?).await
    }
    /// Asks for an access token with these form fields.
    pub async fn ask_for_token(&self, fields: &[(&str, &str)]) -> Reply {
        let form: Vec<String> =
            fields.iter().map(|(name, value)| format!("{name}={}", percent(value))).collect();
        let request = self.client.post(format!("{}/v1/token", self.base)).body(form.join("&"));
        let request = request.header("Content-Type", "application/x-www-form-urlencoded");
        heard(request.send().await.unwrap()).await.unwrap()
    }
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        key: Option<&str>,
        body: Vec<u8>,
    ) -> Reply {
        let sent = self.try_send(method, path, key, body).await;
        sent.unwrap_or_else(|fault| panic!("no answer from {path}: {fault:?}"))
    }
    pub async fn get(&self, path: &str) -> Reply {
        self.send(Method::GET, path, None, Vec::new()).await
    }
    /// Posts with a new key.
    pub async fn post(&self, path: &str, body: &Value) -> Reply {
        self.post_as(&fresh_key(), path, body).await
    }
    /// Posts with this key.
    pub async fn post_as(&self, key: &str, path: &str, body: &Value) -> Reply {
        self.send(Method::POST, path, Some(key), body.to_string().into_bytes()).await
    }
}

async fn heard(answer: reqwest::Response) -> reqwest::Result<Reply> {
    let status = answer.status().as_u16();
    let retry_after = answer.headers().get("Retry-After");
    let retry_after = retry_after.map(|value| value.to_str().unwrap().to_owned());
    Ok(Reply { status, retry_after, text: answer.text().await? })
}

/// A form value with every byte that is no letter or digit as `%XX`.
fn percent(value: &str) -> String {
    let one = |byte: u8| match byte.is_ascii_alphanumeric() {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    };
    value.bytes().map(one).collect()
}

/// What a hospital does.
impl Caller {
    pub async fn check(&self, rx: &Rx) -> Reply {
        self.post("/v1/hospital/checks", &rx.form).await
    }
    pub async fn submit(&self, rx: &Rx) -> Reply {
        self.post("/v1/hospital/prescriptions", &rx.form).await
    }
    pub async fn revoke(&self, id: &str) -> Reply {
        let note = json!({ "note": "开错药" });
        self.post(&format!("/v1/hospital/prescriptions/{id}/revocation"), &note).await
    }
    pub async fn answer(&self, id: &str) -> Reply {
        let note = json!({ "note": "剂量无误" });
        self.post(&format!("/v1/hospital/prescriptions/{id}/answer"), &note).await
    }
}

impl Caller {
    /// A new pick-up token for a patient who lost theirs.
    pub async fn reissue(&self, id: &str) -> Reply {
        let path = format!("/v1/hospital/prescriptions/{id}/pickup-token");
        self.post(&path, &json!({})).await
    }
}

/// What a pharmacy does.
impl Caller {
    pub async fn claim(&self, pickup_token: &str) -> Reply {
        self.post("/v1/pharmacy/claims", &json!({ "pickup_token": pickup_token })).await
    }
    pub async fn release(&self, id: &str) -> Reply {
        self.at(id, "release", &json!({ "note": "缺货" })).await
    }
    pub async fn review(&self, id: &str, reviewer: &str, decision: &str) -> Reply {
        let body = json!({ "reviewer": reviewer, "decision": decision, "note": "请核对剂量" });
        self.at(id, "review", &body).await
    }
    pub async fn prepare(&self, id: &str, packed: &Value) -> Reply {
        self.at(id, "preparation", packed).await
    }
    pub async fn settle(&self, id: &str, agreed_personal: &Value) -> Reply {
        self.at(id, "settlement", &json!({ "agreed_personal": agreed_personal })).await
    }
    pub async fn hand_over(&self, id: &str) -> Reply {
        self.at(id, "hand-over", &json!({})).await
    }
    pub async fn nothing_left(&self, id: &str) -> Reply {
        self.at(id, "nothing-left", &json!({})).await
    }
    async fn at(&self, id: &str, verb: &str, body: &Value) -> Reply {
        self.post(&format!("/v1/pharmacy/prescriptions/{id}/{verb}"), body).await
    }
}
