//! SQL on `auth.account`. What is said of a person who is away or gone is in [`super::departures`].

use proto::id::{Tenant, UserId};
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

use crate::{
    accounts::{Account, Role},
    exports::Holder,
    pages::Paging,
};

struct AccountRow {
    user_id: Uuid,
    name: String,
    role: String,
    password_version: i32,
}

impl AccountRow {
    fn into_account(self, tenant: &Tenant) -> Account {
        Account {
            tenant: tenant.clone(),
            user_id: UserId(self.user_id),
            name: self.name,
            role: Role::from_stored(&self.role),
            password_version: self.password_version,
        }
    }
}

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

/// Finds a person whom others may find.
pub(crate) async fn find_account(
    db: impl PgExecutor<'_>,
    tenant: &Tenant,
    user_id: UserId,
) -> Result<Option<Account>, sqlx::Error> {
    let row = sqlx::query_as!(
        AccountRow,
        r#"
        select user_id, name, role, password_version
        from auth.account
        where tenant_id = $1 and user_id = $2 and deactivated_at is null and erased_at is null
        "#,
        tenant.as_str(),
        user_id.0,
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| row.into_account(tenant)))
}

/// Finds a person whom others may find.
pub(crate) async fn find_account_by_name(
    db: impl PgExecutor<'_>,
    tenant: &Tenant,
    name_folded: &str,
) -> Result<Option<Account>, sqlx::Error> {
    let row = sqlx::query_as!(
        AccountRow,
        r#"
        select user_id, name, role, password_version
        from auth.account
        where tenant_id = $1 and name_folded = $2 and deactivated_at is null and erased_at is null
        "#,
        tenant.as_str(),
        name_folded,
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| row.into_account(tenant)))
}

/// Finds whoever bears a name, also while they are away, and their password's hash.
pub(crate) async fn find_secret_by_name(
    db: impl PgExecutor<'_>,
    tenant: &Tenant,
    name_folded: &str,
) -> Result<Option<(Account, String)>, sqlx::Error> {
    let row = sqlx::query!(
        r#"
        select user_id, name, role, password_version, password_hash
        from auth.account
        where tenant_id = $1 and name_folded = $2 and erased_at is null
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

/// Finds an account and its password's hash.
pub(crate) async fn find_secret(
    db: impl PgExecutor<'_>,
    tenant: &Tenant,
    user_id: UserId,
) -> Result<Option<(Account, String)>, sqlx::Error> {
    let row = sqlx::query!(
        r#"
        select name, role, password_version, password_hash
        from auth.account
        where tenant_id = $1 and user_id = $2 and erased_at is null
        "#,
        tenant.as_str(),
        user_id.0,
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| {
        let account = Account {
            tenant: tenant.clone(),
            user_id,
            name: row.name,
            role: Role::from_stored(&row.role),
            password_version: row.password_version,
        };
        (account, row.password_hash)
    }))
}

/// Finds an account by either, also while its owner is away: what an administrator may ask.
pub(crate) async fn find_existing(
    db: impl PgExecutor<'_>,
    tenant: &Tenant,
    user_id: Option<UserId>,
    name_folded: Option<&str>,
) -> Result<Option<Account>, sqlx::Error> {
    let row = sqlx::query_as!(
        AccountRow,
        r#"
        select user_id, name, role, password_version
        from auth.account
        where tenant_id = $1 and (user_id = $2 or name_folded = $3) and erased_at is null
        "#,
        tenant.as_str(),
        user_id.map(|user_id| user_id.0),
        name_folded,
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| row.into_account(tenant)))
}

/// Finds what an account's owner may know of it.
pub(crate) async fn find_holder(
    db: impl PgExecutor<'_>,
    tenant: &Tenant,
    user_id: UserId,
) -> Result<Option<Holder>, sqlx::Error> {
    let row = sqlx::query!(
        r#"
        select name, role, (extract(epoch from created_at) * 1000)::bigint as "created_at!"
        from auth.account
        where tenant_id = $1 and user_id = $2 and erased_at is null
        "#,
        tenant.as_str(),
        user_id.0,
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| Holder {
        id: user_id.to_string(),
        name: row.name,
        role: Role::from_stored(&row.role),
        created_at: row.created_at,
    }))
}

/// Lists accounts by folded name, also of people who are away.
pub(crate) async fn list_accounts(
    db: impl PgExecutor<'_>,
    tenant: &Tenant,
    name_part: &str,
    paging: &Paging,
) -> Result<Vec<Account>, sqlx::Error> {
    let rows = sqlx::query_as!(
        AccountRow,
        r#"
        select user_id, name, role, password_version
        from auth.account
        where tenant_id = $1 and name_folded > $3 and position($2 in name_folded) > 0 and erased_at is null
        order by name_folded
        limit $4
        "#,
        tenant.as_str(),
        name_part,
        paging.start(),
        paging.rows_to_read(),
    )
    .fetch_all(db)
    .await?;
    let accounts = rows.into_iter().map(|row| row.into_account(tenant));
    Ok(accounts.collect())
}

/// Lists the names of people.
pub(crate) async fn list_names(
    db: impl PgExecutor<'_>,
    tenant: &Tenant,
    ids: &[Uuid],
) -> Result<Vec<(UserId, String)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"
        select user_id as "user_id!", name as "name!"
        from auth.person
        where tenant_id = $1 and user_id = any($2)
        "#,
        tenant.as_str(),
        ids,
    )
    .fetch_all(db)
    .await?;
    let people = rows.into_iter().map(|row| (UserId(row.user_id), row.name));
    Ok(people.collect())
}

/// Locks the administrators who are not away, in one order everywhere: whoever waited sees who is left.
pub(crate) async fn lock_admins(
    connection: &mut PgConnection,
    tenant: &Tenant,
) -> Result<Vec<UserId>, sqlx::Error> {
    let rows = sqlx::query_scalar!(
        r#"
        select user_id
        from auth.account
        where tenant_id = $1 and role = 'ADMIN' and deactivated_at is null and erased_at is null
        order by user_id
        for no key update
        "#,
        tenant.as_str(),
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(UserId).collect())
}

pub(crate) async fn lock_account(
    connection: &mut PgConnection,
    tenant: &Tenant,
    user_id: UserId,
) -> Result<Option<Account>, sqlx::Error> {
    let row = sqlx::query_as!(
        AccountRow,
        r#"
        select user_id, name, role, password_version
        from auth.account
        where tenant_id = $1 and user_id = $2 and erased_at is null
        for no key update
        "#,
        tenant.as_str(),
        user_id.0,
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| row.into_account(tenant)))
}

pub(crate) async fn update_role(
    connection: &mut PgConnection,
    tenant: &Tenant,
    user_id: UserId,
    role: Role,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update auth.account set role = $3 where tenant_id = $1 and user_id = $2",
        tenant.as_str(),
        user_id.0,
        role.as_str(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Gives an account another name; false when its password changed since the account was read.
pub(crate) async fn update_name(
    connection: &mut PgConnection,
    account: &Account,
    name: &str,
    name_folded: &str,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        r#"
        update auth.account
        set name = $4, name_folded = $5
        where tenant_id = $1 and user_id = $2 and password_version = $3
        "#,
        account.tenant.as_str(),
        account.user_id.0,
        account.password_version,
        name,
        name_folded,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
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
