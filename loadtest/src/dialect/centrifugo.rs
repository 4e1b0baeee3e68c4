//! Centrifugo's client protocol, version 2 in JSON, as much of it as a bot needs: connect without a token, subscribe,
//! publish, publications, pings. Written after its documentation and schema; it has not met a server yet.
//!
//! Several messages may come in one frame, one to a line.

use std::borrow::Cow;

use serde::Deserialize;

use super::{Event, Heard, NO_ID};

/// Who we are need not be said: the server must let in clients without a token, and let them subscribe and publish.
pub(super) const CONNECT: &str = r#"{"id":1,"connect":{}}"#;
/// What an empty message is answered with: the server asks so whether somebody is there.
const PONG: &str = "{}";
/// Wishes to enter carry this number; messages their own, beginning above it.
const ENTER: u32 = 2;

#[derive(Deserialize)]
struct Reply<'a> {
    #[serde(default)]
    id: u32,
    #[serde(borrow)]
    push: Option<Push<'a>>,
    error: Option<Failure>,
    publish: Option<serde::de::IgnoredAny>,
    subscribe: Option<serde::de::IgnoredAny>,
    connect: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
struct Push<'a> {
    channel: &'a str,
    #[serde(borrow, rename = "pub")]
    publication: Option<Publication<'a>>,
}

#[derive(Deserialize)]
struct Publication<'a> {
    #[serde(borrow)]
    data: Said<'a>,
}

#[derive(Deserialize)]
struct Said<'a> {
    #[serde(borrow)]
    body: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Failure {
    code: u32,
    #[serde(default)]
    message: String,
}

pub(super) fn hear(text: &str) -> Option<Heard<'_>> {
    let reply: Reply<'_> = serde_json::from_str(text).ok()?;
    if let Some(Push {
        channel,
        publication,
    }) = reply.push
    {
        // Who comes and goes, and what else is told of a channel, is of no interest.
        return Some(publication.map_or(Heard::Aside, |publication| {
            Heard::Event(Event {
                room: Some(channel),
                seq: 0,
                prev: 0,
                id: NO_ID,
                body: Some(publication.data.body),
            })
        }));
    }
    let message = reply.id.checked_sub(ENTER + 1);
    if let Some(Failure { code, message: why }) = reply.error {
        return Some(Heard::Refusal {
            message,
            reason: format!("{code} {why}"),
            retry_after_ms: 0,
        });
    }
    match (message, reply.publish) {
        (Some(message), Some(_)) => Some(Heard::Ack {
            message,
            seq: 0,
            id: NO_ID,
        }),
        _ if reply.subscribe.is_some() || reply.connect.is_some() => Some(Heard::Aside),
        _ => (reply.id == 0).then(|| Heard::Ping(PONG.to_owned())),
    }
}

pub(super) fn send(message: u32, room: &str, body: &str) -> String {
    let id = message + ENTER + 1;
    format!(r#"{{"id":{id},"publish":{{"channel":"{room}","data":{{"body":"{body}"}}}}}}"#)
}

pub(super) fn enter(room: &str) -> String {
    format!(r#"{{"id":{ENTER},"subscribe":{{"channel":"{room}"}}}}"#)
}

pub(super) fn is_entered(text: &str) -> bool {
    let reply = serde_json::from_str::<Reply<'_>>(text);
    reply.is_ok_and(|reply| reply.id == ENTER && reply.subscribe.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replies_pushes_and_pings_are_told_apart() {
        assert_eq!(hear("{}"), Some(Heard::Ping("{}".to_owned())));
        let connected =
            r#"{"id":1,"connect":{"client":"42717f0a","version":"6.0.0","ping":25,"pong":true}}"#;
        assert_eq!(hear(connected), Some(Heard::Aside));
        let ack = Heard::Ack {
            message: 7,
            seq: 0,
            id: NO_ID,
        };
        assert_eq!(hear(r#"{"id":10,"publish":{}}"#), Some(ack));
        let denied = Heard::Refusal {
            message: Some(7),
            reason: "103 permission denied".to_owned(),
            retry_after_ms: 0,
        };
        let text = r#"{"id":10,"error":{"code":103,"message":"permission denied"}}"#;
        assert_eq!(hear(text), Some(denied));
        let text = r#"{"push":{"channel":"r1","pub":{"data":{"body":"0:1 x"},"offset":3}}}"#;
        let Some(Heard::Event(event)) = hear(text) else {
            panic!("{text}");
        };
        let said = (event.room, event.body.as_deref());
        assert_eq!(said, (Some("r1"), Some("0:1 x")));
        let joined = r#"{"push":{"channel":"r1","join":{"info":{"client":"c"}}}}"#;
        assert_eq!(hear(joined), Some(Heard::Aside));
        assert_eq!(hear("[]"), None);
    }

    #[test]
    fn commands_are_numbered_and_say_one_thing() {
        assert_eq!(
            send(7, "r1", "0:1 x"),
            r#"{"id":10,"publish":{"channel":"r1","data":{"body":"0:1 x"}}}"#
        );
        assert_eq!(enter("r1"), r#"{"id":2,"subscribe":{"channel":"r1"}}"#);
        assert!(is_entered(r#"{"id":2,"subscribe":{}}"#));
        assert!(!is_entered(r#"{"id":2,"error":{"code":103}}"#) && !is_entered("{}"));
    }
}
