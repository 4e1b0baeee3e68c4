//! Rooms and membership.

use proto::{
    id::RoomId,
    room::{
        CreateRoomRequest, GetRoomRequest, InviteMemberRequest, JoinRoomRequest, JoinRoomResponse,
        LeaveRoomRequest, ListMembersRequest, ListRoomsRequest, Room, SetMemberRoleRequest,
    },
};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{
    Answer, Context, Effect, Failure, Joined, KnownRoom, ask, change, follow, user_id,
    view::{self, MemberView, RoomView},
};
use crate::{error::Error, frame::Frame};

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

pub(super) async fn create(context: &Context, frame: &Frame) -> Result<Answer, Failure> {
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
async fn joined(context: &Context, room: &Room, head: i64) -> Effect {
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

pub(super) async fn list(context: &Context, frame: &Frame) -> Result<Answer, Failure> {
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

pub(super) async fn get(context: &Context, frame: &Frame) -> Result<Answer, Failure> {
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

pub(super) async fn join(context: &Context, frame: &Frame) -> Result<Answer, Failure> {
    let key = frame.key()?;
    let Join { room, since } = frame.payload()?;
    let answer: JoinRoomResponse = change(context, JoinRoomRequest { room, key }, |request| {
        let mut service = context.app.room.clone();
        async move { service.join_room(request).await }
    })
    .await?;
    let room = answer.room.as_ref().ok_or_else(Failure::internal)?;
    let since = since.unwrap_or(0);
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

#[derive(Serialize)]
struct Nothing {}

pub(super) async fn leave(context: &Context, frame: &Frame) -> Result<Answer, Failure> {
    let key = frame.key()?;
    let Target { room } = frame.payload()?;
    change(context, LeaveRoomRequest { room, key }, |request| {
        let mut service = context.app.room.clone();
        async move { service.leave_room(request).await }
    })
    .await?;
    Answer::of(&Nothing {})
}

#[derive(Deserialize)]
struct Members {
    room: String,
    #[serde(default)]
    page: Option<String>,
    #[serde(default)]
    limit: Option<u32>,
}

#[derive(Serialize)]
struct MembersView<'a> {
    members: Vec<MemberView<'a>>,
    #[serde(skip_serializing_if = "str::is_empty")]
    next: &'a str,
}

pub(super) async fn members(context: &Context, frame: &Frame) -> Result<Answer, Failure> {
    let Members { room, page, limit } = frame.payload()?;
    let question = ListMembersRequest {
        room,
        page: page.unwrap_or_default(),
        limit: limit.unwrap_or_default(),
    };
    let mut service = context.app.room.clone();
    let answer = ask(context, question, |request| async move {
        service.list_members(request).await
    })
    .await?;
    let members = answer.members.iter().map(MemberView::from).collect();
    Answer::of(&MembersView {
        members,
        next: &answer.next_page,
    })
}

#[derive(Deserialize)]
struct Invite {
    room: String,
    user: String,
}

pub(super) async fn invite(context: &Context, frame: &Frame) -> Result<Answer, Failure> {
    let key = frame.key()?;
    let Invite { room, user } = frame.payload()?;
    let message = InviteMemberRequest {
        room,
        user_id: user_id(context, &user).await?,
        key,
    };
    change(context, message, |request| {
        let mut service = context.app.room.clone();
        async move { service.invite_member(request).await }
    })
    .await?;
    Answer::of(&Nothing {})
}

#[derive(Deserialize)]
struct SetRole {
    room: String,
    user: String,
    role: String,
}

pub(super) async fn role(context: &Context, frame: &Frame) -> Result<Answer, Failure> {
    let key = frame.key()?;
    let SetRole { room, user, role } = frame.payload()?;
    let role = view::role(&role)
        .ok_or_else(|| Error::field("role", "must be owner, moderator or member"))?;
    let user_id = user_id(context, &user).await?;
    let message = SetMemberRoleRequest {
        room,
        user_id,
        role: role.into(),
        key,
    };
    change(context, message, |request| {
        let mut service = context.app.room.clone();
        async move { service.set_member_role(request).await }
    })
    .await?;
    Answer::of(&Nothing {})
}
