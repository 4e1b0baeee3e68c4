//! SQL on `auth.session`.

use std::time::Duration;

use proto::id::{SessionId, Tenant, UserId};
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

use crate::{
    accounts::Role,
    config,
    sessions::{Found, Identity, Session},
};

/// Most sessions in one list.
const LIST_LIMIT: i64 = 200;

pub(crate) struct NewSession<'a> {
    pub(crate) tenant: &'a Tenant,
    pub(crate) session_id: SessionId,
    pub(crate) user_id: UserId,
    pub(crate) password_version: i32,
    pub(crate) token_hash: &'a [u8],
    pub(crate) agent: &'a str,
    pub(crate) lifetimes: &'a config::Sessions,
}

/// What the cache's keys are made of.
pub(crate) struct KeyRow {
    pub(crate) session_id: Uuid,
    pub(crate) token_hash: Vec<u8>,
}

struct FoundRow {
    tenant_id: String,
    session_id: Uuid,
    user_id: Uuid,
    name: String,
    role: String,
    is_revoked: bool,
    left_ms: i64,
    expires_at_ms: i64,
}

/// Returns the session's end, or `None` when the account's password is not that version any more. The shared lock
/// makes a change of password wait, so that it ends this session too.
pub(crate) async fn insert_session(
    connection: &mut PgConnection,
    new: NewSession<'_>,
) -> Result<Option<i64>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"
        insert into auth.session
            (tenant_id, session_id, user_id, token_hash, agent, idle_expires_at, absolute_expires_at)
        select tenant_id, $3, user_id, $4, $5, now() + make_interval(days => $6), now() + make_interval(days => $7)
        from auth.account
        where tenant_id = $1 and user_id = $2 and password_version = $8
        for share
        returning (extract(epoch from least(idle_expires_at, absolute_expires_at)) * 1000)::bigint as "expires_at_ms!"
        "#,
        new.tenant.as_str(),
        new.user_id.0,
        new.session_id.0,
        new.token_hash,
        new.agent,
        new.lifetimes.idle_days,
        new.lifetimes.absolute_days,
        new.password_version,
    )
    .fetch_optional(connection)
    .await
}

pub(crate) async fn find_session(
    db: impl PgExecutor<'_>,
    tenant: &Tenant,
    session_id: SessionId,
) -> Result<Option<Found>, sqlx::Error> {
    let row = sqlx::query_as!(
        FoundRow,
        r#"
        select session.tenant_id, session.session_id, session.user_id, account.name, account.role,
            session.revoked_at is not null as "is_revoked!",
            (extract(epoch from least(idle_expires_at, absolute_expires_at) - now()) * 1000)::bigint as "left_ms!",
            (extract(epoch from least(idle_expires_at, absolute_expires_at)) * 1000)::bigint as "expires_at_ms!"
        from auth.session
        join auth.account on account.tenant_id = session.tenant_id and account.user_id = session.user_id
        where session.tenant_id = $1 and session.session_id = $2
        "#,
        tenant.as_str(),
        session_id.0,
    )
    .fetch_optional(db)
    .await?;
    row.map(Found::try_from).transpose()
}

pub(crate) async fn find_session_by_token(
    db: impl PgExecutor<'_>,
    token_hash: &[u8],
) -> Result<Option<Found>, sqlx::Error> {
    let row = sqlx::query_as!(
        FoundRow,
        r#"
        select session.tenant_id, session.session_id, session.user_id, account.name, account.role,
            session.revoked_at is not null as "is_revoked!",
            (extract(epoch from least(idle_expires_at, absolute_expires_at) - now()) * 1000)::bigint as "left_ms!",
            (extract(epoch from least(idle_expires_at, absolute_expires_at)) * 1000)::bigint as "expires_at_ms!"
        from auth.session
        join auth.account on account.tenant_id = session.tenant_id and account.user_id = session.user_id
        where session.token_hash = $1
        "#,
        token_hash,
    )
    .fetch_optional(db)
    .await?;
    row.map(Found::try_from).transpose()
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

/// Notes that a session is used, at most every few minutes, and moves its idle end.
pub(crate) async fn update_last_seen(
    db: impl PgExecutor<'_>,
    tenant: &Tenant,
    session_id: SessionId,
    idle_days: i32,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"
        update auth.session
        set last_seen_at = now(), idle_expires_at = now() + make_interval(days => $3)
        where tenant_id = $1 and session_id = $2
            and last_seen_at < now() - interval '5 minutes'
            and revoked_at is null and idle_expires_at > now() and absolute_expires_at > now()
        "#,
        tenant.as_str(),
        session_id.0,
        idle_days,
    )
    .execute(db)
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

impl TryFrom<FoundRow> for Found {
    type Error = sqlx::Error;

    fn try_from(row: FoundRow) -> Result<Self, sqlx::Error> {
        let tenant = row
            .tenant_id
            .parse()
            .map_err(|error| sqlx::Error::Decode(Box::new(error)))?;
        let identity = Identity {
            tenant,
            user_id: UserId(row.user_id),
            name: row.name,
            role: Role::from_stored(&row.role),
            session_id: SessionId(row.session_id),
            expires_at_ms: row.expires_at_ms,
        };
        let left = u64::try_from(row.left_ms).unwrap_or(0);
        Ok(Self {
            identity,
            is_revoked: row.is_revoked,
            is_expired: left == 0,
            left: Duration::from_millis(left),
        })
    }
}
