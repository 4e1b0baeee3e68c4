//! What the NATS server is told: who may say and hear what, and its bounds.
//!
//! Made from the one table in [`proto::bus`]. There are two accounts: `APP`, with a user for every kind of process, and
//! `SYS`, the server's own, which nobody enters. Nobody is let in without a key, and no other listener is opened but,
//! in a cluster, that for the other servers: no monitor, WebSocket, leaf nodes or MQTT.

use anyhow::Result;
use proto::bus::{self, PEERS, Peer, Subscription};
use proto::subject::Subject;
use serde_json::{Value, json};

/// Who may hear everything and say nothing that anybody but the server hears: for people who look at a development
/// stack, and tests. No product needs it.
pub const OBSERVER: &str = "observer";
/// Whoever says something here is told by the server who is connected to it and how many subscriptions each has.
pub const CENSUS: &str = "$SYS.REQ.ACCOUNT.PING.CONNZ";
/// By this name servers of a cluster enter each other.
const ROUTE_USER: &str = "route";
/// Between two questions of one server to another.
const ROUTE_PING: std::time::Duration = std::time::Duration::from_secs(1);

/// Returns the server's configuration; `public_key` gives a package's public key.
///
/// JSON is one of the ways in which the server's configuration may be written.
///
/// # Errors
/// Those of `public_key`.
pub fn server_configuration(public_key: impl Fn(&str) -> Result<String>) -> Result<Value> {
    let users = PEERS.iter().map(|peer| user(peer, &public_key(peer.name)?));
    Ok(configuration(&users.collect::<Result<Vec<_>>>()?))
}

/// Does as [`server_configuration`] and lets in the [`OBSERVER`], too.
///
/// # Errors
/// Those of `public_key`.
pub fn observed_configuration(public_key: impl Fn(&str) -> Result<String>) -> Result<Value> {
    let users = PEERS.iter().map(|peer| user(peer, &public_key(peer.name)?));
    let observer = json!({
        "nkey": public_key(OBSERVER)?,
        "permissions": {
            "publish": { "allow": [format!("{OBSERVER}.>"), CENSUS.to_owned()] },
            "subscribe": { "allow": [">"] },
        },
    });
    let users = users.chain([Ok(observer)]);
    Ok(configuration(&users.collect::<Result<Vec<_>>>()?))
}

/// A server's place in a cluster.
#[derive(Debug, Clone)]
pub struct Membership {
    /// Where it listens for the other servers.
    pub route: u16,
    /// Where the others find it: the same port, or one from which a way leads there.
    pub way: u16,
    /// Where it finds the others.
    pub others: Vec<u16>,
}

/// Makes a server's configuration that of one of a cluster, whose servers prove to each other with a password that they
/// belong together: a server speaks for all of its clients, so a stranger on that port could say anything.
///
/// Servers ask each other every second whether they are there. A queue group is spread over all of them, and until a
/// silent one is given up, requests are handed to it that nobody answers.
pub fn join(configuration: &mut Value, name: &str, membership: &Membership, password: &str) {
    let route = |port: &u16| format!("nats-route://{ROUTE_USER}:{password}@127.0.0.1:{port}");
    let routes: Vec<String> = membership.others.iter().map(route).collect();
    configuration["server_name"] = json!(name);
    configuration["cluster"] = json!({
        "name": "hubbub",
        "listen": format!("127.0.0.1:{}", membership.route),
        // Servers tell each other of third ones.
        "advertise": format!("127.0.0.1:{}", membership.way),
        "authorization": { "user": ROUTE_USER, "password": password },
        "routes": routes,
        // Clients keep to the addresses they were given: what a server knows of itself is not how they reach it.
        "no_advertise": true,
        "ping_interval": seconds(ROUTE_PING),
        "ping_max": 2,
    });
}

fn configuration(users: &[Value]) -> Value {
    json!({
        "max_payload": bus::MAX_PAYLOAD_BYTES,
        "max_pending": bus::MAX_PENDING_BYTES,
        "write_deadline": seconds(bus::WRITE_DEADLINE),
        "system_account": "SYS",
        "accounts": {
            "SYS": {},
            "APP": { "users": users },
        },
    })
}

fn user(peer: &Peer, public_key: &str) -> Result<Value> {
    let publishes = peer.publishes();
    let publishes: Vec<&str> = publishes.iter().map(Subject::as_str).collect();
    let subscribes: Vec<String> = peer.subscribes().iter().map(right).collect();
    // To the server an empty list is no restriction.
    anyhow::ensure!(
        !publishes.is_empty() && !subscribes.is_empty(),
        "{} has a right to nothing",
        peer.name
    );
    Ok(json!({
        "nkey": public_key,
        "permissions": {
            "publish": { "allow": publishes },
            "subscribe": { "allow": subscribes },
            "allow_responses": {
                "max": bus::ANSWERS,
                "expires": seconds(bus::ANSWER_WITHIN),
            },
        },
    }))
}

/// A subject alone, or with the only queue group in which it may be heard.
fn right(subscription: &Subscription) -> String {
    match subscription.queue {
        Some(queue) => format!("{} {queue}", subscription.subject),
        None => subscription.subject.to_string(),
    }
}

fn seconds(duration: std::time::Duration) -> String {
    format!("{}s", duration.as_secs())
}
