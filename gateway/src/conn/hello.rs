//! From `hello` to `welcome`: who it is, which streams they follow, and what they missed.

use std::{collections::HashMap, sync::Arc};

use futures::{StreamExt, TryStreamExt, stream};
use parking_lot::Mutex;
use proto::{
    frame::{BODY_MAX_CHARS, CloseCode, DEPTH_MAX, FRAME_MAX, REPLAY_MAX},
    id::{RoomId, StreamId},
    room::{ListMyRoomsRequest, MyRoom},
    social::ListHiddenRequest,
};
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio_tungstenite::tungstenite::Utf8Bytes;
use tonic::Status;

use crate::{
    App,
    address::ClientAddress,
    conn::{
        credential::{Credential, Identity, prove},
        handle::Handle,
        welcome,
    },
    enforced,
    fanout::{Scope, Start, gap_frame, reset_frame},
    frame::Frame,
    hub::{Presence, Watch},
    relay::{Context, KnownRoom},
};

/// Most cursors of one `hello`.
const CURSORS_MAX: usize = 1_000;
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

#[derive(Default, Deserialize)]
struct Hello {
    #[serde(default)]
    token: Option<String>,
    #[serde(default)]
    ticket: Option<String>,
    #[serde(default)]
    visible: Option<bool>,
    #[serde(default)]
    resume: Option<Box<RawValue>>,
}

#[derive(Deserialize)]
struct Resume {
    #[serde(default)]
    session: Option<String>,
    #[serde(default)]
    cursors: HashMap<String, Box<RawValue>>,
}

/// What a client says it knows of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Cursor {
    At(i64, String),
    /// It says something, but nothing that could be true.
    Bad,
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
    let resume = parse_resume(hello.resume.as_deref())?;
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
    let streams = follow_all(&app, &handle, &identity)
        .await
        .map_err(|_| CloseCode::UpstreamUnavailable)?;
    let session = identity.session_id.to_string();
    let cursors =
        resume.filter(|resume| resume.session.as_deref().is_none_or(|said| said == session));
    let cursors = cursors.map(|resume| resume.cursors);
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
            app,
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

fn parse_resume(raw: Option<&RawValue>) -> Result<Option<Resume>, CloseCode> {
    let Some(raw) = raw.filter(|raw| raw.get() != "null") else {
        return Ok(None);
    };
    let resume: Resume = serde_json::from_str(raw.get()).map_err(|_| CloseCode::BadFrame)?;
    if resume.cursors.len() > CURSORS_MAX {
        return Err(CloseCode::BadFrame);
    }
    Ok(Some(resume))
}

