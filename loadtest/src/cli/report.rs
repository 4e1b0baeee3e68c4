//! `report`.

use std::{
    fs,
    io::{self, Write},
    path::PathBuf,
};

use anyhow::Context;
use clap::Args;

use crate::{
    comparison::{self, Part},
    machine, markdown,
};

/// Sockets of the biggest part, with room to spare: every server keeps its own.
const SOCKETS: usize = 6_000;
/// Between these markers the table stands.
const SECTION: &str = "report";

#[derive(Debug, Args)]
pub(super) struct ReportArgs {
    /// What to measure; everything when nothing is named. Parts that are not measured keep their rows.
    parts: Vec<Part>,
    /// The document that the table is in.
    #[arg(long, default_value = "docs/performance.md")]
    markdown: PathBuf,
    /// Where the rows are kept.
    #[arg(long, default_value = "docs/performance.json")]
    rows: PathBuf,
    /// Where the curve of `ramp` is drawn.
    #[arg(long, default_value = "docs/performance-ramp.svg")]
    svg: PathBuf,
}

/// Measures, and writes the table anew after each part; says whether everything arrived as it must.
pub(super) fn run(args: &ReportArgs) -> anyhow::Result<bool> {
    machine::allow_sockets(SOCKETS)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let parts = if args.parts.is_empty() {
        Part::ALL.to_vec()
    } else {
        args.parts.clone()
    };
    let mut is_good = true;
    for part in parts {
        // There is nobody left to tell when stderr is gone.
        let _ = writeln!(io::stderr(), "{}", part.name());
        let found = runtime.block_on(part.measure());
        let found = found.context(part.name())?;
        for trouble in &found.troubles {
            let _ = writeln!(io::stderr(), "{trouble}");
            is_good = false;
        }
        let mut results = comparison::load(&args.rows)?;
        results.insert(part.name().to_owned(), found.measured);
        comparison::save(&args.rows, &results)?;
        if let Some(plot) = found.plot {
            fs::write(&args.svg, plot.svg()).with_context(|| args.svg.display().to_string())?;
        }
        let table = comparison::table(&results);
        markdown::write_section(&args.markdown, SECTION, &table)
            .with_context(|| args.markdown.display().to_string())?;
    }
    Ok(is_good)
}
