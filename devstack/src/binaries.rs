//! The services' binaries.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use tokio::process::Command;

use crate::{checkout, screen, tools};

/// Names a folder with binaries that are built already.
pub const VARIABLE: &str = "HUBBUB_BIN_DIR";
/// The packages and binaries, in the order of starting.
pub const NAMES: [&str; 5] = [
    "auth-svc",
    "moderation-svc",
    "social-svc",
    "room-svc",
    "gateway",
];
/// Fail points are compiled in and stay inert until an environment variable names one.
pub const FEATURES: &str = "auth-svc/failpoints,moderation-svc/failpoints,social-svc/failpoints,\
    room-svc/failpoints,gateway/failpoints";

/// Returns the folder with the services' binaries, built with the profile of this very program.
///
/// # Errors
/// Fails with the compiler's last lines.
pub async fn build() -> Result<PathBuf> {
    if let Some(folder) = checkout::variable(VARIABLE) {
        return Ok(folder.into());
    }
    tools::make().await?;
    let folder = own_folder()?;
    let mut command = Command::new("cargo");
    command
        .current_dir(checkout::root())
        .args(["build", "--features", FEATURES]);
    command.args(NAMES.iter().flat_map(|name| ["-p", name]));
    let profile = folder.file_name().unwrap_or_default().to_string_lossy();
    command.args([
        "--profile",
        if profile == "debug" { "dev" } else { &profile },
    ]);
    command
        .arg("--target-dir")
        .arg(folder.parent().unwrap_or(Path::new("target")));
    offline(&mut command);
    screen::during("building the services", tools::run(&mut command)).await?;
    Ok(folder)
}

/// Lets statements be checked against `.sqlx/` instead of a database, unless the caller chose otherwise.
pub fn offline(command: &mut Command) {
    if checkout::variable("SQLX_OFFLINE").is_none() {
        command.env("SQLX_OFFLINE", "true");
    }
}

/// Returns the `target/<profile>` that this program, or the test that contains it, was built to.
pub(crate) fn own_folder() -> Result<PathBuf> {
    let program = std::env::current_exe().context("cannot tell where this program lies")?;
    let folder = program.parent().context("a program lies in a folder")?;
    let is_test = folder.file_name().is_some_and(|name| name == "deps");
    Ok(if is_test {
        folder.parent().unwrap_or(folder)
    } else {
        folder
    }
    .to_path_buf())
}
