//! Sending, changing and reading messages.

use proto::{
    reason::Reason,
    room::{
        DeleteMessageRequest, DeleteScope, EditMessageRequest, GetMessageRequest,
        ListMessagesRequest, SendMessageRequest, SendMessageResponse,
    },
};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tonic::Code;

use super::{
    Answer, Context, Failure, ask, change, known_id,
    routes::{Route, route},
    view,
};
use crate::{
    error::Error,
    fanout::{self, Scope},
    frame::Frame,
};

/// Most events of one `history.sync`.
const SYNC_MAX: u32 = 100;

pub(super) const ROUTES: &[Route] = &[
    route!("message.send" => send).in_order_of_room(),
    route!("message.edit" => edit).in_order_of_room(),
    route!("message.delete" => delete).in_order_of_room(),
    route!("message.get" => get),
    route!("history.get" => page).heavy(),
    route!("history.sync" => sync).heavy(),
];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Send {
    room: String,
    body: String,
    #[serde(default)]
    reply_to: Option<String>,
    #[serde(default)]
    thread: Option<String>,
}

/// A message that was stored.
#[derive(Serialize)]
pub(super) struct Sent {
    message: String,
    room: String,
    seq: i64,
    at: i64,
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

async fn send(context: &Context, frame: &Frame) -> Result<Answer, Failure> {
    let key = frame.key()?;
    let Send {
        room,
        body,
        reply_to,
        thread,
    } = frame.payload()?;
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

#[derive(Deserialize)]
struct Edit {
    room: String,
    message: String,
    body: String,
    rev: u32,
}

#[derive(Serialize)]
struct Edited {
    rev: u32,
    at: i64,
    seq: i64,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    duplicate: bool,
}

async fn edit(context: &Context, frame: &Frame) -> Result<Answer, Failure> {
    let key = frame.key()?;
    let Edit {
        room,
        message,
        body,
        rev,
    } = frame.payload()?;
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

#[derive(Deserialize)]
struct Delete {
    room: String,
    message: String,
    scope: String,
}

#[derive(Serialize)]
struct Deleted {
    seq: i64,
}

async fn delete(context: &Context, frame: &Frame) -> Result<Answer, Failure> {
    let key = frame.key()?;
    let Delete {
        room,
        message,
        scope,
    } = frame.payload()?;
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

#[derive(Deserialize)]
struct Get {
    message: String,
}

#[derive(Serialize)]
struct Got {
    message: Box<RawValue>,
}

async fn get(context: &Context, frame: &Frame) -> Result<Answer, Failure> {
    let Get { message } = frame.payload()?;
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

#[derive(Deserialize)]
struct Page {
    room: String,
    before: Option<i64>,
    after: Option<i64>,
    around: Option<i64>,
    limit: Option<u32>,
    thread: Option<String>,
}

#[derive(Serialize)]
struct PageView {
    messages: Vec<Box<RawValue>>,
    more: bool,
}

async fn page(context: &Context, frame: &Frame) -> Result<Answer, Failure> {
    let Page {
        room,
        before,
        after,
        around,
        limit,
        thread,
    } = frame.payload()?;
    if [before, after, around].iter().flatten().count() > 1 {
        return Err(Error::field("before", "at most one of before, after and around").into());
    }
    let question = ListMessagesRequest {
        room,
        before: before.unwrap_or_default(),
        after: after.unwrap_or_default(),
        around: around.unwrap_or_default(),
        limit: limit.unwrap_or_default(),
        thread: thread.unwrap_or_default(),
    };
    let mut service = context.app.room.clone();
    let page = ask(context, question, |request| async move {
        service.list_messages(request).await
    })
    .await?;
    Answer::of(&PageView {
        messages: page.messages.iter().filter_map(view::message).collect(),
        more: page.has_more,
    })
}

#[derive(Deserialize)]
struct Sync {
    room: String,
    after: i64,
    limit: Option<u32>,
}

#[derive(Serialize)]
struct Synced {
    events: Box<RawValue>,
    head: i64,
}

async fn sync(context: &Context, frame: &Frame) -> Result<Answer, Failure> {
    let Sync { room, after, limit } = frame.payload()?;
    let limit = limit.unwrap_or(SYNC_MAX);
    if after < 0 {
        return Err(Error::field("after", "must not be negative").into());
    }
    if limit == 0 || limit > SYNC_MAX {
        return Err(Error::field("limit", "must be 1 to 100").into());
    }
    // The log itself asks no permission: only rooms the user is in are read.
    let room = known_id(context, &room).ok_or_else(|| {
        Error::new(
            Code::PermissionDenied,
            Reason::NOT_A_MEMBER,
            "you are not in this room",
        )
    })?;
    let tenant = &context.identity.tenant;
    let range = context
        .app
        .receiver
        .range(tenant, room.into(), after, "", limit)
        .await?;
    if !range.is_continuous {
        return Err(Error::new(
            Code::FailedPrecondition,
            Reason::HISTORY_TRUNCATED,
            "the log has no such place",
        )
        .into());
    }
    let viewer = (context.identity.user_id, &context.handle.hidden);
    let events = fanout::history(
        &range.events,
        Scope::Room,
        after,
        viewer,
        &context.app.enforced,
    );
    let events = RawValue::from_string(events).map_err(|_| Failure::internal())?;
    Answer::of(&Synced {
        events,
        head: range.head,
    })
}
