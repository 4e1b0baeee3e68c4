//! Messages, as room-svc shows them to the caller, and as it explains them to administrators.

use proto::{
    event::MessagePosted,
    id::{EventId, RoomId, Tenant, UserId},
    reason::Reason,
    room::{ExplainMessageRequest, ExplainMessageResponse, GetMessageRequest},
};
use rpc::Refusal;

use crate::{App, Error};

/// A message at the moment of its report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Snapshot {
    pub(crate) room_id: RoomId,
    pub(crate) author: UserId,
    pub(crate) body: String,
}

/// Finds a message, asking in the caller's own name: `token` is what the caller presented to us. What they cannot see
/// does not exist.
pub(crate) async fn get(app: &App, token: &str, message_id: EventId) -> Result<Snapshot, Error> {
    let request = GetMessageRequest {
        message_id: message_id.to_string(),
    };
    let request = rpc::with_token(request, token);
    let found = app.rooms.clone().get_message(request).await;
    let found = found.map_err(|status| refused(&Refusal::of(&status)))?;
    let message = found.into_inner().message.unwrap_or_default();
    let posted: Option<MessagePosted> = serde_json::from_slice(&message.data).ok();
    match (message.room_id.parse(), message.author_id.parse(), posted) {
        (Ok(room_id), Ok(author), Some(posted)) => Ok(Snapshot {
            room_id,
            author,
            body: posted.body,
        }),
        _ => Err(Error::Internal("room-svc answered without a message")),
    }
}

/// What room-svc says of a message and a person, whoever may see it: for administrators.
pub(crate) async fn explain(
    app: &App,
    tenant: &Tenant,
    message_id: EventId,
    user_id: UserId,
) -> Result<ExplainMessageResponse, Error> {
    let request = ExplainMessageRequest {
        tenant: tenant.to_string(),
        message_id: message_id.to_string(),
        user_id: user_id.to_string(),
    };
    let answer = app.rooms.clone().explain_message(request).await;
    let answer = answer.map_err(|status| refused(&Refusal::of(&status)))?;
    Ok(answer.into_inner())
}

fn refused(refusal: &Refusal) -> Error {
    match refusal.reason {
        // The second speaks of another request's field.
        Reason::MESSAGE_NOT_FOUND | Reason::FIELD_INVALID => Error::MessageNotFound,
        _ => Error::Upstream(Box::new(refusal.clone())),
    }
}
