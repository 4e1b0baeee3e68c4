//! A service that keeps every promise, small enough to be read: people with two devices each, rooms, and everything that
//! may happen to them. What it leaves behind must pass.

use std::collections::{BTreeMap, BTreeSet};

use super::super::*;
use super::id_of;

pub(super) const SECOND: u64 = 1_000_000;
pub(super) const USERS: u32 = 3;
pub(super) const DEVICES: u32 = 2 * USERS;
pub(super) const ROOMS: u32 = 2;
/// Messages on a page.
const PAGE: usize = 4;
/// Events that are told again; beyond that continuity is given up.
const REPLAY_MAX: u32 = 6;
pub(super) const GRACE: u64 = 2 * SECOND;

#[derive(Clone, Copy, PartialEq)]
pub(super) enum What {
    Message(u32),
    Arrival(u32),
    Departure(u32),
    Creation,
}

/// How far a device is in a room.
#[derive(Clone, Copy)]
struct Place {
    /// What it was told last.
    told: u32,
    /// Between its user's departure and return.
    is_muted: bool,
}

pub(super) struct Pending {
    pub(super) message: u32,
    is_stored: bool,
}

/// See the module.
pub(super) struct Town {
    pub(super) history: History,
    pub(super) now_us: u64,
    pub(super) rooms: Vec<Vec<What>>,
    /// (room, user).
    pub(super) members: BTreeSet<(u32, u32)>,
    /// By device and room.
    places: BTreeMap<(u32, u32), Place>,
    connected: BTreeSet<u32>,
    pub(super) banned: BTreeSet<u32>,
    /// (by, of).
    pub(super) hidden: BTreeSet<(u32, u32)>,
    pub(super) pending: Vec<Pending>,
    pub(super) is_broken: bool,
}

pub(super) fn user_of(device: u32) -> u32 {
    device / 2
}

/// A town in which everybody is in every room.
pub(super) fn town() -> Town {
    let arrivals = (0..USERS).map(What::Arrival);
    let log: Vec<What> = [What::Creation].into_iter().chain(arrivals).collect();
    let seq = log.len() as u32;
    let devices = 0..DEVICES;
    let pairs = |count: u32| (0..ROOMS).flat_map(move |room| (0..count).map(move |it| (room, it)));
    let place = Place {
        told: seq,
        is_muted: false,
    };
    Town {
        history: History {
            observers: devices
                .clone()
                .map(|device| Observer {
                    user: user_of(device),
                    starts: (0..ROOMS).map(|room| Start { room, seq }).collect(),
                    ..Observer::default()
                })
                .collect(),
            ..History::default()
        },
        now_us: SECOND,
        rooms: vec![log; ROOMS as usize],
        members: pairs(USERS).collect(),
        places: pairs(DEVICES)
            .map(|(room, device)| ((device, room), place))
            .collect(),
        connected: devices.collect(),
        banned: BTreeSet::new(),
        hidden: BTreeSet::new(),
        pending: Vec::new(),
        is_broken: false,
    }
}

impl Town {
    pub(super) fn wait(&mut self, us: u64) {
        self.now_us += us;
    }

    pub(super) fn head(&self, room: u32) -> u32 {
        self.rooms[room as usize].len() as u32
    }

    /// A device writes to a room; what comes of it depends on what it may do and on whether something is broken.
    /// Returns the number of the message.
    pub(super) fn send(&mut self, device: u32, room: u32) -> u32 {
        self.wait(1_000);
        let message = self.history.sends.len() as u32;
        let user = user_of(device);
        let sends = &self.history.sends;
        let is_waiting = |it: &Pending| {
            let send = sends[it.message as usize];
            (send.bot, send.room) == (device, room)
        };
        let is_silent = !self.connected.contains(&device) || self.pending.iter().any(is_waiting);
        let is_refused = !self.members.contains(&(room, user)) || self.banned.contains(&user);
        self.history.sends.push(Send {
            bot: device,
            room,
            invoked_us: self.now_us,
            resolved_us: 0,
            outcome: Outcome::NotSent,
        });
        if is_silent {
            return message;
        }
        let is_stored = !is_refused && (!self.is_broken || message.is_multiple_of(2));
        if is_stored {
            self.append(room, What::Message(message));
        }
        let pending = Pending { message, is_stored };
        if self.is_broken {
            self.history.sends[message as usize].outcome = Outcome::Unknown;
            self.pending.push(pending);
        } else {
            self.wait(1_000);
            self.answer(&pending, false);
        }
        message
    }

    pub(super) fn answer(&mut self, pending: &Pending, is_repeat: bool) {
        let message = pending.message as usize;
        let Send { bot, room, .. } = self.history.sends[message];
        let user = user_of(bot);
        let is_refused = !self.members.contains(&(room, user)) || self.banned.contains(&user);
        let duplicate = is_repeat && pending.is_stored;
        if is_repeat && !pending.is_stored && !is_refused {
            self.append(room, What::Message(message as u32));
        }
        self.wait(1_000);
        let place = self.rooms[room as usize]
            .iter()
            .position(|&what| what == What::Message(message as u32));
        let send = &mut self.history.sends[message];
        send.resolved_us = self.now_us;
        send.outcome = match place.map(|place| place as u32 + 1) {
            // Nobody has looked for the first attempt.
            _ if is_refused && is_repeat => Outcome::Unknown,
            None => Outcome::Refused,
            Some(seq) => Outcome::Acked {
                seq,
                id: id_of(room, seq),
                at_us: self.now_us,
                duplicate,
            },
        };
    }

