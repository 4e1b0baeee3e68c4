//! SQL on `room.pin`.

use proto::id::{EventId, RoomId, Tenant};
use rpc::Caller;
use sqlx::{PgConnection, PgExecutor};

use crate::{db::history::MessageRow, history::Message, members::RoomRole};

/// A room's pins to one of its members.
pub(crate) struct PinPlace {
    pub(crate) role: RoomRole,
    /// Whether the room is a direct conversation.
    pub(crate) is_direct: bool,
    pub(crate) pins: i64,
    /// Whether the message in question is among them.
    pub(crate) is_pinned: bool,
}

/// Finds what decides on a pin; none for one who is not in the room.
pub(crate) async fn find_place(
    conn: &mut PgConnection,
    caller: &Caller,
    room_id: RoomId,
    message_id: EventId,
) -> Result<Option<PinPlace>, sqlx::Error> {
    let row = sqlx::query!(
        r#"
        select m.role, r.kind = 'direct' as "is_direct!",
            (
                select count(*) from room.pin p where p.tenant_id = $1 and p.room_id = $2
            ) as "pins!",
            exists (
                select 1
                from room.pin p
                where p.tenant_id = $1 and p.room_id = $2 and p.message_id = $4
            ) as "is_pinned!"
        from room.member m
        join room.room r on r.tenant_id = m.tenant_id and r.room_id = m.room_id
        where m.tenant_id = $1 and m.room_id = $2 and m.user_id = $3
        "#,
        caller.tenant.as_str(),
        room_id.0,
        caller.user_id.0,
        message_id.0,
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| PinPlace {
        role: RoomRole::from_stored(&row.role),
        is_direct: row.is_direct,
        pins: row.pins,
        is_pinned: row.is_pinned,
    }))
}

pub(crate) async fn insert_pin(
    conn: &mut PgConnection,
    caller: &Caller,
    room_id: RoomId,
    message_id: EventId,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"
        insert into room.pin (tenant_id, room_id, message_id, pinned_by, at)
        values ($1, $2, $3, $4, clock_timestamp())
        "#,
        caller.tenant.as_str(),
        room_id.0,
        message_id.0,
        caller.user_id.0,
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(crate) async fn delete_pin(
    conn: &mut PgConnection,
    tenant: &Tenant,
    room_id: RoomId,
    message_id: EventId,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "delete from room.pin where tenant_id = $1 and room_id = $2 and message_id = $3",
        tenant.as_str(),
        room_id.0,
        message_id.0,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Lists the pinned messages that the caller may see, the latest pin first.
pub(crate) async fn list_pins(
    conn: impl PgExecutor<'_>,
    caller: &Caller,
    room_id: RoomId,
    limit: i64,
) -> Result<Vec<Message>, sqlx::Error> {
    let rows = sqlx::query_as!(
        MessageRow,
        r#"
        select g.room_id, g.seq, g.message_id, g.author, e.client_key, e.data::text as "data!", g.at
        from room.pin p
        join room.message g on g.tenant_id = p.tenant_id and g.message_id = p.message_id
        join stream.event e on e.tenant_id = g.tenant_id and e.stream_id = g.room_id and e.seq = g.seq
        where p.tenant_id = $1 and p.room_id = $2
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
        order by p.at desc, p.message_id
        limit $4
        "#,
        caller.tenant.as_str(),
        room_id.0,
        caller.user_id.0,
        limit,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(Message::from).collect())
}
