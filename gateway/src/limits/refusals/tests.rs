use std::{cmp::Reverse, collections::BinaryHeap};

use governor::{
    Quota, RateLimiter,
    clock::{Clock, FakeRelativeClock},
    middleware::NoOpMiddleware,
    state::{InMemoryState, NotKeyed},
};

use rand::{Rng, SeedableRng, rngs::StdRng};

use super::*;
use crate::error::Error;

/// Ends each of these stories.
const LONG: Duration = Duration::from_secs(600);
const PER_SECOND: u32 = 20;
const BURST: u32 = 40;

type Bucket =
    RateLimiter<NotKeyed, InMemoryState, FakeRelativeClock, NoOpMiddleware<governor::nanos::Nanos>>;

/// A connection's limits, at a time that passes when it is told to.
struct Door {
    clock: FakeRelativeClock,
    bucket: Bucket,
    refusals: Refusals,
    begun: Instant,
    now: Instant,
}

enum Answer {
    Passed,
    /// Refused; so many milliseconds are told.
    Wait(u64),
    Closed,
}

fn weight(weight: u32) -> NonZeroU32 {
    NonZeroU32::new(weight).expect("not 0")
}

impl Door {
    fn new() -> Self {
        let quota = Quota::per_second(weight(PER_SECOND)).allow_burst(weight(BURST));
        let clock = FakeRelativeClock::default();
        let now = Instant::now();
        Self {
            bucket: RateLimiter::direct_with_clock(quota, clock.clone()),
            clock,
            refusals: Refusals::new(quota.replenish_interval(), quota.burst_size()),
            begun: now,
            now,
        }
    }

    fn advance_to(&mut self, then: Instant) {
        self.clock.advance(then - self.now);
        self.now = then;
    }

    fn ask(&mut self, weight: NonZeroU32) -> Answer {
        let Err(not_until) = self.bucket.check_n(weight).expect("fits into the bucket") else {
            return Answer::Passed;
        };
        let wait = not_until.wait_time_from(self.clock.now());
        let refused = self.refusals.refuse(self.now, wait, weight);
        if refused.is_too_much {
            return Answer::Closed;
        }
        Answer::Wait(Error::rate_limited(refused.wait).retry_after_ms)
    }

    fn age(&self) -> Duration {
        self.now - self.begun
    }
}

/// How a client goes on after an answer.
trait Client {
    /// Returns when the request comes again, or the next in its place.
    fn next(&mut self, now: Instant, answer: &Answer) -> Instant;
}

/// Lets a client ask until it is closed or for long; `waiting` of its requests are always under way. Every third
/// is a heavy one. Returns when it was closed, and how many requests passed.
fn live(waiting: u32, client: &mut dyn Client) -> (Option<Duration>, u32) {
    let mut door = Door::new();
    let mut passed = 0;
    let mut coming: BinaryHeap<_> = (0..waiting).map(|id| Reverse((door.now, id))).collect();
    while let Some(Reverse((then, id))) = coming.pop() {
        door.advance_to(then);
        if door.age() > LONG {
            break;
        }
        let answer = door.ask(weight(1 + u32::from(id % 3 == 2)));
        match &answer {
            Answer::Closed => return (Some(door.age()), passed),
            Answer::Passed => passed += 1,
            Answer::Wait(_) => {}
        }
        coming.push(Reverse((client.next(then, &answer), id)));
    }
    (None, passed)
}

/// Repeats each request when its own time has come, and has the next ready when one has passed.
struct Obedient {
    /// How long an answer and the next request are on their way.
    trip: Duration,
}

impl Client for Obedient {
    fn next(&mut self, now: Instant, answer: &Answer) -> Instant {
        match answer {
            Answer::Wait(ms) => now + self.trip + Duration::from_millis(*ms),
            Answer::Passed | Answer::Closed => now + self.trip,
        }
    }
}

/// Sends nothing at all until the last time that it was told, or until the first.
struct Pausing {
    trip: Duration,
    until: Instant,
    heeds_all: bool,
}

impl Pausing {
    fn new(trip: Duration, heeds_all: bool) -> Self {
        Self {
            trip,
            until: Instant::now(),
            heeds_all,
        }
    }
}

