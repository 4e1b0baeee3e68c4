//! SQL on `auth.session`.

use proto::id::{SessionId, Tenant, UserId};
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

use crate::{config::Lifetimes, exports::StoredSession, sessions::Session};

/// Most sessions in one list.
const LIST_LIMIT: i64 = 200;

pub(crate) struct NewSession<'a> {
    pub(crate) tenant: &'a Tenant,
    pub(crate) session_id: SessionId,
    pub(crate) user_id: UserId,
    pub(crate) token_hash: &'a [u8],
    pub(crate) agent: &'a str,
    pub(crate) lifetimes: Lifetimes,
}

/// What the cache's keys are made of.
pub(crate) struct KeyRow {
    pub(crate) session_id: Uuid,
    pub(crate) token_hash: Vec<u8>,
}

/// Returns the session's end.
pub(crate) async fn insert_session(
    connection: &mut PgConnection,
    new: NewSession<'_>,
) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"
        insert into auth.session
            (tenant_id, session_id, user_id, token_hash, agent, idle_expires_at, absolute_expires_at)
        values ($1, $2, $3, $4, $5, now() + make_interval(secs => $6::integer), now() + make_interval(secs => $7::integer))
        returning (extract(epoch from least(idle_expires_at, absolute_expires_at)) * 1000)::bigint as "expires_at_ms!"
        "#,
        new.tenant.as_str(),
        new.session_id.0,
        new.user_id.0,
        new.token_hash,
        new.agent,
        new.lifetimes.idle_s,
        new.lifetimes.absolute_s,
    )
    .fetch_one(connection)
    .await
}

pub(crate) async fn list_sessions(
    db: impl PgExecutor<'_>,
    tenant: &Tenant,
    user_id: UserId,
) -> Result<Vec<Session>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"
        select session_id, agent,
            (extract(epoch from created_at) * 1000)::bigint as "created_at_ms!",
            (extract(epoch from last_seen_at) * 1000)::bigint as "last_seen_at_ms!",
            (extract(epoch from least(idle_expires_at, absolute_expires_at)) * 1000)::bigint as "expires_at_ms!"
        from auth.session
        where tenant_id = $1 and user_id = $2
            and revoked_at is null and idle_expires_at > now() and absolute_expires_at > now()
        order by session_id desc
        limit $3
        "#,
        tenant.as_str(),
        user_id.0,
        LIST_LIMIT,
    )
    .fetch_all(db)
    .await?;
    let sessions = rows.into_iter().map(|row| Session {
        session_id: SessionId(row.session_id),
        created_at_ms: row.created_at_ms,
        last_seen_at_ms: row.last_seen_at_ms,
        expires_at_ms: row.expires_at_ms,
        agent: row.agent,
    });
    Ok(sessions.collect())
}

pub(crate) async fn count_live_sessions(
    connection: &mut PgConnection,
    tenant: &Tenant,
    user_id: UserId,
) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"
        select count(*) as "count!"
        from auth.session
        where tenant_id = $1 and user_id = $2
            and revoked_at is null and idle_expires_at > now() and absolute_expires_at > now()
        "#,
        tenant.as_str(),
        user_id.0,
    )
    .fetch_one(connection)
    .await
}

pub(crate) async fn list_cache_keys(
    db: impl PgExecutor<'_>,
    tenant: &Tenant,
    user_id: UserId,
) -> Result<Vec<KeyRow>, sqlx::Error> {
    sqlx::query_as!(
        KeyRow,
        r#"
        select session_id, token_hash
        from auth.session
        where tenant_id = $1 and user_id = $2 and revoked_at is null
        "#,
        tenant.as_str(),
        user_id.0,
    )
    .fetch_all(db)
    .await
}

