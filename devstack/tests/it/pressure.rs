//! A client that stops reading, a client that sends too much, a gateway that goes away in good order.

use std::time::Duration;

use devstack::fleet::Kind;
use serde_json::json;
use testkit::{Person, SUBPROTOCOL, Socket};

use crate::{console::eventually, stage::Stage};

/// How long the first gateway may take to give up on a client that reads nothing: 10 s and some.
const GIVEN_UP: Duration = Duration::from_secs(30);

/// Waits until the first gateway has given up on a client that reads nothing.
async fn gives_up(stage: &Stage) {
    let url = format!("{}/metrics", stage.internal(Kind::Gateway));
    let is_it = |line: &str| {
        line.starts_with("hubbub_gateway_closes_total{")
            && line.contains("reason=\"slow_consumer\"")
    };
    eventually("the gateway to give up", GIVEN_UP, async || {
        let metrics = reqwest::get(&url).await.ok()?.text().await.ok()?;
        metrics.lines().any(is_it).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_client_that_stops_reading_costs_nobody_and_misses_nothing() {
    let stage = Stage::open().await;
    let ada = Person::sign_up(&stage.http(0), "ada").await;
    let grace = Person::sign_up(&stage.http(0), "grace").await;
    let room = ada.creates_room("general").await;
    let mut writer = ada.connect(&stage.ws(1)).await;
    let mut reader = ada.connect(&stage.ws(0)).await;
    let mut stalled = grace.connect(&stage.ws(0)).await;
    stalled
        .send("room.join", json!({"room": room}))
        .await
        .expect("joined");
    let before = stage.memory_of_gateway(0);

    // 31 MB of messages: far more than the queue (256 KiB) and the kernel's buffers hold.
    let body = "𝄞".repeat(3_900);
    let count = 2_000;
    let mut last = 0;
    for _ in 0..count {
        let sent = writer
            .send("message.send", json!({"room": room, "body": body}))
            .await
            .expect("a stalled reader is no reason to refuse");
        last = sent["seq"].as_i64().expect("a seq");
        reader.expect_in(&room, "message.new").await;
    }
    let grown = stage.memory_of_gateway(0).saturating_sub(before);
    assert!(
        grown < 16 * 1024 * 1024,
        "one stalled client made the gateway grow by {grown} bytes"
    );

    // Reading sooner would be progress, and the client no longer stalled.
    gives_up(&stage).await;
    // What the kernel still held can be read; after 10 s without progress the gateway gave up on the rest.
    let closed = stalled.closed().await;
    assert!([4002, 1006].contains(&closed.code), "{closed:?}");
    let (seq, _) = stalled.cursors[&room];
    assert!(seq < last, "the client was not stalled at all");
    let mut resumed = grace.resume(&stage.ws(1), &stalled).await;
    let mut next = seq + 1;
    while next <= last {
        let sync = json!({"room": room, "after": next - 1, "limit": 100});
        let page = resumed.send("history.sync", sync).await.expect("a page");
        for event in page["events"].as_array().expect("events") {
            assert_eq!(event["seq"], next, "nothing is skipped");
            next += 1;
        }
    }
}

#[tokio::test]
async fn a_flood_is_refused_and_a_stubborn_one_closed() {
    let stage = Stage::with_env(&[
        ("HUBBUB_GATEWAY__RATE_PER_CONNECTION", "20"),
        ("HUBBUB_GATEWAY__BURST_PER_CONNECTION", "40"),
    ])
    .await;
    let ada = Person::sign_up(&stage.http(0), "ada").await;
    let mut socket = ada.connect(&stage.ws(0)).await;
    for _ in 0..200 {
        socket.post("room.list", None, json!({})).await;
    }
    let bye = socket.expect("bye").await;
    assert_eq!(bye.data["code"], 4004);
    assert_eq!(bye.data["reconnect"], "resume");
    assert_eq!(socket.closed().await.code, 4004);
}

#[tokio::test]
async fn a_gateway_that_stops_says_so_and_the_session_goes_on_elsewhere() {
    let stage = Stage::open().await;
    let ada = Person::sign_up(&stage.http(0), "ada").await;
    let room = ada.creates_room("general").await;
    let mut socket = ada.connect(&stage.ws(0)).await;
    stage.stop_gateway(0);
    let bye = socket.expect("bye").await;
    assert_eq!(
        (&bye.data["code"], &bye.data["reconnect"]),
        (&json!(4001), &json!("resume"))
    );
    assert!(bye.data["retryAfterMs"].is_u64(), "{}", bye.data);
    assert_eq!(socket.closed().await.code, 4001);
    let mut desk = ada.connect(&stage.ws(1)).await;
    desk.send("message.send", json!({"room": room, "body": "meanwhile"}))
        .await
        .expect("sent");
    let mut resumed = ada.resume(&stage.ws(1), &socket).await;
    assert_eq!(
        resumed.expect_in(&room, "message.new").await.data["body"],
        "meanwhile"
    );
}

#[tokio::test]
async fn a_person_has_a_bounded_number_of_connections() {
    let stage = Stage::with_env(&[("HUBBUB_GATEWAY__PER_USER", "3")]).await;
    let ada = Person::sign_up(&stage.http(0), "ada").await;
    let mut open = Vec::new();
    for _ in 0..3 {
        open.push(ada.connect(&stage.ws(0)).await);
    }
    let mut fourth = Socket::open(&stage.ws(0), &[SUBPROTOCOL], &[])
        .await
        .expect("upgraded");
    assert_eq!(
        fourth
            .hello(json!({"token": ada.account.token}))
            .await
            .expect_err("too many")
            .code,
        4429
    );
    open.pop().expect("one").close().await;
    // The place is free again once the gateway noticed.
    let deadline = tokio::time::Instant::now() + Duration::from_secs(5);
    loop {
        let mut next = Socket::open(&stage.ws(0), &[SUBPROTOCOL], &[])
            .await
            .expect("upgraded");
        if next
            .hello(json!({"token": ada.account.token}))
            .await
            .is_ok()
        {
            break;
        }
        assert!(
            tokio::time::Instant::now() < deadline,
            "the place was never given back"
        );
    }
}
