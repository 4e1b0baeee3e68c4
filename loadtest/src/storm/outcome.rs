//! What came of a storm, and whether it stayed within its limits.

use std::{collections::BTreeMap, fmt::Write as _, time::Duration};

use serde::Serialize;

use crate::{
    machine::Machine,
    storm::{Options, gauges::Frequent},
};

/// Everyone is whole again within this.
pub const BACK_WITHIN: Duration = Duration::from_secs(30);
/// Statements a second that the storm may cause in Postgres, on average until everyone is back.
pub const STATEMENTS_MAX: f64 = 200.0;
/// The survivor's peak of memory over what both gateways held together before.
pub const MEMORY_MAX: f64 = 1.5;

/// What was measured.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Outcome {
    /// What was asked.
    pub options: Options,
    /// Where it ran.
    pub machine: Machine,
    /// Devices that came back, each when it had been told everything it missed.
    pub back: usize,
    /// Half of them were back after this, seconds.
    pub p50_s: f64,
    /// 99 of 100.
    pub p99_s: f64,
    /// The last one.
    pub last_s: f64,
    /// Messages that were acknowledged, before, during and after.
    pub acked: u64,
    /// Messages that all devices were told.
    pub deliveries: u64,
    /// Events that a device of the room was never told.
    pub lost: u64,
    /// Events that did not follow what was told before.
    pub holes: u64,
    /// Events that were told twice.
    pub repeats: u64,
    /// Times the server gave up on continuity.
    pub given_up: u64,
    /// Connections that broke again.
    pub relapses: u64,
    /// Statements a second before the storm.
    pub statements_before: f64,
    /// Statements a second that the storm caused, on average.
    pub statements_caused: f64,
    /// The same in the worst second.
    pub statements_worst: f64,
    /// The most frequent statements of the storm.
    pub frequent: Vec<Frequent>,
    /// Memory of both gateways together before the storm, bytes.
    pub memory_before: u64,
    /// The survivor's peak, bytes.
    pub memory_peak: u64,
    /// Attempts that came to nothing, by reason.
    pub refused: BTreeMap<String, u64>,
    /// Refusals with 503 that did not say when to come back.
    pub without_retry_after: u64,
}

/// One promise, what was measured, and whether it was kept.
struct Line {
    promise: &'static str,
    measured: String,
    is_kept: bool,
}

impl Outcome {
    /// Whether everything stayed within its limits.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.lines().iter().all(|line| line.is_kept)
    }

    /// Returns the survivor's peak of memory over what both held before.
    #[must_use]
    pub fn memory_ratio(&self) -> f64 {
        self.memory_peak as f64 / self.memory_before.max(1) as f64
    }

    fn lines(&self) -> Vec<Line> {
        vec![
            self.returns(),
            self.continuity(),
            Line {
                promise: "at most 200 statements a second more in Postgres",
                measured: format!(
                    "{:.0}/s on average, {:.0} in the worst second, over {:.0}/s before",
                    self.statements_caused, self.statements_worst, self.statements_before
                ),
                is_kept: self.statements_caused <= STATEMENTS_MAX,
            },
            self.memory(),
            self.refusals(),
            Line {
                promise: "nobody who came back is dropped again",
                measured: format!("{} connections", self.relapses),
                is_kept: self.relapses == 0,
            },
        ]
    }

    fn returns(&self) -> Line {
        let devices = self.options.devices;
        Line {
            promise: "everyone is back, with everything they missed, within 30 s",
            measured: format!(
                "{} of {devices}; half after {:.1} s, 99 % after {:.1} s, the last after {:.1} s",
                self.back, self.p50_s, self.p99_s, self.last_s
            ),
            is_kept: self.back == devices && self.last_s <= BACK_WITHIN.as_secs_f64(),
        }
    }

    fn continuity(&self) -> Line {
        Line {
            promise: "nothing is lost, told twice or out of order",
            measured: format!(
                "{} messages acknowledged, {} deliveries, {} lost, {} holes, {} twice; continuity given up {} times",
                self.acked, self.deliveries, self.lost, self.holes, self.repeats, self.given_up
            ),
            is_kept: self.acked > 0 && self.lost + self.holes + self.repeats + self.given_up == 0,
        }
    }

    fn memory(&self) -> Line {
        let mib = |bytes: u64| bytes as f64 / 1_048_576.0;
        Line {
            promise: "the survivor's memory peaks at 1.5 times what both gateways held before, at most",
            measured: format!(
                "{:.1} MiB at the peak, {:.1} MiB before: {:.2} times",
                mib(self.memory_peak),
                mib(self.memory_before),
                self.memory_ratio()
            ),
            is_kept: self.memory_ratio() <= MEMORY_MAX,
        }
    }

    fn refusals(&self) -> Line {
        let refused = self.refused.iter();
        let refused: Vec<String> = refused
            .map(|(reason, count)| format!("{count} × {reason}"))
            .collect();
        Line {
            promise: "whoever is turned away is told when to come back",
            measured: if refused.is_empty() {
                "nobody was turned away".to_owned()
            } else {
                let refused = refused.join(", ");
                format!("{refused}; {} without a time", self.without_retry_after)
            },
            is_kept: self.without_retry_after == 0,
        }
    }

    /// Renders the table promise · measured · verdict in Markdown.
    #[must_use]
    pub fn table(&self) -> String {
        let Options {
            devices,
            per_account,
            rooms,
            rooms_per_account,
            rate,
        } = &self.options;
        let machine = &self.machine;
        let mut text = format!(
            "{devices} devices of {} accounts, {rooms} rooms, {rooms_per_account} of them each, {rate} messages a second. Machine: {} cores ({}), shared by servers, stores and devices; load {:.2} before and {:.2} after.\n\n| promise | measured | verdict |\n|---|---|---|\n",
            devices.div_ceil(*per_account),
            machine.cores,
            machine.model,
            machine.load_before,
            machine.load_after,
        );
        for line in self.lines() {
            let verdict = if line.is_kept { "kept" } else { "**missed**" };
            // A string takes all.
            let _ = writeln!(text, "| {} | {} | {verdict} |", line.promise, line.measured);
        }
        text
    }

    /// Returns the most frequent statements in words.
    #[must_use]
    pub fn statements(&self) -> String {
        let line = |it: &Frequent| format!("{:8} {}\n", it.calls, it.statement);
        self.frequent.iter().map(line).collect()
    }
}

