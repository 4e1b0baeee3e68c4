//! The part of a connection that others hold: its queue, and ways to make it act.

use std::{
    collections::VecDeque,
    net::IpAddr,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    task::Waker,
};

use futures::task::AtomicWaker;
use parking_lot::Mutex;
use proto::{
    event::MembershipChanged,
    frame::CloseCode,
    id::{ConnectionId, SessionId, StreamId, Tenant, UserId},
};

use crate::{app::now_ms, config::Gateway, conn::outbound::Outbound, hidden::Hidden};

/// Whose connection it is.
#[derive(Debug, Clone)]
pub struct Who {
    /// Their installation.
    pub tenant: Tenant,
    /// The person.
    pub user: UserId,
    /// Their name when they connected.
    pub name: String,
    /// The log-in.
    pub session: SessionId,
    /// Where they come from.
    pub address: IpAddr,
}

/// Something a connection must do, told by the hub or the listener. Bounded by what a user can cause: a membership
/// change is a committed transaction of theirs, and a close ends the queue.
#[derive(Debug, Clone)]
pub enum Control {
    /// The user is now in a room, or no longer.
    Membership(Arc<MembershipChanged>),
    /// The user's own departure was delivered: let go of the room.
    Left(StreamId),
    /// The user has another name.
    Renamed,
    /// The gateway may deliver again: streams that fell behind meanwhile are read on.
    Thawed,
    /// Say goodbye and close.
    Close {
        /// Why.
        code: CloseCode,
        /// How long the client should wait before it comes back.
        retry_after_ms: u64,
    },
}

/// See the module.
pub struct Handle {
    /// The connection's id.
    pub id: ConnectionId,
    /// Frames on their way out.
    pub outbound: Outbound,
    /// Known once the client has said who it is.
    pub who: OnceLock<Who>,
    /// Whose doings are kept from it.
    pub hidden: Hidden,
    /// When it was opened, milliseconds since the epoch.
    pub since_ms: i64,
    /// When something was last heard from it, milliseconds since the epoch.
    heard_ms: AtomicI64,
    /// Whether its window is in view.
    is_visible: AtomicBool,
    controls: Mutex<VecDeque<Control>>,
    is_due: AtomicBool,
    waker: AtomicWaker,
}

impl Handle {
    /// Makes the handle of a new connection.
    #[must_use]
    pub fn new(config: &Gateway) -> Arc<Self> {
        Arc::new(Self {
            id: ConnectionId::generate(),
            outbound: Outbound::new(config.send_queue_frames, config.send_queue_bytes),
            who: OnceLock::new(),
            hidden: Hidden::default(),
            since_ms: now_ms(),
            heard_ms: AtomicI64::new(now_ms()),
            is_visible: AtomicBool::new(true),
            controls: Mutex::default(),
            is_due: AtomicBool::new(false),
            waker: AtomicWaker::new(),
        })
    }

    /// Takes note that something was heard.
    pub fn heard(&self) {
        self.heard_ms.store(now_ms(), Ordering::Relaxed);
    }

    /// Returns when something was last heard, milliseconds since the epoch.
    pub fn heard_ms(&self) -> i64 {
        self.heard_ms.load(Ordering::Relaxed)
    }

    /// Takes note whether the client's window is in view.
    pub fn set_visible(&self, is_visible: bool) {
        self.is_visible.store(is_visible, Ordering::Relaxed);
    }

    /// Whether the client's window is in view.
    pub fn is_visible(&self) -> bool {
        self.is_visible.load(Ordering::Relaxed)
    }

    /// Makes the connection look at its queue.
    pub fn wake(&self) {
        self.waker.wake();
    }

    /// Tells the connection to do something. Who is sent away and may not come back as they were is told nothing but
    /// what their own feed says from this moment on, however long their connection takes to notice.
    pub fn tell(&self, control: Control) {
        if let Control::Close { code, .. } = &control
            && code.reconnect() != "resume"
            && let Some(who) = self.who.get()
        {
            self.outbound.shut(who.user.into());
        }
        self.controls.lock().push_back(control);
        self.wake();
    }

    /// Takes the next thing to do.
    pub fn next_control(&self) -> Option<Control> {
        let mut controls = self.controls.lock();
        let next = controls.pop_front()?;
        if controls.is_empty() {
            // They are rare: idle connections hold no memory for them.
            *controls = VecDeque::new();
        }
        Some(next)
    }

    /// Says that a deadline has passed.
    pub fn fall_due(&self) {
        self.is_due.store(true, Ordering::Release);
        self.wake();
    }

    /// Whether a deadline has passed since the last call.
    pub fn take_due(&self) -> bool {
        self.is_due.swap(false, Ordering::AcqRel)
    }

    /// Remembers the connection's task. Call before looking at anything: what happens after it wakes the task.
    pub fn register(&self, waker: &Waker) {
        self.waker.register(waker);
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn handle() -> Arc<Handle> {
        with_queue(512, 262_144)
    }

    #[test]
    fn what_is_to_be_done_comes_in_order_and_leaves_nothing() {
        let handle = handle();
        handle.tell(Control::Thawed);
        handle.tell(Control::Renamed);
        assert!(matches!(handle.next_control(), Some(Control::Thawed)));
        assert!(matches!(handle.next_control(), Some(Control::Renamed)));
        assert!(handle.next_control().is_none());
        assert_eq!(handle.controls.lock().capacity(), 0);
    }

    pub(crate) fn with_queue(frames: usize, bytes: usize) -> Arc<Handle> {
        Arc::new(Handle {
            id: ConnectionId::generate(),
            outbound: Outbound::new(frames, bytes),
            who: OnceLock::new(),
            hidden: Hidden::default(),
            since_ms: 0,
            heard_ms: AtomicI64::new(0),
            is_visible: AtomicBool::new(true),
            controls: Mutex::default(),
            is_due: AtomicBool::new(false),
            waker: AtomicWaker::new(),
        })
    }
}
