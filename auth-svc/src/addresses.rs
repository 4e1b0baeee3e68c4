//! Where accounts were used from: for their owners' export and for administrators who judge a range of addresses.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use parking_lot::Mutex;
use proto::id::{Tenant, UserId};
use serde::Serialize;
use sqlx::PgConnection;

use crate::{App, Error, db::addresses as db};

/// How long a sighting is kept after its last time.
pub(crate) const KEPT_DAYS: i32 = 90;

/// A proof from the same address is not written again within this: for an hour it would change nothing.
const NOTED_FOR: Duration = Duration::from_secs(10 * 60);
/// Most pairs that are remembered. Then all are forgotten, and written once more.
const NOTED_MAX: usize = 50_000;

/// Which accounts this process noted from which addresses lately: a crowd that comes back at once writes nothing.
#[derive(Clone, Default)]
pub(crate) struct Noted {
    since: Arc<Mutex<HashMap<Pair, Instant>>>,
}

type Pair = (Tenant, UserId, IpAddr);

impl Noted {
    fn is_recent(&self, pair: &Pair, now: Instant) -> bool {
        let since = self.since.lock();
        let noted = since.get(pair);
        noted.is_some_and(|noted| now.saturating_duration_since(*noted) < NOTED_FOR)
    }

    fn remember(&self, pair: Pair, now: Instant) {
        let mut since = self.since.lock();
        if since.len() >= NOTED_MAX {
            since.clear();
        }
        since.insert(pair, now);
    }
}

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
    let Some(address) = address else {
        return;
    };
    let (pair, now) = ((tenant.clone(), user_id, address), Instant::now());
    if app.noted.is_recent(&pair, now) {
        return;
    }
    let seen = (tenant.clone(), user_id, address.to_canonical());
    match app.crowd.sightings.ask(seen).await {
        Ok(()) => app.noted.remember(pair, now),
        Err(error) => tracing::warn!(%error, "an address could not be noted"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_is_written_again_after_a_while_and_few_are_remembered() {
        let (noted, now) = (Noted::default(), Instant::now());
        let pair = |address: u32| {
            let address = std::net::Ipv4Addr::from_bits(address).into();
            (Tenant::default_tenant(), UserId(uuid::Uuid::nil()), address)
        };
        assert!(!noted.is_recent(&pair(1), now));
        noted.remember(pair(1), now);
        assert!(noted.is_recent(&pair(1), now + Duration::from_secs(599)));
        assert!(!noted.is_recent(&pair(1), now + NOTED_FOR));
        assert!(!noted.is_recent(&pair(2), now), "another address");
        for address in 0..NOTED_MAX as u32 {
            noted.remember(pair(address), now);
        }
        assert!(noted.since.lock().len() <= NOTED_MAX);
    }
}
