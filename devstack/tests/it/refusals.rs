//! Bad input over the WebSocket: each with its exact answer, and nothing lost.

use serde_json::json;
use testkit::{Person, SUBPROTOCOL, Socket};
use tokio_tungstenite::tungstenite::{
    Error as WsError, Message,
    protocol::frame::{
        Frame,
        coding::{Data, OpCode},
    },
};

use crate::stage::{Stage, bodies};

const ABSENT: &str = "0198c0de-0000-7000-8000-000000000000";

#[tokio::test]
async fn a_connection_that_does_not_speak_the_protocol_is_closed_with_its_code() {
    let stage = Stage::open().await;
    let ada = Person::sign_up(&stage.http(0), "ada").await;
    let ws = stage.ws(0);
    let open = async || {
        Socket::open(&ws, &[SUBPROTOCOL], &[])
            .await
            .expect("upgraded")
    };

    let mut other = Socket::open(&ws, &["other.v9"], &[]).await;
    if let Ok(socket) = &mut other {
        assert_eq!(socket.closed().await.code, 4410, "wrong subprotocol");
    } else {
        // A client library may refuse an answer that echoes none of what it offered; then ask without offering.
        let mut none = Socket::open(&ws, &[], &[]).await.expect("upgraded");
        assert_eq!(none.closed().await.code, 4410, "no subprotocol");
    }

    let mut binary = open().await;
    binary.message(Message::binary(vec![1, 2, 3])).await;
    assert_eq!(binary.closed().await.code, 4400, "binary frame");

    let mut garbled = ada.connect(&ws).await;
    garbled.message(invalid_utf8()).await;
    assert_eq!(garbled.closed().await.code, 4400, "invalid UTF-8");

    let mut large = ada.connect(&ws).await;
    large.raw(&frame_of(64 * 1024)).await;
    assert!(
        large.settle().await.iter().all(|frame| frame.kind != "bye"),
        "64 KiB are allowed"
    );
    large.raw(&frame_of(64 * 1024 + 1)).await;
    assert_eq!(large.closed().await.code, 4413, "64 KiB + 1");

    let mut deep = ada.connect(&ws).await;
    deep.raw(&nested(16)).await;
    assert!(
        deep.settle().await.iter().all(|frame| frame.kind != "bye"),
        "depth 16 is allowed"
    );
    deep.raw(&nested(17)).await;
    assert_eq!(deep.closed().await.code, 4400, "depth 17");

    for text in [
        "",
        "[]",
        "null",
        "{",
        "\"x\"",
        r#"{"type":7}"#,
        r#"{"id":"1"}"#,
    ] {
        let mut bad = ada.connect(&ws).await;
        bad.raw(text).await;
        assert_eq!(bad.closed().await.code, 4400, "{text}");
    }

    // The gateway's clock starts within this.
    let begun = std::time::Instant::now();
    let mut silent = open().await;
    let bye = silent.expect("bye").await;
    assert_eq!(
        (&bye.data["code"], &bye.data["reconnect"]),
        (&json!(4408), &json!("never"))
    );
    assert_eq!(silent.closed().await.code, 4408, "no hello");
    assert!(
        (4.0..12.0).contains(&begun.elapsed().as_secs_f64()),
        "after 5 s, not {:?}",
        begun.elapsed()
    );
}

/// A text frame whose payload is not UTF-8.
fn invalid_utf8() -> Message {
    Message::Frame(Frame::message(
        vec![b'"', 0xff, 0xfe, b'"'],
        OpCode::Data(Data::Text),
        true,
    ))
}

fn frame_of(bytes: usize) -> String {
    let empty = json!({"type": "nonsense", "id": "1", "data": {"pad": ""}}).to_string();
    json!({"type": "nonsense", "id": "1", "data": {"pad": "x".repeat(bytes - empty.len())}})
        .to_string()
}

/// A frame of the given depth, itself included.
fn nested(depth: usize) -> String {
    format!(
        r#"{{"type":"nonsense","id":"1","data":{}{}}}"#,
        "[".repeat(depth - 1),
        "]".repeat(depth - 1)
    )
}

#[tokio::test]
async fn a_foreign_origin_gets_no_upgrade() {
    let stage = Stage::open().await;
    let own = stage.http(0);
    let suffixed = format!("{own}.evil.test");
    for origin in [
        "https://evil.test",
        "null",
        suffixed.as_str(),
        "http://localhost:1",
    ] {
        let refused = Socket::open(&stage.ws(0), &[SUBPROTOCOL], &[("origin", origin)]).await;
        let Err(WsError::Http(response)) = refused else {
            panic!("{origin} was let in: {refused:?}")
        };
        assert_eq!(response.status(), 403, "{origin}");
        let body =
            String::from_utf8_lossy(response.body().as_deref().unwrap_or_default()).into_owned();
        assert!(body.contains("ORIGIN_REFUSED"), "{body}");
    }
    let ada = Person::sign_up(&own, "ada").await;
    let mut known = Socket::open(&stage.ws(0), &[SUBPROTOCOL], &[("origin", &own)])
        .await
        .expect("upgraded");
    known
        .hello(json!({"token": ada.account.token}))
        .await
        .expect("welcome");
}

