//! Who is who: connections to users, users to rooms, connections to gateways, messages to senders and times.
//!
//! Everything is arithmetic on a few numbers, so that sender and receiver agree without talking.

use rand::{SeedableRng, rngs::StdRng, seq::SliceRandom};

use crate::{
    histcheck::FOREIGN,
    schedule::{Phase, Schedule},
};

/// Most connections of one user: below the limit of 10 that a gateway allows.
pub const PER_USER: usize = 8;

/// The sizes of a run.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Sockets.
    pub connections: usize,
    /// Accounts.
    pub users: usize,
    /// Rooms.
    pub rooms: usize,
    /// Rooms each user is in.
    pub rooms_per_user: usize,
    /// Gateways.
    pub gateways: usize,
    /// Messages per second, all senders together; of several phases, that of the first.
    pub rate: f64,
    /// Messages in all.
    pub messages: u32,
    /// When messages are due.
    pub schedule: Schedule,
    /// The sending order: a shuffle, so that neighbours in time are not neighbours in a room.
    order: Vec<u32>,
    /// Inverse of `order`.
    rank: Vec<u32>,
}

impl Plan {
    /// Lays a run out. `users` of `None` picks [`default_users`].
    #[must_use]
    pub fn new(
        connections: usize,
        users: Option<usize>,
        rooms: usize,
        rooms_per_user: usize,
        gateways: usize,
    ) -> Self {
        let users = users.unwrap_or_else(|| default_users(connections, rooms));
        let mut order: Vec<u32> = (0..connections as u32).collect();
        order.shuffle(&mut StdRng::seed_from_u64(7));
        let mut rank = vec![0; connections];
        for (place, &bot) in order.iter().enumerate() {
            rank[bot as usize] = place as u32;
        }
        Self {
            connections,
            users,
            rooms,
            rooms_per_user,
            gateways,
            rate: 0.0,
            messages: 0,
            schedule: Schedule::default(),
            order,
            rank,
        }
    }

    /// Adds the load: `rate` messages a second for so many seconds.
    #[must_use]
    pub fn with_load(self, rate: f64, seconds: u64) -> Self {
        self.with_phases(vec![Phase::steady(rate, seconds as f64)])
    }

    /// Adds the load, phase by phase.
    #[must_use]
    pub fn with_phases(mut self, phases: Vec<Phase>) -> Self {
        self.rate = phases.first().map_or(0.0, |phase| phase.rate);
        self.schedule = Schedule::of(phases);
        self.messages = self.schedule.messages();
        self
    }

    /// Returns the user of a connection.
    #[must_use]
    pub fn user_of(&self, connection: usize) -> usize {
        connection * self.users / self.connections
    }

    /// Returns the rooms of a user.
    pub fn rooms_of(&self, user: usize) -> impl Iterator<Item = usize> + use<> {
        let (rooms, per_user) = (self.rooms, self.rooms_per_user.min(self.rooms));
        let first = self.first_room(user);
        (0..per_user).map(move |i| (first + i) % rooms)
    }

    /// Returns who makes a room: somebody who is in it.
    #[must_use]
    pub fn owner_of(&self, room: usize) -> usize {
        room / self.stride() % self.users
    }

    fn first_room(&self, user: usize) -> usize {
        user * self.stride() % self.rooms
    }

    /// How far a user's rooms begin after those of the user before: more rooms than users are spread over all users.
    fn stride(&self) -> usize {
        (self.rooms / self.users).max(1)
    }

    /// Returns the gateway of a connection: a user's connections and a room's users are spread over all.
    #[must_use]
    pub fn gateway_of(&self, connection: usize) -> usize {
        let user = self.user_of(connection);
        let slot = connection - (user * self.connections).div_ceil(self.users);
        (slot + user / self.rooms + user % self.rooms) % self.gateways
    }

    /// Returns whether this connection is the first of its user, which makes the user join rooms.
    #[must_use]
    pub fn is_lead(&self, connection: usize) -> bool {
        connection == 0 || self.user_of(connection - 1) != self.user_of(connection)
    }

    /// Returns who sends a message.
    #[must_use]
    pub fn sender_of(&self, message: u32) -> usize {
        self.order[message as usize % self.connections] as usize
    }

    /// Returns where a message is sent to: the sender's rooms in turn.
    #[must_use]
    pub fn room_of(&self, message: u32) -> usize {
        let user = self.user_of(self.sender_of(message));
        let turn = self.counter_of(message) as usize % self.rooms_per_user.min(self.rooms);
        (self.first_room(user) + turn) % self.rooms
    }

