//! A gateway that cannot be told stops by itself: bans, log-outs and departures come over the same bus as everything
//! else, and whoever must not hear any more must not hear more because that news is missing.

use std::{sync::Arc, time::Duration};

use proto::id::TENANT_FEED;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

use crate::App;

/// Between two confirmations.
const EVERY: Duration = Duration::from_secs(2);
/// Pause after one that failed.
const RETRY: Duration = Duration::from_millis(500);
/// How long one may take. The same whether the lease is over or not: with less, a gateway whose services are slow would
/// stay silent for as long as they are. With more, one that asked just before its bus came back would notice late.
const PATIENCE: Duration = Duration::from_secs(2);

/// Renews the lease again and again. When it ends, what waits in the connections' queues is taken back, and rooms are
/// silent until this gateway has been told everything that may forbid it to speak; sockets stay open.
pub async fn keep(app: Arc<App>, stop: CancellationToken) {
    tokio::join!(renew(&app, &stop), watch(&app, &stop));
}

async fn renew(app: &App, stop: &CancellationToken) {
    while !stop.is_cancelled() {
        let asked = Instant::now();
        let is_confirmed = matches!(timeout(PATIENCE, confirm(app)).await, Ok(Ok(())));
        if is_confirmed && app.enforced.lease.renew(asked) {
            tracing::info!(event_type = "thawed", "everything is known again");
            app.hub.thaw();
        }
        let pause = if is_confirmed { EVERY } else { RETRY };
        // Whether it was stopped is looked at above.
        let _ = timeout(pause, stop.cancelled()).await;
    }
}

/// Notices the end of the lease when it comes, whatever is being waited for.
async fn watch(app: &App, stop: &CancellationToken) {
    let lease = &app.enforced.lease;
    let mut is_frozen = false;
    while !stop.is_cancelled() {
        let is_over = lease.is_over();
        if is_over && !is_frozen {
            tracing::warn!(
                event_type = "frozen",
                "nothing was heard of bans and departures for too long, rooms are silent until it is"
            );
            app.hub.freeze();
        }
        is_frozen = is_over;
        // Then it was renewed meanwhile, or is over; one that is over is looked at again.
        let left = lease.left();
        let pause = if left.is_zero() { RETRY } else { left };
        let _ = timeout(pause, stop.cancelled()).await;
    }
}

async fn confirm(app: &App) -> Result<(), tonic::Status> {
    let mut feeds = app.hub.feeds();
    let tenants = app.enforced.followed().into_iter();
    feeds.extend(tenants.map(|tenant| (tenant, TENANT_FEED)));
    app.receiver.confirm(&feeds).await
}
