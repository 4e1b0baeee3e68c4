//! Direct conversations, named by the other person.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use proto::{
    frame::BODY_MAX_CHARS,
    id::RoomId,
    room::{OpenDirectRequest, OpenDirectResponse, SendMessageRequest},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Answer, Context, Effect, Failure, change, entering,
    messages::{self, Sent},
    row::{Route, keyed},
    view::{CounterView, RoomView},
};

pub(super) const ROUTES: &[Route] = &[
    keyed!("dm.open" => open, Open => Opened<'_>).entering(),
    keyed!("dm.send" => send, Send => Sent)
        .in_order_of_recipient()
        .entering(),
];

/// With whom.
#[derive(Deserialize, JsonSchema)]
#[schemars(inline)]
struct Open {
    /// The user's id, or `@name`.
    user: String,
}

/// A direct conversation, followed from here on.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct Opened<'a> {
    /// The conversation.
    room: RoomView<'a>,
    /// The newest seq of the room's stream.
    head: i64,
    /// Id of the event at `head`.
    cursor: &'a str,
    /// What the caller has not read of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    counter: Option<CounterView>,
}

async fn open(context: &Context, key: String, Open { user }: Open) -> Result<Answer, Failure> {
    let answer = find(context, user, key).await?;
    let room = answer.room.as_ref().ok_or_else(Failure::internal)?;
    let data = Opened {
        room: RoomView::from(room),
        head: answer.head,
        cursor: &answer.head_id,
        counter: answer.counter.as_ref().map(CounterView::from),
    };
    let effect = entering::joined(context, room, answer.head).await;
    Ok(Answer::of(&data)?.with(effect))
}

/// A message to a person.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "DmSend")]
struct Send {
    /// The user's id, or `@name`.
    to: String,
    /// The text.
    #[schemars(length(min = 1, max = BODY_MAX_CHARS))]
    body: String,
    /// The thread's id, or the id of the message it began with.
    thread: Option<String>,
    /// Id of the message this answers.
    reply_to: Option<String>,
}

async fn send(
    context: &Context,
    key: String,
    Send {
        to,
        body,
        thread,
        reply_to,
    }: Send,
) -> Result<Answer, Failure> {
    let opened = find(context, to, opening_key(&key)).await?;
    let room = opened.room.as_ref().ok_or_else(Failure::internal)?;
    let message = SendMessageRequest {
        room: room.room_id.clone(),
        key,
        body,
        reply_to: reply_to.unwrap_or_default(),
        thread: thread.unwrap_or_default(),
    };
    let sent = messages::post(context, message).await?;
    let is_followed = room
        .room_id
        .parse::<RoomId>()
        .is_ok_and(|id| context.rooms.lock().contains(id));
    // The message itself comes as the first event after what was there before it.
    let effect = if is_followed {
        Effect::None
    } else {
        entering::joined(context, room, opened.head).await
    };
    Ok(Answer::of(&sent)?.with(effect))
}

async fn find(
    context: &Context,
    user_id: String,
    key: String,
) -> Result<OpenDirectResponse, Failure> {
    change(context, OpenDirectRequest { user_id, key }, |request| {
        let mut service = context.app.room.clone();
        async move { service.open_direct(request).await }
    })
    .await
}

/// One key stands for one change: opening the conversation gets its own, always the same for the message's.
fn opening_key(key: &str) -> String {
    let print = stream::fingerprint(&[b"dm", key.as_bytes()]);
    format!("dm-{}", URL_SAFE_NO_PAD.encode(print))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_opening_has_its_own_key() {
        let key = opening_key(&"x".repeat(64));
        assert!(proto::id::is_key(&key), "{key}");
        assert_eq!(key, opening_key(&"x".repeat(64)));
        assert_ne!(key, opening_key("x"));
    }
}
