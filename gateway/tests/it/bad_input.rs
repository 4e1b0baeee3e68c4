//! What a client does wrong, and the exact answer.

use serde_json::json;
use tokio_tungstenite::tungstenite::{Bytes, Error, Message};

use crate::world::{ORIGIN, World};

const PROTOCOL: (&str, &str) = ("sec-websocket-protocol", "hubbub.v1.json");

#[tokio::test]
async fn no_hello_in_time() {
    let world = World::with(|gateway| gateway.hello_timeout_ms = 200).await;
    assert_eq!(world.open().await.closed().await, (4408, 4408));
}

#[tokio::test]
async fn a_wrong_or_missing_subprotocol() {
    let world = World::start().await;
    let mut missing = world.dial("/v1/rt", &[]).await.expect("upgraded");
    assert_eq!(missing.closed().await, (4410, 4410));
    assert_eq!(
        world.open().await.protocol.as_deref(),
        Some("hubbub.v1.json")
    );
    // A client that asked for something else refuses an upgrade that echoes nothing; the server did not lie.
    let wrong = world
        .dial("/v1/rt", &[("sec-websocket-protocol", "chat.v9")])
        .await;
    assert!(wrong.is_err(), "nothing is echoed");
}

#[tokio::test]
async fn foreign_origins() {
    let world = World::start().await;
    for (origin, cookie, is_fine) in [
        (Some(ORIGIN), Some("__Host-sid=ada"), true),
        (Some("http://chat.example.com:80"), None, false),
        (Some("http://evil.example.com"), None, false),
        (Some("null"), None, false),
        (None, Some("__Host-sid=ada"), false),
        (None, None, true),
    ] {
        let mut headers = vec![PROTOCOL];
        headers.extend(origin.map(|origin| ("origin", origin)));
        headers.extend(cookie.map(|cookie| ("cookie", cookie)));
        match world.dial("/v1/rt", &headers).await {
            Ok(_) => assert!(is_fine, "{origin:?}"),
            Err(Error::Http(response)) => {
                assert!(!is_fine, "{origin:?}");
                assert_eq!(response.status(), 403);
                assert_eq!(
                    response.headers()["content-type"],
                    "application/problem+json"
                );
                let body = response.body().as_ref().expect("a body");
                let problem: serde_json::Value = serde_json::from_slice(body).expect("JSON");
                assert_eq!(problem["reason"], "ORIGIN_REFUSED");
            }
            Err(error) => panic!("{error}"),
        }
    }
}

