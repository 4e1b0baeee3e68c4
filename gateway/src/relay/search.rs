//! Finding messages by their words.

use proto::{event::Message, room::SearchMessagesRequest};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{
    Answer, Context, Failure, ask,
    row::{Route, route},
    view,
};

pub(super) const ROUTES: &[Route] =
    &[route!("message.search" => search, Search => Found<'_>).heavy()];

/// Words to look for.
#[derive(Deserialize, JsonSchema)]
#[schemars(inline)]
struct Search {
    /// Words to look for.
    query: String,
    /// Only in this room: its id, or `#name`.
    room: Option<String>,
    /// `next` of the page before.
    page: Option<String>,
    /// Most messages of the page.
    #[schemars(range(min = 1, max = 50))]
    limit: Option<u32>,
}

/// A page of messages, newest first.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct Found<'a> {
    /// The messages.
    #[schemars(with = "Vec<Message>")]
    messages: Vec<Box<RawValue>>,
    /// `page` of the next page; none if this is the last.
    #[serde(skip_serializing_if = "str::is_empty")]
    next: &'a str,
}

async fn search(
    context: &Context,
    Search {
        query,
        room,
        page,
        limit,
    }: Search,
) -> Result<Answer, Failure> {
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
