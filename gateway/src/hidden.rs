//! Whose doings a person must not see: those they block, and those who block them both ways.

use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::RwLock;
use proto::id::UserId;

/// See the module. Asked for every event of a room, so nearly everyone's costs one load.
#[derive(Debug, Default)]
pub struct Hidden {
    has_any: AtomicBool,
    /// In order; a list, because every connection has one and nearly everyone's is empty.
    users: RwLock<Vec<UserId>>,
}

impl Hidden {
    /// Puts everyone in the place of whoever was hidden before.
    pub fn replace(&self, mut users: Vec<UserId>) {
        users.sort_unstable();
        users.dedup();
        self.has_any.store(!users.is_empty(), Ordering::Release);
        *self.users.write() = users;
    }

    /// Hides one more, or one less.
    pub fn set(&self, user: UserId, is_hidden: bool) {
        let mut users = self.users.write();
        match (users.binary_search(&user), is_hidden) {
            (Err(place), true) => users.insert(place, user),
            (Ok(place), false) => drop(users.remove(place)),
            _ => {}
        }
        self.has_any.store(!users.is_empty(), Ordering::Release);
    }

    /// Whether a person's doings are hidden.
    #[must_use]
    pub fn contains(&self, user: UserId) -> bool {
        self.has_any.load(Ordering::Acquire) && self.users.read().binary_search(&user).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_comes_and_goes_and_a_new_list_replaces_all() {
        let [eve, ada, bob] = [(); 3].map(|()| UserId::generate());
        let hidden = Hidden::default();
        assert!(!hidden.contains(ada));
        hidden.set(ada, true);
        assert!(hidden.contains(ada) && !hidden.contains(bob));
        hidden.set(ada, false);
        assert!(!hidden.contains(ada));
        hidden.set(ada, true);
        hidden.replace(vec![bob, eve, bob]);
        assert!(hidden.contains(bob) && hidden.contains(eve) && !hidden.contains(ada));
    }
}
