//! The table as Markdown.

use std::fmt::{self, Write};

use super::{Results, Row, promises};
use crate::outcome::{Limit, number};

/// What whoever reads a figure of this kind must know.
const LIMITS: &str = "\
**What these figures do not say.** Everything runs on one machine: servers, stores and the generator share its cores, \
and other work may have run beside them. CPU and memory are good to about 15 %; tails of latency are not comparable \
between runs. Compare ratios inside one run. With moderate load spread over many rooms batches hold about one message, \
and a delivery costs about 5 µs of CPU whatever anyone does, because 75–95 % of that is the kernel's work of sending: \
great ratios come from bursts, hot rooms and stores, and not from there. There is no TLS. Servers that keep nothing are \
compared with one that stores every message before it says so.";

/// Renders everything that was measured.
#[must_use]
pub fn table(results: &Results) -> String {
    let mut out = String::new();
    write(&mut out, results).expect("a string takes all");
    out
}

fn write(out: &mut String, results: &Results) -> fmt::Result {
    promises::write(out, results)?;
    writeln!(
        out,
        "\nAnd what the design asks for, beside the servers that it was measured with:\n\n| id | metric | target | Hubbub | peer | peer's | ratio | |\n|---|---|---|---|---|---|---|---|"
    )?;
    for row in results.values().flat_map(|measured| &measured.rows) {
        write_row(out, row)?;
    }
    writeln!(
        out,
        "\nHow it was measured, and how busy the machine was:\n"
    )?;
    for (part, measured) in results {
        let machine = &measured.machine;
        writeln!(
            out,
            "- `{part}`: {}; {} cores ({}), {} MiB, Linux {}, load {:.2} before and {:.2} after",
            measured.what,
            machine.cores,
            machine.model,
            machine.memory_mib,
            machine.kernel,
            machine.load_before,
            machine.load_after
        )?;
        if let Some(floor) = &measured.floor {
            writeln!(out, "  - {floor}")?;
        }
        for note in &measured.notes {
            writeln!(out, "  - {note}")?;
        }
    }
    for (part, measured) in results {
        if let Some(plot) = &measured.plot {
            writeln!(out, "\n![{part}]({plot})")?;
        }
    }
    writeln!(out, "\n{LIMITS}")
}

fn write_row(out: &mut String, row: &Row) -> fmt::Result {
    let (peer, theirs) = match &row.peer {
        Some((peer, theirs)) => (peer.as_str(), value(*theirs, &row.unit)),
        None => ("", String::new()),
    };
    let ratio = row.ratio().map(|ratio| format!("{ratio:.2}×"));
    let kept = match row.is_kept() {
        None => "",
        Some(true) => "kept",
        Some(false) => "**missed**",
    };
    writeln!(
        out,
        "| {} | {} | {} | {} | {peer} | {theirs} | {} | {kept} |",
        row.id,
        row.metric,
        target(row),
        value(row.ours, &row.unit),
        ratio.unwrap_or_default()
    )
}

fn target(row: &Row) -> String {
    let written = |limit: Limit, unit: &str| match limit {
        Limit::AtMost(limit) => format!("≤ {}", value(limit, unit)),
        Limit::AtLeast(limit) => format!("≥ {}", value(limit, unit)),
    };
    let own = row.limit.map(|limit| written(limit, &row.unit));
    let ratio = row.ratio_limit.map(|limit| written(limit, "× the peer"));
    let both: Vec<String> = own.into_iter().chain(ratio).collect();
    if both.is_empty() {
        "–".to_owned()
    } else {
        both.join(", ")
    }
}

pub(super) fn value(value: f64, unit: &str) -> String {
    format!("{} {unit}", number(value)).trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{comparison::Measured, machine::Machine};

    #[test]
    fn rows_say_target_peer_ratio_and_whether_it_is_kept() {
        let near = Row::of("P1", "CPU per delivery", 6.0, "µs");
        let rows = vec![
            near.against("socket.io", 12.0, Some(Limit::AtMost(0.55))),
            Row::of("P8", "connect p99", 60.0, "ms").limited(Limit::AtMost(50.0)),
            Row::of("P7", "CPU per connection", 300.0, "µs"),
        ];
        let measured = Measured {
            what: "a room of 1,000".into(),
            machine: Machine::describe(),
            floor: None,
            rows,
            notes: vec!["one was slow".into()],
            plot: Some("performance-delivery.svg".into()),
        };
        let text = table(&Results::from([("delivery".to_owned(), measured)]));
        for line in [
            "| P1 | CPU per delivery | ≤ 0.55 × the peer | 6 µs | socket.io | 12 µs | 0.50× | kept |",
            "| P8 | connect p99 | ≤ 50 ms | 60 ms |  |  |  | **missed** |",
            "| P7 | CPU per connection | – | 300 µs |  |  |  |  |",
            "- `delivery`: a room of 1,000; ",
            "  - one was slow",
            "![delivery](performance-delivery.svg)",
            "| Disconnect clean-up | < 20 ms | not measured yet |  |",
        ] {
            assert!(text.contains(line), "{line}\n{text}");
        }
    }
}