/// Returns the quantile of sorted times in seconds; 0 when there are none.
#[must_use]
pub fn quantile(sorted: &[Duration], quantile: f64) -> f64 {
    let rank = (sorted.len() as f64 * quantile).ceil() as usize;
    let at = sorted.get(rank.saturating_sub(1));
    at.map_or(0.0, Duration::as_secs_f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome() -> Outcome {
        Outcome {
            options: Options {
                devices: 100,
                ..Options::default()
            },
            machine: Machine::describe(),
            back: 100,
            p50_s: 4.0,
            p99_s: 9.0,
            last_s: 12.0,
            acked: 500,
            deliveries: 50_000,
            lost: 0,
            holes: 0,
            repeats: 0,
            given_up: 0,
            relapses: 0,
            statements_before: 20.0,
            statements_caused: 150.0,
            statements_worst: 220.0,
            frequent: Vec::new(),
            memory_before: 100 << 20,
            memory_peak: 120 << 20,
            refused: BTreeMap::from([("503 at the upgrade".to_owned(), 7)]),
            without_retry_after: 0,
        }
    }

    #[test]
    fn each_limit_is_looked_at() {
        assert!(outcome().is_good(), "{}", outcome().table());
        let spoils: [fn(&mut Outcome); 10] = [
            |it| it.back = 99,
            |it| it.last_s = 30.5,
            |it| it.lost = 1,
            |it| it.holes = 1,
            |it| it.repeats = 1,
            |it| it.given_up = 1,
            |it| it.statements_caused = 201.0,
            |it| it.memory_peak = 151 << 20,
            |it| it.without_retry_after = 1,
            |it| it.relapses = 1,
        ];
        for (number, spoil) in spoils.iter().enumerate() {
            let mut spoilt = outcome();
            spoil(&mut spoilt);
            assert!(!spoilt.is_good(), "{number}");
            assert_eq!(spoilt.table().matches("**missed**").count(), 1, "{number}");
        }
    }

    #[test]
    fn quantiles_of_times() {
        let times: Vec<_> = (1..=100).map(Duration::from_secs).collect();
        assert_eq!(
            (quantile(&times, 0.5), quantile(&times, 0.99)),
            (50.0, 99.0)
        );
        assert_eq!((quantile(&times, 1.0), quantile(&[], 0.5)), (100.0, 0.0));
    }
}
