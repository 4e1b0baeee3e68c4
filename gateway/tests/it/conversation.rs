//! People who talk, leave, come back and read slowly.

use std::sync::atomic::Ordering;

use proto::id::RoomId;
use serde_json::{Value, json};

use crate::{
    services::session,
    world::{Client, World},
};

async fn until(client: &mut Client, seq: i64) {
    if client.seen.iter().all(|frame| frame["seq"] != seq) {
        client.wait(|frame| frame["seq"] == seq).await;
    }
}

fn resume(name: &str, room: RoomId, cursor: &Value) -> Value {
    json!({"token": name, "resume": {"session": session(name), "cursors": {room.to_string(): cursor}}})
}

#[tokio::test]
async fn a_message_reaches_everyone_once_and_in_order() {
    let world = World::start().await;
    let room = world.services.room("ada").await;
    world.services.enter(room, "bob").await;
    let (mut ada, mut bob) = (world.connect("ada").await, world.connect("bob").await);
    for body in ["a", "b", "c"] {
        ada.post(
            "message.send",
            Some(body),
            &json!({"room": room, "body": body}),
        )
        .await;
    }
    until(&mut bob, 6).await;
    until(&mut ada, 6).await;
    assert_eq!(bob.events(&room.to_string()), [(4, 3), (5, 4), (6, 5)]);
    assert_eq!(ada.events(&room.to_string()), [(4, 3), (5, 4), (6, 5)]);
    let bodies: Vec<_> = bob
        .seen
        .iter()
        .filter_map(|frame| frame["data"]["body"].as_str())
        .collect();
    assert_eq!(
        bodies,
        ["a", "b", "c"],
        "sends of one connection keep their order"
    );
    let again = ada
        .request(
            "message.send",
            Some("a"),
            &json!({"room": room, "body": "a"}),
        )
        .await;
    assert_eq!(
        (&again["data"]["seq"], &again["data"]["duplicate"]),
        (&json!(4), &json!(true))
    );
}

#[tokio::test]
async fn a_lost_answer_is_asked_for_again_with_the_same_key() {
    let world = World::start().await;
    let room = world.services.room("ada").await;
    let mut ada = world.connect("ada").await;
    world
        .services
        .truth
        .lost_answers
        .store(2, Ordering::Release);
    let sent = ada
        .request(
            "message.send",
            Some("k"),
            &json!({"room": room, "body": "hi"}),
        )
        .await;
    assert_eq!(
        (&sent["type"], &sent["data"]["seq"]),
        (&json!("ok"), &json!(3))
    );
    // Three lost answers in a row: no answer at all, and the next request is not held up by it.
    world
        .services
        .truth
        .lost_answers
        .store(3, Ordering::Release);
    let unknown = ada
        .post(
            "message.send",
            Some("k2"),
            &json!({"room": room, "body": "x"}),
        )
        .await;
    let next = ada
        .request(
            "message.send",
            Some("k3"),
            &json!({"room": room, "body": "y"}),
        )
        .await;
    assert_eq!(next["type"], "ok");
    assert!(
        ada.seen.iter().all(|frame| frame["id"] != unknown.as_str()),
        "unknown is not answered"
    );
}

#[tokio::test]
async fn joining_gives_no_gap_and_no_duplicate() {
    let world = World::start().await;
    let room = world.services.room("ada").await;
    let mut bob = world.connect("bob").await;
    let mut other = world.connect("bob").await;
    let joined = bob
        .request("room.join", Some("j"), &json!({"room": room}))
        .await;
    assert_eq!(joined["data"]["head"], 3);
    world.services.post(room, "hi").await;
    until(&mut bob, 4).await;
    assert_eq!(bob.events(&room.to_string()), [(4, 3)]);
    until(&mut other, 4).await;
    assert_eq!(
        other.events(&room.to_string()),
        [(3, 2), (4, 3)],
        "the other device hears of the arrival itself"
    );
    world.services.leave(room, "bob").await;
    until(&mut bob, 5).await;
    world.services.post(room, "secret").await;
    let gone = bob
        .request("history.sync", None, &json!({"room": room, "after": 3}))
        .await;
    assert_eq!(gone["error"]["reason"], "NOT_A_MEMBER");
    assert_eq!(bob.events(&room.to_string()), [(4, 3), (5, 4)]);
}

