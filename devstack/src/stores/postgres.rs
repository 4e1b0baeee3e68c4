//! Postgres: made by `initdb` on the first start, run as `nobody` where we are root.
//!
//! Every service has a login of its own ([`proto::database`]), which Postgres asks for its password.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use nix::sys::signal::Signal;
use proto::database::{LOGINS, OWNER, ROLES};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use tokio::process::Command;

use super::{DATABASE, ready};
use crate::process::{Process, Spec, log_tail};
use crate::tools::{Tools, Version, run};
use crate::{checkout, screen, secrets};

/// The superuser of the development cluster, without a password: it listens on the loopback address only. For people and
/// tests; no service logs in as it.
pub const USER: &str = "hubbub";
/// Recovery after a kill replays the log; that may take its time on a slow disk.
const PATIENCE: Duration = Duration::from_secs(60);
/// Servers of a killed postmaster notice its death, but not at once, and until then the data is theirs.
const ORPHANS_PATIENCE: Duration = Duration::from_secs(15);
const DUPLICATE_DATABASE: &str = "42P04";
/// The database that is always there.
const MAINTENANCE: &str = "postgres";

/// What Postgres promises about confirmed writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// They survive a power cut.
    Full,
    /// They are lost with the machine: for databases that live as long as a test.
    None,
}

/// Returns the URL of a database of a cluster started here.
#[must_use]
pub fn database_url(port: u16, database: &str) -> String {
    format!("postgres://{USER}@127.0.0.1:{port}/{database}")
}

/// Returns the URL of the services' database for one of its roles, with the password that the state directory keeps.
///
/// # Errors
/// Fails when the password cannot be read or kept.
pub fn login_url(state: &Path, role: &str, port: u16) -> Result<String> {
    let password = secrets::postgres_password(state, role)?;
    Ok(format!(
        "postgres://{role}:{password}@127.0.0.1:{port}/{DATABASE}"
    ))
}

