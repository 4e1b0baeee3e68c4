//! SQL on `moderation.ban`.

use proto::id::{BanId, Tenant, UserId};
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

use crate::{
    bans::{Ban, Mode, OpenBan, Subject},
    enforcement::{EnforcedRange, ShadowedUser},
    lifts::Ended,
    pages::Paging,
    ranges::Range,
};

struct BanRow {
    ban_id: Uuid,
    user_id: Option<Uuid>,
    cidr: Option<String>,
    mode: String,
    reason: String,
    by_user_id: Uuid,
    created_at_ms: i64,
    until_ms: Option<i64>,
}

impl TryFrom<BanRow> for Ban {
    type Error = sqlx::Error;

    fn try_from(row: BanRow) -> Result<Self, sqlx::Error> {
        let range = row.cidr.as_deref().and_then(Range::parse);
        let subject = match (row.user_id, range) {
            (Some(user_id), _) => Subject::Account(UserId(user_id)),
            (None, Some(range)) => Subject::Range(range),
            (None, None) => return Err(sqlx::Error::Protocol("a ban of nothing".into())),
        };
        Ok(Self {
            ban_id: BanId(row.ban_id),
            subject,
            reason: row.reason,
            mode: Mode::from_stored(&row.mode),
            by: UserId(row.by_user_id),
            created_at_ms: row.created_at_ms,
            until_ms: row.until_ms,
        })
    }
}

fn columns(subject: Subject) -> (Option<Uuid>, Option<String>) {
    match subject {
        Subject::Account(user_id) => (Some(user_id.0), None),
        Subject::Range(range) => (None, Some(range.to_string())),
    }
}

/// Makes bans of one range wait for each other; those of an account wait for its lock.
pub(crate) async fn lock_range(
    conn: &mut PgConnection,
    tenant: &Tenant,
    range: Range,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"
        select pg_advisory_xact_lock(hashtextextended('ban/' || $1::text || '/' || $2::text, 0))::text
            as "locked?"
        "#,
        tenant.as_str(),
        range.to_string(),
    )
    .fetch_one(conn)
    .await?;
    Ok(())
}

/// Finds and locks the ban of a subject that has not ended, though its time may be over.
pub(crate) async fn lock_open_ban(
    conn: &mut PgConnection,
    tenant: &Tenant,
    subject: Subject,
) -> Result<Option<OpenBan>, sqlx::Error> {
    let (user_id, cidr) = columns(subject);
    let row = sqlx::query!(
        r#"
        select
            ban_id, user_id, cidr::text as cidr, mode, reason, by_user_id,
            (extract(epoch from created_at) * 1000)::bigint as "created_at_ms!",
            (extract(epoch from until) * 1000)::bigint as until_ms,
            coalesce(until <= now(), false) as "is_over!"
        from moderation.ban
        where tenant_id = $1 and ended_at is null and (user_id = $2 or cidr = $3::text::cidr)
        for update
        "#,
        tenant.as_str(),
        user_id,
        cidr,
    )
    .fetch_optional(conn)
    .await?;
    row.map(|row| {
        let is_over = row.is_over;
        let ban = BanRow {
            ban_id: row.ban_id,
            user_id: row.user_id,
            cidr: row.cidr,
            mode: row.mode,
            reason: row.reason,
            by_user_id: row.by_user_id,
            created_at_ms: row.created_at_ms,
            until_ms: row.until_ms,
        };
        Ok(OpenBan {
            ban: ban.try_into()?,
            is_over,
        })
    })
    .transpose()
}

pub(crate) async fn find_ban(
    conn: impl PgExecutor<'_>,
    tenant: &Tenant,
    ban_id: BanId,
) -> Result<Option<Ban>, sqlx::Error> {
    let row = sqlx::query_as!(
        BanRow,
        r#"
        select
            ban_id, user_id, cidr::text as cidr, mode, reason, by_user_id,
            (extract(epoch from created_at) * 1000)::bigint as "created_at_ms!",
            (extract(epoch from until) * 1000)::bigint as until_ms
        from moderation.ban
        where tenant_id = $1 and ban_id = $2
        "#,
        tenant.as_str(),
        ban_id.0,
    )
    .fetch_optional(conn)
    .await?;
    row.map(Ban::try_from).transpose()
}

/// Stores a new ban and returns it as it is stored.
pub(crate) async fn insert_ban(
    conn: &mut PgConnection,
    tenant: &Tenant,
    ban: &Ban,
) -> Result<Ban, sqlx::Error> {
    let (user_id, cidr) = columns(ban.subject);
    let row = sqlx::query_as!(
        BanRow,
        r#"
        insert into moderation.ban (tenant_id, ban_id, user_id, cidr, mode, reason, by_user_id, until)
        values ($1, $2, $3, $4::text::cidr, $5, $6, $7, to_timestamp($8::bigint / 1000.0))
        returning
            ban_id, user_id, cidr::text as cidr, mode, reason, by_user_id,
            (extract(epoch from created_at) * 1000)::bigint as "created_at_ms!",
            (extract(epoch from until) * 1000)::bigint as until_ms
        "#,
        tenant.as_str(),
        ban.ban_id.0,
        user_id,
        cidr,
        ban.mode.as_str(),
        ban.reason,
        ban.by.0,
        ban.until_ms,
    )
    .fetch_one(conn)
    .await?;
    row.try_into()
}

