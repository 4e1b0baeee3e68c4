//! Every sighting of every event, by its place: what it is, and whether all who saw it agree (C2, C3, C5).
//!
//! Only places that somebody saw take memory: a history may claim that a room is long, and need not say what stands in it.

use std::collections::BTreeMap;

use super::{Check, Delivery, Entry, FOREIGN, History, Id, NOT_A_MESSAGE, Outcome, Send, Verdict};

/// How far beyond the known messages a seq may reach (joins and leaves take places too) before it is called absurd.
const SLACK: usize = 100_000;

/// What is known of one place of a room.
#[derive(Clone, Copy)]
pub(super) struct Slot {
    pub(super) id: Id,
    pub(super) message: u32,
    /// Number of the last device that is done with it, plus one.
    seen_by: u32,
}

/// What is known of one message beyond its send.
#[derive(Clone, Copy, Default)]
struct Fate {
    place: Option<(u32, u32)>,
    is_stored: bool,
    is_shown: bool,
}

/// See the module.
pub(super) struct Ledger<'a> {
    pub(super) history: &'a History,
    /// By room, then by seq.
    slots: Vec<BTreeMap<u32, Slot>>,
    /// By message.
    fates: Vec<Fate>,
    /// By room: the acknowledged messages as (seq, message), by seq.
    acked: Vec<Vec<(u32, u32)>>,
    ceiling: usize,
}

impl<'a> Ledger<'a> {
    /// Takes everything in.
    pub(super) fn read(history: &'a History, verdict: &mut Verdict) -> Self {
        let rooms = history.finals.len();
        let starts = history
            .observers
            .iter()
            .flat_map(|observer| &observer.starts);
        let highest_start = starts.map(|start| start.seq as usize).max().unwrap_or(0);
        let mut ledger = Self {
            history,
            slots: vec![BTreeMap::new(); rooms],
            fates: vec![Fate::default(); history.sends.len()],
            acked: vec![Vec::new(); rooms],
            ceiling: highest_start + history.sends.len() + SLACK,
        };
        ledger.read_finals(verdict);
        ledger.read_acks(verdict);
        for (number, observer) in history.observers.iter().enumerate() {
            for delivery in &observer.deliveries {
                ledger.read_delivery(number, delivery, verdict);
            }
        }
        ledger.compare_shown_with_stored(verdict);
        ledger
    }

    fn read_finals(&mut self, verdict: &mut Verdict) {
        for (room, entries) in self.history.finals.iter().enumerate() {
            let room = room as u32;
            let mut last = 0;
            for &Entry { seq, id, message } in entries {
                if seq <= last {
                    verdict.add(Check::Order, || {
                        format!("final read of room {room}: seq {seq} after {last}")
                    });
                }
                last = seq;
                self.note((room, seq), id, message, "final read", verdict);
                if let Some(fate) = self.fates.get_mut(message as usize) {
                    if fate.is_stored {
                        verdict.add(Check::Duplicate, || {
                            format!("message {message} is stored twice in room {room}")
                        });
                    }
                    fate.is_stored = true;
                }
            }
        }
    }

    fn read_acks(&mut self, verdict: &mut Verdict) {
        for (message, send) in self.history.sends.iter().enumerate() {
            let Outcome::Acked { seq, id, .. } = send.outcome else {
                continue;
            };
            let message = message as u32;
            self.note((send.room, seq), id, message, "ack", verdict);
            if let Some(acked) = self.acked.get_mut(send.room as usize) {
                acked.push((seq, message));
            }
            if !self.fates[message as usize].is_stored {
                verdict.add(Check::Lost, || {
                    format!("message {message} was acknowledged at seq {seq} and is not in the final read")
                });
            }
        }
        for acked in &mut self.acked {
            acked.sort_unstable();
        }
    }

    fn read_delivery(&mut self, device: usize, delivery: &Delivery, verdict: &mut Verdict) {
        let Delivery {
            id,
            room,
            seq,
            message,
            ..
        } = *delivery;
        let by = format_args!("device {device}");
        self.note((room, seq), id, message, by, verdict);
        if let Some(fate) = self.fates.get_mut(message as usize) {
            fate.is_shown = true;
        }
    }

