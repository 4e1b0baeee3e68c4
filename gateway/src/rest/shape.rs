//! The JSON of answers.

use proto::{
    auth::{Grant, Role, Session, User},
    room::{Message, MyRoom, Room},
    social::Person,
};
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::problem::Problem;
use crate::relay::view;

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

/// Another person.
#[derive(Serialize, ToSchema)]
#[schema(as = Person)]
pub(crate) struct PersonView {
    id: String,
    #[schema(example = "bob")]
    name: String,
}

impl From<Person> for PersonView {
    fn from(person: Person) -> Self {
        Self {
            id: person.user_id,
            name: person.name,
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
    /// The session's secret, good for as long as the session: `Authorization: Bearer …` over REST. Only when it was
    /// asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    session_token: Option<String>,
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
            session_token: None,
        }
    }

    /// Makes the answer to who gets no cookie.
    pub(crate) fn with_session_token(grant: Grant) -> Self {
        let token = grant.session_token.clone();
        Self {
            session_token: Some(token),
            ..Self::new(grant, false)
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
    /// `channel`, `private` or `direct`.
    #[schema(example = "channel")]
    kind: String,
    topic: String,
    /// How many members it has.
    members: i64,
    /// Whether the caller is one of them.
    joined: bool,
    created_at: i64,
    /// Shortest time between two messages of one member; 0 when there is none.
    slow_mode_ms: i64,
    /// The other person of a direct conversation.
    #[serde(skip_serializing_if = "Option::is_none")]
    peer: Option<String>,
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
            slow_mode_ms: room.slow_mode_ms,
            peer: next(room.peer_id),
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
    pub(crate) friends: i64,
    /// How many people the caller blocked.
    pub(crate) blocked: i64,
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

/// Writes message objects.
///
/// # Errors
/// When a stored text is no JSON.
pub(crate) fn messages(messages: &[Message]) -> Result<Vec<Box<RawValue>>, Problem> {
    let written: Option<Vec<_>> = messages.iter().map(view::message).collect();
    written.ok_or_else(Problem::internal)
}

/// Returns a text that services leave empty when there is none: the next page above all.
pub(crate) fn next(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
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
    /// When its text was last changed.
    edited_at: Option<i64>,
    /// Whether it was taken away; then `body` is empty.
    deleted: Option<bool>,
    /// Id of the message this answers.
    reply_to: Option<String>,
    /// Id of the thread it belongs to.
    thread: Option<String>,
    reactions: Vec<ReactionShape>,
    /// Ids of the mentioned users.
    mentions: Vec<String>,
}

/// A reaction of everyone who chose the same emoji.
#[derive(ToSchema)]
#[schema(as = Reaction)]
#[expect(dead_code, reason = "only its schema is used")]
pub(crate) struct ReactionShape {
    emoji: String,
    count: i64,
    /// Whether the caller is among them.
    own: bool,
}

/// A message's author.
#[derive(ToSchema)]
#[schema(as = Author)]
#[expect(dead_code, reason = "only its schema is used")]
pub(crate) struct AuthorShape {
    id: String,
    name: String,
}