    /// Returns the payload `bot:counter`, unique in the run, filled up to a length.
    #[must_use]
    pub fn body(&self, message: u32, length: usize) -> String {
        let mut body = format!("{}:{} ", self.sender_of(message), self.counter_of(message));
        while body.len() < length {
            body.push('x');
        }
        body
    }

    /// Finds the message of a payload; [`FOREIGN`] when this run never wrote it.
    #[must_use]
    pub fn message_of(&self, body: &str) -> u32 {
        self.parse_body(body).unwrap_or(FOREIGN)
    }

    fn parse_body(&self, body: &str) -> Option<u32> {
        let (bot, counter) = body.split_once(' ')?.0.split_once(':')?;
        let rank = *self.rank.get(bot.parse::<usize>().ok()?)?;
        let counter: u32 = counter.parse().ok()?;
        let message = counter
            .checked_mul(self.connections as u32)?
            .checked_add(rank)?;
        (message < self.messages).then_some(message)
    }

    fn counter_of(&self, message: u32) -> u32 {
        message / self.connections as u32
    }
}

/// Picks as few accounts as fill every room evenly: the divisor of a room's share of the connections that is nearest
/// below [`PER_USER`], if it is at least 4, is how many connections a user has; else [`PER_USER`].
#[must_use]
pub fn default_users(connections: usize, rooms: usize) -> usize {
    let share = connections / rooms;
    let even = (4..=PER_USER)
        .rev()
        .find(|per_user| connections.is_multiple_of(rooms) && share.is_multiple_of(*per_user));
    connections.div_ceil(even.unwrap_or(PER_USER)).max(1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_default_run_has_twenty_connections_in_each_room_half_on_each_gateway() {
        let plan = Plan::new(1_000, None, 50, 1, 2);
        assert_eq!(plan.users, 200);
        let mut members = vec![[0; 2]; 50];
        for connection in 0..1_000 {
            let room = plan
                .rooms_of(plan.user_of(connection))
                .next()
                .expect("one room");
            members[room][plan.gateway_of(connection)] += 1;
        }
        assert!(
            members.iter().all(|&counts| counts == [10, 10]),
            "{members:?}"
        );
    }

    proptest! {
        #[test]
        fn users_have_neither_too_many_nor_no_connections(
            connections in 1_usize..3_000, rooms in 1_usize..200, gateways in 1_usize..5,
        ) {
            let plan = Plan::new(connections, None, rooms, 1, gateways);
            let mut counts = vec![0; plan.users];
            for connection in 0..connections {
                counts[plan.user_of(connection)] += 1;
                prop_assert!(plan.gateway_of(connection) < gateways);
            }
            prop_assert!(counts.iter().all(|&count| (1..=PER_USER).contains(&count)));
            let leads = (0..connections).filter(|&connection| plan.is_lead(connection)).count();
            prop_assert_eq!(leads, plan.users);
        }

        #[test]
        fn a_body_leads_back_to_its_message(connections in 1_usize..500, message in 0_u32..6_000) {
            let plan = Plan::new(connections, None, 3, 2, 2).with_load(100.0, 60);
            let body = plan.body(message, 128);
            prop_assert_eq!(body.len(), 128);
            prop_assert_eq!(plan.message_of(&body), message);
            let sender = plan.user_of(plan.sender_of(message));
            prop_assert!(plan.rooms_of(sender).any(|room| room == plan.room_of(message)));
        }
    }

    #[test]
    fn more_rooms_than_users_are_spread_evenly_and_made_by_members() {
        let plan = Plan::new(20, Some(20), 100, 10, 2).with_load(100.0, 10);
        let mut members = vec![0; plan.rooms];
        for user in 0..plan.users {
            plan.rooms_of(user).for_each(|room| members[room] += 1);
        }
        assert_eq!(members, vec![2; 100]);
        for room in 0..plan.rooms {
            assert!(plan.rooms_of(plan.owner_of(room)).any(|it| it == room));
        }
        let written: std::collections::HashSet<_> = (0..plan.messages)
            .map(|message| plan.room_of(message))
            .collect();
        assert_eq!(written.len(), 100, "everybody writes in all of their rooms");
    }

    #[test]
    fn a_strange_body_is_foreign() {
        let plan = Plan::new(10, None, 2, 1, 2).with_load(10.0, 1);
        for body in [
            "",
            "hello",
            "1:2:3 x",
            "99:0 x",
            "0:1 x",
            "0:4294967295 x",
            "-1:0 x",
        ] {
            assert_eq!(plan.message_of(body), FOREIGN, "{body}");
        }
    }
}
