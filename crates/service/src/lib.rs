//! What every process of the product does the same way: boot, configuration, telemetry, health, metrics and an
//! ordered shutdown.
//!
//! A service implements [`Service`] and its `main.rs` calls [`main`]. Business code does not belong here.

mod admin;
mod authority;
mod boot;
mod bus;
mod config;
mod database;
mod health;
mod log;
mod mount;
mod probe;
mod redis;
mod telemetry;

use std::{future::Future, sync::Arc};

use serde::de::DeserializeOwned;
use sqlx::PgPool;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub use boot::main;
pub use health::Check;
pub use mount::Mount;
pub use redis::RedisSettings;
pub use sqlx::migrate::Migrator;
/// Where memory comes from: what is free goes back to the system soon, also while nothing happens.
pub use tikv_jemallocator::Jemalloc as Allocator;

/// One process of the product: the whole contract between it and this crate.
pub trait Service: Send + Sync + Sized + 'static {
    /// The package's name, such as `room-svc`.
    const NAME: &'static str;
    /// Commented defaults of the service's own sections, as TOML.
    const DEFAULTS: &'static str;
    /// The service's own sections.
    type Config: DeserializeOwned + Send + Sync + 'static;

    /// Returns the migrations this service needs, in order. Empty for one without a database.
    fn migrators() -> Vec<&'static Migrator>;

    /// Makes the service from its configuration and what the process offers.
    fn build(
        config: Self::Config,
        kit: &Kit,
    ) -> impl Future<Output = anyhow::Result<Arc<Self>>> + Send;

    /// Registers gRPC services and background tasks.
    fn mount(self: &Arc<Self>, mount: &mut Mount);

    /// Returns the readiness probes beside those of the bus and the database.
    fn checks(&self) -> Vec<Check>;
}

/// What a process offers its service.
#[derive(Clone)]
pub struct Kit {
    /// The bus.
    pub nats: async_nats::Client,
    /// A transport to the other services.
    pub channel: rpc::NatsChannel,
    /// Every task of the process; shutdown waits for them.
    pub tasks: TaskTracker,
    /// Cancelled when new work must end.
    pub stop: CancellationToken,
    /// The database, when a `[pg]` section is configured.
    pub pg: Option<PgPool>,
}
