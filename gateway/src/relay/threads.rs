//! Threads of rooms and of direct conversations.

use proto::room::{CreateThreadRequest, ListThreadsRequest, Thread};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Answer, Context, Failure, ask, change,
    row::{Route, keyed, route},
};

pub(super) const ROUTES: &[Route] = &[
    keyed!("thread.create" => create, Create => Created<'_>).in_order_of_room(),
    route!("thread.list" => list, List => Listed<'_>),
];

/// A thread of a room.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Thread")]
struct ThreadView<'a> {
    /// Its id.
    id: &'a str,
    /// The room's id.
    room: &'a str,
    /// Its title.
    title: &'a str,
    /// Id of the message it began with.
    #[serde(skip_serializing_if = "str::is_empty")]
    root: &'a str,
    /// Id of the user who did it.
    by: &'a str,
    /// When it was opened, milliseconds since the epoch.
    created_at: i64,
    /// How many messages it has.
    messages: i64,
    /// Seq of its newest message.
    last_seq: i64,
    /// Seq up to which the caller has read it.
    read: i64,
    /// How many messages the caller has not read.
    unread: i64,
}

impl<'a> From<&'a Thread> for ThreadView<'a> {
    fn from(thread: &'a Thread) -> Self {
        Self {
            id: &thread.thread_id,
            room: &thread.room_id,
            title: &thread.title,
            root: &thread.root_message_id,
            by: &thread.created_by,
            created_at: thread.created_at_ms,
            messages: thread.messages,
            last_seq: thread.last_seq,
            read: thread.read,
            unread: thread.unread,
        }
    }
}

/// A thread to be opened.
#[derive(Deserialize, JsonSchema)]
#[schemars(inline)]
struct Create {
    /// The room's id, or `#name`.
    room: String,
    /// The title.
    #[schemars(length(min = 1, max = 100))]
    title: String,
}

/// The thread that was opened.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct Created<'a> {
    /// The thread.
    thread: ThreadView<'a>,
    /// Whether the key was seen before: this is the first answer again.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    duplicate: bool,
}

async fn create(
    context: &Context,
    key: String,
    Create { room, title }: Create,
) -> Result<Answer, Failure> {
    let message = CreateThreadRequest { room, title, key };
    let answer = change(context, message, |request| {
        let mut service = context.app.room.clone();
        async move { service.create_thread(request).await }
    })
    .await?;
    Answer::of(&Created {
        thread: ThreadView::from(answer.thread.as_ref().ok_or_else(Failure::internal)?),
        duplicate: answer.is_duplicate,
    })
}

/// A page of a room's threads.
#[derive(Deserialize, JsonSchema)]
#[schemars(inline)]
struct List {
    /// The room's id, or `#name`.
    room: String,
    /// `next` of the page before.
    page: Option<String>,
    /// Most items of the page.
    #[schemars(range(min = 1, max = 100))]
    limit: Option<u32>,
}

/// A page of threads, latest activity first.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct Listed<'a> {
    /// The threads.
    threads: Vec<ThreadView<'a>>,
    /// `page` of the next page; none if this is the last.
    #[serde(skip_serializing_if = "str::is_empty")]
    next: &'a str,
}

async fn list(context: &Context, List { room, page, limit }: List) -> Result<Answer, Failure> {
    let question = ListThreadsRequest {
        room,
        page: page.unwrap_or_default(),
        limit: limit.unwrap_or_default(),
    };
    let mut service = context.app.room.clone();
    let answer = ask(context, question, |request| async move {
        service.list_threads(request).await
    })
    .await?;
    Answer::of(&Listed {
        threads: answer.threads.iter().map(ThreadView::from).collect(),
        next: &answer.next_page,
    })
}
