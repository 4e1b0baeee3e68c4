//! What is said once and never stored, and what is watched: typing, receipts, presence.

use std::collections::{HashMap, HashSet};

use proto::{
    event::{PresenceChanged, Typing as TypingView},
    id::RoomId,
    reason::Reason,
    room::{Delivered, ListMembersRequest, MarkDeliveredRequest},
    social::{GetPresenceRequest, Presence},
    stream::Ephemeral,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tonic::Code;

use super::{
    Answer, Context, Cursors, Effect, Empty, Failure, ask, known_id,
    row::{Route, route},
    user_id,
};
use crate::{app::now_ms, error::Error, hub::Person};

/// A typing mark is good for this long unless it is renewed.
const TYPING_MS: i64 = 6_000;
/// Most people that one connection watches.
const WATCHED_MAX: usize = 200;
/// Most rooms of one receipt.
const RECEIPTS_MAX: usize = 200;

pub(super) const ROUTES: &[Route] = &[
    route!("typing" => typing, Typing => Empty),
    route!("ack" => ack, Ack => Empty),
    route!("presence.watch" => watch, Watch => Snapshot<'_>)
        .heavy()
        .in_order(),
];

/// Says that the caller writes in a room, or no longer does.
#[derive(Deserialize, JsonSchema)]
#[schemars(inline)]
struct Typing {
    /// The room's id, or `#name`.
    room: String,
    /// Whether the caller writes.
    #[serde(default = "yes")]
    on: bool,
}

fn yes() -> bool {
    true
}

fn not_a_member() -> Failure {
    let (code, reason) = (Code::PermissionDenied, Reason::NOT_A_MEMBER);
    Error::new(code, reason, "you are not in this room").into()
}

/// Tells a room that its member writes. The gateway's own list of rooms decides: it is as fresh as the feed, and a mark
/// that comes a moment too late harms nobody.
async fn typing(context: &Context, Typing { room, on }: Typing) -> Result<Answer, Failure> {
    let room = known_id(context, &room).ok_or_else(not_a_member)?;
    let until = now_ms() + if on { TYPING_MS } else { 0 };
    let user = context.identity.user_id.to_string();
    let view = TypingView { user, until };
    let data = serde_json::to_vec(&view).map_err(|_| Failure::internal())?;
    context
        .app
        .ephemerals
        .publish(Ephemeral {
            tenant: context.identity.tenant.to_string(),
            stream_id: room.to_string(),
            kind: "typing".into(),
            actor: view.user,
            data: data.into(),
        })
        .await;
    Answer::done()
}

/// How far messages have come to this device.
#[derive(Deserialize, JsonSchema)]
#[schemars(inline)]
struct Ack {
    /// Stream → its seq and the event's id.
    #[schemars(with = "Cursors")]
    cursors: HashMap<String, Box<RawValue>>,
}

/// Takes note of how far messages have come. Streams that are no rooms of the client are left out.
async fn ack(context: &Context, Ack { cursors }: Ack) -> Result<Answer, Failure> {
    let seq = |raw: &RawValue| {
        serde_json::from_str::<(i64, String)>(raw.get())
            .map(|(seq, _)| seq)
            .or_else(|_| serde_json::from_str::<i64>(raw.get()))
            .ok()
    };
    let of_room = |(stream, raw): (&String, &RawValue)| {
        let room: RoomId = stream.parse().ok()?;
        context.rooms.lock().contains(room).then_some(())?;
        Some(Delivered {
            room_id: room.to_string(),
            seq: seq(raw)?,
        })
    };
    let delivered: Vec<_> = cursors
        .iter()
        .map(|(stream, raw)| (stream, raw.as_ref()))
        .filter_map(of_room)
        .take(RECEIPTS_MAX)
        .collect();
    if !delivered.is_empty() {
        let mut service = context.app.room.clone();
        ask(
            context,
            MarkDeliveredRequest { delivered },
            |request| async move { service.mark_delivered(request).await },
        )
        .await?;
    }
    Answer::done()
}

/// Whom to watch: people, or the members of a room.
#[derive(Deserialize, JsonSchema)]
#[schemars(inline)]
struct Watch {
    /// Ids or `@names`; either these or a room.
    #[serde(default)]
    #[schemars(length(max = WATCHED_MAX))]
    users: Option<Vec<String>>,
    /// The room's id, or `#name`; either this or people.
    #[serde(default)]
    room: Option<String>,
}

/// A [`PresenceChanged`] of borrowed texts.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PresenceView<'a> {
    user: &'a str,
    status: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_seen: Option<i64>,
}

/// How the watched people are seen now.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct Snapshot<'a> {
    /// The people.
    #[schemars(with = "Vec<PresenceChanged>")]
    users: Vec<PresenceView<'a>>,
    /// How many of them are there.
    count: usize,
}

/// Watches people, or the members of a room; it replaces what was watched before. Who may not be followed is offline
/// and stays so.
async fn watch(context: &Context, watch: Watch) -> Result<Answer, Failure> {
    let user_ids = match watch {
        Watch {
            users: Some(users),
            room: None,
        } => named(context, users).await?,
        Watch {
            users: None,
            room: Some(room),
        } => members(context, room).await?,
        _ => return Err(Error::field("users", "either users or a room").into()),
    };
    // First heard of, then asked for: what changes after the service has looked is heard.
    let asked = people(context, &user_ids);
    let mut lookout = context.app.hub.look_out(&context.handle, asked).await?;
    let mut service = context.app.social.clone();
    let answer = ask(
        context,
        GetPresenceRequest { user_ids },
        |request| async move { service.get_presence(request).await },
    )
    .await?;
    let followable = answer.people.iter().filter(|person| person.is_followable);
    lookout.keep(&people(context, followable.map(|person| &person.user_id)));
    let users: Vec<_> = answer.people.iter().map(view).collect();
    let count = users.iter().filter(|user| user.status != "offline").count();
    Ok(Answer::of(&Snapshot { users, count })?.with(Effect::Watches(lookout)))
}

/// Returns whom ids name; the service refuses what is no id.
fn people<'a>(context: &Context, ids: impl IntoIterator<Item = &'a String>) -> HashSet<Person> {
    let tenant = &context.identity.tenant;
    let ids = ids.into_iter().filter_map(|id| id.parse().ok());
    ids.map(|user| (tenant.clone(), user)).collect()
}

async fn named(context: &Context, users: Vec<String>) -> Result<Vec<String>, Failure> {
    if users.len() > WATCHED_MAX {
        return Err(Error::field("users", "at most 200").into());
    }
    let mut ids = Vec::with_capacity(users.len());
    for user in users {
        ids.push(user_id(context, &user).await?);
    }
    Ok(ids)
}

/// Returns the first members of a room by name.
async fn members(context: &Context, room: String) -> Result<Vec<String>, Failure> {
    let mut ids = Vec::new();
    let mut page = String::new();
    while ids.len() < WATCHED_MAX {
        let question = ListMembersRequest {
            room: room.clone(),
            page,
            limit: 100,
        };
        let mut service = context.app.room.clone();
        let answer = ask(context, question, |request| async move {
            service.list_members(request).await
        })
        .await?;
        ids.extend(answer.members.into_iter().map(|member| member.user_id));
        page = answer.next_page;
        if page.is_empty() {
            break;
        }
    }
    ids.truncate(WATCHED_MAX);
    Ok(ids)
}

fn view(person: &Presence) -> PresenceView<'_> {
    PresenceView {
        user: &person.user_id,
        status: &person.status,
        text: &person.text,
        last_seen: (person.last_seen_ms > 0).then_some(person.last_seen_ms),
    }
}
