//! The receiving side: every event of the watched streams, once, in order, without holes.

mod compare;
mod hearing;
mod lane;
mod ranges;
mod source;

use std::sync::Arc;

use pg::Gather;
use proto::{
    id::{StreamId, Tenant},
    reason::Reason,
    stream::{Event, Head, RangeResponse, stream_service_client::StreamServiceClient},
    subject::Partition,
};
use tokio::sync::{mpsc, oneshot};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tonic::{Code, Status};

use crate::{key::StreamKey, log::HEADS_LIMIT};
use lane::{Command, Lane, Shared};
use ranges::Ranges;
use source::Source;

pub use source::Transport;

/// Where events go. Called from the receiver's tasks, for one stream never twice at once: it must not block.
pub trait Sink: Send + Sync + 'static {
    /// Takes the next events of a stream: each once, in order, without holes.
    fn deliver(&self, stream: (Tenant, StreamId), events: &[Arc<Event>]);

    /// The log contradicts what was delivered (it was restored, or its beginning was cut off): everything up to `head`
    /// must be read afresh. What is delivered next follows `head`.
    fn reset(&self, stream: (Tenant, StreamId), head: i64);
}

/// Receives streams for one process. Cheap to clone.
///
/// One task per partition owns the cursors of its streams; it is subscribed while it has any. One hears how far streams
/// are and tells these. Another compares all heads with the log after a reconnect, when somebody who announces them is
/// heard again, when the database server is another than before, and every half minute.
#[derive(Clone)]
pub struct Receiver {
    /// By partition number. Unbounded, because forgetting a command would leak or lose a stream: there is one per
    /// beginning or end of local interest, for which [`Self::watch`] waits, and one per announcement of heads, of which
    /// every process makes four a second, or more when it has thousands to tell.
    lanes: Arc<[mpsc::UnboundedSender<Command>]>,
    ranges: Arc<Ranges>,
    source: Arc<dyn Source>,
}

impl Receiver {
    /// Starts the receiver's tasks. They end with `stop`.
    #[must_use]
    pub fn start<T: Transport>(
        nats: async_nats::Client,
        client: StreamServiceClient<T>,
        sink: Arc<dyn Sink>,
        tasks: &TaskTracker,
        stop: CancellationToken,
    ) -> Self {
        let source: Arc<dyn Source> = Arc::new(client);
        let ranges = Arc::new(Ranges::new(Arc::clone(&source)));
        let watchlist = Arc::default();
        let asked = Arc::clone(&source);
        let heads = Gather::new(HEADS_LIMIT, move |keys: Vec<_>| {
            let source = Arc::clone(&asked);
            async move { read_heads(&*source, &keys).await }
        });
        let shared = Shared {
            nats,
            source: Arc::clone(&source),
            heads,
            ranges: Arc::clone(&ranges),
            sink,
            watchlist,
            era: Arc::default(),
        };
        let start_lane = |partition| {
            let (sender, commands) = mpsc::unbounded_channel();
            tasks.spawn(Lane::new(partition, shared.clone(), commands).run(stop.clone()));
            sender
        };
        let lanes: Arc<[_]> = Partition::all().map(start_lane).collect();
        let returns = Arc::default();
        let (told, counted) = (Arc::clone(&lanes), Arc::clone(&returns));
        tasks.spawn(hearing::listen(shared.clone(), told, counted, stop.clone()));
        tasks.spawn(compare::run(shared, Arc::clone(&lanes), returns, stop));
        Self {
            lanes,
            ranges,
            source,
        }
    }

    /// Begins to deliver a stream, and returns the seq after which it does: everything later reaches the sink.
    ///
    /// Watching is counted: each success needs one [`Self::unwatch`]. Dropping the future undoes the call.
    ///
    /// # Errors
    /// When the head cannot be read.
    pub async fn watch(&self, tenant: Tenant, stream_id: StreamId) -> Result<i64, Status> {
        let (reply, cursor) = oneshot::channel();
        self.send(
            stream_id,
            Command::Watch {
                key: (tenant, stream_id),
                reply,
            },
        );
        cursor
            .await
            .unwrap_or_else(|_| Err(away("the receiver has stopped")))
    }

    /// Ends one [`Self::watch`]. After the last one nothing more is delivered, save what is being delivered now.
    pub fn unwatch(&self, tenant: Tenant, stream_id: StreamId) {
        self.send(
            stream_id,
            Command::Unwatch {
                key: (tenant, stream_id),
            },
        );
    }

    /// Reads the heads of watched streams, and waits until everything up to these has reached the sink. One that is no
    /// longer watched keeps nobody waiting.
    ///
    /// # Errors
    /// When the heads cannot be read.
    pub async fn confirm(&self, keys: &[(Tenant, StreamId)]) -> Result<(), Status> {
        let mut reached = Vec::with_capacity(keys.len());
        for keys in keys.chunks(HEADS_LIMIT) {
            let heads = read_heads(&*self.source, keys).await?;
            for (key, head) in keys.iter().zip(heads) {
                let (reply, is_reached) = oneshot::channel();
                let key = key.clone();
                self.send(key.1, Command::Confirm { key, head, reply });
                reached.push(is_reached);
            }
        }
        for is_reached in reached {
            // Gone without an answer: nobody here watches it any more.
            let _ = is_reached.await;
        }
        Ok(())
    }

    /// Reads events after a seq. Callers that ask for the same at the same time share one question, which begins after
    /// each of them asked.
    ///
    /// # Errors
    /// Those of the service that reads the log.
    pub async fn range(
        &self,
        tenant: &Tenant,
        stream_id: StreamId,
        after: i64,
        after_id: &str,
        limit: u32,
    ) -> Result<RangeResponse, Status> {
        self.ranges
            .get(tenant, stream_id, after, after_id, limit)
            .await
            .map(Arc::unwrap_or_clone)
    }

    fn send(&self, stream_id: StreamId, command: Command) {
        // A lane that is gone drops the command, and with it the sender of the answer.
        let _ = self.lanes[usize::from(Partition::of(stream_id).number())].send(command);
    }
}

/// Reads the heads of streams, in the order asked.
async fn read_heads(source: &dyn Source, keys: &[StreamKey]) -> Result<Vec<Head>, Status> {
    let answer = source.read_heads(compare::question(keys)).await?;
    if answer.heads.len() == keys.len() {
        Ok(answer.heads)
    } else {
        Err(away("heads are missing in the answer"))
    }
}

/// The refusal of a read that may succeed later.
fn away(message: &str) -> Status {
    rpc::status(Code::Unavailable, Reason::UPSTREAM_UNAVAILABLE, message)
}
