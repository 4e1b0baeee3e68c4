//! For how long a process may deliver without being told anything.

use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::Instant;

use crate::failpoint::{self, Protection};

/// One second less than the ten that are promised, for what is on its way when it ends.
const TERM: Duration = Duration::from_secs(9);

/// The right to deliver. It lasts 9 s from the moment at which somebody asked for the heads of every stream that can
/// take a right away, if all of these streams were then delivered up to there ([`crate::Receiver::confirm`]). What was
/// committed before that moment is known here; what was committed after it is not 9 s old.
#[derive(Debug)]
pub struct Lease {
    asked: Mutex<Instant>,
}

impl Default for Lease {
    /// Begins now: whoever has delivered nothing yet has nothing to be told of.
    fn default() -> Self {
        Self {
            asked: Mutex::new(Instant::now()),
        }
    }
}

impl Lease {
    /// Whether nothing may be delivered until it is renewed.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.left().is_zero() && !failpoint::is_without(Protection::Lease)
    }

    /// Returns how much of it is left.
    #[must_use]
    pub fn left(&self) -> Duration {
        TERM.saturating_sub(self.asked.lock().elapsed())
    }

    /// Lets it last from `asked` on. `true`: it was over, and what was held back since is to be delivered now.
    pub fn renew(&self, asked: Instant) -> bool {
        let was_over = self.is_over();
        let mut since = self.asked.lock();
        *since = asked.max(*since);
        was_over
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn it_lasts_from_the_question_and_not_from_the_answer() {
        let lease = Lease::default();
        advance(Duration::from_secs(4)).await;
        let asked = Instant::now();
        advance(Duration::from_secs(4)).await;
        assert!(!lease.renew(asked), "it had a second left");
        advance(Duration::from_millis(4_999)).await;
        assert!(!lease.is_over());
        advance(Duration::from_millis(1)).await;
        assert!(lease.is_over() && lease.left().is_zero());
        assert!(lease.renew(Instant::now()));
        assert!(!lease.is_over());
    }

    #[tokio::test(start_paused = true)]
    async fn an_older_question_does_not_shorten_it() {
        let lease = Lease::default();
        let older = Instant::now();
        advance(Duration::from_secs(8)).await;
        lease.renew(Instant::now());
        lease.renew(older);
        advance(Duration::from_secs(8)).await;
        assert!(!lease.is_over());
    }
}