/// Puts another mode, reason and end in the place of an open ban's.
pub(crate) async fn update_ban(
    conn: &mut PgConnection,
    tenant: &Tenant,
    ban: &Ban,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"
        update moderation.ban
        set mode = $3, reason = $4, by_user_id = $5, until = to_timestamp($6::bigint / 1000.0)
        where tenant_id = $1 and ban_id = $2
        "#,
        tenant.as_str(),
        ban.ban_id.0,
        ban.mode.as_str(),
        ban.reason,
        ban.by.0,
        ban.until_ms,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Ends a ban: now, or when its time was over.
pub(crate) async fn update_ended(
    conn: &mut PgConnection,
    tenant: &Tenant,
    ban_id: BanId,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"
        update moderation.ban
        set ended_at = least(until, now())
        where tenant_id = $1 and ban_id = $2 and ended_at is null
        "#,
        tenant.as_str(),
        ban_id.0,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Ends bans whose time is over, of all tenants, leaving out those that someone else is at.
pub(crate) async fn update_over(
    conn: &mut PgConnection,
    limit: i64,
) -> Result<Vec<Ended>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"
        update moderation.ban b
        set ended_at = b.until
        from (
            select o.tenant_id, o.ban_id
            from moderation.ban o
            where o.ended_at is null and o.until <= now()
            order by o.until
            limit $1
            for update skip locked
        ) o
        where b.tenant_id = o.tenant_id and b.ban_id = o.ban_id
        returning b.tenant_id, b.user_id, b.mode
        "#,
        limit,
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            let tenant = row.tenant_id.parse();
            Ok(Ended {
                tenant: tenant.map_err(|_| sqlx::Error::Protocol("not a tenant".into()))?,
                user_id: row.user_id.map(UserId),
                mode: Mode::from_stored(&row.mode),
            })
        })
        .collect()
}

pub(crate) async fn list_bans(
    conn: impl PgExecutor<'_>,
    tenant: &Tenant,
    user_id: Option<UserId>,
    paging: &Paging<Uuid>,
) -> Result<Vec<Ban>, sqlx::Error> {
    let rows = sqlx::query_as!(
        BanRow,
        r#"
        select
            ban_id, user_id, cidr::text as cidr, mode, reason, by_user_id,
            (extract(epoch from created_at) * 1000)::bigint as "created_at_ms!",
            (extract(epoch from until) * 1000)::bigint as until_ms
        from moderation.ban
        where tenant_id = $1 and ended_at is null and (until is null or until > now())
            and ($2::uuid is null or user_id = $2) and ($3::uuid is null or ban_id < $3)
        order by ban_id desc
        limit $4
        "#,
        tenant.as_str(),
        user_id.map(|user_id| user_id.0),
        paging.after,
        paging.rows_to_read(),
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(Ban::try_from).collect()
}

/// Lists the bans that an account ever had, but for those it must not know of.
pub(crate) async fn list_told_bans(
    conn: impl PgExecutor<'_>,
    tenant: &Tenant,
    user_id: UserId,
) -> Result<Vec<Ban>, sqlx::Error> {
    let rows = sqlx::query_as!(
        BanRow,
        r#"
        select
            ban_id, user_id, cidr::text as cidr, mode, reason, by_user_id,
            (extract(epoch from created_at) * 1000)::bigint as "created_at_ms!",
            (extract(epoch from until) * 1000)::bigint as until_ms
        from moderation.ban
        where tenant_id = $1 and user_id = $2 and mode = 'enforce'
        order by ban_id
        limit 1000
        "#,
        tenant.as_str(),
        user_id.0,
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(Ban::try_from).collect()
}

pub(crate) async fn list_enforced_ranges(
    conn: impl PgExecutor<'_>,
) -> Result<Vec<EnforcedRange>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"
        select
            tenant_id, ban_id, cidr::text as "cidr!", mode,
            (extract(epoch from until) * 1000)::bigint as "until_ms!"
        from moderation.ban
        where ended_at is null and cidr is not null and until > now()
        order by tenant_id, ban_id
        "#
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| EnforcedRange {
            tenant: row.tenant_id,
            ban_id: BanId(row.ban_id),
            cidr: row.cidr,
            mode: Mode::from_stored(&row.mode),
            until_ms: row.until_ms,
        })
        .collect())
}

pub(crate) async fn list_shadowed_users(
    conn: impl PgExecutor<'_>,
) -> Result<Vec<ShadowedUser>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"
        select tenant_id as "tenant_id!", user_id as "user_id!"
        from moderation.shadow_ban
        order by tenant_id, user_id
        "#
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| ShadowedUser {
            tenant: row.tenant_id,
            user_id: UserId(row.user_id),
        })
        .collect())
}
