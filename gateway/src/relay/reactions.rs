//! Reactions to messages.

use proto::room::SetReactionRequest;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Answer, Context, Failure, change,
    row::{Route, keyed},
};

pub(super) const ROUTES: &[Route] = &[
    keyed!("reaction.add" => add, Reaction => Reacted).in_order_of_room(),
    keyed!("reaction.remove" => remove, Reaction => Reacted).in_order_of_room(),
];

/// A reaction to a message.
#[derive(Deserialize, JsonSchema)]
#[schemars(inline)]
struct Reaction {
    /// The room's id, or `#name`.
    room: String,
    /// The message's id.
    message: String,
    /// The emoji.
    emoji: String,
}

/// How many there are now.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct Reacted {
    /// How many.
    count: i64,
}

async fn add(context: &Context, key: String, reaction: Reaction) -> Result<Answer, Failure> {
    set(context, key, reaction, true).await
}

async fn remove(context: &Context, key: String, reaction: Reaction) -> Result<Answer, Failure> {
    set(context, key, reaction, false).await
}

async fn set(
    context: &Context,
    key: String,
    Reaction {
        room,
        message,
        emoji,
    }: Reaction,
    is_on: bool,
) -> Result<Answer, Failure> {
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
