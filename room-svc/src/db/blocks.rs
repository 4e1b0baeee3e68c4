//! The contracts of social-svc and moderation-svc: who is told of whose doings, and who may write to whom.

use proto::id::{Tenant, UserId};
use sqlx::PgConnection;

/// Whether a person must not learn of another's doings: by a block, or because the other is hidden from everyone.
pub(crate) async fn is_hidden(
    conn: &mut PgConnection,
    tenant: &Tenant,
    viewer: UserId,
    other: UserId,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"
        select
            exists (
                select 1
                from social.block_edge b
                where b.tenant_id = $1 and b.viewer_id = $2 and b.hidden_id = $3
            )
            or exists (
                select 1 from moderation.shadow_ban s where s.tenant_id = $1 and s.user_id = $3
            ) as "is_hidden!"
        "#,
        tenant.as_str(),
        viewer.0,
        other.0,
    )
    .fetch_one(conn)
    .await
}

/// Whether a person may begin a direct conversation with another.
pub(crate) async fn is_reachable(
    conn: &mut PgConnection,
    tenant: &Tenant,
    sender: UserId,
    recipient: UserId,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select social.may_message($1, $2, $3) as "is_reachable!""#,
        tenant.as_str(),
        sender.0,
        recipient.0,
    )
    .fetch_one(conn)
    .await
}
