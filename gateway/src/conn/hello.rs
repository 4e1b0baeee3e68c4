//! From `hello` to `welcome`: who it is, which streams they follow, and what they missed.

use std::{collections::HashMap, sync::Arc};

use futures::{StreamExt, TryStreamExt, stream};
use parking_lot::Mutex;
use proto::{
    frame::{CloseCode, REPLAY_MAX},
    id::{RoomId, StreamId},
    room::MyRoom,
};
use serde_json::value::RawValue;
use tokio_tungstenite::tungstenite::Utf8Bytes;
use tonic::Status;

use crate::{
    App,
    address::ClientAddress,
    admission::Arrival,
    conn::{
        briefing::Briefing,
        credential::{Credential, Identity, prove},
        handle::Handle,
        said::{Cursor, Hello, Resume, parse_cursor, parse_resume},
        welcome,
    },
    enforced,
    fanout::{Scope, Start, gap_frame, reset_frame},
    frame::Frame,
    hub::{Presence, Watch},
    relay::{Context, KnownRoom, KnownRooms},
};

/// How much is noted of what a client says it is.
const DEVICE_CHARS: usize = 200;
/// How many streams are opened at a time.
const OPEN_AT_ONCE: usize = 16;

/// What a handshake carried.
pub struct Handshake {
    /// A credential, if any.
    pub credential: Option<Credential>,
    /// The Origin header, or empty.
    pub origin: String,
    /// Where it came from.
    pub address: ClientAddress,
    /// As what it was let in.
    pub arrival: Arrival,
}

/// A stream to attach once the welcome is queued.
pub struct Attachment {
    /// The stream.
    pub watch: Watch,
    /// Where the client is in it.
    pub start: Start,
    /// A gap or reset to be told first.
    pub notice: Option<Utf8Bytes>,
}

/// The end of a greeting.
pub struct Greeted {
    /// What requests will use.
    pub context: Arc<Context>,
    /// When the credential ends.
    pub expires_at_ms: i64,
    /// When the services' token must be renewed by the clock.
    pub renew_at_ms: Option<i64>,
    /// Whether the client's window is in view.
    pub is_visible: bool,
    /// The first frames.
    pub frames: Vec<Utf8Bytes>,
    /// The streams.
    pub attachments: Vec<Attachment>,
}

/// Greets a client.
///
/// # Errors
/// How the connection must be closed.
pub async fn greet(
    app: Arc<App>,
    handle: Arc<Handle>,
    presence: Arc<Presence>,
    handshake: Handshake,
    frame: Frame,
) -> Result<Greeted, CloseCode> {
    let hello: Hello = frame.payload().map_err(|_| CloseCode::BadFrame)?;
    let resume = resumed(&app, &hello, handshake.arrival)?;
    let _greeting = app.limits.greeting().await;
    note_device(&handle, &hello);
    let said = hello
        .ticket
        .map(Credential::Ticket)
        .or(hello.token.map(Credential::AccessToken));
    let credential = said
        .or(handshake.credential)
        .ok_or(CloseCode::Unauthenticated)?;
    let proven = prove(&app, credential, &handshake.origin, handshake.address).await?;
    let identity = proven.identity;
    let is_followed = enforced::follow(&app, &identity.tenant).await;
    is_followed.map_err(|_| CloseCode::UpstreamUnavailable)?;
    handle.set_visible(hello.visible.unwrap_or(true));
    if !presence.identify(identity.who(handshake.address), app.config.gateway.per_user) {
        return Err(CloseCode::ConnectionLimit);
    }
    // After it can be found: a ban is either in force here already, or its news closes this socket.
    if app.enforced.refuses(&identity.tenant, handshake.address.0) {
        return Err(CloseCode::Banned);
    }
    let session = identity.session_id.to_string();
    let cursors =
        resume.filter(|resume| resume.session.as_deref().is_none_or(|said| said == session));
    let cursors = cursors.map(|resume| resume.cursors);
    let known = cursors.as_ref().filter(|cursors| !cursors.is_empty());
    let streams = follow_all(&app, &handle, &identity, known)
        .await
        .map_err(|_| CloseCode::UpstreamUnavailable)?;
    let frames = welcome::frames(
        &app,
        &identity,
        &streams,
        cursors.is_some(),
        proven.expires_at_ms,
    );
    let cursors = cursors.unwrap_or_default();
    let attachments = place_all(&app, &identity, streams, &cursors).await?;
    let rooms = Mutex::new(attachments.1);
    Ok(Greeted {
        context: Arc::new(Context {
            app: app.clone(),
            identity,
            handle,
            address: handshake.address,
            rooms,
        }),
        expires_at_ms: proven.expires_at_ms,
        renew_at_ms: proven.renew_at_ms,
        is_visible: hello.visible.unwrap_or(true),
        frames,
        attachments: attachments.0,
    })
}

