//! The log against a real Postgres and a real NATS.

mod announce;
mod append;
mod ephemeral;
mod faults;
mod read;
mod receive;

use std::{collections::HashMap, sync::Arc, time::Duration};

use proto::{
    event::Kind,
    id::{StreamId, Tenant, UserId},
    stream::Event,
};
use sqlx::PgPool;
use stream::{Announcer, Append, Hooks, Log, Sink, Writer, fingerprint};
use tokio::sync::watch;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// How long a test waits for what must happen.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// An owner of streams who bans people, in a schema of its own.
const OWNER: &str = "
    create schema owner;
    create table owner.ban (actor uuid primary key);
    create function owner.may_append(
        p_tenant text[], p_stream uuid[], p_actor uuid[], p_session uuid[], p_kind smallint[]
    ) returns table (ord int, reason text) language sql stable as $$
        select i.nth::int, 'BANNED'
        from unnest(p_actor) with ordinality as i (actor, nth)
        where exists (select from owner.ban b where b.actor = i.actor)
    $$;
    create function owner.may_append_alone(
        p_tenant text, p_stream uuid, p_actor uuid, p_session uuid, p_kind smallint
    ) returns text language sql stable as $$
        select min('BANNED') from owner.ban b where b.actor = p_actor
    $$;
    create table owner.seen (stream uuid, seq bigint, event_id uuid, kind smallint, data json, at timestamptz);
    create function owner.apply(
        p_tenant text[], p_stream uuid[], p_seq bigint[], p_event_id uuid[], p_actor uuid[], p_kind smallint[],
        p_data text[], p_at timestamptz
    ) returns void language sql as $$
        insert into owner.seen
        select i.stream, i.seq, i.event_id, i.kind, i.data::json, p_at
        from unnest(p_stream, p_seq, p_event_id, p_kind, p_data) as i (stream, seq, event_id, kind, data)
    $$;
    create function owner.apply_alone(
        p_tenant text, p_stream uuid, p_seq bigint, p_event_id uuid, p_actor uuid, p_kind smallint, p_data text,
        p_at timestamptz
    ) returns void language sql as $$
        insert into owner.seen values (p_stream, p_seq, p_event_id, p_kind, p_data::json, p_at)
    $$;";

/// The owner's functions.
pub(crate) const HOOKS: Hooks = Hooks {
    guard: Some("owner.may_append"),
    apply: Some("owner.apply"),
};

/// The event as it is stored: what is told of it live says in which run of the server that was.
pub(crate) fn stored(event: &Event) -> Event {
    Event {
        era: 0,
        ..event.clone()
    }
}

/// A database with the log, an owner and the bus.
pub(crate) struct World {
    pub(crate) pool: PgPool,
    pub(crate) nats: testkit::Nats,
    pub(crate) log: Log,
    pub(crate) tasks: TaskTracker,
    pub(crate) stop: CancellationToken,
}

impl World {
    pub(crate) async fn new() -> Self {
        let pool = testkit::database(&[&stream::MIGRATOR]).await;
        let nats = testkit::nats().await;
        sqlx::raw_sql(OWNER)
            .execute(&pool)
            .await
            .expect("the owner's schema is valid");
        let log = Log::new(pool.clone());
        Self {
            pool,
            nats,
            log,
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
        }
    }

    pub(crate) fn announcer(&self) -> Announcer {
        Announcer::start(
            self.nats.client.clone(),
            self.pool.clone(),
            &self.tasks,
            self.stop.clone(),
        )
    }

    pub(crate) fn writer(&self) -> Writer {
        Writer::start(
            self.pool.clone(),
            HOOKS,
            self.announcer(),
            &self.tasks,
            self.stop.clone(),
        )
    }

    /// Appends in a transaction of the owner, and tells nobody.
    pub(crate) async fn append_silently(
        &self,
        appends: &[Append],
    ) -> Vec<Result<stream::Appended, stream::Refused>> {
        let mut transaction = self.pool.begin().await.expect("begin");
        let results = stream::append_in(&mut transaction, appends)
            .await
            .expect("append");
        transaction.commit().await.expect("commit");
        results
    }

    /// Everything in a stream, checked to be without holes.
    pub(crate) async fn events(&self, stream_id: StreamId) -> Vec<Event> {
        let mut events: Vec<Event> = Vec::new();
        loop {
            let after = events.last().map_or(0, |event| event.seq);
            let range = self
                .log
                .range(&tenant(), stream_id, after, "", 500)
                .await
                .expect("range");
            assert!(range.is_continuous);
            events.extend(range.events);
            if events.last().map_or(0, |event| event.seq) == range.head {
                break;
            }
        }
        let seqs: Vec<i64> = events.iter().map(|event| event.seq).collect();
        assert_eq!(
            seqs,
            (1..=events.len() as i64).collect::<Vec<_>>(),
            "no holes"
        );
        events
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

pub(crate) fn tenant() -> Tenant {
    Tenant::default_tenant()
}

pub(crate) fn new_stream() -> StreamId {
    StreamId(uuid::Uuid::now_v7())
}

pub(crate) fn message(stream_id: StreamId, actor: UserId, key: &str, body: &str) -> Append {
    Append {
        tenant: tenant(),
        stream_id,
        actor: Some(actor),
        session: None,
        key: Some(key.into()),
        kind: Kind::MessagePosted,
        data: format!(r#"{{"body":"{body}"}}"#),
        fingerprint: fingerprint(&[body.as_bytes()]),
    }
}

/// A sink that remembers, and checks that each stream comes in order and without holes.
pub(crate) struct Memory {
    seen: watch::Sender<HashMap<StreamId, Seen>>,
}

#[derive(Default, Clone)]
pub(crate) struct Seen {
    pub(crate) events: Vec<Arc<Event>>,
    pub(crate) resets: Vec<i64>,
}

impl Memory {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            seen: watch::Sender::default(),
        })
    }

    /// Waits until what was seen of a stream satisfies the condition.
    pub(crate) async fn until(&self, stream_id: StreamId, is_met: impl Fn(&Seen) -> bool) -> Seen {
        let mut seen = self.seen.subscribe();
        let found = seen.wait_for(|all| is_met(&all.get(&stream_id).cloned().unwrap_or_default()));
        let found = tokio::time::timeout(PATIENCE, found).await;
        let all = match found {
            Ok(all) => all.expect("the sink lives").clone(),
            Err(_) => panic!("waited in vain; seen: {:?}", self.seqs(stream_id)),
        };
        all.get(&stream_id).cloned().unwrap_or_default()
    }

    pub(crate) fn seqs(&self, stream_id: StreamId) -> Vec<i64> {
        let all = self.seen.borrow();
        all.get(&stream_id)
            .map(|seen| seen.events.iter().map(|event| event.seq).collect())
            .unwrap_or_default()
    }
}

impl Sink for Memory {
    fn deliver(&self, (_, stream_id): (Tenant, StreamId), events: &[Arc<Event>]) {
        self.seen.send_modify(|all| {
            all.entry(stream_id)
                .or_default()
                .events
                .extend(events.iter().cloned());
        });
    }

    fn reset(&self, (_, stream_id): (Tenant, StreamId), head: i64) {
        self.seen
            .send_modify(|all| all.entry(stream_id).or_default().resets.push(head));
    }
}
