//! A private PostgreSQL for the tests: started from the machine's own programs, gone when the test process is gone.
//!
//! Knows nothing of the gateway's tables: the caller brings the migration. Where the programs are missing the tests
//! fail; they never skip, for half of what we ship runs on this engine (DESIGN §7).

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU16, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

const PROGRAMS: [&str; 4] = ["initdb", "postgres", "psql", "pg_isready"];
/// The database that `migrate` fills once and that every fresh one is copied from.
const TEMPLATE: &str = "migrated";
/// Below the range that Linux hands to outgoing connections (from 32,768 on): a busy client can never sit on the
/// port of a server that is about to restart.
const PORTS: std::ops::Range<u16> = 20_000..32_000;
const READY_WITHIN: Duration = Duration::from_secs(30);

/// Runs beside the test process and is the server's parent. A static is never dropped in Rust, and nothing is dropped
/// in a process that is killed; but the kernel closes its pipes in every case. So this shell reads orders from a pipe,
/// and when the pipe ends, so do the server and its folder. `$1` is the folder, the rest is the server's command.
const WATCHDOG: &str = r#"
folder=$1; shift
while read -r order; do
  case $order in
    start) "$@" </dev/null >>"$folder/log" 2>&1 & server=$! ;;
    crash)
      backends=$(cat "/proc/$server/task/$server/children")
      kill -9 $server $backends
      wait $server
      # The next start is refused while one of them still holds the shared memory.
      for backend in $backends; do while [ -e "/proc/$backend/exe" ]; do sleep 0.01; done; done ;;
  esac
  echo done
done
kill -QUIT $server; wait $server
rm -rf "$folder"
"#;

/// One PostgreSQL server with its own folder and port. Dropping it stops the server and deletes the folder.
pub struct Cluster {
    programs: PathBuf,
    folder: PathBuf,
    port: u16,
    databases: AtomicU16,
    watchdog: Child,
    /// `None` only while it is being dropped: closing it is the order to end.
    orders: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

/// The URL of an empty, migrated database in the cluster that this test process shares (fsync off).
/// `migrate` gets the URL of the template; the first caller's runs, once.
pub fn fresh_database(migrate: fn(&str)) -> String {
    static SHARED: OnceLock<Cluster> = OnceLock::new();
    SHARED.get_or_init(|| Cluster::start(false, migrate)).fresh_database()
}

impl Cluster {
    /// Makes and starts a cluster (about a second) and migrates its template. `fsync` on is for crash tests: only then
    /// does an acknowledged COMMIT mean what it means in production.
    pub fn start(fsync: bool, migrate: fn(&str)) -> Cluster {
        let fsync = if fsync { "fsync=on" } else { "fsync=off" };
        // A worker in the template would make the copy wait.
        Cluster::start_with(&[fsync, "max_connections=200", "autovacuum=off"], migrate)
    }

    /// The same with the server's settings as the caller wants them, each as `name=value`.
    pub fn start_with(settings: &[&str], migrate: fn(&str)) -> Cluster {
        let programs = programs();
        let owner = Owner::find();
        let folder = tempfile::Builder::new().prefix("rxgate-pg-").tempdir().unwrap().keep();
        owner.take(&folder);
        owner.initdb(&programs, &folder);
        let port = free_port();
        let mut watchdog = owner
            .command(Path::new("sh"), &folder)
            .args(["-c", WATCHDOG, "watchdog"])
            .arg(&folder)
            .args(server_command(&programs, &folder, port, settings))
            // Ctrl-C reaches the whole group of the terminal: the watchdog must outlive it to clear up.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let orders = watchdog.stdin.take();
        let answers = BufReader::new(watchdog.stdout.take().unwrap());
        let databases = AtomicU16::new(0);
        let mut cluster = Cluster { programs, folder, port, databases, watchdog, orders, answers };
        cluster.restart();
        cluster.query("postgres", &format!("CREATE DATABASE {TEMPLATE}"));
        migrate(&cluster.url(TEMPLATE));
        cluster
    }

