//! Request heads that come slowly, never end, or are no heads at all.

use std::time::{Duration, Instant};

use http::{HeaderMap, HeaderValue};
use serde_json::json;

use crate::{
    peer::{Peer, upgrade},
    world::{Client, World},
};

/// A head must be there after 5 s; the rest is for a busy machine.
const HEAD_WITHIN: Duration = Duration::from_secs(9);
/// What must be refused on sight is refused within this, whatever is sent.
const AT_ONCE: Duration = Duration::from_secs(2);

async fn answers(client: &mut Client) {
    let pong = client.request("ping", None, &json!({"n": 1})).await;
    assert_eq!(pong["type"], "pong", "the server is alive");
}

/// Sends `first` and then `piece` twice a second until the server hangs up; says how long that took.
async fn drips(world: &World, first: &[u8], piece: &[u8]) -> Duration {
    let mut peer = Peer::dial(world).await;
    let begun = Instant::now();
    peer.write(first).await;
    if piece.is_empty() {
        peer.rest().await;
        return begun.elapsed();
    }
    let mut every = tokio::time::interval(Duration::from_millis(500));
    while peer.write(piece).await && begun.elapsed() < 2 * HEAD_WITHIN {
        every.tick().await;
    }
    begun.elapsed()
}

#[tokio::test]
async fn a_head_that_does_not_come_is_not_waited_for() {
    let world = World::start().await;
    let mut ada = world.connect("ada").await;
    let begun = b"GET /v1/rt HTTP/1.1\r\n";
    let again = format!("GET /none HTTP/1.1\r\nhost: {}\r\n\r\nG", world.url);
    let (silent, bytes, lines, second) = tokio::join!(
        drips(&world, b"", b""),
        drips(&world, b"", b"G"),
        drips(&world, begun, b"x-more: 1\r\n"),
        drips(&world, again.as_bytes(), b"E"),
    );
    for (name, took) in [
        ("silence", silent),
        ("a byte at a time", bytes),
        ("a line at a time", lines),
        ("the second request of a connection", second),
    ] {
        assert!(took > Duration::from_secs(3), "{name} took {took:?} only");
        assert!(took < HEAD_WITHIN, "{name} took {took:?}");
    }
    answers(&mut ada).await;
}

/// Sends a head and returns the status line, or nothing when the server hung up without a word, and the time it took.
async fn asks(world: &World, head: &[u8]) -> (String, Duration) {
    let begun = Instant::now();
    let mut peer = Peer::dial(world).await;
    peer.write(head).await;
    let answer = peer.rest().await;
    let line = answer.split(|byte| *byte == b'\r').next();
    let line = String::from_utf8_lossy(line.unwrap_or_default()).into_owned();
    (line, begun.elapsed())
}

fn with_headers(count: usize) -> String {
    let lines: String = (0..count).map(|n| format!("x-{n}: 1\r\n")).collect();
    format!("GET / HTTP/1.1\r\nhost: h\r\nconnection: close\r\n{lines}\r\n")
}

#[tokio::test]
async fn a_head_is_bounded_in_bytes_and_in_lines() {
    let world = World::start().await;
    let mut ada = world.connect("ada").await;
    let (few, _) = asks(&world, with_headers(60).as_bytes()).await;
    assert_eq!(few, "HTTP/1.1 200 OK", "60 headers are fine");
    let endless = format!(
        "GET / HTTP/1.1\r\nhost: h\r\nx-long: {}\r\n\r\n",
        "x".repeat(10 * 1024 * 1024)
    );
    let long_path = format!("GET /{} HTTP/1.1\r\nhost: h\r\n\r\n", "x".repeat(100_000));
    for (name, head) in [
        ("2,000 headers", with_headers(2_000)),
        ("65 headers", with_headers(65)),
        ("a header of 10 MB", endless),
        ("a path of 100 kB", long_path),
    ] {
        let (line, took) = asks(&world, head.as_bytes()).await;
        // Bytes that nobody reads reset the connection, and then the answer may be lost on the way.
        let is_refused =
            line.is_empty() || ["431 ", "414 "].iter().any(|status| line.contains(status));
        assert!(is_refused, "{name}: {line}");
        assert!(took < AT_ONCE, "{name} took {took:?}");
    }
    let (line, _) = asks(&world, with_headers(65).as_bytes()).await;
    assert!(line.contains("431"), "a small one is told: {line}");
    answers(&mut ada).await;
}

