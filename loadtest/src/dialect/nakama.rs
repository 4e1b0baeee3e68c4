//! Nakama's socket in JSON, as much of it as a bot needs: chat rooms that keep their messages. Written after its
//! documentation and schema; it has not met a server yet.
//!
//! An envelope names what is in it by its only other field; `cid` comes back in the answer.

use std::borrow::Cow;

use anyhow::Context;
use serde::Deserialize;
use serde_json::json;

use super::{Event, Heard, NO_ID};
use crate::target::Target;

/// The key that servers have until somebody gives them another.
const SERVER_KEY: &str = "defaultkey";
/// `cid` of wishes to enter; messages have their number.
const ENTER: &str = "enter";
/// Rooms that anyone may join are of this type, and their channels' ids begin with this mode.
const ROOM: u32 = 1;
const MODE: u32 = 2;

#[derive(Deserialize)]
struct Envelope<'a> {
    cid: Option<&'a str>,
    channel: Option<serde::de::IgnoredAny>,
    channel_message_ack: Option<serde::de::IgnoredAny>,
    #[serde(borrow)]
    channel_message: Option<Message<'a>>,
    error: Option<Failure>,
}

#[derive(Deserialize)]
struct Message<'a> {
    room_name: &'a str,
    #[serde(borrow)]
    content: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Content {
    body: String,
}

#[derive(Deserialize)]
struct Failure {
    #[serde(default)]
    code: i32,
    #[serde(default)]
    message: String,
}

/// Lets a user in as a device that was never seen before, and returns their token.
pub(super) async fn token(target: &Target, user: usize) -> anyhow::Result<String> {
    #[derive(Deserialize)]
    struct Session {
        token: String,
    }
    let client = reqwest::Client::builder().no_proxy().build()?;
    let url = format!("{}/v2/account/authenticate/device?create=true", target.http);
    let request = client.post(url).basic_auth(SERVER_KEY, Some(""));
    let body = json!({ "id": format!("hubbub-loadtest-{user}") });
    let answer = request.json(&body).send().await?.error_for_status()?;
    let session: Session = serde_json::from_str(&answer.text().await?).context("no session")?;
    Ok(session.token)
}

pub(super) fn hear(text: &str) -> Option<Heard<'_>> {
    let envelope: Envelope<'_> = serde_json::from_str(text).ok()?;
    if let Some(Message { room_name, content }) = envelope.channel_message {
        let content: Content = serde_json::from_str(&content).ok()?;
        return Some(Heard::Event(Event {
            room: Some(room_name),
            seq: 0,
            prev: 0,
            id: NO_ID,
            body: Some(content.body.into()),
        }));
    }
    let message = envelope.cid.and_then(|cid| cid.parse().ok());
    if let Some(Failure { code, message: why }) = envelope.error {
        return Some(Heard::Refusal {
            message,
            reason: format!("{code} {why}"),
            retry_after_ms: 0,
        });
    }
    Some(match (message, envelope.channel_message_ack) {
        (Some(message), Some(_)) => Heard::Ack {
            message,
            seq: 0,
            id: NO_ID,
        },
        _ => Heard::Aside,
    })
}

pub(super) fn send(message: u32, room: &str, body: &str) -> String {
    // The content is JSON in a text; a room's channel is named after it.
    format!(
        r#"{{"cid":"{message}","channel_message_send":{{"channel_id":"{MODE}...{room}","content":"{{\"body\":\"{body}\"}}"}}}}"#
    )
}

pub(super) fn enter(room: &str) -> String {
    format!(
        r#"{{"cid":"{ENTER}","channel_join":{{"target":"{room}","type":{ROOM},"persistence":true,"hidden":false}}}}"#
    )
}

pub(super) fn is_entered(text: &str) -> bool {
    let envelope = serde_json::from_str::<Envelope<'_>>(text);
    envelope.is_ok_and(|it| it.cid == Some(ENTER) && it.channel.is_some())
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn acks_messages_and_errors_are_told_apart() {
        let ack = Heard::Ack {
            message: 7,
            seq: 0,
            id: NO_ID,
        };
        let text = r#"{"cid":"7","channel_message_ack":{"channel_id":"2...r1","message_id":"m","code":0,"username":"a","persistent":true,"room_name":"r1"}}"#;
        assert_eq!(hear(text), Some(ack));
        let text = r#"{"channel_message":{"channel_id":"2...r1","message_id":"m","code":0,"sender_id":"u","username":"a","content":"{\"body\":\"0:1 x\"}","room_name":"r1"}}"#;
        let Some(Heard::Event(event)) = hear(text) else {
            panic!("{text}");
        };
        let said = (event.room, event.body.as_deref());
        assert_eq!(said, (Some("r1"), Some("0:1 x")));
        let refused = Heard::Refusal {
            message: Some(7),
            reason: "3 bad input".to_owned(),
            retry_after_ms: 0,
        };
        let text = r#"{"cid":"7","error":{"code":3,"message":"bad input"}}"#;
        assert_eq!(hear(text), Some(refused));
        let came = r#"{"channel_presence_event":{"channel_id":"2...r1","joins":[]}}"#;
        assert_eq!(hear(came), Some(Heard::Aside));
        assert_eq!(hear("nonsense"), None);
    }

    #[test]
    fn what_is_written_is_an_envelope() {
        let value: Value = serde_json::from_str(&send(7, "r1", "0:1 x")).expect("JSON");
        let sent = &value["channel_message_send"];
        assert_eq!(
            (&value["cid"], &sent["channel_id"]),
            (&"7".into(), &"2...r1".into())
        );
        assert_eq!(sent["content"], r#"{"body":"0:1 x"}"#);
        let value: Value = serde_json::from_str(&enter("r1")).expect("JSON");
        assert_eq!(value["channel_join"]["target"], "r1");
        assert!(is_entered(r#"{"cid":"enter","channel":{"id":"2...r1"}}"#));
        assert!(!is_entered(r#"{"cid":"enter","error":{"code":3}}"#));
    }
}
