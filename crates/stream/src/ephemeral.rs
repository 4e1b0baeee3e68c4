//! What is told once and never stored: typing, read marks of others, presence. It may be lost, and nothing repairs it.

use std::{collections::HashMap, sync::Arc};

use async_nats::connection::State;
use futures::StreamExt;
use prost::Message;
use proto::{
    id::StreamId,
    stream::Ephemeral,
    subject::{self, Partition},
};
use tokio::sync::mpsc;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// Says things once. Cheap to clone.
#[derive(Clone)]
pub struct Ephemerals {
    nats: async_nats::Client,
}

impl Ephemerals {
    /// Makes a speaker.
    #[must_use]
    pub fn new(nats: async_nats::Client) -> Self {
        Self { nats }
    }

    /// Publishes, unless the bus is away: a queue of old news would only delay what comes after. Drops what names no
    /// stream.
    pub async fn publish(&self, message: Ephemeral) {
        let Ok(stream_id) = message.stream_id.parse::<StreamId>() else {
            return;
        };
        if self.nats.connection_state() != State::Connected {
            metrics::counter!("stream_ephemeral_dropped_total").increment(1);
            return;
        }
        let subject = subject::ephemeral(Partition::of(stream_id));
        let payload = message.encode_to_vec().into();
        if self
            .nats
            .publish(subject.to_string(), payload)
            .await
            .is_err()
        {
            metrics::counter!("stream_ephemeral_dropped_total").increment(1);
        }
    }
}

/// Where what is heard goes. Called from tasks: it must not block.
pub trait Listener: Send + Sync + 'static {
    /// Takes one message of a partition that someone here listens to; it may be of another stream of the partition.
    fn hear(&self, message: Ephemeral);
}

/// Listens for one process, to the partitions in which it has an interest. Cheap to clone.
#[derive(Clone)]
pub struct Whispers {
    /// Unbounded, because forgetting a command would leak or lose an interest: one per beginning or end of one.
    interests: mpsc::UnboundedSender<(Partition, bool)>,
}

impl Whispers {
    /// Starts listening. Everything ends with `stop`.
    #[must_use]
    pub fn start(
        nats: async_nats::Client,
        listener: Arc<dyn Listener>,
        tasks: &TaskTracker,
        stop: CancellationToken,
    ) -> Self {
        let (interests, changes) = mpsc::unbounded_channel();
        tasks.spawn(follow(nats, listener, changes, tasks.clone(), stop));
        Self { interests }
    }

    /// Begins an interest in a stream. Counted: each needs one [`Self::unfollow`].
    pub fn follow(&self, stream_id: StreamId) {
        // A task that is gone has stopped with the process.
        let _ = self.interests.send((Partition::of(stream_id), true));
    }

    /// Ends an interest.
    pub fn unfollow(&self, stream_id: StreamId) {
        let _ = self.interests.send((Partition::of(stream_id), false));
    }
}

/// An open subscription and how many want it.
struct Interest {
    count: usize,
    end: CancellationToken,
}

async fn follow(
    nats: async_nats::Client,
    listener: Arc<dyn Listener>,
    mut changes: mpsc::UnboundedReceiver<(Partition, bool)>,
    tasks: TaskTracker,
    stop: CancellationToken,
) {
    let mut interests: HashMap<Partition, Interest> = HashMap::new();
    while let Some(Some((partition, begins))) = stop.run_until_cancelled(changes.recv()).await {
        if begins {
            let interest = interests.entry(partition).or_insert_with(|| {
                let end = stop.child_token();
                let hearing = hear(nats.clone(), Arc::clone(&listener), partition, end.clone());
                tasks.spawn(hearing);
                Interest { count: 0, end }
            });
            interest.count += 1;
        } else if let Some(interest) = interests.get_mut(&partition) {
            interest.count -= 1;
            if interest.count == 0 {
                interest.end.cancel();
                interests.remove(&partition);
            }
        }
    }
}

async fn hear(
    nats: async_nats::Client,
    listener: Arc<dyn Listener>,
    partition: Partition,
    end: CancellationToken,
) {
    let subject = subject::ephemeral(partition).to_string();
    let Ok(mut heard) = nats.subscribe(subject).await else {
        return tracing::warn!(
            partition = partition.number(),
            "cannot listen to a partition"
        );
    };
    while let Some(Some(message)) = end.run_until_cancelled(heard.next()).await {
        match Ephemeral::decode(message.payload) {
            Ok(message) => listener.hear(message),
            Err(error) => tracing::warn!(%error, "an ephemeral message cannot be read"),
        }
    }
}
