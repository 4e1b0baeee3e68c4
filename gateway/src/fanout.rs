//! One stream's members on this gateway, and how an event becomes a frame: rendered once, shared by all.

#[cfg(test)]
mod tests;

use std::{collections::HashMap, sync::Arc};

use parking_lot::Mutex;
use proto::{
    event::{Kind, MemberJoined, MemberLeft, Position, render_data},
    id::{ConnectionId, StreamId, Tenant, UserId},
    stream::{Event, RangeResponse},
};
use tokio_tungstenite::tungstenite::Utf8Bytes;

use crate::{
    conn::{
        handle::{Control, Handle},
        outbound::Place,
    },
    enforced::Enforced,
    frame,
    hidden::Hidden,
};

/// What a stream is to a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// A room: frames carry `room`.
    Room,
    /// The user's own feed: frames carry `stream`.
    Feed,
}

impl Scope {
    fn field(self) -> &'static str {
        match self {
            Self::Room => "room",
            Self::Feed => "stream",
        }
    }
}

/// An event as members get it.
pub struct Rendered {
    event: Arc<Event>,
    scope: Scope,
    /// `None` for an event that clients are not told of.
    kind: Option<Kind>,
    /// The frame for whoever was told of the event before this one: nearly everyone.
    shared: Option<Utf8Bytes>,
    /// Whose membership the event changes, and whether they are a member after it.
    subject: Option<(UserId, bool)>,
    /// Whether the stream ends here: nobody is a member after it.
    is_end: bool,
    /// Whose doing it is, when it is one that a block hides.
    author: Option<UserId>,
    /// Whether only its author may see it.
    is_shadowed: bool,
}

impl Rendered {
    /// Renders an event.
    #[must_use]
    pub fn new(event: Arc<Event>, scope: Scope, enforced: &Enforced) -> Self {
        let kind = i16::try_from(event.kind).ok().and_then(Kind::from_number);
        let subject = kind.and_then(|kind| subject(kind, &event.data));
        let author = kind
            .filter(|kind| scope == Scope::Room && kind.is_hideable())
            .and_then(|_| event.actor.parse::<UserId>().ok());
        let is_shadowed = author.is_some_and(|author| {
            event
                .tenant
                .parse()
                .is_ok_and(|tenant| enforced.is_shadowed(&tenant, author))
        });
        let told = kind.filter(|kind| kind.frame_type().is_some());
        let mut rendered = Self {
            event,
            scope,
            kind: told,
            shared: None,
            subject,
            is_end: kind == Some(Kind::RoomDeleted),
            author,
            is_shadowed,
        };
        rendered.shared = rendered.frame(rendered.event.seq - 1, false);
        rendered
    }

    /// Whether the event is kept from a person: they block its author, or nobody but the author may see it.
    #[must_use]
    pub fn is_hidden_from(&self, viewer: UserId, hidden: &Hidden) -> bool {
        self.author
            .is_some_and(|author| author != viewer && (self.is_shadowed || hidden.contains(author)))
    }

    /// Writes the frame for someone whose last seq was `prev`; `None` when clients are not told of it.
    #[must_use]
    pub fn frame(&self, prev: i64, is_replayed: bool) -> Option<Utf8Bytes> {
        let kind = self.kind?;
        let Event {
            stream_id,
            seq,
            event_id,
            at_ms,
            data,
            ..
        } = &*self.event;
        let mut out = Vec::with_capacity(data.len() + 256);
        let replayed = if is_replayed {
            r#""replayed":true,"#
        } else {
            ""
        };
        let head = format!(
            r#"{{"type":"{}","{}":"{stream_id}","seq":{seq},"prev":{prev},"cursor":"{event_id}",{replayed}"data":"#,
            kind.frame_type().unwrap_or_default(),
            self.scope.field(),
        );
        out.extend_from_slice(head.as_bytes());
        let position = Position {
            stream: stream_id,
            seq: *seq,
            event_id,
            at_ms: *at_ms,
        };
        render_data(&mut out, kind, position, data);
        out.push(b'}');
        match String::from_utf8(out) {
            Ok(text) => Some(text.into()),
            Err(_) => {
                tracing::error!(stream.id = %stream_id, seq, "a stored event is not text");
                None
            }
        }
    }
}

