//! One task per connection: reads frames, writes the queue, keeps deadlines, runs requests and catches up streams.
//!
//! Who wakes the task: the hub (frames, controls), the wheel (deadlines), the network, and its own requests.

pub mod briefing;
pub mod credential;
pub(crate) mod events;
pub mod handle;
pub mod handshake;
pub mod hello;
pub(crate) mod inbound;
mod jobs;
pub mod outbound;
pub mod said;
mod signal;
pub mod socket;
mod streams;
pub(crate) mod trace;
pub(crate) mod welcome;
pub mod wheel;
mod wire;

use std::{
    collections::VecDeque,
    future::poll_fn,
    sync::{Arc, LazyLock},
    task::{Context as TaskContext, Poll},
    time::Duration,
};

use futures::future::BoxFuture;
use governor::DefaultDirectRateLimiter;
use metrics::Counter;
use proto::{event::MembershipChanged, frame::CloseCode, id::RoomId};
use rand::Rng;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::{
    Error as WsError, Message,
    protocol::{CloseFrame, frame::coding::CloseCode as WsCloseCode},
};

use crate::{
    App,
    app::now_ms,
    conn::{
        handle::{Control, Handle},
        hello::{Greeted, Handshake},
        jobs::Jobs,
        socket::Socket,
        streams::Streams,
    },
    frame,
    hub::Presence,
    limits::{Refusals, Slot},
    relay::{Context, Outcome},
    session::{Lanes, Timing},
};

/// Most requests of one connection that are under way or wait their turn; beyond it nothing more is read.
const REQUESTS_MAX: usize = 16;

/// Looked up once: every delivery counts.
static FRAMES_OUT: LazyLock<Counter> =
    LazyLock::new(|| metrics::counter!("hubbub_gateway_frames_out_total"));

/// A connection's places in the caps.
pub struct Slots {
    /// Among all sockets.
    pub place: Slot,
    /// Among those of its address.
    pub of_address: Option<Slot>,
    /// Among those that have not said who they are.
    pub stranger: Option<Slot>,
}

/// Why a connection ends.
enum Farewell {
    /// We say so.
    Bye {
        code: CloseCode,
        retry_after_ms: u64,
    },
    /// The client said so.
    Peer,
    /// The network did.
    Gone,
}

impl From<CloseCode> for Farewell {
    fn from(code: CloseCode) -> Self {
        let retry_after_ms = match code {
            CloseCode::UpstreamUnavailable | CloseCode::RateLimited => {
                rand::rng().random_range(500..3_000)
            }
            _ => 0,
        };
        Self::Bye {
            code,
            retry_after_ms,
        }
    }
}

enum Event {
    Message(Message),
    Lost(Option<WsError>),
    Control(Control),
    Greeted(Box<Result<Greeted, CloseCode>>),
    Done(Done),
    /// A deadline has passed.
    Due,
    /// The queue overflowed.
    Overflow,
    /// A stream that is behind can be read on.
    CatchUp,
}

/// The end of something the connection waited for.
enum Done {
    Request {
        outcome: Outcome,
        lane: Option<String>,
        is_join: bool,
    },
    Pulled(streams::Pull),
    Entered(Box<streams::Entered>),
    Renewed(Result<Option<i64>, tonic::Status>),
}

struct Conn {
    app: Arc<App>,
    handle: Arc<Handle>,
    presence: Arc<Presence>,
    socket: Socket,
    timing: Timing,
    /// The earliest deadline the wheel knows.
    armed: Option<Instant>,
    opened: Instant,
    /// When the credential ends, for the notice.
    expires_at_ms: i64,
    bucket: DefaultDirectRateLimiter,
    /// Made with the first refusal.
    refusals: Option<Box<Refusals>>,
    slots: Slots,
    handshake: Option<Box<Handshake>>,
    greeting: Option<BoxFuture<'static, Result<Greeted, CloseCode>>>,
    /// Known once greeted.
    context: Option<Arc<Context>>,
    jobs: Jobs<Done>,
    requests: usize,
    lanes: Lanes,
    /// Requests under way that end in a new room. Their answer comes before the room's events, so membership changes
    /// wait for it.
    joins: usize,
    deferred: VecDeque<Arc<MembershipChanged>>,
    /// Rooms whose streams are being opened.
    entering: Vec<RoomId>,
    streams: Streams,
}

/// Lives a connection from its upgrade to its end. `refused`: it is only told why it cannot be.
///
/// What is needed once, at the beginning and at the end, lives in boxes of its own: the future that idle connections
/// keep is little more than [`Conn`].
pub fn run(
    app: Arc<App>,
    socket: Socket,
    handshake: Handshake,
    slots: Slots,
    refused: Option<CloseCode>,
) -> impl Future<Output = ()> + Send {
    let handle = Handle::new(&app.config.gateway);
    let presence = Arc::new(app.hub.enter_connection(&handle));
    let now = Instant::now();
    let mut conn = Conn {
        socket,
        timing: Timing::new(&app.config.gateway, now),
        armed: None,
        opened: now,
        expires_at_ms: 0,
        bucket: app.limits.bucket(),
        refusals: None,
        slots,
        handshake: Some(Box::new(handshake)),
        greeting: None,
        context: None,
        jobs: Jobs::new(),
        requests: 0,
        lanes: Lanes::default(),
        joins: 0,
        deferred: VecDeque::new(),
        entering: Vec::new(),
        streams: Streams::new(handle.id),
        app,
        handle,
        presence,
    };
    async move {
        metrics::gauge!("hubbub_gateway_connections").increment(1);
        let farewell = match refused {
            Some(code) => code.into(),
            None => conn.live().await,
        };
        Box::pin(conn.end(farewell)).await;
        metrics::gauge!("hubbub_gateway_connections").decrement(1);
    }
}

