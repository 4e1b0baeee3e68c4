//! The JSON of answers.

use proto::{
    auth::{Grant, Role, Session, User},
    event::{Kind, Position, render_data},
    room::{Message, MyRoom, Room},
};
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

/// A person.
#[derive(Serialize, ToSchema)]
#[schema(as = User)]
pub(crate) struct UserView {
    id: String,
    #[schema(example = "ada")]
    name: String,
    /// `USER` or `ADMIN`.
    #[schema(example = "USER")]
    role: &'static str,
}

impl From<User> for UserView {
    fn from(user: User) -> Self {
        let role = if user.role() == Role::Admin {
            "ADMIN"
        } else {
            "USER"
        };
        Self {
            id: user.user_id,
            name: user.name,
            role,
        }
    }
}

/// What signing up or logging in gives. The session cookie comes with it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Granted)]
pub(crate) struct GrantView {
    user: UserView,
    /// Access token (JWT, 15 minutes): `Authorization: Bearer …`, or `hello{token}` on a WebSocket.
    token: String,
    /// When the token ends, milliseconds since the epoch.
    expires_at: i64,
    /// The session's id. On development servers it is the session token, so that `?session=` works.
    session: String,
}

impl GrantView {
    /// Makes the answer; `tells_secret` puts the session token where its id would stand.
    pub(crate) fn new(grant: Grant, tells_secret: bool) -> Self {
        Self {
            user: grant.user.unwrap_or_default().into(),
            token: grant.access_token,
            expires_at: grant.access_expires_at_ms,
            session: if tells_secret {
                grant.session_token
            } else {
                grant.session_id
            },
        }
    }
}

/// A fresh access token.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Token)]
pub(crate) struct TokenView {
    pub(crate) token: String,
    /// Milliseconds since the epoch.
    pub(crate) expires_at: i64,
}

/// A single-use ticket for one WebSocket.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Ticket)]
pub(crate) struct TicketView {
    pub(crate) ticket: String,
    /// Milliseconds since the epoch.
    pub(crate) expires_at: i64,
}

/// One log-in.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Session)]
pub(crate) struct SessionView {
    id: String,
    created_at: i64,
    last_seen_at: i64,
    expires_at: i64,
    /// The User-Agent it was opened with.
    agent: String,
    /// Whether this request belongs to it.
    current: bool,
}

impl From<Session> for SessionView {
    fn from(session: Session) -> Self {
        Self {
            id: session.session_id,
            created_at: session.created_at_ms,
            last_seen_at: session.last_seen_at_ms,
            expires_at: session.expires_at_ms,
            agent: session.agent,
            current: session.is_current,
        }
    }
}

/// The caller's live sessions.
#[derive(Serialize, ToSchema)]
#[schema(as = Sessions)]
pub(crate) struct SessionsView {
    pub(crate) sessions: Vec<SessionView>,
}

/// A room.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Room)]
pub(crate) struct RoomView {
    id: String,
    #[schema(example = "general")]
    name: String,
    /// `channel` or `private`.
    #[schema(example = "channel")]
    kind: String,
    topic: String,
    /// How many members it has.
    members: i64,
    /// Whether the caller is one of them.
    joined: bool,
    created_at: i64,
    /// The newest seq; in lists of the caller's own rooms only.
    #[serde(skip_serializing_if = "Option::is_none")]
    head: Option<i64>,
}

impl From<Room> for RoomView {
    fn from(room: Room) -> Self {
        Self {
            id: room.room_id,
            name: room.name,
            kind: room.kind,
            topic: room.topic,
            members: room.members,
            joined: room.is_joined,
            created_at: room.created_at_ms,
            head: None,
        }
    }
}

impl From<MyRoom> for RoomView {
    fn from(mine: MyRoom) -> Self {
        let room = Self::from(mine.room.unwrap_or_default());
        Self {
            head: Some(mine.head),
            ..room
        }
    }
}

/// A page of rooms.
#[derive(Serialize, ToSchema)]
#[schema(as = Rooms)]
pub(crate) struct RoomsView {
    pub(crate) rooms: Vec<RoomView>,
    /// `?page=` of the next page, when there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next: Option<String>,
}

/// A room that was made.
#[derive(Serialize, ToSchema)]
#[schema(as = Created)]
pub(crate) struct CreatedView {
    pub(crate) room: RoomView,
}

/// Everything about the caller.
#[derive(Serialize, ToSchema)]
#[schema(as = Account)]
pub(crate) struct AccountView {
    pub(crate) user: UserView,
    /// How many friends.
    pub(crate) friends: u32,
    /// How many people the caller blocked.
    pub(crate) blocked: u32,
    pub(crate) sessions: Vec<SessionView>,
    /// The rooms the caller is in.
    pub(crate) rooms: Vec<RoomView>,
}

/// A page of messages, oldest first.
#[derive(Serialize, ToSchema)]
#[schema(as = Messages)]
pub(crate) struct MessagesView {
    #[schema(value_type = Vec<MessageShape>)]
    pub(crate) messages: Vec<Box<RawValue>>,
    /// Whether there are more in the direction that was asked for.
    pub(crate) more: bool,
}

/// Writes a message object: the stored text with the commit's fields in front. `None` if the stored text is no JSON.
pub(crate) fn message(message: &Message) -> Option<Box<RawValue>> {
    let position = Position {
        stream: &message.room_id,
        seq: message.seq,
        event_id: &message.message_id,
        at_ms: message.at_ms,
    };
    let mut out = Vec::with_capacity(message.data.len() + 160);
    render_data(&mut out, Kind::MessagePosted, position, &message.data);
    RawValue::from_string(String::from_utf8(out).ok()?).ok()
}

/// A message's shape, for the OpenAPI page.
#[derive(ToSchema)]
#[schema(as = Message, rename_all = "camelCase")]
#[expect(
    dead_code,
    reason = "only its schema is used; messages are copied as the stored text"
)]
pub(crate) struct MessageShape {
    /// The message's id.
    message: String,
    /// The room's id.
    room: String,
    /// Place in the room's stream.
    seq: i64,
    /// Milliseconds since the epoch.
    at: i64,
    /// The idempotency key its author chose.
    key: String,
    author: AuthorShape,
    body: String,
    /// 1 until edited.
    rev: u32,
    /// Id of the message this answers.
    reply_to: Option<String>,
    reactions: Vec<String>,
    mentions: Vec<String>,
}

/// A message's author.
#[derive(ToSchema)]
#[schema(as = Author)]
#[expect(dead_code, reason = "only its schema is used")]
pub(crate) struct AuthorShape {
    id: String,
    name: String,
}
