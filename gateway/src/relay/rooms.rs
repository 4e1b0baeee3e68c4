//! Rooms: making, finding, entering, changing and leaving them.

use proto::{
    id::RoomId,
    room::{
        CreateRoomRequest, DeleteRoomRequest, GetRoomRequest, JoinRoomRequest, JoinRoomResponse,
        LeaveRoomRequest, ListRoomsRequest, Room, UpdateRoomRequest,
    },
};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{
    Answer, Context, Effect, Failure, Joined, KnownRoom, ask, change, follow,
    routes::{Route, route},
    view::{self, MemberView, RoomView},
};
use crate::{error::Error, frame::Frame};

pub(super) const ROUTES: &[Route] = &[
    route!("room.create" => create).entering(),
    route!("room.list" => list),
    route!("room.get" => get),
    route!("room.join" => join).heavy().entering(),
    route!("room.leave" => leave),
    route!("room.update" => update),
    route!("room.delete" => delete),
];

#[derive(Deserialize)]
struct Create {
    name: String,
    #[serde(default)]
    topic: Option<String>,
    #[serde(default)]
    private: bool,
    #[serde(default)]
    kind: Option<String>,
}

#[derive(Serialize)]
struct Created<'a> {
    room: RoomView<'a>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    duplicate: bool,
}

async fn create(context: &Context, frame: &Frame) -> Result<Answer, Failure> {
    let key = frame.key()?;
    let Create {
        name,
        topic,
        private,
        kind,
    } = frame.payload()?;
    let is_private = match kind.as_deref() {
        None => private,
        Some("channel") => false,
        Some("private") => true,
        Some(_) => return Err(Error::field("kind", "must be channel or private").into()),
    };
    let message = CreateRoomRequest {
        key,
        name,
        topic: topic.unwrap_or_default(),
        is_private,
    };
    let answer = change(context, message, |request| {
        let mut service = context.app.room.clone();
        async move { service.create_room(request).await }
    })
    .await?;
    let room = answer.room.ok_or_else(Failure::internal)?;
    // The creator is a member; the room's stream begins with its creation.
    let effect = if room.is_joined {
        joined(context, &room, 0).await
    } else {
        Effect::None
    };
    let data = Created {
        room: RoomView::from(&room),
        duplicate: answer.is_duplicate,
    };
    // A repeated creation must not tell the whole history again.
    let effect = match effect {
        Effect::Joined(mut joined) if answer.is_duplicate => {
            joined.head = joined.watch.cursor();
            Effect::Joined(joined)
        }
        effect => effect,
    };
    Ok(Answer::of(&data)?.with(effect))
}

/// Follows a room the user is in now. A room that cannot be followed breaks the connection, which then resumes.
pub(super) async fn joined(context: &Context, room: &Room, head: i64) -> Effect {
    let Ok(id) = room.room_id.parse::<RoomId>() else {
        return Effect::Broken;
    };
    let known = KnownRoom {
        name: room.name.clone(),
        kind: room.kind.clone(),
    };
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

#[derive(Deserialize)]
struct List {
    #[serde(default)]
    query: Option<String>,
    #[serde(default)]
    page: Option<String>,
    #[serde(default)]
    limit: Option<u32>,
}

#[derive(Serialize)]
struct Listed<'a> {
    rooms: Vec<RoomView<'a>>,
    #[serde(skip_serializing_if = "str::is_empty")]
    next: &'a str,
}

async fn list(context: &Context, frame: &Frame) -> Result<Answer, Failure> {
    let List { query, page, limit } = frame.payload()?;
    let question = ListRoomsRequest {
        query: query.unwrap_or_default(),
        page: page.unwrap_or_default(),
        limit: limit.unwrap_or_default(),
    };
    let mut service = context.app.room.clone();
    let answer = ask(context, question, |request| async move {
        service.list_rooms(request).await
    })
    .await?;
    Answer::of(&Listed {
        rooms: answer.rooms.iter().map(RoomView::from).collect(),
        next: &answer.next_page,
    })
}

#[derive(Deserialize)]
struct Target {
    room: String,
}

#[derive(Serialize)]
struct Got<'a> {
    room: RoomView<'a>,
}

async fn get(context: &Context, frame: &Frame) -> Result<Answer, Failure> {
    let Target { room } = frame.payload()?;
    let mut service = context.app.room.clone();
    let answer = ask(context, GetRoomRequest { room }, |request| async move {
        service.get_room(request).await
    })
    .await?;
    Answer::of(&Got {
        room: RoomView::from(answer.room.as_ref().ok_or_else(Failure::internal)?),
    })
}

#[derive(Deserialize)]
struct Join {
    room: String,
    #[serde(default)]
    since: Option<i64>,
}

#[derive(Serialize)]
struct JoinedView<'a> {
    room: RoomView<'a>,
    head: i64,
    cursor: &'a str,
    messages: Vec<Box<RawValue>>,
    members: Vec<MemberView<'a>>,
}

async fn join(context: &Context, frame: &Frame) -> Result<Answer, Failure> {
    let key = frame.key()?;
    let Join { room, since } = frame.payload()?;
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

async fn leave(context: &Context, frame: &Frame) -> Result<Answer, Failure> {
    let key = frame.key()?;
    let Target { room } = frame.payload()?;
    change(context, LeaveRoomRequest { room, key }, |request| {
        let mut service = context.app.room.clone();
        async move { service.leave_room(request).await }
    })
    .await?;
    Answer::done()
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Update {
    room: String,
    name: Option<String>,
    topic: Option<String>,
    slow_mode_ms: Option<i64>,
}

async fn update(context: &Context, frame: &Frame) -> Result<Answer, Failure> {
    let key = frame.key()?;
    let Update {
        room,
        name,
        topic,
        slow_mode_ms,
    } = frame.payload()?;
    let message = UpdateRoomRequest {
        room,
        name,
        topic,
        slow_mode_ms,
        key,
    };
    let answer = change(context, message, |request| {
        let mut service = context.app.room.clone();
        async move { service.update_room(request).await }
    })
    .await?;
    Answer::of(&Got {
        room: RoomView::from(answer.room.as_ref().ok_or_else(Failure::internal)?),
    })
}

async fn delete(context: &Context, frame: &Frame) -> Result<Answer, Failure> {
    let key = frame.key()?;
    let Target { room } = frame.payload()?;
    change(context, DeleteRoomRequest { room, key }, |request| {
        let mut service = context.app.room.clone();
        async move { service.delete_room(request).await }
    })
    .await?;
    Answer::done()
}
