//! SQL on `room.invite`. Whether a code still works is decided by the database's clock.

use proto::id::{RoomId, Tenant, UserId};
use sqlx::{PgConnection, PgExecutor};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::invites::Invite;

/// A code to be.
pub(crate) struct NewInvite<'a> {
    pub(crate) code: &'a str,
    pub(crate) room_id: RoomId,
    pub(crate) created_by: UserId,
    pub(crate) valid_seconds: u32,
    pub(crate) max_uses: u32,
}

struct InviteRow {
    code: String,
    room_id: Uuid,
    room_name: String,
    created_by: Uuid,
    expires_at: OffsetDateTime,
    max_uses: i32,
    uses: i32,
    is_working: bool,
}

impl From<InviteRow> for Invite {
    fn from(row: InviteRow) -> Self {
        Self {
            code: row.code,
            room_id: RoomId(row.room_id),
            room_name: row.room_name,
            created_by: UserId(row.created_by),
            expires_at: row.expires_at,
            max_uses: row.max_uses.unsigned_abs(),
            uses: row.uses.unsigned_abs(),
            is_working: row.is_working,
        }
    }
}

pub(crate) async fn insert_invite(
    conn: &mut PgConnection,
    tenant: &Tenant,
    invite: &NewInvite<'_>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"
        insert into room.invite (tenant_id, code, room_id, created_by, expires_at, max_uses)
        values ($1, $2, $3, $4, now() + make_interval(secs => $5), $6)
        "#,
        tenant.as_str(),
        invite.code,
        invite.room_id.0,
        invite.created_by.0,
        f64::from(invite.valid_seconds),
        i32::try_from(invite.max_uses).unwrap_or(i32::MAX),
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Finds a code of a room that exists. The room's lock keeps its uses as they are.
pub(crate) async fn find_invite(
    conn: impl PgExecutor<'_>,
    tenant: &Tenant,
    code: &str,
) -> Result<Option<Invite>, sqlx::Error> {
    let row = sqlx::query_as!(
        InviteRow,
        r#"
        select i.code, i.room_id, r.name as room_name, i.created_by, i.expires_at, i.max_uses, i.uses,
            i.revoked_at is null and i.expires_at > now() and (i.max_uses = 0 or i.uses < i.max_uses) as "is_working!"
        from room.invite i
        join room.room r on r.tenant_id = i.tenant_id and r.room_id = i.room_id
        where i.tenant_id = $1 and i.code = $2 and r.deleted_at is null
        "#,
        tenant.as_str(),
        code,
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(Invite::from))
}

/// Lists the codes of a room that still work, newest first.
pub(crate) async fn list_invites(
    conn: impl PgExecutor<'_>,
    tenant: &Tenant,
    room_id: RoomId,
    limit: i64,
) -> Result<Vec<Invite>, sqlx::Error> {
    let rows = sqlx::query_as!(
        InviteRow,
        r#"
        select i.code, i.room_id, r.name as room_name, i.created_by, i.expires_at, i.max_uses, i.uses,
            true as "is_working!"
        from room.invite i
        join room.room r on r.tenant_id = i.tenant_id and r.room_id = i.room_id
        where i.tenant_id = $1 and i.room_id = $2 and r.deleted_at is null
            and i.revoked_at is null and i.expires_at > now() and (i.max_uses = 0 or i.uses < i.max_uses)
        order by i.created_at desc, i.code
        limit $3
        "#,
        tenant.as_str(),
        room_id.0,
        limit,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(Invite::from).collect())
}

pub(crate) async fn update_uses(
    conn: &mut PgConnection,
    tenant: &Tenant,
    code: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update room.invite set uses = uses + 1 where tenant_id = $1 and code = $2",
        tenant.as_str(),
        code,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Ends a code of a room; `false` when there is none that has not been ended.
pub(crate) async fn update_revoked(
    conn: &mut PgConnection,
    tenant: &Tenant,
    room_id: RoomId,
    code: &str,
) -> Result<bool, sqlx::Error> {
    let updated = sqlx::query!(
        r#"
        update room.invite
        set revoked_at = now()
        where tenant_id = $1 and room_id = $2 and code = $3 and revoked_at is null
        "#,
        tenant.as_str(),
        room_id.0,
        code,
    )
    .execute(conn)
    .await?;
    Ok(updated.rows_affected() == 1)
}

/// Ends every code that a person made.
pub(crate) async fn update_revoked_by(
    conn: &mut PgConnection,
    tenant: &Tenant,
    created_by: UserId,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"
        update room.invite
        set revoked_at = now()
        where tenant_id = $1 and created_by = $2 and revoked_at is null
        "#,
        tenant.as_str(),
        created_by.0,
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(crate) async fn delete_invites(
    conn: &mut PgConnection,
    tenant: &Tenant,
    room_id: RoomId,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "delete from room.invite where tenant_id = $1 and room_id = $2",
        tenant.as_str(),
        room_id.0,
    )
    .execute(conn)
    .await?;
    Ok(())
}
