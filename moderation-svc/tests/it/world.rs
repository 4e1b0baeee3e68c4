//! A moderation-svc of one's own, and people who use it. Tests read as what people do.

use std::{fmt::Debug, sync::Arc};

use ipnet::IpNet;
use moderation_svc::{App, Config, config::ModerationConfig};
use proto::{
    event::Kind,
    gateway::gateway_service_server::GatewayServiceServer,
    id::{ConnectionId, EventId, SessionId, StreamId, TENANT_FEED, Tenant, UserId},
    moderation::{moderation_service_server::ModerationService, *},
    reason::Reason,
    room::room_service_server::RoomServiceServer,
    stream::Event,
};
use rpc::{Caller, NatsChannel, Refusal, ServeOptions};
use service::Kit;
use sqlx::PgPool;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tonic::{Code, Request, Response, Status};
use uuid::Uuid;

use crate::{gateway::FakeGateway, neighbours, rooms::Rooms};

/// A moderation-svc with its stores and neighbours.
pub(crate) struct World {
    pub(crate) app: Arc<App>,
    pub(crate) db: PgPool,
    pub(crate) rooms: Rooms,
    redis: testkit::Redis,
    nats: testkit::Nats,
    kit: Kit,
}

/// Someone with an account and a session.
#[derive(Clone)]
pub(crate) struct Person {
    app: Arc<App>,
    pub(crate) caller: Caller,
}

