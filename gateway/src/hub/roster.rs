//! Who came and who went, collected until the next report.

use std::{collections::HashSet, sync::Arc};

use parking_lot::Mutex;
use proto::id::{ConnectionId, Tenant};
use tokio::sync::Notify;

use super::Person;
use crate::conn::handle::Handle;

/// See the module. Bounded by what happens between two reports, a quarter of a second apart.
#[derive(Default)]
pub struct Roster {
    changes: Mutex<Changes>,
    bell: Notify,
}

/// What has changed since the last report.
#[derive(Default)]
pub struct Changes {
    /// People who have more or fewer sockets here, or look at them or away.
    pub people: HashSet<Person>,
    /// New sockets.
    pub opened: Vec<Arc<Handle>>,
    /// Sockets that are gone.
    pub closed: Vec<(Tenant, ConnectionId)>,
}

impl Roster {
    /// A socket has an owner now.
    pub fn opened(&self, person: Person, handle: Arc<Handle>) {
        let mut changes = self.changes.lock();
        changes.people.insert(person);
        changes.opened.push(handle);
        self.bell.notify_one();
    }

    /// A socket is gone.
    pub fn closed(&self, person: Person, connection: ConnectionId) {
        let mut changes = self.changes.lock();
        changes.opened.retain(|handle| handle.id != connection);
        changes.closed.push((person.0.clone(), connection));
        changes.people.insert(person);
        self.bell.notify_one();
    }

    /// A person looks at one of their sockets, or away.
    pub fn looked(&self, person: Person) {
        self.changes.lock().people.insert(person);
        self.bell.notify_one();
    }

    /// Waits until something has changed.
    pub async fn rung(&self) {
        self.bell.notified().await;
    }

    /// Takes what has changed.
    pub fn take(&self) -> Changes {
        std::mem::take(&mut *self.changes.lock())
    }
}
