//! What people of a community do all day, on several devices and both gateways.

mod counters;
mod messages;
mod order;
mod people;

use std::time::Duration;

use serde_json::{Value, json};
use testkit::{Frame, Socket};

/// What an act takes away is gone from every device within this time.
const SOON: Duration = Duration::from_secs(2);

async fn does(socket: &mut Socket, kind: &str, data: Value) -> Value {
    let answer = socket.send(kind, data.clone()).await;
    answer.unwrap_or_else(|refusal| panic!("{kind} {data}: {refusal:?}"))
}

async fn says(socket: &mut Socket, room: &str, body: &str) -> Value {
    does(socket, "message.send", json!({"room": room, "body": body})).await
}

/// Waits for the next event of a type about a message.
async fn hears_of(socket: &mut Socket, kind: &str, message: &Value) -> Frame {
    let heard = socket
        .wait(|frame| frame.kind == kind && &frame.data["message"] == message)
        .await;
    heard.expect("the connection lives")
}

async fn reason(socket: &mut Socket, kind: &str, data: Value) -> String {
    let refused = socket.send(kind, data.clone()).await;
    match refused {
        Err(refusal) => refusal.reason,
        Ok(answer) => panic!("{kind} {data} was done: {answer}"),
    }
}

/// A number that a JSON object has.
fn number(value: &Value) -> i64 {
    value
        .as_i64()
        .unwrap_or_else(|| panic!("no number: {value}"))
}

fn now_ms() -> i64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    i64::try_from(now.expect("after 1970").as_millis()).expect("a time")
}