    /// Copies the migrated template (50–90 ms) and returns the copy's URL. Never dropped: the cluster goes as a whole.
    pub fn fresh_database(&self) -> String {
        let name = format!("fresh_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let copy = format!("CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY wal_log");
        self.query("postgres", &copy);
        self.url(&name)
    }

    /// `postgres://…` of a database in this cluster.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    /// What psql prints for `sql`, unaligned, without heads. `database` is a name or a URL.
    pub fn query(&self, database: &str, sql: &str) -> String {
        let url = if database.contains("://") { database.to_owned() } else { self.url(database) };
        query(&self.programs, &url, sql)
    }

    /// Kills the server and all its sessions at once, as a lost machine would (nothing is written, nobody is told).
    pub fn stop_immediately(&mut self) {
        self.order("crash");
    }

    /// Starts a stopped server on the same folder and port; returns when it takes connections again.
    pub fn restart(&mut self) {
        self.order("start");
        let deadline = Instant::now() + READY_WITHIN;
        while !self.is_ready() {
            let log = || fs::read_to_string(self.folder.join("log")).unwrap_or_default();
            assert!(Instant::now() < deadline, "PostgreSQL does not start. Its log:\n{}", log());
            sleep(Duration::from_millis(20));
        }
    }

    /// True when the server takes connections.
    pub fn is_ready(&self) -> bool {
        let url = self.url("postgres");
        let mut ask = Command::new(self.program("pg_isready"));
        ask.args(["-q", "-t", "5", "-d", &url]).status().unwrap().success()
    }

    /// Where one of PostgreSQL's programs is.
    pub fn program(&self, name: &str) -> PathBuf {
        self.programs.join(name)
    }

    fn order(&mut self, order: &str) {
        let pipe = self.orders.as_mut().unwrap();
        writeln!(pipe, "{order}").unwrap();
        let mut answer = String::new();
        self.answers.read_line(&mut answer).unwrap();
        assert_eq!(answer, "done\n", "the watchdog did not carry out `{order}`");
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.orders.take());
        self.watchdog.wait().unwrap();
    }
}

fn query(programs: &Path, url: &str, sql: &str) -> String {
    let mut psql = Command::new(programs.join("psql"));
    psql.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", sql]);
    let output = psql.output().unwrap();
    assert!(output.status.success(), "{sql}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
}

fn server_command(programs: &Path, folder: &Path, port: u16, settings: &[&str]) -> Vec<String> {
    let at = |path: &Path| path.to_str().unwrap().to_owned();
    let mut command = vec![at(&programs.join("postgres")), "-D".into(), at(&folder.join("data"))];
    for setting in [
        format!("port={port}"),
        "listen_addresses=127.0.0.1".into(),
        format!("unix_socket_directories={}", folder.display()),
        // As in production: what counts is measured and tested with it (DESIGN §4).
        "synchronous_commit=on".into(),
        "timezone=UTC".into(),
    ]
    .into_iter()
    .chain(settings.iter().map(|setting| (*setting).to_owned()))
    {
        command.extend(["-c".into(), setting]);
    }
    command
}

/// The folder that holds the server's programs: Debian's newest, else the one that PATH leads to.
fn programs() -> PathBuf {
    let mut debian: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|e| Some((e.file_name().to_str()?.parse().ok()?, e.path().join("bin"))))
        .collect();
    debian.sort();
    let path = std::env::var_os("PATH").unwrap_or_default();
    // Through a symlink (as in /usr/local/bin) to the folder where its kin are.
    let through_path = std::env::split_paths(&path)
        .filter_map(|f| Some(f.join("initdb").canonicalize().ok()?.parent()?.into()));
    debian
        .into_iter()
        .rev()
        .map(|(_, folder)| folder)
        .chain(through_path)
        .find(|folder| PROGRAMS.iter().all(|program| folder.join(program).exists()))
        .expect("PostgreSQL's server programs are missing: run `make prepare`, or apt-get install postgresql")
}

/// A port that nobody listens on now. Starts at another place in each process, so that two do not race for one.
fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let size = u32::from(PORTS.end - PORTS.start);
    for _ in 0..100 {
        let step = u32::from(NEXT.fetch_add(1, Ordering::Relaxed));
        let offset = (std::process::id().wrapping_mul(31) + step) % size;
        let port = PORTS.start + u16::try_from(offset).unwrap();
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
    panic!("no free port in {PORTS:?}");
}

/// The account that the server runs under: ours, unless we are root, whom PostgreSQL refuses.
struct Owner(Option<(u32, u32)>);

impl Owner {
    fn find() -> Owner {
        if fs::metadata("/proc/self").unwrap().uid() != 0 {
            return Owner(None);
        }
        let accounts = fs::read_to_string("/etc/passwd").unwrap();
        let ids = |name: &str| {
            let line = accounts.lines().find(|line| line.split(':').next() == Some(name))?;
            let mut fields = line.split(':').skip(2);
            Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
        };
        let account = ids("postgres").or_else(|| ids("nobody"));
        Owner(Some(
            account.expect("/etc/passwd has neither `postgres` nor `nobody` to run PostgreSQL as"),
        ))
    }

