//! Which types of requests there are, what each costs, whom it waits for, and what handles it. The rows stand in the
//! file of their noun.

use std::{collections::HashMap, num::NonZeroU32, sync::LazyLock};

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    Context, accounts, audit, bans, blocks, connections, deliveries, direct, entering, filters,
    friends, health, history, invites, known_id, live, members, messages, moderation,
    notifications, people, pins, presence, reactions, reads, reports, rooms,
    row::{Lane, Route, Row},
    search, settings, threads,
};
use crate::frame::Frame;

/// Every row.
static TABLES: [&[Route]; 28] = [
    accounts::ROUTES,
    audit::ROUTES,
    bans::ROUTES,
    blocks::ROUTES,
    connections::ROUTES,
    deliveries::ROUTES,
    direct::ROUTES,
    entering::ROUTES,
    filters::ROUTES,
    friends::ROUTES,
    health::ROUTES,
    history::ROUTES,
    invites::ROUTES,
    live::ROUTES,
    members::ROUTES,
    messages::ROUTES,
    moderation::ROUTES,
    notifications::ROUTES,
    people::ROUTES,
    pins::ROUTES,
    presence::ROUTES,
    reactions::ROUTES,
    reads::ROUTES,
    reports::ROUTES,
    rooms::ROUTES,
    search::ROUTES,
    settings::ROUTES,
    threads::ROUTES,
];

static BY_TYPE: LazyLock<HashMap<&'static str, &'static Route>> =
    LazyLock::new(|| rows().map(|route| (route.row.kind, route)).collect());

/// Other names of some types, as clients of the Socket.IO kind say them.
const ALIASES: [(&str, &str); 4] = [
    ("join_room", "room.join"),
    ("leave_room", "room.leave"),
    ("new_chat_message", "message.send"),
    ("new_direct_message", "dm.send"),
];

fn rows() -> impl Iterator<Item = &'static Route> {
    TABLES.iter().copied().flatten()
}

pub(super) fn find(kind: &str) -> Option<&'static Route> {
    BY_TYPE.get(kind).copied()
}

/// Lists the types this server answers.
pub fn kinds() -> impl Iterator<Item = &'static str> {
    rows().map(|route| route.row.kind)
}

/// Lists what each of them takes and answers.
pub fn table() -> impl Iterator<Item = Row> {
    rows().map(|route| route.row)
}

/// Returns what a request of this type costs, or `None` when the type is unknown.
#[must_use]
pub fn weight(kind: &str) -> Option<NonZeroU32> {
    find(kind).map(|route| route.weight)
}

/// Whether a request of this type may end in a room that the connection did not follow before.
#[must_use]
pub fn enters(kind: &str) -> bool {
    find(kind).is_some_and(|route| route.enters)
}

/// Returns the lane of a request: what changes one room, is written to one person, or puts itself in the place of what
/// was asked before, keeps its order.
#[must_use]
pub fn lane(context: &Context, frame: &Frame) -> Option<String> {
    #[derive(Deserialize)]
    struct Target {
        room: String,
    }
    #[derive(Deserialize)]
    struct Recipient {
        to: String,
    }
    match find(&frame.kind)?.lane? {
        Lane::Room => {
            let Target { room } = frame.payload().ok()?;
            // A room has one lane, whichever of its names is used.
            Some(known_id(context, &room).map_or(room, |room| room.to_string()))
        }
        Lane::Recipient => {
            let Recipient { to } = frame.payload().ok()?;
            Some(format!("to:{}", to.to_lowercase()))
        }
        Lane::Type => Some(format!("type:{}", frame.kind)),
    }
}

/// Turns a request under another name into the one it stands for: a bare text becomes the room it names, and a key
/// inside the data counts when none stands beside it.
#[must_use]
pub fn native(mut frame: Frame) -> Frame {
    #[derive(Deserialize)]
    struct Keyed {
        key: Option<Box<RawValue>>,
    }
    let Some((_, kind)) = ALIASES.iter().find(|(alias, _)| *alias == frame.kind) else {
        return frame;
    };
    frame.kind = (*kind).to_owned();
    if let Some(text) = &frame.data
        && text.get().starts_with('"')
    {
        // A text that was JSON stays JSON inside an object.
        frame.data = RawValue::from_string(format!(r#"{{"room":{}}}"#, text.get())).ok();
    }
    if frame.key.is_none() {
        frame.key = frame.payload::<Keyed>().ok().and_then(|keyed| keyed.key);
    }
    frame
}

#[cfg(test)]
mod tests {
    use super::*;

    fn translated(text: &str) -> Frame {
        native(Frame::parse(text).expect("a frame"))
    }

    #[test]
    fn a_type_stands_in_one_row() {
        assert_eq!(BY_TYPE.len(), rows().count());
        for (alias, kind) in ALIASES {
            assert!(find(alias).is_none() && find(kind).is_some(), "{alias}");
        }
    }

    #[test]
    fn an_alias_costs_and_waits_like_what_it_stands_for() {
        let joined = translated(r##"{"type":"join_room","id":"1","key":"k","data":"#tea"}"##);
        assert_eq!(joined.kind, "room.join");
        assert_eq!(
            joined.data.as_ref().expect("data").get(),
            r##"{"room":"#tea"}"##
        );
        assert_eq!(joined.key(), Ok("k".into()));
        let whole = translated(r#"{"type":"join_room","data":{"room":"r","since":3,"key":"k"}}"#);
        assert_eq!(
            (whole.data.as_ref().expect("data").get(), whole.key()),
            (r#"{"room":"r","since":3,"key":"k"}"#, Ok("k".into()))
        );
        let sent = translated(
            r#"{"type":"new_chat_message","key":"outer","data":{"room":"r","body":"x","key":"inner"}}"#,
        );
        assert_eq!(
            (sent.kind.as_str(), sent.key()),
            ("message.send", Ok("outer".into()))
        );
        let written =
            translated(r#"{"type":"new_direct_message","data":{"to":"@bob","body":"x"}}"#);
        assert_eq!(written.kind, "dm.send");
        assert!(
            written.key().is_err(),
            "a change needs a key under any name"
        );
        let other = translated(r#"{"type":"room.list","data":"x"}"#);
        assert_eq!(other.data.expect("data").get(), "\"x\"");
    }
}
