//! SQL on `auth.account`: who leaves, who comes back, and who is gone for good.

use proto::id::{Tenant, UserId};
use sqlx::{PgConnection, PgExecutor};

use crate::{
    accounts::{Account, Role},
    jobs::Fate,
    logins::Returning,
};

/// Locks an account whose password was verified and returns what it is now, or `None` when the password is not that one
/// any more. Whoever changes the password, the role or the account's end waits for this log-in, or it for them.
pub(crate) async fn lock_returning(
    connection: &mut PgConnection,
    account: &Account,
) -> Result<Option<Returning>, sqlx::Error> {
    let row = sqlx::query!(
        r#"
        select name, role, deactivated_at is not null as "is_away!"
        from auth.account
        where tenant_id = $1 and user_id = $2 and password_version = $3 and erased_at is null
        for no key update
        "#,
        account.tenant.as_str(),
        account.user_id.0,
        account.password_version,
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| Returning {
        account: Account {
            name: row.name,
            role: Role::from_stored(&row.role),
            ..account.clone()
        },
        is_away: row.is_away,
    }))
}

pub(crate) async fn update_reactivated(
    connection: &mut PgConnection,
    tenant: &Tenant,
    user_id: UserId,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update auth.account set deactivated_at = null where tenant_id = $1 and user_id = $2",
        tenant.as_str(),
        user_id.0,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Hides an account; false when its password changed since the account was read.
pub(crate) async fn update_deactivated(
    connection: &mut PgConnection,
    account: &Account,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        r#"
        update auth.account
        set deactivated_at = now()
        where tenant_id = $1 and user_id = $2 and password_version = $3
        "#,
        account.tenant.as_str(),
        account.user_id.0,
        account.password_version,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Blanks an account; false when its password changed since the account was read. The tombstone is no valid name, so
/// nobody can take it, and what stands for the hash is none.
pub(crate) async fn update_erased(
    connection: &mut PgConnection,
    account: &Account,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        r#"
        update auth.account
        set name = 'deleted-' || user_id, name_folded = 'deleted-' || user_id, password_hash = '',
            password_version = password_version + 1, role = 'USER', deactivated_at = null, erased_at = now()
        where tenant_id = $1 and user_id = $2 and password_version = $3
        "#,
        account.tenant.as_str(),
        account.user_id.0,
        account.password_version,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Returns what other services must know of an account. An erasure settles `settle_s` seconds after it.
pub(crate) async fn find_fate(
    db: impl PgExecutor<'_>,
    tenant: &Tenant,
    user_id: UserId,
    settle_s: i32,
) -> Result<Option<Fate>, sqlx::Error> {
    let row = sqlx::query!(
        r#"
        select name, erased_at is not null as "is_erased!",
            coalesce(erased_at + make_interval(secs => $3::integer) <= now(), false) as "is_settled!"
        from auth.account
        where tenant_id = $1 and user_id = $2
        "#,
        tenant.as_str(),
        user_id.0,
        settle_s,
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| {
        if row.is_erased {
            Fate::Erased {
                is_settled: row.is_settled,
            }
        } else {
            Fate::Named(row.name)
        }
    }))
}
