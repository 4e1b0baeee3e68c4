//! The Origin matrix: every way to look like one of our pages, with every credential, over the socket and over REST.

use proto::{
    moderation::{BanMode, EnforcedRange, ListEnforcedResponse},
    room::CreateRoomRequest,
};
use serde_json::json;

use crate::{
    peer::{Peer, upgrade},
    world::{ORIGIN, World},
};

/// What looks like `http://chat.example.com`, and is not.
const STRANGE: [&str; 22] = [
    "null",
    "",
    "*",
    "http://chat.example.co",
    "http://chat.example.com.evil.org",
    "http://chat.example.comevil.org",
    "http://evil-chat.example.com",
    "http://a.chat.example.com",
    "http://example.com",
    "http://CHAT.example.com",
    "HTTP://chat.example.com",
    "https://chat.example.com",
    "ws://chat.example.com",
    "http://chat.example.com:80",
    "http://chat.example.com:8080",
    "http://chat.example.com.",
    "http://chat.example.com/",
    "http://chat.example.com@evil.org",
    "http://chat.example.com%2eevil.org",
    "http://chat.example.com http://evil.org",
    "http://evil.org, http://chat.example.com",
    "chat.example.com",
];

const COOKIE: &str = "cookie: __Host-sid=ada\r\n";
/// `bearer.` and `ada` in base64url.
const BEARER: &str = "hubbub.v1.json, bearer.YWRh";

/// Sends a head and returns the whole answer, which ends with the connection.
async fn answer(world: &World, head: &str) -> String {
    let mut peer = Peer::dial(world).await;
    peer.write(head.as_bytes()).await;
    String::from_utf8_lossy(&peer.rest().await).to_lowercase()
}

async fn upgrades(world: &World, protocols: &str, more: &str) -> String {
    let mut peer = Peer::dial(world).await;
    let head = upgrade(&world.url, protocols, more);
    peer.write(head.as_bytes()).await;
    peer.head().await
}

#[tokio::test]
async fn a_socket_opens_for_the_exact_origin_only() {
    let world = World::with(|gateway| gateway.accepts_per_second = 10_000).await;
    for (name, protocols, credential) in [
        ("nothing", "hubbub.v1.json", ""),
        ("a cookie", "hubbub.v1.json", COOKIE),
        ("a token", BEARER, ""),
    ] {
        for origin in STRANGE {
            let more = format!("connection: close\r\norigin: {origin}\r\n{credential}");
            let head = upgrade(&world.url, protocols, &more);
            let answer = answer(&world, &head).await;
            assert!(
                answer.starts_with("http/1.1 403 ") && answer.contains("origin_refused"),
                "{name} from {origin:?}: {answer}"
            );
        }
        let ours = format!("origin: {ORIGIN}\r\n{credential}");
        let head = upgrades(&world, protocols, &ours).await;
        assert!(head.starts_with("HTTP/1.1 101 "), "{name}: {head}");
        // No Origin is no browser; but a cookie is a browser's, so that must come with one.
        let head = upgrades(&world, protocols, credential).await;
        let expected = if credential.is_empty() { "101" } else { "403" };
        assert!(head.contains(expected), "{name} without Origin: {head}");
    }
    let foreign = "connection: close\r\norigin: http://evil.org\r\n";
    let query = upgrade(&world.url, "hubbub.v1.json", foreign);
    let query = query.replace("/v1/rt ", "/v1/rt?session=ada ");
    let answer = answer(&world, &query).await;
    assert!(
        answer.starts_with("http/1.1 403 "),
        "a token in the query: {answer}"
    );
}

fn post(world: &World, more: &str) -> String {
    let body = json!({"name": "tea"}).to_string();
    format!(
        "POST /v1/rooms HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ncontent-type: application/json\r\n\
         idempotency-key: k\r\ncontent-length: {}\r\n{more}\r\n{body}",
        world.url,
        body.len()
    )
}

#[tokio::test]
async fn a_page_of_another_origin_changes_and_reads_nothing() {
    let world = World::start().await;
    for credential in [COOKIE, "authorization: Bearer ada\r\n", ""] {
        for origin in STRANGE {
            let head = post(&world, &format!("origin: {origin}\r\n{credential}"));
            let answer = answer(&world, &head).await;
            assert!(
                answer.starts_with("http/1.1 403 ") && answer.contains("origin_refused"),
                "{origin:?}: {answer}"
            );
            let preflight = format!(
                "OPTIONS /v1/rooms HTTP/1.1\r\nhost: {}\r\nconnection: close\r\norigin: {origin}\r\n\
                 access-control-request-method: POST\r\n\r\n",
                world.url
            );
            assert_closed_to_pages(&self::answer(&world, &preflight).await, origin);
            let read = format!(
                "GET /v1/jwks HTTP/1.1\r\nhost: {}\r\nconnection: close\r\norigin: {origin}\r\n{credential}\r\n",
                world.url
            );
            assert_closed_to_pages(&self::answer(&world, &read).await, origin);
        }
    }
    // A cookie without any sign of whose page asks is not enough, nor is a page of a sister site.
    for more in [
        "",
        "sec-fetch-site: same-site\r\n",
        "sec-fetch-site: cross-site\r\n",
    ] {
        let answer = answer(&world, &post(&world, &format!("{more}{COOKIE}"))).await;
        assert!(answer.starts_with("http/1.1 403 "), "{more:?}: {answer}");
    }
    let asked = world.script.asked::<CreateRoomRequest>("room/CreateRoom");
    assert!(asked.is_empty(), "something got through: {asked:?}");
}

