//! A social-svc of one's own, and people who use it. Tests read as what people do.

use std::{fmt::Debug, pin::Pin, sync::Arc};

use futures::{Stream, StreamExt};
use prost::Message;
use proto::{
    event::Kind,
    id::{SessionId, StreamId, Tenant, UserId},
    reason::Reason,
    social::{social_service_server::SocialService, *},
    stream::{Ephemeral, Event},
};
use redis::{AsyncCommands, aio::MultiplexedConnection};
use rpc::{Caller, NatsChannel, Refusal};
use serde_json::Value;
use service::Kit;
use social_svc::{App, Config, config::SocialConfig, presence, settings::DirectFrom};
use sqlx::PgPool;
use stream::Log;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tonic::{Code, Request, Response, Status};
use uuid::Uuid;

use crate::contracts;

/// The last thing that is heard.
const END: &str = "eph.end";

/// A social-svc with its stores.
pub(crate) struct World {
    pub(crate) app: Arc<App>,
    pub(crate) db: PgPool,
    pub(crate) kit: Kit,
    nats: testkit::Nats,
    /// Taken by tests that go on without it.
    pub(crate) redis: Option<testkit::Redis>,
    log: Log,
}

/// Someone with an account and a session.
#[derive(Clone)]
pub(crate) struct Person {
    pub(crate) app: Arc<App>,
    pub(crate) caller: Caller,
}

/// Everything that is whispered from a moment on.
pub(crate) struct Ears<'a> {
    nats: &'a testkit::Nats,
    heard: Pin<Box<dyn Stream<Item = (String, Vec<u8>)> + Send>>,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(|_| ()).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut SocialConfig)) -> Self {
        let db = testkit::database(&[&stream::MIGRATOR, &social_svc::MIGRATOR]).await;
        contracts::publish_views(&db).await;
        let (nats, redis) = tokio::join!(testkit::nats(), testkit::redis());
        let kit = Kit {
            channel: NatsChannel::new(nats.client.clone()),
            nats: nats.client.clone(),
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
            pg: Some(db.clone()),
        };
        let mut social = SocialConfig {
            direct_from: DirectFrom::Friends,
            outgoing_requests: 100,
            incoming_requests: 200,
            ask_again_days: 7,
        };
        change(&mut social);
        let config = Config {
            redis: service::RedisSettings::at(&redis.url),
            social,
        };
        let app = App::assemble(config, db.clone(), &kit)
            .await
            .expect("assembles");
        Self {
            app: Arc::new(app),
            log: Log::new(db.clone()),
            db,
            kit,
            nats,
            redis: Some(redis),
        }
    }

    pub(crate) async fn person(&self, name: &str) -> Person {
        self.caller(name, Tenant::default_tenant(), false).await
    }

    pub(crate) async fn people<const N: usize>(&self, names: [&str; N]) -> [Person; N] {
        let people = futures::future::join_all(names.map(|name| self.person(name))).await;
        people.try_into().ok().expect("as many as names")
    }

    pub(crate) async fn admin(&self, name: &str) -> Person {
        self.caller(name, Tenant::default_tenant(), true).await
    }

    pub(crate) async fn stranger(&self, name: &str) -> Person {
        self.caller(name, "elsewhere".parse().expect("a tenant"), false)
            .await
    }

    async fn caller(&self, name: &str, tenant: Tenant, is_admin: bool) -> Person {
        let caller = Caller {
            tenant,
            user_id: UserId::generate(),
            name: name.into(),
            is_admin,
            session_id: SessionId::generate(),
        };
        contracts::sign_up(&self.db, &caller).await;
        Person {
            app: Arc::clone(&self.app),
            caller,
        }
    }

    /// Everything in a person's private feed.
    pub(crate) async fn events(&self, person: &Person) -> Vec<Event> {
        let stream_id: StreamId = person.caller.user_id.into();
        let tenant = &person.caller.tenant;
        let range = self.log.range(tenant, stream_id, 0, "", 500).await;
        let range = range.expect("a range");
        assert!(range.is_continuous && range.events.len() < 500);
        range.events
    }

    /// What kinds of events are in a person's private feed, in order.
    pub(crate) async fn kinds(&self, person: &Person) -> Vec<Kind> {
        self.events(person).await.iter().map(kind_of).collect()
    }

    /// The stored data of the last event of a kind in a person's private feed.
    pub(crate) async fn last(&self, person: &Person, kind: Kind) -> Value {
        let events = self.events(person).await;
        let last = events.iter().rfind(|event| kind_of(event) == kind);
        json(&last.expect("such an event").data)
    }

    pub(crate) async fn may_message(&self, sender: &Person, recipient: &Person) -> bool {
        let may = sqlx::query_scalar!(
            r#"select social.may_message($1, $2, $3) as "may!""#,
            sender.caller.tenant.as_str(),
            sender.caller.user_id.0,
            recipient.caller.user_id.0,
        );
        may.fetch_one(&self.db).await.expect("an answer")
    }

    pub(crate) async fn befriends(&self, one: &Person, other: &Person) {
        one.asks(other).await.expect("asked");
        other.accepts(one).await.expect("accepted");
    }

    pub(crate) async fn ears(&self) -> Ears<'_> {
        let heard = self.nats.client.subscribe("eph.*").await;
        let heard = heard.expect("the bus listens");
        let heard = heard.map(|message| (message.subject.to_string(), message.payload.to_vec()));
        Ears {
            nats: &self.nats,
            heard: Box::pin(heard),
        }
    }

    /// What a gateway says; `people` with their connections and whether any is in view.
    pub(crate) async fn reports(&self, gateway: &str, people: &[(&Person, u32, bool)]) {
        self.tries_to_report(gateway, people)
            .await
            .expect("reported");
    }

    pub(crate) async fn tries_to_report(
        &self,
        gateway: &str,
        people: &[(&Person, u32, bool)],
    ) -> Result<(), Status> {
        let people = people
            .iter()
            .map(|(person, connections, is_visible)| LivePerson {
                tenant: person.caller.tenant.to_string(),
                user_id: person.id(),
                connections: *connections,
                is_visible: *is_visible,
            });
        let request = ReportPresenceRequest {
            gateway: gateway.into(),
            people: people.collect(),
            is_refresh: false,
        };
        inner(self.app.report_presence(Request::new(request)).await).map(|_| ())
    }

    pub(crate) async fn sweeps(&self) {
        presence::sweep(&self.app).await.expect("swept");
    }

    pub(crate) async fn redis(&self) -> MultiplexedConnection {
        let redis = self.redis.as_ref().expect("redis runs");
        let client = redis::Client::open(redis.url.as_str()).expect("a url");
        let connection = client.get_multiplexed_async_connection().await;
        connection.expect("connects")
    }

    /// Everyone who is suspected to have left is looked at next.
    pub(crate) async fn makes_all_due(&self) {
        let mut redis = self.redis().await;
        let due: Vec<String> = redis.zrange(DUE, 0, -1).await.expect("reads");
        for member in due {
            let _: () = redis.zadd(DUE, member, 0).await.expect("writes");
        }
    }

    /// Every gateway has long said whom it serves.
    pub(crate) async fn is_whole(&self) {
        let mut redis = self.redis().await;
        let _: () = redis
            .hset("hubbub:presence-since", "first", 1)
            .await
            .expect("writes");
    }

    /// Half a minute passes without a word of a gateway.
    pub(crate) async fn forgets_gateway(&self, gateway: &str, person: &Person) {
        let mut redis = self.redis().await;
        let key = format!("hubbub:presence:{}:{}", person.caller.tenant, person.id());
        let _: () = redis.hset(key, gateway, "1:1:1000").await.expect("writes");
    }
}

