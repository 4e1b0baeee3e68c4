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
    machine, markdown, scaling,
};

/// Between these markers the table stands.
const SECTION: &str = "report";
/// And between these, in the other document, what follows from it.
const UNIT_COSTS: &str = "unit-costs";

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
    /// The document on bigger installations, which is computed from the rows.
    #[arg(long, default_value = "docs/scaling.md")]
    scaling: PathBuf,
}

/// Measures, and writes the table anew after each part; says whether everything arrived as it must.
pub(super) fn run(args: &ReportArgs) -> anyhow::Result<bool> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let parts = if args.parts.is_empty() {
        Part::ALL.to_vec()
    } else {
        args.parts.clone()
    };
    let most = parts.iter().map(|part| part.connections()).max();
    machine::allow_sockets(most.unwrap_or(0))?;
    let mut is_good = true;
    for part in parts {
        // There is nobody left to tell when stderr is gone.
        let _ = writeln!(io::stderr(), "{}", part.name());
        let found = runtime.block_on(part.measure());
        let mut found = found.context(part.name())?;
        for trouble in &found.troubles {
            let _ = writeln!(io::stderr(), "{trouble}");
            is_good = false;
        }
        if let Some(plot) = found.plot {
            // Beside the document, which shows it.
            let file = format!("performance-{}.svg", part.name());
            let path = args.markdown.with_file_name(&file);
            fs::write(&path, plot.svg()).with_context(|| path.display().to_string())?;
            found.measured.plot = Some(file);
        }
        let mut results = comparison::load(&args.rows)?;
        results.insert(part.name().to_owned(), found.measured);
        comparison::save(&args.rows, &results)?;
        let table = comparison::table(&results);
        markdown::write_section(&args.markdown, SECTION, &table)
            .with_context(|| args.markdown.display().to_string())?;
        markdown::write_section(&args.scaling, UNIT_COSTS, &scaling::table(&results))
            .with_context(|| args.scaling.display().to_string())?;
    }
    Ok(is_good)
}
