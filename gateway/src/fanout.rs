//! One stream's members on this gateway, and how its events get to them.

mod member;
mod members;
pub(crate) mod notices;
mod pace;
mod progress;
mod rendered;
mod tail;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use parking_lot::Mutex;
use proto::{
    id::{ConnectionId, StreamId, Tenant, UserId},
    stream::{Event, RangeResponse},
};
use tokio::{
    runtime,
    time::{Instant, sleep_until},
};
use tokio_tungstenite::tungstenite::Utf8Bytes;

use crate::{
    conn::{handle::Handle, outbound::Place},
    enforced::Enforced,
};

pub use member::Start;
pub use notices::{gap_frame, reset_frame};
pub use progress::Standing;
pub use rendered::{Rendered, Scope, history};

use member::Member;
use members::Members;
use pace::{Pace, Wake};
use tail::Tail;

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
    members: Members,
    tail: Tail,
    pace: Pace,
}

impl State {
    /// Wakes everyone who is live. `is_expected`: by whom it was expected of.
    fn wake(&mut self, now: Instant, is_expected: bool) {
        self.pace.woke(now, is_expected);
        for member in self.members.live() {
            member.handle.wake();
        }
    }
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
    pub fn render(&self, event: Arc<Event>) -> Arc<Rendered> {
        Arc::new(Rendered::new(event, self.scope, &self.enforced))
    }

