//! The real program, killed under load again and again: what it acknowledged is there once, and nothing is half.

use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use domain::moment::{DAY, MINUTE, Moment};
use reqwest::Method;
use rxgate::trust::keys::Keys;
use rxgate::trust::randomness::Randomness;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::task::JoinSet;

use crate::app::{Engine, catalogue, furnish, migrate};
use crate::auditor;
use crate::builders::{Rx, packed, plain};
use crate::caller::{Caller, Reply, fresh_key, http_client};
use crate::postgres::Cluster;
use crate::town::{self, SECRET, Town, client, hospital, pharmacy};

const ROUNDS: usize = 4;
const CLIENTS: usize = 12;
/// Each round is killed after another stretch of load.
const LOAD: [Duration; ROUNDS] = [
    Duration::from_millis(300),
    Duration::from_millis(700),
    Duration::from_millis(150),
    Duration::from_millis(1100),
];

/// One call as it was made, and its answer if one came.
#[derive(Clone)]
struct Sent {
    by: usize,
    path: String,
    key: String,
    body: Value,
    reply: Option<Reply>,
}

/// The program as a process of its own; killed when dropped.
struct Server {
    process: Child,
    base: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        // Already gone is as good.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

impl Server {
    async fn start(database: &str, folder: &TempDir) -> Server {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let process = Command::new(env!("CARGO_BIN_EXE_rxgate"))
            .arg("serve")
            .args(["--listen", &format!("127.0.0.1:{port}")])
            .args(["--database", database])
            .arg("--catalogue")
            .arg(catalogue())
            .arg("--keys")
            .arg(folder.path().join("keys"))
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let server = Server { process, base: format!("http://127.0.0.1:{port}") };
        let ready = format!("{}/readyz", server.base);
        for _ in 0..600 {
            if reqwest::get(&ready).await.is_ok_and(|answer| answer.status().is_success()) {
                return server;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the server does not become ready");
    }

    async fn callers(&self) -> [Caller; 2] {
        let http = http_client();
        let mut callers = Vec::new();
        for id in [hospital(1), pharmacy(1)] {
            let id = client(id);
            let form = [
                ("grant_type", "client_credentials"),
                ("client_id", &id),
                ("client_secret", SECRET),
            ];
            let nobody = Caller { client: http.clone(), base: self.base.clone(), token: None };
            let token = nobody.ask_for_token(&form).await.ok();
            let token = token["access_token"].as_str().unwrap().to_owned();
            callers.push(Caller { token: Some(token), ..nobody });
        }
        callers.try_into().unwrap_or_else(|_| panic!("two callers"))
    }

    fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

fn machine_now() -> Moment {
    Moment::from_millis(chrono::Utc::now().timestamp_millis())
}

/// Makes one call and keeps it with its answer. `None`: the server is gone.
async fn call(
    callers: &[Caller; 2],
    kept: &Mutex<Vec<Sent>>,
    by: usize,
    path: String,
    body: Value,
) -> Option<Value> {
    let key = fresh_key();
    let bytes = body.to_string().into_bytes();
    let reply = callers[by].try_send(Method::POST, &path, Some(&key), bytes).await.ok();
    kept.lock().unwrap().push(Sent { by, path, key, body, reply: reply.clone() });
    let reply = reply?;
    // A server that is going down may say that the outcome is uncertain, never that it failed.
    assert!(reply.status < 500 || reply.status == 503, "{}", reply.text);
    (reply.status < 300).then(|| reply.json())
}

fn new_prescription() -> Rx {
    let now = machine_now();
    let issued = now.plus(-MINUTE);
    plain().with("/issued_at", json!(issued)).with("/valid_until", json!(issued.plus(3 * DAY)))
}

/// One prescription after the other, from submit to hand-over, until the server is gone.
async fn work(callers: Arc<[Caller; 2]>, kept: Arc<Mutex<Vec<Sent>>>) {
    loop {
        if flow(&callers, &kept).await.is_none() {
            return;
        }
    }
}

async fn flow(callers: &[Caller; 2], kept: &Mutex<Vec<Sent>>) -> Option<()> {
    let form = new_prescription();
    let new =
        call(callers, kept, 0, "/v1/hospital/prescriptions".into(), form.form.clone()).await?;
    let at = format!("/v1/pharmacy/prescriptions/{}", new["prescription_id"].as_str().unwrap());
    let claim = json!({ "pickup_token": new["pickup_token"] });
    call(callers, kept, 1, "/v1/pharmacy/claims".into(), claim).await?;
    let review = json!({ "reviewer": town::pharmacist(1), "decision": "approve" });
    call(callers, kept, 1, format!("{at}/review"), review).await?;
    let quote = call(callers, kept, 1, format!("{at}/preparation"), packed(&form)).await?;
    let agreed = json!({ "agreed_personal": quote["quote"]["personal"] });
    call(callers, kept, 1, format!("{at}/settlement"), agreed).await?;
    call(callers, kept, 1, format!("{at}/hand-over"), json!({})).await?;
    Some(())
}

/// Every call again with its own key: an answered one hears the same bytes, an unanswered one is decided now or then.
async fn repeat(callers: &[Caller; 2], kept: &[Sent]) {
    for sent in kept {
        let bytes = sent.body.to_string().into_bytes();
        let again = callers[sent.by].send(Method::POST, &sent.path, Some(&sent.key), bytes).await;
        if let Some(first) = sent.reply.as_ref().filter(|first| first.status < 300) {
            assert_eq!(*first, again, "{} was acknowledged", sent.path);
        }
        assert!(again.status < 500, "{}: {}", sent.path, again.text);
    }
}

async fn survives(database: &str, folder: &TempDir, mut also_kill: impl FnMut()) {
    // The keys that the program will find in its folder.
    let keys = Keys::load_or_create(&folder.path().join("keys"), &Randomness::system()).unwrap();
    furnish(database, &Town::with(1), keys).await;
    let mut acknowledged = 0;
    for load in LOAD {
        let server = Server::start(database, folder).await;
        let callers = Arc::new(server.callers().await);
        let kept = Arc::new(Mutex::new(Vec::new()));
        let mut working = JoinSet::new();
        for _ in 0..CLIENTS {
            working.spawn(work(Arc::clone(&callers), Arc::clone(&kept)));
        }
        tokio::time::sleep(load).await;
        server.kill();
        also_kill();
        while let Some(ended) = working.join_next().await {
            ended.unwrap();
        }
        let kept = kept.lock().unwrap().clone();
        acknowledged += kept.iter().filter(|sent| sent.reply.is_some()).count();
        auditor::audit(database);
        let server = Server::start(database, folder).await;
        repeat(&server.callers().await, &kept).await;
        server.kill();
        auditor::audit(database);
    }
    assert!(acknowledged > 100, "only {acknowledged} commands were under way");
}

#[actix_web::test]
async fn a_gateway_killed_under_load_keeps_what_it_acknowledged_on_sqlite() {
    let (database, folder) = Engine::Sqlite.database();
    survives(&database, &folder, || ()).await;
}

#[actix_web::test]
async fn a_gateway_and_its_postgresql_killed_under_load_keep_what_was_acknowledged() {
    let mut cluster = Cluster::start(true, migrate);
    let database = cluster.fresh_database();
    let folder = tempfile::tempdir().unwrap();
    survives(&database, &folder, || {
        cluster.stop_immediately();
        cluster.restart();
    })
    .await;
}

/// A server behind a firewall that swallows everything, or one that hangs.
#[test]
fn a_database_that_never_answers_is_given_up() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("postgres://rxgate@{}/rxgate", silent.local_addr().unwrap());
    let (told, outcome) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        told.send(store::schema_version(&url).map_err(|why| why.to_string()))
    });
    let refused = outcome.recv_timeout(Duration::from_secs(30)).expect("an answer").unwrap_err();
    assert!(refused.starts_with("cannot reach the database"), "{refused}");
}
