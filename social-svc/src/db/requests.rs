//! SQL on `social.friend_request`.

use proto::id::{Tenant, UserId};
use sqlx::{PgConnection, PgExecutor};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{people::Person, requests::Pending};

struct PendingRow {
    user_id: Uuid,
    name: String,
    note: String,
    created_at: OffsetDateTime,
}

impl From<PendingRow> for Pending {
    fn from(row: PendingRow) -> Self {
        Self {
            user: Person {
                user_id: UserId(row.user_id),
                name: row.name,
            },
            note: row.note,
            created_at: row.created_at,
        }
    }
}

/// Keeps the number of requests that wait for a person as it is, for the rest of the transaction.
pub(crate) async fn lock_incoming(
    conn: &mut PgConnection,
    tenant: &Tenant,
    user_id: UserId,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"
        select pg_advisory_xact_lock(hashtext('social.incoming'), hashtext($1::text || $2::uuid::text))::text as "locked?"
        "#,
        tenant.as_str(),
        user_id.0,
    )
    .fetch_one(conn)
    .await?;
    Ok(())
}

/// Stores a request that waits, in the place of one that was declined long ago.
pub(crate) async fn insert_request(
    conn: &mut PgConnection,
    tenant: &Tenant,
    from: UserId,
    to: UserId,
    note: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"
        insert into social.friend_request (tenant_id, from_id, to_id, note)
        values ($1, $2, $3, $4)
        on conflict (tenant_id, from_id, to_id) do update
        set note = excluded.note, created_at = excluded.created_at, declined_at = null, is_withdrawn = false
        "#,
        tenant.as_str(),
        from.0,
        to.0,
        note,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Makes a declined request that was withdrawn wait again in the asker's eyes.
pub(crate) async fn update_renewed(
    conn: &mut PgConnection,
    tenant: &Tenant,
    from: UserId,
    to: UserId,
    note: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"
        update social.friend_request
        set note = $4, created_at = now(), is_withdrawn = false
        where tenant_id = $1 and from_id = $2 and to_id = $3
        "#,
        tenant.as_str(),
        from.0,
        to.0,
        note,
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(crate) async fn update_declined(
    conn: &mut PgConnection,
    tenant: &Tenant,
    from: UserId,
    to: UserId,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"
        update social.friend_request
        set declined_at = now()
        where tenant_id = $1 and from_id = $2 and to_id = $3 and declined_at is null
        "#,
        tenant.as_str(),
        from.0,
        to.0,
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(crate) async fn update_withdrawn(
    conn: &mut PgConnection,
    tenant: &Tenant,
    from: UserId,
    to: UserId,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"
        update social.friend_request
        set is_withdrawn = true
        where tenant_id = $1 and from_id = $2 and to_id = $3 and declined_at is not null
        "#,
        tenant.as_str(),
        from.0,
        to.0,
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(crate) async fn delete_waiting(
    conn: &mut PgConnection,
    tenant: &Tenant,
    from: UserId,
    to: UserId,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"
        delete from social.friend_request
        where tenant_id = $1 and from_id = $2 and to_id = $3 and declined_at is null
        "#,
        tenant.as_str(),
        from.0,
        to.0,
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(crate) async fn delete_between(
    conn: &mut PgConnection,
    tenant: &Tenant,
    one: UserId,
    other: UserId,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"
        delete from social.friend_request
        where tenant_id = $1 and (from_id = $2 and to_id = $3 or from_id = $3 and to_id = $2)
        "#,
        tenant.as_str(),
        one.0,
        other.0,
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(crate) async fn delete_requests_of(
    conn: &mut PgConnection,
    tenant: &Tenant,
    user_id: UserId,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "delete from social.friend_request where tenant_id = $1 and (from_id = $2 or to_id = $2)",
        tenant.as_str(),
        user_id.0,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Counts what waits as far as the asker knows, without the request to `but`.
pub(crate) async fn count_outgoing(
    conn: &mut PgConnection,
    tenant: &Tenant,
    from: UserId,
    but: UserId,
) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"
        select count(*) as "requests!"
        from social.friend_request
        where tenant_id = $1 and from_id = $2 and to_id <> $3 and not is_withdrawn
        "#,
        tenant.as_str(),
        from.0,
        but.0,
    )
    .fetch_one(conn)
    .await
}

/// Counts what waits for a person and they see.
pub(crate) async fn count_incoming(
    conn: &mut PgConnection,
    tenant: &Tenant,
    to: UserId,
) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"
        select count(*) as "requests!"
        from social.friend_request
        where tenant_id = $1 and to_id = $2 and declined_at is null
            and not social.is_request_hidden(tenant_id, from_id, to_id)
        "#,
        tenant.as_str(),
        to.0,
    )
    .fetch_one(conn)
    .await
}

pub(crate) async fn list_incoming(
    conn: impl PgExecutor<'_>,
    tenant: &Tenant,
    to: UserId,
    limit: i64,
) -> Result<Vec<Pending>, sqlx::Error> {
    let rows = sqlx::query_as!(
        PendingRow,
        r#"
        select p.user_id as "user_id!", p.name as "name!", r.note, r.created_at
        from social.friend_request r
        join auth.person p on p.tenant_id = r.tenant_id and p.user_id = r.from_id
        where r.tenant_id = $1 and r.to_id = $2 and r.declined_at is null
            and not social.is_request_hidden(r.tenant_id, r.from_id, r.to_id)
        order by r.created_at desc, r.from_id
        limit $3
        "#,
        tenant.as_str(),
        to.0,
        limit,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(Pending::from).collect())
}

pub(crate) async fn list_outgoing(
    conn: impl PgExecutor<'_>,
    tenant: &Tenant,
    from: UserId,
    limit: i64,
) -> Result<Vec<Pending>, sqlx::Error> {
    let rows = sqlx::query_as!(
        PendingRow,
        r#"
        select p.user_id as "user_id!", p.name as "name!", r.note, r.created_at
        from social.friend_request r
        join auth.person p on p.tenant_id = r.tenant_id and p.user_id = r.to_id
        where r.tenant_id = $1 and r.from_id = $2 and not r.is_withdrawn
        order by r.created_at desc, r.to_id
        limit $3
        "#,
        tenant.as_str(),
        from.0,
        limit,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(Pending::from).collect())
}