/// A row of the audit log as tests look at it: actor, action, subject, detail.
pub(crate) type Row = (String, String, String, serde_json::Value);

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(|_| ()).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut ModerationConfig)) -> Self {
        let db = testkit::database(&[&stream::MIGRATOR, &moderation_svc::MIGRATOR]).await;
        neighbours::publish_views(&db).await;
        let (nats, redis) = tokio::join!(testkit::nats(), testkit::redis());
        let kit = Kit {
            channel: NatsChannel::new(nats.client.clone()),
            nats: nats.client.clone(),
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
            pg: Some(db.clone()),
        };
        let rooms = Rooms::default();
        let server = RoomServiceServer::new(rooms.clone());
        let options = ServeOptions::default();
        let (tasks, stop) = (kit.tasks.clone(), kit.stop.clone());
        rpc::serve(nats.client.clone(), server, options, tasks, stop)
            .await
            .expect("the bus serves");
        let mut config = config(&redis.url);
        change(&mut config.moderation);
        let app = Arc::new(App::new(config, db.clone(), &kit).expect("a valid configuration"));
        Self {
            app,
            db,
            rooms,
            redis,
            nats,
            kit,
        }
    }

    pub(crate) async fn person(&self, name: &str) -> Person {
        self.person_of(name, false, Tenant::default_tenant()).await
    }

    pub(crate) async fn admin(&self, name: &str) -> Person {
        self.person_of(name, true, Tenant::default_tenant()).await
    }

    pub(crate) async fn person_of(&self, name: &str, is_admin: bool, tenant: Tenant) -> Person {
        let caller = Caller {
            tenant,
            user_id: UserId::generate(),
            name: name.into(),
            is_admin,
            session_id: SessionId::generate(),
        };
        neighbours::sign_up(&self.db, &caller).await;
        Person {
            app: Arc::clone(&self.app),
            caller,
        }
    }

    /// Starts a gateway that moderation-svc can call by name until the token is cancelled.
    pub(crate) async fn gateway(&self, name: &str) -> (FakeGateway, CancellationToken) {
        let gateway = FakeGateway::new(name);
        let stop = self.kit.stop.child_token();
        let options = ServeOptions {
            instance: Some(name.into()),
            ..ServeOptions::default()
        };
        let server = GatewayServiceServer::new(gateway.clone());
        let (nats, tasks) = (self.nats.client.clone(), self.kit.tasks.clone());
        rpc::serve(nats, server, options, tasks, stop.clone())
            .await
            .expect("the bus serves");
        self.reports(name, Vec::new(), Vec::new()).await;
        (gateway, stop)
    }

    /// Connects a person to a gateway, which tells the registry.
    pub(crate) async fn connects(&self, person: &Person, gateway: &FakeGateway) -> Connection {
        self.connects_from(person, gateway, "203.0.113.7").await
    }

    pub(crate) async fn connects_from(
        &self,
        person: &Person,
        gateway: &FakeGateway,
        address: &str,
    ) -> Connection {
        let connection = Connection {
            address: address.into(),
            gateway: gateway.name.clone(),
            ..person.connection()
        };
        let tenant = person.caller.tenant.to_string();
        let connection_id = connection.connection_id.parse().expect("an id");
        gateway.accepts(&tenant, connection_id);
        let live = LiveConnection {
            tenant,
            connection: Some(connection.clone()),
        };
        self.reports(&gateway.name, vec![live], Vec::new()).await;
        connection
    }

    pub(crate) async fn reports(
        &self,
        gateway: &str,
        opened: Vec<LiveConnection>,
        closed: Vec<ConnectionRef>,
    ) {
        let request = ReportConnectionsRequest {
            gateway: gateway.into(),
            opened,
            closed,
            is_refresh: false,
        };
        self.tries_to_report(request).await.expect("reported");
    }

    pub(crate) async fn tries_to_report(
        &self,
        request: ReportConnectionsRequest,
    ) -> Result<(), Status> {
        inner(self.app.report_connections(Request::new(request)).await).map(|_| ())
    }

    pub(crate) async fn enforced(&self) -> ListEnforcedResponse {
        let request = Request::new(ListEnforcedRequest {});
        inner(self.app.list_enforced(request).await).expect("what is enforced")
    }

    pub(crate) async fn pulls(&self, known_revision: i64) -> PullFiltersResponse {
        let request = Request::new(PullFiltersRequest { known_revision });
        inner(self.app.pull_filters(request).await).expect("filters")
    }

    pub(crate) async fn files(&self, alert: FileAlertRequest) -> Result<(), Status> {
        inner(self.app.file_alert(Request::new(alert)).await).map(|_| ())
    }

    /// Everything in a stream of the default tenant.
    pub(crate) async fn events(&self, stream_id: impl Into<StreamId>) -> Vec<Event> {
        let tenant = Tenant::default_tenant();
        let range = self
            .app
            .log
            .range(&tenant, stream_id.into(), 0, "", 500)
            .await
            .expect("a range");
        range.events
    }

    /// What kinds of events are in a stream, in order.
    pub(crate) async fn kinds(&self, stream_id: impl Into<StreamId>) -> Vec<Kind> {
        self.events(stream_id).await.iter().map(kind_of).collect()
    }

    /// The events of the tenant's feed that somebody acts on, with their data.
    pub(crate) async fn told(&self) -> Vec<(Kind, serde_json::Value)> {
        let events = self.events(TENANT_FEED).await;
        events
            .iter()
            .map(|event| (kind_of(event), json(&event.data)))
            .filter(|(kind, _)| *kind != Kind::ModerationNoted)
            .collect()
    }

    /// The audit log of the default tenant, oldest first.
    pub(crate) async fn audit(&self) -> Vec<Row> {
        let rows = sqlx::query!(
            "select actor, action, subject, detail from moderation.audit where tenant_id = 'default' order by seq"
        );
        let rows = rows.fetch_all(&self.db).await.expect("the log");
        rows.into_iter()
            .map(|row| {
                let actor = row.actor.map(|actor| actor.to_string());
                let detail = serde_json::from_str(&row.detail).expect("JSON");
                (actor.unwrap_or_default(), row.action, row.subject, detail)
            })
            .collect()
    }

    /// The actions in the audit log of the default tenant, oldest first.
    pub(crate) async fn acts(&self) -> Vec<String> {
        let rows = self.audit().await;
        rows.into_iter().map(|(_, action, ..)| action).collect()
    }

    /// Whether the contract view says that a person is banned.
    pub(crate) async fn is_banned(&self, person: &Person) -> bool {
        let banned = sqlx::query_scalar!(
            r#"select exists (select 1 from moderation.active_ban where user_id = $1) as "is_banned!""#,
            person.caller.user_id.0,
        );
        banned.fetch_one(&self.db).await.expect("the view")
    }

    /// A connection to the registry's store, to look at what is in it.
    pub(crate) async fn redis(&self) -> redis::aio::MultiplexedConnection {
        let client = redis::Client::open(self.redis.url.as_str()).expect("a URL");
        client
            .get_multiplexed_async_connection()
            .await
            .expect("Redis answers")
    }

    /// What a hash in Redis holds.
    pub(crate) async fn hash(&self, key: &str) -> std::collections::HashMap<String, String> {
        let mut asked = redis::cmd("HGETALL");
        asked.arg(key);
        asked
            .query_async(&mut self.redis().await)
            .await
            .expect("a hash")
    }

    /// Another replica, which cannot reach Redis.
    pub(crate) fn app_without_redis(&self) -> Arc<App> {
        // Nothing listens on port 1.
        let config = config("redis://127.0.0.1:1");
        Arc::new(App::new(config, self.db.clone(), &self.kit).expect("a valid configuration"))
    }

    /// Lets a connection's lease run out.
    pub(crate) async fn lets_die(&self, connection: &Connection) {
        let id = &connection.connection_id;
        let mut redis = self.redis().await;
        redis::pipe()
            .del(format!("hubbub:conn:default:{id}"))
            .zadd("hubbub:conns:default", id, 1)
            .exec_async(&mut redis)
            .await
            .expect("Redis answers");
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.kit.stop.cancel();
    }
}