/// Lists the sessions of a person that are stored, also ended ones, newest first.
pub(crate) async fn list_stored_sessions(
    db: impl PgExecutor<'_>,
    tenant: &Tenant,
    user_id: UserId,
    limit: i64,
) -> Result<Vec<StoredSession>, sqlx::Error> {
    sqlx::query_as!(
        StoredSession,
        r#"
        select session_id::text as "id!", agent,
            (extract(epoch from created_at) * 1000)::bigint as "created_at!",
            (extract(epoch from last_seen_at) * 1000)::bigint as "last_seen_at!",
            (extract(epoch from least(idle_expires_at, absolute_expires_at)) * 1000)::bigint as "expires_at!",
            (extract(epoch from revoked_at) * 1000)::bigint as ended_at
        from auth.session
        where tenant_id = $1 and user_id = $2
        order by auth.session.session_id desc
        limit $3
        "#,
        tenant.as_str(),
        user_id.0,
        limit,
    )
    .fetch_all(db)
    .await
}

/// Brings the ends of a person's live sessions nearer.
pub(crate) async fn update_shortened(
    connection: &mut PgConnection,
    tenant: &Tenant,
    user_id: UserId,
    lifetimes: Lifetimes,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"
        update auth.session
        set idle_expires_at = least(idle_expires_at, now() + make_interval(secs => $3::integer)),
            absolute_expires_at = least(absolute_expires_at, now() + make_interval(secs => $4::integer))
        where tenant_id = $1 and user_id = $2 and revoked_at is null
        "#,
        tenant.as_str(),
        user_id.0,
        lifetimes.idle_s,
        lifetimes.absolute_s,
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(crate) async fn update_revoked(
    connection: &mut PgConnection,
    tenant: &Tenant,
    user_id: UserId,
    session_id: SessionId,
) -> Result<Vec<KeyRow>, sqlx::Error> {
    sqlx::query_as!(
        KeyRow,
        r#"
        update auth.session
        set revoked_at = now()
        where tenant_id = $1 and user_id = $2 and session_id = $3 and revoked_at is null
        returning session_id, token_hash
        "#,
        tenant.as_str(),
        user_id.0,
        session_id.0,
    )
    .fetch_all(connection)
    .await
}

pub(crate) async fn update_others_revoked(
    connection: &mut PgConnection,
    tenant: &Tenant,
    user_id: UserId,
    kept: SessionId,
) -> Result<Vec<KeyRow>, sqlx::Error> {
    sqlx::query_as!(
        KeyRow,
        r#"
        update auth.session
        set revoked_at = now()
        where tenant_id = $1 and user_id = $2 and session_id <> $3 and revoked_at is null
        returning session_id, token_hash
        "#,
        tenant.as_str(),
        user_id.0,
        kept.0,
    )
    .fetch_all(connection)
    .await
}

pub(crate) async fn update_all_revoked(
    connection: &mut PgConnection,
    tenant: &Tenant,
    user_id: UserId,
) -> Result<Vec<KeyRow>, sqlx::Error> {
    sqlx::query_as!(
        KeyRow,
        r#"
        update auth.session
        set revoked_at = now()
        where tenant_id = $1 and user_id = $2 and revoked_at is null
        returning session_id, token_hash
        "#,
        tenant.as_str(),
        user_id.0,
    )
    .fetch_all(connection)
    .await
}

/// Deletes everything that is stored of a person's sessions, and their tickets.
pub(crate) async fn delete_sessions(
    connection: &mut PgConnection,
    tenant: &Tenant,
    user_id: UserId,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "delete from auth.session where tenant_id = $1 and user_id = $2",
        tenant.as_str(),
        user_id.0,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Deletes sessions a month after nobody can use them any more.
pub(crate) async fn delete_old_sessions(db: impl PgExecutor<'_>) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"
        delete from auth.session
        where (tenant_id, session_id) in (
            select tenant_id, session_id
            from auth.session
            where absolute_expires_at < now() - interval '30 days'
            limit 5000
        )
        "#,
    )
    .execute(db)
    .await?;
    Ok(())
}
