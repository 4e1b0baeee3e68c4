//! An event as members get it: rendered once, shared by all.

use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicBool, Ordering},
};

use proto::{
    event::{Kind, MemberJoined, MemberLeft, Position, render_data},
    id::UserId,
    stream::Event,
};
use tokio_tungstenite::tungstenite::Utf8Bytes;

use crate::{enforced::Enforced, frame, hidden::Hidden};

/// What a stream is to a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// A room: frames carry `room`.
    Room,
    /// The user's own feed: frames carry `stream`.
    Feed,
}

impl Scope {
    pub(super) fn field(self) -> &'static str {
        match self {
            Self::Room => "room",
            Self::Feed => "stream",
        }
    }
}

/// An event as members get it.
pub struct Rendered {
    pub(super) event: Arc<Event>,
    scope: Scope,
    /// `None` for an event that clients are not told of.
    pub(super) kind: Option<Kind>,
    /// The frame for whoever was told of the event before this one: nearly everyone.
    pub(super) shared: Option<Utf8Bytes>,
    /// The same for whoever is told of it again, made when the first of them comes.
    pub(super) repeated: OnceLock<Option<Utf8Bytes>>,
    /// Whose membership the event changes, and whether they are a member after it.
    pub(super) subject: Option<(UserId, bool)>,
    /// Whether the stream ends here: nobody is a member after it.
    pub(super) is_end: bool,
    /// Whose doing it is, when it is one that a block hides.
    author: Option<UserId>,
    /// Whether only its author may see it.
    is_shadowed: AtomicBool,
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
        let told = kind.filter(|kind| kind.frame_type().is_some());
        let mut rendered = Self {
            event,
            scope,
            kind: told,
            shared: None,
            repeated: OnceLock::new(),
            subject,
            is_end: kind == Some(Kind::RoomDeleted),
            author,
            is_shadowed: AtomicBool::new(false),
        };
        rendered.judge(enforced);
        rendered.shared = rendered.frame(rendered.event.seq - 1, false);
        rendered
    }

    /// Looks whether nobody but its author may see it now.
    pub(super) fn judge(&self, enforced: &Enforced) {
        let is_shadowed = self.author.is_some_and(|author| {
            let tenant = self.event.tenant.parse();
            tenant.is_ok_and(|tenant| enforced.is_shadowed(&tenant, author))
        });
        self.is_shadowed.store(is_shadowed, Ordering::Relaxed);
    }

    /// Whether the event is kept from a person: they block its author, or nobody but the author may see it.
    #[must_use]
    pub fn is_hidden_from(&self, viewer: UserId, hidden: &Hidden) -> bool {
        let is_shadowed = self.is_shadowed.load(Ordering::Relaxed);
        self.author
            .is_some_and(|author| author != viewer && (is_shadowed || hidden.contains(author)))
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