/// Where the service keeps who must be looked at.
pub(crate) const DUE: &str = "hubbub:presence-due";

impl Drop for World {
    fn drop(&mut self) {
        self.kit.stop.cancel();
    }
}

impl Ears<'_> {
    /// What was whispered since the last time, each with whose it is; `presence.changed` only.
    pub(crate) async fn hear(&mut self) -> Vec<Value> {
        self.nats
            .client
            .publish(END, "".into())
            .await
            .expect("the bus takes it");
        let mut all = Vec::new();
        loop {
            let (subject, payload) = self.heard.next().await.expect("an end");
            if subject == END {
                return all;
            }
            let message = Ephemeral::decode(payload.as_slice()).expect("a message");
            let data = json(&message.data);
            assert_eq!(message.kind, "presence.changed");
            assert_eq!(
                (&message.stream_id, &message.actor),
                (&message.actor, &message.stream_id)
            );
            assert_eq!(data["user"], message.actor.as_str());
            all.push(data);
        }
    }

    /// The statuses that were whispered since the last time.
    pub(crate) async fn hear_statuses(&mut self) -> Vec<String> {
        let heard = self.hear().await;
        let statuses = heard.iter().map(|data| data["status"].as_str());
        statuses
            .map(|status| status.expect("a status").into())
            .collect()
    }
}

