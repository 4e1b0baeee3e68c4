//! What a person was told while they looked elsewhere.

use proto::social::{ListNotificationsRequest, Notification, ReadNotificationsRequest};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{
    Answer, Context, Failure, Paging, ask, change,
    routes::{Route, route},
    view,
};
use crate::frame::Frame;

pub(super) const ROUTES: &[Route] = &[route!("notify.list" => list), route!("notify.read" => read)];

#[derive(Serialize)]
struct NotificationView<'a> {
    id: &'a str,
    kind: &'a str,
    title: &'a str,
    body: &'a str,
    data: Box<RawValue>,
    at: i64,
    read: bool,
}

impl<'a> From<&'a Notification> for NotificationView<'a> {
    fn from(notification: &'a Notification) -> Self {
        Self {
            id: &notification.notification_id,
            kind: &notification.kind,
            title: &notification.title,
            body: &notification.body,
            data: view::object(&notification.data),
            at: notification.at_ms,
            read: notification.is_read,
        }
    }
}

#[derive(Serialize)]
struct Listed<'a> {
    notifications: Vec<NotificationView<'a>>,
    #[serde(skip_serializing_if = "str::is_empty")]
    next: &'a str,
}

async fn list(context: &Context, frame: &Frame) -> Result<Answer, Failure> {
    let Paging { page, limit } = frame.payload()?;
    let question = ListNotificationsRequest {
        page: page.unwrap_or_default(),
        limit: limit.unwrap_or_default(),
    };
    let mut service = context.app.social.clone();
    let answer = ask(context, question, |request| async move {
        service.list_notifications(request).await
    })
    .await?;
    let notifications = answer.notifications.iter();
    Answer::of(&Listed {
        notifications: notifications.map(NotificationView::from).collect(),
        next: &answer.next_page,
    })
}

#[derive(Deserialize)]
struct Read {
    ids: Vec<String>,
}

#[derive(Serialize)]
struct Left {
    unread: i64,
}

async fn read(context: &Context, frame: &Frame) -> Result<Answer, Failure> {
    let key = frame.key()?;
    let Read { ids } = frame.payload()?;
    let message = ReadNotificationsRequest {
        notification_ids: ids,
        key,
    };
    let answer = change(context, message, |request| {
        let mut service = context.app.social.clone();
        async move { service.read_notifications(request).await }
    })
    .await?;
    Answer::of(&Left {
        unread: answer.unread,
    })
}
