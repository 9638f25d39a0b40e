//! A partner that can be told what to answer, and remembers what it was sent.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::web::{Bytes, Data};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use serde_json::Value;

/// One notice as it arrived.
#[derive(Clone, Debug)]
pub struct Heard {
    pub path: String,
    pub body: Value,
    /// What was answered.
    pub status: u16,
}

#[derive(Default)]
struct Desk {
    heard: Mutex<Vec<Heard>>,
    /// The next answers; when they are used up, 200.
    answers: Mutex<VecDeque<u16>>,
    /// Answers by the prescription that a notice is about, for as long as they are set.
    about: Mutex<Vec<(String, u16)>>,
    slow: Mutex<Duration>,
}

pub struct FakePeer {
    pub url: String,
    desk: Data<Desk>,
}

async fn hear(desk: Data<Desk>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let body: Value = serde_json::from_slice(&body).unwrap_or(Value::Null);
    let about = desk
        .about
        .lock()
        .unwrap()
        .iter()
        .find(|(id, _)| body["prescription_id"] == **id)
        .map(|(_, no)| *no);
    let next = || desk.answers.lock().unwrap().pop_front().unwrap_or(200);
    let status = about.unwrap_or_else(next);
    let path = request.path().to_owned();
    desk.heard.lock().unwrap().push(Heard { path, body, status });
    let slow = *desk.slow.lock().unwrap();
    tokio::time::sleep(slow).await;
    HttpResponse::build(StatusCode::from_u16(status).unwrap()).finish()
}

impl FakePeer {
    pub fn start() -> FakePeer {
        let desk = Data::from(Arc::new(Desk::default()));
        let shared = desk.clone();
        let app = move || App::new().app_data(shared.clone()).default_service(web::to(hear));
        let server = HttpServer::new(app).workers(1).disable_signals().bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", server.addrs()[0]);
        // It ends with the runtime of the test.
        actix_web::rt::spawn(server.run());
        FakePeer { url, desk }
    }
    /// The next answers, one after the other.
    pub fn will_answer(&self, statuses: &[u16]) {
        self.desk.answers.lock().unwrap().extend(statuses);
    }
    /// Every notice about this prescription is answered so, until told otherwise.
    pub fn will_answer_about(&self, prescription_id: &str, status: u16) {
        let mut about = self.desk.about.lock().unwrap();
        about.retain(|(id, _)| id != prescription_id);
        about.push((prescription_id.to_owned(), status));
    }
    /// Takes this long over every answer.
    pub fn will_take(&self, pause: Duration) {
        *self.desk.slow.lock().unwrap() = pause;
    }
    /// Everything that was heard so far.
    pub fn heard(&self) -> Vec<Heard> {
        self.desk.heard.lock().unwrap().clone()
    }
}
