//! What a device has seen: its cursors, and the record of everything that reached it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::{
    faultlab::world::World,
    histcheck::{Delivery, NOT_A_MESSAGE, Observer, Start, Turn, TurnKind},
    wire::{self, Frame},
};

/// Cursors and record of one device. It survives every connection of the device.
#[derive(Debug)]
pub struct View {
    world: Arc<World>,
    device: u32,
    /// Id of its user, whose own comings and goings decide what it is told.
    me: String,
    session: Option<String>,
    /// By stream: the last seq, and the id of its event.
    cursors: BTreeMap<String, (u32, String)>,
    /// By room number: the place from which it goes on since the last restart, and where in `observer.turns` that is
    /// noted, until the page up to there has come.
    restarts: BTreeMap<u32, (u32, usize)>,
    /// The record.
    pub observer: Observer,
    /// Frames that were told twice and dropped, as every client does.
    pub repeats: u64,
}

/// What its user does in a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Move {
    Arrival,
    Departure,
}

impl View {
    /// Begins with nothing. The user has a number and an id.
    #[must_use]
    pub fn new(world: Arc<World>, device: u32, (user, me): (u32, &str)) -> Self {
        Self {
            world,
            device,
            me: me.to_owned(),
            session: None,
            cursors: BTreeMap::new(),
            restarts: BTreeMap::new(),
            observer: Observer {
                user,
                ..Observer::default()
            },
            repeats: 0,
        }
    }

    /// Returns what `hello` resumes with; `None` before the first welcome.
    #[must_use]
    pub fn resume(&self) -> Option<Value> {
        let session = self.session.as_deref()?;
        Some(json!({ "session": session, "cursors": self.cursors }))
    }

    /// Takes a `welcome` in.
    ///
    /// # Errors
    /// When a field is missing.
    pub fn welcome(&mut self, data: &Value, gateway: u32) -> Result<()> {
        let is_first = self.session.is_none();
        let is_resumed = data["resumed"] == true;
        self.session = data["session"].as_str().map(str::to_owned);
        self.turn(TurnKind::Connected { gateway });
        let mut absent = self.rooms();
        for room in data["rooms"].as_array().context("no rooms")? {
            let id = room["id"].as_str().context("a room without id")?;
            let head = seq(&room["head"])?;
            let cursor = room["cursor"].as_str().unwrap_or_default();
            let Some(number) = self.world.room(id) else {
                continue;
            };
            absent.remove(&number);
            if is_first || !self.is_in(number) {
                self.enter(number, head, cursor);
            } else if !is_resumed {
                self.restart(number, head);
                self.cursors
                    .insert(id.to_owned(), (head, cursor.to_owned()));
            }
        }
        for room in absent {
            self.left(room);
        }
        Ok(())
    }

    /// The rooms of the run that it is in, by number.
    fn rooms(&self) -> BTreeSet<u32> {
        let streams = self.cursors.keys();
        streams
            .filter_map(|stream| self.world.room(stream))
            .collect()
    }

    /// Whether it is in a room already: its owner is, and whoever repeats a join.
    #[must_use]
    pub fn is_in(&self, room: u32) -> bool {
        let id = &self.world.rooms[room as usize];
        self.cursors.contains_key(id)
    }

    /// Its membership of a room begins, perhaps again, at a head.
    pub fn enter(&mut self, room: u32, head: u32, cursor: &str) {
        let id = self.world.rooms[room as usize].clone();
        self.cursors.insert(id, (head, cursor.to_owned()));
        let starts = &mut self.observer.starts;
        if starts.iter().any(|start| start.room == room) {
            self.turn(TurnKind::Joined { room, seq: head });
        } else {
            starts.push(Start { room, seq: head });
        }
        self.world.reached(self.device, room, head);
    }

    /// It left a room, and is told nothing of it any more.
    pub fn left(&mut self, room: u32) {
        self.leave(room, u32::MAX);
    }

    fn leave(&mut self, room: u32, seq: u32) {
        self.cursors.remove(&self.world.rooms[room as usize]);
        self.restarts.remove(&room);
        self.turn(TurnKind::Left { room, seq });
    }

    /// Its connection ended.
    pub fn disconnected(&mut self) {
        self.turn(TurnKind::Disconnected);
    }

