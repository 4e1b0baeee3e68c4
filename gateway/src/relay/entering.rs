//! Coming into rooms and leaving them.

use proto::{
    event::Message,
    id::RoomId,
    room::{JoinRoomRequest, JoinRoomResponse, LeaveRoomRequest, Room},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{
    Answer, Context, Effect, Empty, Failure, Joined, KnownRoom, change, follow,
    rooms::Target,
    row::{Route, keyed},
    view::{self, MemberView, RoomView},
};

pub(super) const ROUTES: &[Route] = &[
    keyed!("room.join" => join, Join => JoinedView<'_>)
        .heavy()
        .entering(),
    keyed!("room.leave" => leave, Target => Empty),
];

/// Follows a room the user is in now. A room that cannot be followed breaks the connection, which then resumes.
pub(super) async fn joined(context: &Context, room: &Room, head: i64) -> Effect {
    let Ok(id) = room.room_id.parse::<RoomId>() else {
        return Effect::Broken;
    };
    let known = KnownRoom::new(&room.name, &room.kind);
    match follow(context, id).await {
        Ok(watch) => Effect::Joined(Box::new(Joined {
            room: id,
            known,
            watch,
            head,
        })),
        Err(_) => Effect::Broken,
    }
}

/// The room to enter.
#[derive(Deserialize, JsonSchema)]
#[schemars(inline)]
struct Join {
    /// The room's id, or `#name`.
    room: String,
    /// The seq that is known: only messages after it are told.
    #[serde(default)]
    #[schemars(range(min = 0))]
    since: Option<i64>,
}

/// A room the caller is in now, followed from here on.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Joined")]
pub(super) struct JoinedView<'a> {
    /// The room.
    room: RoomView<'a>,
    /// The newest seq of the room's stream.
    head: i64,
    /// Id of the event at `head`.
    cursor: &'a str,
    /// Its newest messages, oldest first.
    #[schemars(with = "Vec<Message>")]
    messages: Vec<Box<RawValue>>,
    /// Its first members by name.
    members: Vec<MemberView<'a>>,
}

async fn join(
    context: &Context,
    key: String,
    Join { room, since }: Join,
) -> Result<Answer, Failure> {
    let answer = change(context, JoinRoomRequest { room, key }, |request| {
        let mut service = context.app.room.clone();
        async move { service.join_room(request).await }
    })
    .await?;
    entered(context, &answer, since.unwrap_or(0)).await
}

/// Answers someone who is in a room now: its newest messages after `since` and its first members.
pub(super) async fn entered(
    context: &Context,
    answer: &JoinRoomResponse,
    since: i64,
) -> Result<Answer, Failure> {
    let room = answer.room.as_ref().ok_or_else(Failure::internal)?;
    let data = JoinedView {
        room: RoomView::from(room),
        head: answer.head,
        cursor: &answer.head_id,
        messages: answer
            .messages
            .iter()
            .filter(|each| each.seq > since)
            .filter_map(view::message)
            .collect(),
        members: answer.members.iter().map(MemberView::from).collect(),
    };
    let effect = joined(context, room, answer.head).await;
    Ok(Answer::of(&data)?.with(effect))
}

async fn leave(context: &Context, key: String, Target { room }: Target) -> Result<Answer, Failure> {
    change(context, LeaveRoomRequest { room, key }, |request| {
        let mut service = context.app.room.clone();
        async move { service.leave_room(request).await }
    })
    .await?;
    Answer::done()
}
