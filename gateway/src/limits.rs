//! Rates and caps. Everything is counted in this process; the caps that must hold over all gateways are the services'.

mod refusals;

use std::{
    collections::HashMap,
    net::IpAddr,
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use governor::{
    DefaultDirectRateLimiter, DefaultKeyedRateLimiter, NotUntil, Quota, RateLimiter,
    clock::{Clock, DefaultClock, QuantaInstant},
};
use parking_lot::Mutex;
use proto::id::UserId;

use tokio::sync::{Semaphore, SemaphorePermit};

use crate::{
    address::ClientAddress,
    admission::{Admission, Arrival},
    config::Gateway,
};

pub use refusals::{Refusals, Refused};

/// At most this share of the sockets may be waiting to say who they are.
const STRANGERS_SHARE: usize = 10;

/// The process-wide limits.
pub struct Limits {
    admission: Admission,
    greetings: Semaphore,
    /// Greetings that are under way or wait.
    greeted: Arc<AtomicUsize>,
    greetings_at_once: usize,
    users: DefaultKeyedRateLimiter<UserId>,
    addresses: DefaultKeyedRateLimiter<IpAddr>,
    connection: Quota,
    /// One for all: to make one asks the processor what it is, which a virtual machine answers slowly.
    clock: DefaultClock,
    by_address: Arc<Mutex<HashMap<IpAddr, usize>>>,
    by_peer: Arc<Mutex<HashMap<IpAddr, usize>>>,
    connections: Arc<AtomicUsize>,
    strangers: Arc<AtomicUsize>,
    per_address: usize,
    max_connections: usize,
}

/// A place in one of the caps; gives it back when dropped.
pub struct Slot {
    give_back: Option<Box<dyn FnOnce() + Send + Sync>>,
}

impl Slot {
    /// Counts one more, whatever the number is.
    fn counted(counter: &Arc<AtomicUsize>) -> Self {
        counter.fetch_add(1, Ordering::AcqRel);
        Self::of(counter)
    }

    fn of(counter: &Arc<AtomicUsize>) -> Self {
        let counter = counter.clone();
        Self {
            give_back: Some(Box::new(move || {
                counter.fetch_sub(1, Ordering::AcqRel);
            })),
        }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        if let Some(give_back) = self.give_back.take() {
            give_back();
        }
    }
}

impl Limits {
    /// Makes the limits.
    #[must_use]
    pub fn new(config: &Gateway) -> Self {
        Self {
            admission: Admission::new(config.returns_per_second, config.accepts_per_second),
            greetings: Semaphore::new(config.greetings_at_once.max(1)),
            greeted: Arc::default(),
            greetings_at_once: config.greetings_at_once.max(1),
            users: RateLimiter::keyed(quota(config.rate_per_user, config.burst_per_user)),
            addresses: RateLimiter::keyed(quota(config.rate_per_address, config.burst_per_address)),
            connection: quota(config.rate_per_connection, config.burst_per_connection),
            clock: DefaultClock::default(),
            by_address: Arc::default(),
            by_peer: Arc::default(),
            connections: Arc::default(),
            strangers: Arc::default(),
            per_address: config.per_address,
            max_connections: config.max_connections,
        }
    }

    /// Makes the token bucket of a new connection.
    #[must_use]
    pub fn bucket(&self) -> DefaultDirectRateLimiter {
        RateLimiter::direct_with_clock(self.connection, self.clock.clone())
    }

    /// Makes the memory of how a new connection takes it to be refused.
    #[must_use]
    pub fn refusals(&self) -> Refusals {
        Refusals::new(
            self.connection.replenish_interval(),
            self.connection.burst_size(),
        )
    }

    /// Takes a place among the sockets, and one among those that have not said who they are.
    ///
    /// # Errors
    /// How long to stay away: the gateway is full, too many come at once, or the services have enough to do with those
    /// who came before.
    pub fn admit(&self, arrival: Arrival) -> Result<(Slot, Slot), Duration> {
        if self.is_behind(arrival) {
            return Err(self.admission.away(arrival));
        }
        self.admission.admit(arrival)?;
        let place = count(&self.connections, self.max_connections);
        let strangers_max = (self.max_connections / STRANGERS_SHARE).max(1);
        place
            .zip(count(&self.strangers, strangers_max))
            .ok_or_else(|| self.admission.away(arrival))
    }

    /// Whether one who asks now would be admitted. Nothing is taken.
    ///
    /// # Errors
    /// How long to stay away.
    pub fn look(&self, arrival: Arrival) -> Result<(), Duration> {
        let is_full = self.connections.load(Ordering::Acquire) >= self.max_connections;
        if is_full || self.is_behind(arrival) {
            return Err(self.admission.away(arrival));
        }
        self.admission.look(arrival)
    }

    /// Lets somebody in as what they are: they said that they come back, and then had nothing to come back to.
    ///
    /// # Errors
    /// How long to stay away.
    pub fn correct(&self) -> Result<(), Duration> {
        self.admission.admit(Arrival::First)
    }

    /// Waits until the services may be asked for one more greeting. Waiting costs them nothing, and their deadlines do
    /// not run.
    pub async fn greeting(&self) -> (Slot, Option<SemaphorePermit<'_>>) {
        let counted = Slot::counted(&self.greeted);
        // It is never closed.
        (counted, self.greetings.acquire().await.ok())
    }

    /// Whether so many greetings wait that more would only wait longer.
    fn is_behind(&self, arrival: Arrival) -> bool {
        let waiting = self.greeted.load(Ordering::Acquire);
        match arrival {
            Arrival::Return => waiting >= 2 * self.greetings_at_once,
            Arrival::First => waiting > self.greetings_at_once / 2,
        }
    }

    /// Takes a place among the sockets of an address.
    #[must_use]
    pub fn of_address(&self, address: ClientAddress) -> Option<Slot> {
        place(&self.by_address, address.bucket(), self.per_address)
    }

    /// Takes a place among the TCP connections of a peer: twice as many as sockets, so that a full address still gets
    /// an answer. A trusted proxy has no limit.
    #[must_use]
    pub fn of_peer(&self, peer: IpAddr, is_proxy: bool) -> Option<Slot> {
        if is_proxy {
            return Some(Slot { give_back: None });
        }
        place(
            &self.by_peer,
            ClientAddress(peer.to_canonical()).bucket(),
            self.per_address.saturating_mul(2),
        )
    }

    /// Charges a request to its user and address.
    ///
    /// # Errors
    /// How long to wait when one of them has no tokens left.
    pub fn charge(
        &self,
        user: UserId,
        address: ClientAddress,
        weight: NonZeroU32,
    ) -> Result<(), Duration> {
        let clock = &self.clock;
        verdict(self.users.check_key_n(&user, weight), clock)?;
        verdict(self.addresses.check_key_n(&address.bucket(), weight), clock)
    }

    /// Forgets those who have been quiet.
    pub fn forget_idle(&self) {
        self.users.retain_recent();
        self.addresses.retain_recent();
    }
}

/// Charges a connection's own bucket.
///
/// # Errors
/// How long to wait when it has no tokens left.
pub fn charge(bucket: &DefaultDirectRateLimiter, weight: NonZeroU32) -> Result<(), Duration> {
    verdict(bucket.check_n(weight), bucket.clock())
}

fn quota(per_second: u32, burst: u32) -> Quota {
    let at_least_one = |value: u32| NonZeroU32::new(value).unwrap_or(NonZeroU32::MIN);
    Quota::per_second(at_least_one(per_second)).allow_burst(at_least_one(burst))
}

/// A request heavier than the whole bucket could never pass; it waits like the others instead.
fn verdict<E>(
    checked: Result<Result<(), NotUntil<QuantaInstant>>, E>,
    clock: &DefaultClock,
) -> Result<(), Duration> {
    match checked {
        Ok(Ok(())) => Ok(()),
        Ok(Err(not_until)) => Err(not_until.wait_time_from(clock.now())),
        Err(_) => Err(Duration::from_secs(1)),
    }
}

fn count(counter: &Arc<AtomicUsize>, max: usize) -> Option<Slot> {
    let taken = counter.fetch_update(Ordering::AcqRel, Ordering::Acquire, |count| {
        (count < max).then_some(count + 1)
    });
    taken.ok()?;
    Some(Slot::of(counter))
}

fn place(places: &Arc<Mutex<HashMap<IpAddr, usize>>>, key: IpAddr, max: usize) -> Option<Slot> {
    let mut taken = places.lock();
    let count = taken.entry(key).or_default();
    if *count >= max {
        return None;
    }
    *count += 1;
    let places = places.clone();
    Some(Slot {
        give_back: Some(Box::new(move || {
            let mut taken = places.lock();
            if let Some(count) = taken.get_mut(&key) {
                *count -= 1;
                if *count == 0 {
                    taken.remove(&key);
                }
            }
        })),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_is_given_back() {
        let places = Arc::default();
        let key = "1.2.3.4".parse().expect("address");
        let first = place(&places, key, 1);
        assert!(first.is_some());
        assert!(place(&places, key, 1).is_none());
        drop(first);
        assert!(places.lock().is_empty());
        assert!(place(&places, key, 1).is_some());
    }

    #[test]
    fn a_bucket_says_how_long_to_wait() {
        let bucket = RateLimiter::direct(quota(20, 40));
        let two = NonZeroU32::new(2).expect("two");
        for _ in 0..20 {
            assert_eq!(charge(&bucket, two), Ok(()));
        }
        let wait = charge(&bucket, two).expect_err("the bucket is empty");
        assert!(wait <= Duration::from_millis(101), "{wait:?}");
    }
}
