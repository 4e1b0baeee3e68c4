//! SQL on `social.presence`.

use std::collections::HashMap;

use proto::id::{Tenant, UserId};
use sqlx::{PgConnection, PgExecutor};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::presence::{Chosen, Mood, Visible, Who};

/// The columns of a list of people.
fn columns(people: &[Who]) -> (Vec<String>, Vec<Uuid>) {
    let pairs = people
        .iter()
        .map(|who| (who.tenant.to_string(), who.user_id.0));
    pairs.unzip()
}

/// Reads whom a row is of. Tenants are stored as they were checked on entry.
fn who(tenant: &str, user_id: Uuid) -> Option<Who> {
    Some(Who {
        tenant: tenant.parse().ok()?,
        user_id: UserId(user_id),
    })
}

pub(crate) async fn insert_chosen(
    conn: &mut PgConnection,
    tenant: &Tenant,
    user_id: UserId,
    chosen: &Chosen,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"
        insert into social.presence (tenant_id, user_id, status, text, until, last_seen_at)
        values ($1, $2, $3, $4, $5, $6)
        on conflict (tenant_id, user_id) do update
        set status = excluded.status, text = excluded.text, until = excluded.until, last_seen_at = excluded.last_seen_at
        "#,
        tenant.as_str(),
        user_id.0,
        chosen.mood.as_str(),
        chosen.text,
        chosen.until,
        chosen.last_seen_at,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Writes when people left, unless nobody knew that they were there. In one order, so that two replicas never wait for
/// each other.
pub(crate) async fn update_last_seen(
    conn: impl PgExecutor<'_>,
    people: &[Who],
    at: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    let (tenants, users) = columns(people);
    sqlx::query!(
        r#"
        insert into social.presence as s (tenant_id, user_id, last_seen_at)
        select p.tenant_id, p.user_id, $3
        from unnest($1::text[], $2::uuid[]) as i (tenant_id, user_id)
        join auth.person p on p.tenant_id = i.tenant_id and p.user_id = i.user_id
        order by p.tenant_id, p.user_id
        on conflict (tenant_id, user_id) do update
        set last_seen_at = excluded.last_seen_at
        where not (s.status = 'invisible' and (s.until is null or s.until > $3))
        "#,
        &tenants,
        &users,
        at,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Ends chosen statuses whose time is over and returns whose they were.
pub(crate) async fn update_ended(
    conn: impl PgExecutor<'_>,
    limit: i64,
) -> Result<Vec<Who>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"
        update social.presence p
        set status = 'online', text = '', until = null
        from (
            select tenant_id, user_id
            from social.presence
            where until <= now()
            limit $1
            for update skip locked
        ) o
        where p.tenant_id = o.tenant_id and p.user_id = o.user_id
        returning p.tenant_id, p.user_id
        "#,
        limit,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .filter_map(|row| who(&row.tenant_id, row.user_id))
        .collect())
}

pub(crate) async fn delete_chosen(
    conn: &mut PgConnection,
    tenant: &Tenant,
    user_id: UserId,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "delete from social.presence where tenant_id = $1 and user_id = $2",
        tenant.as_str(),
        user_id.0,
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(crate) async fn find_chosen(
    conn: &mut PgConnection,
    tenant: &Tenant,
    user_id: UserId,
) -> Result<Option<Chosen>, sqlx::Error> {
    let row = sqlx::query!(
        r#"
        select status, text, until, last_seen_at
        from social.presence
        where tenant_id = $1 and user_id = $2
        "#,
        tenant.as_str(),
        user_id.0,
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| Chosen {
        mood: Mood::from_stored(&row.status),
        text: row.text,
        until: row.until,
        last_seen_at: row.last_seen_at,
    }))
}

pub(crate) async fn list_chosen(
    conn: impl PgExecutor<'_>,
    people: &[Who],
) -> Result<HashMap<Who, Chosen>, sqlx::Error> {
    let (tenants, users) = columns(people);
    let rows = sqlx::query!(
        r#"
        select p.tenant_id, p.user_id, p.status, p.text, p.until, p.last_seen_at
        from unnest($1::text[], $2::uuid[]) as i (tenant_id, user_id)
        join social.presence p on p.tenant_id = i.tenant_id and p.user_id = i.user_id
        "#,
        &tenants,
        &users,
    )
    .fetch_all(conn)
    .await?;
    let chosen = rows.into_iter().filter_map(|row| {
        let chosen = Chosen {
            mood: Mood::from_stored(&row.status),
            text: row.text,
            until: row.until,
            last_seen_at: row.last_seen_at,
        };
        Some((who(&row.tenant_id, row.user_id)?, chosen))
    });
    Ok(chosen.collect())
}

/// Lists those of some people whom a viewer may see: themselves, friends and people in a common room, without a block in
/// either direction.
pub(crate) async fn list_visible(
    conn: impl PgExecutor<'_>,
    tenant: &Tenant,
    viewer: UserId,
    people: &[UserId],
) -> Result<Vec<Visible>, sqlx::Error> {
    let people: Vec<Uuid> = people.iter().map(|user_id| user_id.0).collect();
    let rows = sqlx::query!(
        r#"
        select
            i.user_id as "user_id!",
            p.status as "status?",
            p.text as "text?",
            p.until,
            p.last_seen_at,
            exists (
                select 1
                from moderation.shadow_ban s
                where s.tenant_id = $1 and s.user_id = i.user_id and i.user_id <> $2
            ) as "is_shadowed!"
        from unnest($3::uuid[]) as i (user_id)
        left join social.presence p on p.tenant_id = $1 and p.user_id = i.user_id
        where i.user_id = $2 or (
            not exists (
                select 1 from social.block b
                where b.tenant_id = $1 and b.user_id = $2 and b.blocked_id = i.user_id
            )
            and not exists (
                select 1 from social.block b
                where b.tenant_id = $1 and b.user_id = i.user_id and b.blocked_id = $2
            )
            and (
                exists (
                    select 1 from social.friend f
                    where f.tenant_id = $1 and f.low_id = least(i.user_id, $2) and f.high_id = greatest(i.user_id, $2)
                )
                or social.share_room($1, $2, i.user_id)
            )
        )
        "#,
        tenant.as_str(),
        viewer.0,
        &people,
    )
    .fetch_all(conn)
    .await?;
    let visible = rows.into_iter().map(|row| Visible {
        user_id: UserId(row.user_id),
        chosen: Chosen {
            mood: row
                .status
                .as_deref()
                .map(Mood::from_stored)
                .unwrap_or_default(),
            text: row.text.unwrap_or_default(),
            until: row.until,
            last_seen_at: row.last_seen_at,
        },
        is_shadowed: row.is_shadowed,
    });
    Ok(visible.collect())
}
