//! Passwords: which are accepted, and how they are hashed without letting the hash become a weapon.

mod memory;
mod threads;

use std::{
    collections::HashSet,
    sync::{Arc, LazyLock},
};

use argon2::{Params, password_hash::phc::PasswordHash};
use secrecy::SecretString;
use tokio::sync::Semaphore;

use self::{memory::Memory, threads::Threads};
use crate::{Error, config};

/// The shortest and the longest password, in bytes.
const LENGTH: std::ops::RangeInclusive<usize> = 8..=256;

/// Most hashes at a time that nobody asked for: their memory is taken at the start, and a large machine has many cores.
const CORES_MAX: usize = 16;

static COMMON: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| include_str!("../common_passwords.txt").lines().collect());

/// Checks a new password against the rules.
///
/// # Errors
/// The rule that was broken.
pub fn check(username: &str, password: &str) -> Result<(), &'static str> {
    if !has_valid_length(password) {
        return Err("8 to 256 bytes");
    }
    if has_name(username, password) {
        return Err("must not contain the user name");
    }
    if COMMON.contains(password.to_lowercase().as_str()) {
        return Err("among the most common passwords");
    }
    Ok(())
}

/// Whether a password has a length that can be stored.
#[must_use]
pub fn has_valid_length(password: &str) -> bool {
    LENGTH.contains(&password.len())
}

/// Whether a user name stands in a password, in whatever case.
#[must_use]
pub fn has_name(username: &str, password: &str) -> bool {
    password.to_lowercase().contains(&username.to_lowercase())
}

/// Hashes and verifies with Argon2id. Cheap to clone.
#[derive(Clone)]
pub struct Hasher {
    shared: Arc<Shared>,
}

struct Shared {
    params: Params,
    /// Where hashes run: each costs a core for as long as it lasts.
    threads: Threads,
    /// Hashes that run or wait. When it is empty a request is refused before any work.
    places: Arc<Semaphore>,
    /// Verified when nobody has the name, so that a miss takes as long as a wrong password.
    dummy: String,
}

impl Hasher {
    /// Makes a hasher; costs one hash. Its threads take the memory of their hashes, and keep it.
    ///
    /// # Errors
    /// When the parameters are out of Argon2's own bounds.
    pub async fn start(config: &config::Argon2) -> anyhow::Result<Self> {
        let params = Params::new(config.memory_kib, config.passes, config.lanes, None)
            .map_err(|error| anyhow::anyhow!("auth.argon2: {error}"))?;
        let workers = match config.workers {
            0 => {
                let cores = std::thread::available_parallelism().map_or(1, usize::from);
                cores.min(CORES_MAX)
            }
            workers => workers,
        };
        let places = workers
            .saturating_add(config.queue)
            .min(Semaphore::MAX_PERMITS);
        let threads = Threads::start(&params, workers, places)?;
        let (for_dummy, nobody) = (params.clone(), crate::secrets::generate("").text);
        let dummy = threads.run(move |memory| memory.hash(&for_dummy, &nobody));
        let dummy = dummy.await?;
        let shared = Shared {
            params,
            threads,
            places: Arc::new(Semaphore::new(places)),
            dummy,
        };
        Ok(Self {
            shared: Arc::new(shared),
        })
    }

    /// Returns the PHC string of a new password.
    ///
    /// # Errors
    /// [`Error::Busy`] when the queue is full.
    pub async fn hash(&self, password: SecretString) -> Result<String, Error> {
        let params = self.shared.params.clone();
        self.run(move |memory| memory.hash(&params, &password))
            .await
    }

    /// Tells whether the password is the one of the hash; without a hash, takes as long and says no.
    ///
    /// # Errors
    /// [`Error::Busy`] when the queue is full.
    pub async fn verify(&self, password: SecretString, phc: Option<&str>) -> Result<bool, Error> {
        let is_known = phc.is_some();
        let phc = phc.unwrap_or(&self.shared.dummy).to_owned();
        let verify = move |memory: &mut Memory| memory.verify(&password, &phc);
        let is_match = self.run(verify).await?;
        Ok(is_match && is_known)
    }

    /// Whether a stored hash was made with less than today's parameters.
    #[must_use]
    pub fn is_outdated(&self, phc: &str) -> bool {
        let stored = PasswordHash::new(phc)
            .ok()
            .and_then(|hash| Params::try_from(&hash).ok());
        stored.is_none_or(|stored| {
            let wanted = &self.shared.params;
            stored.m_cost() < wanted.m_cost()
                || stored.t_cost() < wanted.t_cost()
                || stored.p_cost() < wanted.p_cost()
        })
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Memory) -> anyhow::Result<T> + Send + 'static,
    ) -> Result<T, Error> {
        let place = self.shared.places.clone().try_acquire_owned();
        let place = place.map_err(|_| {
            metrics::counter!("password_hash_refused_total").increment(1);
            Error::Busy
        })?;
        // The place goes with the work: a cancelled caller does not free a core that is still hashing.
        let job = move |memory: &mut Memory| {
            let result = work(memory);
            drop(place);
            result
        };
        self.shared.threads.run(job).await.map_err(Error::Internal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weak_passwords_are_named() {
        assert_eq!(check("ada", "correct horse"), Ok(()));
        assert_eq!(check("ada", "ünïcödé ☃ and spaces "), Ok(()));
        for bad in [
            "",
            "seven77",
            "Password123",
            "iloveyou",
            "xxADAxxxx",
            &"y".repeat(257),
        ] {
            assert!(check("ada", bad).is_err(), "{bad}");
        }
    }

    fn config(workers: usize, queue: usize) -> config::Argon2 {
        config::Argon2 {
            memory_kib: 19_456,
            passes: 2,
            lanes: 1,
            workers,
            queue,
        }
    }

    #[tokio::test]
    async fn hashes_verify_and_have_the_wanted_parameters() {
        let hasher = Hasher::start(&config(1, 1)).await.expect("valid");
        let phc = hasher.hash("correct horse".into()).await.expect("hash");
        assert!(phc.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{phc}");
        assert!(
            hasher
                .verify("correct horse".into(), Some(&phc))
                .await
                .expect("verify")
        );
        assert!(
            !hasher
                .verify("wrong horse".into(), Some(&phc))
                .await
                .expect("verify")
        );
        assert!(
            !hasher
                .verify("correct horse".into(), None)
                .await
                .expect("verify")
        );
        assert!(!hasher.is_outdated(&phc));
        assert!(hasher.is_outdated(&phc.replace("m=19456", "m=4096")));
    }

    #[tokio::test]
    async fn the_queue_is_bounded() {
        let hasher = Hasher::start(&config(1, 2)).await.expect("valid");
        let results =
            futures::future::join_all((0..10).map(|_| hasher.hash("correct horse".into()))).await;
        let is_busy = |result: &&Result<String, Error>| matches!(result, Err(Error::Busy));
        assert_eq!(results.iter().filter(is_busy).count(), 7);
        assert!(hasher.hash("correct horse".into()).await.is_ok());
    }
}
