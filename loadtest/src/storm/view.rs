//! What one device knows of its streams, and what was wrong with what it was told.

use std::{collections::BTreeMap, sync::atomic::Ordering};

use serde::Deserialize;
use serde_json::{Value, json};

use crate::{storm::world::World, wire::Frame};

/// `data` of `welcome`, as far as a device needs it.
#[derive(Debug, Deserialize)]
pub struct Welcome {
    /// The log-in.
    pub session: String,
    /// Whether its cursors were taken.
    pub resumed: bool,
    /// Its rooms.
    pub rooms: Vec<Head>,
}

/// Where a room stands.
#[derive(Debug, Deserialize)]
pub struct Head {
    /// The room's id.
    #[serde(default)]
    pub id: String,
    /// The newest place.
    pub head: u32,
    /// Id of the event there.
    pub cursor: String,
}

/// The end of a device's account: place by place, without remembering every message.
#[derive(Debug, Default)]
pub struct View {
    session: Option<String>,
    /// By room number: the last place told, and its event.
    places: BTreeMap<u32, (u32, String)>,
    /// The private feed: its stream, the last place told, and its event.
    feed: Option<(String, u32, String)>,
    /// By room number: what it must have been told to be whole again. Empty when it is.
    goals: BTreeMap<u32, u32>,
    /// Messages told.
    pub messages: u64,
    /// Events whose `prev` was not what it had been told before.
    pub holes: u64,
    /// Events that were told twice.
    pub repeats: u64,
    /// Times the server gave up on continuity.
    pub given_up: u64,
}

impl View {
    /// Returns what `hello` resumes with; `None` before the first welcome.
    #[must_use]
    pub fn resume(&self, world: &World) -> Option<Value> {
        let session = self.session.as_deref()?;
        let of_room = |(room, place): (&u32, &(u32, String))| {
            (world.rooms[*room as usize].clone(), json!(place))
        };
        let proved = self.places.iter().filter(|(_, (_, id))| !id.is_empty());
        let mut cursors: serde_json::Map<_, _> = proved.map(of_room).collect();
        if let Some((stream, seq, id)) = &self.feed {
            cursors.insert(stream.clone(), json!([seq, id]));
        }
        Some(json!({ "session": session, "cursors": cursors }))
    }

    /// Takes a `welcome` in: the first one begins the views, later ones say what was missed.
    pub fn welcome(&mut self, welcome: Welcome, world: &World) {
        let is_first = self.session.is_none();
        self.session = Some(welcome.session);
        if !is_first && !welcome.resumed {
            self.given_up += 1;
        }
        for Head { id, head, cursor } in welcome.rooms {
            let Some(room) = world.room(&id) else {
                continue;
            };
            world.exists(room, head);
            // A room for which no cursor was presented goes on at its head, whatever becomes of the others.
            let was_presented = self.places.get(&room).is_some_and(|(_, id)| !id.is_empty());
            if is_first || !welcome.resumed || !was_presented {
                self.begin(room, head, cursor);
            }
        }
        // Where the server says a room stands may be a little old; what was acknowledged by now is not.
        let goals = self.places.keys().map(|room| (*room, world.head(*room)));
        self.goals = goals.collect();
        self.reach();
    }

    /// A view of a room begins at a place.
    pub fn begin(&mut self, room: u32, seq: u32, id: String) {
        self.places.insert(room, (seq, id));
    }

    /// Whether a view of a room has begun.
    #[must_use]
    pub fn is_in(&self, room: u32) -> bool {
        self.places.contains_key(&room)
    }

