//! `faultlab` and `histcheck`.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, ensure};
use clap::Args;

use crate::{
    faultlab::{self, Options, Protection, nemesis, soak, verdict},
    histcheck::journal,
    machine, markdown,
};

/// Each fault of the long form lasts at least so long.
const LONG: Duration = Duration::from_secs(20);
/// Sockets of devices and links, with room to spare.
const SOCKETS: usize = 2_000;
/// A soak is no longer than this.
const SOAK_MAX: Duration = Duration::from_secs(4 * 3_600);

#[derive(Debug, Args)]
pub(super) struct FaultlabArgs {
    /// Names of nemeses, such as n4; all when there are none.
    nemeses: Vec<String>,
    /// Every nemesis; the same as naming none.
    #[arg(long, conflicts_with = "nemeses")]
    all: bool,
    /// Each fault lasts as short as shows anything; otherwise 20 s at least.
    #[arg(long)]
    short: bool,
    /// Switches a protection off, to see that the lab notices.
    #[arg(long)]
    without: Option<Protection>,
    /// A bus of three servers for every nemesis, not only for those about a cluster.
    #[arg(long)]
    cluster: bool,
    /// Instead: everything at once for about so long, such as 90s or 10m, and then a look at what every process holds
    /// and at what was written down.
    #[arg(long, value_parser = duration, conflicts_with_all = ["nemeses", "all", "short", "without", "cluster"])]
    soak: Option<Duration>,
    /// Writes the result of a soak as JSON.
    #[arg(long, requires = "soak")]
    out: Option<PathBuf>,
    /// Seed of all dice.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Writes the history of each run into this folder.
    #[arg(long)]
    journals: Option<PathBuf>,
    /// Writes the table into this Markdown document, between the markers of the scenario.
    #[arg(long)]
    markdown: Option<PathBuf>,
}

/// Runs the lab and prints its table; says whether every promise was kept.
pub(super) fn run(args: &FaultlabArgs) -> anyhow::Result<bool> {
    let nemeses = if args.nemeses.is_empty() {
        nemesis::ALL.to_vec()
    } else {
        nemesis::named(&args.nemeses)?
    };
    let options = Options {
        nemeses,
        span: if args.short || args.soak.is_some() {
            Duration::ZERO
        } else {
            LONG
        },
        seed: args.seed,
        without: args.without,
        is_clustered: args.cluster,
        journals: args.journals.clone(),
    };
    machine::allow_sockets(SOCKETS)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let (section, table, is_kept) = if let Some(duration) = args.soak {
        let soaked = runtime.block_on(soak::run(&options, duration))?;
        if let Some(path) = &args.out {
            let json = serde_json::to_string_pretty(&soaked.json())?;
            fs::write(path, json).with_context(|| path.display().to_string())?;
        }
        ("soak", soaked.table(), soaked.is_kept())
    } else {
        let rows = runtime.block_on(faultlab::run(&options))?;
        let is_kept = !rows.iter().any(verdict::Row::is_broken);
        ("faultlab", verdict::table(&rows), is_kept)
    };
    write!(io::stdout(), "{table}")?;
    if let Some(path) = &args.markdown {
        markdown::write_section(path, section, &table)
            .with_context(|| path.display().to_string())?;
    }
    Ok(is_kept)
}

/// Parses `90s` or `10m`.
fn duration(text: &str) -> anyhow::Result<Duration> {
    let seconds = match (text.strip_suffix('s'), text.strip_suffix('m')) {
        (Some(seconds), _) => seconds.parse().ok(),
        (_, Some(minutes)) => minutes
            .parse::<u64>()
            .ok()
            .and_then(|it| it.checked_mul(60)),
        _ => None,
    };
    let duration = Duration::from_secs(seconds.context("expected a duration such as 90s or 10m")?);
    ensure!(
        duration > Duration::ZERO && duration <= SOAK_MAX,
        "a soak lasts 1 s to 4 hours"
    );
    Ok(duration)
}

/// Checks a history that was written earlier; says whether every promise was kept.
pub(super) fn check(file: &Path) -> anyhow::Result<bool> {
    let verdict = journal::check_file(file)?;
    for finding in verdict.findings() {
        writeln!(
            io::stdout(),
            "{}: {}",
            finding.check.name(),
            finding.violations
        )?;
        for example in &finding.examples {
            writeln!(io::stdout(), "  {example}")?;
        }
    }
    Ok(verdict.is_clean())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_soak_s_length_has_a_unit_and_an_end() {
        assert_eq!(duration("90s").ok(), Some(Duration::from_secs(90)));
        assert_eq!(duration("10m").ok(), Some(Duration::from_secs(600)));
        for text in [
            "",
            "10",
            "s",
            "m",
            "0s",
            "-1s",
            "1.5m",
            "241m",
            "99999999999999999m",
            "10h",
        ] {
            assert!(duration(text).is_err(), "{text}");
        }
    }
}
