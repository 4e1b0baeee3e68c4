//! Whispers: heard while someone listens, by partition, and gone otherwise.

use std::sync::Arc;

use proto::{id::StreamId, stream::Ephemeral, subject::Partition};
use stream::{Ephemerals, Listener, Whispers};
use tokio::sync::mpsc;

use crate::{PATIENCE, World, new_stream};

struct Ear(mpsc::UnboundedSender<Ephemeral>);

impl Listener for Ear {
    fn hear(&self, message: Ephemeral) {
        let _ = self.0.send(message);
    }
}

fn typing(stream_id: StreamId) -> Ephemeral {
    Ephemeral {
        tenant: "default".into(),
        stream_id: stream_id.to_string(),
        kind: "typing".into(),
        actor: String::new(),
        data: b"{}".as_slice().into(),
    }
}

/// A stream of another partition.
fn elsewhere(stream_id: StreamId) -> StreamId {
    std::iter::repeat_with(new_stream)
        .find(|other| Partition::of(*other) != Partition::of(stream_id))
        .expect("there are many")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interest_brings_the_whispers_of_its_partition_until_it_ends() {
    let world = World::new().await;
    let (sender, mut heard) = mpsc::unbounded_channel();
    let whispers = Whispers::start(
        world.nats.client.clone(),
        Arc::new(Ear(sender)),
        &world.tasks,
        world.stop.clone(),
    );
    let ephemerals = Ephemerals::new(world.nats.client.clone());
    let room = new_stream();
    let other = elsewhere(room);
    whispers.follow(room);
    whispers.follow(room);
    // Nothing tells when the subscription stands: say it until it is heard.
    let said = async {
        let mut every = tokio::time::interval(std::time::Duration::from_millis(20));
        loop {
            every.tick().await;
            ephemerals.publish(typing(other)).await;
            ephemerals.publish(typing(room)).await;
            if let Ok(message) = heard.try_recv() {
                return message;
            }
        }
    };
    let message = tokio::time::timeout(PATIENCE, said).await.expect("heard");
    assert_eq!(message.stream_id, room.to_string());

    // One of two interests is left.
    whispers.unfollow(room);
    whispers.follow(other);
    let both = async {
        let mut every = tokio::time::interval(std::time::Duration::from_millis(20));
        let (mut hears_room, mut hears_other) = (false, false);
        while !(hears_room && hears_other) {
            every.tick().await;
            ephemerals.publish(typing(room)).await;
            ephemerals.publish(typing(other)).await;
            while let Ok(message) = heard.try_recv() {
                hears_room |= message.stream_id == room.to_string();
                hears_other |= message.stream_id == other.to_string();
            }
        }
    };
    tokio::time::timeout(PATIENCE, both)
        .await
        .expect("both heard");

    // After the last one ends, nothing of the room is heard beside the other's.
    whispers.unfollow(room);
    let quiet = silence(&ephemerals, &mut heard, room, other);
    tokio::time::timeout(PATIENCE, quiet)
        .await
        .expect("silence");
}

/// Whispers in both until nothing of `room` has been heard for a while.
async fn silence(
    ephemerals: &Ephemerals,
    heard: &mut mpsc::UnboundedReceiver<Ephemeral>,
    room: StreamId,
    other: StreamId,
) {
    let mut every = tokio::time::interval(std::time::Duration::from_millis(20));
    let mut rounds_without = 0;
    while rounds_without < 5 {
        every.tick().await;
        ephemerals.publish(typing(room)).await;
        ephemerals.publish(typing(other)).await;
        let mut hears_room = false;
        while let Ok(message) = heard.try_recv() {
            hears_room |= message.stream_id == room.to_string();
        }
        rounds_without = if hears_room { 0 } else { rounds_without + 1 };
    }
}
