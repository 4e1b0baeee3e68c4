//! nginx in front of two gateways, with the configuration of compose: what clients rely on passes through it.

mod front;

use std::time::Duration;

use serde_json::json;
use testkit::{Person, Socket};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::{
    connections::listed,
    console::{Console, eventually},
    stage::Stage,
};
use front::Front;

/// nginx is on this machine.
const BEHIND: (&str, &str) = ("HUBBUB_GATEWAY__TRUSTED_PROXIES", r#"["127.0.0.1/32"]"#);

/// The code by which an address is told that it has too many sockets.
const FULL: u16 = 4429;

/// How long a gateway may take to give up on a client that reads nothing: 10 s and some.
const GIVEN_UP: Duration = Duration::from_secs(30);

async fn speaks(socket: &mut Socket, room: &str, body: &str) -> i64 {
    let data = json!({"room": room, "body": body});
    let sent = socket.send("message.send", data).await.expect("stored");
    sent["seq"].as_i64().expect("a seq")
}

#[tokio::test]
async fn whoever_was_on_a_killed_gateway_comes_back_to_the_other_and_misses_nothing() {
    let mut stage = Stage::with_env(&[BEHIND]).await;
    let front = Front::before(&stage).await;
    let ada = Person::sign_up(&front.http(), "ada").await;
    let bob = Person::sign_up(&front.http(), "bob").await;
    let room = ada.creates_room("general").await;
    // Both on the first gateway, though nginx would spread them.
    stage.kill_gateway(1).await;
    let mut of_bob = bob.connect(&front.ws()).await;
    let joined = of_bob.send("room.join", json!({"room": room})).await;
    joined.expect("joined");
    let mut of_ada = ada.connect(&front.ws()).await;
    speaks(&mut of_ada, &room, "before").await;
    let before = of_bob.expect_in(&room, "message.new").await;
    assert_eq!(before.data["body"], "before");

    stage.start_gateway_with(1, &[]).await;
    stage.kill_gateway(0).await;
    assert_eq!(of_ada.closed().await.code, 1006);
    assert_eq!(of_bob.closed().await.code, 1006);
    front.serves().await;
    let mut of_ada = ada.resume(&front.ws(), &of_ada).await;
    speaks(&mut of_ada, &room, "meanwhile").await;
    // What changes something passes, too, with one of the two gone.
    let made = ada.post("/v1/rooms", json!({"name": "second"})).await;
    assert_eq!(made.0, 201, "{made:?}");
    let mut of_bob = bob.resume(&front.ws(), &of_bob).await;
    let missed = of_bob.expect_in(&room, "message.new").await;
    assert_eq!(missed.data["body"], "meanwhile");
    speaks(&mut of_ada, &room, "after").await;
    let live = of_bob.expect_in(&room, "message.new").await;
    assert_eq!(live.data["body"], "after");
}

#[tokio::test]
async fn the_bounds_of_the_gateway_hold_behind_it_and_its_own_for_a_body() {
    let stage = Stage::with_env(&[BEHIND]).await;
    let front = Front::before(&stage).await;
    let ada = Person::sign_up(&front.http(), "ada").await;
    let frame = |length: usize| {
        let empty = r#"{"type":"ping","id":"1","x":""}"#.len();
        let rest = "x".repeat(length - empty);
        format!(r#"{{"type":"ping","id":"1","x":"{rest}"}}"#)
    };
    let mut socket = ada.connect(&front.ws()).await;
    socket.raw(&frame(65_536)).await;
    socket.expect("pong").await;
    socket.raw(&frame(65_537)).await;
    assert_eq!(socket.closed().await.code, 4413);
    let body = |length: usize| {
        let empty = json!({"name": ""}).to_string().len();
        json!({"name": "x".repeat(length - empty)})
    };
    // What nginx takes, the gateway judges; more never reaches it.
    let of_the_gateway = ada.post("/v1/rooms", body(65_536)).await;
    assert!([400, 422].contains(&of_the_gateway.0), "{of_the_gateway:?}");
    assert!(of_the_gateway.1["reason"].is_string(), "{of_the_gateway:?}");
    let client = reqwest::Client::new().post(front.http() + "/v1/rooms");
    let refused = client.json(&body(65_537)).send().await.expect("an answer");
    assert_eq!(refused.status(), 413);
}

#[tokio::test]
async fn limits_count_the_address_a_client_comes_from_and_not_the_one_it_writes() {
    let limit = ("HUBBUB_GATEWAY__PER_ADDRESS", "2");
    let mut stage = Stage::with_env(&[BEHIND, limit]).await;
    let front = Front::before(&stage).await;
    let ada = Person::sign_up(&front.http(), "ada").await;
    // Each gateway counts its own.
    stage.kill_gateway(1).await;
    front.serves().await;
    let (one, other, third) = ("127.0.0.77", "127.0.0.78", "127.0.0.79");
    let enters = async |from: &str, forged: Option<&str>| front.enter(&ada, from, forged).await;
    let mut open = Vec::new();
    for _ in 0..2 {
        open.push(enters(one, None).await.expect("let in"));
    }
    assert_eq!(enters(one, None).await.err(), Some(FULL));
    assert_eq!(enters(one, Some("203.0.113.9")).await.err(), Some(FULL));
    open.push(enters(other, None).await.expect("is somebody else"));
    // Nor can one write another's address and use up theirs.
    for _ in 0..2 {
        let to_the_bill_of_another = enters(third, Some(other)).await;
        open.push(to_the_bill_of_another.expect("it is their own"));
    }
    open.push(enters(other, None).await.expect("still has room"));
    assert_eq!(enters(other, None).await.err(), Some(FULL));
}

#[tokio::test]
async fn whoever_does_not_finish_a_request_is_hung_up_on_and_holds_nobody_up() {
    let stage = Stage::with_env(&[BEHIND]).await;
    let front = Front::before(&stage).await;
    let mut slow = Vec::new();
    for _ in 0..20 {
        let mut stream = front.from("127.0.0.1").await;
        let begun = b"GET /v1/rooms HTTP/1.1\r\nHost: chat.example.org\r\nX-Slow: ";
        stream.write_all(begun).await.expect("taken");
        slow.push(stream);
    }
    let ada = Person::sign_up(&front.http(), "ada").await;
    let room = ada.creates_room("general").await;
    let mut socket = ada.connect(&front.ws()).await;
    speaks(&mut socket, &room, "nobody waits for them").await;
    for mut stream in slow {
        let mut said = String::new();
        let read = stream.read_to_string(&mut said);
        let ended = tokio::time::timeout(testkit::PATIENCE, read).await;
        let ended = ended.expect("hung up on");
        assert!(
            ended.is_err() || said.is_empty() || said.contains("408"),
            "{said}"
        );
    }
}

#[tokio::test]
async fn whoever_stops_reading_behind_it_costs_nobody_and_misses_nothing() {
    let stage = Stage::with_env(&[BEHIND]).await;
    let front = Front::before(&stage).await;
    let ada = Person::sign_up(&front.http(), "ada").await;
    let bob = Person::sign_up(&front.http(), "bob").await;
    let room = ada.creates_room("general").await;
    let mut writer = ada.connect(&front.ws()).await;
    let mut reader = ada.connect(&front.ws()).await;
    let mut stalled = bob.connect(&front.ws()).await;
    let joined = stalled.send("room.join", json!({"room": room})).await;
    joined.expect("joined");
    let console = Console::open(&stage).await;
    listed(&console, "@bob", 1).await;
    // 31 MB: more than the queue, nginx's buffers and the kernel's hold.
    let body = "𝄞".repeat(3_900);
    let mut last = 0;
    for _ in 0..2_000 {
        last = speaks(&mut writer, &room, &body).await;
        reader.expect_in(&room, "message.new").await;
    }
    // Reading before the gateway has given up, whichever it is, would be progress, and the client no longer stalled.
    eventually("the gateway to give up", GIVEN_UP, async || {
        let whose = json!({"user_id": "@bob"});
        let live = console
            .done("ModerationService/ListConnections", whose)
            .await;
        let left = live["connections"].as_array();
        left.is_none_or(Vec::is_empty).then_some(())
    })
    .await;
    stalled.closed().await;
    let (seq, _) = stalled.cursors[&room];
    assert!(seq < last, "it was not stalled at all");
    let mut resumed = bob.resume(&front.ws(), &stalled).await;
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
