//! SQL on `room.message`: pages of what one person may see. The texts stand in the log.
//!
//! What a person must not see is asked row by row, in an order that an index gives: a page costs what it holds, however
//! much a room holds. (As a join it would be tempting to read the whole room first.)

use proto::id::{EventId, RoomId, UserId};
use rpc::Caller;
use sqlx::PgExecutor;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::history::{Message, Shelf};

/// A message as statements answer it.
pub(crate) struct MessageRow {
    pub(crate) room_id: Uuid,
    pub(crate) seq: i64,
    pub(crate) message_id: Uuid,
    pub(crate) author: Uuid,
    pub(crate) client_key: Option<String>,
    pub(crate) data: String,
    pub(crate) at: OffsetDateTime,
}

impl From<MessageRow> for Message {
    fn from(row: MessageRow) -> Self {
        Self {
            message_id: EventId(row.message_id),
            room_id: RoomId(row.room_id),
            seq: row.seq,
            at_ms: row.at.unix_timestamp() * 1_000 + i64::from(row.at.millisecond()),
            author: UserId(row.author),
            key: row.client_key.unwrap_or_default(),
            data: row.data,
            reactions: Vec::new(),
        }
    }
}

/// Finds the first place at or after a time; one after the last message when there is none.
pub(crate) async fn seq_at(
    conn: impl PgExecutor<'_>,
    caller: &Caller,
    shelf: Shelf,
    at_ms: i64,
) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select room.seq_at($1, $2, $3, to_timestamp($4::bigint / 1000.0)) as "seq!" "#,
        caller.tenant.as_str(),
        shelf.room_id.0,
        shelf.lane(),
        at_ms,
    )
    .fetch_one(conn)
    .await
}

/// Lists messages before a seq, newest first.
pub(crate) async fn list_before(
    conn: impl PgExecutor<'_>,
    caller: &Caller,
    shelf: Shelf,
    seq: i64,
    limit: i64,
) -> Result<Vec<Message>, sqlx::Error> {
    let rows = sqlx::query_as!(
        MessageRow,
        r#"
        with page as (
            select g.room_id, g.seq, g.message_id, g.author, g.at
            from room.message g
            where g.tenant_id = $1 and g.room_id = $2 and g.lane = $4 and g.seq < $5
                and (g.author = $3 or (
                    not exists (
                        select 1
                        from social.block_edge b
                        where b.tenant_id = $1 and b.viewer_id = $3 and b.hidden_id = g.author
                    )
                    and not exists (
                        select 1 from moderation.shadow_ban s where s.tenant_id = $1 and s.user_id = g.author
                    )
                ))
                and (
                    select h.message_id
                    from room.hidden h
                    where h.tenant_id = $1 and h.user_id = $3 and h.message_id = g.message_id
                ) is null
            order by g.seq desc
            limit $6
        )
        select p.room_id, p.seq, p.message_id, p.author, e.client_key, e.data::text as "data!", p.at
        from page p
        join stream.event e on e.tenant_id = $1 and e.stream_id = $2 and e.seq = p.seq
        order by p.seq desc
        "#,
        caller.tenant.as_str(),
        shelf.room_id.0,
        caller.user_id.0,
        shelf.lane(),
        seq,
        limit,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(Message::from).collect())
}

/// Lists messages after a seq, oldest first.
pub(crate) async fn list_after(
    conn: impl PgExecutor<'_>,
    caller: &Caller,
    shelf: Shelf,
    seq: i64,
    limit: i64,
) -> Result<Vec<Message>, sqlx::Error> {
    let rows = sqlx::query_as!(
        MessageRow,
        r#"
        with page as (
            select g.room_id, g.seq, g.message_id, g.author, g.at
            from room.message g
            where g.tenant_id = $1 and g.room_id = $2 and g.lane = $4 and g.seq > $5
                and (g.author = $3 or (
                    not exists (
                        select 1
                        from social.block_edge b
                        where b.tenant_id = $1 and b.viewer_id = $3 and b.hidden_id = g.author
                    )
                    and not exists (
                        select 1 from moderation.shadow_ban s where s.tenant_id = $1 and s.user_id = g.author
                    )
                ))
                and (
                    select h.message_id
                    from room.hidden h
                    where h.tenant_id = $1 and h.user_id = $3 and h.message_id = g.message_id
                ) is null
            order by g.seq
            limit $6
        )
        select p.room_id, p.seq, p.message_id, p.author, e.client_key, e.data::text as "data!", p.at
        from page p
        join stream.event e on e.tenant_id = $1 and e.stream_id = $2 and e.seq = p.seq
        order by p.seq
        "#,
        caller.tenant.as_str(),
        shelf.room_id.0,
        caller.user_id.0,
        shelf.lane(),
        seq,
        limit,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(Message::from).collect())
}

/// Finds a message in a room that the caller is in.
pub(crate) async fn find_message(
    conn: impl PgExecutor<'_>,
    caller: &Caller,
    message_id: EventId,
) -> Result<Option<Message>, sqlx::Error> {
    let row = sqlx::query_as!(
        MessageRow,
        r#"
        select g.room_id, g.seq, g.message_id, g.author, e.client_key, e.data::text as "data!", g.at
        from room.message g
        join room.member m on m.tenant_id = g.tenant_id and m.room_id = g.room_id and m.user_id = $2
        join stream.event e on e.tenant_id = g.tenant_id and e.stream_id = g.room_id and e.seq = g.seq
        where g.tenant_id = $1 and g.message_id = $3
            and (g.author = $2 or (
                not exists (
                    select 1
                    from social.block_edge b
                    where b.tenant_id = $1 and b.viewer_id = $2 and b.hidden_id = g.author
                )
                and not exists (
                    select 1 from moderation.shadow_ban s where s.tenant_id = $1 and s.user_id = g.author
                )
            ))
            and (
                select h.message_id
                from room.hidden h
                where h.tenant_id = $1 and h.user_id = $2 and h.message_id = g.message_id
            ) is null
        "#,
        caller.tenant.as_str(),
        caller.user_id.0,
        message_id.0,
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(Message::from))
}
