//! SQL that finds sessions for whoever presents them, and notes that they are used: of many people at once.

use std::time::Duration;

use proto::id::{SessionId, Tenant, UserId};
use sqlx::PgExecutor;
use uuid::Uuid;

use crate::{
    accounts::Role,
    secrets::Hash,
    sessions::{Found, Identity},
};

/// What a session is found by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Key {
    Id(Tenant, SessionId),
    /// The hash of its token.
    Token(Hash),
}

/// A session that is used, and for how long that keeps it.
pub(crate) struct Use {
    pub(crate) tenant: Tenant,
    pub(crate) session_id: SessionId,
    pub(crate) idle_s: i32,
}

struct FoundRow {
    nth: i64,
    tenant_id: String,
    session_id: Uuid,
    user_id: Uuid,
    name: String,
    role: String,
    is_revoked: bool,
    is_banned: bool,
    unseen_ms: i64,
    left_ms: i64,
    expires_at_ms: i64,
}

pub(crate) async fn find_session(
    db: impl PgExecutor<'_>,
    tenant: &Tenant,
    session_id: SessionId,
) -> Result<Option<Found>, sqlx::Error> {
    let key = Key::Id(tenant.clone(), session_id);
    let mut found = list_found(db, std::slice::from_ref(&key)).await?;
    Ok(found.pop().flatten())
}

/// Finds sessions by their ids or by the hashes of their tokens, in the order asked.
pub(crate) async fn list_found(
    db: impl PgExecutor<'_>,
    keys: &[Key],
) -> Result<Vec<Option<Found>>, sqlx::Error> {
    let (mut tenants, mut ids, mut hashes) = (Vec::new(), Vec::new(), Vec::new());
    for key in keys {
        let (id, hash) = match key {
            Key::Id(tenant, session_id) => (Some((tenant.as_str(), session_id.0)), None),
            Key::Token(hash) => (None, Some(hash.to_vec())),
        };
        tenants.push(id.map(|(tenant, _)| tenant));
        ids.push(id.map(|(_, session_id)| session_id));
        hashes.push(hash);
    }
    let rows = sqlx::query_as!(
        FoundRow,
        r#"
        select asked.nth as "nth!",
            session.tenant_id, session.session_id, session.user_id, account.name, account.role,
            session.revoked_at is not null as "is_revoked!",
            exists (
                select 1 from moderation.active_ban ban
                where ban.tenant_id = session.tenant_id and ban.user_id = session.user_id
            ) as "is_banned!",
            (extract(epoch from now() - session.last_seen_at) * 1000)::bigint as "unseen_ms!",
            (extract(epoch from least(session.idle_expires_at, session.absolute_expires_at) - now()) * 1000)::bigint as "left_ms!",
            (extract(epoch from least(session.idle_expires_at, session.absolute_expires_at)) * 1000)::bigint as "expires_at_ms!"
        from unnest($1::text[], $2::uuid[], $3::bytea[]) with ordinality as asked (tenant_id, session_id, token_hash, nth)
        left join auth.session by_id on by_id.tenant_id = asked.tenant_id and by_id.session_id = asked.session_id
        left join auth.session by_token on by_token.token_hash = asked.token_hash
        join auth.session on session.tenant_id = coalesce(by_id.tenant_id, by_token.tenant_id)
            and session.session_id = coalesce(by_id.session_id, by_token.session_id)
        join auth.account on account.tenant_id = session.tenant_id and account.user_id = session.user_id
        "#,
        &tenants as &[Option<&str>],
        &ids as &[Option<Uuid>],
        &hashes as &[Option<Vec<u8>>],
    )
    .fetch_all(db)
    .await?;
    let mut found: Vec<Option<Found>> = keys.iter().map(|_| None).collect();
    for row in rows {
        let place = usize::try_from(row.nth - 1).ok();
        if let Some(place) = place.and_then(|place| found.get_mut(place)) {
            *place = Some(row.try_into()?);
        }
    }
    Ok(found)
}

/// Notes that sessions are used, each at most every few minutes, and moves their idle ends. Returns each session's new
/// end, or `None` where nothing was written, in the order given.
///
/// A session that somebody else changes at this moment is left out: this statement locks many, and waits for none.
pub(crate) async fn update_last_seen(
    db: impl PgExecutor<'_>,
    uses: &[Use],
) -> Result<Vec<Option<i64>>, sqlx::Error> {
    let tenants: Vec<&str> = uses.iter().map(|it| it.tenant.as_str()).collect();
    let ids: Vec<Uuid> = uses.iter().map(|it| it.session_id.0).collect();
    let idle_s: Vec<i32> = uses.iter().map(|it| it.idle_s).collect();
    let rows = sqlx::query!(
        r#"
        with used as (
            select seen.tenant_id, seen.session_id, said.idle_s, said.nth
            from unnest($1::text[], $2::uuid[], $3::integer[]) with ordinality as said (tenant_id, session_id, idle_s, nth)
            join auth.session seen on seen.tenant_id = said.tenant_id and seen.session_id = said.session_id
            where seen.last_seen_at < now() - least(interval '5 minutes', make_interval(secs => said.idle_s) / 6)
                and seen.revoked_at is null and seen.idle_expires_at > now() and seen.absolute_expires_at > now()
            for update of seen skip locked
        )
        update auth.session
        set last_seen_at = now(), idle_expires_at = now() + make_interval(secs => used.idle_s)
        from used
        where session.tenant_id = used.tenant_id and session.session_id = used.session_id
        returning used.nth as "nth!",
            (extract(epoch from least(idle_expires_at, absolute_expires_at)) * 1000)::bigint as "expires_at_ms!"
        "#,
        &tenants as &[&str],
        &ids,
        &idle_s,
    )
    .fetch_all(db)
    .await?;
    let mut ends = vec![None; uses.len()];
    for row in rows {
        let place = usize::try_from(row.nth - 1).ok();
        if let Some(end) = place.and_then(|place| ends.get_mut(place)) {
            *end = Some(row.expires_at_ms);
        }
    }
    Ok(ends)
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
        let millis = |ms: i64| Duration::from_millis(u64::try_from(ms).unwrap_or(0));
        let left = millis(row.left_ms);
        Ok(Self {
            identity,
            is_revoked: row.is_revoked,
            is_banned: row.is_banned,
            is_expired: left.is_zero(),
            unseen: millis(row.unseen_ms),
            left,
        })
    }
}
