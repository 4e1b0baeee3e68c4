//! SQL on `social.friend`.

use proto::id::{Tenant, UserId};
use sqlx::{PgConnection, PgExecutor};

use crate::{pages::Paging, people::Person};

pub(crate) async fn insert_friend(
    conn: &mut PgConnection,
    tenant: &Tenant,
    one: UserId,
    other: UserId,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"
        insert into social.friend (tenant_id, low_id, high_id)
        values ($1, least($2::uuid, $3::uuid), greatest($2::uuid, $3::uuid))
        "#,
        tenant.as_str(),
        one.0,
        other.0,
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(crate) async fn delete_friend(
    conn: &mut PgConnection,
    tenant: &Tenant,
    one: UserId,
    other: UserId,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"
        delete from social.friend
        where tenant_id = $1 and low_id = least($2::uuid, $3::uuid) and high_id = greatest($2::uuid, $3::uuid)
        "#,
        tenant.as_str(),
        one.0,
        other.0,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Deletes at most `limit` friendships of a person and returns the friends.
pub(crate) async fn delete_friends_of(
    conn: &mut PgConnection,
    tenant: &Tenant,
    user_id: UserId,
    limit: i64,
) -> Result<Vec<UserId>, sqlx::Error> {
    let friends = sqlx::query_scalar!(
        r#"
        delete from social.friend f
        using (
            select s.friend_id
            from social.friendship s
            where s.tenant_id = $1 and s.user_id = $2
            order by s.friend_id
            limit $3
        ) o
        where f.tenant_id = $1 and f.low_id = least($2, o.friend_id) and f.high_id = greatest($2, o.friend_id)
        returning o.friend_id as "friend_id!"
        "#,
        tenant.as_str(),
        user_id.0,
        limit,
    )
    .fetch_all(conn)
    .await?;
    Ok(friends.into_iter().map(UserId).collect())
}

pub(crate) async fn list_friends(
    conn: impl PgExecutor<'_>,
    tenant: &Tenant,
    user_id: UserId,
    paging: &Paging,
) -> Result<Vec<Person>, sqlx::Error> {
    let (after_name, after_id) = paging.start();
    let rows = sqlx::query!(
        r#"
        select p.user_id as "user_id!", p.name as "name!"
        from social.friendship f
        join auth.person p on p.tenant_id = f.tenant_id and p.user_id = f.friend_id
        where f.tenant_id = $1 and f.user_id = $2
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
    let people = rows.into_iter().map(|row| Person {
        user_id: UserId(row.user_id),
        name: row.name,
    });
    Ok(people.collect())
}

pub(crate) async fn count_friends(
    conn: impl PgExecutor<'_>,
    tenant: &Tenant,
    user_id: UserId,
) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"
        select count(*) as "friends!"
        from social.friendship f
        join auth.person p on p.tenant_id = f.tenant_id and p.user_id = f.friend_id
        where f.tenant_id = $1 and f.user_id = $2
        "#,
        tenant.as_str(),
        user_id.0,
    )
    .fetch_one(conn)
    .await
}
