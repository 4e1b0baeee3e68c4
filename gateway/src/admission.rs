//! Who is let in when many come at once: those who come back, before those who come for the first time.
//!
//! Both have a bucket of their own. While the bucket of those who come back is not half full a storm is going on, and
//! nobody else is let in. Whoever comes back and has to wait is given a time of their own: the next one that is free.

use std::time::Duration;

use parking_lot::Mutex;
use rand::Rng;
use tokio::time::Instant;

/// What comes back at once is also greeted at once: their bucket holds the tokens of a part of a second, the other one
/// those of a whole one.
const RETURNS_BURST: f64 = 0.25;
const FIRSTS_BURST: f64 = 1.0;
/// Nobody is told to stay away for longer.
const AWAY_MAX: Duration = Duration::from_secs(15);
/// Times that were given are spread by this: clients round them up to seconds.
const SPREAD: Duration = Duration::from_secs(1);

/// Why a client comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    /// It was here, or on another gateway, and has cursors to go on from.
    Return,
    /// Anything else.
    First,
}

impl Arrival {
    /// Reads the query of an upgrade: `resume=1` says that the `hello` will have cursors. It is held to that.
    #[must_use]
    pub fn of_query(query: Option<&str>) -> Self {
        let is_return = query.is_some_and(|query| query.split('&').any(|pair| pair == "resume=1"));
        if is_return { Self::Return } else { Self::First }
    }
}

struct Bucket {
    tokens: f64,
    capacity: f64,
    per_second: f64,
}

impl Bucket {
    fn new(per_second: u32, burst: f64) -> Self {
        let per_second = f64::from(per_second.max(1));
        let capacity = (per_second * burst).max(1.0);
        Self {
            tokens: capacity,
            capacity,
            per_second,
        }
    }

    fn refill(&mut self, elapsed: Duration) {
        let tokens = self.tokens + elapsed.as_secs_f64() * self.per_second;
        self.tokens = tokens.min(self.capacity);
    }

    fn take(&mut self) -> bool {
        let has_one = self.tokens >= 1.0;
        if has_one {
            self.tokens -= 1.0;
        }
        has_one
    }
}

struct State {
    returns: Bucket,
    firsts: Bucket,
    refilled: Instant,
    /// Up to here times have been given away.
    given: Instant,
}

/// See the module.
pub struct Admission {
    state: Mutex<State>,
}

impl Admission {
    /// Lets in so many a second who come back, and so many others.
    #[must_use]
    pub fn new(returns_per_second: u32, firsts_per_second: u32) -> Self {
        let now = Instant::now();
        Self {
            state: Mutex::new(State {
                returns: Bucket::new(returns_per_second, RETURNS_BURST),
                firsts: Bucket::new(firsts_per_second, FIRSTS_BURST),
                refilled: now,
                given: now,
            }),
        }
    }

    /// Lets a client in.
    ///
    /// # Errors
    /// How long it should stay away: at most 15 s.
    pub fn admit(&self, arrival: Arrival) -> Result<(), Duration> {
        let mut state = self.state.lock();
        let now = Instant::now();
        state.refill(now);
        let is_admitted = match arrival {
            Arrival::Return => state.returns.take(),
            Arrival::First => !state.is_storm() && state.firsts.take(),
        };
        if is_admitted {
            return Ok(());
        }
        Err(state.away(arrival, now))
    }

    /// Says how long a client that cannot be let in for another reason should stay away.
    #[must_use]
    pub fn away(&self, arrival: Arrival) -> Duration {
        self.state.lock().away(arrival, Instant::now())
    }

    /// Whether one who asks now would have to wait. Nothing is taken.
    ///
    /// # Errors
    /// How long it should stay away.
    pub fn look(&self, arrival: Arrival) -> Result<(), Duration> {
        let mut state = self.state.lock();
        let now = Instant::now();
        state.refill(now);
        let is_open = match arrival {
            Arrival::Return => state.returns.tokens >= 1.0,
            Arrival::First => !state.is_storm() && state.firsts.tokens >= 1.0,
        };
        if is_open {
            Ok(())
        } else {
            Err(state.away(arrival, now))
        }
    }
}

impl State {
    fn refill(&mut self, now: Instant) {
        let elapsed = now.saturating_duration_since(self.refilled);
        self.returns.refill(elapsed);
        self.firsts.refill(elapsed);
        self.refilled = now;
    }

    /// Whether so many come back that nobody else may come.
    fn is_storm(&self) -> bool {
        self.returns.tokens < self.returns.capacity / 2.0
    }

    fn away(&mut self, arrival: Arrival, now: Instant) -> Duration {
        if arrival == Arrival::First {
            return rand::rng().random_range(SPREAD..=AWAY_MAX);
        }
        let step = Duration::from_secs_f64(1.0 / self.returns.per_second);
        self.given = self.given.max(now) + step;
        let jitter = SPREAD.mul_f64(rand::rng().random());
        let away = self.given - now + jitter;
        if away > AWAY_MAX {
            // The list is longer than anybody may be sent away: the rest comes at any time of its second half.
            self.given = now + AWAY_MAX;
            return rand::rng().random_range(AWAY_MAX / 2..=AWAY_MAX);
        }
        away
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admitted(admission: &Admission, arrival: Arrival, asked: usize) -> usize {
        let answers = (0..asked).map(|_| admission.admit(arrival));
        answers.filter(Result::is_ok).count()
    }

    #[tokio::test(start_paused = true)]
    async fn those_who_come_back_come_first() {
        let admission = Admission::new(400, 50);
        assert_eq!(admitted(&admission, Arrival::First, 1_000), 50);
        assert_eq!(admitted(&admission, Arrival::Return, 51), 51);
        tokio::time::advance(Duration::from_millis(2)).await;
        assert_eq!(
            admitted(&admission, Arrival::First, 100),
            0,
            "the bucket of those who come back is not half full"
        );
        assert_eq!(admitted(&admission, Arrival::Return, 1_000), 49);
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(admitted(&admission, Arrival::First, 1_000), 50);
    }

    #[tokio::test(start_paused = true)]
    async fn as_many_as_are_sent_away_get_times_that_follow_each_other() {
        let admission = Admission::new(100, 100);
        let mut times: Vec<_> = (0..1_025)
            .filter_map(|_| admission.admit(Arrival::Return).err())
            .collect();
        assert_eq!(times.len(), 1_000);
        times.sort_unstable();
        for (number, time) in times.iter().enumerate() {
            let due = Duration::from_millis(10 * number as u64);
            assert!(
                *time + SPREAD >= due && *time <= due + 2 * SPREAD,
                "{number}: {time:?}"
            );
        }
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_stays_away_for_longer_than_fifteen_seconds() {
        let admission = Admission::new(1, 1);
        for arrival in [Arrival::Return, Arrival::First] {
            let times: Vec<_> = (0..200)
                .filter_map(|_| admission.admit(arrival).err())
                .collect();
            assert!(times.len() >= 198);
            assert!(times.iter().all(|time| (SPREAD..=AWAY_MAX).contains(time)));
        }
        assert!(admission.look(Arrival::Return).is_err());
    }

    #[test]
    fn a_return_says_so_in_the_query() {
        for (query, expected) in [
            (Some("resume=1"), Arrival::Return),
            (Some("session=x&resume=1"), Arrival::Return),
            (Some("resume=0"), Arrival::First),
            (Some("xresume=1"), Arrival::First),
            (None, Arrival::First),
        ] {
            assert_eq!(Arrival::of_query(query), expected, "{query:?}");
        }
    }
}
