//! One connection's state without I/O: when it must act, and which of its requests must wait for which.

use std::{
    collections::{HashMap, VecDeque},
    time::Duration,
};

use proto::frame::CloseCode;
use tokio::time::Instant;

use crate::{config::Gateway, frame::Frame};

/// How long before a credential ends the client is told.
const EXPIRY_NOTICE: Duration = Duration::from_secs(60);
/// A client that is not visible may be silent this much longer (25 s become 50 s).
const HIDDEN_FACTOR: u32 = 2;

/// What a deadline asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Send a ping with this number.
    Ping(u64),
    /// Tell the client that its credential ends soon.
    WarnOfExpiry,
    /// Renew the token that services accept.
    Renew,
    /// Say goodbye.
    Close(CloseCode),
}

/// What has been written, as the socket saw it.
#[derive(Debug, Clone, Copy)]
pub struct Writing {
    /// When a byte was last taken by the network.
    pub progress: Instant,
    /// Whether something waits to be written.
    pub is_waiting: bool,
}

/// The clocks of a connection.
#[derive(Debug)]
pub struct Timing {
    heartbeat: Duration,
    grace: Duration,
    slow: Duration,
    hello_by: Option<Instant>,
    heard: Instant,
    sent: Instant,
    pinged: Instant,
    pings: u32,
    is_visible: bool,
    expires: Option<Instant>,
    is_warned: bool,
    renew: Option<Instant>,
    /// While the server does not read, silence proves nothing.
    is_deaf: bool,
}

impl Timing {
    /// Starts the clocks of a new socket.
    #[must_use]
    pub fn new(config: &Gateway, now: Instant) -> Self {
        Self {
            heartbeat: config.heartbeat(),
            grace: config.grace(),
            slow: config.slow(),
            hello_by: Some(now + config.hello_timeout()),
            heard: now,
            sent: now,
            pinged: now,
            pings: 0,
            is_visible: true,
            expires: None,
            is_warned: false,
            renew: None,
            is_deaf: false,
        }
    }

    /// The client has said `hello` in time.
    pub fn greeted(&mut self) {
        self.hello_by = None;
    }

    /// A frame came in.
    pub fn heard(&mut self, now: Instant) {
        self.heard = now;
    }

    /// A frame went out.
    pub fn sent(&mut self, now: Instant) {
        self.sent = now;
    }

    /// The client's window is in view or not.
    pub fn set_visible(&mut self, is_visible: bool) {
        self.is_visible = is_visible;
    }

    /// The server reads or does not.
    pub fn set_deaf(&mut self, is_deaf: bool, now: Instant) {
        if self.is_deaf && !is_deaf {
            self.heard = now;
        }
        self.is_deaf = is_deaf;
    }

    /// When the credential ends.
    pub fn set_expiry(&mut self, at: Instant) {
        self.expires = Some(at);
        self.is_warned = false;
    }

    /// When the services' token must be renewed, if by the clock.
    pub fn set_renewal(&mut self, at: Option<Instant>) {
        self.renew = at;
    }

    fn interval(&self) -> Duration {
        if self.is_visible {
            self.heartbeat
        } else {
            self.heartbeat * HIDDEN_FACTOR
        }
    }

    /// A ping is due when nothing was sent for an interval, and also when nothing was heard: who only listens in a busy
    /// room must be asked before they are taken for dead.
    fn ping_at(&self) -> Instant {
        self.sent.min(self.heard.max(self.pinged)) + self.interval()
    }

    fn warn_at(&self) -> Option<Instant> {
        let at = self.expires.filter(|_| !self.is_warned)?;
        Some(at.checked_sub(EXPIRY_NOTICE).unwrap_or(at))
    }

