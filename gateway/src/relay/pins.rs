//! Messages that stay in view.

use proto::{
    event::Message,
    room::{ListPinsRequest, PinMessageRequest},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{
    Answer, Context, Empty, Failure, ask, change,
    row::{Route, keyed, route},
    view,
};

pub(super) const ROUTES: &[Route] = &[
    keyed!("message.pin" => pin, Pin => Empty).in_order_of_room(),
    keyed!("message.unpin" => unpin, Pin => Empty).in_order_of_room(),
    route!("message.pins" => list, List => Listed),
];

/// A message of a room.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "OfMessage")]
struct Pin {
    /// The room's id, or `#name`.
    room: String,
    /// The message's id.
    message: String,
}

async fn pin(context: &Context, key: String, pin: Pin) -> Result<Answer, Failure> {
    set(context, key, pin, true).await
}

async fn unpin(context: &Context, key: String, pin: Pin) -> Result<Answer, Failure> {
    set(context, key, pin, false).await
}

async fn set(
    context: &Context,
    key: String,
    Pin { room, message }: Pin,
    is_pinned: bool,
) -> Result<Answer, Failure> {
    let message = PinMessageRequest {
        room,
        message_id: message,
        is_pinned,
        key,
    };
    change(context, message, |request| {
        let mut service = context.app.room.clone();
        async move { service.pin_message(request).await }
    })
    .await?;
    Answer::done()
}

/// The room whose pins are asked for.
#[derive(Deserialize, JsonSchema)]
#[schemars(inline)]
struct List {
    /// The room's id, or `#name`.
    room: String,
}

/// The pinned messages.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct Listed {
    /// The messages.
    #[schemars(with = "Vec<Message>")]
    messages: Vec<Box<RawValue>>,
}

async fn list(context: &Context, List { room }: List) -> Result<Answer, Failure> {
    let mut service = context.app.room.clone();
    let answer = ask(context, ListPinsRequest { room }, |request| async move {
        service.list_pins(request).await
    })
    .await?;
    Answer::of(&Listed {
        messages: answer.messages.iter().filter_map(view::message).collect(),
    })
}
