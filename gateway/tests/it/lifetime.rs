//! How connections end, and what comes before.

use proto::event::Kind;
use serde_json::json;

use crate::{
    services::{session, user},
    world::World,
};

#[tokio::test]
async fn the_welcome() {
    let world = World::start().await;
    let room = world.services.room("ada").await;
    let ada = world.connect("ada").await;
    let welcome = &ada.seen[0]["data"];
    assert_eq!(
        welcome["user"],
        json!({"id": user("ada"), "name": "ada", "role": "USER"})
    );
    assert_eq!(welcome["session"], session("ada"));
    assert_eq!(
        (&welcome["tenant"], &welcome["resumed"]),
        (&json!("default"), &json!(false))
    );
    assert_eq!(
        welcome["heartbeat"],
        json!({"intervalMs": 25_000, "timeoutMs": 20_000})
    );
    let rooms = &welcome["rooms"];
    assert_eq!(
        (&rooms[0]["id"], &rooms[0]["head"]),
        (&json!(room), &json!(2))
    );
}

#[tokio::test]
async fn a_credential_may_come_with_the_handshake() {
    let world = World::start().await;
    let protocols = "hubbub.v1.json, bearer.YWRh";
    for (path, protocol) in [
        ("/v1/rt", protocols),
        ("/v1/rt?session=ada", "hubbub.v1.json"),
        ("/v1/rt?Authorization=Bearer%20ada", "hubbub.v1.json"),
    ] {
        let mut client = world
            .dial(path, &[("sec-websocket-protocol", protocol)])
            .await
            .expect("upgraded");
        assert_eq!(
            client.protocol.as_deref(),
            Some("hubbub.v1.json"),
            "a credential is never echoed"
        );
        client.say(&json!({"type": "hello"})).await;
        assert_eq!(
            client.expect("welcome").await["data"]["user"]["name"],
            "ada"
        );
    }
}

#[tokio::test]
async fn a_log_out_closes_the_session_s_sockets() {
    let world = World::start().await;
    let (mut ada, mut bob) = (world.connect("ada").await, world.connect("bob").await);
    let data = json!({"sessions": [session("ada")], "reason": "logout"}).to_string();
    world
        .services
        .commit(user("ada").into(), Kind::SessionsRevoked, data)
        .await;
    assert_eq!(ada.closed().await, (4101, 4101));
    assert_eq!(bob.request("ping", None, &json!({"n": 3})).await["n"], 3);
}

#[tokio::test]
async fn a_credential_that_ends_is_announced_and_can_be_refreshed() {
    let world = World::start().await;
    let mut brief = world.connect("brief").await;
    brief.expect("auth.expiring").await;
    let foreign = brief
        .request("auth.refresh", None, &json!({"token": "ada"}))
        .await;
    assert_eq!(foreign["error"]["reason"], "TOKEN_INVALID");
    let refreshed = brief
        .request("auth.refresh", None, &json!({"token": "brief"}))
        .await;
    assert!(refreshed["data"]["expiresAt"].is_i64());
    assert_eq!(brief.closed().await, (4100, 4100));
}

#[tokio::test]
async fn silence_is_pinged_and_then_ended() {
    let world = World::with(|gateway| (gateway.heartbeat_ms, gateway.grace_ms) = (300, 300)).await;
    let mut client = world.connect("ada").await;
    assert_eq!(client.expect("ping").await["n"], 1);
    client.say(&json!({"type": "pong", "n": 1})).await;
    assert_eq!(client.closed().await, (4003, 4003));
}

#[tokio::test]
async fn a_drain_sends_everyone_elsewhere() {
    let world = World::start().await;
    let mut clients = Vec::new();
    for name in ["ada", "bob", "eve"] {
        clients.push(world.connect(name).await);
    }
    world.stop.cancel();
    for mut client in clients {
        assert_eq!(client.closed().await, (4001, 4001));
        let bye = client.seen.last().expect("a goodbye");
        assert_eq!(bye["data"]["reconnect"], "resume");
    }
}

#[tokio::test]
async fn a_reader_that_never_reads_is_let_go_and_others_are_not_held_up() {
    let world = World::with(|gateway| gateway.slow_ms = 1_000).await;
    let room = world.services.room("ada").await;
    world.services.enter(room, "bob").await;
    let stuck = world.connect("ada").await;
    let mut bob = world.connect("bob").await;
    let body = "x".repeat(60_000);
    // More than any kernel buffers.
    for _ in 0..300 {
        world.services.post(room, &body).await;
    }
    bob.wait(|frame| frame["seq"] == 303).await;
    let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(15);
    let mut look = tokio::time::interval(std::time::Duration::from_millis(50));
    while world.app.hub.connections().len() > 1 {
        assert!(
            tokio::time::Instant::now() < deadline,
            "the stuck reader is still there"
        );
        bob.request("ping", None, &json!({})).await;
        look.tick().await;
    }
    drop(stuck);
}
