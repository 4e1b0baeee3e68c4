//! The contract view `auth.sighting`: from which addresses people came in the last 30 days.

use proto::id::{Tenant, UserId};
use sqlx::PgExecutor;

use crate::{previews::Reach, ranges::Range};

pub(crate) async fn is_seen_in(
    conn: impl PgExecutor<'_>,
    tenant: &Tenant,
    user_id: UserId,
    range: Range,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"
        select exists (
            select 1
            from auth.sighting s
            where s.tenant_id = $1 and s.user_id = $2 and s.address <<= $3::text::cidr
                and s.last_seen_at > now() - interval '30 days'
        ) as "is_seen!"
        "#,
        tenant.as_str(),
        user_id.0,
        range.to_string(),
    )
    .fetch_one(conn)
    .await
}

pub(crate) async fn count_users(
    conn: impl PgExecutor<'_>,
    tenant: &Tenant,
    range: Range,
) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"
        select count(distinct p.user_id) as "users!"
        from auth.sighting s
        join auth.person p on p.tenant_id = s.tenant_id and p.user_id = s.user_id
        where s.tenant_id = $1 and s.address <<= $2::text::cidr
            and s.last_seen_at > now() - interval '30 days'
        "#,
        tenant.as_str(),
        range.to_string(),
    )
    .fetch_one(conn)
    .await
}

/// Counts whom a ban of a range would hit, how many of them are administrators, and how many were reported lately.
pub(crate) async fn count_reach(
    conn: impl PgExecutor<'_>,
    tenant: &Tenant,
    range: Range,
) -> Result<Reach, sqlx::Error> {
    let row = sqlx::query!(
        r#"
        with hit as (
            select distinct p.user_id, p.is_admin
            from auth.sighting s
            join auth.person p on p.tenant_id = s.tenant_id and p.user_id = s.user_id
            where s.tenant_id = $1 and s.address <<= $2::text::cidr
                and s.last_seen_at > now() - interval '30 days'
        )
        select
            count(*) as "users!",
            count(*) filter (where hit.is_admin) as "admins!",
            count(*) filter (
                where exists (
                    select 1
                    from moderation.report r
                    where r.tenant_id = $1 and r.user_id = hit.user_id
                        and r.created_at > now() - interval '7 days'
                )
            ) as "reported!"
        from hit
        "#,
        tenant.as_str(),
        range.to_string(),
    )
    .fetch_one(conn)
    .await?;
    Ok(Reach {
        users: row.users,
        admins: row.admins,
        reported: row.reported,
    })
}

pub(crate) async fn list_names(
    conn: impl PgExecutor<'_>,
    tenant: &Tenant,
    range: Range,
    limit: i64,
) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"
        select distinct p.name as "name!"
        from auth.sighting s
        join auth.person p on p.tenant_id = s.tenant_id and p.user_id = s.user_id
        where s.tenant_id = $1 and s.address <<= $2::text::cidr
            and s.last_seen_at > now() - interval '30 days'
        order by 1
        limit $3
        "#,
        tenant.as_str(),
        range.to_string(),
        limit,
    )
    .fetch_all(conn)
    .await
}
