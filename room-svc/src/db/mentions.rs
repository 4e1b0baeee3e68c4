//! SQL on whom a text names.

use proto::id::{RoomId, UserId};
use rpc::Caller;
use sqlx::PgExecutor;

use crate::mentions::Mentioned;

/// Lists the members of a room who have these names, without the caller. Told is who neither hides the caller nor would
/// hear of one whom nobody hears.
pub(crate) async fn list_mentioned(
    conn: impl PgExecutor<'_>,
    caller: &Caller,
    room_id: RoomId,
    names: &[String],
) -> Result<Vec<Mentioned>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"
        select m.user_id, m.name_folded,
            not exists (
                select 1
                from social.block_edge b
                where b.tenant_id = m.tenant_id and b.viewer_id = m.user_id and b.hidden_id = $3
            ) and not exists (
                select 1 from moderation.shadow_ban s where s.tenant_id = m.tenant_id and s.user_id = $3
            ) as "is_told!"
        from room.member m
        where m.tenant_id = $1 and m.room_id = $2 and m.name_folded = any($4) and m.user_id <> $3
        "#,
        caller.tenant.as_str(),
        room_id.0,
        caller.user_id.0,
        names,
    )
    .fetch_all(conn)
    .await?;
    let members = rows.into_iter().map(|row| Mentioned {
        user_id: UserId(row.user_id),
        name_folded: row.name_folded,
        is_told: row.is_told,
    });
    Ok(members.collect())
}