    /// Takes one sighting of an event in: C2 for its origin, C3 for its place, C5 for its identity.
    fn note(
        &mut self,
        place: (u32, u32),
        id: Id,
        message: u32,
        by: impl std::fmt::Display,
        verdict: &mut Verdict,
    ) {
        let (room, seq) = place;
        if message != NOT_A_MESSAGE {
            self.check_origin(place, message, &by, verdict);
        }
        if let Some(fate) = self.fates.get_mut(message as usize) {
            let known = *fate.place.get_or_insert(place);
            if known != place {
                verdict.add(Check::Duplicate, || {
                    format!("{by}: message {message} stands at {known:?} and at {place:?}")
                });
            }
        }
        let could_be = seq > 0 && seq as usize <= self.ceiling;
        let slots = self.slots.get_mut(room as usize);
        let Some(slots) = slots.filter(|_| could_be) else {
            verdict.add(Check::Order, || {
                format!("{by}: room {room} seq {seq} cannot be")
            });
            return;
        };
        let fresh = Slot {
            id,
            message,
            seen_by: 0,
        };
        let slot = *slots.entry(seq).or_insert(fresh);
        if slot.id != id || slot.message != message {
            verdict.add(Check::Agreement, || {
                format!("{by}: room {room} seq {seq} holds another event than others saw")
            });
        }
    }

    fn check_origin(
        &self,
        (room, seq): (u32, u32),
        message: u32,
        by: impl std::fmt::Display,
        verdict: &mut Verdict,
    ) {
        let Some(send) = self.history.sends.get(message as usize) else {
            verdict.add(Check::Phantom, || {
                format!("{by}: room {room} seq {seq} was sent by nobody")
            });
            return;
        };
        if send.room != room {
            verdict.add(Check::Phantom, || {
                format!(
                    "{by}: message {message} was sent to room {} and stands in {room}",
                    send.room
                )
            });
        } else if matches!(send.outcome, Outcome::Refused | Outcome::NotSent) {
            verdict.add(Check::Phantom, || {
                format!(
                    "{by}: message {message} stands at seq {seq}, but {:?}",
                    send.outcome
                )
            });
        }
    }

    /// C2, the other way round: a device was shown an unanswered message that the final read does not hold.
    /// (An acknowledged one is already counted as lost.)
    fn compare_shown_with_stored(&self, verdict: &mut Verdict) {
        for (message, fate) in self.fates.iter().enumerate() {
            let is_unknown = self.history.sends[message].outcome == Outcome::Unknown;
            if fate.is_shown && !fate.is_stored && is_unknown {
                verdict.add(Check::Phantom, || {
                    format!("message {message} was shown and is not stored")
                });
            }
        }
    }

    /// Returns what stands at a place.
    pub(super) fn slot(&self, room: u32, seq: u32) -> Option<&Slot> {
        self.slots.get(room as usize)?.get(&seq)
    }

    /// Returns the send of a message that is of this run.
    pub(super) fn send(&self, message: u32) -> Option<&'a Send> {
        self.history.sends.get(message as usize)
    }

    /// Returns who sent the message at a place, and the send.
    pub(super) fn author(&self, room: u32, seq: u32) -> Option<(u32, &'a Send)> {
        let send = self.send(self.slot(room, seq)?.message)?;
        Some((self.history.user_of(send.bot)?, send))
    }

    /// Marks that a device is done with a place. `None`: there is no such place; otherwise whether it was before.
    ///
    /// The marks of one device last until the next one's begin.
    pub(super) fn mark(&mut self, device: usize, room: u32, seq: u32) -> Option<bool> {
        let slots = self.slots.get_mut(room as usize)?;
        let slot = slots.get_mut(&seq)?;
        let stamp = device as u32 + 1;
        Some(std::mem::replace(&mut slot.seen_by, stamp) == stamp)
    }

    /// Whether a device is done with a place.
    pub(super) fn is_marked(&self, device: usize, room: u32, seq: u32) -> bool {
        let slot = self.slot(room, seq);
        slot.is_some_and(|slot| slot.seen_by == device as u32 + 1)
    }

    /// Returns the acknowledged messages of a room after one place and up to another, as (seq, message).
    pub(super) fn acked(&self, room: u32, after: u32, upto: u32) -> &[(u32, u32)] {
        let acked = self.acked.get(room as usize).map_or(&[][..], Vec::as_slice);
        let from = acked.partition_point(|&(seq, _)| seq <= after);
        let to = acked.partition_point(|&(seq, _)| seq <= upto);
        acked.get(from..to).unwrap_or_default()
    }

    /// Returns the messages and other events of a room that anybody saw, by seq.
    pub(super) fn events(&self, room: usize) -> impl DoubleEndedIterator<Item = &Slot> {
        self.slots[room].values()
    }

    /// Returns the places of a room between two others at which anybody saw something.
    pub(super) fn between(
        &self,
        room: u32,
        after: u32,
        before: u32,
    ) -> impl Iterator<Item = u32> + '_ {
        let first = after.saturating_add(1);
        let slots = self.slots.get(room as usize).into_iter();
        let places = slots.flat_map(move |slots| slots.range(first..before.max(first)));
        places.map(|(&seq, _)| seq)
    }
}

/// Whether a number is that of a message that somebody of this run may have sent.
pub(super) fn is_ours(message: u32) -> bool {
    message != FOREIGN && message != NOT_A_MESSAGE
}
