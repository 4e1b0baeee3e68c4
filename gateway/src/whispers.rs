//! Which partitions of the bus this gateway listens to for what is told once and never stored, and from when on.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Weak},
    time::Duration,
};

use futures::StreamExt;
use parking_lot::Mutex;
use prost::Message;
use proto::{
    id::StreamId,
    reason::Reason,
    stream::Ephemeral,
    subject::{self, Partition},
};
use stream::Listener;
use tokio::sync::watch;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tonic::{Code, Status};

/// How long the bus may take to be told of an interest.
const PATIENCE: Duration = Duration::from_secs(3);

/// See the module. Cheap to clone.
#[derive(Clone)]
pub struct Whispers(Arc<Shared>);

struct Shared {
    nats: async_nats::Client,
    /// Weak, because the listener holds this value.
    listener: Weak<dyn Listener>,
    tasks: TaskTracker,
    stop: CancellationToken,
    interests: Mutex<HashMap<Partition, Interest>>,
}

/// An open subscription and how many want it.
struct Interest {
    count: usize,
    /// Whether the bus has been told.
    stands: watch::Receiver<bool>,
    end: CancellationToken,
}

impl Whispers {
    /// Makes one without an interest. Everything ends with `stop`.
    #[must_use]
    pub fn new(
        nats: async_nats::Client,
        listener: &Arc<dyn Listener>,
        tasks: &TaskTracker,
        stop: CancellationToken,
    ) -> Self {
        Self(Arc::new(Shared {
            nats,
            listener: Arc::downgrade(listener),
            tasks: tasks.clone(),
            stop,
            interests: Mutex::default(),
        }))
    }

    /// Begins an interest in a stream. Counted: each needs one [`Self::unfollow`].
    pub fn follow(&self, stream_id: StreamId) {
        let partition = Partition::of(stream_id);
        let mut interests = self.0.interests.lock();
        let interest = interests
            .entry(partition)
            .or_insert_with(|| self.listen(partition));
        interest.count += 1;
    }

    /// Ends an interest.
    pub fn unfollow(&self, stream_id: StreamId) {
        let partition = Partition::of(stream_id);
        let mut interests = self.0.interests.lock();
        if let Some(interest) = interests.get_mut(&partition) {
            interest.count -= 1;
            if interest.count == 0 {
                interest.end.cancel();
                interests.remove(&partition);
            }
        }
    }

    /// Waits until the bus has been told of the interests in these streams. It reads what one process writes in order,
    /// so whoever is asked a question after this says nothing in these streams that is not heard here.
    ///
    /// # Errors
    /// When the bus is away.
    pub async fn stand(&self, streams: impl IntoIterator<Item = StreamId>) -> Result<(), Status> {
        let partitions: HashSet<_> = streams.into_iter().map(Partition::of).collect();
        let standing: Vec<_> = {
            let interests = self.0.interests.lock();
            let wanted = partitions.iter().filter_map(|each| interests.get(each));
            wanted.map(|interest| interest.stands.clone()).collect()
        };
        let all = async {
            for mut stands in standing {
                stands.wait_for(|stands| *stands).await.ok()?;
            }
            Some(())
        };
        let stands = tokio::time::timeout(PATIENCE, all).await.ok().flatten();
        stands.ok_or_else(|| {
            let (code, reason) = (Code::Unavailable, Reason::UPSTREAM_UNAVAILABLE);
            rpc::status(code, reason, "the bus takes no subscription")
        })
    }

    /// How many interests there are in a stream's partition.
    #[cfg(test)]
    pub(crate) fn count(&self, stream_id: StreamId) -> usize {
        let interests = self.0.interests.lock();
        let interest = interests.get(&Partition::of(stream_id));
        interest.map_or(0, |interest| interest.count)
    }

    fn listen(&self, partition: Partition) -> Interest {
        let end = self.0.stop.child_token();
        let (told, stands) = watch::channel(false);
        let hearing = hear(self.0.clone(), partition, told);
        let ended = end.clone();
        // Dropped at its end, and with it the subscription, whatever it waits for.
        let task = async move { ended.run_until_cancelled(hearing).await };
        self.0.tasks.spawn(task);
        Interest {
            count: 0,
            stands,
            end,
        }
    }
}

async fn hear(shared: Arc<Shared>, partition: Partition, told: watch::Sender<bool>) {
    let subject = subject::ephemeral(partition).to_string();
    let subscribed = shared.nats.subscribe(subject).await;
    let (Ok(mut heard), Ok(())) = (subscribed, shared.nats.flush().await) else {
        let partition = partition.number();
        return tracing::warn!(partition, "cannot listen to a partition");
    };
    told.send_replace(true);
    while let Some(message) = heard.next().await {
        let Some(listener) = shared.listener.upgrade() else {
            return;
        };
        match Ephemeral::decode(message.payload) {
            Ok(message) => listener.hear(message),
            Err(error) => tracing::warn!(%error, "an ephemeral message cannot be read"),
        }
    }
}
