//! SQL on `room.restriction`. What has ended counts as none, by the database's clock.

use proto::id::{RoomId, Tenant, UserId};
use sqlx::{PgConnection, PgExecutor};

use crate::{
    pages::Paging,
    restrictions::{NewRestriction, Restriction, RestrictionKind},
    users::DELETED_USER,
};

/// Puts a restriction in the place of an earlier one of its kind.
pub(crate) async fn insert_restriction(
    conn: &mut PgConnection,
    tenant: &Tenant,
    room_id: RoomId,
    restriction: &NewRestriction<'_>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"
        insert into room.restriction (tenant_id, room_id, user_id, kind, reason, until, by_user)
        values ($1, $2, $3, $4, $5, $6, $7)
        on conflict (tenant_id, room_id, user_id, kind) do update
        set reason = excluded.reason, until = excluded.until, by_user = excluded.by_user, created_at = now()
        "#,
        tenant.as_str(),
        room_id.0,
        restriction.user_id.0,
        restriction.kind.as_str(),
        restriction.reason,
        restriction.until,
        restriction.by.0,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Ends a restriction; `false` when none was in force.
pub(crate) async fn delete_restriction(
    conn: &mut PgConnection,
    tenant: &Tenant,
    room_id: RoomId,
    user_id: UserId,
    kind: RestrictionKind,
) -> Result<bool, sqlx::Error> {
    let deleted = sqlx::query!(
        r#"
        delete from room.restriction
        where tenant_id = $1 and room_id = $2 and user_id = $3 and kind = $4 and (until is null or until > now())
        "#,
        tenant.as_str(),
        room_id.0,
        user_id.0,
        kind.as_str(),
    )
    .execute(conn)
    .await?;
    Ok(deleted.rows_affected() == 1)
}

pub(crate) async fn delete_restrictions(
    conn: &mut PgConnection,
    tenant: &Tenant,
    room_id: RoomId,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "delete from room.restriction where tenant_id = $1 and room_id = $2",
        tenant.as_str(),
        room_id.0,
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(crate) async fn list_restrictions(
    conn: impl PgExecutor<'_>,
    tenant: &Tenant,
    room_id: RoomId,
    paging: &Paging,
) -> Result<Vec<Restriction>, sqlx::Error> {
    let (after_kind, after_id) = paging.start();
    let rows = sqlx::query!(
        r#"
        select b.user_id, b.kind, b.reason, b.until, b.by_user, b.created_at, p.name as "name?"
        from room.restriction b
        left join auth.person p on p.tenant_id = b.tenant_id and p.user_id = b.user_id
        where b.tenant_id = $1 and b.room_id = $2 and (b.until is null or b.until > now())
            and ($3::text is null or (b.user_id, b.kind) > ($4::uuid, $3))
        order by b.user_id, b.kind
        limit $5
        "#,
        tenant.as_str(),
        room_id.0,
        after_kind,
        after_id,
        paging.rows_to_read(),
    )
    .fetch_all(conn)
    .await?;
    let restrictions = rows.into_iter().map(|row| Restriction {
        user_id: UserId(row.user_id),
        name: row.name.unwrap_or_else(|| DELETED_USER.into()),
        kind: RestrictionKind::from_stored(&row.kind),
        reason: row.reason,
        until: row.until,
        by: UserId(row.by_user),
        created_at: row.created_at,
    });
    Ok(restrictions.collect())
}