pub(super) async fn start(
    tools: &Tools,
    owner: &Path,
    port: u16,
    durability: Durability,
) -> Result<Process> {
    let home = checkout::reachable(&owner.join("postgres"))?;
    if home != owner.join("postgres") && !home.join("data").exists() {
        screen::warn(&format!(
            "  {} is closed to other users; postgres keeps its data in {}",
            owner.display(),
            home.display()
        ));
    }
    let data = home.join("data");
    if !data.join("PG_VERSION").exists() {
        init(tools, &home, &data).await?;
    }
    same_major(tools, &data)?;
    admit(&data)?;
    let started = Instant::now();
    loop {
        drop_stale_lock(&data);
        let spec = spec(tools, owner, &data, port, durability)?;
        let launched = ready(Process::spawn(spec)?, PATIENCE, async || {
            answers(port).await
        })
        .await;
        let is_orphaned = log_tail(owner, "postgres").contains("still in use");
        if launched.is_ok() || !is_orphaned || started.elapsed() > ORPHANS_PATIENCE {
            let process = launched?;
            ensure_database(port).await?;
            ensure_roles(owner, port).await?;
            return Ok(process);
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// Makes a new cluster beside its place and moves it there when it is complete.
async fn init(tools: &Tools, home: &Path, data: &Path) -> Result<()> {
    let account = checkout::postgres_account()?;
    let fresh = home.join("data.new");
    if fresh.exists() {
        std::fs::remove_dir_all(&fresh)?;
    }
    std::fs::create_dir(&fresh)?;
    let mut command = Command::new(tools.postgres_bin.join("initdb"));
    command.arg("-D").arg(&fresh).args([
        "-U",
        USER,
        "--auth=trust",
        "-E",
        "UTF8",
        "--no-locale",
        "--no-sync",
    ]);
    command.current_dir(&fresh);
    if let Some(account) = account {
        checkout::give(&fresh, account)?;
        command.uid(account.uid).gid(account.gid);
    }
    screen::during("making the postgres cluster", run(&mut command)).await?;
    std::fs::rename(&fresh, data).with_context(|| format!("cannot make {}", data.display()))
}

fn same_major(tools: &Tools, data: &Path) -> Result<()> {
    let made_by = std::fs::read_to_string(data.join("PG_VERSION"))?;
    let made_by: u32 = made_by.trim().parse().context("PG_VERSION is damaged")?;
    let Version(found, _) =
        Version::of(&tools.postgres_bin.join("postgres")).context("postgres does not start")?;
    ensure!(
        made_by == found,
        "{} was made by postgres {made_by}, but {found} was found: set HUBBUB_POSTGRES_BIN to the folder of version {made_by}, or remove {} to start anew",
        data.display(),
        data.display()
    );
    Ok(())
}

/// Removes the lock file of a dead postmaster: Postgres itself refuses to if its number was given to another
/// process of the same user, which is common in containers.
fn drop_stale_lock(data: &Path) {
    let path = data.join("postmaster.pid");
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    let Some(pid) = text
        .lines()
        .next()
        .and_then(|line| line.trim().parse::<i32>().ok())
    else {
        return;
    };
    let cmdline = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    if !String::from_utf8_lossy(&cmdline).contains("postgres") {
        let _ = std::fs::remove_file(path);
    }
}

fn spec(
    tools: &Tools,
    owner: &Path,
    data: &Path,
    port: u16,
    durability: Durability,
) -> Result<Spec> {
    let program: PathBuf = tools.postgres_bin.join("postgres");
    let mut spec = Spec::new("postgres", &program, owner);
    let sync = if durability == Durability::Full {
        "on"
    } else {
        "off"
    };
    let settings = [
        "listen_addresses=127.0.0.1".to_owned(),
        "unix_socket_directories=".to_owned(),
        "max_connections=300".to_owned(),
        format!("fsync={sync}"),
        format!("synchronous_commit={sync}"),
        format!("full_page_writes={sync}"),
        "logging_collector=off".to_owned(),
    ];
    spec.args = vec![
        "-D".into(),
        data.display().to_string(),
        "-p".into(),
        port.to_string(),
    ];
    spec.args.extend(
        settings
            .into_iter()
            .flat_map(|setting| ["-c".to_owned(), setting]),
    );
    spec.account = checkout::postgres_account()?;
    spec.dir = data.to_path_buf();
    // Fast and immediate shutdown: SIGTERM would wait for every client to leave.
    spec.stop = Signal::SIGINT;
    spec.orphaned = Signal::SIGQUIT;
    Ok(spec)
}

/// Says who may come in: the superuser as they are, to every database and for backups; everybody else with a password,
/// to the services' database. It goes over the loopback as it is: to prove it without showing it (SCRAM) still costs an
/// unoptimised build of a service so much that pools are late when many connections are opened at once.
fn admit(data: &Path) -> Result<()> {
    let file = data.join("pg_hba.conf");
    let superuser = format!("host all,replication {USER} 127.0.0.1/32 trust");
    let services = format!("host {DATABASE} all 127.0.0.1/32 password");
    std::fs::write(&file, format!("{superuser}\n{services}\n"))
        .with_context(|| format!("cannot write {}", file.display()))
}

fn options(port: u16, database: &str) -> PgConnectOptions {
    PgConnectOptions::new()
        .host("127.0.0.1")
        .port(port)
        .username(USER)
        .database(database)
}

async fn answers(port: u16) -> bool {
    let attempt = async {
        let mut connection = PgConnection::connect_with(&options(port, MAINTENANCE))
            .await
            .ok()?;
        connection.execute("select 1").await.ok()?;
        connection.close().await.ok()
    };
    matches!(
        tokio::time::timeout(Duration::from_secs(5), attempt).await,
        Ok(Some(()))
    )
}

async fn ensure_database(port: u16) -> Result<()> {
    let mut connection = PgConnection::connect_with(&options(port, MAINTENANCE)).await?;
    let created = connection
        .execute(AssertSqlSafe(format!("create database {DATABASE}")))
        .await;
    match created {
        Err(error) if !is_duplicate(&error) => return Err(error.into()),
        _ => connection.close().await?,
    }
    Ok(())
}

/// Makes the services' roles, and gives each the password that the state directory keeps for it.
async fn ensure_roles(state: &Path, port: u16) -> Result<()> {
    let mut connection = PgConnection::connect_with(&options(port, DATABASE)).await?;
    connection.execute(ROLES).await.context("roles")?;
    for role in LOGINS.iter().map(|login| login.role).chain([OWNER]) {
        let password = secrets::postgres_password(state, role)?;
        let change = format!("alter role {role} password '{password}'");
        connection.execute(AssertSqlSafe(change)).await?;
    }
    connection.close().await?;
    Ok(())
}

fn is_duplicate(error: &sqlx::Error) -> bool {
    error
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::code)
        .is_some_and(|code| code == DUPLICATE_DATABASE)
}
