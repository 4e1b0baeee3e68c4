//! SQL on the schema `stream`: reading.

use proto::{
    id::{StreamId, Tenant},
    stream::{Event, Head},
};
use sqlx::{PgConnection, PgExecutor, PgPool};
use time::OffsetDateTime;
use uuid::Uuid;

/// The columns of an event that differ within one stream.
pub(crate) struct EventRow {
    pub(crate) seq: i64,
    pub(crate) event_id: Uuid,
    pub(crate) kind: i16,
    pub(crate) actor: Option<Uuid>,
    pub(crate) client_key: Option<String>,
    pub(crate) data: String,
    pub(crate) at: OffsetDateTime,
}

impl EventRow {
    pub(crate) fn into_event(self, tenant: &Tenant, stream_id: StreamId) -> Event {
        Event {
            tenant: tenant.to_string(),
            stream_id: stream_id.to_string(),
            seq: self.seq,
            event_id: self.event_id.to_string(),
            kind: u32::from(self.kind.unsigned_abs()),
            actor: self
                .actor
                .map(|actor| actor.to_string())
                .unwrap_or_default(),
            key: self.client_key.unwrap_or_default(),
            at_ms: super::millis(self.at),
            data: self.data.into(),
            era: 0,
        }
    }
}

/// The head of a stream and what stands at a place in it.
pub(crate) struct Position {
    pub(crate) head: i64,
    pub(crate) id_at: Option<Uuid>,
    /// In which run of the database server.
    pub(crate) era: i64,
}

/// Reads the head and the id at `seq`.
pub(crate) async fn find_position(
    executor: impl PgExecutor<'_>,
    tenant: &Tenant,
    stream_id: StreamId,
    seq: i64,
) -> Result<Option<Position>, sqlx::Error> {
    sqlx::query_as!(
        Position,
        r#"select h.seq as head, e.event_id as "id_at?",
                  (extract(epoch from pg_postmaster_start_time()) * 1000000)::bigint as "era!"
           from stream.head h
           left join stream.event e on e.tenant_id = h.tenant_id and e.stream_id = h.stream_id and e.seq = $3
           where h.tenant_id = $1 and h.stream_id = $2"#,
        tenant.as_str(),
        stream_id.0,
        seq,
    )
    .fetch_optional(executor)
    .await
}

/// Lists events after a seq, oldest first; `kind` narrows to one kind.
pub(crate) async fn list_after(
    executor: impl PgExecutor<'_>,
    tenant: &Tenant,
    stream_id: StreamId,
    kind: Option<i16>,
    after: i64,
    limit: i64,
) -> Result<Vec<EventRow>, sqlx::Error> {
    sqlx::query_as!(
        EventRow,
        r#"select seq, event_id, kind, actor, client_key, data::text as "data!", at
           from stream.event
           where tenant_id = $1 and stream_id = $2 and seq > $3 and ($4::smallint is null or kind = $4)
           order by seq
           limit $5"#,
        tenant.as_str(),
        stream_id.0,
        after,
        kind,
        limit,
    )
    .fetch_all(executor)
    .await
}

/// Lists events of a kind before a seq, newest first.
pub(crate) async fn list_before(
    pool: &PgPool,
    tenant: &Tenant,
    stream_id: StreamId,
    kind: i16,
    before: i64,
    limit: i64,
) -> Result<Vec<EventRow>, sqlx::Error> {
    sqlx::query_as!(
        EventRow,
        r#"select seq, event_id, kind, actor, client_key, data::text as "data!", at
           from stream.event
           where tenant_id = $1 and stream_id = $2 and seq < $3 and kind = $4
           order by seq desc
           limit $5"#,
        tenant.as_str(),
        stream_id.0,
        before,
        kind,
        limit,
    )
    .fetch_all(pool)
    .await
}

/// Reads the heads of streams, in the order asked; seq 0 for a stream without events.
pub(crate) async fn list_heads(
    pool: &PgPool,
    tenants: &[String],
    streams: &[Uuid],
) -> Result<Vec<Head>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select i.tenant as "tenant!", i.stream as "stream!", coalesce(h.seq, 0) as "seq!", e.event_id as "event_id?",
                  (extract(epoch from pg_postmaster_start_time()) * 1000000)::bigint as "era!"
           from unnest($1::text[], $2::uuid[]) with ordinality as i (tenant, stream, nth)
           left join stream.head h on h.tenant_id = i.tenant and h.stream_id = i.stream
           left join stream.event e on e.tenant_id = h.tenant_id and e.stream_id = h.stream_id and e.seq = h.seq
           order by i.nth"#,
        tenants,
        streams,
    )
    .fetch_all(pool)
    .await?;
    let heads = rows
        .into_iter()
        .map(|row| head(row.tenant, row.stream, row.seq, row.event_id, row.era));
    Ok(heads.collect())
}

/// Reads the newest event of every stream that got one in the last `seconds`.
pub(crate) async fn list_young_heads(
    conn: &mut PgConnection,
    seconds: f64,
) -> Result<Vec<Head>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select tenant_id, stream_id, max(seq) as "seq!"
           from stream.event
           where at > now() - make_interval(secs => $1)
           group by tenant_id, stream_id"#,
        seconds,
    )
    .fetch_all(conn)
    .await?;
    let heads = rows
        .into_iter()
        .map(|row| head(row.tenant_id, row.stream_id, row.seq, None, 0));
    Ok(heads.collect())
}

/// Takes the sweeper's lock for the session, if nobody has it. The two-number form shares no space with actors' locks.
pub(crate) async fn try_lock_sweep(conn: &mut PgConnection) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select pg_try_advisory_lock(hashtext('stream'), hashtext('sweep')) as "is_ours!""#
    )
    .fetch_one(conn)
    .await
}

fn head(tenant: String, stream: Uuid, seq: i64, event_id: Option<Uuid>, era: i64) -> Head {
    Head {
        tenant,
        stream_id: StreamId(stream).to_string(),
        seq,
        event_id: event_id.map(|id| id.to_string()).unwrap_or_default(),
        era,
    }
}
