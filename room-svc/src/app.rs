//! What the service is made of, and how it is mounted.

use std::{sync::Arc, time::Duration};

use anyhow::Context;
use moka::sync::Cache;
use proto::{
    auth::auth_service_client::AuthServiceClient,
    id::{RoomId, Tenant},
    moderation::moderation_service_client::ModerationServiceClient,
    room::room_service_server::RoomServiceServer,
    stream::stream_service_server::StreamServiceServer,
};
use rpc::NatsChannel;
use service::{Check, Kit, Mount, Service};
use sqlx::{PgPool, migrate::Migrator};
use stream::{Announcer, Ephemerals, Hooks, Log, Writer};

use crate::{
    Config,
    config::RoomConfig,
    filter::Filters,
    memberships::{self, OwnRooms},
};

/// How long a room's name is remembered. A room may be renamed or deleted elsewhere: its old name must soon lead nowhere.
const NAME_TTL: Duration = Duration::from_secs(5);

/// What the log asks and tells, inside its transaction: who may append to a room, and what was stored.
const HOOKS: Hooks = Hooks {
    guard: Some("room.may_append"),
    apply: Some("room.apply"),
};

/// The service. Every part is a handle, so a clone is cheap and goes along into a unit of work.
#[derive(Clone)]
pub struct App {
    /// `[room]`
    pub config: RoomConfig,
    /// Schema `room`, and `stream` in the same transactions.
    pub db: PgPool,
    /// Where messages go.
    pub writer: Writer,
    /// Told of every event that was committed outside the writer.
    pub announcer: Announcer,
    /// Where streams are read.
    pub log: Log,
    /// Where read marks are told once.
    pub ephemerals: Ephemerals,
    /// What may not be said.
    pub filters: Filters,
    /// Who people are.
    pub auth: AuthServiceClient<NatsChannel>,
    /// Who is in which rooms.
    pub own_rooms: OwnRooms,
    /// Folded name → room. A name without a room is not kept. Evicts when full.
    pub names: Cache<(Tenant, String), RoomId>,
}

impl App {
    /// Makes the service over a database.
    #[must_use]
    pub fn new(config: RoomConfig, db: PgPool, kit: &Kit) -> Self {
        let announcer =
            Announcer::start(kit.nats.clone(), db.clone(), &kit.tasks, kit.stop.clone());
        let writer = Writer::start(
            db.clone(),
            HOOKS,
            announcer.clone(),
            &kit.tasks,
            kit.stop.clone(),
        );
        Self {
            names: Cache::builder()
                .max_capacity(config.name_cache)
                .time_to_live(NAME_TTL)
                .build(),
            config,
            writer,
            announcer,
            log: Log::new(db.clone()),
            own_rooms: memberships::own_rooms(&db),
            ephemerals: Ephemerals::new(kit.nats.clone()),
            filters: Filters::start(
                ModerationServiceClient::new(kit.channel.clone()),
                &kit.tasks,
                kit.stop.clone(),
            ),
            auth: AuthServiceClient::new(kit.channel.clone()),
            db,
        }
    }
}

impl Service for App {
    const NAME: &'static str = "room-svc";
    const DEFAULTS: &'static str = include_str!("../default.toml");
    type Config = Config;

    fn migrators() -> Vec<&'static Migrator> {
        vec![&stream::MIGRATOR, &crate::MIGRATOR]
    }

    async fn build(config: Config, kit: &Kit) -> anyhow::Result<Arc<Self>> {
        let db = kit
            .pg
            .clone()
            .context("room-svc needs a [pg] section (HUBBUB_PG__URL)")?;
        Ok(Arc::new(Self::new(config.room, db, kit)))
    }

    fn mount(self: &Arc<Self>, mount: &mut Mount) {
        mount.rpc(
            RoomServiceServer::from_arc(Arc::clone(self)),
            crate::rpc::ACCESS,
        );
        mount.rpc(StreamServiceServer::new(self.log.clone()), stream::ACCESS);
    }

    fn checks(&self) -> Vec<Check> {
        // The database and the bus have theirs from the process; there is nothing else to wait for.
        Vec::new()
    }
}