impl Person {
    pub(crate) fn id(&self) -> String {
        self.caller.user_id.to_string()
    }

    /// The same person, served by another replica.
    pub(crate) fn at(self, app: Arc<App>) -> Self {
        Self { app, ..self }
    }

    pub(crate) fn named(&self) -> String {
        format!("@{}", self.caller.name)
    }

    pub(crate) fn request<T>(&self, message: T) -> Request<T> {
        let mut request = rpc::with_token(message, &format!("token-of-{}", self.caller.name));
        request.extensions_mut().insert(self.caller.clone());
        request
    }

    /// A new connection of this person.
    pub(crate) fn connection(&self) -> Connection {
        Connection {
            connection_id: ConnectionId::generate().to_string(),
            user_id: self.id(),
            user_name: self.caller.name.clone(),
            gateway: "g1".into(),
            address: "203.0.113.7".into(),
            session_id: self.caller.session_id.to_string(),
            since_ms: 1_000,
            last_seen_ms: 2_000,
        }
    }

    pub(crate) async fn bans(
        &self,
        request: CreateBanRequest,
    ) -> Result<CreateBanResponse, Status> {
        inner(self.app.create_ban(self.request(request)).await)
    }

    pub(crate) async fn lifts(&self, request: LiftBanRequest) -> Result<u32, Status> {
        inner(self.app.lift_ban(self.request(request)).await).map(|answer| answer.lifted)
    }

    pub(crate) async fn lists_bans(
        &self,
        request: ListBansRequest,
    ) -> Result<ListBansResponse, Status> {
        inner(self.app.list_bans(self.request(request)).await)
    }

    pub(crate) async fn previews(&self, cidr: &str) -> Result<PreviewBanResponse, Status> {
        let request = PreviewBanRequest { cidr: cidr.into() };
        inner(self.app.preview_ban(self.request(request)).await)
    }

    pub(crate) async fn mutes(&self, request: MuteUserRequest) -> Result<(), Status> {
        inner(self.app.mute_user(self.request(request)).await).map(|_| ())
    }

