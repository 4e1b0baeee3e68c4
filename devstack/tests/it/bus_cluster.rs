//! A bus of three servers: one bus to its clients, closed to strangers, and still there when one of it is gone.

use std::time::{Duration, Instant};

use devstack::{
    bus::OBSERVER,
    ports::Ports,
    secrets::bus_key,
    stores::{BusPlan, Durability, Stores},
    tools::Tools,
    wait,
};
use futures::StreamExt;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};

use crate::state::State;

const SERVERS: usize = 3;
const SAID: &str = "observer.test";
/// What is not heard within this time is said again.
const SOON: Duration = Duration::from_millis(200);

async fn stores(state: &State) -> Stores {
    let tools = Tools::find()
        .await
        .expect("the stores' programs can be found");
    let mut ports = Ports::open(state.path());
    Stores::start_on(
        &tools,
        state.path(),
        &mut ports,
        Durability::None,
        &BusPlan::of(SERVERS),
    )
    .await
    .expect("up")
}

/// A client that may hear everything.
async fn client(state: &State, url: &str) -> async_nats::Client {
    let file = bus_key(state.path(), OBSERVER).expect("a key").file;
    let seed = std::fs::read_to_string(file).expect("a seed");
    let servers: Vec<async_nats::ServerAddr> = url
        .split(',')
        .map(|url| url.parse().expect("an address"))
        .collect();
    async_nats::ConnectOptions::with_nkey(seed.trim().to_owned())
        .connect(servers)
        .await
        .expect("let in")
}

/// Waits until what is said to one is heard by the other: servers may still be on their way to each other.
async fn is_heard(speaker: &async_nats::Client, listener: &async_nats::Client) {
    let mut heard = listener.subscribe(SAID).await.expect("subscribed");
    listener.flush().await.expect("flushed");
    let started = Instant::now();
    loop {
        assert!(started.elapsed() < testkit::PATIENCE, "nothing is heard");
        speaker.publish(SAID, "x".into()).await.expect("published");
        let next = tokio::time::timeout(SOON, heard.next());
        if next.await.is_ok_and(|said| said.is_some()) {
            break;
        }
    }
}

#[tokio::test]
async fn clients_of_all_servers_hear_each_other_also_when_one_is_gone() {
    let state = State::new();
    let mut stores = stores(&state).await;
    let url = stores.nats_url();
    let addresses: Vec<&str> = url.split(',').collect();
    assert_eq!(addresses.len(), SERVERS);
    let first = client(&state, &url).await;
    let last = client(&state, addresses[2]).await;
    is_heard(&first, &last).await;
    stores.kill9_bus(0).await;
    assert_eq!(stores.bus_pid(0), None);
    is_heard(&first, &last).await;
    stores.start_bus_again(0).await.expect("up again");
    let back = client(&state, addresses[0]).await;
    is_heard(&back, &last).await;
    stores.stop().await;
    state.is_deserted().await;
}

#[tokio::test]
async fn a_stranger_does_not_come_in_as_a_server() {
    let state = State::new();
    let stores = stores(&state).await;
    let text = std::fs::read_to_string(state.path().join("nats.conf")).expect("written");
    let configuration: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let listens = configuration["cluster"]["listen"].as_str().expect("a port");
    let refused = wait::until("the refusal", testkit::PATIENCE, async || {
        let stream = tokio::net::TcpStream::connect(listens).await.ok()?;
        let mut lines = BufReader::new(stream);
        let mut line = String::new();
        lines.read_line(&mut line).await.ok()?;
        let hello =
            "CONNECT {\"user\":\"route\",\"pass\":\"guessed\",\"name\":\"stranger\"}\r\nPING\r\n";
        lines.write_all(hello.as_bytes()).await.ok()?;
        loop {
            line.clear();
            // Zero bytes: it hung up.
            if lines.read_line(&mut line).await.unwrap_or(0) == 0 {
                return Some(false);
            }
            if line.contains("Authorization Violation") {
                return Some(true);
            }
        }
    });
    assert!(refused.await.expect("answered"));
    stores.stop().await;
}
