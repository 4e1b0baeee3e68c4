//! SQL on the schema `stream`: writing. Reading is in [`read`].

pub(crate) mod read;

use proto::id::{EventId, StreamId, Tenant, UserId};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    append::{Append, Appended, Hooks, Refused, Stored},
    failpoint::{self, Protection},
};

/// The columns of a batch.
#[derive(Default)]
struct Columns<'a> {
    tenants: Vec<&'a str>,
    streams: Vec<Uuid>,
    actors: Vec<Option<Uuid>>,
    sessions: Vec<Option<Uuid>>,
    keys: Vec<Option<&'a str>>,
    kinds: Vec<i16>,
    data: Vec<&'a str>,
    fingerprints: Vec<&'a [u8]>,
    event_ids: Vec<Uuid>,
}

impl<'a> Columns<'a> {
    fn of(appends: &'a [Append]) -> Self {
        let mut columns = Self::default();
        for append in appends {
            columns.tenants.push(append.tenant.as_str());
            columns.streams.push(append.stream_id.0);
            columns.actors.push(append.actor.map(|id| id.0));
            columns.sessions.push(append.session.map(|id| id.0));
            columns.keys.push(key_of(append));
            columns.kinds.push(append.kind.number());
            columns.data.push(&append.data);
            columns.fingerprints.push(&append.fingerprint);
            columns.event_ids.push(EventId::generate().0);
        }
        columns
    }
}

fn key_of(append: &Append) -> Option<&str> {
    let key = append.key.as_deref();
    key.filter(|_| !failpoint::is_without(Protection::Keys))
}

/// What became of one entry.
struct Answer {
    outcome: String,
    seq: Option<i64>,
    event_id: Option<Uuid>,
    at: Option<OffsetDateTime>,
    reason: Option<String>,
    era: i64,
}

/// Appends a batch in one statement.
pub(crate) async fn append(
    conn: &mut PgConnection,
    hooks: Hooks,
    appends: &[Append],
) -> Result<Vec<Result<Appended, Refused>>, sqlx::Error> {
    failpoint::conflict(conn).await?;
    let answers = match appends {
        [append] => append_alone(conn, hooks, append).await?,
        appends => append_many(conn, hooks, appends).await?,
    };
    if answers.len() != appends.len() {
        return Err(sqlx::Error::Protocol("an append was not answered".into()));
    }
    answers.into_iter().map(read_answer).collect()
}

async fn append_alone(
    conn: &mut PgConnection,
    hooks: Hooks,
    append: &Append,
) -> Result<Vec<Answer>, sqlx::Error> {
    sqlx::query_as!(
        Answer,
        r#"select a.outcome as "outcome!", a.seq, a.event_id, a.at, a.reason,
                  (extract(epoch from pg_postmaster_start_time()) * 1000000)::bigint as "era!"
           from stream.append_alone($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) a"#,
        hooks.guard,
        hooks.apply,
        append.tenant.as_str(),
        append.stream_id.0,
        append.actor.map(|id| id.0),
        append.session.map(|id| id.0),
        key_of(append),
        append.kind.number(),
        append.data,
        append.fingerprint.as_slice(),
        EventId::generate().0,
    )
    .fetch_all(conn)
    .await
}

async fn append_many(
    conn: &mut PgConnection,
    hooks: Hooks,
    appends: &[Append],
) -> Result<Vec<Answer>, sqlx::Error> {
    let columns = Columns::of(appends);
    sqlx::query_as!(
        Answer,
        r#"select a.outcome as "outcome!", a.seq, a.event_id, a.at, a.reason,
                  (extract(epoch from pg_postmaster_start_time()) * 1000000)::bigint as "era!"
           from stream.append($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) a"#,
        hooks.guard,
        hooks.apply,
        &columns.tenants as &[&str],
        &columns.streams as &[Uuid],
        &columns.actors as &[Option<Uuid>],
        &columns.sessions as &[Option<Uuid>],
        &columns.keys as &[Option<&str>],
        &columns.kinds as &[i16],
        &columns.data as &[&str],
        &columns.fingerprints as &[&[u8]],
        &columns.event_ids as &[Uuid],
    )
    .fetch_all(conn)
    .await
}

fn read_answer(answer: Answer) -> Result<Result<Appended, Refused>, sqlx::Error> {
    let placed = (answer.seq, answer.event_id, answer.at);
    match (answer.outcome.as_str(), placed) {
        (how @ ("new" | "duplicate"), (Some(seq), Some(event_id), Some(at))) => Ok(Ok(Appended {
            seq,
            event_id: EventId(event_id),
            at_ms: millis(at),
            is_duplicate: how == "duplicate",
            era: answer.era,
        })),
        ("conflict", _) => Ok(Err(Refused::Conflict)),
        ("denied", _) => Ok(Err(Refused::Denied(answer.reason.unwrap_or_default()))),
        (outcome, ..) => Err(sqlx::Error::Protocol(format!("unknown outcome {outcome}"))),
    }
}

/// Finds the event stored under an actor's key.
pub(crate) async fn find_event_by_key(
    conn: &mut PgConnection,
    tenant: &Tenant,
    actor: UserId,
    key: &str,
) -> Result<Option<Stored>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select stream_id, seq, event_id, kind, actor, client_key, fingerprint, data::text as "data!", at
           from stream.event
           where tenant_id = $1 and actor = $2 and client_key = $3"#,
        tenant.as_str(),
        actor.0,
        key,
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| {
        let stream_id = StreamId(row.stream_id);
        let fields = read::EventRow {
            seq: row.seq,
            event_id: row.event_id,
            kind: row.kind,
            actor: row.actor,
            client_key: row.client_key,
            data: row.data,
            at: row.at,
        };
        Stored {
            stream_id,
            event: fields.into_event(tenant, stream_id),
            fingerprint: row.fingerprint,
        }
    }))
}

/// Puts other data in an event's place; seq, id, key and fingerprint stay. `false` when there is no such event.
pub(crate) async fn update_data(
    conn: &mut PgConnection,
    tenant: &Tenant,
    stream_id: StreamId,
    seq: i64,
    data: &str,
) -> Result<bool, sqlx::Error> {
    let updated = sqlx::query!(
        r#"update stream.event set data = $4::text::json
           where tenant_id = $1 and stream_id = $2 and seq = $3"#,
        tenant.as_str(),
        stream_id.0,
        seq,
        data,
    )
    .execute(conn)
    .await?;
    Ok(updated.rows_affected() == 1)
}

/// Deletes the events of a stream; its head stays.
pub(crate) async fn delete_events(
    conn: &mut PgConnection,
    tenant: &Tenant,
    stream_id: StreamId,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "delete from stream.event where tenant_id = $1 and stream_id = $2",
        tenant.as_str(),
        stream_id.0,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Takes the actor's lock for the rest of the transaction, alone.
pub(crate) async fn lock_actor(
    conn: &mut PgConnection,
    tenant: &Tenant,
    actor: UserId,
) -> Result<(), sqlx::Error> {
    failpoint::conflict(conn).await?;
    if failpoint::is_without(Protection::Lock) {
        return Ok(());
    }
    sqlx::query!(
        r#"select pg_advisory_xact_lock(stream.actor_lock($1, $2))::text as "locked?""#,
        tenant.as_str(),
        actor.0
    )
    .fetch_one(conn)
    .await?;
    Ok(())
}

fn millis(at: OffsetDateTime) -> i64 {
    at.unix_timestamp() * 1_000 + i64::from(at.millisecond())
}
