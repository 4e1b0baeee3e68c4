//! Postgres, NATS and Redis as child processes.

mod nats;
mod postgres;
mod redis;

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};

pub use postgres::{Durability, USER, database_url};

use crate::ports::Ports;
use crate::process::{self, Process};
use crate::tools::Tools;

/// Name of the database of the services.
pub const DATABASE: &str = "hubbub";
const STOP_PATIENCE: Duration = Duration::from_secs(10);

/// One of the stores.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Store {
    /// The durable one.
    Postgres,
    /// The messenger between processes.
    Nats,
    /// The cache.
    Redis,
}

impl Store {
    /// Every store, in the order of starting.
    pub const ALL: [Self; 3] = [Self::Postgres, Self::Nats, Self::Redis];

    /// Returns its name, also that of its log file.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::Nats => "nats",
            Self::Redis => "redis",
        }
    }
}

/// The three stores of one state directory.
#[derive(Debug)]
pub struct Stores {
    tools: Tools,
    dir: PathBuf,
    ports: [u16; 3],
    durability: Durability,
    running: [Option<Process>; 3],
}

impl Stores {
    /// Starts all three with their data under `dir`, ends leftovers of an earlier run first, and waits until each is
    /// ready. What Postgres confirms survives a power cut.
    ///
    /// # Errors
    /// Fails when one does not come up; the message ends with the last lines of its log.
    pub async fn start(tools: &Tools, dir: &Path) -> Result<Self> {
        process::end_leftovers(dir).await?;
        let mut ports = Ports::open(dir);
        Self::start_on(tools, dir, &mut ports, Durability::Full).await
    }

    /// Does as [`Stores::start`], with ports chosen from `ports` and no look for leftovers.
    ///
    /// # Errors
    /// Fails when one does not come up.
    pub async fn start_on(
        tools: &Tools,
        dir: &Path,
        ports: &mut Ports,
        durability: Durability,
    ) -> Result<Self> {
        std::fs::create_dir_all(dir)?;
        let mut numbers = [0; 3];
        for store in Store::ALL {
            numbers[store as usize] = ports.take(store.name(), None)?;
        }
        let mut stores = Self {
            tools: tools.clone(),
            dir: dir.to_path_buf(),
            ports: numbers,
            durability,
            running: Default::default(),
        };
        let (postgres, nats, redis) = tokio::join!(
            stores.launch(Store::Postgres),
            stores.launch(Store::Nats),
            stores.launch(Store::Redis)
        );
        stores.running = [Some(postgres?), Some(nats?), Some(redis?)];
        Ok(stores)
    }

    /// Returns the Postgres URL of the services' database.
    #[must_use]
    pub fn postgres_url(&self) -> String {
        database_url(self.port(Store::Postgres), DATABASE)
    }

    /// Returns the NATS URL.
    #[must_use]
    pub fn nats_url(&self) -> String {
        nats::url(self.port(Store::Nats))
    }

    /// Returns the Redis URL.
    #[must_use]
    pub fn redis_url(&self) -> String {
        redis::url(self.port(Store::Redis))
    }

    /// Returns the port of a store; it stays the same over restarts.
    #[must_use]
    pub fn port(&self, store: Store) -> u16 {
        self.ports[store as usize]
    }

    /// Returns the process id of a store, if it was not ended by [`Stores::kill9`].
    #[must_use]
    pub fn pid(&self, store: Store) -> Option<i32> {
        self.running[store as usize].as_ref().map(Process::pid)
    }

    /// Returns the stores that have died by themselves.
    pub fn dead(&mut self) -> Vec<Store> {
        let is_dead = |process: &mut Option<Process>| {
            process.as_mut().is_some_and(|it| it.exited().is_some())
        };
        Store::ALL
            .into_iter()
            .filter(|store| is_dead(&mut self.running[*store as usize]))
            .collect()
    }

    /// Kills a store as a power cut would.
    pub async fn kill9(&mut self, store: Store) {
        if let Some(process) = self.running[store as usize].take() {
            process.kill9().await;
        }
    }

    /// Stops a store in an orderly way.
    pub async fn stop_one(&mut self, store: Store) {
        if let Some(process) = self.running[store as usize].take() {
            process.stop(STOP_PATIENCE).await;
        }
    }

    /// Starts a store again on its old port with its old data and waits until it is ready.
    ///
    /// # Errors
    /// Fails when it does not come up.
    pub async fn start_again(&mut self, store: Store) -> Result<()> {
        self.kill9(store).await;
        self.running[store as usize] = Some(self.launch(store).await?);
        Ok(())
    }

    /// Stops all three in an orderly way, Postgres last.
    pub async fn stop(mut self) {
        for store in [Store::Redis, Store::Nats, Store::Postgres] {
            self.stop_one(store).await;
        }
    }

    async fn launch(&self, store: Store) -> Result<Process> {
        let (tools, dir, port) = (&self.tools, self.dir.as_path(), self.port(store));
        let launched = match store {
            Store::Postgres => postgres::start(tools, dir, port, self.durability).await,
            Store::Nats => nats::start(tools, dir, port).await,
            Store::Redis => redis::start(tools, dir, port).await,
        };
        launched.with_context(|| format!("{} does not come up", store.name()))
    }
}

/// Starts a Postgres alone.
///
/// # Errors
/// Fails when it does not come up.
pub async fn start_postgres(
    tools: &Tools,
    dir: &Path,
    port: u16,
    durability: Durability,
) -> Result<Process> {
    postgres::start(tools, dir, port, durability).await
}

/// Starts a NATS server alone on a port that is free now, and returns it with its URL.
///
/// # Errors
/// Fails when it does not come up.
pub async fn start_nats(tools: &Tools, dir: &Path) -> Result<(Process, String)> {
    on_any_port(async |port| nats::start(tools, dir, port).await, nats::url).await
}

/// Starts a Redis alone on a port that is free now, and returns it with its URL.
///
/// # Errors
/// Fails when it does not come up.
pub async fn start_redis(tools: &Tools, dir: &Path) -> Result<(Process, String)> {
    on_any_port(
        async |port| redis::start(tools, dir, port).await,
        redis::url,
    )
    .await
}

/// Tries another port once more if somebody was faster between the choice and the bind.
async fn on_any_port(
    start: impl AsyncFn(u16) -> Result<Process>,
    url: fn(u16) -> String,
) -> Result<(Process, String)> {
    let first = crate::ports::free(&[])?;
    if let Ok(process) = start(first).await {
        return Ok((process, url(first)));
    }
    let second = crate::ports::free(&[first])?;
    Ok((start(second).await?, url(second)))
}

/// Waits until `probe` succeeds; ends early when the process has.
async fn ready(
    mut process: Process,
    patience: Duration,
    probe: impl AsyncFn() -> bool,
) -> Result<Process> {
    let name = process.spec().name.clone();
    let owner = process.spec().owner.clone();
    let waited = crate::wait::until(&format!("{name} to answer"), patience, async || {
        if process.exited().is_some() {
            return Some(false);
        }
        probe().await.then_some(true)
    })
    .await;
    match waited {
        Ok(true) => Ok(process),
        Ok(false) => anyhow::bail!("{name} ended:\n{}", process::log_tail(&owner, &name)),
        Err(error) => Err(error.context(process::log_tail(&owner, &name))),
    }
}
