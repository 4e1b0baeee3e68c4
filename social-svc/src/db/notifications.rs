//! SQL on `social.notification_read` and `social.notification_mark`, beside the notifications in the log.

use proto::{
    event::Kind,
    id::{EventId, Tenant, UserId},
};
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

use crate::notifications::Notification;

/// More unread notifications than this are counted as this.
const UNREAD_MAX: i64 = 1_000;

pub(crate) async fn list_notifications(
    conn: impl PgExecutor<'_>,
    tenant: &Tenant,
    user_id: UserId,
    before: i64,
    limit: i64,
) -> Result<Vec<Notification>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"
        select
            e.seq,
            e.event_id,
            e.data::text as "data!",
            e.at,
            (r.seq is not null or e.seq <= coalesce(m.read_seq, 0)) as "is_read!"
        from stream.event e
        left join social.notification_mark m on m.tenant_id = e.tenant_id and m.user_id = e.stream_id
        left join social.notification_read r
            on r.tenant_id = e.tenant_id and r.user_id = e.stream_id and r.seq = e.seq
        where e.tenant_id = $1 and e.stream_id = $2 and e.kind = $3 and e.seq < $4
            and not exists (
                select 1
                from social.block_edge b
                where b.tenant_id = e.tenant_id and b.viewer_id = e.stream_id and b.hidden_id = e.actor
            )
        order by e.seq desc
        limit $5
        "#,
        tenant.as_str(),
        user_id.0,
        Kind::Notified.number(),
        before,
        limit,
    )
    .fetch_all(conn)
    .await?;
    let notifications = rows.into_iter().map(|row| Notification {
        event_id: EventId(row.event_id),
        seq: row.seq,
        data: row.data,
        at: row.at,
        is_read: row.is_read,
    });
    Ok(notifications.collect())
}

pub(crate) async fn count_unread(
    conn: impl PgExecutor<'_>,
    tenant: &Tenant,
    user_id: UserId,
) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"
        select count(*) as "unread!"
        from (
            select 1
            from stream.event e
            where e.tenant_id = $1 and e.stream_id = $2 and e.kind = $3
                and e.seq > coalesce(
                    (select m.read_seq from social.notification_mark m where m.tenant_id = $1 and m.user_id = $2),
                    0
                )
                and not exists (
                    select 1
                    from social.notification_read r
                    where r.tenant_id = e.tenant_id and r.user_id = e.stream_id and r.seq = e.seq
                )
                and not exists (
                    select 1
                    from social.block_edge b
                    where b.tenant_id = e.tenant_id and b.viewer_id = e.stream_id and b.hidden_id = e.actor
                )
            limit $4
        ) unread
        "#,
        tenant.as_str(),
        user_id.0,
        Kind::Notified.number(),
        UNREAD_MAX,
    )
    .fetch_one(conn)
    .await
}

/// Marks those of some notifications that were unread and returns how many they were.
pub(crate) async fn insert_read(
    conn: &mut PgConnection,
    tenant: &Tenant,
    user_id: UserId,
    ids: &[EventId],
) -> Result<u64, sqlx::Error> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let inserted = sqlx::query!(
        r#"
        insert into social.notification_read (tenant_id, user_id, seq)
        select e.tenant_id, e.stream_id, e.seq
        from stream.event e
        where e.tenant_id = $1 and e.stream_id = $2 and e.kind = $3 and e.event_id = any ($4)
            and e.seq > coalesce(
                (select m.read_seq from social.notification_mark m where m.tenant_id = $1 and m.user_id = $2),
                0
            )
        on conflict (tenant_id, user_id, seq) do nothing
        "#,
        tenant.as_str(),
        user_id.0,
        Kind::Notified.number(),
        &ids,
    )
    .execute(conn)
    .await?;
    Ok(inserted.rows_affected())
}

/// Moves the mark to the end of the feed.
pub(crate) async fn update_mark_to_head(
    conn: &mut PgConnection,
    tenant: &Tenant,
    user_id: UserId,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"
        insert into social.notification_mark as m (tenant_id, user_id, read_seq)
        select h.tenant_id, h.stream_id, h.seq
        from stream.head h
        where h.tenant_id = $1 and h.stream_id = $2
        on conflict (tenant_id, user_id) do update set read_seq = greatest(m.read_seq, excluded.read_seq)
        "#,
        tenant.as_str(),
        user_id.0,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Moves the mark up to the first notification that is unread, so that counting begins there.
pub(crate) async fn update_mark(
    conn: &mut PgConnection,
    tenant: &Tenant,
    user_id: UserId,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"
        insert into social.notification_mark as m (tenant_id, user_id, read_seq)
        select h.tenant_id, h.stream_id, coalesce(
            (
                select e.seq - 1
                from stream.event e
                where e.tenant_id = $1 and e.stream_id = $2 and e.kind = $3
                    and e.seq > coalesce(
                        (select o.read_seq from social.notification_mark o where o.tenant_id = $1 and o.user_id = $2),
                        0
                    )
                    and not exists (
                        select 1
                        from social.notification_read r
                        where r.tenant_id = e.tenant_id and r.user_id = e.stream_id and r.seq = e.seq
                    )
                order by e.seq
                limit 1
            ),
            h.seq
        )
        from stream.head h
        where h.tenant_id = $1 and h.stream_id = $2
        on conflict (tenant_id, user_id) do update set read_seq = greatest(m.read_seq, excluded.read_seq)
        "#,
        tenant.as_str(),
        user_id.0,
        Kind::Notified.number(),
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(crate) async fn delete_read_before_mark(
    conn: &mut PgConnection,
    tenant: &Tenant,
    user_id: UserId,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"
        delete from social.notification_read r
        using social.notification_mark m
        where r.tenant_id = $1 and r.user_id = $2
            and m.tenant_id = $1 and m.user_id = $2 and r.seq <= m.read_seq
        "#,
        tenant.as_str(),
        user_id.0,
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(crate) async fn delete_read_of(
    conn: &mut PgConnection,
    tenant: &Tenant,
    user_id: UserId,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "delete from social.notification_read where tenant_id = $1 and user_id = $2",
        tenant.as_str(),
        user_id.0,
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(crate) async fn delete_mark(
    conn: &mut PgConnection,
    tenant: &Tenant,
    user_id: UserId,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "delete from social.notification_mark where tenant_id = $1 and user_id = $2",
        tenant.as_str(),
        user_id.0,
    )
    .execute(conn)
    .await?;
    Ok(())
}
