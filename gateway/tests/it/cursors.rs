//! What a client says it knows: nothing is told twice, nothing ephemeral counts, and nothing goes in circles.

use proto::id::RoomId;
use serde_json::{Value, json};

use crate::world::{Client, World};

/// Resumes with a cursor.
async fn resumes(world: &World, room: RoomId, cursor: &Value) -> Client {
    let resume = json!({"cursors": {room.to_string(): cursor}});
    world.hello(json!({"token": "ada", "resume": resume})).await
}

/// Writes one more message, waits until the client has it, and returns everything it was told of the room until then:
/// type and seq.
async fn told(world: &World, room: RoomId, client: &mut Client) -> Vec<(String, Option<i64>)> {
    let last = world.services.post(room, "the last").await;
    client.wait(|frame| frame["seq"] == last.seq).await;
    let room = room.to_string();
    let of_room = client.seen.iter().filter(|frame| frame["room"] == room);
    of_room
        .map(|frame| {
            let kind = frame["type"].as_str().expect("a type").to_owned();
            (kind, frame["seq"].as_i64())
        })
        .collect()
}

fn message(seq: i64) -> (String, Option<i64>) {
    ("message.new".into(), Some(seq))
}

#[tokio::test]
async fn a_resume_without_traffic_brings_nothing_however_often() {
    let world = World::start().await;
    let room = world.services.room("ada").await;
    let cursor = world.services.cursor(room, 2);
    let mut clients = Vec::new();
    for _ in 0..3 {
        let client = resumes(&world, room, &cursor).await;
        assert_eq!(client.seen[0]["data"]["resumed"], true);
        clients.push(client);
    }
    let last = world.services.post(room, "one").await;
    for client in &mut clients {
        client.wait(|frame| frame["seq"] == last.seq).await;
        assert_eq!(client.events(&room.to_string()), [(3, 2)]);
    }
    let mut late = resumes(&world, room, &cursor).await;
    assert_eq!(
        told(&world, room, &mut late).await,
        [message(3), message(4)]
    );
}

#[tokio::test]
async fn one_may_resume_before_the_first_message_was_ever_written() {
    let world = World::start().await;
    let room = RoomId::generate();
    world.services.enter(room, "ada").await;
    // From before everything: what there is, is told from the beginning.
    let mut first = resumes(&world, room, &json!([0, ""])).await;
    let told = told(&world, room, &mut first).await;
    assert_eq!(told, [("room.memberJoined".into(), Some(1)), message(2)]);
    let cursor = world.services.cursor(room, 1);
    let mut again = resumes(&world, room, &cursor).await;
    let told = self::told(&world, room, &mut again).await;
    assert_eq!(told, [message(2), message(3)]);
}

#[tokio::test]
async fn what_is_told_once_moves_no_cursor() {
    let world = World::start().await;
    let room = world.services.room("ada").await;
    world.services.enter(room, "bob").await;
    let mut ada = world.connect("ada").await;
    let mut bob = world.connect("bob").await;
    let data = json!({"room": room, "on": true});
    assert_eq!(bob.request("typing", None, &data).await["type"], "ok");
    let typing = ada.expect("typing").await;
    for place in ["seq", "prev", "cursor", "replayed"] {
        assert!(typing.get(place).is_none(), "{typing}");
    }
    let posted = world.services.post(room, "one").await;
    let live = ada.expect("message.new").await;
    assert_eq!((&live["seq"], &live["prev"]), (&json!(4), &json!(3)));
    let cursor = json!([posted.seq, posted.event_id]);
    let mut again = resumes(&world, room, &cursor).await;
    assert_eq!(told(&world, room, &mut again).await, [message(5)]);
}

#[tokio::test]
async fn a_reset_is_told_once_and_what_follows_it_is_good_to_resume_with() {
    let world = World::start().await;
    let room = world.services.room("ada").await;
    world.services.post(room, "one").await;
    let id = uuid::Uuid::now_v7().to_string();
    for wrong in [
        json!([2, id]),
        json!([3, id]),
        json!([99, id]),
        json!([-1, id]),
        json!(null),
    ] {
        let mut client = resumes(&world, room, &wrong).await;
        let reset = client.expect("room.reset").await;
        let head = reset["data"]["head"].as_i64().expect("a head");
        let told = told(&world, room, &mut client).await;
        let expected = [("room.reset".into(), None), message(head + 1)];
        assert_eq!(told, expected, "once, and then live: {wrong}");
        let seen = client.seen.last().expect("the message");
        let good = json!([seen["seq"], seen["cursor"]]);
        let mut again = resumes(&world, room, &good).await;
        let told = self::told(&world, room, &mut again).await;
        assert_eq!(told, [message(head + 2)], "no circle after {wrong}");
    }
}
