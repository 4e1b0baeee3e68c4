//! SQL on `room.room`, for changes of a room itself and its end.

use pg::OnConstraint;
use proto::{
    event::RoomUpdated,
    id::{RoomId, Tenant, UserId},
};
use sqlx::PgConnection;

use crate::{Error, names::fold, rooms::RoomKind};

/// A room that is being deleted, or that may be: this transaction holds it.
pub(crate) struct DoomedRoom {
    pub(crate) name: String,
    pub(crate) kind: RoomKind,
    pub(crate) members: i64,
    pub(crate) is_deleted: bool,
}

/// Changes what is given; what is absent stays.
pub(crate) async fn update_room(
    conn: &mut PgConnection,
    tenant: &Tenant,
    room_id: RoomId,
    changed: &RoomUpdated,
) -> Result<(), Error> {
    let updated = sqlx::query!(
        r#"
        update room.room
        set name = coalesce($3, name), name_folded = coalesce($4, name_folded),
            topic = coalesce($5, topic), slow_mode_ms = coalesce($6, slow_mode_ms)
        where tenant_id = $1 and room_id = $2
        "#,
        tenant.as_str(),
        room_id.0,
        changed.name.as_deref(),
        changed.name.as_deref().map(fold),
        changed.topic.as_deref(),
        changed.slow_mode_ms,
    )
    .execute(conn)
    .await;
    updated
        .map(|_| ())
        .on_constraint("room_name_key", || Error::RoomExists)
}

/// From here on the room exists for nobody; its name is free.
pub(crate) async fn update_deleted(
    conn: &mut PgConnection,
    tenant: &Tenant,
    room_id: RoomId,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"
        update room.room
        set deleted_at = now()
        where tenant_id = $1 and room_id = $2 and deleted_at is null
        "#,
        tenant.as_str(),
        room_id.0,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Locks a room even when its deletion has begun.
pub(crate) async fn lock_doomed_room(
    conn: &mut PgConnection,
    tenant: &Tenant,
    room_id: RoomId,
) -> Result<Option<DoomedRoom>, sqlx::Error> {
    let row = sqlx::query!(
        r#"
        select name, kind, members, deleted_at is not null as "is_deleted!"
        from room.room
        where tenant_id = $1 and room_id = $2
        for no key update
        "#,
        tenant.as_str(),
        room_id.0,
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| DoomedRoom {
        name: row.name,
        kind: RoomKind::from_stored(&row.kind),
        members: row.members,
        is_deleted: row.is_deleted,
    }))
}

/// Lists members other than one, in the order in which their locks are taken everywhere.
pub(crate) async fn list_others(
    conn: &mut PgConnection,
    tenant: &Tenant,
    room_id: RoomId,
    except: UserId,
    limit: i64,
) -> Result<Vec<UserId>, sqlx::Error> {
    let ids = sqlx::query_scalar!(
        r#"
        select o.user_id
        from (
            select m.tenant_id, m.user_id
            from room.member m
            where m.tenant_id = $1 and m.room_id = $2 and m.user_id <> $3
            order by m.user_id
            limit $4
        ) o
        order by stream.actor_lock(o.tenant_id, o.user_id)
        "#,
        tenant.as_str(),
        room_id.0,
        except.0,
        limit,
    )
    .fetch_all(conn)
    .await?;
    Ok(ids.into_iter().map(UserId).collect())
}

/// Takes people out of a room and returns those who were in it.
pub(crate) async fn delete_members(
    conn: &mut PgConnection,
    tenant: &Tenant,
    room_id: RoomId,
    people: &[UserId],
) -> Result<Vec<UserId>, sqlx::Error> {
    let people: Vec<_> = people.iter().map(|user_id| user_id.0).collect();
    let gone = sqlx::query_scalar!(
        r#"
        delete from room.member
        where tenant_id = $1 and room_id = $2 and user_id = any($3)
        returning user_id
        "#,
        tenant.as_str(),
        room_id.0,
        &people,
    )
    .fetch_all(conn)
    .await?;
    Ok(gone.into_iter().map(UserId).collect())
}
