//! Frames that break the rules of WebSocket, and frames that keep them and mean harm.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::{
    peer::{PING, Peer, TEXT, close_code, frame, frames, header},
    world::{Client, World},
};

/// Whatever stands in one frame, its answer takes no longer.
const AT_ONCE: Duration = Duration::from_secs(2);
/// The most that the whole process may grow while lengths are declared and nothing follows.
const GROWTH_MAX: u64 = 16 * 1024 * 1024;

async fn answers(client: &mut Client) {
    let pong = client.request("ping", None, &json!({"n": 1})).await;
    assert_eq!(pong["type"], "pong", "others are not held up");
}

fn hello() -> Vec<u8> {
    frame(TEXT, br#"{"type":"hello","data":{"token":"ada"}}"#)
}

/// What is against the rules, with the code it is closed with.
fn broken() -> Vec<(&'static str, Vec<u8>, u16)> {
    let ping = br#"{"type":"ping"}"#;
    let unmasked = [&[TEXT, 15][..], ping].concat();
    let mut broken = vec![
        (
            "compressed, though it was not agreed on",
            frame(0xc1, ping),
            4400,
        ),
        ("the second reserved bit", frame(0xa1, ping), 4400),
        ("the third reserved bit", frame(0x91, ping), 4400),
        ("a compressed ping", frame(0xc9, b""), 4400),
        ("not masked", unmasked, 4400),
        ("a continuation of nothing", frame(0x80, ping), 4400),
        (
            "a new message inside another",
            [frame(0x01, b"{"), frame(TEXT, ping)].concat(),
            4400,
        ),
        ("a ping in parts", frame(0x09, b""), 4400),
        ("a ping of 126 bytes", frame(PING, &[0; 126]), 4400),
        ("a close of one byte", frame(0x88, &[3]), 4400),
        (
            "a close whose reason is no text",
            frame(0x88, b"\x03\xe8\xff\xff"),
            4400,
        ),
        ("a text that is no text", frame(TEXT, b"\"\xc0\xaf\""), 4400),
        ("a surrogate", frame(TEXT, b"\"\xed\xa0\x80\""), 4400),
        ("bytes", frame(0x82, ping), 4400),
        ("2^63 bytes", header(TEXT, 1 << 63), 4413),
        ("2^64 - 1 bytes", header(TEXT, u64::MAX), 4413),
        ("2^32 bytes", header(TEXT, 1 << 32), 4413),
        ("one byte too many", header(TEXT, 65_537), 4413),
        ("a ping of 2^63 bytes", header(PING, 1 << 63), 4413),
        (
            "too much in parts",
            [frame(0x01, &[b' '; 40_000]), frame(0x80, &[b' '; 40_000])].concat(),
            4413,
        ),
    ];
    for opcode in [3, 4, 5, 6, 7, 0xb, 0xc, 0xd, 0xe, 0xf] {
        broken.push((
            "an opcode that is reserved",
            frame(0x80 | opcode, b""),
            4400,
        ));
    }
    broken
}

#[tokio::test]
async fn a_broken_frame_ends_its_own_connection_with_its_code() {
    let world = World::with(|gateway| gateway.accepts_per_second = 10_000).await;
    let mut bob = world.connect("bob").await;
    for (name, bytes, code) in broken() {
        for greeting in [Vec::new(), hello()] {
            let is_greeted = !greeting.is_empty();
            let (mut peer, _) = Peer::upgraded(&world, "").await;
            peer.write(&[greeting, bytes.clone()].concat()).await;
            let told = frames(&peer.rest().await);
            assert_eq!(close_code(&told), Some(code), "{name}: {told:?}");
            let is_welcomed = told
                .iter()
                .any(|(_, text)| text.starts_with(br#"{"type":"welcome""#));
            assert_eq!(is_welcomed, is_greeted, "{name}");
        }
    }
    answers(&mut bob).await;
}

#[tokio::test]
async fn a_client_that_closes_is_answered() {
    let world = World::start().await;
    for greeting in [Vec::new(), hello()] {
        for (close, answer) in [
            (frame(0x88, b"\x03\xe8"), Some(1000)),
            (frame(0x88, b"\x03\xe9going"), Some(1001)),
            (frame(0x88, b""), None),
        ] {
            let (mut peer, _) = Peer::upgraded(&world, "").await;
            peer.write(&[greeting.clone(), close].concat()).await;
            let told = frames(&peer.rest().await);
            let last = told.last().map(|(first, _)| *first);
            assert_eq!(last, Some(0x88), "a close for a close: {told:?}");
            assert_eq!(close_code(&told), answer);
        }
    }
}

#[tokio::test]
async fn a_declared_length_takes_no_memory() {
    let world = World::with(|gateway| {
        gateway.accepts_per_second = 10_000;
        gateway.per_address = 1_000;
        // A tenth of them may be strangers.
        gateway.max_connections = 10_000;
    })
    .await;
    let mut bob = world.connect("bob").await;
    let before = resident();
    let mut peers = Vec::new();
    for turn in 0..200_u64 {
        let (mut peer, _) = Peer::upgraded(&world, "").await;
        // Half of them declare what is allowed and send nothing of it.
        let length = if turn % 2 == 0 { 1 << 63 } else { 65_536 };
        peer.write(&header(TEXT, length)).await;
        peers.push((peer, turn % 2 == 0));
    }
    for (peer, is_refused) in &mut peers {
        let expected = if *is_refused { 4413 } else { 4408 };
        assert_eq!(peer.close_code().await, Some(expected));
    }
    let grown = resident().saturating_sub(before);
    assert!(grown < GROWTH_MAX, "grew by {grown} bytes");
    answers(&mut bob).await;
}

/// Bytes of this process, of which the gateway is a part, that are in memory.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux says");
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let kib = line.and_then(|line| line.split_whitespace().nth(1));
    kib.and_then(|kib| kib.parse::<u64>().ok())
        .expect("a number")
        * 1024
}

#[tokio::test]
async fn compression_is_never_agreed_to() {
    let world = World::start().await;
    for offer in [
        "permessage-deflate",
        "permessage-deflate; client_max_window_bits; server_no_context_takeover",
        "x-webkit-deflate-frame, permessage-deflate; server_max_window_bits=15",
        "permessage-bzip2",
    ] {
        let more = format!("sec-websocket-extensions: {offer}\r\n");
        let (_peer, head) = Peer::upgraded(&world, &more).await;
        let head = head.to_lowercase();
        assert!(!head.contains("sec-websocket-extensions"), "{head}");
    }
}

#[tokio::test]
async fn pings_and_pongs_are_not_for_nothing() {
    let world = World::start().await;
    let mut bob = world.connect("bob").await;
    for first in [PING, 0x8a] {
        for greeting in [Vec::new(), hello()] {
            let (mut peer, _) = Peer::upgraded(&world, "").await;
            peer.write(&greeting).await;
            peer.write(&frame(first, b"x").repeat(5_000)).await;
            let told = frames(&peer.rest().await);
            assert_eq!(close_code(&told), Some(4004), "{first:x}");
        }
    }
    // Whoever pings like a client that cares for its connection is answered.
    let mut eve = world.connect("eve").await;
    for _ in 0..30 {
        eve.raw(Message::Ping("x".into())).await;
    }
    answers(&mut eve).await;
    answers(&mut bob).await;
}

/// One frame's worth of what parsers choke on.
fn heavy() -> Vec<(&'static str, String)> {
    let list = |item: &str| format!("[{}]", vec![item; 60_000 / (item.len() + 1)].join(","));
    let keys: Vec<_> = (0..6_000).map(|n| format!("\"{n:x}\":1")).collect();
    let same: Vec<_> = (0..6_000).map(|_| "\"a\":1").collect();
    vec![
        ("a long list", list("1")),
        ("a list of lists", list("[]")),
        ("a list of objects", list("{}")),
        ("a list of nulls", list("null")),
        ("many keys", format!("{{{}}}", keys.join(","))),
        ("one key many times", format!("{{{}}}", same.join(","))),
        ("a long key", format!("{{\"{}\":1}}", "k".repeat(60_000))),
        ("a long number", "9".repeat(60_000)),
        ("a long fraction", format!("0.{}", "9".repeat(60_000))),
        ("a huge exponent", format!("1e{}", "9".repeat(60_000))),
        ("a tiny exponent", format!("1e-{}", "9".repeat(60_000))),
        ("escapes", format!("\"{}\"", "\\u0000".repeat(10_000))),
        (
            "lone surrogates",
            format!("\"{}\"", "\\ud800".repeat(10_000)),
        ),
        ("backslashes", format!("\"{}\"", "\\\\".repeat(30_000))),
        ("blanks", format!("{}1", " ".repeat(60_000))),
        ("open brackets", "[".repeat(60_000)),
        ("open braces", "{\"a\":".repeat(12_000)),
        ("closed brackets", "]".repeat(60_000)),
        ("quotes", "\"".repeat(60_000)),
    ]
}

#[tokio::test]
async fn a_full_frame_of_anything_is_answered_at_once() {
    let world = World::with(|gateway| gateway.accepts_per_second = 10_000).await;
    let mut bob = world.connect("bob").await;
    for (name, text) in heavy() {
        for (place, frame) in [
            (
                "data",
                format!(r#"{{"type":"room.get","id":"1","data":{text}}}"#),
            ),
            (
                "a field",
                format!(r#"{{"type":"room.get","id":"1","data":{{"room":{text}}}}}"#),
            ),
            (
                "an unknown field",
                format!(r#"{{"type":"ping","id":"1","more":{text}}}"#),
            ),
            (
                "the key",
                format!(r#"{{"type":"message.send","id":"1","key":{text},"data":{{}}}}"#),
            ),
            ("n", format!(r#"{{"type":"ping","id":"1","n":{text}}}"#)),
            (
                "the trace",
                format!(r#"{{"type":"ping","id":"1","traceparent":{text}}}"#),
            ),
            (
                "hello",
                format!(r#"{{"type":"hello","id":"1","data":{text}}}"#),
            ),
            (
                "cursors",
                format!(r#"{{"type":"hello","id":"1","data":{{"resume":{{"cursors":{text}}}}}}}"#),
            ),
        ] {
            let (mut peer, _) = Peer::upgraded(&world, "").await;
            let greeting = if ["hello", "cursors"].contains(&place) {
                Vec::new()
            } else {
                hello()
            };
            let begun = Instant::now();
            peer.write(&greeting).await;
            peer.write(&self::frame(TEXT, frame.as_bytes())).await;
            // What is wrong beyond doubt, so that the connection ends whatever became of the frame before.
            peer.write(&self::frame(0x82, b"")).await;
            let told = frames(&peer.rest().await);
            let took = begun.elapsed();
            assert!(took < AT_ONCE, "{name} in {place} took {took:?}");
            let code = close_code(&told).unwrap_or_default();
            assert!([4400, 4401].contains(&code), "{name} in {place}: {code}");
            let is_internal = told.iter().any(|(_, text)| is_internal(text));
            assert!(!is_internal, "{name} in {place}: {told:?}");
        }
    }
    answers(&mut bob).await;
}

fn is_internal(text: &[u8]) -> bool {
    let frame = serde_json::from_slice::<Value>(text).unwrap_or_default();
    frame["error"]["reason"] == "INTERNAL"
}
