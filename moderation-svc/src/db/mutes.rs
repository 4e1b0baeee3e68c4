//! SQL on `moderation.mute`.

use proto::id::{Tenant, UserId};
use rpc::Caller;
use sqlx::{PgConnection, PgExecutor};

use crate::mutes::Mute;

/// Finds the latest mute of an account, in force or over.
pub(crate) async fn find_mute(
    conn: impl PgExecutor<'_>,
    tenant: &Tenant,
    user_id: UserId,
) -> Result<Option<Mute>, sqlx::Error> {
    let row = sqlx::query!(
        r#"
        select
            reason,
            (extract(epoch from created_at) * 1000)::bigint as "created_at_ms!",
            (extract(epoch from until) * 1000)::bigint as "until_ms!"
        from moderation.mute
        where tenant_id = $1 and user_id = $2
        "#,
        tenant.as_str(),
        user_id.0,
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| Mute {
        user_id,
        reason: row.reason,
        created_at_ms: row.created_at_ms,
        until_ms: row.until_ms,
    }))
}

/// Stores a mute in the place of any earlier one.
pub(crate) async fn insert_mute(
    conn: &mut PgConnection,
    caller: &Caller,
    user_id: UserId,
    reason: &str,
    until_ms: i64,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"
        insert into moderation.mute (tenant_id, user_id, reason, by_user_id, until)
        values ($1, $2, $3, $4, to_timestamp($5::bigint / 1000.0))
        on conflict (tenant_id, user_id) do update
        set reason = excluded.reason, by_user_id = excluded.by_user_id, created_at = now(), until = excluded.until
        "#,
        caller.tenant.as_str(),
        user_id.0,
        reason,
        caller.user_id.0,
        until_ms,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Takes an account's mute away; `false` when none is in force.
pub(crate) async fn delete_mute(
    conn: &mut PgConnection,
    tenant: &Tenant,
    user_id: UserId,
) -> Result<bool, sqlx::Error> {
    let deleted = sqlx::query!(
        "delete from moderation.mute where tenant_id = $1 and user_id = $2 and until > now()",
        tenant.as_str(),
        user_id.0,
    )
    .execute(conn)
    .await?;
    Ok(deleted.rows_affected() == 1)
}