    /// Takes a durable event in: applied if it is new, dropped if it was told before. Whether `prev` fits is for the
    /// checker to say.
    pub fn event(&mut self, frame: &Frame<'_>) -> Option<()> {
        let stream = frame.room.or(frame.stream)?;
        let (seq, cursor) = (frame.seq?, frame.cursor?);
        let known = self.cursors.get(stream);
        if known.is_some_and(|(last, _)| seq <= *last) {
            self.repeats += 1;
            return Some(());
        }
        let is_known = known.is_some();
        let number = frame.room.and_then(|room| self.world.room(room));
        let own = self.own_move(frame);
        if let (Some(room), Some(Move::Arrival), false) = (number, own, is_known) {
            let seq = seq.saturating_sub(1);
            self.turn(TurnKind::Joined { room, seq });
        }
        self.cursors
            .insert(stream.to_owned(), (seq, cursor.to_owned()));
        let Some(room) = number else {
            return Some(());
        };
        let message = if frame.kind == "message.new" {
            let message: wire::Message<'_> = serde_json::from_str(frame.data?.get()).ok()?;
            self.world.number_of(&message.body)
        } else {
            NOT_A_MESSAGE
        };
        self.observer.deliveries.push(Delivery {
            id: wire::parse_id(cursor)?,
            room,
            seq,
            prev: frame.prev?,
            message,
            latency_us: 0,
            at_us: self.world.now_us(),
        });
        if self.restarts.contains_key(&room) {
            self.world.exists(room, seq);
        } else {
            self.world.reached(self.device, room, seq);
        }
        if own == Some(Move::Departure) {
            self.leave(room, seq);
        }
        Some(())
    }

    /// Tells whether an event is its user's own coming or going.
    fn own_move(&self, frame: &Frame<'_>) -> Option<Move> {
        let what = match frame.kind {
            "room.memberJoined" => Move::Arrival,
            "room.memberLeft" => Move::Departure,
            _ => return None,
        };
        let data: Value = serde_json::from_str(frame.data?.get()).ok()?;
        (data["user"]["id"] == self.me.as_str()).then_some(what)
    }

    /// Continuity was given up: notes it and returns the page that is needed: the room, and the place where it ends.
    pub fn gap(&mut self, frame: &Frame<'_>) -> Option<(u32, u32)> {
        let data: Value = serde_json::from_str(frame.data?.get()).ok()?;
        let id = frame.room.or(data["room"].as_str())?;
        let room = self.world.room(id)?;
        let head = seq(&data["head"]).ok()?;
        self.restart(room, head);
        let cursor = self.cursors.entry(id.to_owned()).or_default();
        cursor.0 = head;
        Some((room, head))
    }

    /// Returns the pages that are still needed: they were never asked for, or the answer got lost.
    #[must_use]
    pub fn incomplete(&self) -> Vec<(u32, u32)> {
        let restarts = self.restarts.iter();
        restarts.map(|(&room, &(seq, _))| (room, seq)).collect()
    }

    /// Takes in the page of a room that ends at a place, after a restart. That of an earlier restart is of no use.
    pub fn page(&mut self, (room, end): (u32, u32), data: &Value) -> Option<()> {
        let Some(&(_, turn)) = self.restarts.get(&room).filter(|(seq, _)| *seq == end) else {
            return Some(());
        };
        self.restarts.remove(&room);
        let TurnKind::Restart { seq, snapshot, .. } = &mut self.observer.turns.get_mut(turn)?.what
        else {
            return None;
        };
        let messages = data["messages"].as_array()?;
        let entries = messages.iter().filter_map(|message| {
            let place = message["seq"].as_u64()?.try_into().ok()?;
            Some((place, wire::parse_id(message["message"].as_str()?)?))
        });
        snapshot.extend(entries.filter(|(place, _)| *place <= *seq));
        let (last, _) = self.cursors.get(&self.world.rooms[room as usize])?;
        self.world.reached(self.device, room, *last);
        Some(())
    }

    fn restart(&mut self, room: u32, head: u32) {
        let turn = (head, self.observer.turns.len());
        self.restarts.insert(room, turn);
        self.turn(TurnKind::Restart {
            room,
            seq: head,
            snapshot: Vec::new(),
        });
        self.world.exists(room, head);
        self.world.restarted(self.device, room);
    }

    fn turn(&mut self, what: TurnKind) {
        self.observer.turns.push(Turn {
            before: self.observer.deliveries.len(),
            at_us: self.world.now_us(),
            what,
        });
    }
}

fn seq(value: &Value) -> Result<u32> {
    let number = value.as_u64().context("a head is not a number")?;
    Ok(u32::try_from(number)?)
}

#[cfg(test)]
mod tests;
