//! Outgoing calls: the only place that opens a connection to somebody else. Told what to send; decides nothing.

use std::time::Duration;

use domain::institution::InstitutionId;
use reqwest::header::CONTENT_TYPE;
use reqwest::redirect::Policy;

/// Seconds that a partner has to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Sends notices to partners.
#[derive(Clone)]
pub struct Messenger {
    client: reqwest::Client,
}

/// The machine has no usable TLS library.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct NoClient(String);

/// Why a notice did not arrive.
#[derive(Debug, thiserror::Error)]
pub enum NotDelivered {
    #[error("the partner answered {0}")]
    Answer(u16),
    #[error("no answer: {0}")]
    NoAnswer(String),
}

impl Messenger {
    /// A client that follows no redirect: a notice goes where the agreement says, or nowhere.
    pub fn new() -> Result<Messenger, NoClient> {
        let client = reqwest::Client::builder().timeout(PATIENCE).redirect(Policy::none());
        let client = client.build().map_err(|why| NoClient(why.to_string()))?;
        Ok(Messenger { client })
    }

    /// Posts one notice; a 2xx answer means that the partner has it.
    pub async fn post(
        &self,
        url: &str,
        partner: InstitutionId,
        body: String,
    ) -> Result<(), NotDelivered> {
        let request = self.client.post(url).header(CONTENT_TYPE, "application/json");
        let request = request.header("X-Rxgate-Partner", partner.to_string()).body(body);
        let answer = request.send().await;
        // The URL may carry a secret of the partner: it is left out of the reason.
        let answer =
            answer.map_err(|fault| NotDelivered::NoAnswer(fault.without_url().to_string()))?;
        if answer.status().is_success() {
            return Ok(());
        }
        Err(NotDelivered::Answer(answer.status().as_u16()))
    }
}
