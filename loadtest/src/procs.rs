//! CPU time and memory of the server's processes, from `/proc` and the kernel's process clocks.

use std::{collections::BTreeMap, fs, path::Path, time::Duration};

use anyhow::{Context, ensure};
use nix::{
    time::{clock_getcpuclockid, clock_gettime},
    unistd::{Pid, SysconfVar, sysconf},
};
use serde::Serialize;

use crate::{
    machine::{field, leading_number},
    peer,
};

/// Name under which the load generator itself is listed.
pub const GENERATOR: &str = "loadtest";

/// Processes that count as one line of the report.
#[derive(Debug, Clone, Default)]
pub struct Groups {
    /// Root processes by name; their descendants count too.
    roots: BTreeMap<String, Vec<i32>>,
}

/// What `/proc/<pid>/stat` says.
struct Stat {
    pid: i32,
    parent: i32,
    /// CPU time of children that ended and were waited for.
    waited: Duration,
}

/// Memory of a process, in bytes.
#[derive(Debug, Clone, Copy, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Memory {
    /// Resident, shared pages counted whole.
    pub rss: u64,
    /// Resident, shared pages divided by their users.
    pub pss: u64,
}

impl Groups {
    /// Takes names and root processes.
    #[must_use]
    pub fn of(pairs: impl IntoIterator<Item = (String, i32)>) -> Self {
        let mut groups = Self::default();
        for (name, pid) in pairs {
            groups.roots.entry(name).or_default().push(pid);
        }
        groups
    }

    /// Parses `gateway=12,gateway=13,postgres=9`.
    ///
    /// # Errors
    /// When the text has another form or a process does not exist.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        let parse_pair = |pair: &str| {
            let (name, pid) = pair
                .split_once('=')
                .with_context(|| format!("{pair}: expected name=pid"))?;
            let pid: i32 = pid
                .parse()
                .with_context(|| format!("{pair}: expected name=pid"))?;
            ensure!(
                Path::new(&format!("/proc/{pid}")).exists(),
                "{pair}: no such process"
            );
            Ok((name.to_owned(), pid))
        };
        Ok(Self::of(
            text.split(',')
                .map(parse_pair)
                .collect::<anyhow::Result<Vec<_>>>()?,
        ))
    }

    /// Returns how many processes each name stands for.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<String, usize> {
        self.roots
            .iter()
            .map(|(name, pids)| (name.clone(), pids.len()))
            .collect()
    }

    /// Returns the CPU time used so far by each name, and by this process as [`GENERATOR`].
    #[must_use]
    pub fn cpu(&self) -> BTreeMap<String, Duration> {
        let all = all_stats();
        let of_tree = |root: &i32| {
            tree(&all, *root)
                .into_iter()
                .map(|pid| cpu_of(&all, pid))
                .sum::<Duration>()
        };
        let mut cpu: BTreeMap<_, _> = self
            .roots
            .iter()
            .map(|(name, roots)| (name.clone(), roots.iter().map(of_tree).sum()))
            .collect();
        cpu.insert(
            GENERATOR.to_owned(),
            own_time(std::process::id() as i32).unwrap_or_default(),
        );
        cpu
    }

    /// Returns the memory of whatever holds sockets, which is all gateways together or the peer, or `None` when none is
    /// known.
    #[must_use]
    pub fn gateway_memory(&self) -> Option<Memory> {
        let pids = self
            .roots
            .iter()
            .filter(|(name, _)| holds_sockets(name))
            .flat_map(|(_, pids)| pids);
        pids.filter_map(|&pid| memory(pid))
            .reduce(|sum, one| Memory {
                rss: sum.rss + one.rss,
                pss: sum.pss + one.pss,
            })
    }
}

/// Whether processes of this name hold the clients' sockets.
#[must_use]
pub fn holds_sockets(name: &str) -> bool {
    name.starts_with("gateway") || name == peer::NAME
}

/// Subtracts an earlier reading of [`Groups::cpu`] from a later one.
#[must_use]
pub fn growth(
    before: &BTreeMap<String, Duration>,
    mut after: BTreeMap<String, Duration>,
) -> BTreeMap<String, Duration> {
    for (name, used) in &mut after {
        *used = used.saturating_sub(before.get(name).copied().unwrap_or_default());
    }
    after
}

