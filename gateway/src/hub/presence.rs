//! What is told once and may be lost: whispers of rooms to their members, and of people to those who watch them.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use parking_lot::Mutex;
use proto::{
    id::{ConnectionId, RoomId, StreamId, Tenant, UserId},
    stream::Ephemeral,
};
use stream::Listener;
use tokio_tungstenite::tungstenite::Utf8Bytes;

use super::{Hub, Key, Person};
use crate::{conn::handle::Handle, frame};

/// Which sockets here watch whom.
#[derive(Default)]
pub(super) struct Watchers(Mutex<State>);

#[derive(Default)]
struct State {
    of: HashMap<Person, HashMap<ConnectionId, Arc<Handle>>>,
    /// Whom a socket watches.
    by: HashMap<ConnectionId, HashSet<Person>>,
    /// Whom the requests under way ask for, each with the latest that was heard since it began.
    sought: HashMap<Person, HashMap<ConnectionId, Option<Utf8Bytes>>>,
}

impl State {
    fn add(&mut self, handle: &Arc<Handle>, person: &Person) -> bool {
        let watchers = self.of.entry(person.clone()).or_default();
        let is_first = watchers.is_empty();
        watchers.insert(handle.id, handle.clone());
        self.by.entry(handle.id).or_default().insert(person.clone());
        is_first
    }

    /// `true`: nobody here watches the person any more.
    fn remove(&mut self, connection: ConnectionId, person: &Person) -> bool {
        if let Some(watched) = self.by.get_mut(&connection) {
            watched.remove(person);
            if watched.is_empty() {
                self.by.remove(&connection);
            }
        }
        let Some(watchers) = self.of.get_mut(person) else {
            return false;
        };
        watchers.remove(&connection);
        let is_last = watchers.is_empty();
        if is_last {
            self.of.remove(person);
        }
        is_last
    }

    /// Ends the search for a person and returns what was heard meanwhile. `None`: it had ended before.
    fn give_up(&mut self, connection: ConnectionId, person: &Person) -> Option<Option<Utf8Bytes>> {
        let seekers = self.sought.get_mut(person)?;
        let heard = seekers.remove(&connection);
        if seekers.is_empty() {
            self.sought.remove(person);
        }
        heard
    }
}

impl Hub {
    /// Begins to hear of people for a socket that is not told of them yet.
    pub(super) fn seek(&self, connection: ConnectionId, people: &HashSet<Person>) {
        let mut state = self.watchers.0.lock();
        for person in people {
            let seekers = state.sought.entry(person.clone()).or_default();
            seekers.insert(connection, None);
            self.follow(person);
        }
    }

    /// Ends the search for people.
    pub(super) fn give_up<'a>(
        &self,
        connection: ConnectionId,
        people: impl IntoIterator<Item = &'a Person>,
    ) {
        let mut state = self.watchers.0.lock();
        for person in people {
            if state.give_up(connection, person).is_some() {
                self.unfollow(person);
            }
        }
    }

    /// Ends the search for people: the socket watches exactly those who were not withdrawn meanwhile, and is told what
    /// was heard of them.
    pub(super) fn settle(&self, handle: &Arc<Handle>, people: HashSet<Person>) {
        let mut state = self.watchers.0.lock();
        let found = people.into_iter().filter_map(|person| {
            let heard = state.give_up(handle.id, &person)?;
            Some((person, heard))
        });
        let found: HashMap<_, _> = found.collect();
        self.replace(&mut state, handle, &found.keys().cloned().collect());
        for (person, heard) in found {
            self.unfollow(&person);
            if let Some(frame) = heard {
                tell(handle, &person, &frame);
            }
        }
    }

    /// Ends the watching of everyone by a socket.
    pub(super) fn unwatch(&self, handle: &Arc<Handle>) {
        self.replace(&mut self.watchers.0.lock(), handle, &HashSet::new());
    }

    /// Makes a socket watch exactly these people: whoever it watched before and is not among them is let go.
    fn replace(&self, state: &mut State, handle: &Arc<Handle>, now: &HashSet<Person>) {
        let before = state.by.get(&handle.id).cloned().unwrap_or_default();
        for person in now.difference(&before) {
            if state.add(handle, person) {
                self.follow(person);
            }
        }
        for person in before.difference(now) {
            if state.remove(handle.id, person) {
                self.unfollow(person);
            }
        }
    }

    fn follow(&self, person: &Person) {
        if let Some(whispers) = self.whispers.get() {
            whispers.follow(person.1.into());
        }
    }

    fn unfollow(&self, person: &Person) {
        if let Some(whispers) = self.whispers.get() {
            whispers.unfollow(person.1.into());
        }
    }

    /// Ends the watching of one person by all sockets of another, also where it was about to begin.
    pub(super) fn withdraw_presence(&self, watcher: &Person, user: &str) {
        let Ok(user) = user.parse::<UserId>() else {
            return;
        };
        let person = (watcher.0.clone(), user);
        let mut state = self.watchers.0.lock();
        for handle in self.sockets_of(watcher) {
            if state.remove(handle.id, &person) {
                self.unfollow(&person);
            }
            if state.give_up(handle.id, &person).is_some() {
                self.unfollow(&person);
            }
        }
    }

    fn tell_watchers(&self, person: &Person, frame: &Utf8Bytes) {
        let mut state = self.watchers.0.lock();
        for handle in state.of.get(person).into_iter().flat_map(HashMap::values) {
            tell(handle, person, frame);
        }
        // Also for who was just told: the answer that they wait for may be older, and it comes later.
        let seekers = state.sought.get_mut(person);
        for heard in seekers.into_iter().flat_map(HashMap::values_mut) {
            *heard = Some(frame.clone());
        }
    }

    fn whisper(&self, kind: &'static str, room: &Key, message: &Ephemeral) {
        let (Some(channel), Ok(author)) = (self.channel(room), message.actor.parse()) else {
            return;
        };
        if let Some(frame) = frame::whisper(kind, Some(RoomId(room.1.0)), &message.data) {
            channel.whisper(kind, author, &frame);
        }
    }
}

fn tell(handle: &Handle, person: &Person, frame: &Utf8Bytes) {
    if !handle.hidden.contains(person.1) {
        handle.outbound.ephemeral("presence", frame.clone());
        handle.wake();
    }
}

impl Listener for Hub {
    fn hear(&self, message: Ephemeral) {
        let (Ok(tenant), Ok(stream)) = (
            message.tenant.parse::<Tenant>(),
            message.stream_id.parse::<StreamId>(),
        ) else {
            return;
        };
        match message.kind.as_str() {
            "typing" => self.whisper("typing", &(tenant, stream), &message),
            "read.updated" => self.whisper("read.updated", &(tenant, stream), &message),
            "presence.changed" => {
                if let Some(frame) = frame::whisper("presence.changed", None, &message.data) {
                    self.tell_watchers(&(tenant, UserId(stream.0)), &frame);
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
pub(super) mod tests;
