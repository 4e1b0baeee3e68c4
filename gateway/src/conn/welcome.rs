//! The first frames a client gets.

use proto::{
    frame::{BODY_MAX_CHARS, DEPTH_MAX, FRAME_MAX, REPLAY_MAX},
    room::MyRoom,
    words::RoomKind,
};
use schemars::JsonSchema;
use serde::Serialize;
use tokio_tungstenite::tungstenite::Utf8Bytes;

use crate::{
    App,
    conn::{credential::Identity, hello::Streams, said::CURSORS_MAX},
    frame,
    relay::view::UserView,
};

/// Optional features this server has.
const CAPS: [&str; 9] = [
    "resume",
    "history.sync",
    "rooms",
    "threads",
    "reactions",
    "direct",
    "friends",
    "presence",
    "search",
];

/// The first frame: who the client is, what the server allows, and where every stream of theirs stands.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Welcome<'a> {
    /// The session's id.
    session: String,
    /// Who this connection belongs to.
    user: UserView<'a>,
    /// Whose installation this is.
    tenant: &'a str,
    /// Whether the cursors of the `hello` were taken.
    resumed: bool,
    /// How silence is dealt with.
    heartbeat: Heartbeat,
    /// What this server allows.
    limits: Limits,
    /// Optional features this server has.
    #[schemars(with = "Vec<String>")]
    caps: [&'static str; CAPS.len()],
    /// The rooms the user is in.
    rooms: Vec<Room<'a>>,
    /// The user's private feed.
    feed: Feed,
    /// When the credential ends, milliseconds since the epoch.
    expires_at: i64,
    /// This gateway's name.
    server: &'a str,
}

/// How silence is dealt with.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
struct Heartbeat {
    /// The server pings after it sent nothing for this long.
    interval_ms: u64,
    /// The connection is dead when nothing is heard for this long after that.
    timeout_ms: u64,
}

/// A room of the user.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "WelcomeRoom")]
struct Room<'a> {
    /// The room's id.
    id: &'a str,
    /// What it is.
    #[schemars(with = "RoomKind")]
    kind: &'a str,
    /// Its name, without `#`; of a direct conversation the other person's.
    name: &'a str,
    /// The newest seq of its stream.
    head: i64,
    /// Id of the event at `head`.
    cursor: &'a str,
    /// Seq up to which the user has read.
    read: i64,
    /// Messages after it; at most 1,000 are counted.
    unread: i64,
    /// Those that mention the user.
    mentions: i64,
    /// Another number than before: the stream began anew.
    epoch: i64,
    /// Id of the other person of a direct conversation.
    #[serde(skip_serializing_if = "str::is_empty")]
    peer: &'a str,
}

/// The user's private feed.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct Feed {
    /// Its stream's id.
    stream: String,
    /// The seq that its events follow.
    head: i64,
}

/// Told to a client that comes back, after the welcome.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
pub(crate) struct ResumeSession<'a> {
    /// The session's id.
    session: String,
    /// The user's id.
    user: String,
    /// Ids of the rooms the user is in.
    rooms: Vec<&'a str>,
}

/// What this server allows.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
struct Limits {
    /// Most bytes of a frame.
    frame: usize,
    /// Most characters of a message.
    body: usize,
    /// Deepest nesting of a frame.
    depth: usize,
    /// Requests a second.
    per_second: u32,
    /// Requests at once.
    burst: u32,
    /// Most events that are told again per stream.
    replay: i64,
    /// Most cursors of a `hello`.
    cursors: usize,
}

fn limits(app: &App) -> Limits {
    let gateway = &app.config.gateway;
    Limits {
        frame: FRAME_MAX,
        body: BODY_MAX_CHARS,
        depth: DEPTH_MAX,
        per_second: gateway.rate_per_connection,
        burst: gateway.burst_per_connection,
        replay: REPLAY_MAX,
        cursors: CURSORS_MAX,
    }
}

/// Writes `welcome`, and `client/RESUME_SESSION` for a client that comes back.
#[must_use]
pub(super) fn frames(
    app: &App,
    identity: &Identity,
    streams: &Streams,
    is_resumed: bool,
    expires_at_ms: i64,
) -> Vec<Utf8Bytes> {
    let rooms: Vec<_> = streams
        .rooms
        .iter()
        .filter_map(|(_, mine)| room(mine))
        .collect();
    let ids = rooms.iter().map(|room| room.id).collect();
    let gateway = &app.config.gateway;
    let user_id = identity.user_id.to_string();
    let welcome = Welcome {
        session: identity.session_id.to_string(),
        user: UserView {
            id: &user_id,
            name: &identity.name,
            role: identity.role,
        },
        tenant: identity.tenant.as_str(),
        resumed: is_resumed,
        heartbeat: Heartbeat {
            interval_ms: gateway.heartbeat_ms,
            timeout_ms: gateway.grace_ms,
        },
        limits: limits(app),
        caps: CAPS,
        rooms,
        feed: Feed {
            stream: user_id.clone(),
            head: streams.feed.1,
        },
        expires_at: expires_at_ms,
        server: &app.instance,
    };
    let mut frames = vec![frame::event("welcome", &welcome)];
    if is_resumed {
        let back = ResumeSession {
            session: identity.session_id.to_string(),
            user: user_id,
            rooms: ids,
        };
        frames.push(frame::event("client/RESUME_SESSION", &back));
    }
    frames
}

fn room(mine: &MyRoom) -> Option<Room<'_>> {
    let room = mine.room.as_ref()?;
    let counter = mine.counter.unwrap_or_default();
    Some(Room {
        id: &room.room_id,
        kind: &room.kind,
        name: &room.name,
        head: mine.head,
        cursor: &mine.head_id,
        read: counter.read,
        unread: counter.unread,
        mentions: counter.mentions,
        // Epochs come with restores; the field is part of the contract now.
        epoch: 0,
        peer: &room.peer_id,
    })
}