impl Client for Pausing {
    fn next(&mut self, now: Instant, answer: &Answer) -> Instant {
        if let Answer::Wait(ms) = answer
            && (self.heeds_all || self.until <= now)
        {
            self.until = self.until.max(now + Duration::from_millis(*ms));
        }
        self.until.max(now) + self.trip
    }
}

/// Repeats at once what was refused.
struct Stubborn {
    trip: Duration,
}

impl Client for Stubborn {
    fn next(&mut self, now: Instant, _: &Answer) -> Instant {
        now + self.trip
    }
}

#[test]
fn who_waits_as_told_is_never_closed_however_many_are_under_way() {
    for waiting in [1, 2, 3, 16, 17, 39, BURST] {
        for trip in [0, 1, 7, 49, 50, 51, 300] {
            let trip = Duration::from_millis(trip);
            let (closed, passed) = live(waiting, &mut Obedient { trip });
            assert_eq!(closed, None, "{waiting} under way, {trip:?} apart");
            assert!(
                passed > 1_000,
                "{waiting} under way, {trip:?} apart: {passed}"
            );
            let (closed, _) = live(waiting, &mut Pausing::new(trip, true));
            assert_eq!(closed, None, "{waiting} under way, {trip:?} apart, pausing");
            // Not what it was told, but what many do; with half as many under way it is let pass.
            let (closed, _) = live(waiting.min(BURST / 2), &mut Pausing::new(trip, false));
            assert_eq!(closed, None, "{waiting} under way, {trip:?} apart, hasty");
        }
    }
}

#[test]
fn who_waits_as_told_is_never_closed_whatever_other_limits_say() {
    // Those of the user and the address are shared, so any request may be refused, for any time.
    let mut dice = StdRng::seed_from_u64(7);
    let (one, turn) = (weight(1), Duration::from_millis(50));
    let mut refusals = Refusals::new(turn, weight(BURST));
    let mut coming: BinaryHeap<_> = (0..BURST).map(|_| Reverse(Instant::now())).collect();
    for _ in 0..100_000 {
        let Reverse(now) = coming.pop().expect("as many as there were");
        let mut next = now + Duration::from_millis(dice.random_range(0..100));
        if dice.random_bool(0.9) {
            let wait = Duration::from_millis(dice.random_range(1..2_000));
            let refused = refusals.refuse(now, wait, one);
            assert!(refused.wait >= wait && !refused.is_too_much);
            next += refused.wait;
        }
        coming.push(Reverse(next));
    }
    assert_eq!(refusals.count, 0);
}

#[test]
fn who_does_not_wait_is_closed() {
    for (waiting, trip, within) in [
        (1, 1, 1),
        (1, 10, 3),
        (2, 20, 3),
        (16, 50, 2),
        (200, 300, 1),
    ] {
        let trip = Duration::from_millis(trip);
        let (closed, _) = live(waiting, &mut Stubborn { trip });
        let within = Duration::from_secs(within);
        assert!(
            closed.is_some_and(|closed| closed <= within),
            "{waiting} under way, {trip:?} apart: {closed:?}"
        );
    }
}

#[test]
fn who_fills_the_line_at_once_has_a_little_more_and_then_no_more() {
    let mut door = Door::new();
    let one = weight(1);
    for _ in 0..BURST {
        assert!(matches!(door.ask(one), Answer::Passed));
    }
    for place in 1..=u64::from(BURST) {
        let Answer::Wait(ms) = door.ask(one) else {
            panic!("it was on its way")
        };
        assert_eq!(ms, 50 * place, "each has its own time");
    }
    for _ in 1..MAX {
        assert!(matches!(door.ask(one), Answer::Wait(2_050)));
    }
    assert!(matches!(door.ask(one), Answer::Closed));
}

#[test]
fn thirty_that_are_held_against_it_in_ten_seconds_are_too_many() {
    let mut refusals = Refusals::new(Duration::from_millis(50), weight(BURST));
    let now = Instant::now();
    for then in [now, now + WINDOW] {
        for _ in 1..MAX {
            assert!(!refusals.count(then));
        }
    }
    assert!(refusals.count(now + WINDOW));
}
