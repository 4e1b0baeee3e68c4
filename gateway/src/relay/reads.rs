//! How far people have read.

use proto::room::{ListReceiptsRequest, MarkReadRequest, Receipt};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Answer, Context, Failure, ask, change,
    row::{Route, keyed, route},
    view::CounterView,
};

pub(super) const ROUTES: &[Route] = &[
    keyed!("read.mark" => mark, Mark => CounterView),
    route!("read.list" => list, List => Listed<'_>),
];

/// How far the caller has read.
#[derive(Deserialize, JsonSchema)]
#[schemars(inline)]
struct Mark {
    /// The room's id, or `#name`.
    room: String,
    /// Seq up to which it was read.
    #[schemars(range(min = 0))]
    seq: i64,
    /// The thread's id; the room outside its threads if left out.
    thread: Option<String>,
}

async fn mark(
    context: &Context,
    key: String,
    Mark { room, seq, thread }: Mark,
) -> Result<Answer, Failure> {
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

/// The room whose receipts are asked for.
#[derive(Deserialize, JsonSchema)]
#[schemars(inline)]
struct List {
    /// The room's id, or `#name`.
    room: String,
}

/// How far a member has come.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Receipt")]
struct ReceiptView<'a> {
    /// The user's id.
    user: &'a str,
    /// Seq up to which messages have come to their devices.
    delivered: i64,
    /// Seq up to which they have read.
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

/// The furthest first.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct Listed<'a> {
    /// The receipts.
    receipts: Vec<ReceiptView<'a>>,
}

async fn list(context: &Context, List { room }: List) -> Result<Answer, Failure> {
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
