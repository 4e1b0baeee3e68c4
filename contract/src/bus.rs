//! What each kind of process may say and hear on the bus, for those who configure its server without Rust: the chart,
//! Terraform and `deploy/keys.py`.

use std::time::Duration;

use proto::{
    bus::{self, PEERS, Peer, Subscription},
    subject::Subject,
};
use serde_json::{Map, Value, json};

/// Returns the table: the server's bounds, and the subjects of every kind of process as the server's configuration
/// writes them.
#[must_use]
pub fn table() -> Value {
    let peers: Map<String, Value> = PEERS
        .iter()
        .map(|peer| (peer.name.to_owned(), rights(peer)))
        .collect();
    json!({
        "limits": {
            "max_payload": bus::MAX_PAYLOAD_BYTES,
            "max_pending": bus::MAX_PENDING_BYTES,
            "write_deadline": seconds(bus::WRITE_DEADLINE),
        },
        "allow_responses": {
            "max": bus::ANSWERS,
            "expires": seconds(bus::ANSWER_WITHIN),
        },
        "peers": peers,
    })
}

fn rights(peer: &Peer) -> Value {
    let publishes = peer.publishes();
    let publishes: Vec<&str> = publishes.iter().map(Subject::as_str).collect();
    let subscribes: Vec<String> = peer.subscribes().iter().map(right).collect();
    json!({ "publish": publishes, "subscribe": subscribes })
}

/// A subject alone, or with the only queue group in which it may be heard.
fn right(subscription: &Subscription) -> String {
    match subscription.queue {
        Some(queue) => format!("{} {queue}", subscription.subject),
        None => subscription.subject.to_string(),
    }
}

fn seconds(duration: Duration) -> String {
    format!("{}s", duration.as_secs())
}
