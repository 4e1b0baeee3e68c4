//! Expected against received, by sender and number: what any server owes its members, whatever its protocol.
//!
//! Hubbub's histories are checked further, by [`crate::histcheck`]; that needs places and ids, which others do not have.

use std::collections::{BTreeSet, HashMap};

use serde::Serialize;

use crate::{bot::Record, histcheck::Outcome, plan::Plan};

/// What was owed and what came.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Tally {
    /// Deliveries that the acknowledged messages owe to members.
    pub expected: u64,
    /// Those of them that came.
    pub received: u64,
    /// Members who were told a message again.
    pub doubled: u64,
    /// Messages that came although they had been refused.
    pub phantoms: u64,
    /// Messages that came to a connection outside of their room.
    pub strayed: u64,
    /// Times that a member was told an earlier message of a sender after a later one in the same room. Rooms have no
    /// order together.
    pub sender_disorder: u64,
    /// Rooms whose members were told the same messages in different orders.
    pub rooms_in_disorder: u64,
    /// Rooms in which anything was told.
    pub rooms: u64,
}

impl Tally {
    /// Adds up what everyone recorded. Members that stopped reading are owed nothing.
    #[must_use]
    pub fn of(plan: &Plan, records: &[Record]) -> Self {
        let readers: Vec<&Record> = records
            .iter()
            .filter(|record| !record.trouble.has_stalled)
            .collect();
        let fates = fates(plan, records);
        let mut tally = Self::default();
        let mut owed = vec![0_u64; plan.rooms];
        let mut orders = Orders::new(plan);
        for record in &readers {
            let user = plan.user_of(record.connection);
            plan.rooms_of(user).for_each(|room| owed[room] += 1);
            tally.add_member(plan, record, &fates);
            orders.add(plan, record);
        }
        for (message, fate) in (0..).zip(&fates) {
            tally.expected += u64::from(*fate == Fate::Acked) * owed[plan.room_of(message)];
        }
        tally.rooms_in_disorder = orders.in_disorder.len() as u64;
        tally.rooms = orders.firsts.iter().filter(|first| first.is_some()).count() as u64;
        tally
    }

    /// Adds what came of another run.
    #[must_use]
    pub fn and(self, other: &Self) -> Self {
        Self {
            expected: self.expected + other.expected,
            received: self.received + other.received,
            doubled: self.doubled + other.doubled,
            phantoms: self.phantoms + other.phantoms,
            strayed: self.strayed + other.strayed,
            sender_disorder: self.sender_disorder + other.sender_disorder,
            rooms_in_disorder: self.rooms_in_disorder + other.rooms_in_disorder,
            rooms: self.rooms + other.rooms,
        }
    }

    /// Returns how many deliveries are missing.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.expected.saturating_sub(self.received)
    }

    /// Whether everyone was told everything once, in one order.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        let broken = self.doubled + self.phantoms + self.strayed;
        self.lost() + broken + self.sender_disorder + self.rooms_in_disorder == 0
    }

    fn add_member(&mut self, plan: &Plan, record: &Record, fates: &[Fate]) {
        let rooms: BTreeSet<usize> = plan.rooms_of(plan.user_of(record.connection)).collect();
        let mut seen = vec![false; fates.len()];
        let mut latest = HashMap::<(usize, usize), u32>::new();
        for message in messages(plan, record) {
            if std::mem::replace(&mut seen[message as usize], true) {
                self.doubled += 1;
                continue;
            }
            if !rooms.contains(&plan.room_of(message)) {
                self.strayed += 1;
                continue;
            }
            match fates[message as usize] {
                Fate::Acked => self.received += 1,
                Fate::Refused => self.phantoms += 1,
                Fate::Open => {}
            }
            // A sender's messages are numbered in the order of sending.
            let place = (plan.sender_of(message), plan.room_of(message));
            let latest = latest.entry(place).or_insert(message);
            self.sender_disorder += u64::from(message < *latest);
            *latest = message.max(*latest);
        }
    }
}

/// How a send ended, as far as the count needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Acked,
    Refused,
    /// Not sent, or sent and not answered: it may come or not.
    Open,
}

fn fates(plan: &Plan, records: &[Record]) -> Vec<Fate> {
    let mut fates = vec![Fate::Open; plan.messages as usize];
    for attempt in records.iter().flat_map(|record| &record.attempts) {
        fates[attempt.message as usize] = match attempt.outcome {
            Outcome::Acked { .. } => Fate::Acked,
            Outcome::Refused => Fate::Refused,
            Outcome::Unknown | Outcome::NotSent => Fate::Open,
        };
    }
    fates
}

fn messages<'a>(plan: &'a Plan, record: &'a Record) -> impl Iterator<Item = u32> + 'a {
    let all = record.observer.deliveries.iter();
    all.map(|delivery| delivery.message)
        .filter(|&message| message < plan.messages)
}

/// Compares the order that members of a room saw with that of its first member.
struct Orders {
    /// By room: the place of each message at its first member.
    firsts: Vec<Option<HashMap<u32, u32>>>,
    in_disorder: BTreeSet<usize>,
}

impl Orders {
    fn new(plan: &Plan) -> Self {
        Self {
            firsts: vec![None; plan.rooms],
            in_disorder: BTreeSet::new(),
        }
    }

    fn add(&mut self, plan: &Plan, record: &Record) {
        let mut seen = vec![Vec::new(); plan.rooms];
        for message in messages(plan, record) {
            seen[plan.room_of(message)].push(message);
        }
        for (room, seen) in seen
            .into_iter()
            .enumerate()
            .filter(|(_, seen)| !seen.is_empty())
        {
            if let Some(first) = &self.firsts[room] {
                let places: Vec<u32> = seen
                    .iter()
                    .filter_map(|it| first.get(it).copied())
                    .collect();
                if !places.is_sorted() {
                    self.in_disorder.insert(room);
                }
            } else {
                self.firsts[room] = Some(seen.into_iter().zip(0..).collect());
            }
        }
    }
}

#[cfg(test)]
mod tests;
