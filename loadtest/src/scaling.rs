//! From what one of each costs to what many cost: the tables of `docs/scaling.md`.
//!
//! Nothing here is known beforehand. Every figure is a row of the report; what was not measured stays open, and so does
//! whatever would follow from it.

use std::fmt::{self, Write};

use crate::{comparison::Results, outcome::number};

/// Sizes of installations: people connected at the same time.
const SIZES: [(f64, &str); 3] = [
    (1e4, "10 thousand"),
    (1e6, "1 million"),
    (1e8, "100 million"),
];
/// What one person does and hears, on average.
const SENDS_PER_MINUTE: f64 = 1.0;
const HEARERS: f64 = 20.0;
/// How much of a core, and of a gateway's memory, may be used: the rest is for those who come back at once.
const SHARE: f64 = 0.5;
const GIB: f64 = 1_073_741_824.0;

/// What one of each costs, as far as it was measured.
#[derive(Debug, Clone, Copy, Default)]
struct Costs {
    /// Bytes of a connection.
    connection_bytes: Option<f64>,
    /// CPU of an idle connection, µs per second.
    idle_us: Option<f64>,
    /// CPU of what holds sockets, µs per delivery.
    delivery_us: Option<f64>,
    /// CPU of all servers ÷ of what holds sockets.
    whole: Option<f64>,
    /// Messages per second that one Postgres stores while many wait.
    stored_per_second: Option<f64>,
    /// Connections that one gateway held.
    held: Option<f64>,
}

impl Costs {
    fn of(results: &Results) -> Self {
        let find = |part: &str, metric: &str| {
            let rows = &results.get(part)?.rows;
            let row = rows.iter().find(|row| row.metric == metric)?;
            Some(row.ours).filter(|it| it.is_finite() && *it > 0.0)
        };
        Self {
            connection_bytes: find("idle", "memory per idle connection"),
            idle_us: find("idle", "CPU per idle connection and second"),
            delivery_us: find(
                "delivery",
                "CPU of what holds sockets per delivery, one at a time",
            ),
            whole: find(
                "delivery",
                "CPU of all servers ÷ of what holds sockets, one at a time",
            ),
            stored_per_second: find("durable", "four times as many: messages/s"),
            held: find("idle", "connections held"),
        }
    }

    /// Cores of gateways for so many people.
    fn gateway_cores(self, people: f64) -> Option<f64> {
        let deliveries = people * SENDS_PER_MINUTE / 60.0 * HEARERS;
        let us = people * self.idle_us? + deliveries * self.delivery_us?;
        Some(us / 1e6 / SHARE)
    }

    /// Cores of everything else: services, bus, Postgres.
    fn other_cores(self, people: f64) -> Option<f64> {
        let deliveries = people * SENDS_PER_MINUTE / 60.0 * HEARERS;
        let us = deliveries * self.delivery_us? * (self.whole? - 1.0).max(0.0);
        Some(us / 1e6 / SHARE)
    }

    /// Memory of connections, GiB.
    fn memory_gib(self, people: f64) -> Option<f64> {
        Some(people * self.connection_bytes? / GIB / SHARE)
    }

    /// Gateways, each with as many connections as one was seen to hold.
    fn gateways(self, people: f64) -> Option<f64> {
        Some((people / self.held?).ceil())
    }

    /// Logs, each on a Postgres of its own.
    fn logs(self, people: f64) -> Option<f64> {
        let messages = people * SENDS_PER_MINUTE / 60.0;
        Some((messages / (self.stored_per_second? * SHARE)).ceil())
    }
}

/// Renders what was measured and what follows from it.
#[must_use]
pub fn table(results: &Results) -> String {
    let mut out = String::new();
    write(&mut out, Costs::of(results)).expect("a string takes all");
    out
}

fn write(out: &mut String, costs: Costs) -> fmt::Result {
    writeln!(out, "| what one costs | measured |\n|---|---|")?;
    for (name, figure, unit) in [
        ("b: a connection, memory", costs.connection_bytes, "B"),
        ("i: an idle connection, CPU per second", costs.idle_us, "µs"),
        ("d: a delivery, CPU of the gateway", costs.delivery_us, "µs"),
        ("w: all servers ÷ gateways, CPU", costs.whole, "×"),
        (
            "p: messages that one Postgres stores",
            costs.stored_per_second,
            "/s",
        ),
        ("h: connections of one gateway", costs.held, ""),
    ] {
        writeln!(out, "| {name} | {} |", shown(figure, unit))?;
    }
    writeln!(
        out,
        "\nWith m = {SENDS_PER_MINUTE} message a minute of each person, r = {HEARERS} who hear it, and s = {SHARE} of everything \
         in use:\n"
    )?;
    writeln!(
        out,
        "| people at once | deliveries/s | gateways | cores of gateways | memory of connections | other cores | Postgres for the \
         log |\n|---|---|---|---|---|---|---|"
    )?;
    for (people, name) in SIZES {
        writeln!(
            out,
            "| {name} | {} | {} | {} | {} | {} | {} |",
            number((people * SENDS_PER_MINUTE / 60.0 * HEARERS).round()),
            shown(costs.gateways(people), ""),
            shown(costs.gateway_cores(people), ""),
            shown(costs.memory_gib(people), "GiB"),
            shown(costs.other_cores(people), ""),
            shown(costs.logs(people), "")
        )?;
    }
    Ok(())
}

fn shown(figure: Option<f64>, unit: &str) -> String {
    figure.map_or("not measured yet".to_owned(), |figure| {
        format!("{} {unit}", number(figure)).trim_end().to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        comparison::{Measured, Row},
        machine::Machine,
    };

    fn measured(rows: &[(&str, f64)]) -> Measured {
        Measured {
            what: String::new(),
            machine: Machine::describe(),
            floor: None,
            rows: rows
                .iter()
                .map(|(metric, ours)| Row::of("P", metric, *ours, ""))
                .collect(),
            notes: Vec::new(),
            plot: None,
        }
    }

    #[test]
    fn what_was_not_measured_stays_open() {
        let text = table(&Results::new());
        assert_eq!(
            text.matches("not measured yet").count(),
            6 + 3 * 5,
            "{text}"
        );
        assert!(
            text.contains("| 10 thousand | 3333 | not measured yet |"),
            "{text}"
        );
    }

    #[test]
    fn what_was_measured_is_multiplied() {
        let idle = measured(&[
            ("memory per idle connection", 5_368.709_12),
            ("CPU per idle connection and second", 1.0),
            ("connections held", 15_000.0),
        ]);
        let delivery = measured(&[
            ("CPU of what holds sockets per delivery, one at a time", 6.0),
            (
                "CPU of all servers ÷ of what holds sockets, one at a time",
                1.5,
            ),
        ]);
        let durable = measured(&[("four times as many: messages/s", 10_000.0)]);
        let parts = [("idle", idle), ("delivery", delivery), ("durable", durable)];
        let results = parts.map(|(name, part)| (name.to_owned(), part)).into();
        let text = table(&results);
        // A million people: 333,333 deliveries a second of 6 µs, and 1 µs a second for each; half of a core is used.
        let line = "| 1 million | 333333 | 67 | 6 | 10 GiB | 2.00 | 4 |";
        assert!(text.contains(line), "{text}");
    }
}
