//! SQL on `social.block`.

use proto::id::{Tenant, UserId};
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

use crate::{blocks::Block, bonds::Reach, pages::Paging, people::Person};

pub(crate) async fn insert_block(
    conn: &mut PgConnection,
    tenant: &Tenant,
    user_id: UserId,
    blocked: UserId,
    reach: Reach,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"
        insert into social.block (tenant_id, user_id, blocked_id, is_mutual)
        values ($1, $2, $3, $4)
        on conflict (tenant_id, user_id, blocked_id) do update set is_mutual = excluded.is_mutual
        "#,
        tenant.as_str(),
        user_id.0,
        blocked.0,
        reach.is_mutual(),
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(crate) async fn delete_block(
    conn: &mut PgConnection,
    tenant: &Tenant,
    user_id: UserId,
    blocked: UserId,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "delete from social.block where tenant_id = $1 and user_id = $2 and blocked_id = $3",
        tenant.as_str(),
        user_id.0,
        blocked.0,
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(crate) async fn delete_blocks_of(
    conn: &mut PgConnection,
    tenant: &Tenant,
    user_id: UserId,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "delete from social.block where tenant_id = $1 and (user_id = $2 or blocked_id = $2)",
        tenant.as_str(),
        user_id.0,
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(crate) async fn list_blocks(
    conn: impl PgExecutor<'_>,
    tenant: &Tenant,
    user_id: UserId,
    paging: &Paging,
) -> Result<Vec<Block>, sqlx::Error> {
    let (after_name, after_id) = paging.start();
    let rows = sqlx::query!(
        r#"
        select p.user_id as "user_id!", p.name as "name!", b.is_mutual, b.created_at
        from social.block b
        join auth.person p on p.tenant_id = b.tenant_id and p.user_id = b.blocked_id
        where b.tenant_id = $1 and b.user_id = $2
            and ($3::text is null or (p.name_folded collate "C", p.user_id) > ($3, $4::uuid))
        order by p.name_folded collate "C", p.user_id
        limit $5
        "#,
        tenant.as_str(),
        user_id.0,
        after_name,
        after_id,
        paging.rows_to_read(),
    )
    .fetch_all(conn)
    .await?;
    let blocks = rows.into_iter().map(|row| Block {
        user: Person {
            user_id: UserId(row.user_id),
            name: row.name,
        },
        reach: Reach::from_stored(row.is_mutual),
        created_at: row.created_at,
    });
    Ok(blocks.collect())
}

/// Lists everyone whose doings each of these people must not see, in the order given.
pub(crate) async fn list_hidden(
    conn: impl PgExecutor<'_>,
    viewers: &[(Tenant, UserId)],
) -> Result<Vec<Vec<UserId>>, sqlx::Error> {
    let tenants: Vec<&str> = viewers.iter().map(|(tenant, _)| tenant.as_str()).collect();
    let ids: Vec<Uuid> = viewers.iter().map(|(_, viewer)| viewer.0).collect();
    // One look per viewer: joined to them, the view would be read whole.
    let hidden = sqlx::query_scalar!(
        r#"
        select array(
            select edge.hidden_id
            from social.block_edge edge
            where edge.tenant_id = asked.tenant_id and edge.viewer_id = asked.viewer_id
            order by edge.hidden_id
        ) as "hidden_ids!"
        from unnest($1::text[], $2::uuid[]) with ordinality as asked (tenant_id, viewer_id, nth)
        order by asked.nth
        "#,
        &tenants as &[&str],
        &ids,
    )
    .fetch_all(conn)
    .await?;
    let of_viewer = |ids: Vec<Uuid>| ids.into_iter().map(UserId).collect();
    Ok(hidden.into_iter().map(of_viewer).collect())
}

pub(crate) async fn count_blocks(
    conn: impl PgExecutor<'_>,
    tenant: &Tenant,
    user_id: UserId,
) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"
        select count(*) as "blocked!"
        from social.block b
        join auth.person p on p.tenant_id = b.tenant_id and p.user_id = b.blocked_id
        where b.tenant_id = $1 and b.user_id = $2
        "#,
        tenant.as_str(),
        user_id.0,
    )
    .fetch_one(conn)
    .await
}
