//! Socket.IO 5 over Engine.IO 4, as much of it as a bot needs: one WebSocket, the main namespace, text packets.
//!
//! A packet is `4` (a message of Engine.IO), a type of Socket.IO, the number of an answer if there is one, and JSON.

use std::borrow::Cow;

use serde::Deserialize;

use super::{Event, Heard, NO_ID};

/// Connects to the main namespace.
pub(super) const CONNECT: &str = "40";
const EVENT: &str = "42";
const ACK: &str = "43";
/// Wishes to enter carry this number; messages their own, beginning above it.
const ENTER: u32 = 0;

#[derive(Deserialize)]
struct Message<'a> {
    room: &'a str,
    #[serde(borrow)]
    body: Cow<'a, str>,
}

pub(super) fn hear(text: &str) -> Option<Heard<'_>> {
    if text == "2" {
        return Some(Heard::Ping("3".to_owned()));
    }
    if let Some(rest) = text.strip_prefix(ACK) {
        let number: u32 = rest.split_once('[')?.0.parse().ok()?;
        return Some(match number.checked_sub(ENTER + 1) {
            Some(message) => Heard::Ack {
                message,
                seq: 0,
                id: NO_ID,
            },
            None => Heard::Aside,
        });
    }
    let Some(rest) = text.strip_prefix(EVENT) else {
        return Some(Heard::Aside);
    };
    let (_, message): (&str, Message<'_>) = serde_json::from_str(rest).ok()?;
    Some(Heard::Event(Event {
        room: Some(message.room),
        seq: 0,
        prev: 0,
        id: NO_ID,
        body: Some(message.body),
    }))
}

pub(super) fn send(message: u32, room: &str, body: &str) -> String {
    let number = message + ENTER + 1;
    format!(r#"{EVENT}{number}["send",{{"room":"{room}","body":"{body}"}}]"#)
}

pub(super) fn enter(room: &str) -> String {
    format!(r#"{EVENT}{ENTER}["join","{room}"]"#)
}

pub(super) fn is_entered(text: &str) -> bool {
    let rest = text.strip_prefix(ACK);
    let number = rest.and_then(|rest| rest.split_once('[')?.0.parse().ok());
    number == Some(ENTER)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_are_understood() {
        assert_eq!(hear("2"), Some(Heard::Ping("3".to_owned())));
        let ack = Heard::Ack {
            message: 6,
            seq: 0,
            id: NO_ID,
        };
        assert_eq!(hear("437[]"), Some(ack));
        let text = r#"42["message",{"room":"r1","body":"0:1 x"}]"#;
        let Some(Heard::Event(event)) = hear(text) else {
            panic!("{text}");
        };
        assert_eq!(
            (event.room, event.body.as_deref()),
            (Some("r1"), Some("0:1 x"))
        );
        assert_eq!(hear(r#"0{"sid":"x"}"#), Some(Heard::Aside));
        assert_eq!(hear("42nonsense"), None);
    }

    #[test]
    fn a_message_s_number_comes_back_in_its_answer() {
        assert_eq!(send(6, "r", "b"), r#"427["send",{"room":"r","body":"b"}]"#);
        assert!(is_entered("430[]") && !is_entered("431[]") && !is_entered("40"));
    }
}
