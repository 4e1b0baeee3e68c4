//! Hubbub's own protocol.

use super::{Event, Heard};
use crate::{account::fresh_key, wire};

pub(super) fn hear(text: &str) -> Option<Heard<'_>> {
    let frame = wire::parse(text).ok()?;
    Some(match frame.kind {
        "ping" => Heard::Ping(wire::pong(&frame)),
        "ok" => {
            let stored: wire::Stored<'_> = serde_json::from_str(frame.data?.get()).ok()?;
            Heard::Ack {
                message: frame.id?.parse().ok()?,
                seq: stored.seq,
                id: wire::parse_id(stored.message)?,
            }
        }
        "error" => {
            let refusal: wire::Refusal = serde_json::from_str(frame.error?.get()).ok()?;
            Heard::Refusal {
                message: frame.id.and_then(|id| id.parse().ok()),
                reason: refusal.reason,
                retry_after_ms: refusal.retry_after_ms,
            }
        }
        "room.gap" | "room.reset" => Heard::GaveUp,
        _ if frame.seq.is_some() => Heard::Event(event(&frame)?),
        _ => Heard::Aside,
    })
}

fn event<'a>(frame: &wire::Frame<'a>) -> Option<Event<'a>> {
    let body = if frame.kind == "message.new" {
        let message: wire::Message<'_> = serde_json::from_str(frame.data?.get()).ok()?;
        Some(message.body)
    } else {
        None
    };
    Some(Event {
        room: frame.room,
        seq: frame.seq?,
        prev: frame.prev?,
        id: wire::parse_id(frame.cursor?)?,
        body,
    })
}

pub(super) fn send(message: u32, room: &str, body: &str) -> String {
    wire::send(message, &fresh_key(), room, body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_says_when_to_come_back() {
        let text =
            r#"{"type":"error","id":"7","error":{"reason":"RATE_LIMITED","retryAfterMs":70}}"#;
        let expected = Heard::Refusal {
            message: Some(7),
            reason: "RATE_LIMITED".into(),
            retry_after_ms: 70,
        };
        assert_eq!(hear(text), Some(expected));
    }

    #[test]
    fn what_has_no_place_is_an_aside_and_half_a_frame_is_nothing() {
        assert_eq!(hear(r#"{"type":"typing","room":"r"}"#), Some(Heard::Aside));
        assert_eq!(hear(r#"{"type":"message.new","room":"r","seq":3}"#), None);
    }
}
