//! Signs of life: whoever hears them hears announcements, too.

use std::time::Duration;

use async_nats::HeaderMap;
use proto::{stream::Beat, subject};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

/// How often. A tenth of the silence that makes a receiver compare, so that single losses do not.
const EVERY: Duration = Duration::from_millis(500);

pub(super) async fn beat(nats: async_nats::Client, stop: CancellationToken) {
    let (subject, announcer) = (subject::beats(), rand::random());
    let mut tick = interval(EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while stop.run_until_cancelled(tick.tick()).await.is_some() {
        super::publish(&nats, &subject, HeaderMap::new(), &Beat { announcer }).await;
    }
}