fn parse_cursor(raw: &RawValue) -> Cursor {
    match serde_json::from_str::<(i64, String)>(raw.get()) {
        Ok((0, _)) => Cursor::At(0, String::new()),
        // Only a place with its id can be proved.
        Ok((seq, id)) if seq > 0 && id.len() == 36 => Cursor::At(seq, id),
        _ => Cursor::Bad,
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
) -> Result<Streams, Status> {
    let (hub, tenant) = (&app.hub, &identity.tenant);
    let feed = hub
        .open(handle.id, tenant, identity.user_id.into(), Scope::Feed)
        .await?;
    let cursor = feed.cursor();
    let token = identity.token(app).await?;
    hide(app, handle, &token).await?;
    let request = rpc::with_token(ListMyRoomsRequest {}, &token);
    let rooms = app
        .room
        .clone()
        .list_my_rooms(request)
        .await?
        .into_inner()
        .rooms;
    let opened = rooms.into_iter().filter_map(|mine| {
        let room: RoomId = mine.room.as_ref()?.room_id.parse().ok()?;
        Some(async move {
            Ok::<_, Status>((
                hub.open(handle.id, tenant, StreamId::from(room), Scope::Room)
                    .await?,
                mine,
            ))
        })
    });
    let rooms = stream::iter(opened)
        .buffered(OPEN_AT_ONCE)
        .try_collect()
        .await?;
    Ok(Streams {
        feed: (feed, cursor),
        rooms,
    })
}

/// Reads whose doings are kept from the client. What changes from here on is in the feed.
async fn hide(app: &App, handle: &Handle, token: &str) -> Result<(), Status> {
    let request = rpc::with_token(ListHiddenRequest {}, token);
    let answer = app.social.clone().list_hidden(request).await?.into_inner();
    let hidden = answer.user_ids.iter().filter_map(|id| id.parse().ok());
    handle.hidden.replace(hidden.collect());
    Ok(())
}

type Placed = (Vec<Attachment>, HashMap<RoomId, KnownRoom>);

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
    let mut known = HashMap::new();
    let mut plans = Vec::with_capacity(streams.rooms.len() + 1);
    let (feed, head) = streams.feed;
    // A bad cursor of the feed costs nothing but a fresh start: rooms come with the welcome.
    let feed_cursor = cursor_of(feed.channel().stream());
    plans.push((feed, feed_cursor, head, String::new()));
    for (watch, mine) in streams.rooms {
        let stream = watch.channel().stream();
        if let Some(room) = mine.room {
            known.insert(
                RoomId(stream.0),
                KnownRoom {
                    name: room.name,
                    kind: room.kind,
                },
            );
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
    Ok((attachments, known))
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
    let (start, notice) = match cursor {
        None => at_head(None),
        Some(Cursor::At(seq, id)) if seq == head && (id == head_id || seq == 0) => at_head(None),
        Some(Cursor::At(seq, id)) if seq <= head && head - seq <= REPLAY_MAX => (
            Start {
                told: seq,
                told_id: id,
                replay_to: head,
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

/// Returns what `welcome.limits` says.
#[must_use]
pub fn limits(app: &App) -> serde_json::Value {
    let gateway = &app.config.gateway;
    serde_json::json!({
        "frame": FRAME_MAX,
        "body": BODY_MAX_CHARS,
        "depth": DEPTH_MAX,
        "perSecond": gateway.rate_per_connection,
        "burst": gateway.burst_per_connection,
        "replay": REPLAY_MAX,
        "cursors": CURSORS_MAX,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(text: &str) -> Box<RawValue> {
        RawValue::from_string(text.to_owned()).expect("JSON")
    }

    #[test]
    fn cursors_that_could_be_true() {
        let id = "0192d3a4-0000-7000-8000-000000000001";
        assert_eq!(
            parse_cursor(&raw(&format!("[3,\"{id}\"]"))),
            Cursor::At(3, id.into())
        );
        assert_eq!(parse_cursor(&raw("[0,\"\"]")), Cursor::At(0, String::new()));
        for bad in [
            "3",
            "null",
            "{}",
            "[]",
            "[3]",
            "[\"3\",\"x\"]",
            "[3.5,\"x\"]",
            "[-1,\"x\"]",
            "[3,\"x\"]",
            "[3,\"\"]",
        ] {
            assert_eq!(parse_cursor(&raw(bad)), Cursor::Bad, "{bad}");
        }
        assert_eq!(
            parse_cursor(&raw(&format!("[99999999999999999999,\"{id}\"]"))),
            Cursor::Bad
        );
        assert_eq!(parse_cursor(&raw(&format!("[3,\"{id}\",1]"))), Cursor::Bad);
    }

    #[test]
    fn a_resume_that_is_none_ends_the_connection() {
        let parsed = |text: &str| {
            parse_resume(Some(&raw(text))).map(|resume| resume.map(|resume| resume.cursors.len()))
        };
        assert_eq!(parsed("null"), Ok(None));
        assert_eq!(parsed("{}"), Ok(Some(0)));
        assert_eq!(
            parsed(r#"{"session":"s","cursors":{"a":[1,"x"]}}"#),
            Ok(Some(1))
        );
        for bad in [
            "7",
            "[1]",
            r#"{"cursors":[]}"#,
            r#"{"cursors":7}"#,
            r#"{"cursors":"x"}"#,
        ] {
            assert_eq!(parsed(bad), Err(CloseCode::BadFrame), "{bad}");
        }
        let many: Vec<_> = (0..=CURSORS_MAX).map(|i| format!("\"{i}\":1")).collect();
        assert_eq!(
            parsed(&format!("{{\"cursors\":{{{}}}}}", many.join(","))),
            Err(CloseCode::BadFrame)
        );
    }
}
