//! SQL on `room.room`, for direct conversations.

use proto::id::{RoomId, Tenant, UserId};
use sqlx::{PgConnection, PgExecutor};

use crate::directs::Pair;

/// Makes the conversation of two people, without members yet; `false` when it exists.
pub(crate) async fn insert_direct(
    conn: &mut PgConnection,
    tenant: &Tenant,
    room_id: RoomId,
    pair: Pair,
    created_by: UserId,
) -> Result<bool, sqlx::Error> {
    let inserted = sqlx::query!(
        r#"
        insert into room.room
            (tenant_id, room_id, name, name_folded, kind, topic, created_by, members, direct_low, direct_high)
        values ($1, $2, '', '', 'direct', '', $3, 2, $4, $5)
        on conflict (tenant_id, direct_low, direct_high) where kind = 'direct' do nothing
        "#,
        tenant.as_str(),
        room_id.0,
        created_by.0,
        pair.low().0,
        pair.high().0,
    )
    .execute(conn)
    .await?;
    Ok(inserted.rows_affected() == 1)
}

pub(crate) async fn find_direct(
    conn: impl PgExecutor<'_>,
    tenant: &Tenant,
    pair: Pair,
) -> Result<Option<RoomId>, sqlx::Error> {
    let room_id = sqlx::query_scalar!(
        r#"
        select room_id
        from room.room
        where tenant_id = $1 and direct_low = $2 and direct_high = $3 and kind = 'direct'
        "#,
        tenant.as_str(),
        pair.low().0,
        pair.high().0,
    )
    .fetch_optional(conn)
    .await?;
    Ok(room_id.map(RoomId))
}
