//! The contract view of auth-svc: which sessions are alive.

use rpc::Caller;
use sqlx::PgConnection;

/// Whether the session that a request came with is neither revoked nor expired.
pub(crate) async fn is_live(conn: &mut PgConnection, caller: &Caller) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"
        select exists (
            select 1
            from auth.live_session
            where tenant_id = $1 and session_id = $2 and user_id = $3
        ) as "is_live!"
        "#,
        caller.tenant.as_str(),
        caller.session_id.0,
        caller.user_id.0,
    )
    .fetch_one(conn)
    .await
}