/// Time of a live process plus that of its dead children, which is how nothing is lost when a Postgres backend ends.
fn cpu_of(all: &BTreeMap<i32, Stat>, pid: i32) -> Duration {
    own_time(pid).unwrap_or_default() + all.get(&pid).map(|stat| stat.waited).unwrap_or_default()
}

/// The same as user and system time of `/proc/<pid>/stat`, but in nanoseconds instead of ticks of 10 ms.
fn own_time(pid: i32) -> Option<Duration> {
    let clock = clock_getcpuclockid(Pid::from_raw(pid)).ok()?;
    clock_gettime(clock).ok().map(Into::into)
}

fn memory(pid: i32) -> Option<Memory> {
    let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
    let bytes = |name| Some(leading_number(&field(&text, name)?)? * 1024);
    Some(Memory {
        rss: bytes("Rss")?,
        pss: bytes("Pss")?,
    })
}

/// Returns the resident memory of a process that no file stands behind, in bytes: heap and stacks.
#[must_use]
pub fn anonymous(pid: i32) -> Option<u64> {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    Some(leading_number(&field(&text, "RssAnon")?)? * 1024)
}

/// Returns how many descriptors a process has open.
#[must_use]
pub fn descriptors(pid: i32) -> Option<usize> {
    Some(fs::read_dir(format!("/proc/{pid}/fd")).ok()?.count())
}

/// Returns how many threads a process has.
#[must_use]
pub fn threads(pid: i32) -> Option<u64> {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    leading_number(&field(&text, "Threads")?)
}

fn all_stats() -> BTreeMap<i32, Stat> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let texts = entries.filter_map(|entry| fs::read_to_string(entry.path().join("stat")).ok());
    texts
        .filter_map(|text| parse_stat(&text))
        .map(|stat| (stat.pid, stat))
        .collect()
}

fn parse_stat(text: &str) -> Option<Stat> {
    let (pid, rest) = text.split_once(" (")?;
    // The name may hold anything, even parentheses.
    let (_, rest) = rest.rsplit_once(") ")?;
    let fields: Vec<&str> = rest.split(' ').collect();
    let ticks = fields.get(13)?.parse::<u64>().ok()? + fields.get(14)?.parse::<u64>().ok()?;
    let per_second = sysconf(SysconfVar::CLK_TCK).ok()??;
    Some(Stat {
        pid: pid.parse().ok()?,
        parent: fields.get(1)?.parse().ok()?,
        waited: Duration::from_secs_f64(ticks as f64 / per_second as f64),
    })
}

fn tree(all: &BTreeMap<i32, Stat>, root: i32) -> Vec<i32> {
    let mut found = vec![root];
    let mut next = 0;
    while let Some(&parent) = found.get(next) {
        found.extend(
            all.values()
                .filter(|stat| stat.parent == parent)
                .map(|stat| stat.pid),
        );
        next += 1;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stat_line_with_an_odd_name_is_parsed() {
        let line = "42 (a) b (c)) S 7 42 42 0 -1 4194560 1 2 3 4 500 600 30 20 20 0 4 0 99 1 2 3";
        let stat = parse_stat(line).expect("a stat line");
        assert_eq!((stat.pid, stat.parent), (42, 7));
        assert!(stat.waited > Duration::ZERO);
    }

    #[test]
    fn one_s_own_time_and_memory_are_known() {
        let cpu = Groups::default().cpu();
        assert!(cpu[GENERATOR] > Duration::ZERO);
        let own = Groups::parse(&format!("gateway={}", std::process::id())).expect("it exists");
        assert!(own.gateway_memory().expect("it has memory").rss > 100_000);
        assert_eq!(own.counts()["gateway"], 1);
        assert!(Groups::default().gateway_memory().is_none());
    }

    #[test]
    fn what_one_holds_oneself_is_known() {
        let pid = std::process::id() as i32;
        let before = (descriptors(pid), anonymous(pid));
        let held = fs::File::open("/proc/self/stat").expect("it is there");
        let filled = vec![1_u8; 64 << 20];
        assert!(descriptors(pid) > before.0, "{held:?}");
        let grown = anonymous(pid).zip(before.1).map(|(now, then)| now - then);
        assert!(grown > Some(60 << 20), "{} bytes", filled.len());
        assert!(threads(pid) > Some(0));
    }

    #[test]
    fn bad_pid_lists_are_refused() {
        for text in ["", "gateway", "gateway=x", "gateway=999999999"] {
            assert!(Groups::parse(text).is_err(), "{text}");
        }
    }
}
