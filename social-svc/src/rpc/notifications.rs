//! Notifications, on the wire.

use proto::{
    event::Notified,
    social::{
        ListNotificationsRequest, ListNotificationsResponse, Notification as WireNotification,
        ReadNotificationsRequest, ReadNotificationsResponse,
    },
};
use rpc::{Caller, field_invalid};
use tonic::{Request, Response, Status};

use super::{Answer, key, limit};
use crate::{
    App,
    notifications::{self, IDS_MAX, Notification, Reading},
    times::millis,
};

pub(super) async fn list_notifications(
    app: &App,
    request: Request<ListNotificationsRequest>,
) -> Answer<ListNotificationsResponse> {
    let caller = Caller::of(&request)?;
    let request = request.into_inner();
    let before = before(&request.page)?;
    let page = notifications::list(app, &caller, before, limit(request.limit)?).await?;
    Ok(Response::new(ListNotificationsResponse {
        notifications: page.rows.into_iter().map(WireNotification::from).collect(),
        next_page: page.next.map(|seq| seq.to_string()).unwrap_or_default(),
    }))
}

pub(super) async fn read_notifications(
    app: &App,
    request: Request<ReadNotificationsRequest>,
) -> Answer<ReadNotificationsResponse> {
    let caller = Caller::of(&request)?;
    let unread = notifications::read(app, &caller, request.into_inner().try_into()?).await?;
    Ok(Response::new(ReadNotificationsResponse { unread }))
}

fn before(page: &str) -> Result<Option<i64>, Status> {
    if page.is_empty() {
        return Ok(None);
    }
    let seq = page.parse().ok().filter(|seq| *seq > 0);
    seq.map(Some)
        .ok_or_else(|| field_invalid("page", "not a page of this list"))
}

impl TryFrom<ReadNotificationsRequest> for Reading {
    type Error = Status;

    fn try_from(request: ReadNotificationsRequest) -> Result<Self, Status> {
        if request.notification_ids.len() > IDS_MAX {
            return Err(field_invalid("ids", "at most 200 notifications at once"));
        }
        let ids = request.notification_ids.iter().map(|text| text.parse());
        let ids: Result<Vec<_>, _> = ids.collect();
        Ok(Self {
            key: key(request.key)?,
            ids: ids.map_err(|_| field_invalid("ids", "ids of notifications"))?,
        })
    }
}

impl From<Notification> for WireNotification {
    fn from(notification: Notification) -> Self {
        let told: Option<Notified> = serde_json::from_str(&notification.data).ok();
        let (kind, title, body, data) = told
            .map(|told| (told.kind, told.title, told.body, told.data.to_string()))
            .unwrap_or_default();
        Self {
            notification_id: notification.event_id.to_string(),
            kind,
            title,
            body,
            data: data.into(),
            at_ms: millis(notification.at),
            is_read: notification.is_read,
        }
    }
}
