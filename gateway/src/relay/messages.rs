//! Sending and reading messages.

use proto::{
    reason::Reason,
    room::{ListMessagesRequest, SendMessageRequest},
};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tonic::Code;

use super::{Answer, Context, Failure, ask, change, known_id, view};
use crate::{
    error::Error,
    fanout::{self, Scope},
    frame::Frame,
};

/// Most events of one `history.sync`.
const SYNC_MAX: u32 = 100;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Send {
    room: String,
    body: String,
    #[serde(default)]
    reply_to: Option<String>,
}

#[derive(Serialize)]
struct Sent {
    message: String,
    room: String,
    seq: i64,
    at: i64,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    duplicate: bool,
}

pub(super) async fn send(context: &Context, frame: &Frame) -> Result<Answer, Failure> {
    let key = frame.key()?;
    let Send {
        room,
        body,
        reply_to,
    } = frame.payload()?;
    let message = SendMessageRequest {
        room,
        key,
        body,
        reply_to: reply_to.unwrap_or_default(),
        thread: String::new(),
    };
    let answer = change(context, message, |request| {
        let mut service = context.app.room.clone();
        async move { service.send_message(request).await }
    })
    .await?;
    Answer::of(&Sent {
        message: answer.message_id,
        room: answer.room_id,
        seq: answer.seq,
        at: answer.at_ms,
        duplicate: answer.is_duplicate,
    })
}

#[derive(Deserialize)]
struct Get {
    room: String,
    before: Option<i64>,
    after: Option<i64>,
    around: Option<i64>,
    limit: Option<u32>,
}

#[derive(Serialize)]
struct PageView {
    messages: Vec<Box<RawValue>>,
    more: bool,
}

pub(super) async fn get(context: &Context, frame: &Frame) -> Result<Answer, Failure> {
    let Get {
        room,
        before,
        after,
        around,
        limit,
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
        thread: String::new(),
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

pub(super) async fn sync(context: &Context, frame: &Frame) -> Result<Answer, Failure> {
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
