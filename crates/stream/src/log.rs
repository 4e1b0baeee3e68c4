//! Reading streams.

mod service;

use std::sync::Arc;

use proto::{
    event::Kind,
    id::{StreamId, Tenant},
    stream::{Event, Head, RangeResponse, StreamRef},
};
use sqlx::PgPool;
use uuid::Uuid;

use crate::{
    db::read::{self, EventRow},
    key::parse_key,
};

/// The most events one range holds.
pub const RANGE_LIMIT: u32 = 500;
/// The most streams one question for heads names.
pub const HEADS_LIMIT: usize = 2_000;
/// An answer must fit a message of the bus (1 MiB): a page ends early rather than exceed this.
const ANSWER_BYTES: usize = 512 * 1024;
/// What an event weighs beside its data.
const EVENT_OVERHEAD: usize = 256;

/// Both methods are for our own processes: whoever asks has checked who may read.
pub const ACCESS: rpc::AccessTable = &[
    (
        "/hubbub.stream.v1.StreamService/Range",
        rpc::Access::Internal,
    ),
    (
        "/hubbub.stream.v1.StreamService/Heads",
        rpc::Access::Internal,
    ),
];

/// Where a page of events lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    /// The newest.
    Newest,
    /// The newest before a seq.
    Before(i64),
    /// The oldest after a seq.
    After(i64),
    /// On both sides of a seq, which is included.
    Around(i64),
}

/// Events of one kind, oldest first.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Page {
    /// The events.
    pub events: Vec<Event>,
    /// Whether more follow in the direction of reading (older ones; for [`Anchor::After`] newer ones; for
    /// [`Anchor::Around`] either).
    pub has_more: bool,
}

/// Reads streams from Postgres. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Log {
    pool: PgPool,
}

impl Log {
    /// Makes a reader.
    #[must_use]
    pub fn new(pool: PgPool) -> Self {
        Self { pool }
    }

    /// Reads events after a seq. `after_id` is the id the reader believes stands there; empty skips that check.
    ///
    /// May hold fewer than `limit` events although more exist: the answer's `head` tells.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn range(
        &self,
        tenant: &Tenant,
        stream_id: StreamId,
        after: i64,
        after_id: &str,
        limit: u32,
    ) -> Result<RangeResponse, sqlx::Error> {
        let (pool, tenant, after_id) = (self.pool.clone(), tenant.clone(), after_id.to_owned());
        let limit = i64::from(limit.clamp(1, RANGE_LIMIT));
        pg::unit(async move {
            // One session, so that both statements are answered by one run of the database server.
            let mut conn = pool.acquire().await?;
            let position = read::find_position(&mut *conn, &tenant, stream_id, after).await?;
            let (head, id_at, era) = position.map_or((0, None, 0), |position| {
                (position.head, position.id_at, position.era)
            });
            let is_same = after == 0
                || after_id.is_empty()
                || id_at.is_some_and(|id| id.to_string() == after_id);
            let broken = RangeResponse {
                events: Vec::new(),
                head,
                is_continuous: false,
                era,
            };
            if after < 0 || after > head || !is_same {
                return Ok(broken);
            }
            let rows = read::list_after(&mut *conn, &tenant, stream_id, None, after, limit).await?;
            let first = rows.first().map(|row| row.seq);
            // A log whose beginning was cut off has lost what the reader needs next.
            if first.is_some_and(|first| first != after + 1) || (first.is_none() && head > after) {
                return Ok(broken);
            }
            let mut events = into_events(rows, &tenant, stream_id);
            events.truncate(fitting(events.iter(), ANSWER_BYTES));
            // Something may have been committed between the two statements.
            let head = events.last().map_or(head, |last| head.max(last.seq));
            Ok(RangeResponse {
                events,
                head,
                is_continuous: true,
                era,
            })
        })
        .await
    }

    /// Reads the heads of streams, in the order asked; seq 0 for a stream without events. References that are no ids
    /// are answered as streams without events.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn heads(&self, streams: &[StreamRef]) -> Result<Vec<Head>, sqlx::Error> {
        let keys = streams
            .iter()
            .map(|stream| parse_key(&stream.tenant, &stream.stream_id));
        // The nil uuid is nobody's stream.
        let (tenants, ids): (Vec<String>, Vec<Uuid>) = keys
            .map(|key| {
                key.map_or_else(
                    || (String::new(), Uuid::nil()),
                    |(tenant, id)| (tenant.into(), id.0),
                )
            })
            .unzip();
        let pool = self.pool.clone();
        let mut heads =
            pg::unit(async move { read::list_heads(&pool, &tenants, &ids).await }).await?;
        for (head, asked) in heads.iter_mut().zip(streams) {
            head.tenant.clone_from(&asked.tenant);
            head.stream_id.clone_from(&asked.stream_id);
        }
        Ok(heads)
    }

    /// Reads a page of the events of one kind. May be shorter than `limit` when events are large; `has_more` tells.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn page(
        &self,
        tenant: &Tenant,
        stream_id: StreamId,
        kind: Kind,
        anchor: Anchor,
        limit: u32,
    ) -> Result<Page, sqlx::Error> {
        let limit = limit.clamp(1, RANGE_LIMIT) as usize;
        let half = Half {
            pool: self.pool.clone(),
            tenant: Arc::new(tenant.clone()),
            stream_id,
            kind,
        };
        pg::unit(async move {
            match anchor {
                Anchor::Newest => half.before(i64::MAX, limit, ANSWER_BYTES).await,
                Anchor::Before(seq) => half.before(seq, limit, ANSWER_BYTES).await,
                Anchor::After(seq) => half.after(seq, limit, ANSWER_BYTES).await,
                Anchor::Around(seq) => {
                    let newer = limit / 2;
                    let mut page = half
                        .before(seq.saturating_add(1), limit - newer, ANSWER_BYTES / 2)
                        .await?;
                    let rest = half.after(seq, newer, ANSWER_BYTES / 2).await?;
                    page.events.extend(rest.events);
                    page.has_more |= rest.has_more;
                    Ok(page)
                }
            }
        })
        .await
    }
}

