//! A room-svc of one's own, and people who use it. Tests read as what people do.

pub(crate) mod governing;
pub(crate) mod talk;

use std::{fmt::Debug, sync::Arc, time::Duration};

use proto::{
    auth::auth_service_server::AuthServiceServer,
    event::Kind,
    id::{SessionId, StreamId, Tenant, UserId},
    reason::Reason,
    room::{room_service_server::RoomService, *},
    stream::Event,
};
use room_svc::{App, config::RoomConfig};
use rpc::{Caller, NatsChannel, Refusal, ServeOptions};
use service::Kit;
use sqlx::{PgPool, postgres::PgPoolOptions};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tonic::{Code, Request, Response, Status};
use uuid::Uuid;

use crate::auth::{self, Accounts};
use crate::moderation::Moderation;

/// A room-svc with its stores.
pub(crate) struct World {
    pub(crate) app: Arc<App>,
    pub(crate) db: PgPool,
    pub(crate) accounts: Accounts,
    pub(crate) moderation: Moderation,
    pub(crate) nats: testkit::Nats,
    kit: Kit,
}

/// Someone with an account and a session.
#[derive(Clone)]
pub(crate) struct Person {
    app: Arc<App>,
    pub(crate) caller: Caller,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(RoomConfig {
            name_cache: 100,
            rooms_per_user: 50,
        })
        .await
    }

    pub(crate) async fn with(config: RoomConfig) -> Self {
        let db = testkit::database(&[&stream::MIGRATOR, &room_svc::MIGRATOR]).await;
        auth::publish_view(&db).await;
        let nats = testkit::nats().await;
        let kit = Kit {
            channel: NatsChannel::new(nats.client.clone()),
            nats: nats.client.clone(),
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
            pg: Some(db.clone()),
        };
        let accounts = Accounts::default();
        let server = AuthServiceServer::new(accounts.clone());
        rpc::serve(
            nats.client.clone(),
            server,
            ServeOptions::default(),
            kit.tasks.clone(),
            kit.stop.clone(),
        )
        .await
        .expect("the bus serves");
        let moderation = Moderation::serve(&kit).await;
        let app = Arc::new(App::new(config, db.clone(), &kit));
        Self {
            app,
            db,
            accounts,
            moderation,
            nats,
            kit,
        }
    }

    pub(crate) async fn person(&self, name: &str) -> Person {
        self.person_of(name, Tenant::default_tenant()).await
    }

    pub(crate) async fn person_of(&self, name: &str, tenant: Tenant) -> Person {
        let caller = Caller {
            tenant,
            user_id: UserId::generate(),
            name: name.into(),
            is_admin: false,
            session_id: SessionId::generate(),
        };
        auth::begin_session(&self.db, &caller).await;
        auth::add_person(&self.db, &caller).await;
        self.accounts.add(name, caller.user_id);
        Person {
            app: Arc::clone(&self.app),
            caller,
        }
    }

    /// Another replica.
    pub(crate) fn another_app(&self) -> Arc<App> {
        let app = App::new(self.app.config.clone(), self.db.clone(), &self.kit);
        Arc::new(app)
    }

    /// Another replica, which cannot reach the database.
    pub(crate) fn app_without_database(&self) -> Arc<App> {
        let options = PgPoolOptions::new().acquire_timeout(Duration::from_millis(200));
        // Nothing listens on port 1.
        let nowhere = options
            .connect_lazy("postgres://hubbub@127.0.0.1:1/hubbub")
            .expect("a URL");
        Arc::new(App::new(self.app.config.clone(), nowhere, &self.kit))
    }

    /// Everything in a stream of the default tenant.
    pub(crate) async fn events(&self, stream: &str) -> Vec<Event> {
        let stream_id: StreamId = stream.parse().expect("a stream's id");
        let tenant = Tenant::default_tenant();
        let mut events: Vec<Event> = Vec::new();
        loop {
            let after = events.last().map_or(0, |event| event.seq);
            let range = self
                .app
                .log
                .range(&tenant, stream_id, after, "", 500)
                .await
                .expect("a range");
            assert!(range.is_continuous);
            events.extend(range.events);
            if events.last().map_or(0, |event| event.seq) == range.head {
                return events;
            }
        }
    }

    /// What kinds of events are in a stream, in order.
    pub(crate) async fn kinds(&self, stream: &str) -> Vec<Kind> {
        self.events(stream).await.iter().map(kind_of).collect()
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

    pub(crate) fn request<T>(&self, message: T) -> Request<T> {
        let mut request = rpc::with_token(message, &format!("token-of-{}", self.caller.name));
        request.extensions_mut().insert(self.caller.clone());
        request
    }

    pub(crate) async fn creates(&self, name: &str) -> Room {
        let created = self
            .tries_to_create(new_room(name))
            .await
            .expect("a new room");
        created.room.expect("a room")
    }

    pub(crate) async fn creates_private(&self, name: &str) -> Room {
        let request = CreateRoomRequest {
            is_private: true,
            ..new_room(name)
        };
        self.tries_to_create(request)
            .await
            .expect("a new room")
            .room
            .expect("a room")
    }

    pub(crate) async fn tries_to_create(
        &self,
        request: CreateRoomRequest,
    ) -> Result<CreateRoomResponse, Status> {
        inner(self.app.create_room(self.request(request)).await)
    }

    pub(crate) async fn joins(&self, room: &str) -> Result<JoinRoomResponse, Status> {
        self.joins_with(room, &key()).await
    }

    pub(crate) async fn joins_with(
        &self,
        room: &str,
        key: &str,
    ) -> Result<JoinRoomResponse, Status> {
        let request = JoinRoomRequest {
            room: room.into(),
            key: key.into(),
        };
        inner(self.app.join_room(self.request(request)).await)
    }

    pub(crate) async fn leaves(&self, room: &str) -> Result<(), Status> {
        self.leaves_with(room, &key()).await
    }

    pub(crate) async fn leaves_with(&self, room: &str, key: &str) -> Result<(), Status> {
        let request = LeaveRoomRequest {
            room: room.into(),
            key: key.into(),
        };
        inner(self.app.leave_room(self.request(request)).await).map(|_| ())
    }

    pub(crate) async fn says(&self, room: &str, body: &str) -> Result<SendMessageResponse, Status> {
        self.sends(message(room, body)).await
    }

    pub(crate) async fn sends(
        &self,
        request: SendMessageRequest,
    ) -> Result<SendMessageResponse, Status> {
        inner(self.app.send_message(self.request(request)).await)
    }

    pub(crate) async fn gets(&self, room: &str) -> Result<Room, Status> {
        let request = GetRoomRequest { room: room.into() };
        inner(self.app.get_room(self.request(request)).await)
            .map(|found| found.room.expect("a room"))
    }

    pub(crate) async fn lists(
        &self,
        request: ListRoomsRequest,
    ) -> Result<ListRoomsResponse, Status> {
        inner(self.app.list_rooms(self.request(request)).await)
    }

    pub(crate) async fn lists_own(&self) -> Vec<MyRoom> {
        let listed = self
            .app
            .list_my_rooms(self.request(ListMyRoomsRequest {}))
            .await;
        inner(listed).expect("one's rooms").rooms
    }

    pub(crate) async fn lists_members(
        &self,
        request: ListMembersRequest,
    ) -> Result<ListMembersResponse, Status> {
        inner(self.app.list_members(self.request(request)).await)
    }

    pub(crate) async fn reads(
        &self,
        request: ListMessagesRequest,
    ) -> Result<ListMessagesResponse, Status> {
        inner(self.app.list_messages(self.request(request)).await)
    }

    pub(crate) async fn invites(&self, room: &str, user: &str) -> Result<(), Status> {
        self.invites_with(room, user, &key()).await
    }

    pub(crate) async fn invites_with(
        &self,
        room: &str,
        user: &str,
        key: &str,
    ) -> Result<(), Status> {
        let request = InviteMemberRequest {
            room: room.into(),
            user_id: user.into(),
            key: key.into(),
        };
        inner(self.app.invite_member(self.request(request)).await).map(|_| ())
    }

    pub(crate) async fn gives_role(
        &self,
        room: &str,
        user: &str,
        role: RoomRole,
    ) -> Result<(), Status> {
        self.gives_role_with(room, user, role, &key()).await
    }

    pub(crate) async fn gives_role_with(
        &self,
        room: &str,
        user: &str,
        role: RoomRole,
        key: &str,
    ) -> Result<(), Status> {
        let request = SetMemberRoleRequest {
            room: room.into(),
            user_id: user.into(),
            role: role.into(),
            key: key.into(),
        };
        inner(self.app.set_member_role(self.request(request)).await).map(|_| ())
    }
}

pub(crate) fn inner<T>(answer: Result<Response<T>, Status>) -> Result<T, Status> {
    answer.map(Response::into_inner)
}

/// A fresh idempotency key.
pub(crate) fn key() -> String {
    Uuid::now_v7().to_string()
}

pub(crate) fn new_room(name: &str) -> CreateRoomRequest {
    CreateRoomRequest {
        key: key(),
        name: name.into(),
        ..CreateRoomRequest::default()
    }
}

pub(crate) fn message(room: &str, body: &str) -> SendMessageRequest {
    SendMessageRequest {
        room: room.into(),
        key: key(),
        body: body.into(),
        reply_to: String::new(),
        thread: String::new(),
    }
}

pub(crate) fn kind_of(event: &Event) -> Kind {
    Kind::from_number(event.kind as i16).expect("a known kind")
}

/// The stored JSON of a message or event.
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

/// Everything of a refusal that travels.
#[track_caller]
pub(crate) fn bytes_of<T: Debug>(answer: Result<T, Status>) -> (Code, String, Vec<u8>) {
    let status = answer.expect_err("a refusal");
    (
        status.code(),
        status.message().into(),
        status.details().into(),
    )
}
