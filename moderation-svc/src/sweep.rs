//! Background work: bans whose time is over, and connections that nobody reports any more.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::{App, lifts};

/// How often bans that are over are looked for. Whether a ban is in force does not depend on it.
const BANS_EVERY: Duration = Duration::from_secs(2);
/// How often connections that are dead are forgotten.
const CONNECTIONS_EVERY: Duration = Duration::from_secs(10);

/// Ends bans that are over until `stop`. Replicas share the work: each takes rows that no other holds.
pub(crate) async fn bans(app: App, stop: CancellationToken) {
    while pause(BANS_EVERY, &stop).await {
        if let Err(error) = lifts::end_over(&app).await {
            tracing::warn!(%error, "bans that are over were not ended");
        }
    }
}

/// Forgets dead connections until `stop`. Replicas do not coordinate: forgetting twice harms nobody.
pub(crate) async fn connections(app: App, stop: CancellationToken) {
    while pause(CONNECTIONS_EVERY, &stop).await {
        if let Err(error) = app.registry.sweep().await {
            tracing::warn!(%error, "dead connections were not forgotten");
        }
    }
}

/// Waits; false means that it is time to stop.
async fn pause(time: Duration, stop: &CancellationToken) -> bool {
    stop.run_until_cancelled(tokio::time::sleep(time))
        .await
        .is_some()
}
