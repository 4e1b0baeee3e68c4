//! How fast a direction may hand over what is due. No I/O.

use std::time::Duration;

use tokio::time::Instant;

use crate::{fault::Fault, line::after};

/// A thin line hands over this share of a second's bytes at a time: small enough to flow, large enough for timers
/// that are exact to a millisecond.
const PIECES_PER_SECOND: u64 = 50;

/// How far behind a thin line may fall before the time is lost, so that late timers do not make it thinner than it
/// was asked to be.
const CATCH_UP: Duration = Duration::from_millis(20);

/// When the next piece may go.
#[derive(Debug)]
pub(crate) struct Pace {
    free_at: Instant,
}

impl Pace {
    pub(crate) fn new(now: Instant) -> Self {
        Self { free_at: now }
    }

    pub(crate) fn free_at(&self) -> Instant {
        self.free_at
    }

    /// Notes that a piece went at `now`.
    pub(crate) fn went(&mut self, now: Instant, bytes: usize, fault: &Fault) {
        if let Some(rate) = fault.bandwidth {
            let from = now.checked_sub(CATCH_UP).unwrap_or(now).max(self.free_at);
            self.free_at = after(from, duration_of(bytes, rate));
        }
        if let Some(slice) = fault.slice {
            self.free_at = self.free_at.max(after(now, slice.gap));
        }
    }
}

/// Returns the most bytes that may go at once; at least 1.
pub(crate) fn piece_max(fault: &Fault) -> usize {
    let thin = fault.bandwidth.map_or(usize::MAX, |rate| {
        usize::try_from(rate / PIECES_PER_SECOND).unwrap_or(usize::MAX)
    });
    let slice = fault.slice.map_or(usize::MAX, |slice| slice.bytes);
    thin.min(slice).max(1)
}

fn duration_of(bytes: usize, rate: u64) -> Duration {
    let nanos =
        u128::try_from(bytes).unwrap_or(u128::MAX) * 1_000_000_000 / u128::from(rate.max(1));
    Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thin_line_takes_its_time() {
        let fault = Fault::bandwidth(1_000);
        assert_eq!(piece_max(&fault), 20);
        let start = Instant::now();
        let mut pace = Pace::new(start);
        for _ in 0..50 {
            pace.went(pace.free_at(), 20, &fault);
        }
        assert_eq!(pace.free_at() - start, Duration::from_secs(1));
    }

    #[test]
    fn pieces_are_never_empty_and_gaps_never_short() {
        let gap = Duration::from_millis(5);
        let fault = Fault::bandwidth(0).and(Fault::slice(0, gap));
        assert_eq!(piece_max(&fault), 1);
        assert_eq!(piece_max(&Fault::default()), usize::MAX);
        let now = Instant::now();
        let mut pace = Pace::new(now);
        pace.went(now, 1, &Fault::slice(1, gap));
        assert_eq!(pace.free_at(), now + gap);
    }
}
