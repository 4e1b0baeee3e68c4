//! One statement over a message and all that stands between it and a person.

use proto::id::{EventId, RoomId, Tenant, UserId};
use sqlx::PgExecutor;

use crate::explanations::Explanation;

/// Finds a message, whoever may see it, with what the rules say of a person.
pub(crate) async fn find_explanation(
    conn: impl PgExecutor<'_>,
    tenant: &Tenant,
    message_id: EventId,
    user_id: UserId,
) -> Result<Option<Explanation>, sqlx::Error> {
    let row = sqlx::query!(
        r#"
        select g.room_id, g.seq, (extract(epoch from g.at) * 1000)::bigint as "at_ms!", g.author, g.is_deleted,
            m.joined_seq as "joined_seq?",
            exists (
                select 1
                from room.hidden h
                where h.tenant_id = $1 and h.user_id = $3 and h.message_id = g.message_id
            ) as "is_hidden!",
            exists (
                select 1
                from social.block_edge b
                where b.tenant_id = $1 and b.viewer_id = $3 and b.hidden_id = g.author
            ) as "is_author_blocked!",
            exists (
                select 1 from moderation.shadow_ban s where s.tenant_id = $1 and s.user_id = g.author
            ) as "is_author_shadowed!",
            exists (
                select 1 from moderation.active_ban b where b.tenant_id = $1 and b.user_id = $3
            ) as "is_banned!",
            coalesce(k.delivered_seq, 0) as "delivered_seq!", coalesce(k.read_seq, 0) as "read_seq!"
        from room.message g
        left join room.member m on m.tenant_id = g.tenant_id and m.room_id = g.room_id and m.user_id = $3
        left join room.read_mark k
            on k.tenant_id = g.tenant_id and k.user_id = $3 and k.room_id = g.room_id
                and k.thread_id = '00000000-0000-0000-0000-000000000000'
        where g.tenant_id = $1 and g.message_id = $2
        "#,
        tenant.as_str(),
        message_id.0,
        user_id.0,
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| Explanation {
        room_id: RoomId(row.room_id),
        seq: row.seq,
        at_ms: row.at_ms,
        author: UserId(row.author),
        is_deleted: row.is_deleted,
        joined_seq: row.joined_seq,
        is_hidden: row.is_hidden,
        is_author_blocked: row.is_author_blocked,
        is_author_shadowed: row.is_author_shadowed,
        is_banned: row.is_banned,
        delivered_seq: row.delivered_seq,
        read_seq: row.read_seq,
    }))
}
