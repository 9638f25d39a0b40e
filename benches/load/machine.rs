//! The machine: what it is, and how much CPU a process has used (Linux, `/proc`).

use std::fs;
use std::process::Command;

use serde::Serialize;

/// Clock ticks per second in `/proc/PID/stat`: 100 on every Linux that runs Rust.
const TICK_US: u64 = 10_000;

#[derive(Serialize)]
pub struct Machine {
    pub cpu: String,
    pub cores: usize,
    pub memory_mib: u64,
    pub kernel: String,
    /// Average of processes that wanted a core in the minute before: above 0, the figures are too low.
    pub load_before: String,
}

impl Machine {
    pub fn look() -> Machine {
        let read = |path| fs::read_to_string(path).unwrap_or_default();
        let cpu = read("/proc/cpuinfo");
        let cpu = cpu.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
        let memory = read("/proc/meminfo");
        let memory = memory.lines().find_map(|line| line.strip_prefix("MemTotal:"));
        let kilobytes: u64 =
            memory.and_then(|text| text.trim_end_matches("kB").trim().parse().ok()).unwrap_or(0);
        Machine {
            cpu: cpu.map_or("unknown", |(_, model)| model).to_owned(),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            memory_mib: kilobytes / 1024,
            kernel: read("/proc/sys/kernel/osrelease").trim().to_owned(),
            load_before: read("/proc/loadavg").split(' ').next().unwrap_or_default().to_owned(),
        }
    }
}

/// What a program prints first when it is asked for its version.
pub fn version(program: &str) -> String {
    let output = Command::new(program).arg("--version").output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    text.unwrap_or_default().lines().next().unwrap_or_default().to_owned()
}

/// CPU microseconds of one process so far, all its threads.
pub fn cpu_us(pid: u32) -> u64 {
    let [user, system, ..] = times(pid);
    user + system
}

/// CPU microseconds of a process, of its children and of those children that ended.
pub fn family_cpu_us(pid: u32) -> u64 {
    let children =
        fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
    let children = children.split_whitespace().filter_map(|child| child.parse().ok());
    times(pid).iter().sum::<u64>() + children.map(cpu_us).sum::<u64>()
}

/// User and system time of the process, then of its ended children. Nothing for a process that is gone.
fn times(pid: u32) -> [u64; 4] {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // The name of the program is in brackets and may hold anything.
    let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let fields: Vec<&str> = after_name.split_whitespace().collect();
    let field = |at: usize| fields.get(at).and_then(|text| text.parse::<u64>().ok()).unwrap_or(0);
    [11, 12, 13, 14].map(|at| field(at) * TICK_US)
}
