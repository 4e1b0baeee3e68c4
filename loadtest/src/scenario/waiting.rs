//! Senders that wait: each has one message under way, and sends the next when it is told that the last is stored. How
//! many get through in a second is then the servers' doing alone.

use std::ops::Range;

use crate::{
    bare::Pace,
    bot::{Attempt, Record},
    histcheck::Outcome,
    summary::Latency,
    traffic,
};

/// Sums up what became of some messages, each from the moment at which it was handed to its socket.
pub(super) fn pace(records: &[Record], messages: &Range<u32>) -> Pace {
    let acked = || {
        traffic::attempts(records, messages)
            .filter(|attempt| matches!(attempt.outcome, Outcome::Acked { .. }))
    };
    let took = |attempt: &Attempt| {
        u32::try_from(attempt.resolved_us - attempt.invoked_us).unwrap_or(u32::MAX)
    };
    let first = acked().map(|attempt| attempt.invoked_us).min();
    let last = acked().map(|attempt| attempt.resolved_us).max();
    let latency = Latency::of(acked().map(took));
    let seconds = first.zip(last).map(|(first, last)| last - first);
    Pace {
        per_second: latency.count as f64 / (seconds.unwrap_or(0) as f64 / 1e6),
        latency,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        bot::Trouble,
        histcheck::{Id, Observer},
    };

    #[test]
    fn the_pace_is_from_the_first_that_was_sent_to_the_last_that_was_stored() {
        let sent = |message, invoked_us, resolved_us, outcome| Attempt {
            message,
            invoked_us,
            lateness_us: 0,
            resolved_us,
            outcome,
            latency_us: 0,
        };
        let acked = Outcome::Acked {
            seq: 1,
            id: Id([0; 16]),
            at_us: 0,
            duplicate: false,
        };
        let record = Record {
            connection: 0,
            observer: Observer::default(),
            attempts: vec![
                sent(0, 1_000, 2_000, acked),
                sent(1, 2_000, 5_000, acked),
                sent(2, 5_000, 5_500, Outcome::Refused),
                sent(3, 1_000_000, 2_000_000, acked),
            ],
            trouble: Trouble::default(),
        };
        let pace = pace(&[record], &(0..3));
        assert_eq!(pace.latency.count, 2);
        assert!((pace.per_second - 500.0).abs() < 1e-6, "{pace:?}");
        assert!((pace.latency.max_ms - 3.0).abs() < 0.01, "{pace:?}");
    }
}
