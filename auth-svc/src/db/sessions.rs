//! SQL on `auth.session`.

use std::time::Duration;

use proto::id::{SessionId, Tenant, UserId};
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

use crate::{
    accounts::Role,
    config::Lifetimes,
    exports::StoredSession,
    sessions::{Found, Identity, Session},
};

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

struct FoundRow {
    tenant_id: String,
    session_id: Uuid,
    user_id: Uuid,
    name: String,
    role: String,
    is_revoked: bool,
    is_banned: bool,
    left_ms: i64,
    expires_at_ms: i64,
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
            exists (
                select 1 from moderation.active_ban ban
                where ban.tenant_id = session.tenant_id and ban.user_id = session.user_id
            ) as "is_banned!",
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
            exists (
                select 1 from moderation.active_ban ban
                where ban.tenant_id = session.tenant_id and ban.user_id = session.user_id
            ) as "is_banned!",
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

/// Notes that a session is used, at most every few minutes, and moves its idle end. Returns the session's new end, or
/// `None` when nothing was written.
pub(crate) async fn update_last_seen(
    db: impl PgExecutor<'_>,
    tenant: &Tenant,
    session_id: SessionId,
    idle_s: i32,
) -> Result<Option<i64>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"
        update auth.session
        set last_seen_at = now(), idle_expires_at = now() + make_interval(secs => $3::integer)
        where tenant_id = $1 and session_id = $2
            and last_seen_at < now() - least(interval '5 minutes', make_interval(secs => $3::integer) / 6)
            and revoked_at is null and idle_expires_at > now() and absolute_expires_at > now()
        returning (extract(epoch from least(idle_expires_at, absolute_expires_at)) * 1000)::bigint as "expires_at_ms!"
        "#,
        tenant.as_str(),
        session_id.0,
        idle_s,
    )
    .fetch_optional(db)
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
            is_banned: row.is_banned,
            is_expired: left == 0,
            left: Duration::from_millis(left),
        })
    }
}