    pub(crate) async fn unmutes(&self, user: &str, key: &str) -> Result<(), Status> {
        let request = UnmuteUserRequest {
            user_id: user.into(),
            key: key.into(),
        };
        inner(self.app.unmute_user(self.request(request)).await).map(|_| ())
    }

    pub(crate) async fn warns(&self, request: WarnUserRequest) -> Result<(), Status> {
        inner(self.app.warn_user(self.request(request)).await).map(|_| ())
    }

    pub(crate) async fn reports(
        &self,
        request: ReportContentRequest,
    ) -> Result<ReportContentResponse, Status> {
        inner(self.app.report_content(self.request(request)).await)
    }

    pub(crate) async fn lists_reports(
        &self,
        request: ListReportsRequest,
    ) -> Result<ListReportsResponse, Status> {
        inner(self.app.list_reports(self.request(request)).await)
    }

    pub(crate) async fn moves(&self, request: UpdateReportRequest) -> Result<Report, Status> {
        inner(self.app.update_report(self.request(request)).await)
            .map(|answer| answer.report.expect("a report"))
    }

    pub(crate) async fn adds_filter(&self, request: CreateFilterRequest) -> Result<Filter, Status> {
        inner(self.app.create_filter(self.request(request)).await)
            .map(|answer| answer.filter.expect("a filter"))
    }

    pub(crate) async fn deletes_filter(&self, filter_id: &str, key: &str) -> Result<(), Status> {
        let request = DeleteFilterRequest {
            filter_id: filter_id.into(),
            key: key.into(),
        };
        inner(self.app.delete_filter(self.request(request)).await).map(|_| ())
    }

    pub(crate) async fn lists_filters(&self) -> Result<Vec<Filter>, Status> {
        let listed = self.app.list_filters(self.request(ListFiltersRequest {}));
        inner(listed.await).map(|answer| answer.filters)
    }

    pub(crate) async fn lists_audit(
        &self,
        request: ListAuditRequest,
    ) -> Result<ListAuditResponse, Status> {
        inner(self.app.list_audit(self.request(request)).await)
    }

    pub(crate) async fn verifies_audit(&self) -> Result<VerifyAuditResponse, Status> {
        inner(
            self.app
                .verify_audit(self.request(VerifyAuditRequest {}))
                .await,
        )
    }

    pub(crate) async fn lists_connections(
        &self,
        request: ListConnectionsRequest,
    ) -> Result<ListConnectionsResponse, Status> {
        inner(self.app.list_connections(self.request(request)).await)
    }

    pub(crate) async fn sends(&self, connection_id: &str, text: &str) -> Result<(), Status> {
        self.sends_frame(
            connection_id,
            "operator.notice",
            &format!("{{\"text\":\"{text}\"}}"),
        )
        .await
    }

    pub(crate) async fn sends_frame(
        &self,
        connection_id: &str,
        kind: &str,
        data: &str,
    ) -> Result<(), Status> {
        let request = SendToConnectionRequest {
            connection_id: connection_id.into(),
            kind: kind.into(),
            data: data.into(),
        };
        inner(self.app.send_to_connection(self.request(request)).await).map(|_| ())
    }

    pub(crate) async fn broadcasts(
        &self,
        kind: &str,
        data: &str,
    ) -> Result<BroadcastResponse, Status> {
        let request = BroadcastRequest {
            kind: kind.into(),
            data: data.into(),
        };
        inner(self.app.broadcast(self.request(request)).await)
    }

    pub(crate) async fn disconnects(&self, connection_id: &str) -> Result<(), Status> {
        let request = DisconnectRequest {
            connection_id: connection_id.into(),
        };
        inner(self.app.disconnect(self.request(request)).await).map(|_| ())
    }

    pub(crate) async fn asks_why(
        &self,
        message_id: &str,
        user: &str,
    ) -> Result<ExplainDeliveryResponse, Status> {
        let request = ExplainDeliveryRequest {
            message_id: message_id.into(),
            user_id: user.into(),
        };
        inner(self.app.explain_delivery(self.request(request)).await)
    }

