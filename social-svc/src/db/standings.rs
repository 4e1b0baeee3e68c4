//! The contract views of auth-svc and moderation-svc: whether a person may act at all.

use rpc::Caller;
use sqlx::PgConnection;

use crate::Error;

/// Refuses a caller whose session has ended or who is banned.
pub(crate) async fn require_active(conn: &mut PgConnection, caller: &Caller) -> Result<(), Error> {
    let row = sqlx::query!(
        r#"
        select
            exists (
                select 1
                from auth.live_session s
                where s.tenant_id = $1 and s.session_id = $2 and s.user_id = $3
            ) as "is_live!",
            exists (
                select 1 from moderation.active_ban b where b.tenant_id = $1 and b.user_id = $3
            ) as "is_banned!"
        "#,
        caller.tenant.as_str(),
        caller.session_id.0,
        caller.user_id.0,
    )
    .fetch_one(conn)
    .await?;
    if row.is_banned {
        Err(Error::Banned)
    } else if row.is_live {
        Ok(())
    } else {
        Err(Error::SessionEnded)
    }
}