    pub(super) fn append(&mut self, room: u32, what: What) {
        self.rooms[room as usize].push(what);
        let seq = self.head(room);
        for device in self.connected.clone() {
            self.offer(device, room, seq);
            // Who was told that they left is not followed any further.
            self.places
                .retain(|&(it, _), place| it != device || !place.is_muted);
        }
    }

    fn offer(&mut self, device: u32, room: u32, seq: u32) {
        let user = user_of(device);
        let what = self.rooms[room as usize][seq as usize - 1];
        if what == What::Arrival(user) {
            let fresh = Place {
                told: seq - 1,
                is_muted: false,
            };
            let place = self.places.entry((device, room)).or_insert(fresh);
            place.is_muted = false;
            self.turn(device, TurnKind::Joined { room, seq: seq - 1 });
        }
        let Some(&Place { told, is_muted }) = self.places.get(&(device, room)) else {
            return;
        };
        if is_muted || self.is_hidden(device, what) {
            return;
        }
        let message = match what {
            What::Message(message) => message,
            _ => NOT_A_MESSAGE,
        };
        self.history.observers[device as usize]
            .deliveries
            .push(Delivery {
                id: id_of(room, seq),
                room,
                seq,
                prev: told,
                message,
                latency_us: 0,
                at_us: self.now_us,
            });
        let is_muted = what == What::Departure(user);
        let place = Place {
            told: seq,
            is_muted,
        };
        self.places.insert((device, room), place);
        if is_muted {
            self.turn(device, TurnKind::Left { room, seq });
        }
    }

    fn is_hidden(&self, device: u32, what: What) -> bool {
        let What::Message(message) = what else {
            return false;
        };
        let author = user_of(self.history.sends[message as usize].bot);
        self.hidden.contains(&(user_of(device), author))
    }

    fn turn(&mut self, device: u32, what: TurnKind) {
        let observer = &mut self.history.observers[device as usize];
        observer.turns.push(Turn {
            before: observer.deliveries.len(),
            at_us: self.now_us,
            what,
        });
    }

    pub(super) fn disconnect(&mut self, device: u32) {
        if self.connected.remove(&device) {
            self.wait(1_000);
            self.turn(device, TurnKind::Disconnected);
        }
    }

    pub(super) fn connect(&mut self, device: u32) {
        let user = user_of(device);
        if self.banned.contains(&user) || !self.connected.insert(device) {
            return;
        }
        self.wait(1_000);
        self.turn(device, TurnKind::Connected { gateway: 0 });
        for room in 0..ROOMS {
            self.resume(device, room);
        }
    }

    fn resume(&mut self, device: u32, room: u32) {
        let user = user_of(device);
        let head = self.head(room);
        let place = self.places.get(&(device, room)).copied();
        if !self.members.contains(&(room, user)) {
            if place.is_some() {
                self.places.remove(&(device, room));
                let seq = u32::MAX;
                self.turn(device, TurnKind::Left { room, seq });
            }
            return;
        }
        let Some(Place { told, .. }) = place else {
            self.turn(device, TurnKind::Joined { room, seq: head });
            self.stand_at(device, room, head);
            return;
        };
        let missed = &self.rooms[room as usize][told as usize..];
        let was_away = missed.contains(&What::Arrival(user));
        if head - told <= REPLAY_MAX {
            for seq in told + 1..=head {
                self.offer(device, room, seq);
            }
        } else if was_away {
            let seq = u32::MAX;
            self.turn(device, TurnKind::Left { room, seq });
            self.turn(device, TurnKind::Joined { room, seq: head });
            self.stand_at(device, room, head);
        } else {
            self.restart(device, room);
        }
    }

    /// Gives up a device's view of a room.
    pub(super) fn restart(&mut self, device: u32, room: u32) {
        let seq = self.head(room);
        let events = self.rooms[room as usize].iter().zip(1..seq + 1).rev();
        let messages = events.filter(|&(&what, _)| {
            matches!(what, What::Message(_)) && !self.is_hidden(device, what)
        });
        let mut snapshot: Vec<(u32, Id)> = messages
            .map(|(_, seq)| (seq, id_of(room, seq)))
            .take(PAGE)
            .collect();
        snapshot.reverse();
        self.turn(
            device,
            TurnKind::Restart {
                room,
                seq,
                snapshot,
            },
        );
        self.stand_at(device, room, seq);
        self.history.settings.restarts_max += 1;
    }

    fn stand_at(&mut self, device: u32, room: u32, told: u32) {
        let place = Place {
            told,
            is_muted: false,
        };
        self.places.insert((device, room), place);
    }
}
