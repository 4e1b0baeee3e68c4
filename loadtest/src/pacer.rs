//! Tells bots when to send. Open loop: a slow server changes nothing about when messages are due.

use std::{
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use tokio::sync::{mpsc, oneshot};

use crate::{bot::Order, shared::Shared};

/// Waiting sends of one bot. A bot that is this far behind is stuck; what does not fit is counted as not sent.
pub const BACKLOG: usize = 64;
/// Between the order to start and the first message.
const HEAD_START: Duration = Duration::from_millis(200);

/// Starts the clock of a phase and a thread that tells each sender at the right moment. Answers how many messages could
/// be handed to their bots. A thread, because the timers of the async runtime are a whole millisecond coarse.
///
/// # Errors
/// When the thread cannot be started.
pub fn start(
    shared: Arc<Shared>,
    inboxes: Vec<mpsc::Sender<Order>>,
    phase: usize,
) -> std::io::Result<oneshot::Receiver<u64>> {
    let (done, answer) = oneshot::channel();
    let start = *shared.starts[phase].get_or_init(|| Instant::now() + HEAD_START);
    thread::Builder::new().name("pacer".into()).spawn(move || {
        let mut handed = 0;
        for message in shared.plan.schedule.range(phase) {
            let due = start + shared.plan.schedule.due(message);
            let wait = due.saturating_duration_since(Instant::now());
            if !wait.is_zero() {
                #[expect(
                    clippy::disallowed_methods,
                    reason = "pacing is this thread's work, and it runs nothing else"
                )]
                thread::sleep(wait);
            }
            let inbox = &inboxes[shared.plan.sender_of(message)];
            handed += u64::from(inbox.try_send(Order::Send(message)).is_ok());
        }
        // Nobody listens any more only when the run was given up.
        let _ = done.send(handed);
    })?;
    Ok(answer)
}
