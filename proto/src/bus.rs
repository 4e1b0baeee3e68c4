//! Who may say and hear what on the bus: the one table of permissions, from which the server's configuration is made.
//!
//! Deny by default. A process may call the methods that it is written to call, serve its own services, tell and hear the
//! hints it needs, and read the answers that are addressed to it; [`PEERS`] says which. Whatever is not listed, the bus
//! refuses: a process that was taken over cannot speak for another.

mod peers;

use std::time::Duration;

pub use peers::PEERS;

use crate::subject::{self, Subject};

/// The largest message, in bytes.
///
/// Not less: a page of a stream's log is up to 512 KiB (`stream`), a batch of events 256 KiB, and one entry with its
/// metadata comes on top. A request from outside is bounded long before, by the gateway.
pub const MAX_PAYLOAD_BYTES: u32 = 1024 * 1024;
/// What the bus keeps for a process that does not read, in bytes, before it cuts it off.
pub const MAX_PENDING_BYTES: u32 = 32 * 1024 * 1024;
/// How long one write of the bus to a process may take before it is cut off.
pub const WRITE_DEADLINE: Duration = Duration::from_secs(2);
/// How long a process may answer a request: longer than any caller waits, and no longer than that, because the bus keeps
/// a right to answer so long, unless it was used up.
pub const ANSWER_WITHIN: Duration = Duration::from_secs(15);
/// How many messages answer a request at most: one for each call of an envelope, which holds no more of them.
pub const ANSWERS: u32 = 64;

/// Methods that are for operators on the admin port; no process calls them over the bus. Sorted.
pub const OPERATORS_ONLY: [&str; 6] = [
    "/hubbub.auth.v1.AuthService/RevokeUserSessions",
    "/hubbub.auth.v1.AuthService/SetRole",
    "/hubbub.moderation.v1.ModerationService/Broadcast",
    "/hubbub.moderation.v1.ModerationService/IsActive",
    "/hubbub.moderation.v1.ModerationService/SendToConnection",
    "/hubbub.moderation.v1.ModerationService/VerifyAudit",
];

/// What is told to all gateways at once and may be lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hint {
    /// Committed events.
    Events,
    /// Where streams end.
    Heads,
    /// What is never stored.
    Ephemera,
}

impl Hint {
    /// Returns the wildcard subject of all partitions.
    #[must_use]
    pub fn subject(self) -> Subject {
        match self {
            Self::Events => subject::all_events(),
            Self::Heads => subject::heads(),
            Self::Ephemera => subject::all_ephemeral(),
        }
    }
}

/// Methods of one service.
#[derive(Debug, Clone, Copy)]
pub struct Calls {
    /// `package.Service`.
    pub service: &'static str,
    /// The methods' names.
    pub methods: &'static [&'static str],
}

impl Calls {
    /// Lists the gRPC paths (`/package.Service/Method`).
    pub fn paths(&self) -> impl Iterator<Item = String> {
        let service = self.service;
        self.methods
            .iter()
            .map(move |method| format!("/{service}/{method}"))
    }
}

/// A kind of process, as the bus knows it.
#[derive(Debug, Clone, Copy)]
pub struct Peer {
    /// The package's name, such as `room-svc`.
    pub name: &'static str,
    /// Services that any of its processes answers (`package.Service`).
    pub serves: &'static [&'static str],
    /// Services that each of its processes answers when it is addressed by its name.
    pub serves_by_name: &'static [&'static str],
    /// What it asks of services.
    pub calls: &'static [Calls],
    /// What it asks of processes that it addresses by their names.
    pub calls_by_name: &'static [Calls],
    /// What it tells.
    pub tells: &'static [Hint],
    /// What it hears.
    pub hears: &'static [Hint],
}

/// A right to subscribe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// What may be heard.
    pub subject: Subject,
    /// The queue group it must be heard in; `None` for one's own ear.
    pub queue: Option<&'static str>,
}

impl Peer {
    /// Returns a kind of process by its package's name.
    #[must_use]
    pub fn find(name: &str) -> Option<&'static Self> {
        PEERS.iter().find(|peer| peer.name == name)
    }

    /// Lists the subjects it may publish to. Answers come on top: [`ANSWERS`], to whoever asked.
    #[must_use]
    pub fn publishes(&self) -> Vec<Subject> {
        let asked = self.calls.iter().flat_map(Calls::paths);
        let named = self.calls_by_name.iter().flat_map(Calls::paths);
        let told = self.tells.iter().map(|hint| hint.subject());
        asked
            .map(|path| subject::method(&path))
            .chain(named.map(|path| subject::method_of_any(&path)))
            .chain(told)
            .collect()
    }

    /// Lists what it may subscribe to.
    #[must_use]
    pub fn subscribes(&self) -> Vec<Subscription> {
        let served = self.serves.iter().map(|service| Subscription {
            subject: subject::all_methods(service),
            queue: Some(service),
        });
        let named = self.serves_by_name.iter().map(|service| Subscription {
            subject: subject::all_methods_of_any(service),
            queue: Some(service),
        });
        let heard = self.hears.iter().map(|hint| hint.subject());
        let heard = heard.chain([subject::all_inboxes(self.name)]);
        let heard = heard.map(|subject| Subscription {
            subject,
            queue: None,
        });
        served.chain(named).chain(heard).collect()
    }
}

#[cfg(test)]
mod tests;
