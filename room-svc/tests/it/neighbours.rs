//! What the other services have decided, as tests decide it.

use std::time::Duration;

use futures::StreamExt;
use prost::Message;
use proto::{
    id::StreamId,
    stream::Ephemeral,
    subject::{self, Partition},
};
use rpc::Caller;
use sqlx::PgPool;
use tokio::time::timeout;

use crate::world::{Person, World};

/// How long a test waits for what is told.
const PATIENCE: Duration = Duration::from_secs(10);

/// What is told once.
pub(crate) struct Heard(async_nats::Subscriber);

impl Heard {
    pub(crate) async fn next(&mut self) -> Ephemeral {
        let heard = timeout(PATIENCE, self.0.next()).await;
        let heard = heard.expect("something is told").expect("a message");
        Ephemeral::decode(heard.payload).expect("an ephemeral message")
    }
}

impl World {
    /// `viewer` must not see what `hidden` does.
    pub(crate) async fn hides(&self, viewer: &Person, hidden: &Person) {
        let edge = "insert into social.edge_in_tests values ($1, $2, $3)";
        pair(&self.db, edge, &viewer.caller, &hidden.caller).await;
    }

    /// `viewer` may see `hidden` again.
    pub(crate) async fn shows(&self, viewer: &Person, hidden: &Person) {
        let edge = "delete from social.edge_in_tests where tenant_id = $1 and viewer_id = $2 and hidden_id = $3";
        pair(&self.db, edge, &viewer.caller, &hidden.caller).await;
    }

    /// `sender` may not write to `recipient`.
    pub(crate) async fn estranges(&self, sender: &Person, recipient: &Person) {
        let stranger = "insert into social.stranger_in_tests values ($1, $2, $3)";
        pair(&self.db, stranger, &sender.caller, &recipient.caller).await;
    }

    /// Nobody else sees what the person does.
    pub(crate) async fn shadows(&self, person: &Person) {
        let shadow = "insert into moderation.shadow_in_tests values ($1, $2)";
        one(&self.db, shadow, &person.caller).await;
    }

    /// The account is banned.
    pub(crate) async fn bans(&self, person: &Person) {
        let ban = "insert into moderation.ban_in_tests values ($1, $2, null)";
        one(&self.db, ban, &person.caller).await;
    }

    /// The person may not speak for an hour.
    pub(crate) async fn mutes(&self, person: &Person) {
        let mute =
            "insert into moderation.mute_in_tests values ($1, $2, now() + interval '1 hour')";
        one(&self.db, mute, &person.caller).await;
    }

    /// The person may not speak in a room until a time; `None` for good.
    pub(crate) async fn mutes_in(&self, room: &str, person: &Person, until: Option<&str>) {
        let mute =
            "insert into room.restriction (tenant_id, room_id, user_id, kind, until, by_user)
                    values ($1, $2::uuid, $3, 'mute', now() + $4::interval, $3)";
        #[expect(
            clippy::disallowed_methods,
            reason = "another method of the service does it"
        )]
        let done = sqlx::query(mute)
            .bind(person.caller.tenant.as_str())
            .bind(room)
            .bind(person.caller.user_id.0)
            .bind(until)
            .execute(&self.db);
        done.await.expect("a mute");
    }

    /// A room's slow mode.
    pub(crate) async fn slows(&self, room: &str, pace_ms: i64) {
        #[expect(
            clippy::disallowed_methods,
            reason = "another method of the service does it"
        )]
        let done = sqlx::query("update room.room set slow_mode_ms = $2 where room_id = $1::uuid")
            .bind(room)
            .bind(pace_ms)
            .execute(&self.db);
        done.await.expect("a slow mode");
    }

    /// Makes a room a direct conversation of its two members.
    pub(crate) async fn makes_direct(&self, room: &str) {
        #[expect(
            clippy::disallowed_methods,
            reason = "the two are in it already, as in no conversation that is opened"
        )]
        let done = sqlx::query(
            "update room.room r
             set kind = 'direct', name = '', direct_low = m.pair[1], direct_high = m.pair[2]
             from (
                 select array_agg(user_id order by user_id) as pair
                 from room.member
                 where room_id = $1::uuid
             ) m
             where r.room_id = $1::uuid",
        )
        .bind(room)
        .execute(&self.db);
        done.await.expect("a direct conversation");
    }

    /// Makes a room say that it has so many members.
    pub(crate) async fn crowds(&self, room: &str, members: i64) {
        #[expect(clippy::disallowed_methods, reason = "a hundred joins take their time")]
        let done = sqlx::query("update room.room set members = $2 where room_id = $1::uuid")
            .bind(room)
            .bind(members)
            .execute(&self.db);
        done.await.expect("a crowd");
    }

    /// Listens to what is told once in a room.
    pub(crate) async fn hears(&self, room: &str) -> Heard {
        let stream_id: StreamId = room.parse().expect("a room's id");
        let client = &self.nats.client;
        let subject = subject::ephemeral(Partition::of(stream_id)).to_string();
        let heard = client.subscribe(subject).await.expect("a subscription");
        client.flush().await.expect("the bus knows of it");
        Heard(heard)
    }

    /// What the audit log holds: actor, action, subject.
    pub(crate) async fn acts(&self) -> Vec<(String, String, String)> {
        let acts =
            sqlx::query_as("select actor::text, action, subject from moderation.act_in_tests");
        acts.fetch_all(&self.db).await.expect("acts")
    }
}

async fn one(db: &PgPool, statement: &'static str, caller: &Caller) {
    #[expect(clippy::disallowed_methods, reason = "the tables exist in tests only")]
    let done = sqlx::query(statement)
        .bind(caller.tenant.as_str())
        .bind(caller.user_id.0)
        .execute(db);
    done.await.expect("a row");
}

async fn pair(db: &PgPool, statement: &'static str, first: &Caller, second: &Caller) {
    #[expect(clippy::disallowed_methods, reason = "the tables exist in tests only")]
    let done = sqlx::query(statement)
        .bind(first.tenant.as_str())
        .bind(first.user_id.0)
        .bind(second.user_id.0)
        .execute(db);
    done.await.expect("a row");
}
