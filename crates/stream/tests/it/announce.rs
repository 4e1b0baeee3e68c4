//! What is published.

use futures::{FutureExt, StreamExt};
use prost::Message;
use proto::{
    id::UserId,
    stream::{EventBatch, HeadBatch},
    subject::{self, Partition},
};

use crate::{PATIENCE, World, message, new_stream, stored};

async fn next<M: Message + Default>(subscriber: &mut async_nats::Subscriber) -> M {
    let message = tokio::time::timeout(PATIENCE, subscriber.next())
        .await
        .expect("in time")
        .expect("a message");
    M::decode(message.payload).expect("readable")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_is_published_and_its_heads_again_and_again() {
    let world = World::new().await;
    let (writer, room, ada) = (world.writer(), new_stream(), UserId::generate());
    let partition = Partition::of(room);
    let nats = &world.nats.client;
    let mut events = nats
        .subscribe(subject::events(partition).to_string())
        .await
        .expect("subscribed");
    let mut heads = nats
        .subscribe(subject::heads(partition).to_string())
        .await
        .expect("subscribed");

    let appended = writer
        .append(message(room, ada, "k", "hello"))
        .await
        .expect("stored");
    let batch: EventBatch = next(&mut events).await;
    let announced: Vec<_> = batch.events.iter().map(stored).collect();
    assert_eq!(announced, world.events(room).await);
    assert_eq!(batch.events[0].event_id, appended.event_id.to_string());
    for _ in 0..4 {
        let heads: HeadBatch = next(&mut heads).await;
        assert_eq!(heads.heads.len(), 1);
        assert_eq!(
            (heads.heads[0].seq, &heads.heads[0].stream_id),
            (1, &room.to_string())
        );
    }
    // A duplicate is not news.
    writer
        .append(message(room, ada, "k", "hello"))
        .await
        .expect("answered");
    writer
        .append(message(room, ada, "k2", "hello"))
        .await
        .expect("stored");
    let batch: EventBatch = next(&mut events).await;
    assert_eq!(
        batch
            .events
            .iter()
            .map(|event| event.seq)
            .collect::<Vec<_>>(),
        [2]
    );
    assert!(events.next().now_or_never().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sweep_announces_what_nobody_told() {
    let world = World::new().await;
    let (_one, _two) = (world.announcer(), world.announcer());
    let room = new_stream();
    let subject = subject::heads(Partition::of(room)).to_string();
    let mut heads = world
        .nats
        .client
        .subscribe(subject)
        .await
        .expect("subscribed");
    world
        .append_silently(&[message(room, UserId::generate(), "k", "hello")])
        .await;
    let batch: HeadBatch = next(&mut heads).await;
    assert_eq!(
        (batch.heads[0].seq, &batch.heads[0].stream_id),
        (1, &room.to_string())
    );
}