#[tokio::test]
async fn frames_that_are_none() {
    let world = World::start().await;
    let deep = format!(
        r#"{{"type":"ping","data":{}{}}}"#,
        "[".repeat(16),
        "]".repeat(16)
    );
    for message in [
        Message::binary(Bytes::from_static(b"{}")),
        Message::text("not json"),
        Message::text("[]"),
        Message::text(r#"{"type":"ping","type":"ping"}"#),
        Message::text(r#"{"type":"ping","id":"12345678901234567"}"#),
        Message::text(deep),
        Message::Frame(invalid_utf8()),
    ] {
        let mut client = world.connect("ada").await;
        client.raw(message.clone()).await;
        assert_eq!(client.closed().await, (4400, 4400), "{message:?}");
    }
}

fn invalid_utf8() -> tokio_tungstenite::tungstenite::protocol::frame::Frame {
    use tokio_tungstenite::tungstenite::protocol::frame::{
        Frame,
        coding::{Data, OpCode},
    };
    Frame::message(
        Bytes::from_static(b"{\"type\":\"\xff\"}"),
        OpCode::Data(Data::Text),
        true,
    )
}

#[tokio::test]
async fn a_frame_may_have_64_kib_and_not_one_byte_more() {
    let world = World::start().await;
    let frame = |length: usize| {
        let empty = r#"{"type":"ping","id":"1","x":""}"#.len();
        Message::text(format!(
            r#"{{"type":"ping","id":"1","x":"{}"}}"#,
            "x".repeat(length - empty)
        ))
    };
    let mut client = world.connect("ada").await;
    client.raw(frame(65_536)).await;
    client.expect("pong").await;
    client.raw(frame(65_537)).await;
    assert_eq!(client.closed().await, (4413, 4413));
}

#[tokio::test]
async fn requests_that_are_wrong_leave_the_connection_alone() {
    let world = World::start().await;
    let mut client = world.connect("ada").await;
    let room = world.services.room("bob").await.to_string();
    let unknown = client.request("no.such", None, &json!({})).await;
    assert_eq!(unknown["error"]["reason"], "UNKNOWN_TYPE");
    let keyless = client
        .request("message.send", None, &json!({"room": room, "body": "hi"}))
        .await;
    assert_eq!(keyless["error"]["reason"], "FIELD_INVALID");
    assert_eq!(keyless["error"]["fields"]["key"], "is needed");
    let elsewhere = client
        .request(
            "message.send",
            Some("k1"),
            &json!({"room": room, "body": "hi"}),
        )
        .await;
    let mut nowhere = client
        .request(
            "message.send",
            Some("k2"),
            &json!({"room": "nowhere", "body": "hi"}),
        )
        .await;
    assert_eq!(elsewhere["error"]["reason"], "NOT_A_MEMBER");
    nowhere["id"] = elsewhere["id"].clone();
    assert_eq!(nowhere, elsewhere, "a hidden room is no room");
    let history = client
        .request("history.sync", None, &json!({"room": room, "after": 0}))
        .await;
    assert_eq!(history["error"]["reason"], "NOT_A_MEMBER");
}

#[tokio::test]
async fn credentials_that_prove_nobody() {
    let world = World::start().await;
    for (hello, code) in [
        (json!({}), 4401),
        (json!({"token": "forged"}), 4401),
        (json!({"token": "gone"}), 4401),
        (json!({"token": "expired"}), 4100),
        (json!({"ticket": "gone"}), 4401),
        (json!({"token": "ada", "resume": {"cursors": []}}), 4400),
        (json!({"token": 7}), 4400),
    ] {
        let mut client = world.open().await;
        client.say(&json!({"type": "hello", "data": hello})).await;
        assert_eq!(client.closed().await, (u64::from(code), code), "{hello}");
    }
    let headers = [PROTOCOL, ("origin", ORIGIN), ("cookie", "__Host-sid=gone")];
    let mut client = world.dial("/v1/rt", &headers).await.expect("upgraded");
    client.say(&json!({"type": "hello"})).await;
    assert_eq!(client.closed().await, (4101, 4101));
}

#[tokio::test]
async fn anything_before_hello() {
    let world = World::start().await;
    let mut client = world.open().await;
    client.say(&json!({"type": "room.list", "id": "1"})).await;
    assert_eq!(client.closed().await, (4400, 4400));
}

#[tokio::test]
async fn too_many_requests() {
    let world = World::start().await;
    let mut client = world.connect("ada").await;
    for _ in 0..200 {
        client.post("no.such", None, &json!({})).await;
    }
    assert_eq!(client.closed().await, (4004, 4004));
    let limited = client
        .seen
        .iter()
        .find(|frame| frame["error"]["reason"] == "RATE_LIMITED")
        .expect("told before");
    assert!(limited["error"]["retryAfterMs"].as_u64().expect("a number") > 0);
}

#[tokio::test]
async fn what_was_on_its_way_is_told_a_time_of_its_own_and_nobody_is_closed() {
    let world = World::with(|gateway| gateway.rate_per_connection = 1).await;
    let mut client = world.connect("ada").await;
    let mut last = String::new();
    // As many as may come at once, and as many again that were sent before an answer could be heard.
    for _ in 0..80 {
        last = client.post("no.such", None, &json!({})).await;
    }
    client.wait(|frame| frame["id"] == last.as_str()).await;
    let waits = client.seen.iter().filter_map(|frame| {
        let is_limited = frame["error"]["reason"] == "RATE_LIMITED";
        let wait = frame["error"]["retryAfterMs"].as_u64();
        wait.filter(|_| is_limited)
    });
    let waits: Vec<_> = waits.collect();
    assert!(waits.len() > 30, "{waits:?}");
    // A second apart, less what passed from one to the next.
    assert!(waits[0] <= 1_000, "{waits:?}");
    let total = u64::try_from(waits.len()).expect("few") * 1_000;
    let longest = waits.last().expect("some");
    assert!(*longest > total - 10_000, "{waits:?}");
}

#[tokio::test]
async fn too_many_connections() {
    let world = World::with(|gateway| gateway.per_user = 1).await;
    let _first = world.connect("ada").await;
    let mut second = world.open().await;
    second
        .say(&json!({"type": "hello", "data": {"token": "ada"}}))
        .await;
    assert_eq!(second.closed().await, (4429, 4429));
    let world = World::with(|gateway| gateway.per_address = 1).await;
    let _first = world.connect("ada").await;
    assert_eq!(world.open().await.closed().await, (4429, 4429));
}
