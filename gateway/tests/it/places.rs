//! How many sockets there may be: in all, of strangers, and in one second.

use serde_json::json;

use crate::{
    peer::{Peer, upgrade},
    world::World,
};

/// Asks for a socket and returns the head of the answer.
async fn asks(world: &World) -> (Peer, String) {
    let mut peer = Peer::dial(world).await;
    let head = upgrade(&world.url, "hubbub.v1.json", "");
    peer.write(head.as_bytes()).await;
    let answer = peer.head().await;
    (peer, answer.to_lowercase())
}

fn assert_turned_away(answer: &str) {
    assert!(answer.starts_with("http/1.1 503 "), "{answer}");
    let seconds = answer
        .lines()
        .find_map(|line| line.strip_prefix("retry-after: "))
        .and_then(|seconds| seconds.parse::<u64>().ok());
    let seconds = seconds.unwrap_or_else(|| panic!("when to come back: {answer}"));
    assert!((1..=15).contains(&seconds), "{seconds}");
}

#[tokio::test]
async fn strangers_have_a_tenth_of_the_places() {
    let world = World::with(|gateway| gateway.max_connections = 20).await;
    let mut ada = world.connect("ada").await;
    let (_first, answer) = asks(&world).await;
    assert!(answer.starts_with("http/1.1 101 "), "{answer}");
    let (second, answer) = asks(&world).await;
    assert!(answer.starts_with("http/1.1 101 "), "{answer}");
    assert_turned_away(&asks(&world).await.1);
    let pong = ada.request("ping", None, &json!({})).await;
    assert_eq!(pong["type"], "pong", "whoever is known is not concerned");
    // The place of a stranger who goes is free again.
    drop(second);
    let free = async {
        while !asks(&world).await.1.starts_with("http/1.1 101 ") {
            tokio::task::yield_now().await;
        }
    };
    let freed = tokio::time::timeout(crate::peer::PATIENCE, free).await;
    freed.expect("the place is given back");
}

#[tokio::test]
async fn a_full_gateway_turns_away_and_keeps_whom_it_has() {
    let world = World::with(|gateway| gateway.max_connections = 1).await;
    let mut ada = world.connect("ada").await;
    assert_turned_away(&asks(&world).await.1);
    let pong = ada.request("ping", None, &json!({})).await;
    assert_eq!(pong["type"], "pong");
}

#[tokio::test]
async fn so_many_come_in_a_second_and_the_others_later() {
    let world = World::with(|gateway| gateway.accepts_per_second = 2).await;
    let mut open = Vec::new();
    let refused = loop {
        let (peer, answer) = asks(&world).await;
        if !answer.starts_with("http/1.1 101 ") {
            break answer;
        }
        open.push(peer);
        assert!(open.len() < 50, "nobody is turned away");
    };
    assert_turned_away(&refused);
    assert!(open.len() >= 2, "{}", open.len());
}
