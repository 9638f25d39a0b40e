//! What one caller does, over and over: send a prescription, or see one through to the hand-over.

use std::net::SocketAddr;

use domain::moment::Moment;
use serde::Deserialize;

use crate::city;
use crate::connection::{Connection, Request};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Errand {
    /// One request: a durable accept.
    Accept,
    /// Six: accept, claim, review, preparation, settlement, hand-over.
    Flow,
}

/// Everybody's tokens, fetched once, and the time at which prescriptions are said to be issued.
pub struct Callers {
    hospitals: Vec<String>,
    pharmacies: Vec<String>,
    now: Moment,
}

#[derive(Deserialize)]
struct Token {
    access_token: String,
}

#[derive(Deserialize)]
struct Accepted {
    prescription_id: String,
    pickup_token: String,
}

#[derive(Deserialize)]
struct Prepared {
    quote: Quote,
}

#[derive(Deserialize)]
struct Quote {
    personal: String,
}

impl Callers {
    pub async fn arrive(address: SocketAddr) -> Callers {
        let mut connection = Connection::open(address).await.unwrap();
        let mut callers = Callers { hospitals: Vec::new(), pharmacies: Vec::new(), now: now() };
        for hospital in 1..=city::HOSPITALS {
            callers.hospitals.push(token(&mut connection, hospital).await);
        }
        for pharmacy in city::FIRST_PHARMACY..city::FIRST_PHARMACY + city::PHARMACIES {
            callers.pharmacies.push(token(&mut connection, pharmacy).await);
        }
        callers
    }

    /// Runs prescription `number`'s errand.
    pub async fn run(
        &self,
        errand: Errand,
        to: &mut Connection,
        number: u64,
    ) -> Result<(), String> {
        match errand {
            Errand::Accept => self.accept(to, number).await.map(|_| ()),
            Errand::Flow => self.flow(to, number).await,
        }
    }

    async fn accept(&self, to: &mut Connection, number: u64) -> Result<Accepted, String> {
        let hospital = usize::try_from(city::hospital_of(number) - 1).unwrap();
        let body = city::prescription(number, city::LINES, self.now);
        let key = format!("accept-{number:09}");
        let path = "/v1/hospital/prescriptions";
        let answer =
            to.send(Request::command(path, &self.hospitals[hospital], &key, &body)).await?;
        serde_json::from_slice(answer).map_err(|why| why.to_string())
    }

    async fn flow(&self, to: &mut Connection, number: u64) -> Result<(), String> {
        let Accepted { prescription_id: id, pickup_token } = self.accept(to, number).await?;
        let pharmacy = city::pharmacy_of(number);
        let token = &self.pharmacies[usize::try_from(pharmacy - city::FIRST_PHARMACY).unwrap()];
        let key = |verb: &str| format!("{verb}-{number:09}");
        let claim = format!(r#"{{"pickup_token":"{pickup_token}"}}"#);
        to.send(Request::command("/v1/pharmacy/claims", token, &key("claim"), &claim)).await?;
        let at = |verb: &str| format!("/v1/pharmacy/prescriptions/{id}/{verb}");
        let reviewer = city::pharmacist(pharmacy);
        let review = format!(r#"{{"reviewer":"{reviewer}","decision":"approve"}}"#);
        to.send(Request::command(&at("review"), token, &key("review"), &review)).await?;
        let packed = city::packed(number);
        let answer =
            to.send(Request::command(&at("preparation"), token, &key("prepare"), &packed)).await?;
        let prepared: Prepared = serde_json::from_slice(answer).map_err(|why| why.to_string())?;
        let agreed = format!(r#"{{"agreed_personal":"{}"}}"#, prepared.quote.personal);
        to.send(Request::command(&at("settlement"), token, &key("settle"), &agreed)).await?;
        to.send(Request::command(&at("hand-over"), token, &key("hand-over"), "{}"))
            .await
            .map(|_| ())
    }
}

async fn token(to: &mut Connection, institution: i64) -> String {
    let (client, secret) = (city::client(institution), city::secret(institution));
    let body = format!("grant_type=client_credentials&client_id={client}&client_secret={secret}");
    let content_type = "application/x-www-form-urlencoded";
    let request = Request {
        method: "POST",
        path: "/v1/token",
        content_type,
        token: "",
        key: "",
        body: &body,
    };
    let answer = to.send(request).await.unwrap();
    serde_json::from_slice::<Token>(answer).unwrap().access_token
}

/// The machine's clock, as the hospitals' systems read it.
pub fn now() -> Moment {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    Moment::from_millis(i64::try_from(since.as_millis()).unwrap())
}
