//! The contracts of moderation-svc: who is banned, and the audit log.

use proto::id::{Tenant, UserId};
use serde_json::Value;
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

/// Whether moderation-svc has published what this service asks; its migrations may run after ours.
pub(crate) async fn is_published(db: impl PgExecutor<'_>) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select to_regclass('moderation.active_ban') is not null as "is_published!""#
    )
    .fetch_one(db)
    .await
}

pub(crate) async fn is_banned(
    db: impl PgExecutor<'_>,
    tenant: &Tenant,
    user_id: UserId,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"
        select exists (
            select 1 from moderation.active_ban ban where ban.tenant_id = $1 and ban.user_id = $2
        ) as "is_banned!"
        "#,
        tenant.as_str(),
        user_id.0,
    )
    .fetch_one(db)
    .await
}

/// Says of each of these people whether they are banned, in the order given.
pub(crate) async fn list_banned(
    db: impl PgExecutor<'_>,
    people: &[(Tenant, UserId)],
) -> Result<Vec<bool>, sqlx::Error> {
    let tenants: Vec<&str> = people.iter().map(|(tenant, _)| tenant.as_str()).collect();
    let ids: Vec<Uuid> = people.iter().map(|(_, user_id)| user_id.0).collect();
    sqlx::query_scalar!(
        r#"
        select exists (
            select 1 from moderation.active_ban ban
            where ban.tenant_id = asked.tenant_id and ban.user_id = asked.user_id
        ) as "is_banned!"
        from unnest($1::text[], $2::uuid[]) with ordinality as asked (tenant_id, user_id, nth)
        order by asked.nth
        "#,
        &tenants as &[&str],
        &ids,
    )
    .fetch_all(db)
    .await
}

/// Writes an act into the audit log, in the transaction of the act.
pub(crate) async fn insert_act(
    connection: &mut PgConnection,
    tenant: &Tenant,
    actor: UserId,
    action: &str,
    subject: UserId,
    detail: &Value,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "select moderation.record_act($1, $2, $3, $4, $5)",
        tenant.as_str(),
        actor.0,
        action,
        subject.to_string(),
        detail,
    )
    .execute(connection)
    .await?;
    Ok(())
}