/// One side of a page. Reads one event more than asked for, to know whether more follow.
struct Half {
    pool: PgPool,
    tenant: Arc<Tenant>,
    stream_id: StreamId,
    kind: Kind,
}

impl Half {
    async fn before(&self, seq: i64, limit: usize, bytes: usize) -> Result<Page, sqlx::Error> {
        let (kind, one_more) = (self.kind.number(), limit as i64 + 1);
        let rows = read::list_before(
            &self.pool,
            &self.tenant,
            self.stream_id,
            kind,
            seq,
            one_more,
        )
        .await?;
        let mut page = self.cut(rows, limit, bytes);
        page.events.reverse();
        Ok(page)
    }

    async fn after(&self, seq: i64, limit: usize, bytes: usize) -> Result<Page, sqlx::Error> {
        let (kind, one_more) = (Some(self.kind.number()), limit as i64 + 1);
        let rows = read::list_after(
            &self.pool,
            &self.tenant,
            self.stream_id,
            kind,
            seq,
            one_more,
        )
        .await?;
        Ok(self.cut(rows, limit, bytes))
    }

    fn cut(&self, rows: Vec<EventRow>, limit: usize, bytes: usize) -> Page {
        let mut events = into_events(rows, &self.tenant, self.stream_id);
        let read = events.len();
        events.truncate(limit.min(fitting(events.iter(), bytes)));
        Page {
            has_more: read > events.len(),
            events,
        }
    }
}

fn into_events(rows: Vec<EventRow>, tenant: &Tenant, stream_id: StreamId) -> Vec<Event> {
    rows.into_iter()
        .map(|row| row.into_event(tenant, stream_id))
        .collect()
}

/// How many of the events fit; at least one, or reading would never get past it.
fn fitting<'a>(events: impl Iterator<Item = &'a Event>, bytes: usize) -> usize {
    let mut total = 0;
    let fitting = events.take_while(|event| {
        total += event.data.len() + EVENT_OVERHEAD;
        total <= bytes
    });
    fitting.count().max(1)
}
