//! The machine a figure was measured on, without which it says little; and its limits.

use std::{fmt, fs};

use anyhow::{Context, ensure};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use serde::{Deserialize, Serialize};

/// Descriptors needed besides the sockets: REST requests, logs, the fleet's pipes.
const RESERVE: u64 = 300;

/// What a report says about the machine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Machine {
    /// Usable cores.
    pub cores: usize,
    /// Name of the processor.
    pub model: String,
    /// Memory in MiB.
    pub memory_mib: u64,
    /// Kernel version.
    pub kernel: String,
    /// Load average of the last minute when the run began.
    pub load_before: f64,
    /// The same when it ended.
    pub load_after: f64,
}

impl Machine {
    /// Describes this machine; `load_after` is not known yet.
    #[must_use]
    pub fn describe() -> Self {
        let cpus = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
        Self {
            cores: std::thread::available_parallelism().map_or(1, Into::into),
            model: field(&cpus, "model name").unwrap_or_else(|| "unknown".into()),
            memory_mib: field(&memory, "MemTotal")
                .and_then(|text| leading_number(&text))
                .unwrap_or(0)
                / 1024,
            kernel: fs::read_to_string("/proc/sys/kernel/osrelease")
                .unwrap_or_default()
                .trim()
                .to_owned(),
            load_before: load(),
            load_after: 0.0,
        }
    }

    /// Notes the load at the end.
    pub fn finish(&mut self) {
        self.load_after = load();
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Machine: {} cores ({}), {} MiB, Linux {}, load {:.2} before and {:.2} after; generator on the same cores.",
            self.cores, self.model, self.memory_mib, self.kernel, self.load_before, self.load_after
        )
    }
}

/// Raises the limit of open files as far as allowed.
///
/// # Errors
/// When so many connections do not fit below it.
pub fn allow_sockets(connections: usize) -> anyhow::Result<()> {
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    setrlimit(Resource::RLIMIT_NOFILE, hard, hard)
        .context("cannot raise the limit of open files")?;
    let needed = connections as u64 + RESERVE;
    ensure!(
        hard >= needed,
        "{connections} connections need {needed} open files in each process that holds them; the hard limit is {hard}, which \
         only an administrator raises (`ulimit -Hn`, `LimitNOFILE=`, `--ulimit nofile=`)"
    );
    Ok(())
}

/// Returns the value of a `name : value` line.
pub fn field(text: &str, name: &str) -> Option<String> {
    let line = text
        .lines()
        .find(|line| line.split(':').next().is_some_and(|key| key.trim() == name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

/// Returns the number a text like `12 kB` begins with.
pub fn leading_number(text: &str) -> Option<u64> {
    text.split_whitespace().next()?.parse().ok()
}

fn load() -> f64 {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split_whitespace()
        .next()
        .and_then(|first| first.parse().ok())
        .unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_found_by_its_whole_name() {
        let text = "model\t\t: 207\nmodel name\t: Some CPU @ 2 GHz\nMemTotal:  2048 kB\n";
        assert_eq!(
            field(text, "model name").as_deref(),
            Some("Some CPU @ 2 GHz")
        );
        assert_eq!(
            field(text, "MemTotal").and_then(|text| leading_number(&text)),
            Some(2_048)
        );
        assert_eq!(field(text, "name"), None);
    }

    #[test]
    fn too_many_sockets_are_refused_before_the_first() {
        assert!(allow_sockets(usize::MAX / 2).is_err());
        allow_sockets(1).expect("one fits");
    }
}
