//! The first frames a client gets.

use proto::room::MyRoom;
use serde::Serialize;
use tokio_tungstenite::tungstenite::Utf8Bytes;

use crate::{
    App,
    conn::{
        credential::Identity,
        hello::{Streams, limits},
    },
    frame,
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

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Welcome<'a> {
    session: String,
    user: User<'a>,
    tenant: &'a str,
    resumed: bool,
    heartbeat: Heartbeat,
    limits: serde_json::Value,
    caps: [&'static str; CAPS.len()],
    rooms: Vec<Room<'a>>,
    feed: Feed,
    expires_at: i64,
    server: &'a str,
}

#[derive(Serialize)]
struct User<'a> {
    id: String,
    name: &'a str,
    role: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Heartbeat {
    interval_ms: u64,
    timeout_ms: u64,
}

#[derive(Serialize)]
struct Room<'a> {
    id: &'a str,
    kind: &'a str,
    name: &'a str,
    head: i64,
    cursor: &'a str,
    /// Seq up to which the user has read, and what they have not.
    read: i64,
    unread: i64,
    mentions: i64,
    epoch: i64,
    /// The other person of a direct conversation.
    #[serde(skip_serializing_if = "str::is_empty")]
    peer: &'a str,
}

/// The user's private feed: its stream id and the seq its events follow.
#[derive(Serialize)]
struct Feed {
    stream: String,
    head: i64,
}

#[derive(Serialize)]
struct ResumeSession<'a> {
    session: String,
    user: String,
    rooms: Vec<&'a str>,
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
    let welcome = Welcome {
        session: identity.session_id.to_string(),
        user: User {
            id: identity.user_id.to_string(),
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
            stream: identity.user_id.to_string(),
            head: streams.feed.1,
        },
        expires_at: expires_at_ms,
        server: &app.instance,
    };
    let mut frames = vec![frame::event("welcome", &welcome)];
    if is_resumed {
        let (session, user) = (
            identity.session_id.to_string(),
            identity.user_id.to_string(),
        );
        frames.push(frame::event(
            "client/RESUME_SESSION",
            &ResumeSession {
                session,
                user,
                rooms: ids,
            },
        ));
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
