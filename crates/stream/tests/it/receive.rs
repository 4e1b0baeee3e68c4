//! The receiver against a real bus: nothing lost, whatever the bus loses.

use std::{collections::HashMap, sync::Arc};

use futures::{StreamExt, future::join_all};
use prost::Message;
use proto::{
    id::UserId,
    stream::{
        HeadBatch, stream_service_client::StreamServiceClient,
        stream_service_server::StreamServiceServer,
    },
};
use rpc::NatsChannel;
use stream::{Log, Receiver};

use crate::{Memory, PATIENCE, World, message, new_stream, stored, tenant};

/// A receiver as a gateway runs it: events, heads and reads all travel on the bus.
async fn receiver(world: &World) -> (Receiver, Arc<Memory>, async_nats::Client) {
    let nats = async_nats::connect(&world.nats.url)
        .await
        .expect("connected");
    let server = StreamServiceServer::new(Log::new(world.pool.clone()));
    let (tasks, stop) = (world.tasks.clone(), world.stop.clone());
    rpc::serve(
        world.nats.client.clone(),
        server,
        rpc::ServeOptions::default(),
        tasks,
        stop,
    )
    .await
    .expect("served");
    let memory = Memory::new();
    let sink = Arc::clone(&memory);
    let client = StreamServiceClient::new(NatsChannel::new(nats.clone()));
    let receiver = Receiver::start(nats.clone(), client, sink, &world.tasks, world.stop.clone());
    // The bus may hear of the server, which has a connection of its own, a moment after it hears the first question.
    let is_served = async {
        while receiver
            .range(&tenant(), new_stream(), 0, "", 1)
            .await
            .is_err()
        {}
    };
    tokio::time::timeout(PATIENCE, is_served)
        .await
        .expect("the log is served");
    (receiver, memory, nats)
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_after_the_head_arrives_once_in_order() {
    let world = World::new().await;
    let (receiver, memory, _) = receiver(&world).await;
    let replicas = [world.writer(), world.writer()];
    let rooms: Vec<_> = (0..20).map(|_| new_stream()).collect();
    for room in &rooms {
        world
            .append_silently(&[message(*room, UserId::generate(), "old", "old")])
            .await;
        assert_eq!(receiver.watch(tenant(), *room).await.expect("watched"), 1);
    }
    let senders = (0..16).map(|sender| {
        let (writer, rooms) = (replicas[sender % 2].clone(), rooms.clone());
        tokio::spawn(async move {
            let actor = UserId::generate();
            for i in 0..50 {
                let append = message(rooms[(sender + i) % 20], actor, &i.to_string(), "x");
                writer.append(append).await.expect("stored");
            }
        })
    });
    for sender in join_all(senders).await {
        sender.expect("no panic");
    }
    for room in rooms {
        let all = world.events(room).await;
        let seen = memory
            .until(room, |seen| seen.events.len() >= all.len() - 1)
            .await;
        let seen: Vec<_> = seen.events.iter().map(|event| stored(event)).collect();
        assert_eq!(seen, all[1..]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_publish_is_repaired_through_the_sweep() {
    let world = World::new().await;
    let (receiver, memory, _) = receiver(&world).await;
    let _announcer = world.announcer();
    let (room, ada) = (new_stream(), UserId::generate());
    assert_eq!(receiver.watch(tenant(), room).await.expect("watched"), 0);
    for i in 0..3 {
        world
            .append_silently(&[message(room, ada, &i.to_string(), "x")])
            .await;
    }
    memory.until(room, |seen| seen.events.len() == 3).await;
    assert_eq!(memory.seqs(room), [1, 2, 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backlog_of_many_pages_is_read_to_its_end() {
    let world = World::new().await;
    let (receiver, memory, _) = receiver(&world).await;
    let _announcer = world.announcer();
    let (room, ada) = (new_stream(), UserId::generate());
    receiver.watch(tenant(), room).await.expect("watched");
    for part in 0..3 {
        let appends: Vec<_> = (0..800)
            .map(|i| message(room, ada, &format!("{part}-{i}"), "x"))
            .collect();
        world.append_silently(&appends).await;
    }
    memory.until(room, |seen| seen.events.len() == 2_400).await;
    assert_eq!(memory.seqs(room), (1..=2_400).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reconnect_finds_what_was_missed() {
    let world = World::new().await;
    let (receiver, memory, nats) = receiver(&world).await;
    let room = new_stream();
    receiver.watch(tenant(), room).await.expect("watched");
    // Nobody announces anything in this world: only comparing can find it.
    world
        .append_silently(&[message(room, UserId::generate(), "k", "x")])
        .await;
    nats.force_reconnect().await.expect("reconnecting");
    memory.until(room, |seen| seen.events.len() == 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_of_life_of_somebody_never_heard_finds_what_was_missed() {
    let world = World::new().await;
    let (receiver, memory, _) = receiver(&world).await;
    let room = new_stream();
    receiver.watch(tenant(), room).await.expect("watched");
    // Nobody announces anything in this world, and this one does not either: it only says that it could be heard.
    world
        .append_silently(&[message(room, UserId::generate(), "k", "x")])
        .await;
    let beat = HeadBatch {
        announcer: 1,
        heads: Vec::new(),
    };
    let beat = beat.encode_to_vec();
    let subject = proto::subject::heads().to_string();
    let bus = &world.nats.client;
    bus.publish(subject, beat.into()).await.expect("said");
    memory.until(room, |seen| seen.events.len() == 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_announces_gives_signs_of_life() {
    let world = World::new().await;
    let subject = proto::subject::heads().to_string();
    let mut heard = world.nats.client.subscribe(subject).await.expect("heard");
    let announcers = [world.announcer(), world.announcer()];
    let mut seen = HashMap::new();
    let are_told_apart = async {
        while seen.len() < announcers.len() || seen.values().any(|count| *count < 2) {
            let message = heard.next().await.expect("the bus is there");
            let beat = HeadBatch::decode(message.payload).expect("a beat");
            *seen.entry(beat.announcer).or_insert(0) += 1;
        }
    };
    tokio::time::timeout(PATIENCE, are_told_apart)
        .await
        .expect("each again and again");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_confirms_has_been_told_everything_that_was_committed_before() {
    let world = World::new().await;
    let (receiver, memory, _) = receiver(&world).await;
    let (told, silent, foreign) = (new_stream(), new_stream(), new_stream());
    for room in [told, silent] {
        receiver.watch(tenant(), room).await.expect("watched");
    }
    // Nobody announces anything in this world, and nobody watches the foreign stream.
    for room in [told, foreign] {
        world
            .append_silently(&[message(room, UserId::generate(), "k", "x")])
            .await;
    }
    let keys = [told, silent, foreign].map(|room| (tenant(), room));
    tokio::time::timeout(PATIENCE, receiver.confirm(&keys))
        .await
        .expect("nobody waits for what is not watched")
        .expect("confirmed");
    assert_eq!(memory.seqs(told), [1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_went_back_in_time_resets_the_reader() {
    let world = World::new().await;
    let (receiver, memory, nats) = receiver(&world).await;
    let (room, ada) = (new_stream(), UserId::generate());
    let appends: Vec<_> = (0..5)
        .map(|i| message(room, ada, &i.to_string(), "x"))
        .collect();
    world.append_silently(&appends).await;
    assert_eq!(receiver.watch(tenant(), room).await.expect("watched"), 5);
    // Restored from a backup that is two events old.
    sqlx::raw_sql("delete from stream.event where seq > 3; update stream.head set seq = 3")
        .execute(&world.pool)
        .await
        .expect("restored");
    nats.force_reconnect().await.expect("reconnecting");
    let seen = memory.until(room, |seen| !seen.resets.is_empty()).await;
    assert_eq!(seen.resets, [3]);
    let writer = world.writer();
    writer
        .append(message(room, ada, "new", "new"))
        .await
        .expect("stored");
    memory.until(room, |seen| seen.events.len() == 1).await;
    assert_eq!(memory.seqs(room), [4]);
}

#[tokio::test(flavor = "multi_thread")]
async fn watching_is_counted_and_ends() {
    let world = World::new().await;
    let (receiver, memory, _) = receiver(&world).await;
    let (writer, ada) = (world.writer(), UserId::generate());
    let room = new_stream();
    // The same partition, so that its lane goes on.
    let mut bytes = *new_stream().0.as_bytes();
    bytes[14..].copy_from_slice(&room.0.as_bytes()[14..]);
    let neighbour = proto::id::StreamId(uuid::Uuid::from_bytes(bytes));
    receiver.watch(tenant(), neighbour).await.expect("watched");
    receiver.watch(tenant(), room).await.expect("watched");
    receiver.watch(tenant(), room).await.expect("watched");
    receiver.unwatch(tenant(), room);
    writer
        .append(message(room, ada, "1", "x"))
        .await
        .expect("stored");
    memory.until(room, |seen| seen.events.len() == 1).await;
    assert_eq!(
        receiver.watch(tenant(), room).await.expect("watched"),
        1,
        "a late watcher begins where we are"
    );

    receiver.unwatch(tenant(), room);
    receiver.unwatch(tenant(), room);
    writer
        .append(message(room, ada, "2", "x"))
        .await
        .expect("stored");
    writer
        .append(message(neighbour, ada, "3", "x"))
        .await
        .expect("stored");
    memory.until(neighbour, |seen| seen.events.len() == 1).await;
    assert_eq!(memory.seqs(room), [1], "nothing after the last unwatch");

    assert_eq!(receiver.watch(tenant(), room).await.expect("watched"), 2);
    writer
        .append(message(room, ada, "4", "x"))
        .await
        .expect("stored");
    memory.until(room, |seen| seen.events.len() == 2).await;
    assert_eq!(memory.seqs(room), [1, 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_watch_at_once_and_ranges_are_shared() {
    let world = World::new().await;
    let (receiver, _, _) = receiver(&world).await;
    let rooms: Vec<_> = (0..500).map(|_| new_stream()).collect();
    let appends: Vec<_> = rooms
        .iter()
        .map(|room| message(*room, UserId::generate(), "k", "x"))
        .collect();
    world.append_silently(&appends).await;
    let watches = rooms.iter().map(|room| receiver.watch(tenant(), *room));
    for head in join_all(watches).await {
        assert_eq!(head.expect("watched"), 1);
    }
    let tenant = tenant();
    let ranges = (0..200).map(|_| receiver.range(&tenant, rooms[0], 0, "", 500));
    for range in join_all(ranges).await {
        assert_eq!(range.expect("read").events.len(), 1);
    }
}
