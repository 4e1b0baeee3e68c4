//! An outcome as Markdown.

use std::fmt::{self, Write};

use super::{Limit, Measure, Outcome, Stretch};
use crate::{histcheck::Verdict, tally::Tally};

pub(super) fn write(out: &mut String, outcome: &Outcome) -> fmt::Result {
    let (shape, machine) = (&outcome.shape, &outcome.machine);
    writeln!(
        out,
        "`{}` on {}: {} connections of {} users, {} rooms, {} gateways; bodies of {} B.",
        outcome.scenario,
        outcome.server,
        shape.connections,
        shape.users,
        shape.rooms,
        shape.gateways,
        shape.body_length
    )?;
    writeln!(out, "{machine}\n")?;
    write_stretches(out, &outcome.stretches)?;
    write_measures(out, &outcome.measures)?;
    for note in &outcome.notes {
        writeln!(out, "- {note}")?;
    }
    if let Some(tally) = &outcome.tally {
        write_tally(out, tally)?;
    }
    write_verdict(out, outcome)
}

fn write_stretches(out: &mut String, stretches: &[Stretch]) -> fmt::Result {
    if stretches.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "| phase | messages/s | acked | not acked | deliveries/s | ack p50 / p99, ms | delivery p50 / p99, ms | \
         generator late p99, ms | sockets, µs/delivery | all servers | generator |"
    )?;
    writeln!(out, "|---|---|---|---|---|---|---|---|---|---|---|")?;
    for stretch in stretches {
        let traffic = &stretch.traffic;
        writeln!(
            out,
            "| {} | {:.0} | {} | {} | {:.0} | {:.2} / {:.2} | {:.2} / {:.2} | {:.2} | {:.2} | {:.2} | {:.2} |",
            stretch.label,
            stretch.rate,
            traffic.acked,
            traffic.planned - traffic.acked,
            traffic.deliveries_per_second,
            traffic.ack.p50_ms,
            traffic.ack.p99_ms,
            traffic.delivery.p50_ms,
            traffic.delivery.p99_ms,
            traffic.lateness.p99_ms,
            stretch.socket_us(),
            stretch.server_us(),
            stretch.generator_us()
        )?;
    }
    writeln!(out)
}

fn write_measures(out: &mut String, measures: &[Measure]) -> fmt::Result {
    if measures.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "| id | metric | target | measured | |\n|---|---|---|---|---|"
    )?;
    for measure in measures {
        let kept = match measure.limit {
            None => "",
            Some(limit) if limit.holds(measure.value) => "kept",
            Some(_) => "**missed**",
        };
        writeln!(
            out,
            "| {} | {} | {} | {} {} | {kept} |",
            measure.id,
            measure.metric,
            limit(measure),
            number(measure.value),
            measure.unit
        )?;
    }
    writeln!(out)
}

/// Writes what a figure must be, or a dash.
pub(crate) fn limit(measure: &Measure) -> String {
    match measure.limit {
        None => "–".to_owned(),
        Some(Limit::AtMost(limit)) => format!("≤ {} {}", number(limit), measure.unit),
        Some(Limit::AtLeast(limit)) => format!("≥ {} {}", number(limit), measure.unit),
    }
}

/// Writes a figure with as many digits as say anything.
pub(crate) fn number(value: f64) -> String {
    if value == value.trunc() && value.abs() < 1e9 || value.abs() >= 1_000.0 {
        format!("{value:.0}")
    } else if value.abs() >= 100.0 {
        format!("{value:.1}")
    } else {
        format!("{value:.2}")
    }
}

fn write_tally(out: &mut String, tally: &Tally) -> fmt::Result {
    writeln!(
        out,
        "- deliveries: {} expected, {} received, {} lost, {} doubled, {} of refused messages, {} strayed; {} out of a \
         sender's order, {} of {} rooms in which members saw different orders",
        tally.expected,
        tally.received,
        tally.lost(),
        tally.doubled,
        tally.phantoms,
        tally.strayed,
        tally.sender_disorder,
        tally.rooms_in_disorder,
        tally.rooms
    )
}

fn write_verdict(out: &mut String, outcome: &Outcome) -> fmt::Result {
    let findings = outcome.verdict.iter().flat_map(Verdict::findings);
    let mut is_clean = true;
    for finding in findings.filter(|finding| finding.violations > 0) {
        is_clean = false;
        writeln!(
            out,
            "- {}: **{} violations**",
            finding.check.name(),
            finding.violations
        )?;
        for example in &finding.examples {
            writeln!(out, "  - {example}")?;
        }
    }
    if outcome.verdict.is_some() && is_clean {
        writeln!(out, "- history: every check passed")?;
    }
    for trouble in &outcome.troubles {
        writeln!(out, "- trouble: {trouble}")?;
    }
    writeln!(
        out,
        "\nEverything arrived as it must: **{}**",
        if outcome.is_good() { "yes" } else { "no" }
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_the_digits_that_say_anything() {
        let written = [0.5, 12.0, 12.34, 123.45, 12_345.6].map(number);
        assert_eq!(written, ["0.50", "12", "12.34", "123.5", "12346"]);
    }

    #[test]
    fn limits_are_written_with_their_unit() {
        let measure = Measure::at_most("P8", "connect p99", 3.0, "ms", 50.0);
        assert_eq!(limit(&measure), "≤ 50 ms");
        assert_eq!(limit(&Measure::of("P8", "connect p50", 3.0, "ms")), "–");
    }
}
