//! Calls the generator of what clients are made from. It stands in a crate of its own, because it needs the gateway:
//! the house rules must not wait for that to be built.

use std::{path::Path, process::Command};

use anyhow::Context;

/// What to do.
#[derive(Debug, clap::Args)]
pub struct Settings {
    /// Writes nothing; fails when a file is not what the code says.
    #[arg(long)]
    check: bool,
}

/// Runs the generator; answers whether all is well.
///
/// # Errors
/// When cargo cannot be started.
pub fn run(root: &Path, settings: &Settings) -> anyhow::Result<bool> {
    let mut command = Command::new("cargo");
    command.args(["run", "--quiet", "-p", "contract", "--"]);
    if settings.check {
        command.arg("--check");
    }
    let status = command
        .current_dir(root)
        .env("SQLX_OFFLINE", "true")
        .status()
        .context("cannot start cargo")?;
    Ok(status.success())
}
