//! Command line of the house tools.

use std::{path::Path, process::ExitCode};

use clap::Parser;

/// Tools for people who work on this repository.
#[derive(Parser)]
#[command(name = "cargo xtask")]
enum Command {
    /// Checks the house rules; prints one line per violation.
    Tidy,
    /// Rewrites `.sqlx/`, the offline cache of compile-time checked SQL.
    Prepare(xtask::prepare::Settings),
    /// Writes the documents, types and fixtures that clients are made from.
    Contract(xtask::contract::Settings),
}

fn main() -> ExitCode {
    // The manifest stands one folder below the root, wherever the tool is started from.
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let outcome = match Command::parse() {
        Command::Tidy => xtask::tidy::run(&root),
        Command::Prepare(settings) => xtask::prepare::run(&root, &settings).map(|()| true),
        Command::Contract(settings) => xtask::contract::run(&root, &settings),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            #[expect(
                clippy::print_stderr,
                reason = "a command line tool answers on its terminal"
            )]
            {
                eprintln!("error: {error:#}");
            }
            ExitCode::FAILURE
        }
    }
}
