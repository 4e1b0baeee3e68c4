//! SQL on `social.setting` and `social.policy`.

use proto::id::{Tenant, UserId};
use sqlx::{PgConnection, PgExecutor};

use crate::settings::{DirectFrom, StoredSetting};

pub(crate) async fn update_policy(
    conn: impl PgExecutor<'_>,
    direct_from: DirectFrom,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update social.policy set direct_from = $1 where direct_from <> $1",
        direct_from.as_str(),
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(crate) async fn insert_setting(
    conn: &mut PgConnection,
    tenant: &Tenant,
    user_id: UserId,
    direct_from: DirectFrom,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"
        insert into social.setting (tenant_id, user_id, direct_from)
        values ($1, $2, $3)
        on conflict (tenant_id, user_id) do update set direct_from = excluded.direct_from
        "#,
        tenant.as_str(),
        user_id.0,
        direct_from.as_str(),
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(crate) async fn delete_setting(
    conn: &mut PgConnection,
    tenant: &Tenant,
    user_id: UserId,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "delete from social.setting where tenant_id = $1 and user_id = $2",
        tenant.as_str(),
        user_id.0,
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(crate) async fn get_setting(
    conn: &mut PgConnection,
    tenant: &Tenant,
    user_id: UserId,
) -> Result<StoredSetting, sqlx::Error> {
    let row = sqlx::query!(
        r#"
        select s.direct_from as "chosen?", o.direct_from as policy
        from social.policy o
        left join social.setting s on s.tenant_id = $1 and s.user_id = $2
        "#,
        tenant.as_str(),
        user_id.0,
    )
    .fetch_one(conn)
    .await?;
    Ok(StoredSetting {
        chosen: row.chosen.as_deref().map(DirectFrom::from_stored),
        policy: DirectFrom::from_stored(&row.policy),
    })
}
