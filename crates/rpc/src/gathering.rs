//! What comes within one turn of a worker of the runtime goes together: nobody waits longer than that, and the busier a
//! process is, the more of them there are.

use std::{collections::HashMap, hash::Hash};

use parking_lot::Mutex;

/// Things under keys. Bounded by those who wait for what becomes of theirs, or by what may be under way.
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
    /// Adds one, and returns how many there are with it.
    pub(crate) fn join(&self, key: K, one: T) -> usize {
        let mut gathered = self.gathered.lock();
        let together = gathered.entry(key).or_default();
        together.push(one);
        together.len()
    }

    /// Takes the one of a key, if there is no other and it is the one.
    pub(crate) fn take_alone(&self, key: &K, is_it: impl Fn(&T) -> bool) -> Option<T> {
        let mut gathered = self.gathered.lock();
        gathered
            .get(key)
            .filter(|all| all.len() == 1 && all.iter().all(is_it))?;
        gathered.remove(key)?.pop()
    }

    /// Takes all of a key.
    pub(crate) fn take(&self, key: &K) -> Vec<T> {
        self.gathered.lock().remove(key).unwrap_or_default()
    }
}
