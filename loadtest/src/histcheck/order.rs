//! The order of a room against the clocks of those who wrote (C6, C7).

use super::{
    Check, Outcome, Verdict,
    ledger::{Ledger, is_ours},
};

/// C6, from the newest message down: nothing that stands later may have been acknowledged before this was sent.
pub(super) fn check_real_time(ledger: &Ledger<'_>, room: usize, verdict: &mut Verdict) {
    let mut earliest_later_ack = u64::MAX;
    for slot in ledger.events(room).rev() {
        let Some(send) = ledger.send(slot.message) else {
            continue;
        };
        if earliest_later_ack < send.invoked_us {
            verdict.add(Check::RealTime, || {
                format!(
                    "room {room}: message {} was sent after a later one was acknowledged",
                    slot.message
                )
            });
        }
        if let Outcome::Acked { at_us, .. } = send.outcome {
            earliest_later_ack = earliest_later_ack.min(at_us);
        }
    }
}

/// The last message of a sender in a room.
#[derive(Clone, Copy, Default)]
struct Last {
    /// The room, plus one.
    stamp: u32,
    message: u32,
    acked_us: u64,
}

/// By sender; used for one room after the other.
pub(super) struct Senders(Vec<Last>);

impl Senders {
    pub(super) fn new(ledger: &Ledger<'_>) -> Self {
        let bots = ledger
            .history
            .sends
            .iter()
            .map(|send| send.bot as usize + 1);
        Self(vec![Last::default(); bots.max().unwrap_or(0)])
    }

    /// C7: along the room's order every sender's message numbers grow, and so do the times of their acks.
    pub(super) fn check(&mut self, ledger: &Ledger<'_>, room: usize, verdict: &mut Verdict) {
        let stamp = room as u32 + 1;
        for slot in ledger.events(room).filter(|slot| is_ours(slot.message)) {
            let Some(send) = ledger.send(slot.message) else {
                continue;
            };
            let last = &mut self.0[send.bot as usize];
            if last.stamp != stamp {
                *last = Last {
                    stamp,
                    message: slot.message,
                    acked_us: 0,
                };
            } else if slot.message < last.message {
                let earlier = last.message;
                verdict.add(Check::SenderOrder, || {
                    format!(
                        "room {room}: bot {} sent message {} before {earlier}",
                        send.bot, slot.message
                    )
                });
            }
            last.message = slot.message;
            if let Outcome::Acked { at_us, .. } = send.outcome {
                if at_us < last.acked_us {
                    verdict.add(Check::SenderOrder, || {
                        format!(
                            "room {room}: bot {} had message {} acknowledged too early",
                            send.bot, slot.message
                        )
                    });
                }
                last.acked_us = at_us;
            }
        }
    }
}
