//! Python's virtual environments, and what PyPI brings into them.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use tokio::process::Command;

use super::install::{apt_install, can_apt, folder, hint};
use super::{on_path, run};
use crate::screen;

/// Installs so that nothing is asked and nothing is said but errors.
const INSTALL: [&str; 4] = [
    "install",
    "--quiet",
    "--disable-pip-version-check",
    "--no-input",
];

fn venv() -> PathBuf {
    folder().join("venv")
}

/// Returns where a program of a Python package would be.
pub(super) fn venv_program(name: &str) -> PathBuf {
    venv().join("bin").join(name)
}

/// Installs a package from PyPI.
pub(super) async fn pip(what: &str, package: &str) -> Result<()> {
    screen::during(what, async {
        if !venv_program("pip").exists() {
            make(&venv()).await?;
        }
        install(&venv(), &[package]).await
    })
    .await
}

/// Runs the pip of a virtual environment.
pub(super) async fn install(venv: &Path, packages: &[&str]) -> Result<()> {
    let mut pip = Command::new(venv.join("bin/pip"));
    run(pip.args(INSTALL).args(packages)).await?;
    Ok(())
}

/// Makes a virtual environment; one that was there is emptied.
pub(super) async fn make(venv: &Path) -> Result<()> {
    let python = on_path("python3")
        .with_context(|| format!("python3 is missing. Type: {}", hint("python3-venv")))?;
    let make = || async {
        run(Command::new(&python)
            .args(["-m", "venv", "--clear"])
            .arg(venv))
        .await
    };
    if make().await.is_err() && can_apt() {
        // Debian keeps the part that `venv` needs in a package of its own.
        apt_install(&["python3-venv"]).await?;
    }
    if !venv.join("bin/pip").exists() {
        make().await.with_context(|| {
            format!("python cannot make a venv. Type: {}", hint("python3-venv"))
        })?;
    }
    Ok(())
}