    /// Returns what is due, most serious first. Call again until there is nothing.
    pub fn due(&mut self, now: Instant, writing: Writing) -> Option<Act> {
        let has_passed = |at: Option<Instant>| at.is_some_and(|at| at <= now);
        if has_passed(self.hello_by) {
            return Some(Act::Close(CloseCode::HelloTimeout));
        }
        if has_passed(self.expires) {
            return Some(Act::Close(CloseCode::TokenExpired));
        }
        if writing.is_waiting && writing.progress + self.slow <= now {
            return Some(Act::Close(CloseCode::SlowConsumer));
        }
        if self.hello_by.is_none()
            && !self.is_deaf
            && self.heard + self.interval() + self.grace <= now
        {
            return Some(Act::Close(CloseCode::HeartbeatTimeout));
        }
        if has_passed(self.warn_at()) {
            self.is_warned = true;
            return Some(Act::WarnOfExpiry);
        }
        if has_passed(self.renew) {
            self.renew = None;
            return Some(Act::Renew);
        }
        if self.hello_by.is_none() && self.ping_at() <= now {
            (self.sent, self.pinged) = (now, now);
            self.pings += 1;
            return Some(Act::Ping(self.pings.into()));
        }
        None
    }

    /// Returns when [`Self::due`] may have something.
    #[must_use]
    pub fn next(&self, writing: Writing) -> Instant {
        let alive = self.heard + self.interval() + self.grace;
        let times = [
            Some(self.ping_at()),
            Some(alive).filter(|_| !self.is_deaf),
            self.hello_by,
            self.expires,
            self.warn_at(),
            self.renew,
            writing.is_waiting.then(|| writing.progress + self.slow),
        ];
        times.into_iter().flatten().min().unwrap_or(alive)
    }
}

/// Keeps one request per lane under way; later ones of the lane wait in order. A lane is a room a client sends to.
#[derive(Debug, Default)]
pub struct Lanes {
    lanes: HashMap<String, VecDeque<Frame>>,
    waiting: usize,
}

impl Lanes {
    /// Enters a lane. The frame comes back when it may go on at once; otherwise [`Self::leave`] gives it later.
    pub fn enter(&mut self, lane: &str, frame: Frame) -> Option<Frame> {
        if let Some(waiting) = self.lanes.get_mut(lane) {
            waiting.push_back(frame);
            self.waiting += 1;
            return None;
        }
        self.lanes.insert(lane.to_owned(), VecDeque::new());
        Some(frame)
    }

    /// Leaves a lane and returns who goes on.
    pub fn leave(&mut self, lane: &str) -> Option<Frame> {
        let next = self.lanes.get_mut(lane)?.pop_front();
        match &next {
            Some(_) => self.waiting -= 1,
            None => drop(self.lanes.remove(lane)),
        }
        next
    }

    /// Returns how many wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.waiting
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timing(now: Instant) -> Timing {
        Timing {
            heartbeat: Duration::from_secs(25),
            grace: Duration::from_secs(20),
            slow: Duration::from_secs(10),
            hello_by: Some(now + Duration::from_secs(5)),
            heard: now,
            sent: now,
            pinged: now,
            pings: 0,
            is_visible: true,
            expires: None,
            is_warned: false,
            renew: None,
            is_deaf: false,
        }
    }

    fn idle(now: Instant) -> Writing {
        Writing {
            progress: now,
            is_waiting: false,
        }
    }

    fn after(now: Instant, seconds: u64) -> Instant {
        now + Duration::from_secs(seconds)
    }

    #[tokio::test(start_paused = true)]
    async fn no_hello_in_five_seconds() {
        let now = Instant::now();
        let mut timing = timing(now);
        assert_eq!(timing.next(idle(now)), after(now, 5));
        assert_eq!(timing.due(after(now, 4), idle(now)), None);
        assert_eq!(
            timing.due(after(now, 5), idle(now)),
            Some(Act::Close(CloseCode::HelloTimeout))
        );
    }

