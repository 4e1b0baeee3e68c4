//! Rooms and the caller's passage through them, on the wire.

use proto::room::{
    CreateRoomRequest, CreateRoomResponse, GetRoomRequest, GetRoomResponse, JoinRoomRequest,
    JoinRoomResponse, LeaveRoomRequest, LeaveRoomResponse, ListMyRoomsRequest, ListMyRoomsResponse,
    ListRoomsRequest, ListRoomsResponse, MyRoom as WireMyRoom, Room as WireRoom,
};
use rpc::{Caller, field_invalid};
use tonic::{Request, Response, Status};

use super::{Answer, key, millis, next_page, paging, room};
use crate::{
    App,
    memberships::{self, Joined, MyRoom, Passage},
    names::RoomName,
    rooms::{self, Created, Head, NewRoom, Room, RoomKind, Search, TOPIC_MAX_CHARS},
};

pub(super) async fn create_room(
    app: &App,
    request: Request<CreateRoomRequest>,
) -> Answer<CreateRoomResponse> {
    let caller = Caller::of(&request)?;
    let created = rooms::create(app, &caller, request.into_inner().try_into()?).await?;
    Ok(Response::new(created.into()))
}

pub(super) async fn list_rooms(
    app: &App,
    request: Request<ListRoomsRequest>,
) -> Answer<ListRoomsResponse> {
    let caller = Caller::of(&request)?;
    let page = rooms::list(app, &caller, request.into_inner().try_into()?).await?;
    Ok(Response::new(ListRoomsResponse {
        rooms: page.rows.into_iter().map(WireRoom::from).collect(),
        next_page: next_page(page.next),
    }))
}

pub(super) async fn get_room(
    app: &App,
    request: Request<GetRoomRequest>,
) -> Answer<GetRoomResponse> {
    let caller = Caller::of(&request)?;
    let found = rooms::get(app, &caller, room(&request.get_ref().room)?).await?;
    Ok(Response::new(GetRoomResponse {
        room: Some(found.into()),
    }))
}

pub(super) async fn join_room(
    app: &App,
    request: Request<JoinRoomRequest>,
) -> Answer<JoinRoomResponse> {
    let caller = Caller::of(&request)?;
    let JoinRoomRequest { room, key } = request.into_inner();
    let joined = memberships::join(app, &caller, passage(&room, key)?).await?;
    Ok(Response::new(joined.into()))
}

pub(super) async fn leave_room(
    app: &App,
    request: Request<LeaveRoomRequest>,
) -> Answer<LeaveRoomResponse> {
    let caller = Caller::of(&request)?;
    let LeaveRoomRequest { room, key } = request.into_inner();
    memberships::leave(app, &caller, passage(&room, key)?).await?;
    Ok(Response::new(LeaveRoomResponse {}))
}

pub(super) async fn list_my_rooms(
    app: &App,
    request: Request<ListMyRoomsRequest>,
) -> Answer<ListMyRoomsResponse> {
    let caller = Caller::of(&request)?;
    let rooms = memberships::list(app, &caller).await?;
    Ok(Response::new(ListMyRoomsResponse {
        rooms: rooms.into_iter().map(WireMyRoom::from).collect(),
    }))
}

/// Reads the name of a room to be.
pub(super) fn name(text: &str) -> Result<RoomName, Status> {
    RoomName::parse(text).map_err(|why| field_invalid("name", why))
}

/// Reads a topic.
pub(super) fn topic(text: &str) -> Result<String, Status> {
    let topic = text.trim();
    if topic.chars().count() > TOPIC_MAX_CHARS {
        return Err(field_invalid("topic", "a topic has at most 256 characters"));
    }
    if topic.chars().any(char::is_control) {
        return Err(field_invalid("topic", "a topic is one line of text"));
    }
    Ok(topic.into())
}

fn passage(named: &str, key_text: String) -> Result<Passage, Status> {
    Ok(Passage {
        key: key(key_text)?,
        room: room(named)?,
    })
}

impl TryFrom<CreateRoomRequest> for NewRoom {
    type Error = Status;

    fn try_from(request: CreateRoomRequest) -> Result<Self, Status> {
        Ok(Self {
            key: key(request.key)?,
            name: name(&request.name)?,
            topic: topic(&request.topic)?,
            kind: if request.is_private {
                RoomKind::Private
            } else {
                RoomKind::Channel
            },
        })
    }
}

impl TryFrom<ListRoomsRequest> for Search {
    type Error = Status;

    fn try_from(request: ListRoomsRequest) -> Result<Self, Status> {
        if request.query.chars().count() > TOPIC_MAX_CHARS || request.query.contains('\0') {
            return Err(field_invalid(
                "query",
                "at most 256 characters, none of them NUL",
            ));
        }
        Ok(Self {
            query: request.query,
            paging: paging(&request.page, request.limit)?,
        })
    }
}

impl From<Room> for WireRoom {
    fn from(room: Room) -> Self {
        Self {
            room_id: room.room_id.to_string(),
            name: room.name,
            kind: room.kind.as_str().into(),
            topic: room.topic,
            members: room.members,
            is_joined: room.is_joined,
            created_at_ms: millis(room.created_at),
            slow_mode_ms: room.slow_mode_ms,
            peer_id: room
                .peer_id
                .map(|peer_id| peer_id.to_string())
                .unwrap_or_default(),
        }
    }
}

impl From<Created> for CreateRoomResponse {
    fn from(created: Created) -> Self {
        Self {
            room: Some(created.room.into()),
            is_duplicate: created.is_duplicate,
        }
    }
}

impl From<Joined> for JoinRoomResponse {
    fn from(joined: Joined) -> Self {
        Self {
            room: Some(joined.room.into()),
            head: joined.head.seq,
            head_id: head_id(joined.head),
            messages: joined.messages.into_iter().map(Into::into).collect(),
            members: joined.members.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<MyRoom> for WireMyRoom {
    fn from(mine: MyRoom) -> Self {
        Self {
            room: Some(mine.room.into()),
            head: mine.head.seq,
            head_id: head_id(mine.head),
            counter: Some(mine.counter.into()),
        }
    }
}

pub(super) fn head_id(head: Head) -> String {
    head.event_id
        .map(|event_id| event_id.to_string())
        .unwrap_or_default()
}