/// Reads what a client comes back to, and holds it to what it said at the door.
fn resumed(app: &App, hello: &Hello, arrival: Arrival) -> Result<Option<Resume>, CloseCode> {
    let resume = parse_resume(hello.resume.as_deref())?;
    let is_return = resume
        .as_ref()
        .is_some_and(|resume| !resume.cursors.is_empty());
    if arrival == Arrival::Return && !is_return {
        let corrected = app.limits.correct();
        corrected.map_err(|_| CloseCode::RateLimited)?;
    }
    Ok(resume)
}

fn note_device(handle: &Handle, hello: &Hello) {
    if let Some(device) = &hello.device {
        let device: String = device.get().chars().take(DEVICE_CHARS).collect();
        tracing::debug!(connection_id = %handle.id, device, "a client says what it is");
    }
}

/// The user's feed and rooms, each followed and with its head.
pub struct Streams {
    /// The private feed and the seq from which it is followed.
    pub feed: (Watch, i64),
    /// The rooms.
    pub rooms: Vec<(Watch, MyRoom)>,
}

/// Follows the feed, then reads the rooms, then follows those: a membership that changes meanwhile is in the feed.
async fn follow_all(
    app: &Arc<App>,
    handle: &Handle,
    identity: &Identity,
    cursors: Option<&HashMap<String, Box<RawValue>>>,
) -> Result<Streams, Status> {
    let (hub, tenant) = (&app.hub, &identity.tenant);
    let feed = hub
        .open(handle.id, tenant, identity.user_id.into(), Scope::Feed)
        .await?;
    let (cursor, briefing) = brief(app, handle, identity, &feed, cursors).await?;
    let rooms = open_rooms(app, handle, identity, &briefing).await?;
    let is_ahead = |(watch, mine): &(Watch, MyRoom)| mine.head > watch.cursor();
    if cursors.is_none() || !rooms.iter().any(is_ahead) {
        return Ok(Streams {
            feed: (feed, cursor),
            rooms,
        });
    }
    // Either its events are on their way, or what was kept is from a log that an older one has replaced.
    let (cursor, briefing) = brief(app, handle, identity, &feed, None).await?;
    let rooms = open_rooms(app, handle, identity, &briefing).await?;
    Ok(Streams {
        feed: (feed, cursor),
        rooms,
    })
}

async fn open_rooms(
    app: &App,
    handle: &Handle,
    identity: &Identity,
    briefing: &Briefing,
) -> Result<Vec<(Watch, MyRoom)>, Status> {
    let (hub, tenant) = (&app.hub, &identity.tenant);
    let opened = briefing.rooms.iter().cloned().filter_map(|mine| {
        let room: RoomId = mine.room.as_ref()?.room_id.parse().ok()?;
        Some(async move {
            Ok::<_, Status>((
                hub.open(handle.id, tenant, StreamId::from(room), Scope::Room)
                    .await?,
                mine,
            ))
        })
    });
    stream::iter(opened)
        .buffered(OPEN_AT_ONCE)
        .try_collect()
        .await
}

