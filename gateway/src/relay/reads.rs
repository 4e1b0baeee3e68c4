//! How far people have read.

use proto::room::{ListReceiptsRequest, MarkReadRequest, Receipt};
use serde::{Deserialize, Serialize};

use super::{
    Answer, Context, Failure, ask, change,
    routes::{Route, route},
    view::CounterView,
};
use crate::frame::Frame;

pub(super) const ROUTES: &[Route] = &[route!("read.mark" => mark), route!("read.list" => list)];

#[derive(Deserialize)]
struct Mark {
    room: String,
    seq: i64,
    thread: Option<String>,
}

async fn mark(context: &Context, frame: &Frame) -> Result<Answer, Failure> {
    let key = frame.key()?;
    let Mark { room, seq, thread } = frame.payload()?;
    let message = MarkReadRequest {
        room,
        thread: thread.unwrap_or_default(),
        seq,
        key,
    };
    let answer = change(context, message, |request| {
        let mut service = context.app.room.clone();
        async move { service.mark_read(request).await }
    })
    .await?;
    let counter = answer.counter.as_ref().ok_or_else(Failure::internal)?;
    Answer::of(&CounterView::from(counter))
}

#[derive(Deserialize)]
struct List {
    room: String,
}

#[derive(Serialize)]
struct ReceiptView<'a> {
    user: &'a str,
    delivered: i64,
    read: i64,
}

impl<'a> From<&'a Receipt> for ReceiptView<'a> {
    fn from(receipt: &'a Receipt) -> Self {
        Self {
            user: &receipt.user_id,
            delivered: receipt.delivered,
            read: receipt.read,
        }
    }
}

#[derive(Serialize)]
struct Listed<'a> {
    receipts: Vec<ReceiptView<'a>>,
}

async fn list(context: &Context, frame: &Frame) -> Result<Answer, Failure> {
    let List { room } = frame.payload()?;
    let mut service = context.app.room.clone();
    let answer = ask(
        context,
        ListReceiptsRequest { room },
        |request| async move { service.list_receipts(request).await },
    )
    .await?;
    Answer::of(&Listed {
        receipts: answer.receipts.iter().map(ReceiptView::from).collect(),
    })
}
