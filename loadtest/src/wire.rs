//! Frames of the native protocol as a bot needs them: parsed by borrowing, written by formatting.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::histcheck::Id;

/// Any frame from the server. Unknown fields are skipped; nothing is copied.
#[derive(Debug, Deserialize)]
pub struct Frame<'a> {
    /// Frame type.
    #[serde(rename = "type")]
    pub kind: &'a str,
    /// Correlation id of an answer.
    pub id: Option<&'a str>,
    /// Room of an event.
    pub room: Option<&'a str>,
    /// Stream of an event of the private feed.
    pub stream: Option<&'a str>,
    /// Place in the stream; durable events only.
    pub seq: Option<u32>,
    /// The place told before.
    pub prev: Option<u32>,
    /// The event's id.
    pub cursor: Option<&'a str>,
    /// Number of a ping.
    pub n: Option<u64>,
    /// The payload, not parsed yet.
    #[serde(borrow)]
    pub data: Option<&'a RawValue>,
    /// Why a request was refused.
    #[serde(borrow)]
    pub error: Option<&'a RawValue>,
}

/// Parses a frame.
///
/// # Errors
/// When the text is not a frame.
pub fn parse(text: &str) -> serde_json::Result<Frame<'_>> {
    serde_json::from_str(text)
}

/// `data` of `message.new`, and a message of a history page: only what says which message it is.
#[derive(Debug, Deserialize)]
pub struct Message<'a> {
    /// The message's id.
    pub message: &'a str,
    /// Place in the room's stream.
    pub seq: u32,
    /// The text. Bots write texts that need no escapes.
    #[serde(borrow)]
    pub body: std::borrow::Cow<'a, str>,
}

/// `data` of the answer to `message.send`.
#[derive(Debug, Deserialize)]
pub struct Stored<'a> {
    /// The message's id.
    pub message: &'a str,
    /// Place in the room's stream.
    pub seq: u32,
}

/// `data` of `welcome`.
#[derive(Debug, Deserialize)]
pub struct Welcome {
    /// The rooms of the user and their heads.
    #[serde(default)]
    pub rooms: Vec<WelcomeRoom>,
}

/// A room in `welcome`.
#[derive(Debug, Deserialize)]
pub struct WelcomeRoom {
    /// The room's id.
    pub id: String,
    /// Everything up to here is in the past.
    pub head: u32,
}

/// `data` of the answer to `room.join`.
#[derive(Debug, Deserialize)]
pub struct Joined {
    /// Everything up to here is in the past.
    pub head: u32,
}

/// `error` of a refused request.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Refusal {
    /// Stable reason.
    pub reason: String,
    /// When to come back; 0 when it does not say.
    #[serde(default)]
    pub retry_after_ms: u64,
}

/// Parses an event id.
#[must_use]
pub fn parse_id(text: &str) -> Option<Id> {
    uuid::Uuid::try_parse(text)
        .ok()
        .map(|id| Id(*id.as_bytes()))
}

/// Writes the first frame.
#[must_use]
pub fn hello(ticket: &str, device: &str) -> String {
    format!(
        r#"{{"type":"hello","id":"h","data":{{"ticket":"{ticket}","device":{{"id":"{device}","platform":"bot","app":"loadtest","version":"1"}},"caps":[],"visible":true}}}}"#
    )
}

/// Writes the first frame of somebody who shows an access token.
#[must_use]
pub fn hello_with_token(token: &str) -> String {
    format!(r#"{{"type":"hello","id":"h","data":{{"token":"{token}","visible":true}}}}"#)
}

/// Writes a `room.join`.
#[must_use]
pub fn join(id: &str, key: &str, room: &str) -> String {
    format!(r#"{{"type":"room.join","id":"{id}","key":"{key}","data":{{"room":"{room}"}}}}"#)
}

/// Writes a `message.send`. `id` becomes the correlation id.
#[must_use]
pub fn send(id: u32, key: &str, room: &str, body: &str) -> String {
    format!(
        r#"{{"type":"message.send","id":"{id}","key":"{key}","data":{{"room":"{room}","body":"{body}"}}}}"#
    )
}

/// Writes the answer to a ping, with its number where the server had put it.
#[must_use]
pub fn pong(ping: &Frame<'_>) -> String {
    #[derive(Deserialize)]
    struct Numbered {
        n: u64,
    }
    let in_data = ping
        .data
        .and_then(|data| serde_json::from_str::<Numbered>(data.get()).ok());
    match (ping.n, in_data) {
        (Some(n), _) => format!(r#"{{"type":"pong","n":{n}}}"#),
        (None, Some(Numbered { n })) => format!(r#"{{"type":"pong","data":{{"n":{n}}}}}"#),
        (None, None) => r#"{"type":"pong"}"#.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_parsed_without_copying() {
        let text = r#"{"type":"message.new","room":"r","seq":7,"prev":6,"cursor":"c","later":[1],
            "data":{"message":"m","room":"r","seq":7,"at":1,"author":{"id":"u","name":"n"},"body":"3:4 xx"}}"#;
        let frame = parse(text).expect("a frame");
        assert_eq!(
            (frame.kind, frame.room, frame.seq, frame.prev),
            ("message.new", Some("r"), Some(7), Some(6))
        );
        let message: Message<'_> =
            serde_json::from_str(frame.data.expect("data").get()).expect("a message");
        assert!(matches!(message.body, std::borrow::Cow::Borrowed("3:4 xx")));
    }

    #[test]
    fn what_is_written_is_json() {
        for text in [
            hello("t", "d"),
            join("j", "k", "r"),
            send(9, "k", "r", "0:1 x"),
        ] {
            serde_json::from_str::<serde_json::Value>(&text).expect("valid JSON");
            parse(&text).expect("a frame");
        }
    }

    #[test]
    fn a_pong_mirrors_its_ping() {
        let answer = |text| pong(&parse(text).expect("a frame"));
        assert_eq!(
            answer(r#"{"type":"ping","n":7}"#),
            r#"{"type":"pong","n":7}"#
        );
        assert_eq!(
            answer(r#"{"type":"ping","data":{"n":7}}"#),
            r#"{"type":"pong","data":{"n":7}}"#
        );
        assert_eq!(answer(r#"{"type":"ping"}"#), r#"{"type":"pong"}"#);
    }

    #[test]
    fn ids_are_uuids() {
        assert_eq!(
            parse_id("01890a5d-ac96-774b-bcce-b302099a8057").map(|id| id.0[0]),
            Some(1)
        );
        assert_eq!(parse_id("nonsense"), None);
    }
}
