//! What a person was told while they looked elsewhere.

use proto::{
    social::{ListNotificationsRequest, Notification, ReadNotificationsRequest},
    words::NotificationKind,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, value::RawValue};

use super::{
    Answer, Context, Failure, Paging, ask, change,
    row::{Route, keyed, route},
    view,
};

pub(super) const ROUTES: &[Route] = &[
    route!("notify.list" => list, Paging => Listed<'_>),
    keyed!("notify.read" => read, Read => Left),
];

/// Something a person was told.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Notification")]
struct NotificationView<'a> {
    /// Its id.
    id: &'a str,
    /// What it is about.
    #[schemars(with = "NotificationKind")]
    kind: &'a str,
    /// One line.
    title: &'a str,
    /// A few words of what it is about.
    body: &'a str,
    /// Ids that lead there.
    #[schemars(with = "Map<String, Value>")]
    data: Box<RawValue>,
    /// When, milliseconds since the epoch.
    at: i64,
    /// Whether it was read.
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

/// A page of notifications, newest first.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct Listed<'a> {
    /// The notifications.
    notifications: Vec<NotificationView<'a>>,
    /// `page` of the next page; none if this is the last.
    #[serde(skip_serializing_if = "str::is_empty")]
    next: &'a str,
}

async fn list(context: &Context, Paging { page, limit }: Paging) -> Result<Answer, Failure> {
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

/// The notifications that were read.
#[derive(Deserialize, JsonSchema)]
#[schemars(inline)]
struct Read {
    /// Ids of notifications.
    #[schemars(length(max = 200))]
    ids: Vec<String>,
}

/// How many are left unread.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct Left {
    /// How many are left unread.
    unread: i64,
}

async fn read(context: &Context, key: String, Read { ids }: Read) -> Result<Answer, Failure> {
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
