//! Group commit: the next batch is everything that arrived while the previous one was being committed.

mod batch;

use std::{sync::Arc, time::Duration};

use sqlx::PgPool;
use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::Span;

use crate::{
    announce::Announcer,
    append::{Append, AppendError, Appended, Hooks},
};
use batch::Committer;

/// How many appends may wait. One more is refused before any work.
const QUEUE: usize = 2_048;
/// The most that is committed at once.
const BATCH_MAX: usize = 1_000;
/// After `stop`, the queue must have been empty for this long: requests that were accepted earlier still get in.
const LINGER: Duration = Duration::from_millis(200);

/// Appends single events, many per commit. Cheap to clone.
///
/// There is exactly one batch in flight. A second writer would raise the ceiling only when the queue is deep, and two
/// batches commit in any order: one sender's messages in one stream could change places.
#[derive(Clone)]
pub struct Writer {
    /// Bounded by [`QUEUE`]; full means [`AppendError::Overloaded`]. The writer's task is the only reader.
    queue: mpsc::Sender<Waiting>,
}

/// An append and the caller who waits for it.
pub(crate) struct Waiting {
    pub(crate) append: Append,
    /// The caller's span: the batch's span belongs to the first caller's trace and follows the others.
    pub(crate) span: Span,
    pub(crate) since: Instant,
    pub(crate) reply: oneshot::Sender<Result<Appended, AppendError>>,
}

impl Writer {
    /// Starts the writer's task on `tasks`. It ends after `stop` once the queue has fallen silent.
    ///
    #[must_use]
    pub fn start(
        pool: PgPool,
        hooks: Hooks,
        announcer: Announcer,
        tasks: &TaskTracker,
        stop: CancellationToken,
    ) -> Self {
        let (queue, waiting) = mpsc::channel(QUEUE);
        let committer = Committer::new(pool, hooks, announcer);
        tasks.spawn(run(waiting, committer, stop));
        Self { queue }
    }

    /// Appends an event and waits for its commit. Dropping the future gives up the answer, not the append.
    ///
    /// # Errors
    /// [`AppendError`].
    pub async fn append(&self, append: Append) -> Result<Appended, AppendError> {
        let (reply, answer) = oneshot::channel();
        let waiting = Waiting {
            append,
            span: Span::current(),
            since: Instant::now(),
            reply,
        };
        self.queue.try_send(waiting).map_err(|_| {
            metrics::counter!("stream_append_overloaded_total").increment(1);
            AppendError::Overloaded
        })?;
        // Only a writer that died under way leaves a caller without an answer: nobody knows what was stored.
        answer
            .await
            .unwrap_or_else(|_| Err(AppendError::Db(Arc::new(sqlx::Error::WorkerCrashed))))
    }
}

/// Runs in a task of its own that nothing cancels, so neither does anything cancel the SQL.
async fn run(
    mut waiting: mpsc::Receiver<Waiting>,
    mut committer: Committer,
    stop: CancellationToken,
) {
    loop {
        let mut batch = Vec::new();
        let received = if stop.is_cancelled() {
            timeout(LINGER, waiting.recv_many(&mut batch, BATCH_MAX))
                .await
                .unwrap_or(0)
        } else {
            tokio::select! {
                received = waiting.recv_many(&mut batch, BATCH_MAX) => received,
                () = stop.cancelled() => continue,
            }
        };
        if received == 0 {
            break;
        }
        committer.commit(batch).await;
    }
    // Whoever slipped in after the last look is still answered; later ones are refused at the queue.
    waiting.close();
    let mut rest = Vec::new();
    while waiting.recv_many(&mut rest, BATCH_MAX).await > 0 {
        committer.commit(std::mem::take(&mut rest)).await;
    }
}