#[tokio::test]
async fn a_bad_request_is_refused_and_the_connection_lives() {
    let stage = Stage::open().await;
    let ada = Person::sign_up(&stage.http(0), "ada").await;
    let grace = Person::sign_up(&stage.http(0), "grace").await;
    let room = ada.creates_room("general").await;
    let mut of_ada = ada.connect(&stage.ws(0)).await;
    let mut of_grace = grace.connect(&stage.ws(1)).await;

    let id = of_ada
        .post("message.send", None, json!({"room": room, "body": "x"}))
        .await;
    let keyless = of_ada.reply(&id).await.expect("open").expect_err("no key");
    assert_eq!(
        (keyless.reason.as_str(), keyless.fields.contains_key("key")),
        ("FIELD_INVALID", true)
    );

    let unknown = of_ada
        .send("message.conjure", json!({}))
        .await
        .expect_err("unknown type");
    assert_eq!(unknown.reason, "UNKNOWN_TYPE");

    let outside = of_grace
        .send("message.send", json!({"room": room, "body": "x"}))
        .await
        .expect_err("not in it");
    let nowhere = of_grace
        .send("message.send", json!({"room": ABSENT, "body": "x"}))
        .await
        .expect_err("no such room");
    assert_eq!(
        outside, nowhere,
        "the same answer, so that nobody learns which rooms exist"
    );
    assert_eq!(
        (outside.code.as_str(), outside.reason.as_str()),
        ("PERMISSION_DENIED", "NOT_A_MEMBER")
    );

    for body in ["", "   \n\t "] {
        let empty = of_ada
            .send("message.send", json!({"room": room, "body": body}))
            .await
            .expect_err("empty");
        assert_eq!(empty.reason, "BODY_EMPTY");
    }
    let long = "ü".repeat(4_001);
    let long = of_ada
        .send("message.send", json!({"room": room, "body": long}))
        .await
        .expect_err("too long");
    assert_eq!(long.reason, "BODY_TOO_LONG");
    let full = "ü".repeat(4_000);
    of_ada
        .send("message.send", json!({"room": room, "body": full}))
        .await
        .expect("4,000 characters are allowed");

    for data in [
        json!({"room": room}),
        json!({"room": 7, "body": "x"}),
        json!({"body": "x"}),
        json!([]),
    ] {
        let wrong = of_ada
            .send("message.send", data.clone())
            .await
            .expect_err("wrong shape");
        assert_eq!(wrong.reason, "FIELD_INVALID", "{data}");
    }
    let (_, page) = ada.get(&format!("/v1/rooms/{room}/messages")).await;
    assert_eq!(
        bodies(&page["messages"]),
        [full],
        "nothing that was refused is there"
    );
}

#[tokio::test]
async fn cursors_that_prove_nothing_lead_to_a_reset() {
    let stage = Stage::open().await;
    let ada = Person::sign_up(&stage.http(0), "ada").await;
    let room = ada.creates_room("general").await;
    let mut of_ada = ada.connect(&stage.ws(0)).await;
    of_ada
        .send("message.send", json!({"room": room, "body": "x"}))
        .await
        .expect("sent");
    let seq = of_ada
        .expect_in(&room, "message.new")
        .await
        .seq
        .expect("durable");

    for cursor in [json!([seq, ABSENT]), json!([seq + 100, ABSENT])] {
        let mut resumed = Socket::open(&stage.ws(1), &[SUBPROTOCOL], &[])
            .await
            .expect("upgraded");
        let resume = json!({"session": of_ada.welcome["session"], "cursors": {&room: cursor}});
        resumed
            .hello(json!({"token": ada.account.token, "resume": resume}))
            .await
            .expect("welcome");
        resumed.expect_in(&room, "room.reset").await;
        // Live again after the reset, without a loop.
        of_ada
            .send("message.send", json!({"room": room, "body": "after"}))
            .await
            .expect("sent");
        resumed.expect_in(&room, "message.new").await;
        assert!(
            resumed
                .settle()
                .await
                .iter()
                .all(|frame| frame.kind != "room.reset")
        );
    }
    for cursor in [
        json!("x"),
        json!([1.5, "x"]),
        json!([-1, ABSENT]),
        json!([1]),
    ] {
        let mut resumed = Socket::open(&stage.ws(0), &[SUBPROTOCOL], &[])
            .await
            .expect("upgraded");
        let resume = json!({"session": of_ada.welcome["session"], "cursors": {&room: cursor}});
        resumed
            .hello(json!({"token": ada.account.token, "resume": resume}))
            .await
            .expect("welcome");
        resumed.expect_in(&room, "room.reset").await;
    }
    for cursors in [json!([]), json!(7), json!("x")] {
        let mut refused = Socket::open(&stage.ws(0), &[SUBPROTOCOL], &[])
            .await
            .expect("upgraded");
        let resume = json!({"session": of_ada.welcome["session"], "cursors": cursors});
        let closed = refused
            .hello(json!({"token": ada.account.token, "resume": resume}))
            .await;
        assert_eq!(closed.expect_err("closed").code, 4400, "{cursors}");
    }
    // A stream that is not one's own is simply not followed.
    let mut foreign = Socket::open(&stage.ws(0), &[SUBPROTOCOL], &[])
        .await
        .expect("upgraded");
    let resume = json!({"session": of_ada.welcome["session"], "cursors": {ABSENT: [1, ABSENT]}});
    foreign
        .hello(json!({"token": ada.account.token, "resume": resume}))
        .await
        .expect("welcome");
    assert!(
        foreign
            .settle()
            .await
            .iter()
            .all(|frame| frame.raw["room"] != ABSENT)
    );
}
