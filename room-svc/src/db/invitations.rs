//! SQL on `room.invitation`.

use proto::id::{RoomId, Tenant, UserId};
use sqlx::PgConnection;

pub(crate) async fn insert_invitation(
    conn: &mut PgConnection,
    tenant: &Tenant,
    room_id: RoomId,
    invited: UserId,
    invited_by: UserId,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"
        insert into room.invitation (tenant_id, room_id, user_id, invited_by)
        values ($1, $2, $3, $4)
        on conflict (tenant_id, room_id, user_id) do nothing
        "#,
        tenant.as_str(),
        room_id.0,
        invited.0,
        invited_by.0,
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(crate) async fn delete_invitation(
    conn: &mut PgConnection,
    tenant: &Tenant,
    room_id: RoomId,
    invited: UserId,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "delete from room.invitation where tenant_id = $1 and room_id = $2 and user_id = $3",
        tenant.as_str(),
        room_id.0,
        invited.0,
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(crate) async fn delete_invitations(
    conn: &mut PgConnection,
    tenant: &Tenant,
    room_id: RoomId,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "delete from room.invitation where tenant_id = $1 and room_id = $2",
        tenant.as_str(),
        room_id.0,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Forgets every invitation of a person.
pub(crate) async fn delete_invitations_of(
    conn: &mut PgConnection,
    tenant: &Tenant,
    invited: UserId,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "delete from room.invitation where tenant_id = $1 and user_id = $2",
        tenant.as_str(),
        invited.0,
    )
    .execute(conn)
    .await?;
    Ok(())
}
