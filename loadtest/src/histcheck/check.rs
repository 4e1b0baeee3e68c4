//! The rules, each a pass over the observations.

use super::{Check, Delivery, FOREIGN, History, Id, NOT_A_MESSAGE, Observer, Outcome, Verdict};

/// How far beyond the known messages a seq may reach (joins and leaves take places too) before it is called absurd
/// instead of making the ledger grow.
const SLACK: usize = 100_000;

/// Checks a history against every promise.
#[must_use]
pub fn check(history: &History) -> Verdict {
    let mut checker = Checker::new(history);
    checker.read_finals();
    checker.read_acks();
    for (number, observer) in history.observers.iter().enumerate() {
        checker.read_observer(number, observer);
    }
    checker.compare_shown_with_stored();
    for room in 0..history.finals.len() {
        checker.check_real_time(room);
        checker.check_sender_order(room);
    }
    checker.verdict
}

/// What is known of one place of a room.
#[derive(Clone, Copy)]
struct Slot {
    id: Id,
    message: u32,
    /// Number of the last observer that received it, plus one.
    seen_by: u32,
}

/// What is known of one message beyond its send.
#[derive(Clone, Copy, Default)]
struct Fate {
    place: Option<(u32, u32)>,
    is_stored: bool,
    is_shown: bool,
}

struct Checker<'a> {
    history: &'a History,
    verdict: Verdict,
    /// By room, then by seq.
    ledger: Vec<Vec<Option<Slot>>>,
    /// By message.
    fates: Vec<Fate>,
    /// By room: messages acknowledged with a plausible seq, as (seq, message).
    acked: Vec<Vec<(u32, u32)>>,
    /// By bot: scratch space of the sender order, and the room it was last used for, plus one.
    last_of_bot: Vec<(u32, u32, u64)>,
    ceiling: usize,
}

impl<'a> Checker<'a> {
    fn new(history: &'a History) -> Self {
        let rooms = history.finals.len();
        let starts = history
            .observers
            .iter()
            .flat_map(|observer| &observer.starts);
        let highest_start = starts.map(|start| start.seq as usize).max().unwrap_or(0);
        let bots = history
            .sends
            .iter()
            .map(|send| send.bot as usize + 1)
            .max()
            .unwrap_or(0);
        Self {
            history,
            verdict: Verdict::new(),
            ledger: vec![Vec::new(); rooms],
            fates: vec![Fate::default(); history.sends.len()],
            acked: vec![Vec::new(); rooms],
            last_of_bot: vec![(0, 0, 0); bots],
            ceiling: highest_start + history.sends.len() + SLACK,
        }
    }

    fn read_finals(&mut self) {
        for (room, entries) in self.history.finals.iter().enumerate() {
            let room = room as u32;
            let mut last = 0;
            for entry in entries {
                if entry.seq <= last {
                    self.verdict.add(Check::Order, || {
                        format!("final read of room {room}: seq {} after {last}", entry.seq)
                    });
                }
                last = entry.seq;
                self.note(room, entry.seq, entry.id, entry.message, "final read");
                if let Some(fate) = self.fates.get_mut(entry.message as usize) {
                    if fate.is_stored {
                        self.verdict.add(Check::Duplicate, || {
                            format!("message {} is stored twice in room {room}", entry.message)
                        });
                    }
                    fate.is_stored = true;
                }
            }
        }
    }

    fn read_acks(&mut self) {
        for (message, send) in self.history.sends.iter().enumerate() {
            let Outcome::Acked { seq, id, .. } = send.outcome else {
                continue;
            };
            let message = message as u32;
            self.note(send.room, seq, id, message, "ack");
            if let Some(acked) = self.acked.get_mut(send.room as usize) {
                acked.push((seq, message));
            }
            if !self.fates[message as usize].is_stored {
                self.verdict.add(Check::Lost, || {
                    format!("message {message} was acknowledged at seq {seq} and is not in the final read")
                });
            }
        }
    }

    fn read_observer(&mut self, number: usize, observer: &Observer) {
        let stamp = number as u32 + 1;
        let mut views = observer.starts.clone();
        for delivery in &observer.deliveries {
            self.note_delivery(number, delivery);
            let Some(slot) = self.slot(delivery.room, delivery.seq) else {
                continue;
            };
            let is_repeated = std::mem::replace(&mut slot.seen_by, stamp) == stamp;
            if is_repeated {
                self.verdict.add(Check::Duplicate, || {
                    format!(
                        "connection {number} got room {} seq {} again",
                        delivery.room, delivery.seq
                    )
                });
                continue;
            }
            let Some(view) = views.iter_mut().find(|view| view.room == delivery.room) else {
                self.verdict.add(Check::Phantom, || {
                    format!(
                        "connection {number} is not in room {} and got its seq {}",
                        delivery.room, delivery.seq
                    )
                });
                continue;
            };
            if delivery.prev != view.seq || delivery.seq != view.seq.saturating_add(1) {
                self.verdict.add(Check::Order, || {
                    let Delivery {
                        room, seq, prev, ..
                    } = delivery;
                    format!(
                        "connection {number}, room {room}: seq {seq} (prev {prev}) after {}",
                        view.seq
                    )
                });
            }
            view.seq = view.seq.max(delivery.seq);
        }
        self.find_missing(number, observer, stamp);
    }

