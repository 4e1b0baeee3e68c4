//! What becomes of each message of one client. No I/O.

use std::time::Duration;

use bytes::Bytes;
use rand::{Rng, rngs::SmallRng};

use super::{
    BusFault,
    parser::{Broken, Frame, Parser},
};
use crate::stats::Counters;

/// Reads one client's stream and rolls the dice for each message.
#[derive(Debug)]
pub(crate) struct Messages {
    parser: Parser,
    dice: SmallRng,
}

/// Something to be passed on.
#[derive(Debug)]
pub(crate) struct Copied {
    pub(crate) bytes: Bytes,
    /// By how much it is late; `None` if it keeps its place.
    pub(crate) late: Option<Duration>,
}

/// What the dice say of one message.
struct Fate {
    is_dropped: bool,
    is_doubled: bool,
    /// By how much each of the two copies is late.
    late: [Option<Duration>; 2],
}

impl Messages {
    pub(crate) fn new(dice: SmallRng) -> Self {
        Self {
            parser: Parser::default(),
            dice,
        }
    }

    /// Reads more of the stream and adds to `copies` what of it is to be passed on.
    ///
    /// # Errors
    /// When the stream cannot be understood; what came before that is in `copies`.
    pub(crate) fn read(
        &mut self,
        bytes: &[u8],
        fault: Option<&BusFault>,
        counters: &Counters,
        copies: &mut Vec<Copied>,
    ) -> Result<(), Broken> {
        self.parser.push(bytes);
        while let Some(frame) = self.parser.next_frame()? {
            match frame {
                Frame::Other(bytes) => copies.push(Copied { bytes, late: None }),
                Frame::Message { subject, bytes } => {
                    counters.count(|stats| stats.messages += 1);
                    match fault.filter(|fault| fault.touches(&subject)) {
                        None => copies.push(Copied { bytes, late: None }),
                        Some(fault) => self.judge(&bytes, fault, counters, copies),
                    }
                }
            }
        }
        Ok(())
    }

    /// Returns what has not become whole; there will be no more.
    pub(crate) fn rest(&mut self) -> Bytes {
        self.parser.rest()
    }

    fn judge(
        &mut self,
        bytes: &Bytes,
        fault: &BusFault,
        counters: &Counters,
        copies: &mut Vec<Copied>,
    ) {
        let fate = self.roll(fault);
        if fate.is_dropped {
            let lost = bytes.len() as u64;
            counters.count(|stats| {
                stats.messages_dropped += 1;
                stats.bytes_dropped += lost;
            });
            return;
        }
        let late = &fate.late[..if fate.is_doubled { 2 } else { 1 }];
        counters.count(|stats| {
            stats.messages_doubled += u64::from(fate.is_doubled);
            stats.messages_delayed += late.iter().flatten().count() as u64;
        });
        copies.extend(late.iter().map(|late| Copied {
            bytes: bytes.clone(),
            late: *late,
        }));
    }

    /// Every message takes the same number of throws whatever they say, so that what happens to one does not change
    /// what happens to the next.
    fn roll(&mut self, fault: &BusFault) -> Fate {
        let is_dropped = self.happens(fault.drop);
        let is_doubled = self.happens(fault.duplicate);
        let late = [self.lateness(fault), self.lateness(fault)];
        Fate {
            is_dropped,
            is_doubled,
            late,
        }
    }

    fn lateness(&mut self, fault: &BusFault) -> Option<Duration> {
        let is_late = self.happens(fault.delay);
        let late = fault.delay_max.mul_f64(self.dice.random::<f64>());
        is_late.then_some(late)
    }

    fn happens(&mut self, probability: f64) -> bool {
        self.dice.random::<f64>() < probability
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dice::{Purpose, dice};

    fn survivors(seed: u64, fault: &BusFault) -> Vec<Bytes> {
        let mut messages = Messages::new(dice(seed, 1, Purpose::Messages));
        let counters = Counters::default();
        let mut copies = Vec::new();
        for number in 0..200 {
            let message = format!("PUB a.b 3\r\n{number:03}\r\n");
            let read = messages.read(message.as_bytes(), Some(fault), &counters, &mut copies);
            read.expect("well formed");
        }
        let stats = counters.read();
        let passed = stats.messages - stats.messages_dropped + stats.messages_doubled;
        assert_eq!((stats.messages, passed), (200, copies.len() as u64));
        copies.into_iter().map(|copy| copy.bytes).collect()
    }

    #[test]
    fn the_same_seed_spoils_the_same_messages() {
        let fault = BusFault {
            prefixes: vec!["a.".into()],
            drop: 0.3,
            duplicate: 0.3,
            ..BusFault::default()
        };
        assert_eq!(survivors(1, &fault), survivors(1, &fault));
        assert_ne!(survivors(1, &fault), survivors(2, &fault));
    }

    #[test]
    fn doubling_does_not_change_which_messages_are_lost() {
        let mut fault = BusFault {
            prefixes: vec!["a.".into()],
            drop: 0.5,
            ..BusFault::default()
        };
        let lost = survivors(1, &fault);
        fault.duplicate = 1.0;
        let mut doubled = survivors(1, &fault);
        doubled.dedup();
        assert_eq!(doubled, lost);
    }

    #[test]
    fn other_subjects_are_left_alone() {
        let fault = BusFault {
            prefixes: vec!["b.".into()],
            drop: 1.0,
            ..BusFault::default()
        };
        assert_eq!(survivors(1, &fault).len(), 200);
    }
}
