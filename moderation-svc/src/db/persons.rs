//! The contract view `auth.person`: accounts that exist.

use proto::id::{Tenant, UserId};
use sqlx::PgExecutor;

use crate::users::{Person, UserRef};

pub(crate) async fn find_person(
    conn: impl PgExecutor<'_>,
    tenant: &Tenant,
    user: &UserRef,
) -> Result<Option<Person>, sqlx::Error> {
    let (user_id, name_folded) = match user {
        UserRef::Id(user_id) => (Some(user_id.0), None),
        UserRef::Name(name) => (None, Some(name.as_str())),
    };
    let row = sqlx::query!(
        r#"
        select user_id as "user_id!", is_admin as "is_admin!"
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
        is_admin: row.is_admin,
    }))
}