/// Gets the person's rooms and whose doings are kept from them, and the place in the feed they belong to: what changes
/// from there on is in the feed.
async fn brief(
    app: &App,
    handle: &Handle,
    identity: &Identity,
    feed: &Watch,
    cursors: Option<&HashMap<String, Box<RawValue>>>,
) -> Result<(i64, Arc<Briefing>), Status> {
    loop {
        let cursor = feed.cursor();
        let briefing = app.briefings.get(app, identity, cursor, cursors).await?;
        handle.hidden.replace(briefing.hidden.clone());
        // An event that came meanwhile may have been put in the place of what it changed.
        if feed.cursor() == cursor {
            return Ok((cursor, briefing));
        }
    }
}

type Placed = (Vec<Attachment>, KnownRooms);

async fn place_all(
    app: &App,
    identity: &Identity,
    streams: Streams,
    cursors: &HashMap<String, Box<RawValue>>,
) -> Result<Placed, CloseCode> {
    let cursor_of = |stream: StreamId| {
        cursors
            .get(&stream.to_string())
            .map(|raw| parse_cursor(raw))
    };
    let mut known = Vec::with_capacity(streams.rooms.len());
    let mut plans = Vec::with_capacity(streams.rooms.len() + 1);
    let (feed, head) = streams.feed;
    // A bad cursor of the feed costs nothing but a fresh start: rooms come with the welcome.
    let feed_cursor = cursor_of(feed.channel().stream());
    plans.push((feed, feed_cursor, head, String::new()));
    for (watch, mine) in streams.rooms {
        let stream = watch.channel().stream();
        if let Some(room) = mine.room {
            let room = KnownRoom::new(&room.name, &room.kind);
            known.push((RoomId(stream.0), room));
        }
        plans.push((watch, cursor_of(stream), mine.head, mine.head_id));
    }
    let placing = plans
        .into_iter()
        .map(|(watch, cursor, head, head_id)| async move {
            place(app, identity, watch, cursor, head, &head_id).await
        });
    let attachments = stream::iter(placing)
        .buffered(OPEN_AT_ONCE)
        .try_collect()
        .await
        .map_err(|_| CloseCode::UpstreamUnavailable)?;
    Ok((attachments, known.into_iter().collect()))
}

/// Decides where a client stands in a stream.
async fn place(
    app: &App,
    identity: &Identity,
    watch: Watch,
    cursor: Option<Cursor>,
    head: i64,
    head_id: &str,
) -> Result<Attachment, Status> {
    let (scope, stream) = (watch.channel().scope(), watch.channel().stream());
    let at_head = |notice| {
        (
            Start {
                told: head,
                told_id: String::new(),
                replay_to: 0,
            },
            notice,
        )
    };
    // The head was read a moment ago; what came since is as much of the past to the client.
    let newest = head.max(watch.cursor());
    let (start, notice) = match cursor {
        None => at_head(None),
        Some(Cursor::At(seq, id)) if seq == newest && (id == head_id || seq == 0) => at_head(None),
        Some(Cursor::At(seq, id)) if seq <= newest && newest - seq <= REPLAY_MAX => (
            Start {
                told: seq,
                told_id: id,
                replay_to: newest,
            },
            None,
        ),
        Some(Cursor::At(seq, id)) if seq < head => {
            // Too much to replay; but a client whose view is not a part of this history must not keep it.
            let range = app
                .receiver
                .range(&identity.tenant, stream, seq, &id, 1)
                .await?;
            let notice = if range.is_continuous {
                gap_frame(scope, stream, seq + 1, head)
            } else {
                reset_frame(scope, stream, head)
            };
            at_head(Some(notice))
        }
        Some(Cursor::At(..) | Cursor::Bad) => at_head(Some(reset_frame(scope, stream, head))),
    };
    Ok(Attachment {
        watch,
        start,
        notice,
    })
}
