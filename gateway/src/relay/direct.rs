//! Direct conversations, named by the other person.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use proto::{
    id::RoomId,
    room::{OpenDirectRequest, OpenDirectResponse, SendMessageRequest},
};
use serde::{Deserialize, Serialize};

use super::{
    Answer, Context, Effect, Failure, change, messages, rooms,
    routes::{Route, route},
    view::{CounterView, RoomView},
};
use crate::frame::Frame;

pub(super) const ROUTES: &[Route] = &[
    route!("dm.open" => open).entering(),
    route!("dm.send" => send).in_order_of_recipient().entering(),
];

#[derive(Deserialize)]
struct Open {
    user: String,
}

#[derive(Serialize)]
struct Opened<'a> {
    room: RoomView<'a>,
    head: i64,
    cursor: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    counter: Option<CounterView>,
}

async fn open(context: &Context, frame: &Frame) -> Result<Answer, Failure> {
    let key = frame.key()?;
    let Open { user } = frame.payload()?;
    let answer = find(context, user, key).await?;
    let room = answer.room.as_ref().ok_or_else(Failure::internal)?;
    let data = Opened {
        room: RoomView::from(room),
        head: answer.head,
        cursor: &answer.head_id,
        counter: answer.counter.as_ref().map(CounterView::from),
    };
    let effect = rooms::joined(context, room, answer.head).await;
    Ok(Answer::of(&data)?.with(effect))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Send {
    to: String,
    body: String,
    thread: Option<String>,
    reply_to: Option<String>,
}

async fn send(context: &Context, frame: &Frame) -> Result<Answer, Failure> {
    let key = frame.key()?;
    let Send {
        to,
        body,
        thread,
        reply_to,
    } = frame.payload()?;
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
        .is_ok_and(|id| context.rooms.lock().contains_key(&id));
    // The message itself comes as the first event after what was there before it.
    let effect = if is_followed {
        Effect::None
    } else {
        rooms::joined(context, room, opened.head).await
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
