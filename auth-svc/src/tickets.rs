//! Single-use tickets: how a browser's WebSocket proves who it is.

use ::rpc::Caller;
use secrecy::SecretString;

use crate::{
    App, Error,
    credentials::Rejection,
    db::tickets as db,
    secrets,
    sessions::{self, Identity},
};

/// How long a ticket waits for its connection, in seconds.
const LIFETIME_S: i32 = 30;

/// A ticket that was just made.
pub(crate) struct Issued {
    pub(crate) ticket: SecretString,
    pub(crate) expires_at_ms: i64,
}

/// Makes a ticket for the caller's session and one Origin.
pub(crate) async fn issue(app: &App, caller: &Caller, origin: &str) -> Result<Issued, Error> {
    sessions::of_caller(app, caller).await?;
    let fresh = secrets::generate(secrets::TICKET);
    let session = (&caller.tenant, caller.session_id);
    let expires_at_ms =
        db::insert_ticket(&app.db, &fresh.hash, session, origin, LIFETIME_S).await?;
    Ok(Issued {
        ticket: fresh.text,
        expires_at_ms,
    })
}

/// Uses a ticket up. Presented with another Origin it is spent as well: whoever holds it is not whom it was made for.
pub(crate) async fn consume(app: &App, ticket: &str, origin: &str) -> Result<Identity, Error> {
    let hash = secrets::hash_of(secrets::TICKET, ticket).ok_or(Rejection::Malformed)?;
    let row = db::delete_ticket(&app.db, &hash)
        .await?
        .ok_or(Rejection::Revoked)?;
    if row.is_expired {
        return Err(Rejection::Expired.into());
    }
    if row.origin != origin {
        return Err(Rejection::Malformed.into());
    }
    sessions::by_id(app, &row.tenant, row.session_id).await
}