fn subject(kind: Kind, data: &[u8]) -> Option<(UserId, bool)> {
    let (user, is_member) = match kind {
        Kind::MemberJoined => (
            serde_json::from_slice::<MemberJoined>(data).ok()?.user,
            true,
        ),
        Kind::MemberLeft => (serde_json::from_slice::<MemberLeft>(data).ok()?.user, false),
        _ => return None,
    };
    Some((user.id.parse().ok()?, is_member))
}

/// Where a member begins.
#[derive(Debug, Clone)]
pub struct Start {
    /// The seq the client knows.
    pub told: i64,
    /// Id of the event at that seq, to be checked against the log before anything is delivered. Empty: no need.
    pub told_id: String,
    /// Events up to this seq are marked as replayed.
    pub replay_to: i64,
}

/// One connection in one stream.
struct Member {
    handle: Arc<Handle>,
    user: UserId,
    /// The last seq the client was told of: the next frame's `prev`.
    told: i64,
    /// The last seq that was decided for this client. Ahead of `told` by what it may not or need not see.
    at: i64,
    /// What should stand at `at` in the log; checked by the first read.
    at_id: String,
    /// Live members get events as they come; others are behind and read the log at their own pace.
    is_live: bool,
    /// Between the user's own departure and return nothing is told.
    is_muted: bool,
    /// Let go of the room when the user's own departure has been told.
    is_leaving: bool,
    replay_to: i64,
}

impl Member {
    /// Offers the next event. `false`: the queue did not take it, and nothing changed.
    fn offer(&mut self, stream: StreamId, event: &Rendered, is_pulled: bool) -> bool {
        let seq = event.event.seq;
        if seq <= self.at {
            return true;
        }
        let own = event
            .subject
            .filter(|(user, _)| *user == self.user)
            .map(|(_, is_member)| is_member)
            .or(event.is_end.then_some(false));
        let is_muted = self.is_muted && own != Some(true);
        let is_told = !is_muted
            && event.kind.is_some()
            && !event.is_hidden_from(self.user, &self.handle.hidden);
        if is_told && !self.send(stream, event, is_pulled) {
            return false;
        }
        self.at = seq;
        self.at_id.clear();
        self.is_muted = is_muted || own == Some(false);
        if own == Some(false) && self.is_leaving {
            self.handle.tell(Control::Left(stream));
        }
        true
    }

    fn send(&mut self, stream: StreamId, event: &Rendered, is_pulled: bool) -> bool {
        let seq = event.event.seq;
        let own;
        let frame = match &event.shared {
            Some(shared) if self.told == seq - 1 && seq > self.replay_to => shared,
            _ => match event.frame(self.told, seq <= self.replay_to) {
                Some(frame) => {
                    own = frame;
                    &own
                }
                None => return true,
            },
        };
        let place = Place {
            prev: self.told,
            seq,
        };
        let outbound = &self.handle.outbound;
        let is_taken = if is_pulled {
            outbound.pulled(stream, place, frame)
        } else {
            outbound.durable(stream, place, frame)
        };
        if is_taken {
            self.told = seq;
        }
        is_taken
    }
}

/// What a read from the log came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pulled {
    /// The member has caught up and is live.
    Live,
    /// There is more to read, when the queue has room.
    Behind,
    /// The log contradicts what the client knows: it was told to begin anew.
    Reset,
    /// No longer a member.
    Gone,
}

#[derive(Default)]
struct State {
    /// The last seq that was delivered to this gateway.
    cursor: i64,
    members: HashMap<ConnectionId, Member>,
}

/// One stream on this gateway.
pub struct Channel {
    tenant: Tenant,
    stream: StreamId,
    scope: Scope,
    enforced: Arc<Enforced>,
    state: Mutex<State>,
}