    pub(crate) async fn asks_whether_active(&self, connection_id: &str) -> Result<bool, Status> {
        let request = IsActiveRequest {
            connection_id: connection_id.into(),
        };
        inner(self.app.is_active(self.request(request)).await).map(|answer| answer.is_active)
    }

    pub(crate) async fn exports(&self) -> serde_json::Value {
        let exported = self.app.export_user(self.request(ExportUserRequest {}));
        json(&inner(exported.await).expect("an export").moderation)
    }
}

fn config(redis_url: &str) -> Config {
    let own: IpNet = "198.51.100.0/24".parse().expect("a range");
    Config {
        redis: service::RedisSettings::at(redis_url),
        moderation: ModerationConfig {
            protected: vec![own],
            widest_v4: 8,
            widest_v6: 19,
            allow_private: false,
        },
    }
}

pub(crate) fn inner<T>(answer: Result<Response<T>, Status>) -> Result<T, Status> {
    answer.map(Response::into_inner)
}

/// A fresh idempotency key.
pub(crate) fn key() -> String {
    Uuid::now_v7().to_string()
}

/// A time to come.
pub(crate) fn in_hours(hours: i64) -> i64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let now_ms = i64::try_from(now.expect("after 1970").as_millis()).expect("a time");
    now_ms + hours * 3_600_000
}

/// A ban of an account for good.
pub(crate) fn account_ban(user: &str) -> CreateBanRequest {
    CreateBanRequest {
        user_id: user.into(),
        reason: "spam".into(),
        key: key(),
        ..CreateBanRequest::default()
    }
}

/// A ban of a range for as long as is usual.
pub(crate) fn range_ban(cidr: &str) -> CreateBanRequest {
    CreateBanRequest {
        user_id: String::new(),
        cidr: cidr.into(),
        ..account_ban("")
    }
}

pub(crate) fn message_report(message_id: EventId) -> ReportContentRequest {
    ReportContentRequest {
        message_id: message_id.to_string(),
        category: "spam".into(),
        note: "look at this".into(),
        key: key(),
        ..ReportContentRequest::default()
    }
}

pub(crate) fn person_report(user: &str) -> ReportContentRequest {
    ReportContentRequest {
        message_id: String::new(),
        user_id: user.into(),
        category: "abuse".into(),
        note: "every day".into(),
        key: key(),
    }
}

pub(crate) fn kind_of(event: &Event) -> Kind {
    Kind::from_number(event.kind as i16).expect("a known kind")
}

/// The stored JSON of an event.
pub(crate) fn json(data: &[u8]) -> serde_json::Value {
    serde_json::from_slice(data).expect("JSON")
}

#[track_caller]
pub(crate) fn assert_refused<T: Debug>(
    answer: Result<T, Status>,
    code: Code,
    reason: Reason,
) -> Refusal {
    let refusal = Refusal::of(&answer.expect_err("a refusal"));
    assert_eq!(
        (refusal.code, refusal.reason),
        (code, reason),
        "{}",
        refusal.message
    );
    refusal
}

#[track_caller]
pub(crate) fn assert_field<T: Debug>(answer: Result<T, Status>, field: &str) {
    let refusal = assert_refused(answer, Code::InvalidArgument, Reason::FIELD_INVALID);
    let fields: Vec<&String> = refusal.fields.keys().collect();
    assert_eq!(fields, [field]);
}

#[track_caller]
pub(crate) fn assert_no_admin<T: Debug>(answer: Result<T, Status>) {
    assert_refused(answer, Code::PermissionDenied, Reason::ADMIN_REQUIRED);
}

#[track_caller]
pub(crate) fn assert_gone<T: Debug>(answer: Result<T, Status>) {
    assert_refused(answer, Code::NotFound, Reason::CONNECTION_GONE);
}
