//! SQL on `auth.account`.

use proto::id::{Tenant, UserId};
use sqlx::{PgConnection, PgExecutor};

use crate::accounts::{Account, Role};

pub(crate) async fn insert_account(
    connection: &mut PgConnection,
    account: &Account,
    name_folded: &str,
    password_hash: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"
        insert into auth.account
            (tenant_id, user_id, name, name_folded, password_hash, password_version, role)
        values ($1, $2, $3, $4, $5, $6, $7)
        "#,
        account.tenant.as_str(),
        account.user_id.0,
        account.name,
        name_folded,
        password_hash,
        account.password_version,
        account.role.as_str(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(crate) async fn find_account(
    db: impl PgExecutor<'_>,
    tenant: &Tenant,
    user_id: UserId,
) -> Result<Option<Account>, sqlx::Error> {
    let row = sqlx::query!(
        r#"
        select name, role, password_version
        from auth.account
        where tenant_id = $1 and user_id = $2
        "#,
        tenant.as_str(),
        user_id.0,
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| Account {
        tenant: tenant.clone(),
        user_id,
        name: row.name,
        role: Role::from_stored(&row.role),
        password_version: row.password_version,
    }))
}

/// Also returns the password's hash.
pub(crate) async fn find_account_by_name(
    db: impl PgExecutor<'_>,
    tenant: &Tenant,
    name_folded: &str,
) -> Result<Option<(Account, String)>, sqlx::Error> {
    let row = sqlx::query!(
        r#"
        select user_id, name, role, password_version, password_hash
        from auth.account
        where tenant_id = $1 and name_folded = $2
        "#,
        tenant.as_str(),
        name_folded,
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| {
        let account = Account {
            tenant: tenant.clone(),
            user_id: UserId(row.user_id),
            name: row.name,
            role: Role::from_stored(&row.role),
            password_version: row.password_version,
        };
        (account, row.password_hash)
    }))
}

pub(crate) async fn update_role(
    db: impl PgExecutor<'_>,
    tenant: &Tenant,
    user_id: UserId,
    role: Role,
) -> Result<Option<Account>, sqlx::Error> {
    let row = sqlx::query!(
        r#"
        update auth.account
        set role = $3
        where tenant_id = $1 and user_id = $2
        returning name, password_version
        "#,
        tenant.as_str(),
        user_id.0,
        role.as_str(),
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| Account {
        tenant: tenant.clone(),
        user_id,
        name: row.name,
        role,
        password_version: row.password_version,
    }))
}

/// Sets a new password; false when it changed since the account was read.
pub(crate) async fn update_password(
    connection: &mut PgConnection,
    account: &Account,
    password_hash: &str,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        r#"
        update auth.account
        set password_hash = $4, password_version = password_version + 1
        where tenant_id = $1 and user_id = $2 and password_version = $3
        "#,
        account.tenant.as_str(),
        account.user_id.0,
        account.password_version,
        password_hash,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Renews the hash of the same password; does nothing if another request was faster.
pub(crate) async fn update_hash(
    db: impl PgExecutor<'_>,
    account: &Account,
    old_hash: &str,
    new_hash: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"
        update auth.account
        set password_hash = $4
        where tenant_id = $1 and user_id = $2 and password_hash = $3
        "#,
        account.tenant.as_str(),
        account.user_id.0,
        old_hash,
        new_hash,
    )
    .execute(db)
    .await?;
    Ok(())
}
