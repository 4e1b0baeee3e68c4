//! SQL of the full-text search.

use proto::id::{RoomId, Tenant, UserId};
use rpc::Caller;
use sqlx::PgExecutor;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{db::history::MessageRow, history::Message};

/// Lists the rooms that a person is in.
pub(crate) async fn list_room_ids(
    conn: impl PgExecutor<'_>,
    tenant: &Tenant,
    user_id: UserId,
) -> Result<Vec<RoomId>, sqlx::Error> {
    let rooms = sqlx::query_scalar!(
        "select room_id from room.member where tenant_id = $1 and user_id = $2",
        tenant.as_str(),
        user_id.0,
    )
    .fetch_all(conn)
    .await?;
    Ok(rooms.into_iter().map(RoomId).collect())
}

/// Lists messages of these rooms that a text finds, newest first, after a place in that order.
pub(crate) async fn list_found(
    conn: impl PgExecutor<'_>,
    caller: &Caller,
    rooms: &[RoomId],
    text: &str,
    after: Option<(OffsetDateTime, Uuid)>,
    limit: i64,
) -> Result<Vec<Message>, sqlx::Error> {
    let rooms: Vec<Uuid> = rooms.iter().map(|room_id| room_id.0).collect();
    let rows = sqlx::query_as!(
        MessageRow,
        r#"
        with found as (
            select g.room_id, g.seq, g.message_id, g.author, g.at
            from (
                select m.room_id, m.seq, m.message_id, m.author, m.at
                from room.message m
                where m.tenant_id = $1 and m.room_id = any($3) and m.search @@ (select room.asked($3, $4))
                    and not m.is_deleted
                    and ($5::timestamptz is null or (m.at, m.message_id) < ($5, $6::uuid))
                order by m.at desc, m.message_id desc
                -- Sorted first: whether one may see it is asked of a page, not of everything that is found.
                offset 0
            ) g
            where (g.author = $2 or (
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
            order by g.at desc, g.message_id desc
            limit $7
        )
        select f.room_id, f.seq, f.message_id, f.author, e.client_key, e.data::text as "data!", f.at
        from found f
        join stream.event e on e.tenant_id = $1 and e.stream_id = f.room_id and e.seq = f.seq
        order by f.at desc, f.message_id desc
        "#,
        caller.tenant.as_str(),
        caller.user_id.0,
        &rooms,
        text,
        after.map(|(at, _)| at),
        after.map(|(_, message_id)| message_id),
        limit,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(Message::from).collect())
}
