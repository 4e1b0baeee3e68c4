//! Command line of the generator; `cargo xtask contract` calls it.

use std::{path::Path, process::ExitCode};

use clap::Parser;

/// Writes the documents, types and fixtures that clients are made from, and the table of rights that the bus is told.
#[derive(Parser)]
#[command(name = "cargo xtask contract")]
struct Settings {
    /// Writes nothing; fails when a file is not what the code says.
    #[arg(long)]
    check: bool,
}

#[expect(
    clippy::print_stderr,
    reason = "a command line tool answers on its terminal"
)]
fn main() -> anyhow::Result<ExitCode> {
    let Settings { check } = Settings::parse();
    // The manifest stands one folder below the root, wherever the tool is started from.
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    if !check {
        contract::write(&root)?;
        return Ok(ExitCode::SUCCESS);
    }
    let stale = contract::stale(&root)?;
    for line in &stale {
        eprintln!("{line}: run `cargo xtask contract`");
    }
    Ok(if stale.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
