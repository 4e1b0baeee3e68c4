//! What a scenario found out: its phases, the figures that targets are set for, and whether everything arrived.

mod table;

use serde::{Deserialize, Serialize};

pub(crate) use table::number;

use crate::{
    bot::Record,
    histcheck::Verdict,
    lap::Lap,
    machine::Machine,
    procs::{GENERATOR, holds_sockets},
    report::{Cpu, PerConnection, Shape, cpu_of},
    shared::Shared,
    stage::Servers,
    tally::Tally,
    traffic::{self, Traffic},
};

/// What a figure must be.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Limit {
    /// No more than this.
    AtMost(f64),
    /// No less than this.
    AtLeast(f64),
}

/// One figure.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Measure {
    /// The target's number, such as `P13`, or `claim`.
    pub id: &'static str,
    /// What it is a figure of.
    pub metric: &'static str,
    /// The figure.
    pub value: f64,
    /// What it counts, such as `ms` or `×`.
    pub unit: &'static str,
    /// What it must be.
    pub limit: Option<Limit>,
}

/// One phase.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Stretch {
    /// What is particular about it.
    pub label: String,
    /// Messages per second asked for.
    pub rate: f64,
    /// Seconds, to the last delivery.
    pub seconds: f64,
    /// What happened to its messages.
    pub traffic: Traffic,
    /// CPU by process, per delivery.
    pub cpu: Vec<Cpu>,
}

/// Everything about one run.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Outcome {
    /// The scenario.
    pub scenario: &'static str,
    /// Which server was driven.
    pub server: &'static str,
    /// Where it ran.
    pub machine: Machine,
    /// What was asked.
    pub shape: Shape,
    /// Phase by phase.
    pub stretches: Vec<Stretch>,
    /// The figures.
    pub measures: Vec<Measure>,
    /// Memory of what holds sockets, per idle connection; `None` when its processes are not known.
    pub memory: Option<PerConnection>,
    /// Expected against received; not where nobody talked.
    pub tally: Option<Tally>,
    /// The check of the whole history; Hubbub only.
    pub verdict: Option<Verdict>,
    /// What is worth knowing and no fault, in words.
    pub notes: Vec<String>,
    /// What else went wrong, in words; empty when all is well.
    pub troubles: Vec<String>,
}

impl Limit {
    /// Whether a figure is within it.
    #[must_use]
    pub fn holds(self, value: f64) -> bool {
        match self {
            Self::AtMost(limit) => value <= limit,
            Self::AtLeast(limit) => value >= limit,
        }
    }
}

impl Measure {
    /// Describes a figure that must be no more than a limit.
    #[must_use]
    pub fn at_most(
        id: &'static str,
        metric: &'static str,
        value: f64,
        unit: &'static str,
        limit: f64,
    ) -> Self {
        Self {
            limit: Some(Limit::AtMost(limit)),
            ..Self::of(id, metric, value, unit)
        }
    }

    /// Describes a figure that must be no less than a limit.
    #[must_use]
    pub fn at_least(
        id: &'static str,
        metric: &'static str,
        value: f64,
        unit: &'static str,
        limit: f64,
    ) -> Self {
        Self {
            limit: Some(Limit::AtLeast(limit)),
            ..Self::of(id, metric, value, unit)
        }
    }

    /// Describes a figure without a limit of its own.
    #[must_use]
    pub fn of(id: &'static str, metric: &'static str, value: f64, unit: &'static str) -> Self {
        Self {
            id,
            metric,
            value,
            unit,
            limit: None,
        }
    }
}

impl Stretch {
    /// Sums up a phase.
    #[must_use]
    pub fn of(
        label: &str,
        lap: &Lap,
        shared: &Shared,
        records: &[Record],
        servers: &Servers,
    ) -> Self {
        let schedule = &shared.plan.schedule;
        let traffic = traffic::of(records, &schedule.range(lap.phase), lap.seconds);
        let units = traffic.deliveries as f64;
        Self {
            label: label.to_owned(),
            rate: schedule.phases()[lap.phase].rate,
            seconds: lap.seconds,
            cpu: cpu_of(&lap.cpu, &servers.groups.counts(), units),
            traffic,
        }
    }

    /// Returns the CPU of the processes that hold sockets, in µs per delivery: the gateways, or the whole peer.
    #[must_use]
    pub fn socket_us(&self) -> f64 {
        self.us(holds_sockets)
    }

    /// Returns the CPU of all server processes, stores included, in µs per delivery.
    #[must_use]
    pub fn server_us(&self) -> f64 {
        self.us(|name| name != GENERATOR)
    }

    /// Returns the CPU of the generator in µs per delivery.
    #[must_use]
    pub fn generator_us(&self) -> f64 {
        self.us(|name| name == GENERATOR)
    }

    fn us(&self, is_counted: impl Fn(&str) -> bool) -> f64 {
        let counted = self.cpu.iter().filter(|cpu| is_counted(&cpu.name));
        counted.map(|cpu| cpu.us_per_unit).sum()
    }
}

impl Outcome {
    /// Whether everything arrived as it must. Missed targets are shown, and are no failure of the run.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.troubles.is_empty()
            && self.tally.as_ref().is_none_or(Tally::is_clean)
            && self.verdict.as_ref().is_none_or(Verdict::is_clean)
    }

    /// Puts a second run on the same servers behind this one: phases, what arrived, and what was noted. Figures and memory
    /// stay those of this one.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.machine.load_after = other.machine.load_after;
        self.stretches.extend(other.stretches);
        self.tally = match (self.tally, other.tally) {
            (Some(ours), Some(theirs)) => Some(ours.and(&theirs)),
            (ours, theirs) => ours.or(theirs),
        };
        // Both are kept whole by their own check; the one that was broken is shown.
        let is_broken =
            |verdict: &Option<Verdict>| verdict.as_ref().is_some_and(|it| !it.is_clean());
        if is_broken(&other.verdict) && !is_broken(&self.verdict) {
            self.verdict = other.verdict;
        }
        self.notes.extend(other.notes);
        self.troubles.extend(other.troubles);
        self
    }

    /// Returns a figure by what it is a figure of.
    #[must_use]
    pub fn measure(&self, metric: &str) -> Option<&Measure> {
        self.measures.iter().find(|it| it.metric == metric)
    }

    /// Renders it as Markdown.
    #[must_use]
    pub fn markdown(&self) -> String {
        let mut out = String::new();
        table::write(&mut out, self).expect("a string takes all");
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_hold_on_their_own_side() {
        assert!(Limit::AtMost(2.0).holds(2.0) && !Limit::AtMost(2.0).holds(2.1));
        assert!(Limit::AtLeast(2.0).holds(2.0) && !Limit::AtLeast(2.0).holds(1.9));
    }
}
