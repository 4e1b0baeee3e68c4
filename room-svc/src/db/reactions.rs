//! SQL on `room.reaction`.

use proto::id::{EventId, RoomId, Tenant, UserId};
use rpc::Caller;
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

use crate::reactions::{Reacting, Reaction};

/// The reactions to one message, as they are.
pub(crate) struct Tally {
    /// How many gave the emoji in question.
    pub(crate) count: i64,
    /// Whether the caller is among them.
    pub(crate) is_own: bool,
    /// How many different emoji there are.
    pub(crate) emoji: i64,
}

pub(crate) async fn count_reactions(
    conn: &mut PgConnection,
    caller: &Caller,
    message_id: EventId,
    emoji: &str,
) -> Result<Tally, sqlx::Error> {
    sqlx::query_as!(
        Tally,
        r#"
        select
            count(*) filter (where emoji = $3) as "count!",
            count(*) filter (where emoji = $3 and user_id = $4) = 1 as "is_own!",
            count(distinct emoji) as "emoji!"
        from room.reaction
        where tenant_id = $1 and message_id = $2
        "#,
        caller.tenant.as_str(),
        message_id.0,
        emoji,
        caller.user_id.0,
    )
    .fetch_one(conn)
    .await
}

pub(crate) async fn insert_reaction(
    conn: &mut PgConnection,
    caller: &Caller,
    room_id: RoomId,
    reacting: &Reacting,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"
        insert into room.reaction (tenant_id, room_id, message_id, emoji, user_id)
        values ($1, $2, $3, $4, $5)
        "#,
        caller.tenant.as_str(),
        room_id.0,
        reacting.message_id.0,
        reacting.emoji,
        caller.user_id.0,
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(crate) async fn delete_reaction(
    conn: &mut PgConnection,
    caller: &Caller,
    reacting: &Reacting,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"
        delete from room.reaction
        where tenant_id = $1 and message_id = $2 and emoji = $3 and user_id = $4
        "#,
        caller.tenant.as_str(),
        reacting.message_id.0,
        reacting.emoji,
        caller.user_id.0,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Deletes every reaction to a message.
pub(crate) async fn delete_reactions(
    conn: &mut PgConnection,
    tenant: &Tenant,
    message_id: EventId,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "delete from room.reaction where tenant_id = $1 and message_id = $2",
        tenant.as_str(),
        message_id.0,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Whether a message's author hears of what the caller does to it: they are in the room, do not hide the caller, and
/// the caller is not one whom nobody hears.
pub(crate) async fn is_told(
    conn: &mut PgConnection,
    caller: &Caller,
    room_id: RoomId,
    author: UserId,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"
        select exists (
            select 1 from room.member m where m.tenant_id = $1 and m.room_id = $2 and m.user_id = $4
        ) and not exists (
            select 1
            from social.block_edge b
            where b.tenant_id = $1 and b.viewer_id = $4 and b.hidden_id = $3
        ) and not exists (
            select 1 from moderation.shadow_ban s where s.tenant_id = $1 and s.user_id = $3
        ) as "is_told!"
        "#,
        caller.tenant.as_str(),
        room_id.0,
        caller.user_id.0,
        author.0,
    )
    .fetch_one(conn)
    .await
}

/// Lists the reactions to messages as the caller may see them, the earliest first, each with its message.
pub(crate) async fn list_reactions(
    conn: impl PgExecutor<'_>,
    caller: &Caller,
    messages: &[Uuid],
) -> Result<Vec<(EventId, Reaction)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"
        select c.message_id, c.emoji, count(*) as "count!", bool_or(c.user_id = $2) as "is_own!"
        from room.reaction c
        where c.tenant_id = $1 and c.message_id = any($3)
            and not exists (
                select 1
                from social.block_edge b
                where b.tenant_id = $1 and b.viewer_id = $2 and b.hidden_id = c.user_id
            )
            and (c.user_id = $2 or not exists (
                select 1 from moderation.shadow_ban s where s.tenant_id = $1 and s.user_id = c.user_id
            ))
        group by c.message_id, c.emoji
        order by c.message_id, min(c.at), c.emoji
        "#,
        caller.tenant.as_str(),
        caller.user_id.0,
        messages,
    )
    .fetch_all(conn)
    .await?;
    let reactions = rows.into_iter().map(|row| {
        let reaction = Reaction {
            emoji: row.emoji,
            count: row.count,
            is_own: row.is_own,
        };
        (EventId(row.message_id), reaction)
    });
    Ok(reactions.collect())
}
