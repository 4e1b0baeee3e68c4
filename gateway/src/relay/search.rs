//! Finding messages by their words.

use proto::room::SearchMessagesRequest;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{
    Answer, Context, Failure, ask,
    routes::{Route, route},
    view,
};
use crate::frame::Frame;

pub(super) const ROUTES: &[Route] = &[route!("message.search" => search).heavy()];

#[derive(Deserialize)]
struct Search {
    query: String,
    room: Option<String>,
    page: Option<String>,
    limit: Option<u32>,
}

#[derive(Serialize)]
struct Found<'a> {
    messages: Vec<Box<RawValue>>,
    #[serde(skip_serializing_if = "str::is_empty")]
    next: &'a str,
}

async fn search(context: &Context, frame: &Frame) -> Result<Answer, Failure> {
    let Search {
        query,
        room,
        page,
        limit,
    } = frame.payload()?;
    let question = SearchMessagesRequest {
        query,
        room: room.unwrap_or_default(),
        page: page.unwrap_or_default(),
        limit: limit.unwrap_or_default(),
    };
    let mut service = context.app.room.clone();
    let answer = ask(context, question, |request| async move {
        service.search_messages(request).await
    })
    .await?;
    Answer::of(&Found {
        messages: answer.messages.iter().filter_map(view::message).collect(),
        next: &answer.next_page,
    })
}
