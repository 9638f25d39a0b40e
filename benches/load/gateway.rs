//! The server under load: the real release program in a process of its own, and how much of the machine it uses.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::connection::{Connection, Request};

const READY_WITHIN: Duration = Duration::from_secs(30);

pub struct Gateway {
    child: Child,
    pub address: SocketAddr,
    /// From the start of the process to its first "ready".
    pub ready_after: Duration,
}

impl Gateway {
    /// Starts `rxgate serve` on a database whose registers are filled.
    pub fn start(database: &str, keys: &Path) -> Gateway {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        // A port that nobody listens on: taken and given back.
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_rxgate"));
        command
            .args(["serve", "--listen", &address.to_string(), "--database", database])
            .arg("--keys");
        command.arg(keys).arg("--catalogue").arg(root.join("catalogue"));
        command.env("RXGATE_LOG", "warn").stdin(Stdio::null());
        let began = Instant::now();
        let child = command.spawn().unwrap();
        let mut gateway = Gateway { child, address, ready_after: Duration::ZERO };
        gateway.wait_until_ready(began);
        gateway.ready_after = began.elapsed();
        gateway
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Resident memory, MiB.
    pub fn memory_mib(&self) -> f64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        let kilobytes: f64 = line.trim().trim_end_matches("kB").trim().parse().unwrap();
        kilobytes / 1024.0
    }

    /// Asks it to end, and waits until it has.
    pub fn stop(mut self) {
        let told = Command::new("kill").args(["-TERM", &self.pid().to_string()]).status();
        assert!(told.unwrap().success(), "the server is gone already");
        assert!(self.child.wait().unwrap().success(), "the server did not end well");
    }

    fn wait_until_ready(&mut self, began: Instant) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        while !runtime.block_on(is_ready(self.address)) {
            assert!(self.child.try_wait().unwrap().is_none(), "the server ended at its start");
            assert!(began.elapsed() < READY_WITHIN, "the server is not ready");
            sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        // After `stop` there is nobody left to kill.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

async fn is_ready(address: SocketAddr) -> bool {
    let Ok(mut connection) = Connection::open(address).await else { return false };
    let request =
        Request { method: "GET", path: "/readyz", content_type: "", token: "", key: "", body: "" };
    connection.send(request).await.is_ok()
}
