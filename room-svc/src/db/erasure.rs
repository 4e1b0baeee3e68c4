//! SQL of an erasure, on many tables of the schema, and its progress in `room.erasure`.

use proto::{
    event::Kind,
    id::{EventId, RoomId, StreamId, Tenant, UserId},
};
use sqlx::{PgConnection, PgExecutor};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{erasure::Written, members::RoomRole};

/// How far an erasure has got.
pub(crate) struct Progress {
    pub(crate) last_key: String,
    pub(crate) is_done: bool,
}

struct WrittenRow {
    stream_id: Uuid,
    seq: i64,
    event_id: Uuid,
    kind: i16,
    client_key: Option<String>,
    data: String,
    at: OffsetDateTime,
}

impl From<WrittenRow> for Written {
    fn from(row: WrittenRow) -> Self {
        Self {
            stream_id: StreamId(row.stream_id),
            seq: row.seq,
            event_id: EventId(row.event_id),
            kind: Kind::from_number(row.kind),
            key: row.client_key,
            data: row.data,
            at: row.at,
        }
    }
}

pub(crate) async fn insert_erasure(
    conn: &mut PgConnection,
    tenant: &Tenant,
    user_id: UserId,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into room.erasure (tenant_id, user_id) values ($1, $2) on conflict do nothing",
        tenant.as_str(),
        user_id.0,
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(crate) async fn lock_erasure(
    conn: &mut PgConnection,
    tenant: &Tenant,
    user_id: UserId,
) -> Result<Progress, sqlx::Error> {
    sqlx::query_as!(
        Progress,
        r#"
        select last_key, done_at is not null as "is_done!"
        from room.erasure
        where tenant_id = $1 and user_id = $2
        for update
        "#,
        tenant.as_str(),
        user_id.0,
    )
    .fetch_one(conn)
    .await
}

pub(crate) async fn update_progress(
    conn: &mut PgConnection,
    tenant: &Tenant,
    user_id: UserId,
    last_key: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update room.erasure set last_key = $3 where tenant_id = $1 and user_id = $2",
        tenant.as_str(),
        user_id.0,
        last_key,
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(crate) async fn update_done(
    conn: &mut PgConnection,
    tenant: &Tenant,
    user_id: UserId,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update room.erasure set done_at = now() where tenant_id = $1 and user_id = $2",
        tenant.as_str(),
        user_id.0,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Lists rooms that a person is in, in the order in which one transaction locks several.
pub(crate) async fn list_memberships(
    conn: &mut PgConnection,
    tenant: &Tenant,
    user_id: UserId,
    limit: i64,
) -> Result<Vec<(RoomId, RoomRole)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"
        select room_id, role
        from room.member
        where tenant_id = $1 and user_id = $2
        order by room_id
        limit $3
        "#,
        tenant.as_str(),
        user_id.0,
        limit,
    )
    .fetch_all(conn)
    .await?;
    let rooms = rows
        .into_iter()
        .map(|row| (RoomId(row.room_id), RoomRole::from_stored(&row.role)));
    Ok(rooms.collect())
}

/// Lists what a person did, by the keys of their requests: these are all of their messages, and whatever else has a key.
pub(crate) async fn list_written(
    conn: impl PgExecutor<'_>,
    tenant: &Tenant,
    user_id: UserId,
    after_key: &str,
    limit: i64,
) -> Result<Vec<Written>, sqlx::Error> {
    let rows = sqlx::query_as!(
        WrittenRow,
        r#"
        select stream_id, seq, event_id, kind, client_key, data::text as "data!", at
        from stream.event
        where tenant_id = $1 and actor = $2 and client_key > $3
        order by client_key
        limit $4
        "#,
        tenant.as_str(),
        user_id.0,
        after_key,
        limit,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(Written::from).collect())
}

/// Lists what was written in the transactions of these times in a person's name, beside the event with the key.
pub(crate) async fn list_beside(
    conn: &mut PgConnection,
    tenant: &Tenant,
    user_id: UserId,
    times: &[OffsetDateTime],
) -> Result<Vec<Written>, sqlx::Error> {
    let rows = sqlx::query_as!(
        WrittenRow,
        r#"
        select stream_id, seq, event_id, kind, client_key, data::text as "data!", at
        from stream.event
        where tenant_id = $1 and actor = $2 and client_key is null and at = any($3)
        "#,
        tenant.as_str(),
        user_id.0,
        times,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(Written::from).collect())
}

/// In whose transactions others write of a person: each leaves one of these in the person's feed.
const SUFFERED: [Kind; 7] = [
    Kind::Kicked,
    Kind::Banned,
    Kind::FriendRequested,
    Kind::FriendAccepted,
    Kind::FriendCancelled,
    Kind::FriendRemoved,
    Kind::PresenceWithdrawn,
];
/// What names the person then.
const NAMING: [Kind; 6] = [
    Kind::MemberLeft,
    Kind::FriendSent,
    Kind::FriendAccepted,
    Kind::FriendCancelled,
    Kind::FriendRemoved,
    Kind::BlockUpdated,
];

/// Lists what others wrote of a person, as when they put them out of a room or became their friend: the person's feed
/// knows the times.
pub(crate) async fn list_named(
    conn: &mut PgConnection,
    tenant: &Tenant,
    user_id: UserId,
) -> Result<Vec<Written>, sqlx::Error> {
    let (suffered, naming) = (SUFFERED.map(Kind::number), NAMING.map(Kind::number));
    let rows = sqlx::query_as!(
        WrittenRow,
        r#"
        select e.stream_id, e.seq, e.event_id, e.kind, e.client_key, e.data::text as "data!", e.at
        from stream.event f
        join stream.event e on e.at = f.at and e.tenant_id = f.tenant_id and e.kind = any($4)
        where f.tenant_id = $1 and f.stream_id = $2 and f.kind = any($3) and e.stream_id <> $2
        "#,
        tenant.as_str(),
        user_id.0,
        &suffered,
        &naming,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(Written::from).collect())
}

/// Makes tombstones of messages.
pub(crate) async fn update_messages(
    conn: &mut PgConnection,
    tenant: &Tenant,
    messages: &[EventId],
) -> Result<(), sqlx::Error> {
    let messages: Vec<_> = messages.iter().map(|message| message.0).collect();
    sqlx::query!(
        r#"
        update room.message
        set is_deleted = true, mentions = '{}', search = ''
        where tenant_id = $1 and message_id = any($2)
        "#,
        tenant.as_str(),
        &messages,
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(crate) async fn update_titles(
    conn: &mut PgConnection,
    tenant: &Tenant,
    threads: &[Uuid],
    title: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"
        update room.thread
        set title = $3
        where tenant_id = $1 and thread_id = any($2) and title <> ''
        "#,
        tenant.as_str(),
        threads,
        title,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Deletes every reaction to these messages.
pub(crate) async fn delete_reactions_to(
    conn: &mut PgConnection,
    tenant: &Tenant,
    messages: &[EventId],
) -> Result<(), sqlx::Error> {
    let messages: Vec<_> = messages.iter().map(|message| message.0).collect();
    sqlx::query!(
        "delete from room.reaction where tenant_id = $1 and message_id = any($2)",
        tenant.as_str(),
        &messages,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Deletes some reactions of a person and tells how many.
pub(crate) async fn delete_reactions_of(
    conn: &mut PgConnection,
    tenant: &Tenant,
    user_id: UserId,
    limit: i64,
) -> Result<u64, sqlx::Error> {
    let deleted = sqlx::query!(
        r#"
        delete from room.reaction
        where tenant_id = $1 and user_id = $2 and (message_id, emoji) in (
            select c.message_id, c.emoji
            from room.reaction c
            where c.tenant_id = $1 and c.user_id = $2
            limit $3
        )
        "#,
        tenant.as_str(),
        user_id.0,
        limit,
    )
    .execute(conn)
    .await?;
    Ok(deleted.rows_affected())
}

pub(crate) async fn delete_pins(
    conn: &mut PgConnection,
    tenant: &Tenant,
    places: &[(StreamId, EventId)],
) -> Result<(), sqlx::Error> {
    let (rooms, messages): (Vec<_>, Vec<_>) = places
        .iter()
        .map(|(stream_id, event_id)| (stream_id.0, event_id.0))
        .unzip();
    sqlx::query!(
        r#"
        delete from room.pin
        where tenant_id = $1 and (room_id, message_id) in (
            select * from unnest($2::uuid[], $3::uuid[])
        )
        "#,
        tenant.as_str(),
        &rooms,
        &messages,
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(crate) async fn delete_read_marks(
    conn: &mut PgConnection,
    tenant: &Tenant,
    user_id: UserId,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "delete from room.read_mark where tenant_id = $1 and user_id = $2",
        tenant.as_str(),
        user_id.0,
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(crate) async fn delete_hidden(
    conn: &mut PgConnection,
    tenant: &Tenant,
    user_id: UserId,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "delete from room.hidden where tenant_id = $1 and user_id = $2",
        tenant.as_str(),
        user_id.0,
    )
    .execute(conn)
    .await?;
    Ok(())
}
