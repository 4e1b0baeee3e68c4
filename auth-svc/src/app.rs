//! The service as one value: what it is made of and what it serves.

use std::sync::Arc;

use anyhow::Context;
use proto::{
    auth::auth_service_server::AuthServiceServer,
    moderation::moderation_service_client::ModerationServiceClient,
    room::room_service_client::RoomServiceClient,
    social::social_service_client::SocialServiceClient,
    stream::stream_service_server::StreamServiceServer,
};
use rpc::NatsChannel;
use service::{Check, Kit, Mount, Service};
use sqlx::{PgPool, migrate::Migrator};
use stream::{Announcer, Log};

use crate::{
    ACCESS, Config, Error, MIGRATOR, accounts, addresses::Noted, cache::Cache, config,
    crowd::Crowd, db, keyring::Keyring, passwords::Hasher, sweep,
};

/// The service. Cheap to clone.
#[derive(Clone)]
pub struct App {
    pub(crate) db: PgPool,
    pub(crate) crowd: Crowd,
    pub(crate) cache: Cache,
    pub(crate) hasher: Hasher,
    pub(crate) keyring: Keyring,
    pub(crate) noted: Noted,
    pub(crate) announcer: Announcer,
    /// Told of new names and erased people, as the two below are of erased people.
    pub(crate) room: RoomServiceClient<NatsChannel>,
    pub(crate) social: SocialServiceClient<NatsChannel>,
    pub(crate) moderation: ModerationServiceClient<NatsChannel>,
    pub(crate) config: Arc<config::Auth>,
}

impl App {
    /// Puts the parts together: reads or makes the signing keys and the bootstrap administrator.
    ///
    /// # Errors
    /// When the configuration is not valid or Postgres is away.
    pub async fn assemble(
        config: Config,
        db: PgPool,
        announcer: Announcer,
        channel: NatsChannel,
    ) -> anyhow::Result<Self> {
        config.auth.validate()?;
        let master = config.auth.master_key()?;
        let app = Self {
            cache: Cache::new(&config)?,
            hasher: Hasher::start(&config.auth.argon2).await?,
            keyring: Keyring::open(db.clone(), &master, config.auth.rotation_days).await?,
            noted: Noted::default(),
            crowd: Crowd::new(&db),
            db,
            announcer,
            room: RoomServiceClient::new(channel.clone()),
            social: SocialServiceClient::new(channel.clone()),
            moderation: ModerationServiceClient::new(channel),
            config: Arc::new(config.auth),
        };
        if let Some(admin) = &app.config.bootstrap_admin {
            accounts::bootstrap(&app, admin).await?;
        }
        Ok(app)
    }

    /// Returns the signing keys.
    #[must_use]
    pub fn keyring(&self) -> &Keyring {
        &self.keyring
    }

    /// Runs one request's work to its end, even when the caller goes away: cancelled SQL poisons pools.
    pub(crate) async fn unit<T, F>(&self, work: impl FnOnce(Self) -> F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, Error>> + Send + 'static,
    {
        pg::unit(work(self.clone())).await
    }
}

impl Service for App {
    const NAME: &'static str = "auth-svc";
    const DEFAULTS: &'static str = include_str!("../default.toml");
    type Config = Config;

    fn migrators() -> Vec<&'static Migrator> {
        vec![&stream::MIGRATOR, &MIGRATOR]
    }

    async fn build(config: Config, kit: &Kit) -> anyhow::Result<Arc<Self>> {
        let db = kit
            .pg
            .clone()
            .context("auth-svc needs a [pg] section (HUBBUB_PG__URL)")?;
        let announcer =
            Announcer::start(kit.nats.clone(), db.clone(), &kit.tasks, kit.stop.clone());
        let channel = kit.channel.clone();
        Ok(Arc::new(
            Self::assemble(config, db, announcer, channel).await?,
        ))
    }

    fn mount(self: &Arc<Self>, mount: &mut Mount) {
        mount.rpc(AuthServiceServer::from_arc(Arc::clone(self)), ACCESS);
        mount.rpc(
            StreamServiceServer::new(Log::new(self.db.clone())),
            stream::ACCESS,
        );
        let app = Self::clone(self);
        mount.task("signing-keys", |stop| sweep::keys(app, stop));
        let app = Self::clone(self);
        mount.task("sweep", |stop| sweep::rows(app, stop));
        let app = Self::clone(self);
        mount.task("jobs", |stop| sweep::jobs(app, stop));
    }

    fn checks(&self) -> Vec<Check> {
        // The bus and the database are everybody's checks, and Redis may be away. Nobody is let in before it can be asked
        // who is banned.
        let pool = self.db.clone();
        let bans = Check::new("moderation.active_ban", move || {
            let pool = pool.clone();
            async move {
                match db::moderation::is_published(&pool).await {
                    Ok(true) => Ok(()),
                    Ok(false) => Err("not there yet".into()),
                    Err(_) => Err("no answer".into()),
                }
            }
        });
        vec![bans]
    }
}
