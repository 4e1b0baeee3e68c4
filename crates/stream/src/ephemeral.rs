//! What is told once and never stored: typing, read marks of others, presence. It may be lost, and nothing repairs it.

use async_nats::connection::State;
use prost::Message;
use proto::{
    id::StreamId,
    stream::Ephemeral,
    subject::{self, Partition},
};

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
