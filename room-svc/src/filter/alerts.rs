//! Tells moderation-svc what alert-only filters caught.

use std::time::Duration;

use proto::{
    id::{EventId, FilterId, RoomId, Tenant, UserId},
    moderation::{FileAlertRequest, moderation_service_client::ModerationServiceClient},
};
use rpc::NatsChannel;
use tokio::{sync::mpsc, time::sleep};
use tokio_util::sync::CancellationToken;

/// How often an alert is tried. It names its message, so a repeat files nothing twice.
const ATTEMPTS: u32 = 5;
/// The pause between two tries.
const PAUSE: Duration = Duration::from_secs(1);

/// A message that a filter caught.
#[derive(Debug, Clone)]
pub(crate) struct Alert {
    pub(crate) tenant: Tenant,
    pub(crate) filter_id: FilterId,
    pub(crate) message_id: EventId,
    pub(crate) room_id: RoomId,
    pub(crate) user_id: UserId,
    pub(crate) snapshot: String,
}

impl From<Alert> for FileAlertRequest {
    fn from(alert: Alert) -> Self {
        Self {
            tenant: alert.tenant.to_string(),
            filter_id: alert.filter_id.to_string(),
            message_id: alert.message_id.to_string(),
            room_id: alert.room_id.to_string(),
            user_id: alert.user_id.to_string(),
            snapshot: alert.snapshot,
        }
    }
}

/// Files alerts, one after the other. What waits when the process stops is lost and counted.
pub(super) async fn file(
    moderation: ModerationServiceClient<NatsChannel>,
    mut waiting: mpsc::Receiver<Alert>,
    stop: CancellationToken,
) {
    while let Some(Some(alert)) = stop.run_until_cancelled(waiting.recv()).await {
        if !file_one(&moderation, alert, &stop).await {
            metrics::counter!("room_alert_dropped_total").increment(1);
        }
    }
    waiting.close();
    while waiting.try_recv().is_ok() {
        metrics::counter!("room_alert_dropped_total").increment(1);
    }
}

async fn file_one(
    moderation: &ModerationServiceClient<NatsChannel>,
    alert: Alert,
    stop: &CancellationToken,
) -> bool {
    let request = FileAlertRequest::from(alert);
    for attempt in 1..=ATTEMPTS {
        match moderation.clone().file_alert(request.clone()).await {
            Ok(_) => return true,
            Err(status) if attempt == ATTEMPTS => {
                tracing::warn!(%status, "an alert could not be filed");
            }
            Err(_) if stop.run_until_cancelled(sleep(PAUSE)).await.is_none() => return false,
            Err(_) => {}
        }
    }
    false
}