macro_rules! calls {
    ($($(#[$doc:meta])* $name:ident -> $method:ident($request:ident) -> $response:ident;)*) => {$(
        $(#[$doc])*
        pub(crate) async fn $name(&self, request: $request) -> Result<$response, Status> {
            inner(self.app.$method(self.request(request)).await)
        }
    )*};
}

impl Person {
    pub(crate) fn id(&self) -> String {
        self.caller.user_id.to_string()
    }

    pub(crate) fn request<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        request.extensions_mut().insert(self.caller.clone());
        request
    }

    calls! {
        request_friend -> request_friend(RequestFriendRequest) -> RequestFriendResponse;
        accept_friend -> accept_friend(AcceptFriendRequest) -> AcceptFriendResponse;
        decline_friend -> decline_friend(DeclineFriendRequest) -> DeclineFriendResponse;
        cancel_friend -> cancel_friend(CancelFriendRequest) -> CancelFriendResponse;
        remove_friend -> remove_friend(RemoveFriendRequest) -> RemoveFriendResponse;
        list_friends -> list_friends(ListFriendsRequest) -> ListFriendsResponse;
        add_block -> add_block(AddBlockRequest) -> AddBlockResponse;
        remove_block -> remove_block(RemoveBlockRequest) -> RemoveBlockResponse;
        list_blocks -> list_blocks(ListBlocksRequest) -> ListBlocksResponse;
        update_settings -> update_settings(UpdateSettingsRequest) -> UpdateSettingsResponse;
        set_presence -> set_presence(SetPresenceRequest) -> SetPresenceResponse;
        get_presence -> get_presence(GetPresenceRequest) -> GetPresenceResponse;
        list_notifications -> list_notifications(ListNotificationsRequest) -> ListNotificationsResponse;
        read_notifications -> read_notifications(ReadNotificationsRequest) -> ReadNotificationsResponse;
    }

    pub(crate) async fn asks(&self, other: &Self) -> Result<FriendState, Status> {
        let asked = self.request_friend(asking(&other.id())).await?;
        assert_eq!(asked.user, Some(other.wire()));
        Ok(asked.state())
    }

    pub(crate) async fn accepts(&self, other: &Self) -> Result<FriendState, Status> {
        let accepted = self.accept_friend(accepting(&other.id())).await?;
        assert_eq!(accepted.user, Some(other.wire()));
        Ok(accepted.state())
    }

    pub(crate) async fn declines(&self, other: &Self) -> Result<(), Status> {
        let request = DeclineFriendRequest {
            user_id: other.id(),
            key: key(),
        };
        self.decline_friend(request).await.map(|_| ())
    }

    pub(crate) async fn cancels(&self, other: &Self) -> Result<(), Status> {
        let request = CancelFriendRequest {
            user_id: other.id(),
            key: key(),
        };
        self.cancel_friend(request).await.map(|_| ())
    }

    pub(crate) async fn parts_from(&self, other: &Self) -> Result<(), Status> {
        let request = RemoveFriendRequest {
            user_id: other.id(),
            key: key(),
        };
        self.remove_friend(request).await.map(|_| ())
    }

    pub(crate) async fn blocks(&self, other: &Self) -> Result<(), Status> {
        let blocked = self.add_block(blocking(&other.id(), false)).await?;
        assert_eq!(blocked.user, Some(other.wire()));
        Ok(())
    }

    pub(crate) async fn blocks_mutually(&self, other: &Self) -> Result<(), Status> {
        let blocked = self.add_block(blocking(&other.id(), true)).await?;
        assert_eq!(blocked.user, Some(other.wire()));
        Ok(())
    }

    pub(crate) async fn unblocks(&self, other: &Self) -> Result<(), Status> {
        let request = RemoveBlockRequest {
            user_id: other.id(),
            key: key(),
        };
        let unblocked = self.remove_block(request).await?;
        assert_eq!(unblocked.user, Some(other.wire()));
        Ok(())
    }

    /// The first page of friends with the requests.
    pub(crate) async fn friends(&self) -> ListFriendsResponse {
        self.list_friends(ListFriendsRequest::default())
            .await
            .expect("a list")
    }

    /// The names of friends, of who asks them, and of whom they asked.
    pub(crate) async fn bonds(&self) -> [Vec<String>; 3] {
        let listed = self.friends().await;
        let pending = |requests: Vec<PendingRequest>| {
            let users = requests.into_iter().map(|request| request.user);
            users.map(|user| user.expect("a user").name).collect()
        };
        [
            listed
                .friends
                .into_iter()
                .map(|friend| friend.name)
                .collect(),
            pending(listed.incoming),
            pending(listed.outgoing),
        ]
    }

    pub(crate) async fn hidden(&self) -> Vec<String> {
        let listed = self.app.list_hidden(self.request(ListHiddenRequest {}));
        inner(listed.await).expect("a list").user_ids
    }

    pub(crate) async fn settings(&self) -> String {
        let found = self.app.get_settings(self.request(GetSettingsRequest {}));
        let found = inner(found.await).expect("settings");
        found.settings.expect("settings").direct_from
    }

    pub(crate) async fn opens_to(&self, direct_from: &str) {
        let request = UpdateSettingsRequest {
            direct_from: Some(direct_from.into()),
            key: key(),
        };
        self.update_settings(request).await.expect("updated");
    }

    pub(crate) async fn shows(&self, status: &str, text: &str) {
        self.set_presence(showing(status, text)).await.expect("set");
    }

    /// What the person sees of another one.
    pub(crate) async fn sees(&self, other: &Self) -> Presence {
        let request = GetPresenceRequest {
            user_ids: vec![other.id()],
        };
        let mut seen = self.get_presence(request).await.expect("presence").people;
        assert_eq!(seen.len(), 1);
        seen.remove(0)
    }

    /// The status that the person sees of another one.
    pub(crate) async fn sees_status(&self, other: &Self) -> String {
        self.sees(other).await.status
    }

    pub(crate) async fn notifications(&self) -> Vec<Notification> {
        let request = ListNotificationsRequest::default();
        let listed = self.list_notifications(request).await.expect("a list");
        listed.notifications
    }

    pub(crate) async fn reads(&self, ids: &[&str]) -> i64 {
        let request = ReadNotificationsRequest {
            notification_ids: ids.iter().map(|id| (*id).into()).collect(),
            key: key(),
        };
        self.read_notifications(request).await.expect("read").unread
    }

    pub(crate) async fn counts(&self) -> CountRelationsResponse {
        let counted = self
            .app
            .count_relations(self.request(CountRelationsRequest {}));
        inner(counted.await).expect("counts")
    }

    pub(crate) fn wire(&self) -> proto::social::Person {
        proto::social::Person {
            user_id: self.id(),
            name: self.caller.name.clone(),
        }
    }
}

pub(crate) fn inner<T>(answer: Result<Response<T>, Status>) -> Result<T, Status> {
    answer.map(Response::into_inner)
}

/// The names of friends, of who asks, and of who was asked.
pub(crate) fn bonds(friends: &[&str], incoming: &[&str], outgoing: &[&str]) -> [Vec<String>; 3] {
    [friends, incoming, outgoing].map(|names| names.iter().map(ToString::to_string).collect())
}

/// A fresh idempotency key.
pub(crate) fn key() -> String {
    Uuid::now_v7().to_string()
}

pub(crate) fn asking(user: &str) -> RequestFriendRequest {
    RequestFriendRequest {
        user_id: user.into(),
        note: String::new(),
        key: key(),
    }
}

pub(crate) fn accepting(user: &str) -> AcceptFriendRequest {
    AcceptFriendRequest {
        user_id: user.into(),
        key: key(),
    }
}

pub(crate) fn blocking(user: &str, is_mutual: bool) -> AddBlockRequest {
    AddBlockRequest {
        user_id: user.into(),
        key: key(),
        is_mutual,
    }
}

pub(crate) fn showing(status: &str, text: &str) -> SetPresenceRequest {
    SetPresenceRequest {
        status: status.into(),
        text: text.into(),
        until_ms: 0,
        key: key(),
    }
}

pub(crate) fn kind_of(event: &Event) -> Kind {
    Kind::from_number(event.kind as i16).expect("a known kind")
}

/// The stored JSON of an event.
pub(crate) fn json(data: &[u8]) -> Value {
    serde_json::from_slice(data).expect("JSON")
}

#[track_caller]
pub(crate) fn assert_refused<T: Debug>(answer: Result<T, Status>, code: Code, reason: Reason) {
    let refusal = Refusal::of(&answer.expect_err("a refusal"));
    assert_eq!(
        (refusal.code, refusal.reason),
        (code, reason),
        "{}",
        refusal.message
    );
}

#[track_caller]
pub(crate) fn assert_field<T: Debug>(answer: Result<T, Status>, field: &str) {
    let refusal = Refusal::of(&answer.expect_err("a refusal"));
    assert_eq!(refusal.reason, Reason::FIELD_INVALID, "{}", refusal.message);
    let fields: Vec<&String> = refusal.fields.keys().collect();
    assert_eq!(fields, [field]);
}

/// Nobody of this name or id is a person for the caller.
#[track_caller]
pub(crate) fn assert_unknown<T: Debug>(answer: Result<T, Status>) {
    assert_refused(answer, Code::NotFound, Reason::USER_NOT_FOUND);
}

/// Nothing between the two waits.
#[track_caller]
pub(crate) fn assert_nothing_waits<T: Debug>(answer: Result<T, Status>) {
    assert_refused(answer, Code::NotFound, Reason::REQUEST_NOT_FOUND);
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
