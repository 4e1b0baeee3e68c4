//! The result of a run: what was asked, what was measured, and whether the promises were kept.

use std::{collections::BTreeMap, time::Duration};

use serde::Serialize;

use crate::{
    histcheck::Verdict,
    machine::Machine,
    plan::Plan,
    procs::{GENERATOR, Memory},
    traffic::Traffic,
};

/// Everything about one run.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// `rooms` or `idle`.
    pub scenario: &'static str,
    /// Where it ran.
    pub machine: Machine,
    /// What was asked.
    pub shape: Shape,
    /// What happened to the messages; not in `idle`.
    pub traffic: Option<Traffic>,
    /// CPU by process.
    pub cpu: Vec<Cpu>,
    /// Memory of the gateways; `None` when their processes are not known.
    pub memory: Option<PerConnection>,
    /// The history check; not in `idle`.
    pub verdict: Option<Verdict>,
    /// What else went wrong, in words; empty when all is well.
    pub troubles: Vec<String>,
}

/// What was asked.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Shape {
    /// Sockets.
    pub connections: usize,
    /// Accounts.
    pub users: usize,
    /// Rooms.
    pub rooms: usize,
    /// Rooms of each user.
    pub rooms_per_user: usize,
    /// Gateways.
    pub gateways: usize,
    /// Messages per second asked for.
    pub rate: f64,
    /// Length of a body in bytes.
    pub body_length: usize,
    /// Seconds measured, to the last delivery.
    pub seconds: f64,
}

/// CPU of the processes of one name.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Cpu {
    /// The name.
    pub name: String,
    /// How many processes, their children not counted.
    pub processes: usize,
    /// CPU seconds during the measurement.
    pub seconds: f64,
    /// Microseconds per delivery; in `idle` per connection and second.
    pub us_per_unit: f64,
}

/// Memory of the gateways before and after connecting.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PerConnection {
    /// Before the first socket.
    pub before: Memory,
    /// With every socket idle.
    pub after: Memory,
    /// Growth of RSS per connection, in bytes.
    pub rss_bytes: f64,
    /// Growth of PSS per connection, in bytes.
    pub pss_bytes: f64,
}

impl Shape {
    /// Describes a plan.
    #[must_use]
    pub fn of(plan: &Plan, body_length: usize, measured: Duration) -> Self {
        Self {
            connections: plan.connections,
            users: plan.users,
            rooms: plan.rooms,
            rooms_per_user: plan.rooms_per_user,
            gateways: plan.gateways,
            rate: plan.rate,
            body_length,
            seconds: measured.as_secs_f64(),
        }
    }
}

impl PerConnection {
    /// Divides the growth.
    #[must_use]
    pub fn of(before: Option<Memory>, after: Option<Memory>, connections: usize) -> Option<Self> {
        let (before, after) = (before?, after?);
        let per_connection =
            |before: u64, after: u64| (after as f64 - before as f64) / connections as f64;
        Some(Self {
            before,
            after,
            rss_bytes: per_connection(before.rss, after.rss),
            pss_bytes: per_connection(before.pss, after.pss),
        })
    }
}

/// Divides the CPU that each name used by what was done with it.
#[must_use]
pub fn cpu_of(
    used: &BTreeMap<String, Duration>,
    counts: &BTreeMap<String, usize>,
    units: f64,
) -> Vec<Cpu> {
    let lines = used.iter().map(|(name, used)| {
        let seconds = used.as_secs_f64();
        Cpu {
            name: name.clone(),
            processes: counts.get(name).copied().unwrap_or(1),
            seconds,
            us_per_unit: seconds * 1e6 / units.max(1.0),
        }
    });
    lines.collect()
}

impl Report {
    /// Whether the history is clean and nothing else went wrong.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.troubles.is_empty() && self.verdict.as_ref().is_none_or(Verdict::is_clean)
    }

    /// Returns the CPU of all server processes together, per unit.
    #[must_use]
    pub fn server_us_per_unit(&self) -> Option<f64> {
        let mut servers = self
            .cpu
            .iter()
            .filter(|cpu| cpu.name != GENERATOR)
            .peekable();
        servers.peek()?;
        Some(servers.map(|cpu| cpu.us_per_unit).sum())
    }
}
