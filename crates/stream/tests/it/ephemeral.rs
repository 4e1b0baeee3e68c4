//! What is said once: to its partition, and to nobody when it names no stream.

use futures::StreamExt;
use prost::Message;
use proto::{
    id::StreamId,
    stream::Ephemeral,
    subject::{self, Partition},
};
use stream::Ephemerals;

use crate::{PATIENCE, World, new_stream};

fn typing(stream_id: &str) -> Ephemeral {
    Ephemeral {
        tenant: "default".into(),
        stream_id: stream_id.into(),
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

#[tokio::test]
async fn what_is_said_reaches_those_who_hear_its_partition() {
    let world = World::new().await;
    let bus = &world.nats.client;
    let room = new_stream();
    let subject = subject::ephemeral(Partition::of(room)).to_string();
    let mut heard = bus.subscribe(subject).await.expect("heard");
    // What one client says after it has subscribed reaches it, in order.
    let ephemerals = Ephemerals::new(bus.clone());
    for stream_id in ["no stream", &elsewhere(room).to_string(), &room.to_string()] {
        ephemerals.publish(typing(stream_id)).await;
    }
    let first = tokio::time::timeout(PATIENCE, heard.next()).await;
    let first = first.expect("heard in time").expect("the bus is there");
    let first = Ephemeral::decode(first.payload).expect("readable");
    assert_eq!(first.stream_id, room.to_string());
}
