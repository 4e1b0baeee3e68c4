//! What comes within one turn of the runtime goes together: nobody waits for others, and the busier a process is, the
//! more of them there are.

use std::{collections::HashMap, hash::Hash};

use parking_lot::Mutex;

/// Things under keys. Bounded by those who wait for what becomes of theirs.
pub(crate) struct Gathering<K, T> {
    gathered: Mutex<HashMap<K, Vec<T>>>,
}

impl<K, T> Default for Gathering<K, T> {
    fn default() -> Self {
        Self {
            gathered: Mutex::default(),
        }
    }
}

impl<K: Eq + Hash, T> Gathering<K, T> {
    /// Adds one. `true`: it is the first, and whoever brought it takes all after a turn ([`tokio::task::yield_now`]).
    pub(crate) fn join(&self, key: K, one: T) -> bool {
        let mut gathered = self.gathered.lock();
        let together = gathered.entry(key).or_default();
        together.push(one);
        together.len() == 1
    }

    /// Takes all of a key.
    pub(crate) fn take(&self, key: &K) -> Vec<T> {
        self.gathered.lock().remove(key).unwrap_or_default()
    }
}