    fn take(&self, folder: &Path) {
        if let Some((user, group)) = self.0 {
            chown(folder, Some(user), Some(group)).unwrap();
        }
    }

    fn command(&self, program: &Path, folder: &Path) -> Command {
        let mut command = Command::new(program);
        // Our own folder may be closed to this account.
        command.current_dir(folder).env("LC_ALL", "C");
        if let Some((user, group)) = self.0 {
            command.uid(user).gid(group);
        }
        command
    }

    fn initdb(&self, programs: &Path, folder: &Path) {
        let mut initdb = self.command(&programs.join("initdb"), folder);
        initdb.args([
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C",
            "--no-sync",
            "-D",
            "data",
        ]);
        let output = initdb.output().unwrap();
        assert!(output.status.success(), "initdb: {}", String::from_utf8_lossy(&output.stderr));
    }
}

/// Waits until the watchdog has cleared up after a process that could not wait for it.
fn wait_until_gone(folder: &Path) {
    let deadline = Instant::now() + READY_WITHIN;
    while folder.exists() {
        assert!(Instant::now() < deadline, "{} is still there", folder.display());
        sleep(Duration::from_millis(20));
    }
}

fn make_a_box_table(url: &str) {
    query(&programs(), url, "CREATE TABLE box (code TEXT PRIMARY KEY)");
}

#[test]
fn fresh_databases_are_migrated_and_apart() {
    let cluster = Cluster::start(false, make_a_box_table);
    let (one, other) = (cluster.fresh_database(), cluster.fresh_database());
    cluster.query(&one, "INSERT INTO box VALUES ('8123')");
    assert_eq!(cluster.query(&one, "SELECT code FROM box"), "8123");
    assert_eq!(cluster.query(&other, "SELECT count(*) FROM box"), "0");
}

#[test]
fn what_was_committed_survives_a_crash() {
    let mut cluster = Cluster::start(true, make_a_box_table);
    assert_eq!(cluster.query("postgres", "SHOW fsync"), "on");
    let url = cluster.fresh_database();
    cluster.query(&url, "INSERT INTO box VALUES ('8123')");
    cluster.stop_immediately();
    assert!(!cluster.is_ready());
    cluster.restart();
    assert_eq!(cluster.query(&url, "SELECT code FROM box"), "8123");
}

#[test]
fn a_dropped_cluster_leaves_nothing() {
    let cluster = Cluster::start(false, |_| ());
    let (folder, port) = (cluster.folder.clone(), cluster.port);
    assert!(folder.exists());
    drop(cluster);
    assert!(!folder.exists());
    TcpListener::bind(("127.0.0.1", port)).unwrap();
}

/// Runs itself a second time; the second run holds a cluster until the first kills it.
#[test]
fn a_killed_test_process_leaves_nothing() {
    const HOLD: &str = "and-hold-a-cluster";
    if std::env::args().any(|argument| argument == HOLD) {
        let cluster = Cluster::start(false, |_| ());
        println!("\nfolder:{}", cluster.folder.display());
        sleep(READY_WITHIN);
        return;
    }
    let mut second = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "--nocapture", "postgres::a_killed_test_process_leaves_nothing", HOLD])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(second.stdout.take().unwrap()).lines();
    let folder =
        lines.map_while(Result::ok).find_map(|l| Some(PathBuf::from(l.strip_prefix("folder:")?)));
    let folder = folder.unwrap();
    assert!(folder.exists());
    second.kill().unwrap();
    second.wait().unwrap();
    wait_until_gone(&folder);
}
