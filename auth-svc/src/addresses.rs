//! Where accounts were used from: for their owners' export and for administrators who judge a range of addresses.

use std::net::IpAddr;

use serde::Serialize;
use sqlx::PgConnection;

use crate::{Error, accounts::Account, db::addresses as db};

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
    account: &Account,
    address: Option<IpAddr>,
) -> Result<(), Error> {
    if let Some(address) = address {
        let address = address.to_canonical();
        db::insert_sighting(connection, &account.tenant, account.user_id, address).await?;
    }
    Ok(())
}
