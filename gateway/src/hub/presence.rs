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
}

impl Hub {
    /// Makes a socket watch exactly these people: whoever it watched before and is not among them is let go.
    pub fn watch_presence(&self, handle: &Arc<Handle>, people: Vec<Person>) {
        let mut state = self.watchers.0.lock();
        let before = state.by.get(&handle.id).cloned().unwrap_or_default();
        let now: HashSet<Person> = people.into_iter().collect();
        let begun: Vec<_> = now
            .difference(&before)
            .filter(|person| state.add(handle, person))
            .collect();
        let ended: Vec<_> = before
            .difference(&now)
            .filter(|person| state.remove(handle.id, person))
            .collect();
        if let Some(whispers) = self.whispers.get() {
            for person in begun {
                whispers.follow(person.1.into());
            }
            for person in ended {
                whispers.unfollow(person.1.into());
            }
        }
    }

    /// Ends the watching of one person by all sockets of another.
    pub(super) fn withdraw_presence(&self, watcher: &Person, user: &str) {
        let Ok(user) = user.parse::<UserId>() else {
            return;
        };
        let person = (watcher.0.clone(), user);
        let mut state = self.watchers.0.lock();
        for handle in self.sockets_of(watcher) {
            if state.remove(handle.id, &person)
                && let Some(whispers) = self.whispers.get()
            {
                whispers.unfollow(user.into());
            }
        }
    }

    fn tell_watchers(&self, person: &Person, frame: &Utf8Bytes) {
        let state = self.watchers.0.lock();
        for handle in state.of.get(person).into_iter().flat_map(HashMap::values) {
            if !handle.hidden.contains(person.1) {
                handle.outbound.ephemeral("presence", frame.clone());
                handle.wake();
            }
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
mod tests {
    use super::*;
    use crate::conn::handle::tests::handle;

    fn changed(person: &Person) -> Ephemeral {
        Ephemeral {
            tenant: person.0.to_string(),
            stream_id: person.1.to_string(),
            kind: "presence.changed".into(),
            actor: person.1.to_string(),
            data: format!(r#"{{"user":"{}","status":"away"}}"#, person.1)
                .into_bytes()
                .into(),
        }
    }

    #[test]
    fn only_watchers_hear_and_a_new_list_replaces_the_old() {
        let hub = Arc::new(Hub::default());
        let (watcher, other) = (handle(), handle());
        let tenant = Tenant::default_tenant();
        let (ada, bob) = (
            (tenant.clone(), UserId::generate()),
            (tenant, UserId::generate()),
        );
        hub.watch_presence(&watcher, vec![ada.clone()]);
        hub.hear(changed(&ada));
        assert!(!watcher.outbound.is_empty() && other.outbound.is_empty());
        watcher.outbound.pop().expect("a frame");

        hub.watch_presence(&watcher, vec![bob.clone()]);
        hub.hear(changed(&ada));
        assert!(watcher.outbound.is_empty(), "no longer watched");
        watcher.hidden.set(bob.1, true);
        hub.hear(changed(&bob));
        assert!(
            watcher.outbound.is_empty(),
            "a blocked person's presence is not told"
        );
        hub.watch_presence(&watcher, Vec::new());
        assert!(hub.watchers.0.lock().of.is_empty() && hub.watchers.0.lock().by.is_empty());
    }
}