#[tokio::test]
async fn a_resume_gives_exactly_what_was_missed() {
    let world = World::start().await;
    let room = world.services.room("ada").await;
    drop(world.connect("ada").await);
    for _ in 0..150 {
        world.services.post(room, "missed").await;
    }
    let mut ada = world
        .hello(resume("ada", room, &world.services.cursor(room, 2)))
        .await;
    assert_eq!(ada.seen[0]["data"]["resumed"], true);
    until(&mut ada, 152).await;
    world.services.post(room, "live").await;
    until(&mut ada, 153).await;
    let expected: Vec<_> = (3..=153).map(|seq| (seq, seq - 1)).collect();
    assert_eq!(ada.events(&room.to_string()), expected);
    assert_eq!(ada.seen[1]["type"], "client/RESUME_SESSION");
    let is_replayed = |seq: i64| {
        ada.seen
            .iter()
            .find(|frame| frame["seq"] == seq)
            .is_some_and(|frame| frame["replayed"] == true)
    };
    assert!(is_replayed(3) && is_replayed(152) && !is_replayed(153));
}

#[tokio::test]
async fn a_resume_from_too_far_or_from_nowhere_is_told() {
    let world = World::start().await;
    let room = world.services.room("ada").await;
    for _ in 0..310 {
        world.services.post(room, "old").await;
    }
    let mut far = world
        .hello(resume("ada", room, &world.services.cursor(room, 2)))
        .await;
    let gap = far.expect("room.gap").await;
    assert_eq!(
        gap["data"],
        json!({"room": room, "from": 3, "to": 312, "head": 312})
    );
    let id = uuid::Uuid::now_v7().to_string();
    let bad = [
        json!([9_999, id]),
        json!([300, id]),
        json!([312, id]),
        json!("x"),
        json!([-1, id]),
        json!([1.5, id]),
    ];
    for cursor in bad {
        let mut ada = world.hello(resume("ada", room, &cursor)).await;
        let reset = ada.expect("room.reset").await;
        assert_eq!(
            (&reset["room"], &reset["data"]["head"]),
            (&json!(room), &json!(312)),
            "{cursor}"
        );
        // Exactly one, and nothing is replayed.
        ada.request("ping", None, &json!({})).await;
        let resets = ada
            .seen
            .iter()
            .filter(|frame| frame["type"] == "room.reset")
            .count();
        assert_eq!(
            (resets, ada.events(&room.to_string()).len()),
            (1, 0),
            "{cursor}"
        );
    }
    let elsewhere = RoomId::generate();
    let mut ada = world.hello(resume("ada", elsewhere, &json!([1, id]))).await;
    let pong = ada.request("ping", None, &json!({"n": 1})).await;
    assert_eq!(pong["n"], 1);
    assert!(
        ada.seen.iter().all(|frame| frame["type"] != "room.reset"),
        "a foreign room is not spoken of"
    );
}

#[tokio::test]
async fn a_client_that_stops_reading_for_a_while_misses_nothing() {
    let world = World::with(|gateway| gateway.send_queue_frames = 16).await;
    let room = world.services.room("ada").await;
    let mut slow = world.connect("ada").await;
    let body = "x".repeat(4_000);
    for _ in 0..2_000 {
        world.services.post(room, &body).await;
    }
    until(&mut slow, 2_002).await;
    let expected: Vec<_> = (3..=2_002).map(|seq| (seq, seq - 1)).collect();
    assert_eq!(slow.events(&room.to_string()), expected);
}
