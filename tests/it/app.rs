//! The real server in this process: on a free port, with a database of its own and a clock that the test moves.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, OnceLock};

use domain::knowledge::Knowledge;
use domain::moment::Moment;
use domain::region::{Region, Regions};
use domain::role::Role;
use reqwest::Client;
use rxgate::app::{App, ClockSource, Parts, gate, read_knowledge};
use rxgate::flow::{Clock, Gate};
use rxgate::trust::keys::Keys;
use rxgate::trust::randomness::Randomness;
use store::Faults;
use tempfile::TempDir;

use crate::auditor;
use crate::builders::{MORNING, Rx, packed, plain};
use crate::caller::{Caller, Issued, http_client};
use crate::postgres;
use crate::town::{self, Town};

/// The two databases that every contract holds on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    pub const BOTH: [Engine; 2] = [Engine::Sqlite, Engine::Postgres];

    /// Runs a test on a new server per engine, then lets the auditor look at what it left.
    pub async fn each(test: impl AsyncFn(&TestApp)) {
        Engine::each_with(Plan::default, test).await;
    }

    /// The same with other parts.
    pub async fn each_with(plan: impl Fn() -> Plan, test: impl AsyncFn(&TestApp)) {
        for engine in Engine::BOTH {
            eprintln!("on {engine:?}");
            let app = TestApp::start(engine, plan()).await;
            test(&app).await;
            app.end().await;
        }
    }

    /// A new, empty, migrated database; the folder goes with the value.
    pub fn database(self) -> (String, TempDir) {
        let folder = tempfile::Builder::new().prefix("rxgate-test-").tempdir().unwrap();
        let url = match self {
            Engine::Sqlite => folder.path().join("rxgate.sqlite").to_str().unwrap().to_owned(),
            Engine::Postgres => postgres::fresh_database(migrate),
        };
        (url, folder)
    }
}

/// Brings a database to the version of this program.
pub fn migrate(url: &str) {
    store::migrate(url).unwrap();
}

/// What a test may want different.
pub struct Plan {
    pub town: Town,
    pub faults: Faults,
    pub randomness: Randomness,
    pub begins: Moment,
    pub knowledge: Knowledge,
}

impl Default for Plan {
    fn default() -> Plan {
        Plan {
            town: Town::with(4),
            faults: Faults::default(),
            randomness: Randomness::system(),
            begins: MORNING.parse().unwrap(),
            knowledge: knowledge(),
        }
    }
}

impl Plan {
    pub fn with_town(town: Town) -> Plan {
        Plan { town, ..Plan::default() }
    }
    pub fn begins(at: &str) -> Plan {
        Plan { begins: at.parse().unwrap(), ..Plan::default() }
    }
}

/// The folder of the real catalogue.
pub fn catalogue() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("catalogue")
}

/// The real catalogue and regions, read once per process.
pub fn knowledge() -> Knowledge {
    static READ: OnceLock<Knowledge> = OnceLock::new();
    READ.get_or_init(|| read_knowledge(&catalogue()).unwrap()).clone()
}

/// The same with no figure of any region assumed: what a production gateway may settle on.
pub fn sourced_knowledge() -> Knowledge {
    knowledge_where(|text| text.replace("assumed = true", "source = \"invented by a test\""))
}

/// The same with the text of every policy changed.
pub fn knowledge_where(change: impl Fn(&str) -> String) -> Knowledge {
    let folder = catalogue().join("regions");
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let region = |path: PathBuf| {
        let text = std::fs::read_to_string(path).unwrap();
        Region::parse(&change(&text), "test").unwrap()
    };
    let regions = Regions::new(files.map(region).collect()).unwrap();
    Knowledge { regions: Arc::new(regions), ..knowledge() }
}

/// The keys of every gateway here.
pub fn keys() -> Keys {
    Keys::from_master(&[7; 32])
}

/// A clock that stands still until it is moved.
#[derive(Clone)]
pub struct Hands(Arc<AtomicI64>);

impl Hands {
    pub fn at(moment: Moment) -> Hands {
        Hands(Arc::new(AtomicI64::new(moment.millis())))
    }
    pub fn now(&self) -> Moment {
        Moment::from_millis(self.0.load(Ordering::SeqCst))
    }
    pub fn clock(&self) -> Clock {
        let hands = self.clone();
        Arc::new(move || hands.now())
    }
}

/// What every gateway here runs on.
fn parts(database: &str, hands: &Hands) -> Parts {
    Parts {
        database: database.to_owned(),
        knowledge: knowledge(),
        keys: keys(),
        clock: ClockSource::Simulated(hands.clock()),
        randomness: Randomness::system(),
        migrate: true,
        faults: Faults::default(),
    }
}

/// A gateway on a database, without doors.
pub fn open_gate(database: &str, hands: &Hands) -> Arc<Gate> {
    gate(parts(database, hands)).unwrap()
}

/// Puts a town into a new database, under these keys.
pub async fn furnish(database: &str, town: &Town, keys: Keys) {
    let hands = Hands::at(MORNING.parse().unwrap());
    let gate = gate(Parts { keys, ..parts(database, &hands) }).unwrap();
    town::settle_in(&gate.store, &gate.keys, town).await;
    gate.store.close().await;
}

pub struct TestApp {
    pub database: String,
    pub hands: Hands,
    pub client: Client,
    /// The servers: one, or several replicas on one database.
    apps: Vec<App>,
    _folder: TempDir,
}

