//! The contract function of moderation-svc: the record of moderators' acts.

use rpc::Caller;
use serde_json::Value;
use sqlx::PgConnection;

/// Records an act in the transaction that does it.
pub(crate) async fn insert_act(
    conn: &mut PgConnection,
    caller: &Caller,
    action: &str,
    subject: &str,
    detail: &Value,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"select moderation.record_act($1, $2, $3, $4, $5)::text as "recorded?""#,
        caller.tenant.as_str(),
        caller.user_id.0,
        action,
        subject,
        detail,
    )
    .fetch_one(conn)
    .await?;
    Ok(())
}