impl Channel {
    /// Makes a stream without members.
    #[must_use]
    pub fn new(tenant: Tenant, stream: StreamId, scope: Scope, enforced: Arc<Enforced>) -> Self {
        Self {
            tenant,
            stream,
            scope,
            enforced,
            state: Mutex::default(),
        }
    }

    /// Returns whose installation the stream belongs to.
    #[must_use]
    pub fn tenant(&self) -> &Tenant {
        &self.tenant
    }

    /// Returns the stream's id.
    #[must_use]
    pub fn stream(&self) -> StreamId {
        self.stream
    }

    /// Returns what the stream is to clients.
    #[must_use]
    pub fn scope(&self) -> Scope {
        self.scope
    }

    /// Renders an event for this stream's members.
    #[must_use]
    pub fn render(&self, event: Arc<Event>) -> Rendered {
        Rendered::new(event, self.scope, &self.enforced)
    }

    /// Tells every member but its author something that may be lost.
    pub fn whisper(&self, kind: &'static str, author: UserId, frame: &Utf8Bytes) {
        let state = self.state.lock();
        let is_shadowed = self.enforced.is_shadowed(&self.tenant, author);
        for member in state.members.values().filter(|member| member.is_live) {
            let is_hidden = is_shadowed || member.handle.hidden.contains(author);
            if member.user != author && !member.is_muted && !is_hidden {
                member.handle.outbound.ephemeral(kind, frame.clone());
                member.handle.wake();
            }
        }
    }

    /// Takes note that everything after `cursor` will be delivered.
    pub fn begin(&self, cursor: i64) -> i64 {
        let mut state = self.state.lock();
        state.cursor = state.cursor.max(cursor);
        state.cursor
    }

    /// Adds a connection. `true`: it is live; otherwise it has to read from the log first. A connection that is a
    /// member already stays where it is.
    pub fn attach(&self, handle: &Arc<Handle>, user: UserId, start: Start) -> bool {
        let mut state = self.state.lock();
        let cursor = state.cursor;
        let member = state.members.entry(handle.id).or_insert_with(|| Member {
            handle: handle.clone(),
            user,
            told: start.told,
            at: start.told,
            is_live: start.told_id.is_empty() && start.told >= cursor,
            at_id: start.told_id,
            is_muted: false,
            is_leaving: false,
            replay_to: start.replay_to,
        });
        member.is_live
    }

    /// Removes a connection.
    pub fn detach(&self, connection: ConnectionId) {
        self.state.lock().members.remove(&connection);
    }

    /// Marks that the user is no longer (or again) in the room. `true`: the departure was told, let go now.
    pub fn set_leaving(&self, connection: ConnectionId, is_leaving: bool) -> bool {
        let mut state = self.state.lock();
        let Some(member) = state.members.get_mut(&connection) else {
            return is_leaving;
        };
        member.is_leaving = is_leaving;
        is_leaving && member.is_muted
    }

    /// Whether a connection is a member that has to read from the log.
    #[must_use]
    pub fn is_behind(&self, connection: ConnectionId) -> bool {
        self.state
            .lock()
            .members
            .get(&connection)
            .is_some_and(|member| !member.is_live)
    }

    /// Where a connection's next read begins: the seq, and the id that should stand there.
    #[must_use]
    pub fn place(&self, connection: ConnectionId) -> Option<(i64, String)> {
        let state = self.state.lock();
        state
            .members
            .get(&connection)
            .map(|member| (member.at, member.at_id.clone()))
    }

    /// Takes a connection back to where its first dropped frame was.
    pub fn rewind(&self, connection: ConnectionId, place: Place) {
        if let Some(member) = self.state.lock().members.get_mut(&connection) {
            (member.told, member.at) = (place.prev, place.seq - 1);
            member.at_id.clear();
            // The dropped frame was told, so the member was not muted before it.
            member.is_muted = false;
            member.is_live = false;
        }
    }

