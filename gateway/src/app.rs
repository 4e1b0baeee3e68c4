//! What the gateway is made of.

use std::{sync::Arc, time::Duration};

use anyhow::Context;
use parking_lot::Mutex;
use proto::{
    auth::auth_service_client::AuthServiceClient,
    gateway::gateway_service_server::GatewayServiceServer,
    moderation::moderation_service_client::ModerationServiceClient,
    room::room_service_client::RoomServiceClient,
    social::social_service_client::SocialServiceClient,
    stream::stream_service_client::StreamServiceClient,
};
use rpc::NatsChannel;
use service::{Check, Kit, Mount, Service};
use stream::{Ephemerals, Listener, Receiver};
use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use uuid::Uuid;

use crate::{
    config::Config,
    conn::{
        briefing::Briefings,
        wheel::{self, Wheel},
    },
    enforced::{self, Enforced},
    hub::Hub,
    lease,
    limits::Limits,
    listener,
    operator::{self, Operator},
    reports,
    site::Site,
    whispers::Whispers,
};

/// How often it is looked for what nobody needs any more.
const SWEEP: Duration = Duration::from_secs(20);

/// A gateway.
pub struct App {
    /// What the operator set.
    pub config: Config,
    /// Accounts, sessions, tickets and tokens. Cloning a client is cheap.
    pub auth: AuthServiceClient<NatsChannel>,
    /// Rooms and messages.
    pub room: RoomServiceClient<NatsChannel>,
    /// Friends, blocks, presence and notifications.
    pub social: SocialServiceClient<NatsChannel>,
    /// Bans, reports and the audit log.
    pub moderation: ModerationServiceClient<NatsChannel>,
    /// The receiving side of the streams.
    pub receiver: Arc<Receiver>,
    /// Who is connected here, and which streams they follow.
    pub hub: Arc<Hub>,
    /// Refused address ranges and shadowed accounts.
    pub enforced: Arc<Enforced>,
    /// Says what is never stored.
    pub ephemerals: Ephemerals,
    /// Rates and caps.
    pub limits: Limits,
    /// What devices of people who come back share.
    pub briefings: Briefings,
    /// Deadlines of all connections.
    pub wheel: Wheel,
    /// The connections' tasks; the drain waits for them.
    pub tasks: TaskTracker,
    /// Name of this process in `welcome.server`.
    pub instance: String,
    /// Cancelled after the drain: until then connections get their events and deadlines.
    pub ended: CancellationToken,
    /// The web client, if this gateway serves it.
    pub(crate) site: Option<Site>,
    pub(crate) listener: Mutex<Option<TcpListener>>,
    nats: async_nats::Client,
}

impl Service for App {
    const NAME: &'static str = "gateway";
    const DEFAULTS: &'static str = include_str!("../default.toml");
    type Config = Config;

    fn migrators() -> Vec<&'static service::Migrator> {
        Vec::new()
    }

    async fn build(config: Config, kit: &Kit) -> anyhow::Result<Arc<Self>> {
        let listener = listener::bind(config.gateway.listen).context("gateway.listen")?;
        let site = Some(&config.gateway.site).filter(|folder| !folder.as_os_str().is_empty());
        let site = site.map(|folder| Site::read(folder)).transpose();
        let site =
            site.with_context(|| format!("gateway.site {}", config.gateway.site.display()))?;
        let ended = CancellationToken::new();
        let enforced = Arc::new(Enforced::default());
        let hub = Arc::new(Hub::new(enforced.clone()));
        let receiver = Arc::new(Receiver::start(
            kit.nats.clone(),
            StreamServiceClient::new(kit.channel.clone()),
            hub.clone(),
            &kit.tasks,
            ended.clone(),
        ));
        let ears: Arc<dyn Listener> = hub.clone();
        let whispers = Whispers::new(kit.nats.clone(), &ears, &kit.tasks, ended.clone());
        hub.set_sources(&receiver, whispers);
        Ok(Arc::new(Self {
            auth: AuthServiceClient::new(kit.channel.clone()),
            room: RoomServiceClient::new(kit.channel.clone()),
            social: SocialServiceClient::new(kit.channel.clone()),
            moderation: ModerationServiceClient::new(kit.channel.clone()),
            receiver,
            hub,
            enforced,
            ephemerals: Ephemerals::new(kit.nats.clone()),
            limits: Limits::new(&config.gateway),
            briefings: Briefings::default(),
            wheel: Wheel::default(),
            tasks: TaskTracker::new(),
            instance: Uuid::now_v7().simple().to_string()[20..].to_owned(),
            ended,
            site,
            listener: Mutex::new(Some(listener)),
            nats: kit.nats.clone(),
            config,
        }))
    }

    fn mount(self: &Arc<Self>, mount: &mut Mount) {
        mount.task("listener", |stop| listener::run(self.clone(), stop));
        mount.task("wheel", |_| wheel::turn(self.clone(), self.ended.clone()));
        mount.task("enforced", |_| {
            enforced::keep(self.clone(), self.ended.clone())
        });
        mount.task("lease", |_| lease::keep(self.clone(), self.ended.clone()));
        mount.task("reports", |_| {
            reports::send(self.clone(), self.ended.clone())
        });
        mount.rpc_of_instance(
            GatewayServiceServer::new(Operator::new(self.clone())),
            operator::ACCESS,
            &self.instance,
        );
        mount.task("sweep", |stop| sweep(self.clone(), stop));
    }

    fn checks(&self) -> Vec<Check> {
        // Without auth-svc nobody can log in here, so another gateway should get the traffic.
        let auth = self.auth.clone();
        let keys = Check::new("auth-svc", move || {
            let mut auth = auth.clone();
            async move {
                let answer = auth.get_keys(proto::auth::GetKeysRequest {}).await;
                answer.map(drop).map_err(|_| "no answer".into())
            }
        });
        let enforced = self.enforced.clone();
        let rules = Check::new("moderation-svc", move || {
            let is_known = enforced.is_known();
            async move { is_known.then_some(()).ok_or_else(|| "no rules yet".into()) }
        });
        vec![keys, rules]
    }
}

impl App {
    /// Whether the bus is connected right now.
    #[must_use]
    pub fn is_bus_connected(&self) -> bool {
        self.nats.connection_state() == async_nats::connection::State::Connected
    }
}

/// Returns the wall clock in milliseconds since the epoch: what expiry times are compared with.
#[must_use]
pub fn now_ms() -> i64 {
    let nanos = time::OffsetDateTime::now_utc().unix_timestamp_nanos();
    i64::try_from(nanos / 1_000_000).unwrap_or(i64::MAX)
}

/// Gives back memory that nobody needs any more and that nobody would come across.
async fn sweep(app: Arc<App>, stop: CancellationToken) {
    let mut every = tokio::time::interval(SWEEP);
    while stop.run_until_cancelled(every.tick()).await.is_some() {
        app.limits.forget_idle();
        app.hub.forget_old(tokio::time::Instant::now());
        app.briefings.forget_old().await;
    }
}
