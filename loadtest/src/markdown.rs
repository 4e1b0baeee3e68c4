//! A report as Markdown, and as one section of a document.

use std::{fmt::Write as _, fs, io, path::Path};

use crate::{histcheck::Verdict, report::Report, summary::Latency, traffic::Traffic};

/// Renders a report.
#[must_use]
pub fn render(report: &Report) -> String {
    let mut out = String::new();
    write_report(&mut out, report).expect("a string takes all");
    out
}

fn write_report(out: &mut String, report: &Report) -> std::fmt::Result {
    let shape = &report.shape;
    write!(
        out,
        "`{}`: {} connections",
        report.scenario, shape.connections
    )?;
    write!(
        out,
        " of {} users on {} gateways, {} rooms",
        shape.users, shape.gateways, shape.rooms
    )?;
    write!(out, " ({} per user)", shape.rooms_per_user)?;
    if report.traffic.is_some() {
        write!(
            out,
            ", {} messages/s of {} B",
            shape.rate, shape.body_length
        )?;
    }
    writeln!(out, ", {:.1} s.", shape.seconds)?;
    writeln!(out, "{}\n", report.machine)?;
    if let Some(traffic) = &report.traffic {
        write_traffic(out, traffic)?;
    }
    write_cpu(out, report)?;
    write_memory(out, report)?;
    write_verdict(out, report)
}

fn write_traffic(out: &mut String, traffic: &Traffic) -> std::fmt::Result {
    let refused: u64 = traffic.refused.values().sum();
    writeln!(
        out,
        "{} of {} messages acknowledged, {refused} refused, {} unanswered, {} not sent; {} deliveries, {:.0}/s.\n",
        traffic.acked,
        traffic.planned,
        traffic.unknown,
        traffic.not_sent,
        traffic.deliveries,
        traffic.deliveries_per_second
    )?;
    writeln!(
        out,
        "| latency, ms | p50 | p90 | p99 | p99.9 | max |\n|---|---|---|---|---|---|"
    )?;
    for (name, latency) in [
        ("due → ack", &traffic.ack),
        ("due → delivery", &traffic.delivery),
        ("due → handed to the socket (generator)", &traffic.lateness),
    ] {
        let Latency {
            p50_ms,
            p90_ms,
            p99_ms,
            p999_ms,
            max_ms,
            ..
        } = latency;
        writeln!(
            out,
            "| {name} | {p50_ms:.2} | {p90_ms:.2} | {p99_ms:.2} | {p999_ms:.2} | {max_ms:.2} |"
        )?;
    }
    writeln!(out)
}

fn write_cpu(out: &mut String, report: &Report) -> std::fmt::Result {
    let unit = if report.traffic.is_some() {
        "µs per delivery"
    } else {
        "µs per connection and second"
    };
    writeln!(
        out,
        "| process | count | CPU s | {unit} |\n|---|---|---|---|"
    )?;
    for cpu in &report.cpu {
        writeln!(
            out,
            "| {} | {} | {:.2} | {:.2} |",
            cpu.name, cpu.processes, cpu.seconds, cpu.us_per_unit
        )?;
    }
    if let Some(sum) = report.server_us_per_unit() {
        writeln!(out, "| **all servers** | | | **{sum:.2}** |")?;
    }
    writeln!(out)
}

fn write_memory(out: &mut String, report: &Report) -> std::fmt::Result {
    let Some(memory) = &report.memory else {
        return writeln!(
            out,
            "Gateway memory: not measured (the gateways' process ids are not known).\n"
        );
    };
    let mib = |bytes: u64| bytes as f64 / 1_048_576.0;
    writeln!(
        out,
        "Gateway memory per idle connection: {:.0} B RSS, {:.0} B PSS ({:.1} → {:.1} MiB RSS in all).\n",
        memory.rss_bytes,
        memory.pss_bytes,
        mib(memory.before.rss),
        mib(memory.after.rss)
    )
}

fn write_verdict(out: &mut String, report: &Report) -> std::fmt::Result {
    for finding in report.verdict.iter().flat_map(Verdict::findings) {
        if finding.violations == 0 {
            writeln!(out, "- {}: ok", finding.check.name())?;
        } else {
            writeln!(
                out,
                "- {}: **{} violations**",
                finding.check.name(),
                finding.violations
            )?;
        }
        for example in &finding.examples {
            writeln!(out, "  - {example}")?;
        }
    }
    for trouble in &report.troubles {
        writeln!(out, "- trouble: {trouble}")?;
    }
    writeln!(
        out,
        "\nVerdict: **{}**",
        if report.is_good() { "pass" } else { "fail" }
    )
}

/// Puts a section between the markers of its scenario, `<!-- loadtest:NAME -->` and `<!-- /loadtest:NAME -->`, or at
/// the end with new markers when the document has none. Makes the document when it does not exist.
///
/// # Errors
/// When the document cannot be read or written.
pub fn write_section(path: &Path, scenario: &str, section: &str) -> io::Result<()> {
    let document = match fs::read_to_string(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => "# Performance\n".to_owned(),
        other => other?,
    };
    fs::write(path, splice(&document, scenario, section))
}

fn splice(document: &str, scenario: &str, section: &str) -> String {
    let (open, close) = (
        format!("<!-- loadtest:{scenario} -->"),
        format!("<!-- /loadtest:{scenario} -->"),
    );
    let marked = document
        .split_once(&open)
        .and_then(|(before, rest)| Some((before, rest.split_once(&close)?.1)));
    let section = section.trim_end();
    match marked {
        Some((before, after)) => format!("{before}{open}\n{section}\n{close}{after}"),
        None => format!("{}\n\n{open}\n{section}\n{close}\n", document.trim_end()),
    }
}

#[cfg(test)]
mod tests {
    use super::splice;

    #[test]
    fn a_section_is_replaced_and_the_rest_stays() {
        let first = splice("# Performance\n\nText.\n", "rooms", "one\n");
        assert_eq!(
            first,
            "# Performance\n\nText.\n\n<!-- loadtest:rooms -->\none\n<!-- /loadtest:rooms -->\n"
        );
        let both = splice(&first, "idle", "two");
        let second = splice(&both, "rooms", "three");
        assert!(
            second.contains("three") && second.contains("two") && !second.contains("one"),
            "{second}"
        );
        assert_eq!(splice(&second, "rooms", "three"), second);
    }
}