    /// Delivers the next events to every live member: a queue entry each, and one wake.
    pub fn deliver(&self, events: &[Rendered]) {
        let mut state = self.state.lock();
        for member in state.members.values_mut().filter(|member| member.is_live) {
            member.is_live = events
                .iter()
                .all(|event| member.offer(self.stream, event, false));
            member.handle.wake();
        }
        metrics::counter!("hubbub_gateway_deliveries_total")
            .increment((state.members.len() * events.len()) as u64);
        if let Some(last) = events.last() {
            state.cursor = last.event.seq;
        }
    }

    /// Gives a connection what was read for it from the log.
    pub fn pulled(&self, connection: ConnectionId, asked: i64, range: &RangeResponse) -> Pulled {
        let events: Vec<_> = range
            .events
            .iter()
            .map(|event| self.render(Arc::new(event.clone())))
            .collect();
        let mut state = self.state.lock();
        let cursor = state.cursor;
        let Some(member) = state.members.get_mut(&connection) else {
            return Pulled::Gone;
        };
        if member.at != asked {
            // Rewound or reset meanwhile: this answer is for another question.
            return Pulled::Behind;
        }
        if !range.is_continuous {
            member.restart(self.scope, self.stream, range.head);
            member.is_live = range.head >= cursor;
            return Pulled::Reset;
        }
        member.at_id.clear();
        for event in &events {
            if event.event.seq > member.at && !member.offer(self.stream, event, true) {
                return Pulled::Behind;
            }
        }
        member.is_live = member.at >= cursor;
        if member.is_live {
            Pulled::Live
        } else {
            Pulled::Behind
        }
    }

    /// The log contradicts what was delivered: every member is told to begin anew after `head`.
    pub fn reset(&self, head: i64) {
        let mut state = self.state.lock();
        state.cursor = head;
        for member in state.members.values_mut() {
            member.restart(self.scope, self.stream, head);
            member.is_live = true;
            member.handle.wake();
        }
    }
}

impl Member {
    fn restart(&mut self, scope: Scope, stream: StreamId, head: i64) {
        self.handle.outbound.reply(reset_frame(scope, stream, head));
        (self.told, self.at, self.replay_to) = (head, head, 0);
        self.at_id.clear();
    }
}

/// Writes `room.reset`: continuity cannot be proved, read the room afresh; events after `head` follow.
#[must_use]
pub fn reset_frame(scope: Scope, stream: StreamId, head: i64) -> Utf8Bytes {
    metrics::counter!("hubbub_gateway_resets_total").increment(1);
    let field = scope.field();
    format!(r#"{{"type":"room.reset","{field}":"{stream}","data":{{"{field}":"{stream}","head":{head}}}}}"#).into()
}

/// Writes `room.gap`: the events `from` to `to` were not replayed, load them by pages; events after `head` follow.
#[must_use]
pub fn gap_frame(scope: Scope, stream: StreamId, from: i64, head: i64) -> Utf8Bytes {
    metrics::counter!("hubbub_gateway_gaps_total").increment(1);
    let field = scope.field();
    format!(
        r#"{{"type":"room.gap","{field}":"{stream}","data":{{"{field}":"{stream}","from":{from},"to":{head},"head":{head}}}}}"#
    )
    .into()
}

/// Renders events as `history.sync` answers them: frames, the first one after `after`. What is hidden from the viewer is
/// left out.
#[must_use]
pub fn history(
    events: &[Event],
    scope: Scope,
    after: i64,
    viewer: (UserId, &Hidden),
    enforced: &Enforced,
) -> String {
    let mut out = String::from("[");
    let mut prev = after;
    for event in events {
        let rendered = Rendered::new(Arc::new(event.clone()), scope, enforced);
        if rendered.is_hidden_from(viewer.0, viewer.1) {
            continue;
        }
        if let Some(frame) = rendered.frame(prev, false) {
            if out.len() > 1 {
                out.push(',');
            }
            out.push_str(frame.as_str());
            prev = event.seq;
        }
    }
    out.push(']');
    debug_assert!(frame::is_json(&out), "stored data is JSON");
    out
}
