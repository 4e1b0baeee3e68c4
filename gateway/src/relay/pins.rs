//! Messages that stay in view.

use proto::room::{ListPinsRequest, PinMessageRequest};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{
    Answer, Context, Failure, ask, change,
    routes::{Route, route},
    view,
};
use crate::frame::Frame;

pub(super) const ROUTES: &[Route] = &[
    route!("message.pin" => pin).in_order_of_room(),
    route!("message.unpin" => unpin).in_order_of_room(),
    route!("message.pins" => list),
];

#[derive(Deserialize)]
struct Pin {
    room: String,
    message: String,
}

async fn pin(context: &Context, frame: &Frame) -> Result<Answer, Failure> {
    set(context, frame, true).await
}

async fn unpin(context: &Context, frame: &Frame) -> Result<Answer, Failure> {
    set(context, frame, false).await
}

async fn set(context: &Context, frame: &Frame, is_pinned: bool) -> Result<Answer, Failure> {
    let key = frame.key()?;
    let Pin { room, message } = frame.payload()?;
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

#[derive(Deserialize)]
struct List {
    room: String,
}

#[derive(Serialize)]
struct Listed {
    messages: Vec<Box<RawValue>>,
}

async fn list(context: &Context, frame: &Frame) -> Result<Answer, Failure> {
    let List { room } = frame.payload()?;
    let mut service = context.app.room.clone();
    let answer = ask(context, ListPinsRequest { room }, |request| async move {
        service.list_pins(request).await
    })
    .await?;
    Answer::of(&Listed {
        messages: answer.messages.iter().filter_map(view::message).collect(),
    })
}
