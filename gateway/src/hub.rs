//! Who is connected here and which streams they follow: the receiver's sink, and the way from a user to their sockets.

mod feed;
mod lookout;
mod presence;
pub mod roster;

use std::{
    collections::HashMap,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use parking_lot::{Mutex, RwLock};
use proto::{
    id::{ConnectionId, StreamId, TENANT_FEED, Tenant, UserId},
    reason::Reason,
    stream::Event,
};
use stream::{Receiver, Sink};
use tokio::time::Instant;
use tonic::{Code, Status};

use crate::{
    conn::handle::{Control, Handle, Who},
    enforced::{self, Enforced},
    fanout::{Channel, Scope, Start},
    hub::{presence::Watchers, roster::Roster},
    whispers::Whispers,
};

pub use lookout::Lookout;

type Key = (Tenant, StreamId);
/// A person, in full.
pub type Person = (Tenant, UserId);

struct Entry {
    channel: Arc<Channel>,
    users: usize,
}

/// See the module.
#[derive(Default)]
pub struct Hub {
    receiver: OnceLock<Arc<Receiver>>,
    whispers: OnceLock<Whispers>,
    enforced: Arc<Enforced>,
    /// Who came and went since the last report.
    pub roster: Roster,
    watchers: Watchers,
    resets: AtomicU64,
    channels: RwLock<HashMap<Key, Entry>>,
    people: Mutex<HashMap<Person, Vec<Arc<Handle>>>>,
    connections: Mutex<HashMap<ConnectionId, Arc<Handle>>>,
}

/// A connection's interest in a stream; ends when dropped.
pub struct Watch {
    hub: Arc<Hub>,
    channel: Arc<Channel>,
    connection: ConnectionId,
    /// Whether the receiver counts this watch.
    is_counted: bool,
    /// Whether this watch made the connection a member: only then may its end undo that.
    is_attached: AtomicBool,
}

/// A connection's place in the list of all sockets; ends when dropped.
pub struct Presence {
    hub: Arc<Hub>,
    handle: Arc<Handle>,
    person: Mutex<Option<Person>>,
}

impl Hub {
    /// Makes a hub without connections.
    #[must_use]
    pub fn new(enforced: Arc<Enforced>) -> Self {
        Self {
            enforced,
            ..Self::default()
        }
    }

    /// Sets where streams and whispers come from: once, before the first connection.
    pub fn set_sources(&self, receiver: &Arc<Receiver>, whispers: Whispers) {
        // A second call would come from a second start; the first one stays.
        let _ = self.receiver.set(receiver.clone());
        let _ = self.whispers.set(whispers);
    }

    /// Begins to follow a stream for a connection. Everything after the returned watch's cursor can be attached to.
    ///
    /// # Errors
    /// When the stream's head cannot be read.
    pub async fn open(
        self: &Arc<Self>,
        connection: ConnectionId,
        tenant: &Tenant,
        stream: StreamId,
        scope: Scope,
    ) -> Result<Watch, Status> {
        let receiver = self.receiver.get().ok_or_else(|| {
            rpc::status(
                Code::Unavailable,
                Reason::UPSTREAM_UNAVAILABLE,
                "no streams yet",
            )
        })?;
        // The channel exists before the receiver is asked, so that nothing it delivers is missed.
        let channel = self.enter(tenant, stream, scope);
        let mut watch = Watch {
            hub: self.clone(),
            channel,
            connection,
            is_counted: false,
            is_attached: AtomicBool::new(false),
        };
        let cursor = receiver.watch(tenant.clone(), stream).await?;
        watch.is_counted = true;
        watch.channel.begin(cursor);
        Ok(watch)
    }

    /// Returns how often a log contradicted what was delivered: what was read before that may not hold any more.
    #[must_use]
    pub fn resets(&self) -> u64 {
        self.resets.load(Ordering::Acquire)
    }

    /// Adds a socket to the list of all sockets.
    #[must_use]
    pub fn enter_connection(self: &Arc<Self>, handle: &Arc<Handle>) -> Presence {
        self.connections.lock().insert(handle.id, handle.clone());
        Presence {
            hub: self.clone(),
            handle: handle.clone(),
            person: Mutex::default(),
        }
    }

    /// Returns every socket.
    #[must_use]
    pub fn connections(&self) -> Vec<Arc<Handle>> {
        self.connections.lock().values().cloned().collect()
    }

    /// Returns a socket by its id.
    #[must_use]
    pub fn connection(&self, id: ConnectionId) -> Option<Arc<Handle>> {
        self.connections.lock().get(&id).cloned()
    }

    /// Returns everyone who is connected here, with their sockets.
    #[must_use]
    pub fn everyone(&self) -> Vec<(Person, Vec<Arc<Handle>>)> {
        let people = self.people.lock();
        people
            .iter()
            .map(|(person, sockets)| (person.clone(), sockets.clone()))
            .collect()
    }

    /// Returns the feeds of everyone who is connected here.
    #[must_use]
    pub fn feeds(&self) -> Vec<(Tenant, StreamId)> {
        let channels = self.channels.read();
        let feeds = channels
            .iter()
            .filter(|(_, entry)| entry.channel.scope() == Scope::Feed);
        feeds.map(|(key, _)| key.clone()).collect()
    }

    /// Takes back what waits to be written: this gateway may not deliver it any more.
    pub fn freeze(&self) {
        for handle in self.connections() {
            handle.outbound.give_up();
            handle.wake();
        }
    }

    /// Lets every connection catch up with what it was not told meanwhile.
    pub fn thaw(&self) {
        for handle in self.connections() {
            handle.tell(Control::Thawed);
        }
    }

    /// Makes or finds a stream, and counts one more who follows it. [`Self::open`] does that and asks for its events.
    pub fn enter(&self, tenant: &Tenant, stream: StreamId, scope: Scope) -> Arc<Channel> {
        let mut channels = self.channels.write();
        let entry = channels.entry((tenant.clone(), stream)).or_insert_with(|| {
            self.listen(stream, scope == Scope::Room);
            let enforced = self.enforced.clone();
            Entry {
                channel: Arc::new(Channel::new(tenant.clone(), stream, scope, enforced)),
                users: 0,
            }
        });
        entry.users += 1;
        entry.channel.clone()
    }

    /// Gives back the memory of events that are too old to be asked for again.
    pub fn forget_old(&self, now: Instant) {
        let channels = self.channels.read();
        let all: Vec<_> = channels.values().map(|it| it.channel.clone()).collect();
        // Who waits to enter or leave keeps those out who deliver.
        drop(channels);
        for channel in all {
            channel.forget_old(now);
        }
    }

    fn leave(&self, key: &Key) {
        let mut channels = self.channels.write();
        if let Some(entry) = channels.get_mut(key) {
            entry.users -= 1;
            if entry.users == 0 {
                if entry.channel.scope() == Scope::Room
                    && let Some(whispers) = self.whispers.get()
                {
                    whispers.unfollow(key.1);
                }
                channels.remove(key);
            }
        }
    }

    fn listen(&self, stream: StreamId, is_wanted: bool) {
        if is_wanted && let Some(whispers) = self.whispers.get() {
            whispers.follow(stream);
        }
    }

    /// Returns a stream that somebody here follows.
    #[must_use]
    pub fn channel(&self, key: &(Tenant, StreamId)) -> Option<Arc<Channel>> {
        self.channels
            .read()
            .get(key)
            .map(|entry| entry.channel.clone())
    }

    /// Returns a person's sockets.
    #[must_use]
    pub fn sockets_of(&self, person: &Person) -> Vec<Arc<Handle>> {
        self.people.lock().get(person).cloned().unwrap_or_default()
    }
}

impl Hub {
    fn enforce(&self, tenant: &Tenant, events: &[Arc<Event>]) {
        let mut has_new_range = false;
        for event in events {
            has_new_range |= self.enforced.apply(tenant, event);
        }
        if has_new_range {
            enforced::close_refused(self.connections().iter(), &self.enforced);
        }
    }
}

impl Sink for Hub {
    fn deliver(&self, stream: (Tenant, StreamId), events: &[Arc<Event>]) {
        if stream.1 == TENANT_FEED {
            return self.enforce(&stream.0, events);
        }
        let Some(channel) = self.channel(&stream) else {
            return;
        };
        let rendered: Vec<_> = events
            .iter()
            .map(|event| channel.render(event.clone()))
            .collect();
        channel.deliver(&rendered);
        if channel.scope() == Scope::Feed {
            let person = (stream.0, UserId(stream.1.0));
            for event in events {
                self.act(&person, event);
            }
        }
    }

    fn reset(&self, stream: (Tenant, StreamId), head: i64) {
        self.resets.fetch_add(1, Ordering::AcqRel);
        if stream.1 == TENANT_FEED {
            return self.enforced.forget();
        }
        if let Some(channel) = self.channel(&stream) {
            channel.reset(head);
        }
    }
}

impl Watch {
    /// Returns the stream.
    #[must_use]
    pub fn channel(&self) -> &Arc<Channel> {
        &self.channel
    }

    /// Returns the seq up to which this gateway has been told.
    #[must_use]
    pub fn cursor(&self) -> i64 {
        self.channel.begin(0)
    }

    /// Makes the connection a member. `true`: it is live; otherwise it has to read from the log first.
    #[must_use]
    pub fn attach(&self, handle: &Arc<Handle>, user: UserId, start: Start) -> bool {
        self.is_attached.store(true, Ordering::Release);
        self.channel.attach(handle, user, start)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if self.is_attached.load(Ordering::Acquire) {
            self.channel.detach(self.connection);
        }
        let key = (self.channel.tenant().clone(), self.channel.stream());
        self.hub.leave(&key);
        if let Some(receiver) = self.hub.receiver.get().filter(|_| self.is_counted) {
            receiver.unwatch(key.0, key.1);
        }
    }
}

impl Presence {
    /// Says who the socket belongs to. `false`: the user has `max` sockets here already.
    #[must_use]
    pub fn identify(&self, who: Who, max: usize) -> bool {
        let person = (who.tenant.clone(), who.user);
        let mut people = self.hub.people.lock();
        let sockets = people.entry(person.clone()).or_default();
        if sockets.len() >= max {
            return false;
        }
        // Set before the socket can be found, so that a revocation finds the session.
        let _ = self.handle.who.set(who);
        sockets.push(self.handle.clone());
        self.hub.roster.opened(person.clone(), self.handle.clone());
        *self.person.lock() = Some(person);
        true
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        self.hub.connections.lock().remove(&self.handle.id);
        let Some(person) = self.person.lock().take() else {
            return;
        };
        self.hub.unwatch(&self.handle);
        self.hub.roster.closed(person.clone(), self.handle.id);
        let mut people = self.hub.people.lock();
        if let Some(sockets) = people.get_mut(&person) {
            sockets.retain(|socket| socket.id != self.handle.id);
            if sockets.is_empty() {
                people.remove(&person);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proto::{event::Kind, frame::CloseCode, id::SessionId};

    use super::*;
    use crate::conn::handle::tests::handle;

    fn who(tenant: &Tenant, user: UserId, session: SessionId) -> Who {
        Who {
            tenant: tenant.clone(),
            user,
            name: "ada".into(),
            session,
            address: [127, 0, 0, 1].into(),
        }
    }

    #[test]
    fn a_revocation_closes_the_named_sessions_only() {
        let hub = Arc::new(Hub::default());
        let (tenant, user) = (Tenant::default_tenant(), UserId::generate());
        let (gone, stays) = (handle(), handle());
        let (first, second) = (SessionId::generate(), SessionId::generate());
        let presences = [hub.enter_connection(&gone), hub.enter_connection(&stays)];
        assert!(presences[0].identify(who(&tenant, user, first), 10));
        assert!(presences[1].identify(who(&tenant, user, second), 10));
        let _feed = hub.enter(&tenant, user.into(), Scope::Feed);
        let event = Event {
            seq: 1,
            kind: u32::try_from(Kind::SessionsRevoked.number()).expect("small"),
            data: format!(r#"{{"sessions":["{first}"],"reason":"logout"}}"#)
                .into_bytes()
                .into(),
            ..Event::default()
        };
        hub.deliver((tenant, user.into()), &[Arc::new(event)]);
        assert!(matches!(
            gone.next_control(),
            Some(Control::Close {
                code: CloseCode::SessionUnknown,
                ..
            })
        ));
        assert!(stays.next_control().is_none());
    }

    #[test]
    fn who_is_banned_is_told_nothing_more_whenever_their_connection_notices() {
        let hub = Arc::new(Hub::default());
        let (tenant, user) = (Tenant::default_tenant(), UserId::generate());
        let (banned, other) = (handle(), handle());
        let presences = [hub.enter_connection(&banned), hub.enter_connection(&other)];
        assert!(presences[0].identify(who(&tenant, user, SessionId::generate()), 10));
        let feed = hub.enter(&tenant, user.into(), Scope::Feed);
        let room = StreamId(uuid::Uuid::now_v7());
        let channel = hub.enter(&tenant, room, Scope::Room);
        let start = || Start {
            told: 0,
            told_id: String::new(),
            replay_to: 0,
        };
        assert!(feed.attach(&banned, user, start()));
        for handle in [&banned, &other] {
            assert!(channel.attach(handle, user, start()));
        }
        let event = |seq, kind: Kind, data: &str| Event {
            seq,
            kind: u32::try_from(kind.number()).expect("small"),
            data: data.as_bytes().to_vec().into(),
            ..Event::default()
        };
        let said = |seq| Arc::new(event(seq, Kind::MessagePosted, r#"{"body":"hi"}"#));
        hub.deliver((tenant.clone(), room), &[said(1)]);
        assert_eq!(
            (banned.outbound.waiting(), other.outbound.waiting()),
            (1, 1)
        );
        let ban = event(1, Kind::Banned, r#"{"reason":"spam"}"#);
        hub.deliver((tenant.clone(), feed.stream()), &[Arc::new(ban)]);
        hub.deliver((tenant, room), &[said(2)]);
        let told: Vec<_> = std::iter::from_fn(|| banned.outbound.pop()).collect();
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].contains("mod.banned"), "{told:?}");
        assert_eq!(other.outbound.waiting(), 2);
    }

    #[test]
    fn a_user_s_sockets_are_capped_and_forgotten() {
        let hub = Arc::new(Hub::default());
        let (tenant, user) = (Tenant::default_tenant(), UserId::generate());
        let session = SessionId::generate();
        let (one, two) = (handle(), handle());
        let first = hub.enter_connection(&one);
        let second = hub.enter_connection(&two);
        assert!(first.identify(who(&tenant, user, session), 1));
        assert!(!second.identify(who(&tenant, user, session), 1));
        drop(first);
        assert!(second.identify(who(&tenant, user, session), 1));
        drop(second);
        assert!(hub.people.lock().is_empty() && hub.connections().is_empty());
    }
}
