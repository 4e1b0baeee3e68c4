//! The contract views of auth-svc and our own: whether a person may act at all, and as an administrator.

use rpc::Caller;
use sqlx::{PgConnection, PgExecutor};

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

/// Refuses a caller who is no administrator now: their token may be older than their role.
pub(crate) async fn require_admin(conn: impl PgExecutor<'_>, caller: &Caller) -> Result<(), Error> {
    let is_admin = sqlx::query_scalar!(
        r#"
        select exists (
            select 1 from auth.person p where p.tenant_id = $1 and p.user_id = $2 and p.is_admin
        ) as "is_admin!"
        "#,
        caller.tenant.as_str(),
        caller.user_id.0,
    )
    .fetch_one(conn)
    .await?;
    if is_admin {
        Ok(())
    } else {
        Err(Error::AdminRequired)
    }
}
