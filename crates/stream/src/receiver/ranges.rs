//! Ranges, read once for all who ask at the same time.

use std::{collections::HashMap, sync::Arc};

use futures::{
    FutureExt,
    future::{BoxFuture, Shared},
};
use parking_lot::Mutex;
use proto::{
    id::{StreamId, Tenant},
    stream::{RangeRequest, RangeResponse, StreamRef},
};
use tokio::sync::{Mutex as Gate, Semaphore};
use tonic::Status;

use super::source::Source;

/// The most reads of this process under way at once.
const AT_ONCE: usize = 64;

type Answer = Result<Arc<RangeResponse>, Status>;
type Flight = Shared<BoxFuture<'static, Answer>>;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Question {
    tenant: Tenant,
    stream_id: StreamId,
    after: i64,
    after_id: String,
    limit: u32,
}

/// Who asks the same question.
#[derive(Default)]
struct Asked {
    /// Held by the read that is under way.
    gate: Arc<Gate<()>>,
    /// The read that has not begun: whoever asks now takes part in it.
    next: Option<Flight>,
    /// How many wait for an answer.
    askers: usize,
}

/// Reads ranges. A question that is being read is read at most once more for everyone who asks meanwhile: an answer
/// that was begun before it was asked for could lack what the asker already knows to exist.
pub(super) struct Ranges {
    source: Arc<dyn Source>,
    slots: Arc<Semaphore>,
    asked: Arc<Mutex<HashMap<Question, Asked>>>,
}

impl Ranges {
    pub(super) fn new(source: Arc<dyn Source>) -> Self {
        Self {
            source,
            slots: Arc::new(Semaphore::new(AT_ONCE)),
            asked: Arc::default(),
        }
    }

    pub(super) async fn get(
        &self,
        tenant: &Tenant,
        stream_id: StreamId,
        after: i64,
        after_id: &str,
        limit: u32,
    ) -> Answer {
        let question = Question {
            tenant: tenant.clone(),
            stream_id,
            after,
            after_id: after_id.into(),
            limit,
        };
        let (flight, _asking) = self.join(question);
        flight.await
    }

    fn join(&self, question: Question) -> (Flight, Asking) {
        let mut asked = self.asked.lock();
        let entry = asked.entry(question.clone()).or_default();
        entry.askers += 1;
        let gate = &entry.gate;
        let flight = entry
            .next
            .get_or_insert_with(|| self.read(question.clone(), Arc::clone(gate)))
            .clone();
        (
            flight,
            Asking {
                asked: Arc::clone(&self.asked),
                question,
            },
        )
    }

    fn read(&self, question: Question, gate: Arc<Gate<()>>) -> Flight {
        let (source, slots, asked) = (
            Arc::clone(&self.source),
            Arc::clone(&self.slots),
            Arc::clone(&self.asked),
        );
        let flight = async move {
            let _gate = gate.lock_owned().await;
            let _slot = slots
                .acquire()
                .await
                .map_err(|_| super::away("reading has ended"))?;
            // From here on nobody may join.
            if let Some(entry) = asked.lock().get_mut(&question) {
                entry.next = None;
            }
            let stream = StreamRef {
                tenant: question.tenant.into(),
                stream_id: question.stream_id.to_string(),
            };
            let request = RangeRequest {
                stream: Some(stream),
                after: question.after,
                after_id: question.after_id,
                limit: question.limit,
            };
            source.read_range(request).await.map(Arc::new)
        };
        flight.boxed().shared()
    }
}

/// Counts one asker out again, however the wait ends.
struct Asking {
    asked: Arc<Mutex<HashMap<Question, Asked>>>,
    question: Question,
}

impl Drop for Asking {
    fn drop(&mut self) {
        let mut asked = self.asked.lock();
        let Some(entry) = asked.get_mut(&self.question) else {
            return;
        };
        entry.askers -= 1;
        if entry.askers == 0 {
            asked.remove(&self.question);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use proto::stream::{HeadsRequest, HeadsResponse};
    use tokio::sync::Notify;

    use super::*;

    #[derive(Default)]
    struct Slow {
        reads: AtomicUsize,
        go_on: Notify,
    }

    impl Source for Arc<Slow> {
        fn read_range(&self, _: RangeRequest) -> BoxFuture<'static, Result<RangeResponse, Status>> {
            let slow = Arc::clone(self);
            async move {
                let head = slow.reads.fetch_add(1, Ordering::SeqCst) as i64 + 1;
                slow.go_on.notified().await;
                Ok(RangeResponse {
                    head,
                    ..RangeResponse::default()
                })
            }
            .boxed()
        }

        fn read_heads(&self, _: HeadsRequest) -> BoxFuture<'static, Result<HeadsResponse, Status>> {
            unreachable!("not asked here")
        }
    }

    #[tokio::test]
    async fn those_who_ask_meanwhile_share_the_next_read() {
        let slow = Arc::new(Slow::default());
        let ranges = Arc::new(Ranges::new(Arc::new(Arc::clone(&slow))));
        let stream_id = StreamId(uuid::Uuid::now_v7());
        let ask = || {
            let ranges = Arc::clone(&ranges);
            async move {
                ranges
                    .get(&Tenant::default_tenant(), stream_id, 7, "", 10)
                    .await
            }
        };
        let first = tokio::spawn(ask());
        while slow.reads.load(Ordering::SeqCst) == 0 {
            tokio::task::yield_now().await;
        }
        let mut rest: Vec<_> = (0..50).map(|_| Box::pin(ask())).collect();
        for each in &mut rest {
            assert!(each.now_or_never().is_none());
        }
        // One of them gives up; the others do not suffer.
        rest.pop();
        slow.go_on.notify_one();
        assert_eq!(first.await.expect("no panic").expect("answered").head, 1);
        let rest = tokio::spawn(futures::future::join_all(rest));
        while slow.reads.load(Ordering::SeqCst) == 1 {
            tokio::task::yield_now().await;
        }
        slow.go_on.notify_one();
        for answer in rest.await.expect("no panic") {
            assert_eq!(answer.expect("answered").head, 2);
        }
        assert!(ranges.asked.lock().is_empty());
    }
}
