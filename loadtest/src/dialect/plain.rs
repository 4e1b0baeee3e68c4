//! Bare JSON objects, as `loadtest/peers/ws` and `loadtest/peers/tungstenite` speak them.

use std::borrow::Cow;

use serde::Deserialize;

use super::{Event, Heard, NO_ID};

#[derive(Debug, Deserialize)]
struct Frame<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    id: Option<u32>,
    room: Option<&'a str>,
    #[serde(borrow)]
    body: Option<Cow<'a, str>>,
}

pub(super) fn hear(text: &str) -> Option<Heard<'_>> {
    let frame: Frame<'_> = serde_json::from_str(text).ok()?;
    Some(match frame.kind {
        "ack" => Heard::Ack {
            message: frame.id?,
            seq: 0,
            id: NO_ID,
        },
        "message" => Heard::Event(Event {
            room: frame.room,
            seq: 0,
            prev: 0,
            id: NO_ID,
            body: Some(frame.body?),
        }),
        _ => Heard::Aside,
    })
}

pub(super) fn send(message: u32, room: &str, body: &str) -> String {
    format!(r#"{{"type":"send","id":{message},"room":"{room}","body":"{body}"}}"#)
}

pub(super) fn enter(room: &str) -> String {
    format!(r#"{{"type":"join","room":"{room}"}}"#)
}

pub(super) fn is_entered(text: &str) -> bool {
    serde_json::from_str::<Frame<'_>>(text).is_ok_and(|frame| frame.kind == "joined")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn acks_and_messages_are_told_apart() {
        let ack = Heard::Ack {
            message: 4,
            seq: 0,
            id: NO_ID,
        };
        assert_eq!(hear(r#"{"type":"ack","id":4}"#), Some(ack));
        let text = r#"{"type":"message","room":"r1","body":"0:1 x"}"#;
        let Some(Heard::Event(event)) = hear(text) else {
            panic!("{text}");
        };
        assert_eq!(
            (event.room, event.body.as_deref()),
            (Some("r1"), Some("0:1 x"))
        );
        assert_eq!(hear("[]"), None);
    }

    #[test]
    fn what_is_written_is_json() {
        for text in [send(1, "r", "x"), enter("r")] {
            serde_json::from_str::<serde_json::Value>(&text).expect("valid JSON");
        }
        assert!(is_entered(r#"{"type":"joined"}"#) && !is_entered(&enter("r")));
    }
}
