//! When messages are due: one phase after the other, each with its own rate.
//!
//! A phase begins when the run says so, not when the one before it was planned to end, because what happened in a phase
//! is only known after everything of it has arrived.

use std::{ops::Range, time::Duration};

/// A stretch of steady load.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Phase {
    /// Messages per second.
    pub rate: f64,
    /// How long, in seconds.
    pub seconds: f64,
    /// How many messages are due at the same moment.
    pub burst: u32,
}

impl Phase {
    /// Describes a stretch in which messages are due one at a time.
    #[must_use]
    pub fn steady(rate: f64, seconds: f64) -> Self {
        Self {
            rate,
            seconds,
            burst: 1,
        }
    }

    /// Describes so many messages that are all due at once: a patient sender sends its next one when the one before is
    /// answered, so that as many are under way as there are senders.
    #[must_use]
    pub fn at_once(messages: u32) -> Self {
        Self {
            rate: f64::from(messages),
            seconds: 1.0,
            burst: messages,
        }
    }

    fn messages(&self) -> u32 {
        (self.rate * self.seconds).round() as u32
    }
}

/// All phases of a run. Messages are numbered through them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Schedule {
    phases: Vec<Phase>,
    /// By phase: the number of its first message; and one more for the end.
    firsts: Vec<u32>,
}

impl Schedule {
    /// Puts phases in a row.
    #[must_use]
    pub fn of(phases: Vec<Phase>) -> Self {
        let mut firsts = vec![0];
        for phase in &phases {
            let first = firsts.last().copied().unwrap_or(0);
            firsts.push(first + phase.messages());
        }
        Self { phases, firsts }
    }

    /// Returns the phases.
    #[must_use]
    pub fn phases(&self) -> &[Phase] {
        &self.phases
    }

    /// Returns how many messages there are in all.
    #[must_use]
    pub fn messages(&self) -> u32 {
        self.firsts.last().copied().unwrap_or(0)
    }

    /// Returns the messages of a phase.
    #[must_use]
    pub fn range(&self, phase: usize) -> Range<u32> {
        self.firsts[phase]..self.firsts[phase + 1]
    }

    /// Returns the phase of a message; of one beyond the end, the last.
    #[must_use]
    pub fn phase_of(&self, message: u32) -> usize {
        let begun = self.firsts.partition_point(|&first| first <= message);
        begun.min(self.phases.len()).saturating_sub(1)
    }

    /// Returns when a message is due, since the start of its phase.
    #[must_use]
    pub fn due(&self, message: u32) -> Duration {
        let phase = self.phase_of(message);
        let Some(&Phase { rate, burst, .. }) = self.phases.get(phase) else {
            return Duration::ZERO;
        };
        let place = message - self.firsts[phase];
        Duration::from_secs_f64(f64::from(place - place % burst.max(1)) / rate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_numbered_through_all_phases() {
        let schedule = Schedule::of(vec![Phase::steady(10.0, 2.0), Phase::steady(100.0, 1.0)]);
        assert_eq!(schedule.messages(), 120);
        assert_eq!((schedule.range(0), schedule.range(1)), (0..20, 20..120));
        assert_eq!((schedule.phase_of(19), schedule.phase_of(20)), (0, 1));
        assert_eq!(schedule.phase_of(u32::MAX), 1);
    }

    #[test]
    fn each_phase_has_its_own_pace_and_begins_at_nought() {
        let schedule = Schedule::of(vec![Phase::steady(10.0, 2.0), Phase::steady(100.0, 1.0)]);
        assert_eq!(schedule.due(5), Duration::from_millis(500));
        assert_eq!(schedule.due(20), Duration::ZERO);
        assert_eq!(schedule.due(25), Duration::from_millis(50));
    }

    #[test]
    fn a_burst_is_due_at_one_moment() {
        let phase = Phase {
            burst: 10,
            ..Phase::steady(100.0, 1.0)
        };
        let schedule = Schedule::of(vec![phase]);
        let due = |message| schedule.due(message).as_millis();
        assert_eq!((due(0), due(9), due(10), due(19)), (0, 0, 100, 100));
    }

    #[test]
    fn an_empty_schedule_has_nothing() {
        assert_eq!(Schedule::default().messages(), 0);
        assert_eq!(Schedule::default().due(3), Duration::ZERO);
    }
}
