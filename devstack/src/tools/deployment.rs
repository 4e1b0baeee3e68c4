//! What the tests of `deploy/` need: a Python with the tools that read charts and workflows, nginx, Prometheus and psql.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::install::{apt_install, can_apt, folder, hint, lock};
use super::{on_path, venv};
use crate::{checkout, screen};

/// Programs and the Debian packages that bring them.
const PROGRAMS: [(&str, &str); 4] = [
    ("nginx", "nginx-light"),
    ("promtool", "prometheus"),
    // The server from npm comes without its client.
    ("psql", "postgresql-client"),
    // What the machines of the bus run when they start.
    ("jq", "jq"),
];
/// What the tests ask pip for.
const REQUIREMENTS: [&str; 2] = ["requirements.txt", "requirements-cloud.txt"];

/// Returns a Python that has everything the tests of `deploy/` import, and installs the programs they start.
///
/// # Errors
/// Fails with what to type when something can be neither found nor installed.
pub async fn deployment_python() -> Result<PathBuf> {
    for (program, package) in PROGRAMS {
        found(program, package).await?;
    }
    let home = folder().join("deploy");
    let wanted = requirements()?;
    let installed = home.join("requirements.installed");
    if std::fs::read_to_string(&installed).is_ok_and(|text| text == wanted) {
        return Ok(home.join("bin/python"));
    }
    let file = tests().join(REQUIREMENTS[0]).display().to_string();
    screen::during("installing the tools of deploy/ (pip)", async {
        venv::make(&home).await?;
        venv::install(&home, &["--requirement", &file]).await
    })
    .await?;
    // Written last: half an installation is begun anew.
    std::fs::write(installed, wanted)?;
    Ok(home.join("bin/python"))
}

/// Returns nginx, installed if need be.
///
/// # Errors
/// Fails with what to type when it can be neither found nor installed.
pub async fn nginx() -> Result<PathBuf> {
    let (program, package) = PROGRAMS[0];
    if let Some(found) = on_path(program) {
        return Ok(found);
    }
    // Test processes start together; one installs, the others find the result.
    let _lock = lock().await?;
    found(program, package).await
}

async fn found(program: &str, package: &str) -> Result<PathBuf> {
    if on_path(program).is_none() && can_apt() {
        apt_install(&[package]).await?;
    }
    on_path(program).with_context(|| format!("{program} is missing. Type: {}", hint(package)))
}

fn tests() -> PathBuf {
    checkout::root().join("deploy/tests")
}

fn requirements() -> Result<String> {
    let texts = REQUIREMENTS.map(|name| read(&tests().join(name)));
    Ok(texts.into_iter().collect::<Result<Vec<_>>>()?.concat())
}

fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}