    /// Whether it has been told everything that existed when it was welcomed.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.goals.is_empty()
    }

    /// Takes a durable event in. `None`: it makes no sense.
    pub fn event(&mut self, frame: &Frame<'_>, world: &World) -> Option<()> {
        let (seq, prev, cursor) = (frame.seq?, frame.prev?, frame.cursor?);
        world.heard.fetch_add(1, Ordering::AcqRel);
        if let Some(stream) = frame.stream {
            self.feed = Some((stream.to_owned(), seq, cursor.to_owned()));
            return Some(());
        }
        let room = world.room(frame.room?)?;
        // What is told of a room before its view begins belongs to the set-up.
        let Some((last, id)) = self.places.get_mut(&room) else {
            return Some(());
        };
        if seq <= *last {
            self.repeats += 1;
            return Some(());
        }
        self.holes += u64::from(prev != *last);
        self.messages += u64::from(frame.kind == "message.new");
        *last = seq;
        cursor.clone_into(id);
        world.exists(room, seq);
        self.reach();
        Some(())
    }

    /// The server gave up on continuity: the view goes on at its head.
    pub fn gap(&mut self, frame: &Frame<'_>, world: &World) -> Option<()> {
        self.given_up += 1;
        let data: Value = serde_json::from_str(frame.data?.get()).ok()?;
        let room = world.room(frame.room.or(data["room"].as_str())?)?;
        let head = data["head"].as_u64()?.try_into().ok()?;
        self.begin(room, head, String::new());
        self.reach();
        Some(())
    }

    /// Returns how many events of its rooms exist that it was not told.
    #[must_use]
    pub fn missing(&self, world: &World) -> u64 {
        let places = self.places.iter();
        places
            .map(|(room, (last, _))| u64::from(world.head(*room).saturating_sub(*last)))
            .sum()
    }

    fn reach(&mut self) {
        let places = &self.places;
        self.goals
            .retain(|room, goal| places.get(room).is_none_or(|(last, _)| last < goal));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire;

    fn world() -> World {
        World::new(vec!["r".into()], Vec::new())
    }

    fn welcomed(world: &World, head: u32, resumed: bool, view: &mut View) {
        let rooms = vec![Head {
            id: "r".into(),
            head,
            cursor: "c".into(),
        }];
        let session = "s".into();
        view.welcome(
            Welcome {
                session,
                resumed,
                rooms,
            },
            world,
        );
    }

    fn tell(world: &World, view: &mut View, seq: u32, prev: u32) {
        let text = format!(
            r#"{{"type":"message.new","room":"r","seq":{seq},"prev":{prev},"cursor":"c{seq}","data":{{}}}}"#
        );
        let frame = wire::parse(&text).expect("a frame");
        view.event(&frame, world).expect("it makes sense");
    }

    #[test]
    fn a_device_is_whole_when_it_was_told_what_existed_at_its_welcome() {
        let (world, mut view) = (world(), View::default());
        welcomed(&world, 3, false, &mut view);
        assert!(view.is_whole() && view.is_in(0));
        assert_eq!(
            view.resume(&world),
            Some(json!({"session": "s", "cursors": {"r": [3, "c"]}}))
        );
        world.exists(0, 5);
        welcomed(&world, 4, true, &mut view);
        tell(&world, &mut view, 4, 3);
        assert!(!view.is_whole(), "5 was acknowledged before the welcome");
        tell(&world, &mut view, 5, 4);
        assert!(view.is_whole());
        assert_eq!((view.messages, view.missing(&world)), (2, 0));
        assert_eq!((view.holes, view.repeats, view.given_up), (0, 0, 0));
    }

    #[test]
    fn a_room_without_a_cursor_goes_on_at_its_head() {
        let (world, mut view) = (world(), View::default());
        let session = "s".into();
        let nowhere = Welcome {
            session,
            resumed: false,
            rooms: Vec::new(),
        };
        view.welcome(nowhere, &world);
        welcomed(&world, 7, true, &mut view);
        tell(&world, &mut view, 8, 7);
        assert!(view.is_in(0) && view.is_whole());
        assert_eq!((view.holes, view.missing(&world), view.given_up), (0, 0, 0));
    }

    #[test]
    fn holes_repeats_losses_and_lost_continuity_are_seen() {
        let (world, mut view) = (world(), View::default());
        welcomed(&world, 3, false, &mut view);
        tell(&world, &mut view, 5, 4);
        tell(&world, &mut view, 5, 4);
        world.exists(0, 9);
        assert_eq!((view.holes, view.repeats, view.missing(&world)), (1, 1, 4));
        let gap = r#"{"type":"room.gap","room":"r","data":{"from":6,"to":8,"head":8}}"#;
        let gap = wire::parse(gap).expect("a frame");
        view.gap(&gap, &world).expect("it makes sense");
        assert_eq!((view.given_up, view.missing(&world)), (1, 1));
        welcomed(&world, 9, false, &mut view);
        assert_eq!((view.given_up, view.missing(&world)), (2, 0));
    }
}
