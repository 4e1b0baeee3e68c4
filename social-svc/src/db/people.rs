//! The contract views of auth-svc and room-svc: who people are, and whether they meet in a room.

use proto::id::{Tenant, UserId};
use sqlx::PgConnection;

use crate::people::{Person, UserRef};

pub(crate) async fn find_person(
    conn: &mut PgConnection,
    tenant: &Tenant,
    user: &UserRef,
) -> Result<Option<Person>, sqlx::Error> {
    let (user_id, name_folded) = match user {
        UserRef::Id(user_id) => (Some(user_id.0), None),
        UserRef::Name(name) => (None, Some(name.as_str())),
    };
    let row = sqlx::query!(
        r#"
        select user_id as "user_id!", name as "name!"
        from auth.person
        where tenant_id = $1 and (user_id = $2 or name_folded = $3)
        "#,
        tenant.as_str(),
        user_id,
        name_folded,
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| Person {
        user_id: UserId(row.user_id),
        name: row.name,
    }))
}

pub(crate) async fn is_sharing_room(
    conn: &mut PgConnection,
    tenant: &Tenant,
    one: UserId,
    other: UserId,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select social.share_room($1, $2, $3) as "is_sharing!""#,
        tenant.as_str(),
        one.0,
        other.0,
    )
    .fetch_one(conn)
    .await
}
