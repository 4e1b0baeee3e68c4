//! One reading for everyone who asks at about the same time.
//!
//! When a crowd comes back at once, each of them asks Postgres the same small thing about themselves. Here such
//! questions wait for each other, a few milliseconds at most, and one statement answers them all. The more it answered,
//! the longer the next one waits for others: where few ask, nobody waits for anybody. Every question is answered by a
//! statement that began after it was asked: gathering changes what a crowd costs, never what an answer means.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use futures::future::BoxFuture;
use parking_lot::Mutex;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, oneshot},
    time::{Instant, sleep_until},
};
use tracing::{Instrument, Span};

/// No statement has to wait longer than this for the one before: fifty a second in a crowd.
pub const EVERY: Duration = Duration::from_millis(20);
/// What waits after a statement with one question; four times as much after one with two, nine times after three. A
/// crowd of more than 220 questions a second keeps the longest pause up by itself, fewer fall back to the shortest.
const FIRST: Duration = Duration::from_millis(1);
/// Statements under way at once. While they are, questions gather.
const AT_ONCE: usize = 4;
/// Most questions that wait. One more is refused before any work.
const QUEUE: usize = 4_096;

/// Gathers questions `Q` and reads answers `A` to many of them at once. Cheap to clone; clones gather together.
///
/// A reading runs in a task of its own, which nothing cancels; it ends when nobody waits any more.
pub struct Gather<Q, A, E> {
    shared: Arc<Shared<Q, A, E>>,
}

/// Why a question has no answer. Nothing was changed by asking, so it can be asked again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unanswered<E> {
    /// Too many questions wait already; this one was not asked.
    #[error("too many ask at this moment")]
    Full,
    /// The reading that would have answered it failed.
    #[error("it could not be read")]
    Failed(E),
    /// The reading ended without an answer to it.
    #[error("nobody answered")]
    Lost,
}

struct Shared<Q, A, E> {
    read: Box<Read<Q, A, E>>,
    most: usize,
    slots: Arc<Semaphore>,
    line: Mutex<Line<Q, A, E>>,
}

/// Answers every question, in their order.
type Read<Q, A, E> = dyn Fn(Vec<Q>) -> BoxFuture<'static, Result<Vec<A>, E>> + Send + Sync;

struct Line<Q, A, E> {
    /// Bounded by [`QUEUE`]; full means [`Unanswered::Full`]. The leader is the only reader.
    waiting: VecDeque<Waiting<Q, A, E>>,
    /// Whether a leader sends questions on.
    is_led: bool,
    /// When the next reading may begin.
    due: Instant,
}

struct Waiting<Q, A, E> {
    question: Q,
    /// The asker's span: a reading belongs to the first asker's trace.
    span: Span,
    reply: oneshot::Sender<Result<A, E>>,
}

impl<Q, A, E> Clone for Gather<Q, A, E> {
    fn clone(&self) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
        }
    }
}

impl<Q, A, E> Gather<Q, A, E>
where
    Q: Send + 'static,
    A: Send + 'static,
    E: Clone + Send + 'static,
{
    /// Gathers at most `most` questions for one call of `read`, which returns an answer to each, in their order.
    pub fn new<F>(most: usize, read: impl Fn(Vec<Q>) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<Vec<A>, E>> + Send + 'static,
    {
        let line = Line {
            waiting: VecDeque::new(),
            is_led: false,
            due: Instant::now(),
        };
        Self {
            shared: Arc::new(Shared {
                read: Box::new(move |questions| Box::pin(read(questions))),
                most: most.max(1),
                slots: Arc::new(Semaphore::new(AT_ONCE)),
                line: Mutex::new(line),
            }),
        }
    }

    /// Asks, and waits for a reading that begins after this. Whoever drops the future is not read for, unless the
    /// reading has begun.
    ///
    /// # Errors
    /// [`Unanswered`].
    pub async fn ask(&self, question: Q) -> Result<A, Unanswered<E>> {
        let (reply, answer) = oneshot::channel();
        {
            let mut line = self.shared.line.lock();
            if line.waiting.len() >= QUEUE {
                return Err(Unanswered::Full);
            }
            let span = Span::current();
            line.waiting.push_back(Waiting {
                question,
                span,
                reply,
            });
            if !line.is_led {
                line.is_led = true;
                tokio::spawn(lead(Arc::clone(&self.shared)));
            }
        }
        let answer = answer.await.map_err(|_| Unanswered::Lost)?;
        answer.map_err(Unanswered::Failed)
    }
}

/// Sends questions on until nobody waits.
async fn lead<Q, A, E>(shared: Arc<Shared<Q, A, E>>)
where
    Q: Send + 'static,
    A: Send + 'static,
    E: Clone + Send + 'static,
{
    loop {
        let due = shared.line.lock().due;
        // A timer counts in milliseconds and rounds up, also what is over.
        if due > Instant::now() {
            sleep_until(due).await;
        }
        let Ok(slot) = Arc::clone(&shared.slots).acquire_owned().await else {
            return;
        };
        let Some(batch) = shared.next() else { return };
        tokio::spawn(answer(Arc::clone(&shared), batch, slot));
    }
}

async fn answer<Q, A, E: Clone>(
    shared: Arc<Shared<Q, A, E>>,
    batch: Vec<Waiting<Q, A, E>>,
    slot: OwnedSemaphorePermit,
) {
    let span = batch.first().map_or_else(Span::none, |it| it.span.clone());
    let each = batch.into_iter().map(|it| (it.question, it.reply));
    let (questions, replies): (Vec<_>, Vec<_>) = each.unzip();
    let read = (shared.read)(questions).instrument(span).await;
    drop(slot);
    // Whoever has gone is not told.
    match read {
        Ok(answers) => {
            for (reply, answer) in replies.into_iter().zip(answers) {
                let _ = reply.send(Ok(answer));
            }
        }
        Err(error) => {
            for reply in replies {
                let _ = reply.send(Err(error.clone()));
            }
        }
    }
}

impl<Q, A, E> Shared<Q, A, E> {
    /// Takes the questions of the next reading; `None` ends the leader.
    fn next(&self) -> Option<Vec<Waiting<Q, A, E>>> {
        let mut line = self.line.lock();
        let mut batch = Vec::new();
        while batch.len() < self.most
            && let Some(waiting) = line.waiting.pop_front()
        {
            if !waiting.reply.is_closed() {
                batch.push(waiting);
            }
        }
        if batch.is_empty() {
            line.is_led = false;
            return None;
        }
        line.due = Instant::now() + pause(batch.len());
        Some(batch)
    }
}

/// Returns how long others are waited for after a statement that answers so many questions.
fn pause(answered: usize) -> Duration {
    let answered = u32::try_from(answered).unwrap_or(u32::MAX);
    FIRST
        .saturating_mul(answered.saturating_mul(answered))
        .min(EVERY)
}

#[cfg(test)]
mod tests;
