//! Where accounts were used from: for their owners' export and for administrators who judge a range of addresses.

use std::net::IpAddr;

use proto::id::{Tenant, UserId};
use serde::Serialize;
use sqlx::PgConnection;

use crate::{App, Error, db::addresses as db};

/// How long a sighting is kept after its last time.
pub(crate) const KEPT_DAYS: i32 = 90;

/// An address that an account was used from.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Sighting {
    /// The address as text.
    pub(crate) address: String,
    /// When it was seen first.
    pub(crate) first_seen_ms: i64,
    /// When it was seen last, give or take an hour.
    pub(crate) last_seen_ms: i64,
}

/// Notes that an account is used. An address that nobody knows is not noted.
pub(crate) async fn note(
    connection: &mut PgConnection,
    tenant: &Tenant,
    user_id: UserId,
    address: Option<IpAddr>,
) -> Result<(), Error> {
    if let Some(address) = address {
        db::insert_sighting(connection, tenant, user_id, address.to_canonical()).await?;
    }
    Ok(())
}

/// Notes that a credential was proved from an address. Whoever has proved it is let in, whether or not it can be noted.
pub(crate) async fn note_proof(
    app: &App,
    tenant: &Tenant,
    user_id: UserId,
    address: Option<IpAddr>,
) {
    if address.is_none() {
        return;
    }
    let noted = async {
        let mut connection = app.db.acquire().await?;
        note(&mut connection, tenant, user_id, address).await
    };
    if let Err(error) = noted.await {
        tracing::warn!(%error, "an address could not be noted");
    }
}
