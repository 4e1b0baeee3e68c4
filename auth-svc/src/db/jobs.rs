//! SQL on `auth.job`.

use proto::id::{Tenant, UserId};
use sqlx::{PgConnection, PgExecutor};

use crate::jobs::{Job, Neighbour};

/// Asks for a service to be told of a person. A job that waits is taken up soon; one that is worked on is done anew, but
/// never by two at a time: its lease, at most `lease_s` from now, is left alone.
pub(crate) async fn insert_job(
    connection: &mut PgConnection,
    tenant: &Tenant,
    user_id: UserId,
    neighbour: Neighbour,
    lease_s: i32,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"
        insert into auth.job as job (tenant_id, user_id, service)
        values ($1, $2, $3)
        on conflict (tenant_id, user_id, service) do update
        set revision = job.revision + 1, attempts = 0, dead_at = null,
            due_at = least(job.due_at, now() + make_interval(secs => $4::integer))
        "#,
        tenant.as_str(),
        user_id.0,
        neighbour.as_str(),
        lease_s,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Takes up the job that waits longest, for `lease_s` seconds; another replica passes over it.
pub(crate) async fn update_claimed(
    db: impl PgExecutor<'_>,
    lease_s: i32,
) -> Result<Option<Job>, sqlx::Error> {
    let row = sqlx::query!(
        r#"
        update auth.job
        set attempts = attempts + 1, due_at = now() + make_interval(secs => $1::integer)
        where (tenant_id, user_id, service) = (
            select tenant_id, user_id, service
            from auth.job
            where due_at <= now() and dead_at is null
            order by due_at
            limit 1
            for update skip locked
        )
        returning tenant_id, user_id, service, revision, attempts
        "#,
        lease_s,
    )
    .fetch_optional(db)
    .await?;
    row.map(|row| {
        let tenant = row
            .tenant_id
            .parse()
            .map_err(|error| sqlx::Error::Decode(Box::new(error)))?;
        Ok(Job {
            tenant,
            user_id: UserId(row.user_id),
            neighbour: Neighbour::from_stored(&row.service),
            revision: row.revision,
            attempts: row.attempts,
        })
    })
    .transpose()
}

/// Forgets a job that is done; false when there was more news meanwhile.
pub(crate) async fn delete_done(db: impl PgExecutor<'_>, job: &Job) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        r#"
        delete from auth.job
        where tenant_id = $1 and user_id = $2 and service = $3 and revision = $4
        "#,
        job.tenant.as_str(),
        job.user_id.0,
        job.neighbour.as_str(),
        job.revision,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Puts a job back that is not finished, without counting a failure.
pub(crate) async fn update_unfinished(
    db: impl PgExecutor<'_>,
    job: &Job,
    pause_s: i32,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"
        update auth.job
        set attempts = 0, last_error = null, due_at = now() + make_interval(secs => $4::integer)
        where tenant_id = $1 and user_id = $2 and service = $3
        "#,
        job.tenant.as_str(),
        job.user_id.0,
        job.neighbour.as_str(),
        pause_s,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Puts a job back that failed, and gives it up after the last attempt unless there was more news meanwhile.
pub(crate) async fn update_failed(
    db: impl PgExecutor<'_>,
    job: &Job,
    error: &str,
    pause_s: i32,
    is_last: bool,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"
        update auth.job
        set last_error = $5, due_at = now() + make_interval(secs => $6::integer),
            dead_at = case when $7 and revision = $4 then now() end
        where tenant_id = $1 and user_id = $2 and service = $3
        "#,
        job.tenant.as_str(),
        job.user_id.0,
        job.neighbour.as_str(),
        job.revision,
        error,
        pause_s,
        is_last,
    )
    .execute(db)
    .await?;
    Ok(())
}
