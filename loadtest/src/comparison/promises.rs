//! What was promised to users, in the words and the order of the promise: metric, target, achieved.

use std::fmt::{self, Write};

use super::{Results, Row, render::value};

/// The figure behind the promise of quick tokens.
pub(super) const TOKEN_CHECK: &str = "token check";

/// What is promised, what was promised of it, and the figure that says whether it is kept.
const PROMISES: [(&str, &str, &str); 6] = [
    (
        "Connection establishment (p99)",
        "< 50 ms",
        "connect to welcome p99",
    ),
    ("Message send (p99)", "< 10 ms", "send to ack p99"),
    (
        "Broadcast to 100 connections (p99)",
        "< 50 ms",
        "send to last member p99",
    ),
    ("Disconnect clean-up", "< 20 ms", "goodbye to closed p99"),
    ("JWT validation", "< 5 ms", TOKEN_CHECK),
    (
        "Concurrent connections",
        "10,000 or more",
        "connections at once",
    ),
];

/// Writes the table; what was not measured says so.
pub(super) fn write(out: &mut String, results: &Results) -> fmt::Result {
    writeln!(out, "| metric | target | achieved | |\n|---|---|---|---|")?;
    for (metric, target, figure) in PROMISES {
        let mut rows = results.values().flat_map(|measured| &measured.rows);
        let found = rows.find(|row| row.metric == figure);
        let achieved = found.map_or("not measured yet".to_owned(), |row| {
            value(row.ours, &row.unit)
        });
        let kept = match found.and_then(Row::is_kept) {
            None => "",
            Some(true) => "kept",
            Some(false) => "**missed**",
        };
        writeln!(out, "| {metric} | {target} | {achieved} | {kept} |")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{comparison::Measured, machine::Machine, outcome::Limit};

    #[test]
    fn each_promise_has_its_figure_and_says_whether_it_is_kept() {
        let row = |metric: &str, ours, limit| {
            Row::of("claim", metric, ours, "ms").limited(Limit::AtMost(limit))
        };
        let measured = Measured {
            what: "a part".into(),
            machine: Machine::describe(),
            floor: None,
            rows: vec![
                row("send to ack p99", 12.0, 10.0),
                row(TOKEN_CHECK, 0.05, 5.0),
            ],
            notes: Vec::new(),
            plot: None,
        };
        let mut out = String::new();
        write(&mut out, &Results::from([("a".to_owned(), measured)])).expect("a string takes all");
        for line in [
            "| Message send (p99) | < 10 ms | 12 ms | **missed** |",
            "| JWT validation | < 5 ms | 0.05 ms | kept |",
            "| Concurrent connections | 10,000 or more | not measured yet |  |",
        ] {
            assert!(out.contains(line), "{line}\n{out}");
        }
    }
}
