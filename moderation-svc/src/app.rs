//! What the service is made of, and how it is mounted.

use std::sync::Arc;

use anyhow::Context;
use proto::{
    moderation::moderation_service_server::ModerationServiceServer,
    room::room_service_client::RoomServiceClient,
    stream::stream_service_server::StreamServiceServer,
};
use rpc::NatsChannel;
use service::{Check, Kit, Mount, Service};
use sqlx::{PgPool, migrate::Migrator};
use stream::{Announcer, Log};

use crate::{Config, config::ModerationConfig, gateways::Gateways, registry::Registry, sweep};

/// The service. Every part is a handle, so a clone is cheap and goes along into a unit of work.
#[derive(Clone)]
pub struct App {
    /// `[moderation]`
    pub config: Arc<ModerationConfig>,
    /// Schema `moderation`, and `stream` in the same transactions.
    pub db: PgPool,
    /// Told of every event that was committed.
    pub announcer: Announcer,
    /// Where the feeds are read.
    pub log: Log,
    /// Which connections live, and on which gateway.
    pub registry: Registry,
    /// Whose messages can be reported.
    pub rooms: RoomServiceClient<NatsChannel>,
    /// Those who hold the sockets.
    pub(crate) gateways: Gateways,
}

impl App {
    /// Makes the service over a database.
    ///
    /// # Errors
    /// When the configuration is not valid.
    pub fn new(config: Config, db: PgPool, kit: &Kit) -> anyhow::Result<Self> {
        config.moderation.validate()?;
        Ok(Self {
            config: Arc::new(config.moderation),
            announcer: Announcer::start(kit.nats.clone(), db.clone(), &kit.tasks, kit.stop.clone()),
            log: Log::new(db.clone()),
            registry: Registry::new(&config.redis)?,
            rooms: RoomServiceClient::new(kit.channel.clone()),
            gateways: Gateways::new(kit.nats.clone(), kit.channel.clone()),
            db,
        })
    }
}

impl Service for App {
    const NAME: &'static str = "moderation-svc";
    const DEFAULTS: &'static str = include_str!("../default.toml");
    type Config = Config;

    fn migrators() -> Vec<&'static Migrator> {
        vec![&stream::MIGRATOR, &crate::MIGRATOR]
    }

    async fn build(config: Config, kit: &Kit) -> anyhow::Result<Arc<Self>> {
        let db = kit
            .pg
            .clone()
            .context("moderation-svc needs a [pg] section (HUBBUB_PG__URL)")?;
        Ok(Arc::new(Self::new(config, db, kit)?))
    }

    fn mount(self: &Arc<Self>, mount: &mut Mount) {
        mount.rpc(
            ModerationServiceServer::from_arc(Arc::clone(self)),
            crate::rpc::ACCESS,
        );
        mount.rpc(StreamServiceServer::new(self.log.clone()), stream::ACCESS);
        let app = Self::clone(self);
        mount.task("ended-bans", |stop| sweep::bans(app, stop));
        let app = Self::clone(self);
        mount.task("dead-connections", |stop| sweep::connections(app, stop));
    }

    fn checks(&self) -> Vec<Check> {
        // The bus and the database are everybody's checks, and Redis may be away.
        Vec::new()
    }
}
