//! What is published.

use std::time::Duration;

use async_nats::Subscriber;
use futures::{FutureExt, StreamExt};
use prost::Message;
use proto::{
    id::UserId,
    stream::{EventBatch, Head, HeadBatch},
    subject::{self, Partition},
};
use tokio::time::Instant;

use crate::{PATIENCE, World, message, new_stream, stored};

async fn next<M: Message + Default>(subscriber: &mut Subscriber) -> M {
    let message = tokio::time::timeout(PATIENCE, subscriber.next())
        .await
        .expect("in time")
        .expect("a message");
    M::decode(message.payload).expect("readable")
}

async fn announcements(world: &World) -> Subscriber {
    let subject = subject::heads().to_string();
    let heard = world.nats.client.subscribe(subject).await;
    heard.expect("subscribed")
}

/// Returns the heads of the next announcement that has any.
async fn told(announcements: &mut Subscriber) -> Vec<Head> {
    loop {
        let batch: HeadBatch = next(announcements).await;
        if !batch.heads.is_empty() {
            return batch.heads;
        }
    }
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
    let mut heads = announcements(&world).await;

    let appended = writer
        .append(message(room, ada, "k", "hello"))
        .await
        .expect("stored");
    let batch: EventBatch = next(&mut events).await;
    let announced: Vec<_> = batch.events.iter().map(stored).collect();
    assert_eq!(announced, world.events(room).await);
    assert_eq!(batch.events[0].event_id, appended.event_id.to_string());
    for _ in 0..4 {
        // The sweep may tell the same at the same time.
        for head in told(&mut heads).await {
            assert_eq!((head.seq, &head.stream_id), (1, &room.to_string()));
        }
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
    let mut heads = announcements(&world).await;
    world
        .append_silently(&[message(room, UserId::generate(), "k", "hello")])
        .await;
    let heads = told(&mut heads).await;
    assert_eq!((heads[0].seq, &heads[0].stream_id), (1, &room.to_string()));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_sweeps_and_has_nothing_to_tell_says_so_once_a_second() {
    let world = World::new().await;
    let mut heads = announcements(&world).await;
    let _one = world.announcer();
    // The first turn and the first sweep.
    for _ in 0..2 {
        let _: HeadBatch = next(&mut heads).await;
    }
    let start = Instant::now();
    for _ in 0..5 {
        let batch: HeadBatch = next(&mut heads).await;
        assert!(batch.heads.is_empty(), "{batch:?}");
    }
    // Twice a second, by its own turns and by the sweeps, it would be half of that.
    let took = start.elapsed();
    assert!(took > Duration::from_secs(3), "{took:?}");
}