    #[tokio::test(start_paused = true)]
    async fn pings_only_into_silence_and_dead_after_45_s() {
        let now = Instant::now();
        let mut timing = timing(now);
        timing.greeted();
        timing.sent(after(now, 20));
        timing.heard(after(now, 20));
        assert_eq!(
            timing.due(after(now, 25), idle(now)),
            None,
            "something went both ways 5 s ago"
        );
        timing.heard(now);
        assert_eq!(
            timing.due(after(now, 45), idle(now)),
            Some(Act::Close(CloseCode::HeartbeatTimeout))
        );
        timing.heard(after(now, 30));
        assert_eq!(timing.due(after(now, 45), idle(now)), Some(Act::Ping(1)));
        assert_eq!(timing.due(after(now, 46), idle(now)), None);
        assert_eq!(timing.due(after(now, 70), idle(now)), Some(Act::Ping(2)));
        timing.set_visible(false);
        assert_eq!(
            timing.due(after(now, 99), idle(now)),
            None,
            "a hidden client has until 30 + 70"
        );
        assert_eq!(
            timing.due(after(now, 100), idle(now)),
            Some(Act::Close(CloseCode::HeartbeatTimeout))
        );
        timing.set_deaf(true, after(now, 100));
        assert_ne!(
            timing.due(after(now, 100), idle(now)),
            Some(Act::Close(CloseCode::HeartbeatTimeout))
        );
    }

    #[tokio::test(start_paused = true)]
    async fn who_only_listens_is_asked_before_being_taken_for_dead() {
        let now = Instant::now();
        let mut timing = timing(now);
        timing.greeted();
        for second in 1..=120 {
            // A busy room: something is sent every second, and nothing but answers to pings is heard.
            let then = after(now, second);
            timing.sent(then);
            match timing.due(then, idle(then)) {
                Some(Act::Ping(_)) => timing.heard(then),
                other => assert_eq!(other, None, "after {second} s"),
            }
        }
        assert_eq!(timing.pings, 4, "one each 25 s");
    }

    #[tokio::test(start_paused = true)]
    async fn a_reader_without_progress_for_ten_seconds_is_slow() {
        let now = Instant::now();
        let mut timing = timing(now);
        timing.greeted();
        let stuck = Writing {
            progress: now,
            is_waiting: true,
        };
        assert_eq!(timing.next(stuck), after(now, 10));
        assert_eq!(timing.due(after(now, 9), stuck), None);
        assert_eq!(
            timing.due(after(now, 10), stuck),
            Some(Act::Close(CloseCode::SlowConsumer))
        );
    }

    #[tokio::test(start_paused = true)]
    async fn expiry_is_announced_and_then_final() {
        let now = Instant::now();
        let mut timing = timing(now);
        timing.greeted();
        timing.heard(after(now, 1_000));
        timing.sent(after(now, 1_000));
        timing.set_expiry(after(now, 900));
        timing.set_renewal(Some(after(now, 850)));
        assert_eq!(timing.due(after(now, 839), idle(now)), None);
        assert_eq!(
            timing.due(after(now, 840), idle(now)),
            Some(Act::WarnOfExpiry)
        );
        assert_eq!(timing.due(after(now, 850), idle(now)), Some(Act::Renew));
        assert_eq!(timing.due(after(now, 850), idle(now)), None);
        assert_eq!(
            timing.due(after(now, 900), idle(now)),
            Some(Act::Close(CloseCode::TokenExpired))
        );
        timing.set_expiry(after(now, 1_800));
        assert_eq!(timing.due(after(now, 900), idle(now)), None, "refreshed");
    }

    #[test]
    fn one_at_a_time_per_lane_in_order() {
        let frame = |id: &str| {
            Frame::parse(&format!(r#"{{"type":"message.send","id":"{id}"}}"#)).expect("a frame")
        };
        let mut lanes = Lanes::default();
        assert!(lanes.enter("one", frame("1")).is_some());
        assert!(lanes.enter("one", frame("2")).is_none());
        assert!(lanes.enter("one", frame("3")).is_none());
        assert!(lanes.enter("two", frame("4")).is_some());
        assert_eq!(lanes.waiting(), 2);
        assert_eq!(
            lanes.leave("one").and_then(|frame| frame.id).as_deref(),
            Some("2")
        );
        assert_eq!(
            lanes.leave("one").and_then(|frame| frame.id).as_deref(),
            Some("3")
        );
        assert!(lanes.leave("one").is_none() && lanes.leave("two").is_none());
        assert!(lanes.lanes.is_empty() && lanes.waiting() == 0);
    }
}