#[tokio::test]
async fn what_is_no_http_is_hung_up_on() {
    let world = World::with(|gateway| {
        // Even a proxy that is believed has one way to tell an address, and it is a header.
        gateway.trusted_proxies = vec!["127.0.0.0/8".parse().expect("a network")];
    })
    .await;
    let mut ada = world.connect("ada").await;
    let get = "GET / HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n";
    let first = format!("PROXY TCP4 203.0.113.7 127.0.0.1 4711 80\r\n{get}");
    let mut second =
        b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xcb\0\x71\x07\x7f\0\0\x01\x12\x67\0\x50".to_vec();
    second.extend(get.as_bytes());
    let garbage: Vec<u8> = (0..=255).collect();
    for (name, bytes) in [
        ("PROXY, version 1", first.as_bytes()),
        ("PROXY, version 2", &second),
        (
            "HTTP/2",
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0",
        ),
        ("TLS", b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03"),
        ("every byte there is", &garbage),
        (
            "two lengths",
            b"POST /login HTTP/1.1\r\nhost: h\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\n{}",
        ),
        (
            "a folded line",
            b"GET / HTTP/1.1\r\nhost: h\r\nx: a\r\n b\r\n\r\n",
        ),
        (
            "a name with a blank",
            b"GET / HTTP/1.1\r\nhost: h\r\nx y: a\r\n\r\n",
        ),
        ("a NUL", b"GET / HTTP/1.1\r\nhost: h\r\nx: a\0b\r\n\r\n"),
    ] {
        let (line, took) = asks(&world, bytes).await;
        assert!(
            line.is_empty() || line.contains(" 400 ") || line.contains(" 505 "),
            "{name}: {line}"
        );
        assert!(took < HEAD_WITHIN, "{name} took {took:?}");
    }
    answers(&mut ada).await;
}

#[tokio::test]
async fn eight_kib_of_commas_are_read_in_no_time() {
    let world = World::start().await;
    for filling in [",", " ", ", ", ",\t"] {
        let long = filling.repeat(7_500 / filling.len());
        let begun = Instant::now();
        let mut peer = Peer::dial(&world).await;
        let head = upgrade(&world.url, &format!("x{long}x"), "");
        peer.write(head.as_bytes()).await;
        let answer = peer.head().await;
        assert!(answer.starts_with("HTTP/1.1 101 "), "{answer}");
        let took = begun.elapsed();
        assert!(took < AT_ONCE, "{took:?}");
        assert_eq!(peer.close_code().await, Some(4410));

        let mut headers = HeaderMap::new();
        let value = HeaderValue::from_str(&long.repeat(2)).expect("a header");
        headers.insert("sec-websocket-protocol", value);
        // The least of some turns: another process may have the machine in between.
        let turns = (0..20).map(|_| {
            let begun = Instant::now();
            let entries = gateway::conn::credential::subprotocols(&headers);
            assert!(entries.filter(|entry| !entry.is_empty()).count() == 0);
            begun.elapsed()
        });
        let least = turns.min().expect("20 turns");
        assert!(
            least < Duration::from_millis(50),
            "{filling:?} took {least:?}"
        );
    }
}

#[tokio::test]
async fn a_thousand_resets_stop_nobody() {
    let world = World::start().await;
    let mut ada = world.connect("ada").await;
    let head = upgrade(&world.url, "hubbub.v1.json", "");
    for turn in 0..1_000 {
        let mut peer = Peer::dial(&world).await;
        // Before the head, in the middle of it, and when the answer is on its way.
        let sent = [0, 20, head.len()][turn % 3];
        peer.write(&head.as_bytes()[..sent]).await;
        peer.reset();
    }
    answers(&mut ada).await;
    let mut bob = world.connect("bob").await;
    answers(&mut bob).await;
}
