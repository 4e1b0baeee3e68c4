//! Threads, on the wire.

use proto::room::{
    CreateThreadRequest, CreateThreadResponse, ListThreadsRequest, ListThreadsResponse,
    Thread as WireThread,
};
use rpc::Caller;
use tonic::{Request, Response, Status};

use super::{Answer, key, next_page, paging, room};
use crate::{
    App,
    threads::{self, NewThread, Opened, Thread},
};

pub(super) async fn create_thread(
    app: &App,
    request: Request<CreateThreadRequest>,
) -> Answer<CreateThreadResponse> {
    let caller = Caller::of(&request)?;
    let opened = threads::create(app, &caller, request.into_inner().try_into()?).await?;
    Ok(Response::new(opened.into()))
}

pub(super) async fn list_threads(
    app: &App,
    request: Request<ListThreadsRequest>,
) -> Answer<ListThreadsResponse> {
    let caller = Caller::of(&request)?;
    let request = request.into_inner();
    let paging = paging(&request.page, request.limit)?;
    let page = threads::list(app, &caller, room(&request.room)?, paging).await?;
    Ok(Response::new(ListThreadsResponse {
        threads: page.rows.into_iter().map(WireThread::from).collect(),
        next_page: next_page(page.next),
    }))
}

impl TryFrom<CreateThreadRequest> for NewThread {
    type Error = Status;

    fn try_from(request: CreateThreadRequest) -> Result<Self, Status> {
        let title = request.title.trim();
        threads::check_title(title)?;
        Ok(Self {
            title: title.into(),
            key: key(request.key)?,
            room: room(&request.room)?,
        })
    }
}

impl From<Thread> for WireThread {
    fn from(thread: Thread) -> Self {
        let root = thread.root_message;
        Self {
            thread_id: thread.thread_id.to_string(),
            room_id: thread.room_id.to_string(),
            title: thread.title,
            root_message_id: root.map(|root| root.to_string()).unwrap_or_default(),
            created_by: thread.created_by.to_string(),
            created_at_ms: thread.created_at.unix_timestamp() * 1_000
                + i64::from(thread.created_at.millisecond()),
            messages: thread.messages,
            last_seq: thread.last_seq,
            unread: thread.unread,
            read: thread.read,
        }
    }
}

impl From<Opened> for CreateThreadResponse {
    fn from(opened: Opened) -> Self {
        Self {
            thread: Some(opened.thread.into()),
            is_duplicate: opened.is_duplicate,
        }
    }
}