    /// C1 for one connection. The stamps are those of `read_observer`, so this must follow it at once.
    fn find_missing(&mut self, number: usize, observer: &Observer, stamp: u32) {
        for start in &observer.starts {
            let Some(acked) = self.acked.get(start.room as usize) else {
                continue;
            };
            let ledger = &self.ledger[start.room as usize];
            for &(seq, message) in acked.iter().filter(|&&(seq, _)| seq > start.seq) {
                let slot = ledger.get(seq as usize).copied().flatten();
                if slot.is_none_or(|slot| slot.seen_by != stamp) {
                    self.verdict.add(Check::Lost, || {
                        format!(
                            "connection {number} never got room {} seq {seq} (message {message})",
                            start.room
                        )
                    });
                }
            }
        }
    }

    fn note_delivery(&mut self, number: usize, delivery: &Delivery) {
        let Delivery {
            id,
            room,
            seq,
            message,
            ..
        } = *delivery;
        self.note(room, seq, id, message, format_args!("connection {number}"));
        if let Some(fate) = self.fates.get_mut(message as usize) {
            fate.is_shown = true;
        }
    }

    /// Takes one sighting of an event into the ledger: C2 for its origin, C3 for its place, C5 for its identity.
    fn note(&mut self, room: u32, seq: u32, id: Id, message: u32, by: impl std::fmt::Display) {
        let sends = &self.history.sends;
        if message != NOT_A_MESSAGE {
            match sends.get(message as usize) {
                None => self.verdict.add(Check::Phantom, || {
                    format!("{by}: room {room} seq {seq} was sent by nobody")
                }),
                Some(send) if send.room != room => self.verdict.add(Check::Phantom, || {
                    format!(
                        "{by}: message {message} was sent to room {} and stands in {room}",
                        send.room
                    )
                }),
                Some(send) if matches!(send.outcome, Outcome::Refused | Outcome::NotSent) => {
                    self.verdict.add(Check::Phantom, || {
                        format!(
                            "{by}: message {message} stands at seq {seq}, but {:?}",
                            send.outcome
                        )
                    });
                }
                Some(_) => {}
            }
        }
        if let Some(fate) = self.fates.get_mut(message as usize) {
            let place = *fate.place.get_or_insert((room, seq));
            if place != (room, seq) {
                self.verdict.add(Check::Duplicate, || {
                    format!(
                        "{by}: message {message} stands at {place:?} and at {:?}",
                        (room, seq)
                    )
                });
            }
        }
        let ceiling = self.ceiling;
        if seq == 0 || seq as usize > ceiling || room as usize >= self.ledger.len() {
            self.verdict.add(Check::Order, || {
                format!("{by}: room {room} seq {seq} cannot be")
            });
            return;
        }
        let ledger = &mut self.ledger[room as usize];
        if ledger.len() <= seq as usize {
            ledger.resize(seq as usize + 1, None);
        }
        let slot = *ledger[seq as usize].get_or_insert(Slot {
            id,
            message,
            seen_by: 0,
        });
        if slot.id != id || slot.message != message {
            self.verdict.add(Check::Agreement, || {
                format!("{by}: room {room} seq {seq} holds another event than others saw")
            });
        }
    }

    fn slot(&mut self, room: u32, seq: u32) -> Option<&mut Slot> {
        self.ledger
            .get_mut(room as usize)?
            .get_mut(seq as usize)?
            .as_mut()
    }

    /// C2, the other way round: a connection was shown an unanswered message that the final read does not hold.
    /// (An acknowledged one is already counted as lost.)
    fn compare_shown_with_stored(&mut self) {
        for (message, fate) in self.fates.iter().enumerate() {
            let is_unknown = self.history.sends[message].outcome == Outcome::Unknown;
            if fate.is_shown && !fate.is_stored && is_unknown {
                self.verdict.add(Check::Phantom, || {
                    format!("message {message} was shown and is not stored")
                });
            }
        }
    }

    /// C6, from the newest message down: nothing that stands later may have been acknowledged before this was sent.
    fn check_real_time(&mut self, room: usize) {
        let mut earliest_later_ack = u64::MAX;
        for slot in self.ledger[room].iter().rev().flatten() {
            let Some(send) = self.history.sends.get(slot.message as usize) else {
                continue;
            };
            if earliest_later_ack < send.invoked_us {
                self.verdict.add(Check::RealTime, || {
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

    /// C7: along the room's order every sender's message numbers grow, and so do the times of their acks.
    fn check_sender_order(&mut self, room: usize) {
        let stamp = room as u32 + 1;
        for slot in self.ledger[room].iter().flatten() {
            if slot.message == FOREIGN || slot.message == NOT_A_MESSAGE {
                continue;
            }
            let Some(send) = self.history.sends.get(slot.message as usize) else {
                continue;
            };
            let last = &mut self.last_of_bot[send.bot as usize];
            if last.0 != stamp {
                *last = (stamp, slot.message, 0);
            } else if slot.message < last.1 {
                let earlier = last.1;
                self.verdict.add(Check::SenderOrder, || {
                    format!(
                        "room {room}: bot {} sent message {} before {earlier}",
                        send.bot, slot.message
                    )
                });
            }
            last.1 = slot.message;
            if let Outcome::Acked { at_us, .. } = send.outcome {
                if at_us < last.2 {
                    self.verdict.add(Check::SenderOrder, || {
                        format!(
                            "room {room}: bot {} had message {} acknowledged too early",
                            send.bot, slot.message
                        )
                    });
                }
                last.2 = at_us;
            }
        }
    }
}
