//! SQL on `auth.login_delay`. Each charge is one statement: it counts, decides and reserves at once.

use proto::id::Tenant;
use sqlx::PgExecutor;

use crate::config::Limits;

/// Counts an attempt on a name and sets the delay after it; false when the present delay is not over.
///
/// A statement that waited for the row has a `now()` older than the one that wrote it, hence `clock_timestamp()`.
/// The delay after the nth failure is 0 below the limit, then 1 s, 2 s, 4 s, … A day without attempts forgives.
pub(crate) async fn charge_account(
    db: impl PgExecutor<'_>,
    tenant: &Tenant,
    subject: &[u8],
    limits: &Limits,
) -> Result<bool, sqlx::Error> {
    let row = sqlx::query!(
        r#"
        insert into auth.login_delay as delay (tenant_id, subject, failures, since, until)
        values ($1, $2, 1, now(), now())
        on conflict (tenant_id, subject) do update
        set (failures, since, until) = (
            select count, now(), now() + make_interval(secs =>
                case when count < $3 then 0
                else least(power(2, least(count - $3, 30)), $4::integer) end)
            from (
                select case when delay.until < now() - interval '1 day' then 1
                    else least(delay.failures + 1, 1000) end as count
            ) as next
        )
        where delay.until <= clock_timestamp()
        returning failures
        "#,
        tenant.as_str(),
        subject,
        limits.account_failures,
        limits.account_delay_max_s,
    )
    .fetch_optional(db)
    .await?;
    Ok(row.is_some())
}

/// Counts an attempt from an address; false when its minute is full.
pub(crate) async fn charge_address(
    db: impl PgExecutor<'_>,
    tenant: &Tenant,
    subject: &[u8],
    per_minute: i32,
) -> Result<bool, sqlx::Error> {
    let row = sqlx::query!(
        r#"
        insert into auth.login_delay as delay (tenant_id, subject, failures, since, until)
        values ($1, $2, 1, now(), now())
        on conflict (tenant_id, subject) do update
        set (failures, since, until) = (
            select case when is_over then 1 else delay.failures + 1 end,
                case when is_over then now() else delay.since end,
                now()
            from (select delay.since <= now() - interval '1 minute' as is_over) as minute
        )
        where delay.since <= now() - interval '1 minute' or delay.failures < $3
        returning failures
        "#,
        tenant.as_str(),
        subject,
        per_minute,
    )
    .fetch_optional(db)
    .await?;
    Ok(row.is_some())
}

/// Returns how long a name's delay still lasts, in milliseconds.
pub(crate) async fn find_account_wait(
    db: impl PgExecutor<'_>,
    tenant: &Tenant,
    subject: &[u8],
) -> Result<Option<i64>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"
        select ceil(extract(epoch from until - now()) * 1000)::bigint as "wait_ms!"
        from auth.login_delay
        where tenant_id = $1 and subject = $2
        "#,
        tenant.as_str(),
        subject,
    )
    .fetch_optional(db)
    .await
}

/// Returns how long an address' minute still lasts, in milliseconds.
pub(crate) async fn find_address_wait(
    db: impl PgExecutor<'_>,
    tenant: &Tenant,
    subject: &[u8],
) -> Result<Option<i64>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"
        select ceil(extract(epoch from since + interval '1 minute' - now()) * 1000)::bigint as "wait_ms!"
        from auth.login_delay
        where tenant_id = $1 and subject = $2
        "#,
        tenant.as_str(),
        subject,
    )
    .fetch_optional(db)
    .await
}

/// Forgets the failures of a name.
pub(crate) async fn delete_account(
    db: impl PgExecutor<'_>,
    tenant: &Tenant,
    subject: &[u8],
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "delete from auth.login_delay where tenant_id = $1 and subject = $2",
        tenant.as_str(),
        subject,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Takes back a charge on a name whose password was not looked at; the delay it set goes too.
pub(crate) async fn refund_account(
    db: impl PgExecutor<'_>,
    tenant: &Tenant,
    subject: &[u8],
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"
        update auth.login_delay
        set failures = greatest(failures - 1, 0), until = now()
        where tenant_id = $1 and subject = $2
        "#,
        tenant.as_str(),
        subject,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Takes back a charge on an address.
pub(crate) async fn refund_address(
    db: impl PgExecutor<'_>,
    tenant: &Tenant,
    subject: &[u8],
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"
        update auth.login_delay
        set failures = greatest(failures - 1, 0)
        where tenant_id = $1 and subject = $2
        "#,
        tenant.as_str(),
        subject,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Deletes what a day has forgiven.
pub(crate) async fn delete_forgotten(db: impl PgExecutor<'_>) -> Result<(), sqlx::Error> {
    sqlx::query!("delete from auth.login_delay where until < now() - interval '1 day'")
        .execute(db)
        .await?;
    Ok(())
}
