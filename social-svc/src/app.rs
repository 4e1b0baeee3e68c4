//! What the service is made of, and how it is mounted.

use std::sync::Arc;

use anyhow::Context;
use proto::{
    social::social_service_server::SocialServiceServer,
    stream::stream_service_server::StreamServiceServer,
};
use service::{Check, Kit, Mount, Service};
use sqlx::{PgPool, migrate::Migrator};
use stream::{Announcer, Ephemerals, Log};

use crate::{
    Config,
    blocks::{self, Hidden},
    config::SocialConfig,
    presence::{self, Live},
    settings,
};

/// The service. Every part is a handle, so a clone is cheap and goes along into a unit of work.
#[derive(Clone)]
pub struct App {
    /// `[social]`
    pub config: SocialConfig,
    /// Schema `social`, and `stream` in the same transactions.
    pub db: PgPool,
    /// Told of every event that was committed.
    pub announcer: Announcer,
    /// Where changes of presence are said.
    pub ephemerals: Ephemerals,
    /// Who is online.
    pub live: Live,
    /// Whose doings are kept from whom.
    pub hidden: Hidden,
}

impl App {
    /// Makes the service over a database, and writes the installation's policy where SQL finds it.
    ///
    /// # Errors
    /// When the configuration is not valid or Postgres is away. Redis may be.
    pub async fn assemble(config: Config, db: PgPool, kit: &Kit) -> anyhow::Result<Self> {
        config.social.validate()?;
        settings::publish_policy(&db, config.social.direct_from)
            .await
            .context("social.direct_from")?;
        Ok(Self {
            announcer: Announcer::start(kit.nats.clone(), db.clone(), &kit.tasks, kit.stop.clone()),
            ephemerals: Ephemerals::new(kit.nats.clone()),
            live: Live::new(&config.redis)?,
            config: config.social,
            hidden: blocks::hidden(&db),
            db,
        })
    }
}

impl Service for App {
    const NAME: &'static str = "social-svc";
    const DEFAULTS: &'static str = include_str!("../default.toml");
    type Config = Config;

    fn migrators() -> Vec<&'static Migrator> {
        vec![&stream::MIGRATOR, &crate::MIGRATOR]
    }

    async fn build(config: Config, kit: &Kit) -> anyhow::Result<Arc<Self>> {
        let db = kit
            .pg
            .clone()
            .context("social-svc needs a [pg] section (HUBBUB_PG__URL)")?;
        Ok(Arc::new(Self::assemble(config, db, kit).await?))
    }

    fn mount(self: &Arc<Self>, mount: &mut Mount) {
        mount.rpc(
            SocialServiceServer::from_arc(Arc::clone(self)),
            crate::rpc::ACCESS,
        );
        mount.rpc(
            StreamServiceServer::new(Log::new(self.db.clone())),
            stream::ACCESS,
        );
        let app = Self::clone(self);
        mount.task("presence", |stop| presence::watch(app, stop));
    }

    fn checks(&self) -> Vec<Check> {
        // The database and the bus have theirs from the process, and Redis may be away.
        Vec::new()
    }
}
