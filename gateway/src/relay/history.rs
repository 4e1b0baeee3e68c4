//! What was said before: pages of messages, and the events after a seq.

use proto::{event::Message, reason::Reason, room::ListMessagesRequest};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tonic::Code;

use super::{
    Answer, Context, DurableFrame, Failure, ask, known_id,
    row::{Route, route},
    view,
};
use crate::{
    error::Error,
    fanout::{self, Scope},
};

/// Most events of one `history.sync`.
const SYNC_MAX: u32 = 100;

pub(super) const ROUTES: &[Route] = &[
    route!("history.get" => page, Page => PageView).heavy(),
    route!("history.sync" => sync, Sync => Synced).heavy(),
];

/// A page of a room's messages: the newest, or at most one of `before`, `after`, `around` and `at`.
#[derive(Deserialize, JsonSchema)]
#[schemars(inline)]
struct Page {
    /// The room's id, or `#name`.
    room: String,
    /// Messages before this seq.
    #[schemars(range(min = 1))]
    before: Option<i64>,
    /// Messages after this seq.
    #[schemars(range(min = 0))]
    after: Option<i64>,
    /// Messages around this seq.
    #[schemars(range(min = 1))]
    around: Option<i64>,
    /// Messages from this time on, milliseconds since the epoch.
    #[schemars(range(min = 0))]
    at: Option<i64>,
    /// Most items of the page.
    #[schemars(range(min = 1, max = 100))]
    limit: Option<u32>,
    /// Only this thread: its id, or the id of the message it began with.
    thread: Option<String>,
}

/// A page of messages, oldest first.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct PageView {
    /// The messages.
    #[schemars(with = "Vec<Message>")]
    messages: Vec<Box<RawValue>>,
    /// Whether there are more in the direction that was asked for.
    more: bool,
}

async fn page(
    context: &Context,
    Page {
        room,
        before,
        after,
        around,
        at,
        limit,
        thread,
    }: Page,
) -> Result<Answer, Failure> {
    if [before, after, around, at].iter().flatten().count() > 1 {
        return Err(Error::field("before", "at most one of before, after, around and at").into());
    }
    let question = ListMessagesRequest {
        room,
        before: before.unwrap_or_default(),
        after: after.unwrap_or_default(),
        around: around.unwrap_or_default(),
        at: at.unwrap_or_default(),
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

/// The events of a room after a seq.
#[derive(Deserialize, JsonSchema)]
#[schemars(inline)]
struct Sync {
    /// The room's id, or `#name`.
    room: String,
    /// The seq that is known.
    #[schemars(range(min = 0))]
    after: i64,
    /// Most events of the answer.
    #[schemars(range(min = 1, max = SYNC_MAX))]
    limit: Option<u32>,
}

/// The events, in order.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct Synced {
    /// Frames as they would have come; `prev` of the first is `after`.
    #[schemars(with = "Vec<DurableFrame>")]
    events: Box<RawValue>,
    /// The newest seq of the room's stream.
    head: i64,
}

async fn sync(context: &Context, Sync { room, after, limit }: Sync) -> Result<Answer, Failure> {
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