impl Conn {
    async fn live(&mut self) -> Farewell {
        loop {
            let event = poll_fn(|cx| self.poll(cx)).await;
            if let Some(farewell) = self.act(event) {
                return farewell;
            }
        }
    }

    /// Looks at everything once, in order of urgency: what is over, what is asked for, what can leave, what comes in.
    fn poll(&mut self, cx: &mut TaskContext<'_>) -> Poll<Event> {
        self.handle.register(cx.waker());
        if self.handle.take_due() {
            self.armed = None;
            return Poll::Ready(Event::Due);
        }
        if let Some(greeting) = &mut self.greeting {
            if let Poll::Ready(greeted) = greeting.as_mut().poll(cx) {
                self.greeting = None;
                return Poll::Ready(Event::Greeted(Box::new(greeted)));
            }
        } else if let Some(control) = self.handle.next_control() {
            return Poll::Ready(Event::Control(control));
        }
        if let Poll::Ready(done) = self.jobs.poll(cx) {
            return Poll::Ready(Event::Done(done));
        }
        if self.handle.outbound.is_broken() {
            return Poll::Ready(Event::Overflow);
        }
        if let Err(error) = self.socket.poll_write(cx, &self.handle.outbound) {
            return Poll::Ready(Event::Lost(Some(error)));
        }
        let now = Instant::now();
        self.count_sent(now);
        let may_deliver = !self.app.enforced.lease.is_over();
        if may_deliver && self.streams.can_catch_up(&self.handle.outbound, now) {
            return Poll::Ready(Event::CatchUp);
        }
        let is_deaf = self.is_deaf();
        self.timing.set_deaf(is_deaf, now);
        if !is_deaf && let Poll::Ready(read) = self.socket.poll_read(cx) {
            return Poll::Ready(match read {
                Some(Ok(message)) => Event::Message(message),
                Some(Err(error)) => Event::Lost(Some(error)),
                None => Event::Lost(None),
            });
        }
        self.arm();
        Poll::Pending
    }

    fn count_sent(&mut self, now: Instant) {
        let sent = std::mem::take(&mut self.socket.frames_out);
        if sent > 0 {
            self.timing.sent(now);
            FRAMES_OUT.increment(sent);
        }
    }

    /// Whether reading must wait. A client that asks faster than it is answered, or does not read, feels it in TCP.
    fn is_deaf(&self) -> bool {
        self.greeting.is_some()
            || self.requests + self.lanes.waiting() >= REQUESTS_MAX
            || self.handle.outbound.is_full()
    }

    fn arm(&mut self) {
        let deadline = self.timing.next(self.socket.writing());
        let retry_at = self.streams.retry_at();
        // While nothing may be delivered nothing is read; the thaw wakes this task.
        let next = retry_at
            .filter(|_| !self.app.enforced.lease.is_over())
            .map_or(deadline, |retry_at| retry_at.min(deadline));
        if self.armed.is_none_or(|armed| next < armed) {
            self.app.wheel.arm(&self.handle, next);
            self.armed = Some(next);
        }
    }

    async fn end(mut self, farewell: Farewell) {
        // Nothing may follow the goodbye.
        self.streams.clear();
        self.jobs.clear();
        self.greeting = None;
        let close = match &farewell {
            Farewell::Bye {
                code,
                retry_after_ms,
            } => {
                self.handle
                    .outbound
                    .reply(frame::bye(*code, *retry_after_ms));
                Some(CloseFrame {
                    code: WsCloseCode::from(code.code()),
                    reason: code.reason().into(),
                })
            }
            Farewell::Peer | Farewell::Gone => None,
        };
        self.log_end(&farewell);
        // Counted as gone from now on: a client that reconnects at once must not meet its own shadow.
        drop(self.presence);
        drop(self.slots);
        if !matches!(farewell, Farewell::Gone) {
            self.socket.close(&self.handle.outbound, close).await;
        }
    }

    fn log_end(&self, farewell: &Farewell) {
        let (close_code, reason) = match farewell {
            Farewell::Bye { code, .. } => (code.code(), code.reason()),
            Farewell::Peer => (1000, "closed_by_client"),
            Farewell::Gone => (1006, "connection_lost"),
        };
        metrics::counter!("hubbub_gateway_closes_total", "reason" => reason).increment(1);
        let duration_seconds = self.opened.elapsed().as_secs_f64();
        let who = self.context.as_ref().map(|context| &context.identity);
        let _entered = tracing::info_span!(parent: None, "ws.disconnect").entered();
        tracing::info!(
            event_type = "connection_disconnected",
            connection_id = %self.handle.id,
            user_id = who.map(|who| tracing::field::display(who.user_id)),
            tenant_id = who.map(|who| who.tenant.as_str()),
            duration_seconds,
            close_code,
            reason,
            "a client has gone"
        );
    }
}

/// Turns a wall-clock time into a deadline.
fn deadline(at_ms: i64) -> Instant {
    let left = u64::try_from(at_ms.saturating_sub(now_ms())).unwrap_or(0);
    // An instant cannot be further away than this process will live.
    Instant::now() + Duration::from_millis(left.min(1 << 42))
}
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_idle_connection_keeps_is_small() {
        fn future_of<F, A, B, C, D, E>(_: fn(A, B, C, D, E) -> F) -> usize {
            size_of::<F>()
        }
        let (state, future) = (size_of::<Conn>(), future_of(run));
        assert!(state <= 1_104, "{state} B");
        assert!(future <= state + 64, "{future} B around {state}");
    }
}
