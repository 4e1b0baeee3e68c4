//! When a device tries again: full jitter, as our own clients do it.

use std::time::Duration;

/// After a connection broke that had been good, the first attempt comes within this: everybody else's broke too.
const AFTER_LOSS: Duration = Duration::from_secs(3);
/// First and longest range of the pauses after that.
const BASE: Duration = Duration::from_millis(500);
const LONGEST: Duration = Duration::from_secs(30);

/// Counts attempts since the last good connection.
#[derive(Debug, Default)]
pub struct Backoff {
    attempts: u32,
}

impl Backoff {
    /// A connection came about: the next loss is the first one again.
    pub fn succeeded(&mut self) {
        self.attempts = 0;
    }

    /// Returns the pause before the next attempt, no shorter than the server asked for. `dice` is in [0, 1).
    pub fn pause(&mut self, floor: Duration, dice: f64) -> Duration {
        let range = match self.attempts {
            0 => AFTER_LOSS,
            attempts => LONGEST.min(BASE.saturating_mul(1 << attempts.min(10))),
        };
        self.attempts += 1;
        floor + range.mul_f64(dice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_loss_is_spread_over_three_seconds_and_refusals_double_the_range() {
        let mut backoff = Backoff::default();
        let mut almost = |floor| {
            backoff
                .pause(Duration::from_secs(floor), 0.999_999)
                .as_secs()
        };
        let pauses: Vec<u64> = [0, 0, 4, 0, 0, 0, 0, 0]
            .into_iter()
            .map(&mut almost)
            .collect();
        assert_eq!(pauses, [2, 0, 5, 3, 7, 15, 29, 29]);
        backoff.succeeded();
        assert_eq!(backoff.pause(Duration::ZERO, 0.5), AFTER_LOSS / 2);
        assert_eq!(
            Backoff::default().pause(Duration::ZERO, 0.0),
            Duration::ZERO
        );
    }
}
