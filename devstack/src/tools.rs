//! Finds the programs the stack is made of, and installs the ones that are missing or too old.
//!
//! System packages first, then the ordinary registries (PyPI, npm); nothing needs Docker, and nothing but a missing
//! Redis needs root. What is installed goes to `.hubbub/tools`.

mod deployment;
mod install;
mod venv;
mod version;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

pub use deployment::{deployment_python, nginx};
pub use install::{apt_install, browser, faketime, grpcurl, hint, make, npm_ci, python};
pub use version::Version;

use crate::checkout;

/// Oldest Postgres that the statements were written for.
pub const POSTGRES_MIN: Version = Version(15, 0);
/// Oldest Redis (or Valkey).
pub const REDIS_MIN: Version = Version(7, 0);
/// Oldest NATS server; Debian's 2.9 is too old.
pub const NATS_MIN: Version = Version(2, 12);

/// Variable that names the folder of `postgres` and `initdb`.
pub const POSTGRES_VARIABLE: &str = "HUBBUB_POSTGRES_BIN";
/// Variable that names `redis-server` or `valkey-server`.
pub const REDIS_VARIABLE: &str = "HUBBUB_REDIS_SERVER";
/// Variable that names `nats-server`.
pub const NATS_VARIABLE: &str = "HUBBUB_NATS_SERVER";

/// Where the stores' programs are.
#[derive(Debug, Clone)]
pub struct Tools {
    /// Folder with `postgres` and `initdb`.
    pub postgres_bin: PathBuf,
    /// `redis-server` or `valkey-server`.
    pub redis_server: PathBuf,
    /// `nats-server`.
    pub nats_server: PathBuf,
}

impl Tools {
    /// Finds the stores' programs, installing what is missing.
    ///
    /// # Errors
    /// Fails with what to type when one can neither be found nor installed.
    pub async fn find() -> Result<Self> {
        if let Some(tools) = Self::present() {
            return Ok(tools);
        }
        // Test processes start together; one installs, the others find the result.
        let _lock = install::lock().await?;
        Ok(Self {
            postgres_bin: or_install(present_postgres(), install::postgres()).await?,
            redis_server: or_install(present_redis(), install::redis()).await?,
            nats_server: or_install(present_nats(), install::nats()).await?,
        })
    }

    /// Finds the stores' programs if all are here already.
    #[must_use]
    pub fn present() -> Option<Self> {
        Some(Self {
            postgres_bin: present_postgres()?,
            redis_server: present_redis()?,
            nats_server: present_nats()?,
        })
    }

    /// Returns the variables that make other processes find the same programs at once.
    #[must_use]
    pub fn variables(&self) -> Vec<(String, String)> {
        [
            (POSTGRES_VARIABLE, &self.postgres_bin),
            (REDIS_VARIABLE, &self.redis_server),
            (NATS_VARIABLE, &self.nats_server),
        ]
        .into_iter()
        .map(|(name, path)| (name.to_owned(), path.display().to_string()))
        .collect()
    }
}

async fn or_install(
    present: Option<PathBuf>,
    install: impl Future<Output = Result<PathBuf>>,
) -> Result<PathBuf> {
    match present {
        Some(found) => Ok(found),
        None => install.await,
    }
}

/// Finds the folder of a recent enough Postgres that is already here, the newest of the system's first.
#[must_use]
pub fn present_postgres() -> Option<PathBuf> {
    if let Some(named) = checkout::variable(POSTGRES_VARIABLE) {
        return Some(named.into());
    }
    let mut folders: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path().join("bin"))
        .collect();
    folders.extend(
        on_path("postgres")
            .as_deref()
            .and_then(Path::parent)
            .map(Path::to_path_buf),
    );
    folders.push(install::postgres_folder());
    let recent = folders
        .into_iter()
        .filter(|folder| folder.join("initdb").exists());
    let recent = recent.filter_map(|folder| Some((Version::of(&folder.join("postgres"))?, folder)));
    let system_first = recent.filter(|(version, _)| *version >= POSTGRES_MIN);
    system_first
        .max_by_key(|(version, folder)| (!folder.starts_with(install::postgres_folder()), *version))
        .map(|(_, folder)| folder)
}

/// Finds a recent enough Redis or Valkey that is already here.
#[must_use]
pub fn present_redis() -> Option<PathBuf> {
    let named = checkout::variable(REDIS_VARIABLE).map(PathBuf::from);
    named.or_else(|| {
        recent(
            ["redis-server", "valkey-server"]
                .into_iter()
                .filter_map(on_path),
            REDIS_MIN,
        )
    })
}

/// Finds a recent enough NATS server that is already here.
#[must_use]
pub fn present_nats() -> Option<PathBuf> {
    let named = checkout::variable(NATS_VARIABLE).map(PathBuf::from);
    let installed = venv::venv_program("nats-server");
    named.or_else(|| {
        recent(
            on_path("nats-server").into_iter().chain(Some(installed)),
            NATS_MIN,
        )
    })
}

fn recent(candidates: impl Iterator<Item = PathBuf>, oldest: Version) -> Option<PathBuf> {
    candidates
        .into_iter()
        .find(|program| Version::of(program).is_some_and(|version| version >= oldest))
}

/// Finds a program on the PATH, or where Debian keeps it although a user's PATH may not.
#[must_use]
pub fn on_path(program: &str) -> Option<PathBuf> {
    let path = checkout::variable("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/sbin".into(), "/usr/local/sbin".into()])
        .map(|folder| folder.join(program))
        .find(|candidate| candidate.is_file())
}

/// Runs a program to its end without a sound and returns what it printed.
///
/// # Errors
/// Fails with the last lines it printed when it fails.
pub async fn run(command: &mut tokio::process::Command) -> Result<String> {
    let what = format!("{:?}", command.as_std());
    let output = command
        .stdin(std::process::Stdio::null())
        .kill_on_drop(true)
        .output()
        .await;
    let output = output.with_context(|| format!("cannot run {what}"))?;
    let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Ok(text);
    }
    text.push_str(&String::from_utf8_lossy(&output.stderr));
    let lines: Vec<&str> = text.lines().collect();
    anyhow::bail!(
        "{what} failed:\n{}",
        lines[lines.len().saturating_sub(15)..].join("\n")
    )
}
