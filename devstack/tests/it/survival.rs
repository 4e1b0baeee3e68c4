//! What sudden death may not take away.

use std::time::{Duration, Instant};

use devstack::fleet::Kind;
use serde_json::json;
use testkit::Person;

use crate::stage::{Stage, bodies};

#[tokio::test]
async fn the_death_of_everything_loses_nothing() {
    let mut stage = Stage::open().await;
    let ada = Person::sign_up(&stage.http(0), "ada").await;
    let grace = Person::sign_up(&stage.http(1), "grace").await;
    let room = ada.creates_room("general").await;
    let mut of_ada = ada.connect(&stage.ws(0)).await;
    let mut of_grace = grace.connect(&stage.ws(1)).await;
    of_grace
        .send("room.join", json!({"room": room}))
        .await
        .expect("joined");
    of_ada
        .send("message.send", json!({"room": room, "body": "seen"}))
        .await
        .expect("sent");
    of_grace.expect_in(&room, "message.new").await;
    let before = of_grace.cursors.clone();
    for number in 0..20 {
        of_ada
            .send(
                "message.send",
                json!({"room": room, "body": number.to_string()}),
            )
            .await
            .expect("acknowledged");
    }
    // What Grace has not read is what she must get; her client forgets the rest.
    of_grace.cursors = before;

    stage.kill_everything().await;
    stage.start_everything().await;

    let mut resumed = grace.resume(&stage.ws(0), &of_grace).await;
    assert_eq!(resumed.welcome["resumed"], true);
    for number in 0..20 {
        let frame = resumed.expect_in(&room, "message.new").await;
        assert_eq!(
            frame.data["body"],
            number.to_string(),
            "exactly what was missed, in order"
        );
        assert!(frame.is_replayed);
    }
    resumed
        .send("message.send", json!({"room": room, "body": "still here"}))
        .await
        .expect("life goes on");
    let next = resumed.expect_in(&room, "message.new").await;
    assert_eq!(
        (next.data["body"].as_str(), next.is_replayed),
        (Some("still here"), false)
    );
    let (_, page) = ada
        .get(&format!("/v1/rooms/{room}/messages?limit=100"))
        .await;
    assert_eq!(bodies(&page["messages"]).len(), 22);
}

#[tokio::test]
async fn a_message_committed_by_a_dying_service_reaches_everyone_once() {
    let armed = [
        ("HUBBUB_FAILPOINT", "after_commit"),
        ("HUBBUB_FAILPOINT_MATCH", "last words"),
    ];
    let mut stage = Stage::with(2, &armed).await;
    let ada = Person::sign_up(&stage.http(0), "ada").await;
    let grace = Person::sign_up(&stage.http(1), "grace").await;
    let room = ada.creates_room("general").await;
    let mut of_ada = ada.connect(&stage.ws(0)).await;
    let mut of_grace = grace.connect(&stage.ws(1)).await;
    of_grace
        .send("room.join", json!({"room": room}))
        .await
        .expect("joined");

    let alive = stage.alive(Kind::Room);
    assert_eq!(alive, 2);
    let sent_at = Instant::now();
    let data = json!({"room": room, "body": "last words"});
    let id = of_ada.post("message.send", Some("k1"), data.clone()).await;
    let heard = of_grace.expect_in(&room, "message.new").await;
    // The sweep is every second, but whoever sweeps next must first see the session of the dead one end. A gateway compares
    // its streams with the log every half minute only, so it is still the sweep that told.
    assert!(
        sent_at.elapsed() < Duration::from_secs(5),
        "took {:?}",
        sent_at.elapsed()
    );
    assert_eq!(heard.data["body"], "last words");
    assert_eq!(
        stage.alive(Kind::Room),
        1,
        "the replica that committed it is dead"
    );

    let first = of_ada
        .reply(&id)
        .await
        .expect("connected")
        .expect("the gateway's own repeat was answered");
    let again = of_ada
        .send_keyed("message.send", "k1", data)
        .await
        .expect("the first answer");
    assert_eq!(
        (&again["seq"], &again["message"]),
        (&first["seq"], &first["message"])
    );
    assert_eq!(again["seq"].as_i64(), heard.seq);
    let rest = of_grace.settle().await;
    assert!(
        rest.iter().all(|frame| frame.kind != "message.new"),
        "once: {rest:?}"
    );
}

#[tokio::test]
async fn a_gateway_s_death_is_a_reconnect_elsewhere() {
    let mut stage = Stage::open().await;
    let ada = Person::sign_up(&stage.http(0), "ada").await;
    let room = ada.creates_room("general").await;
    let mut phone = ada.connect(&stage.ws(0)).await;
    let mut desk = ada.connect(&stage.ws(1)).await;
    desk.send("message.send", json!({"room": room, "body": "one"}))
        .await
        .expect("sent");
    phone.expect_in(&room, "message.new").await;
    stage.kill_gateway(0).await;
    assert_eq!(phone.closed().await.code, 1006);
    for body in ["two", "three"] {
        desk.send("message.send", json!({"room": room, "body": body}))
            .await
            .expect("sent");
    }
    let mut phone = ada.resume(&stage.ws(1), &phone).await;
    for body in ["two", "three"] {
        assert_eq!(
            phone.expect_in(&room, "message.new").await.data["body"],
            body
        );
    }
}

#[tokio::test]
async fn a_lost_bus_is_repaired() {
    let mut stage = Stage::open().await;
    let ada = Person::sign_up(&stage.http(0), "ada").await;
    let room = ada.creates_room("general").await;
    let mut of_ada = ada.connect(&stage.ws(0)).await;
    let mut there = ada.connect(&stage.ws(1)).await;
    stage.restart_bus().await;
    let mut sent = Vec::new();
    for number in 0..5 {
        let key = format!("k{number}");
        // A refusal says "certainly not stored, try again"; the client does, with the same key.
        while let Err(refused) = of_ada
            .send_keyed("message.send", &key, json!({"room": room, "body": key}))
            .await
        {
            assert_eq!(refused.reason, "UPSTREAM_UNAVAILABLE");
        }
        sent.push(key);
    }
    for body in sent {
        assert_eq!(
            there.expect_in(&room, "message.new").await.data["body"],
            body
        );
    }
}
