//! Threads of rooms and of direct conversations.

use proto::room::{CreateThreadRequest, ListThreadsRequest, Thread};
use serde::{Deserialize, Serialize};

use super::{
    Answer, Context, Failure, ask, change,
    routes::{Route, route},
};
use crate::frame::Frame;

pub(super) const ROUTES: &[Route] = &[
    route!("thread.create" => create).in_order_of_room(),
    route!("thread.list" => list),
];

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ThreadView<'a> {
    id: &'a str,
    room: &'a str,
    title: &'a str,
    /// The message it began with.
    #[serde(skip_serializing_if = "str::is_empty")]
    root: &'a str,
    by: &'a str,
    created_at: i64,
    messages: i64,
    last_seq: i64,
    read: i64,
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

#[derive(Deserialize)]
struct Create {
    room: String,
    title: String,
}

#[derive(Serialize)]
struct Created<'a> {
    thread: ThreadView<'a>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    duplicate: bool,
}

async fn create(context: &Context, frame: &Frame) -> Result<Answer, Failure> {
    let key = frame.key()?;
    let Create { room, title } = frame.payload()?;
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

#[derive(Deserialize)]
struct List {
    room: String,
    page: Option<String>,
    limit: Option<u32>,
}

#[derive(Serialize)]
struct Listed<'a> {
    threads: Vec<ThreadView<'a>>,
    #[serde(skip_serializing_if = "str::is_empty")]
    next: &'a str,
}

async fn list(context: &Context, frame: &Frame) -> Result<Answer, Failure> {
    let List { room, page, limit } = frame.payload()?;
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
