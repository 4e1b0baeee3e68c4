//! A room with many members on one gateway, without sockets: what a message's way through the hub is measured on.

use std::{cell::Cell, sync::Arc};

use gateway::{
    Config,
    conn::handle::Handle,
    fanout::{Channel, Scope, Start},
    hub::Hub,
};
use proto::{
    event::Kind,
    id::{StreamId, Tenant, UserId},
    stream::{Ephemeral, Event},
};
use stream::{Listener, Sink};

/// As long as a chat message of 200 bytes is in the log.
const DATA: &str = r#"{"author":{"id":"0198f2a0-7c1e-7000-8000-000000000001","name":"ada"},"body":"The quick brown fox jumps over the lazy dog, and then it does so again and again until two hundred bytes are full of it"}"#;

/// See the module.
pub(crate) struct Crowd {
    hub: Hub,
    tenant: Tenant,
    stream: StreamId,
    members: Vec<Arc<Handle>>,
    seq: Cell<i64>,
    // The hub forgets streams that nobody holds.
    _channel: Arc<Channel>,
}

impl Crowd {
    /// Lets so many people into a room.
    pub(crate) fn of(members: usize) -> Self {
        let config: Config =
            toml::from_str(include_str!("../../default.toml")).expect("the defaults are valid");
        let (hub, tenant) = (Hub::default(), Tenant::default_tenant());
        let stream = StreamId(uuid::Uuid::now_v7());
        let channel = hub.enter(&tenant, stream, Scope::Room);
        let enter = |_| {
            let handle = Handle::new(&config.gateway);
            let start = Start {
                told: 0,
                told_id: String::new(),
                replay_to: 0,
            };
            let is_live = channel.attach(&handle, UserId::generate(), start);
            assert!(is_live, "nothing was missed");
            handle
        };
        Self {
            members: (0..members).map(enter).collect(),
            hub,
            tenant,
            stream,
            seq: Cell::new(0),
            _channel: channel,
        }
    }

    /// Returns the next message as it comes from the bus.
    pub(crate) fn message(&self) -> Arc<Event> {
        self.seq.set(self.seq.get() + 1);
        Arc::new(Event {
            tenant: self.tenant.to_string(),
            stream_id: self.stream.to_string(),
            seq: self.seq.get(),
            event_id: uuid::Uuid::now_v7().to_string(),
            kind: u32::try_from(Kind::MessagePosted.number()).expect("small"),
            actor: UserId::generate().to_string(),
            at_ms: 1,
            data: DATA.as_bytes().into(),
            ..Event::default()
        })
    }

    /// Returns word that somebody is typing.
    pub(crate) fn whisper(&self) -> Ephemeral {
        Ephemeral {
            tenant: self.tenant.to_string(),
            stream_id: self.stream.to_string(),
            kind: "typing".into(),
            actor: UserId::generate().to_string(),
            data: br#"{"state":"started"}"#.as_slice().into(),
        }
    }

    /// Lets the hub deliver events: each is rendered once and queued for every member.
    pub(crate) fn deliver(&self, events: &[Arc<Event>]) {
        self.hub.deliver((self.tenant.clone(), self.stream), events);
    }

    /// Lets the hub pass a whisper on.
    pub(crate) fn hear(&self, whisper: Ephemeral) {
        self.hub.hear(whisper);
    }

    /// Takes everything out of every member's queue, as their sockets do, and returns how many frames it was.
    pub(crate) fn drain(&self) -> usize {
        let frames = |member: &Arc<Handle>| {
            let mut count = 0;
            while member.outbound.pop().is_some() {
                count += 1;
            }
            count
        };
        self.members.iter().map(frames).sum()
    }
}