    /// Tells every member but its author something that may be lost.
    pub fn whisper(&self, kind: &'static str, author: UserId, frame: &Utf8Bytes) {
        let state = self.state.lock();
        if self.is_frozen() {
            return;
        }
        let is_shadowed = self.enforced.is_shadowed(&self.tenant, author);
        for member in state.members.live() {
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
        if cursor > 0 && !state.tail.has_begun() {
            state.tail.begin(cursor);
        }
        state.cursor
    }

    /// Adds a connection. `true`: it is live; otherwise it has to read from the log first. A connection that is a
    /// member already stays where it is.
    pub fn attach(&self, handle: &Arc<Handle>, user: UserId, start: Start) -> bool {
        let mut state = self.state.lock();
        let cursor = state.cursor;
        let member = state.members.enter(Member {
            handle: handle.clone(),
            user,
            told: start.told,
            at: start.told,
            is_live: start.told_id.is_empty() && start.told >= cursor,
            at_id: Some(start.told_id)
                .filter(|id| !id.is_empty())
                .map(Into::into),
            is_muted: false,
            is_leaving: false,
            replay_to: start.replay_to,
        });
        member.is_live
    }

    /// Removes a connection.
    pub fn detach(&self, connection: ConnectionId) {
        self.state.lock().members.remove(connection);
    }

    /// Marks that the user is no longer (or again) in the room. `true`: the departure was told, let go now.
    pub fn set_leaving(&self, connection: ConnectionId, is_leaving: bool) -> bool {
        let mut state = self.state.lock();
        let Some(member) = state.members.get_mut(connection) else {
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
            .get(connection)
            .is_some_and(|member| !member.is_live)
    }

    /// Where a connection's next read begins: the seq, and the id that should stand there.
    #[must_use]
    pub fn place(&self, connection: ConnectionId) -> Option<(i64, String)> {
        let state = self.state.lock();
        state
            .members
            .get(connection)
            .map(|member| (member.at, member.at_id().to_owned()))
    }

    /// Takes a connection back to where its first dropped frame was.
    pub fn rewind(&self, connection: ConnectionId, place: Place) {
        if let Some(member) = self.state.lock().members.get_mut(connection) {
            (member.told, member.at) = (place.prev, place.seq - 1);
            member.at_id = None;
            // The dropped frame was told, so the member was not muted before it.
            member.is_muted = false;
            member.is_live = false;
        }
    }

    /// Whether nobody may be told anything of this room. Asked with the state locked: a member that is not told live
    /// any more is then found by the thaw that follows.
    fn is_frozen(&self) -> bool {
        self.scope == Scope::Room && self.enforced.lease.is_over()
    }

    /// Delivers the next events to every live member: a queue entry each, and one wake, which in a busy stream waits for
    /// what comes next.
    pub fn deliver(self: &Arc<Self>, events: &[Arc<Rendered>]) {
        let now = Instant::now();
        let mut state = self.state.lock();
        for event in events {
            state.tail.push(event, now);
        }
        let is_frozen = self.is_frozen();
        for member in state.members.live_mut() {
            let mut offered = events.iter();
            member.is_live =
                !is_frozen && offered.all(|event| member.offer(self.stream, event, false));
            if !member.is_live {
                // It has to take note at once, whatever the others wait for.
                member.handle.wake();
            }
        }
        metrics::counter!("hubbub_gateway_deliveries_total")
            .increment((state.members.len() * events.len()) as u64);
        if let Some(last) = events.last() {
            state.cursor = last.event.seq;
        }
        let bytes = events.iter().map(|event| event.event.data.len()).sum();
        let members = state.members.len();
        match state.pace.queued(members, events.len(), bytes, now) {
            Wake::Now => state.wake(now, false),
            Wake::At(at) => self.wake_at(at, &mut state),
            Wake::Expected => {}
        }
    }

    fn wake_at(self: &Arc<Self>, at: Instant, state: &mut State) {
        let Ok(runtime) = runtime::Handle::try_current() else {
            return state.wake(Instant::now(), true);
        };
        let channel = self.clone();
        runtime.spawn(async move {
            sleep_until(at).await;
            channel.state.lock().wake(Instant::now(), true);
        });
    }

    /// Forgets events that nobody is given from memory any more.
    pub fn forget_old(&self, now: Instant) {
        self.state.lock().tail.forget_old(now);
    }

    /// Gives a connection what it missed from memory. `None`: it has to be read from the log.
    #[must_use]
    pub fn recall(&self, connection: ConnectionId) -> Option<Pulled> {
        let mut state = self.state.lock();
        if self.is_frozen() {
            return None;
        }
        let State {
            cursor,
            members,
            tail,
            ..
        } = &mut *state;
        let Some(member) = members.get_mut(connection) else {
            return Some(Pulled::Gone);
        };
        let missed = tail.after(member.at, member.at_id(), Instant::now())?;
        member.at_id = None;
        for event in missed {
            event.judge(&self.enforced);
            if !member.offer(self.stream, event, true) {
                return Some(Pulled::Behind);
            }
        }
        member.is_live = member.at >= *cursor;
        metrics::counter!("hubbub_gateway_recalls_total").increment(1);
        Some(if member.is_live {
            Pulled::Live
        } else {
            Pulled::Behind
        })
    }

    /// Gives a connection what was read for it from the log after a place.
    pub fn pulled(
        &self,
        connection: ConnectionId,
        (asked, asked_id): (i64, &str),
        range: &RangeResponse,
    ) -> Pulled {
        let events: Vec<_> = range
            .events
            .iter()
            .map(|event| self.render(Arc::new(event.clone())))
            .collect();
        let mut state = self.state.lock();
        if range.is_continuous {
            let now = Instant::now();
            state.tail.learn((asked, asked_id), &events, now);
        }
        let cursor = state.cursor;
        let Some(member) = state.members.get_mut(connection) else {
            return Pulled::Gone;
        };
        if self.is_frozen() {
            return Pulled::Behind;
        }
        if member.at != asked {
            // Rewound or reset meanwhile: this answer is for another question.
            return Pulled::Behind;
        }
        if !range.is_continuous {
            member.restart(self.scope, self.stream, range.head);
            member.is_live = range.head >= cursor;
            return Pulled::Reset;
        }
        member.at_id = None;
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
        state.tail.begin(head);
        for member in state.members.all_mut() {
            member.restart(self.scope, self.stream, head);
            member.is_live = true;
            member.handle.wake();
        }
    }
}
