//! What a person was told while they looked elsewhere.

use std::sync::Arc;

use axum::{extract::State, http::StatusCode, response::Response};
use proto::social::{ListNotificationsRequest, Notification};
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::{
    Rest, answer,
    credential::Signed,
    friends::Paging,
    input::Params,
    problem::{Problem, ProblemShape},
    shape,
};
use crate::relay::view;

/// A notification.
#[derive(Serialize, ToSchema)]
#[schema(as = Notification)]
pub(crate) struct NotificationView {
    id: String,
    /// `mention`, `reaction`, `friend.requested`, `friend.accepted`, `room.invited` or `moderation`.
    #[schema(example = "mention")]
    kind: String,
    /// One line.
    title: String,
    /// A few words of what it is about.
    body: String,
    /// Ids that lead there.
    #[schema(value_type = Object)]
    data: Box<RawValue>,
    at: i64,
    /// Whether it was read.
    read: bool,
}

impl From<Notification> for NotificationView {
    fn from(notification: Notification) -> Self {
        Self {
            id: notification.notification_id,
            kind: notification.kind,
            title: notification.title,
            body: notification.body,
            data: view::object(&notification.data),
            at: notification.at_ms,
            read: notification.is_read,
        }
    }
}

/// A page of notifications, newest first.
#[derive(Serialize, ToSchema)]
#[schema(as = Notifications)]
pub(crate) struct NotificationsView {
    notifications: Vec<NotificationView>,
    /// `?page=` of the next page, when there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// Lists the caller's notifications, newest first.
#[utoipa::path(
    get,
    path = "/v1/notifications",
    tag = "people",
    params(Paging),
    responses(
        (status = 200, description = "A page of notifications, newest first", body = NotificationsView),
        (status = 401, description = "TOKEN_MISSING, TOKEN_INVALID, TOKEN_EXPIRED", body = ProblemShape),
        (status = 422, description = "FIELD_INVALID", body = ProblemShape),
    )
)]
pub(crate) async fn list_notifications(
    State(rest): State<Arc<Rest>>,
    signed: Signed,
    Params(paging): Params<Paging>,
) -> Result<Response, Problem> {
    let request = signed.call(ListNotificationsRequest {
        page: paging.page.unwrap_or_default(),
        limit: paging.limit.unwrap_or_default(),
    });
    let mut social = rest.app.social.clone();
    let listed = social.list_notifications(request).await?.into_inner();
    let view = NotificationsView {
        notifications: listed.notifications.into_iter().map(Into::into).collect(),
        next: shape::next(listed.next_page),
    };
    Ok(answer(StatusCode::OK, &view))
}