impl TestApp {
    pub async fn start(engine: Engine, plan: Plan) -> TestApp {
        let (database, folder) = engine.database();
        let hands = Hands::at(plan.begins);
        let Plan { town, faults, randomness, knowledge, .. } = plan;
        furnish(&database, &town, keys()).await;
        let parts = Parts { faults, randomness, knowledge, ..parts(&database, &hands) };
        let gate = gate(parts).unwrap();
        let mut app =
            TestApp { database, hands, client: http_client(), apps: Vec::new(), _folder: folder };
        app.serve(gate).await;
        app
    }

    /// One more replica on the same database.
    pub async fn replicate(&mut self) {
        let gate = open_gate(&self.database, &self.hands);
        self.serve(gate).await;
    }

    async fn serve(&mut self, gate: Arc<Gate>) {
        let any: SocketAddr = ([127, 0, 0, 1], 0).into();
        self.apps.push(App::start(gate, any, 1).await.unwrap());
    }

    pub fn gate(&self) -> &Arc<Gate> {
        &self.apps[0].gate
    }
    pub fn replicas(&self) -> usize {
        self.apps.len()
    }
    pub fn now(&self) -> Moment {
        self.hands.now()
    }
    /// Moves the clock forward by milliseconds.
    pub fn pass(&self, ms: i64) {
        self.hands.0.fetch_add(ms, Ordering::SeqCst);
    }
    /// Moves the clock to an instant.
    pub fn at(&self, instant: &str) {
        let instant: Moment = instant.parse().unwrap();
        self.hands.0.store(instant.millis(), Ordering::SeqCst);
    }

    /// Somebody with a valid token for this subject and role.
    pub fn caller(&self, role: Role, subject: i64) -> Caller {
        self.caller_at(0, role, subject)
    }
    /// The same, at one of the replicas.
    pub fn caller_at(&self, replica: usize, role: Role, subject: i64) -> Caller {
        let app = &self.apps[replica];
        let token = app.gate.token_maker.issue(&subject.to_string(), role, self.now()).unwrap();
        Caller { token: Some(token), ..self.nobody_at(replica) }
    }
    /// Somebody without a token.
    pub fn nobody(&self) -> Caller {
        self.nobody_at(0)
    }
    fn nobody_at(&self, replica: usize) -> Caller {
        let base = format!("http://{}", self.apps[replica].address);
        Caller { client: self.client.clone(), base, token: None }
    }
    pub fn hospital(&self, n: i64) -> Caller {
        self.caller(Role::Hospital, town::hospital(n).raw())
    }
    pub fn pharmacy(&self, n: i64) -> Caller {
        self.caller(Role::Pharmacy, town::pharmacy(n).raw())
    }
    pub fn patient(&self, of: &Issued) -> Caller {
        self.caller(Role::Patient, of.id.parse().unwrap())
    }
    pub fn regulator(&self) -> Caller {
        self.caller(Role::Regulator, town::REGULATOR)
    }

    /// Stops all servers; then everything in the database must agree.
    pub async fn end(mut self) {
        self.stop_servers().await;
        auditor::audit(&self.database);
    }
    /// Stops without a look at what is left, for a test that spoilt it.
    pub async fn stop(mut self) {
        self.stop_servers().await;
    }
    async fn stop_servers(&mut self) {
        for app in self.apps.drain(..) {
            app.stop().await;
        }
    }
}

/// A prescription brought as far as a test needs it.
impl TestApp {
    pub async fn issued(&self, rx: &Rx) -> Issued {
        self.hospital(1).submit(rx).await.ok().into()
    }
    /// Claimed by the first pharmacy.
    pub async fn claimed(&self, rx: &Rx) -> Issued {
        let issued = self.issued(rx).await;
        self.pharmacy(1).claim(&issued.pickup_token).await.ok();
        issued
    }
    pub async fn approved(&self, rx: &Rx) -> Issued {
        let issued = self.claimed(rx).await;
        self.pharmacy(1).review(&issued.id, &town::pharmacist(1), "approve").await.ok();
        issued
    }
    /// With boxes reserved; also the personal share that was quoted.
    pub async fn prepared(&self, rx: &Rx) -> (Issued, serde_json::Value) {
        let issued = self.approved(rx).await;
        let reply = self.pharmacy(1).prepare(&issued.id, &packed(rx)).await.ok();
        (issued, reply["quote"]["personal"].clone())
    }
    pub async fn settled(&self, rx: &Rx) -> Issued {
        let (issued, personal) = self.prepared(rx).await;
        self.pharmacy(1).settle(&issued.id, &personal).await.ok();
        issued
    }
    /// The usual prescription, prepared.
    pub async fn plain_prepared(&self) -> (Issued, serde_json::Value) {
        self.prepared(&plain()).await
    }
    /// The kinds of event of a prescription, in its own order.
    pub async fn story(&self, id: &str) -> Vec<String> {
        let path = format!("/v1/regulator/prescriptions/{id}/timeline");
        let events = self.regulator().get(&path).await.ok();
        let kind = |event: &serde_json::Value| event["kind"].as_str().unwrap().to_owned();
        events.as_array().unwrap().iter().map(kind).collect()
    }
    pub async fn state(&self, id: &str) -> String {
        let view = self.hospital(1).get(&format!("/v1/hospital/prescriptions/{id}")).await.ok();
        view["state"].as_str().unwrap().to_owned()
    }
}
