//! Sending and changing messages.

use proto::{
    event::Message,
    frame::BODY_MAX_CHARS,
    room::{
        DeleteMessageRequest, DeleteScope, EditMessageRequest, GetMessageRequest,
        SendMessageRequest, SendMessageResponse,
    },
    words,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{
    Answer, Context, Failure, ask, change,
    row::{Route, keyed, route},
    view,
};
use crate::error::Error;

pub(super) const ROUTES: &[Route] = &[
    keyed!("message.send" => send, Send => Sent).in_order_of_room(),
    keyed!("message.edit" => edit, Edit => Edited).in_order_of_room(),
    keyed!("message.delete" => delete, Delete => Deleted).in_order_of_room(),
    route!("message.get" => get, Get => Got),
];

/// A message to a room.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "MessageSend")]
struct Send {
    /// The room's id, or `#name`.
    room: String,
    /// The text.
    #[schemars(length(min = 1, max = BODY_MAX_CHARS))]
    body: String,
    /// Id of the message this answers.
    #[serde(default)]
    reply_to: Option<String>,
    /// The thread's id, or the id of the message it began with.
    #[serde(default)]
    thread: Option<String>,
}

/// A message that was stored.
#[derive(Serialize, JsonSchema)]
pub(super) struct Sent {
    /// The message's id.
    message: String,
    /// The room's id.
    room: String,
    /// Its place in the room's stream.
    seq: i64,
    /// When, milliseconds since the epoch.
    at: i64,
    /// Whether the key was seen before: this is the first answer again.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    duplicate: bool,
}

impl From<SendMessageResponse> for Sent {
    fn from(answer: SendMessageResponse) -> Self {
        Self {
            message: answer.message_id,
            room: answer.room_id,
            seq: answer.seq,
            at: answer.at_ms,
            duplicate: answer.is_duplicate,
        }
    }
}

async fn send(
    context: &Context,
    key: String,
    Send {
        room,
        body,
        reply_to,
        thread,
    }: Send,
) -> Result<Answer, Failure> {
    let message = SendMessageRequest {
        room,
        key,
        body,
        reply_to: reply_to.unwrap_or_default(),
        thread: thread.unwrap_or_default(),
    };
    Answer::of(&post(context, message).await?)
}

/// Stores a message.
pub(super) async fn post(context: &Context, message: SendMessageRequest) -> Result<Sent, Failure> {
    let answer = change(context, message, |request| {
        let mut service = context.app.room.clone();
        async move { service.send_message(request).await }
    })
    .await?;
    Ok(answer.into())
}

/// Another text for a message.
#[derive(Deserialize, JsonSchema)]
#[schemars(inline)]
struct Edit {
    /// The room's id, or `#name`.
    room: String,
    /// The message's id.
    message: String,
    /// The text.
    #[schemars(length(min = 1, max = BODY_MAX_CHARS))]
    body: String,
    /// The revision that is changed: another one is a conflict.
    rev: u32,
}

/// The message's new revision.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct Edited {
    /// The revision now.
    rev: u32,
    /// When, milliseconds since the epoch.
    at: i64,
    /// Its place in the stream.
    seq: i64,
    /// Whether the key was seen before: this is the first answer again.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    duplicate: bool,
}

async fn edit(
    context: &Context,
    key: String,
    Edit {
        room,
        message,
        body,
        rev,
    }: Edit,
) -> Result<Answer, Failure> {
    let message = EditMessageRequest {
        room,
        message_id: message,
        body,
        rev,
        key,
    };
    let answer = change(context, message, |request| {
        let mut service = context.app.room.clone();
        async move { service.edit_message(request).await }
    })
    .await?;
    Answer::of(&Edited {
        rev: answer.rev,
        at: answer.at_ms,
        seq: answer.seq,
        duplicate: answer.is_duplicate,
    })
}

/// Takes a message away.
#[derive(Deserialize, JsonSchema)]
#[schemars(inline)]
struct Delete {
    /// The room's id, or `#name`.
    room: String,
    /// The message's id.
    message: String,
    /// From whom.
    #[schemars(with = "words::DeleteScope")]
    scope: String,
}

/// Where the deletion stands.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct Deleted {
    /// Its place in the stream.
    seq: i64,
}

async fn delete(
    context: &Context,
    key: String,
    Delete {
        room,
        message,
        scope,
    }: Delete,
) -> Result<Answer, Failure> {
    let scope = match scope.as_str() {
        "everyone" => DeleteScope::Everyone,
        "me" => DeleteScope::Me,
        _ => return Err(Error::field("scope", "must be everyone or me").into()),
    };
    let message = DeleteMessageRequest {
        room,
        message_id: message,
        scope: scope.into(),
        key,
    };
    let answer = change(context, message, |request| {
        let mut service = context.app.room.clone();
        async move { service.delete_message(request).await }
    })
    .await?;
    Answer::of(&Deleted { seq: answer.seq })
}

/// The message that is asked for.
#[derive(Deserialize, JsonSchema)]
#[schemars(inline)]
struct Get {
    /// The message's id.
    message: String,
}

/// The message.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct Got {
    /// The message.
    #[schemars(with = "Message")]
    message: Box<RawValue>,
}

async fn get(context: &Context, Get { message }: Get) -> Result<Answer, Failure> {
    let question = GetMessageRequest {
        message_id: message,
    };
    let mut service = context.app.room.clone();
    let answer = ask(context, question, |request| async move {
        service.get_message(request).await
    })
    .await?;
    let message = answer.message.as_ref().and_then(view::message);
    Answer::of(&Got {
        message: message.ok_or_else(Failure::internal)?,
    })
}