/// Whatever is answered, the browser shows it to no page.
fn assert_closed_to_pages(answer: &str, origin: &str) {
    for header in [
        "access-control-allow-origin",
        "access-control-allow-credentials",
    ] {
        assert!(!answer.contains(header), "{origin:?}: {answer}");
    }
}

#[tokio::test]
async fn our_own_page_may_and_nobody_is_told_a_star() {
    let world = World::start().await;
    let ours = format!("origin: {ORIGIN}\r\n");
    let answer = answer(&world, &post(&world, &format!("{ours}{COOKIE}"))).await;
    assert!(!answer.starts_with("http/1.1 403 "), "{answer}");
    assert!(answer.contains(&format!("access-control-allow-origin: {ORIGIN}\r\n")));
    assert!(answer.contains("access-control-allow-credentials: true\r\n"));
    assert!(answer.contains("vary: origin"), "{answer}");
    let asked = world.script.asked::<CreateRoomRequest>("room/CreateRoom");
    assert_eq!(asked.len(), 1);
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
    ] {
        let form = post(&world, &format!("{ours}{COOKIE}")).replace(
            "content-type: application/json",
            &format!("content-type: {kind}"),
        );
        let answer = self::answer(&world, &form).await;
        assert!(
            answer.starts_with("http/1.1 415 "),
            "a form could send {kind}: {answer}"
        );
    }
}

#[tokio::test]
async fn every_answer_tells_browsers_what_it_may_be_used_for() {
    let world = World::start().await;
    for request in [
        "GET / HTTP/1.1",
        "GET /none HTTP/1.1",
        "GET /account HTTP/1.1",
        "GET /v1/jwks HTTP/1.1",
        "POST /login HTTP/1.1",
        "DELETE /login HTTP/1.1",
        "GET /docs/ HTTP/1.1",
    ] {
        let head = format!(
            "{request}\r\nhost: {}\r\nconnection: close\r\n\r\n",
            world.url
        );
        assert_bound(&answer(&world, &head).await, request);
    }
}

/// The answer tells browsers everything that every answer does.
fn assert_bound(answer: &str, request: &str) {
    for header in [
        "x-content-type-options: nosniff\r\n",
        "referrer-policy: no-referrer\r\n",
        "strict-transport-security: max-age=31536000",
        "content-security-policy: default-src 'self'",
        "object-src 'none'; base-uri 'none'; frame-ancestors 'none'",
        "cache-control: ",
    ] {
        let count = answer.matches(header).count();
        assert_eq!(count, 1, "{request}: {header} in {answer}");
    }
    assert!(!answer.contains("\r\nserver:"), "{answer}");
}

#[tokio::test]
async fn an_upgrade_that_is_refused_tells_browsers_the_same() {
    let world = World::with(|gateway| gateway.max_connections = 1).await;
    let plain = |method: &str, more: &str| {
        let host = &world.url;
        let line = format!("{method} /v1/rt HTTP/1.1\r\nhost: {host}\r\n");
        format!("{line}connection: close\r\n{more}\r\n")
    };
    let foreign = plain("GET", "origin: http://evil.org\r\n");
    for (head, status) in [
        (&foreign, "403"),
        (&plain("GET", ""), "426"),
        (&plain("POST", ""), "405"),
        (&plain("DELETE", ""), "405"),
    ] {
        let answer = answer(&world, head).await;
        let status = format!("http/1.1 {status} ");
        assert!(answer.starts_with(&status), "{status}: {answer}");
        assert!(answer.contains("application/problem+json"), "{answer}");
        assert_bound(&answer, head);
    }
    let _ada = world.connect("ada").await;
    let full = upgrades(&world, "hubbub.v1.json", "").await.to_lowercase();
    assert!(full.starts_with("http/1.1 503 "), "{full}");
    assert_bound(&full, "an upgrade at a full gateway");
    world.app.enforced.replace(&ListEnforcedResponse {
        ranges: vec![EnforcedRange {
            tenant: "default".into(),
            ban_id: "b".into(),
            cidr: "127.0.0.0/8".into(),
            mode: BanMode::Enforce.into(),
            until_ms: i64::MAX,
        }],
        shadowed: Vec::new(),
    });
    for head in [&foreign, &plain("GET", ""), &plain("POST", "")] {
        let answer = answer(&world, head).await;
        assert!(answer.starts_with("http/1.1 403 "), "{answer}");
        assert!(answer.contains("\"banned\""), "{answer}");
        assert_bound(&answer, "from a banned range");
    }
}
