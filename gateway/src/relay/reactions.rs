//! Reactions to messages.

use proto::room::SetReactionRequest;
use serde::{Deserialize, Serialize};

use super::{
    Answer, Context, Failure, change,
    routes::{Route, route},
};
use crate::frame::Frame;

pub(super) const ROUTES: &[Route] = &[
    route!("reaction.add" => add).in_order_of_room(),
    route!("reaction.remove" => remove).in_order_of_room(),
];

#[derive(Deserialize)]
struct Reaction {
    room: String,
    message: String,
    emoji: String,
}

#[derive(Serialize)]
struct Reacted {
    count: i64,
}

async fn add(context: &Context, frame: &Frame) -> Result<Answer, Failure> {
    set(context, frame, true).await
}

async fn remove(context: &Context, frame: &Frame) -> Result<Answer, Failure> {
    set(context, frame, false).await
}

async fn set(context: &Context, frame: &Frame, is_on: bool) -> Result<Answer, Failure> {
    let key = frame.key()?;
    let Reaction {
        room,
        message,
        emoji,
    } = frame.payload()?;
    let message = SetReactionRequest {
        room,
        message_id: message,
        emoji,
        is_on,
        key,
    };
    let answer = change(context, message, |request| {
        let mut service = context.app.room.clone();
        async move { service.set_reaction(request).await }
    })
    .await?;
    Answer::of(&Reacted {
        count: answer.count,
    })
}
