//! The registry of durable events: what stands in a stream, and what a client is told of it.
//!
//! The stored `data` is a JSON object written once by the owner of the stream. Fields that only the commit knows
//! (`seq`, `at`, ids) are put in front of it by [`render_data`], so the stored text is copied, never parsed.

mod kind;
mod messages;
mod moderation;
mod people;
mod rooms;
mod whispers;

use std::io::Write;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use kind::{Kind, Owner};
pub use messages::*;
pub use moderation::*;
pub use people::*;
pub use rooms::*;
pub use whispers::*;

/// Another person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Person {
    /// The user's id.
    pub id: String,
    /// Their name; in an event as it was then.
    pub name: String,
}

/// What only the commit knows of an event.
#[derive(Debug, Clone, Copy)]
pub struct Position<'a> {
    /// The stream's id as text: a room or a user.
    pub stream: &'a str,
    /// Place in the stream, from 1.
    pub seq: i64,
    /// The event's id.
    pub event_id: &'a str,
    /// Commit time, milliseconds since the epoch.
    pub at_ms: i64,
}

/// Appends the client's `data` object of an event to `out`: the commit's fields, then the stored ones.
///
/// `stored` must be a JSON object; its text is copied.
pub fn render_data(out: &mut Vec<u8>, kind: Kind, position: Position<'_>, stored: &[u8]) {
    if kind == Kind::MessagePosted {
        return render_message(out, position, "[]", stored);
    }
    // Writing to a Vec cannot fail.
    let _ = write!(out, r#"{{"at":{}"#, position.at_ms);
    append_fields(out, stored);
}

/// Appends a message object to `out`: the commit's fields, `reactions` (the text of a JSON array), the stored fields.
pub fn render_message(out: &mut Vec<u8>, position: Position<'_>, reactions: &str, stored: &[u8]) {
    let Position {
        stream,
        seq,
        event_id,
        at_ms,
    } = position;
    let _ = write!(
        out,
        r#"{{"message":"{event_id}","room":"{stream}","seq":{seq},"at":{at_ms},"reactions":{reactions}"#
    );
    append_fields(out, stored);
}

fn append_fields(out: &mut Vec<u8>, stored: &[u8]) {
    let inner = stored.trim_ascii();
    let inner = inner.strip_prefix(b"{").unwrap_or(inner).trim_ascii_start();
    if inner.starts_with(b"}") || inner.is_empty() {
        out.push(b'}');
    } else {
        out.push(b',');
        out.extend_from_slice(inner);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_commit_s_fields_stand_before_the_stored_ones() {
        let position = Position {
            stream: "r",
            seq: 7,
            event_id: "e",
            at_ms: 9,
        };
        let mut out = Vec::new();
        render_data(&mut out, Kind::MessagePosted, position, br#"{"body":"hi"}"#);
        assert_eq!(
            out,
            br#"{"message":"e","room":"r","seq":7,"at":9,"reactions":[],"body":"hi"}"#
        );
        out.clear();
        render_data(&mut out, Kind::MemberLeft, position, b" { } ");
        assert_eq!(out, br#"{"at":9}"#);
    }
}
