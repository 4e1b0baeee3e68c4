//! Postgres, NATS and Redis as child processes.

mod alone;
mod backup;
mod cluster;
mod disk;
mod nats;
mod postgres;
mod redis;

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};

pub use alone::{start_nats, start_postgres, start_redis};
pub use backup::Backup;
pub use cluster::{BusPlan, bus_ports, route_ports};
pub use disk::SmallDisk;
pub use nats::Admission;
pub use postgres::{Durability, USER, database_url, login_url};

use cluster::Cluster;

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
    /// The messenger between processes: one server, or a cluster.
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
    postgres: Option<Process>,
    bus: Cluster,
    redis: Option<Process>,
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
        Self::start_on(tools, dir, &mut ports, Durability::Full, &BusPlan::of(1)).await
    }

    /// Does as [`Stores::start`], with ports chosen from `ports`, no look for leftovers, and the bus that is wanted.
    ///
    /// # Errors
    /// Fails when one does not come up.
    pub async fn start_on(
        tools: &Tools,
        dir: &Path,
        ports: &mut Ports,
        durability: Durability,
        bus: &BusPlan,
    ) -> Result<Self> {
        std::fs::create_dir_all(dir)?;
        let mut numbers = [0; 3];
        for store in Store::ALL {
            numbers[store as usize] = ports.take(store.name(), None)?;
        }
        let mut bus = Cluster::plan(ports, bus)?;
        let (postgres, nats, redis) = tokio::join!(
            postgres::start(tools, dir, numbers[Store::Postgres as usize], durability),
            bus.start(tools, dir),
            redis::start(tools, dir, numbers[Store::Redis as usize])
        );
        nats.with_context(|| failure(Store::Nats))?;
        Ok(Self {
            tools: tools.clone(),
            dir: dir.to_path_buf(),
            ports: numbers,
            durability,
            postgres: Some(postgres.with_context(|| failure(Store::Postgres))?),
            bus,
            redis: Some(redis.with_context(|| failure(Store::Redis))?),
        })
    }

    /// Returns the URL of the services' database for one of its roles, with the role's password.
    ///
    /// # Errors
    /// Fails when the password cannot be read or kept.
    pub fn login_url(&self, role: &str) -> Result<String> {
        login_url(&self.dir, role, self.port(Store::Postgres))
    }

    /// Returns the URL of the services' database for the superuser, whom no service is.
    #[must_use]
    pub fn postgres_url(&self) -> String {
        database_url(self.port(Store::Postgres), DATABASE)
    }

    /// Returns the NATS URL; of a cluster every server's, with commas between.
    #[must_use]
    pub fn nats_url(&self) -> String {
        self.bus.url()
    }

    /// Returns the ports of the bus's servers, the first first.
    #[must_use]
    pub fn bus_ports(&self) -> Vec<u16> {
        self.bus.ports()
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

    /// Returns the process id of a store, if it was not ended by [`Stores::kill9`]; of a cluster the first server's.
    #[must_use]
    pub fn pid(&self, store: Store) -> Option<i32> {
        match store {
            Store::Postgres => self.postgres.as_ref().map(Process::pid),
            Store::Nats => self.bus.pid(0),
            Store::Redis => self.redis.as_ref().map(Process::pid),
        }
    }

    /// Returns the process id of one server of the bus, if it was not killed.
    #[must_use]
    pub fn bus_pid(&self, index: usize) -> Option<i32> {
        self.bus.pid(index)
    }

    /// Returns the stores that have died by themselves; a cluster has when one of its servers has.
    pub fn dead(&mut self) -> Vec<Store> {
        let is_dead = |process: &mut Option<Process>| {
            process.as_mut().is_some_and(|it| it.exited().is_some())
        };
        let dead = [
            is_dead(&mut self.postgres),
            self.bus.has_died(),
            is_dead(&mut self.redis),
        ];
        let stores = Store::ALL.into_iter().zip(dead);
        stores
            .filter_map(|(store, is_dead)| is_dead.then_some(store))
            .collect()
    }

    /// Kills a store as a power cut would; of a cluster every server.
    pub async fn kill9(&mut self, store: Store) {
        let process = match store {
            Store::Postgres => self.postgres.take(),
            Store::Nats => return self.bus.kill9_all().await,
            Store::Redis => self.redis.take(),
        };
        if let Some(process) = process {
            process.kill9().await;
        }
    }

    /// Kills one server of the bus as a power cut would.
    pub async fn kill9_bus(&mut self, index: usize) {
        self.bus.kill9(index).await;
    }

    /// Stops a store in an orderly way.
    pub async fn stop_one(&mut self, store: Store) {
        let process = match store {
            Store::Postgres => self.postgres.take(),
            Store::Nats => return self.bus.stop().await,
            Store::Redis => self.redis.take(),
        };
        if let Some(process) = process {
            process.stop(STOP_PATIENCE).await;
        }
    }

    /// Starts a store again on its old port with its old data and waits until it is ready.
    ///
    /// # Errors
    /// Fails when it does not come up.
    pub async fn start_again(&mut self, store: Store) -> Result<()> {
        self.kill9(store).await;
        let (tools, dir, port) = (&self.tools, self.dir.as_path(), self.port(store));
        let started = match store {
            Store::Postgres => postgres::start(tools, dir, port, self.durability)
                .await
                .map(|process| self.postgres = Some(process)),
            Store::Nats => self.bus.start(tools, dir).await,
            Store::Redis => redis::start(tools, dir, port)
                .await
                .map(|process| self.redis = Some(process)),
        };
        started.with_context(|| failure(store))
    }

    /// Starts one server of the bus again on its old ports and waits until it lets clients in.
    ///
    /// # Errors
    /// Fails when it does not come up.
    pub async fn start_bus_again(&mut self, index: usize) -> Result<()> {
        let started = self.bus.start_one(&self.tools, &self.dir, index).await;
        started.with_context(|| failure(Store::Nats))
    }

    /// Stops all three in an orderly way, Postgres last.
    pub async fn stop(mut self) {
        for store in [Store::Redis, Store::Nats, Store::Postgres] {
            self.stop_one(store).await;
        }
    }
}

fn failure(store: Store) -> String {
    format!("{} does not come up", store.name())
}

/// Returns the URL of a NATS server on a port of this machine.
#[must_use]
pub fn nats_url(port: u16) -> String {
    nats::url(port)
}

/// Returns the URL of a Redis on a port of this machine.
#[must_use]
pub fn redis_url(port: u16) -> String {
    redis::url(port)
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
