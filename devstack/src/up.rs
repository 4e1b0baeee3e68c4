//! `cargo dev`: everything up, until Ctrl-C.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::command::Interrupts;
use crate::fleet::{Fleet, FleetOptions, default_dir};
use crate::stores::{Durability, Stores, database_url};
use crate::tools::Tools;
use crate::{banner, binaries, checkout, ports, process, screen, seed, stores, supervisor, web};

/// Starts the whole stack and keeps it up until Ctrl-C, or stops it as soon as it is ready.
///
/// # Errors
/// Fails when something does not come up, or when another `cargo dev` runs in this checkout.
pub async fn run(
    gateways: usize,
    exit_after_ready: bool,
    mut interrupts: Interrupts,
) -> Result<()> {
    let dir = default_dir()?;
    let _lock = lock(&dir)?;
    let started = Instant::now();
    // Before everything is up there is nothing to lose: dropping the half of it kills its children.
    let (mut fleet, demo) = tokio::select! {
        up = bring_up(&dir, gateways) => up?,
        () = interrupts.next() => return Ok(()),
    };
    screen::say(&banner::text(&fleet, &demo, started.elapsed()));
    if !exit_after_ready {
        tokio::select! {
            () = supervisor::watch(&mut fleet) => {}
            () = interrupts.next() => {}
        }
    }
    screen::say("stopping …");
    let killed = tokio::select! {
        killed = fleet.stop() => killed,
        // Whoever presses Ctrl-C twice means it.
        () = interrupts.next() => vec!["everything".to_owned()],
    };
    match killed.as_slice() {
        [] => screen::say("stopped"),
        names => screen::say(&format!("stopped; had to kill {}", names.join(", "))),
    }
    Ok(())
}

/// Starts only a Postgres for component tests and stays until Ctrl-C.
///
/// # Errors
/// Fails when it does not come up.
pub async fn stores(mut interrupts: Interrupts) -> Result<()> {
    let dir = default_dir()?.join("stores");
    std::fs::create_dir_all(&dir)?;
    let _lock = lock(&dir)?;
    let tools = Tools::find().await?;
    let running = tokio::select! {
        running = Stores::start(&tools, &dir) => running?,
        () = interrupts.next() => return Ok(()),
    };
    let postgres = database_url(running.port(stores::Store::Postgres), "postgres");
    screen::say(&format!("export HUBBUB_TEST_POSTGRES={postgres}"));
    screen::say(&format!("export DATABASE_URL={}", running.postgres_url()));
    screen::say(&format!(
        "# NATS {}, Redis {}; Ctrl-C stops them",
        running.nats_url(),
        running.redis_url()
    ));
    interrupts.next().await;
    running.stop().await;
    Ok(())
}

/// Starts the Postgres that component tests share; its data is made anew and may be lost.
///
/// # Errors
/// Fails when it does not come up.
pub async fn test_postgres(tools: &Tools, dir: &Path) -> Result<(process::Process, String)> {
    process::end_leftovers(dir).await?;
    let home = checkout::reachable(&dir.join("postgres"))?;
    if home.join("data").exists() {
        std::fs::remove_dir_all(home.join("data"))
            .context("cannot remove the data of earlier tests")?;
    }
    let port = ports::free(&[])?;
    let process = stores::start_postgres(tools, dir, port, Durability::None).await?;
    Ok((process, database_url(port, "postgres")))
}

/// Makes sure that one process at a time uses a state directory.
///
/// # Errors
/// Fails when another one does.
pub fn lock(dir: &Path) -> Result<File> {
    let path = dir.join("lock");
    let file = File::create(&path).with_context(|| format!("cannot open {}", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => bail!(
            "another `cargo dev` runs in this checkout ({})",
            dir.display()
        ),
        Err(TryLockError::Error(error)) => Err(error).context("cannot lock the state directory"),
    }
}

async fn bring_up(dir: &Path, gateways: usize) -> Result<(Fleet, seed::Demo)> {
    let (tools, binaries, site) = tokio::try_join!(Tools::find(), binaries::build(), web::build())?;
    let mut options = FleetOptions::new(dir).gateways(gateways).site(&site);
    options.has_friendly_ports = true;
    if let Some(endpoint) = checkout::variable("HUBBUB_TELEMETRY__OTLP_ENDPOINT") {
        options = options.env(
            "HUBBUB_TELEMETRY__OTLP_ENDPOINT",
            &endpoint.to_string_lossy(),
        );
    }
    let fleet = Fleet::start_with(&tools, &binaries, options).await?;
    let demo = seed::run(&fleet.gateway(0).url).await?;
    Ok((fleet, demo))
}
