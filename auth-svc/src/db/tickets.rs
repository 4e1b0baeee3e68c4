//! SQL on `auth.ticket`.

use proto::id::{SessionId, Tenant};
use sqlx::PgExecutor;

/// A ticket that was just used up.
pub(crate) struct Used {
    pub(crate) tenant: Tenant,
    pub(crate) session_id: SessionId,
    pub(crate) origin: String,
    pub(crate) is_expired: bool,
}

/// Returns the ticket's end.
pub(crate) async fn insert_ticket(
    db: impl PgExecutor<'_>,
    ticket_hash: &[u8],
    (tenant, session_id): (&Tenant, SessionId),
    origin: &str,
    lifetime_s: i32,
) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"
        insert into auth.ticket (ticket_hash, tenant_id, session_id, origin, expires_at)
        values ($1, $2, $3, $4, now() + make_interval(secs => $5::integer))
        returning (extract(epoch from expires_at) * 1000)::bigint as "expires_at_ms!"
        "#,
        ticket_hash,
        tenant.as_str(),
        session_id.0,
        origin,
        lifetime_s,
    )
    .fetch_one(db)
    .await
}

/// Deletes and returns a ticket: of two callers with the same one, one gets nothing.
pub(crate) async fn delete_ticket(
    db: impl PgExecutor<'_>,
    ticket_hash: &[u8],
) -> Result<Option<Used>, sqlx::Error> {
    let row = sqlx::query!(
        r#"
        delete from auth.ticket
        where ticket_hash = $1
        returning tenant_id, session_id, origin, expires_at <= now() as "is_expired!"
        "#,
        ticket_hash,
    )
    .fetch_optional(db)
    .await?;
    row.map(|row| {
        let tenant = row
            .tenant_id
            .parse()
            .map_err(|error| sqlx::Error::Decode(Box::new(error)))?;
        Ok(Used {
            tenant,
            session_id: SessionId(row.session_id),
            origin: row.origin,
            is_expired: row.is_expired,
        })
    })
    .transpose()
}

/// Deletes tickets that nobody used. They stay a while, so that a late one is told apart from a forged one.
pub(crate) async fn delete_expired_tickets(db: impl PgExecutor<'_>) -> Result<(), sqlx::Error> {
    sqlx::query!("delete from auth.ticket where expires_at < now() - interval '10 minutes'")
        .execute(db)
        .await?;
    Ok(())
}
