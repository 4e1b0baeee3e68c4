//! Rooms: making, finding, changing and ending them.

use proto::{
    room::{
        CreateRoomRequest, DeleteRoomRequest, GetRoomRequest, ListRoomsRequest, UpdateRoomRequest,
    },
    words::NewRoomKind,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Answer, Context, Effect, Empty, Failure, ask, change, entering,
    row::{Route, keyed, route},
    view::RoomView,
};
use crate::error::Error;

pub(super) const ROUTES: &[Route] = &[
    keyed!("room.create" => create, Create => Created<'_>).entering(),
    route!("room.list" => list, List => Listed<'_>),
    route!("room.get" => get, Target => Got<'_>),
    keyed!("room.update" => update, Update => Got<'_>),
    keyed!("room.delete" => delete, Target => Empty),
];

/// A room to be made.
#[derive(Deserialize, JsonSchema)]
#[schemars(inline)]
struct Create {
    /// The name, without `#`.
    #[schemars(length(min = 1, max = 64))]
    name: String,
    /// What it is about.
    #[serde(default)]
    #[schemars(length(max = 256))]
    topic: Option<String>,
    /// Whether it is private, where `kind` is left out.
    #[serde(default)]
    private: bool,
    /// What it is; `channel` if left out.
    #[serde(default)]
    #[schemars(with = "Option<NewRoomKind>")]
    kind: Option<String>,
}

/// The room, followed from here on.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct Created<'a> {
    /// The room.
    room: RoomView<'a>,
    /// Whether the key was seen before: this is the first answer again.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    duplicate: bool,
}

async fn create(
    context: &Context,
    key: String,
    Create {
        name,
        topic,
        private,
        kind,
    }: Create,
) -> Result<Answer, Failure> {
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
        entering::joined(context, &room, 0).await
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

/// A page of the rooms the caller may see.
#[derive(Deserialize, JsonSchema)]
#[schemars(inline)]
struct List {
    /// Part of the name.
    #[serde(default)]
    query: Option<String>,
    /// `next` of the page before.
    #[serde(default)]
    page: Option<String>,
    /// Most items of the page.
    #[serde(default)]
    #[schemars(range(min = 1, max = 100))]
    limit: Option<u32>,
}

/// A page of rooms.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct Listed<'a> {
    /// The rooms.
    rooms: Vec<RoomView<'a>>,
    /// `page` of the next page; none if this is the last.
    #[serde(skip_serializing_if = "str::is_empty")]
    next: &'a str,
}

async fn list(context: &Context, List { query, page, limit }: List) -> Result<Answer, Failure> {
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

/// A room.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "OfRoom")]
pub(super) struct Target {
    /// The room's id, or `#name`.
    pub(super) room: String,
}

/// The room.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct Got<'a> {
    /// The room.
    room: RoomView<'a>,
}

async fn get(context: &Context, Target { room }: Target) -> Result<Answer, Failure> {
    let mut service = context.app.room.clone();
    let answer = ask(context, GetRoomRequest { room }, |request| async move {
        service.get_room(request).await
    })
    .await?;
    Answer::of(&Got {
        room: RoomView::from(answer.room.as_ref().ok_or_else(Failure::internal)?),
    })
}

/// What to change of a room.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
struct Update {
    /// The room's id, or `#name`.
    room: String,
    /// The new name, without `#`.
    #[schemars(length(min = 1, max = 64))]
    name: Option<String>,
    /// The new topic.
    #[schemars(length(max = 256))]
    topic: Option<String>,
    /// Shortest time between two messages of one member; 0 for none.
    #[schemars(range(min = 0, max = 21_600_000))]
    slow_mode_ms: Option<i64>,
}

async fn update(
    context: &Context,
    key: String,
    Update {
        room,
        name,
        topic,
        slow_mode_ms,
    }: Update,
) -> Result<Answer, Failure> {
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

async fn delete(
    context: &Context,
    key: String,
    Target { room }: Target,
) -> Result<Answer, Failure> {
    change(context, DeleteRoomRequest { room, key }, |request| {
        let mut service = context.app.room.clone();
        async move { service.delete_room(request).await }
    })
    .await?;
    Answer::done()
}
