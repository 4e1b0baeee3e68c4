//! Who may be put out of a room, and how they come back.

use anyhow::{Context, Result};

use super::{Crowd, rooms_of};
use crate::faultlab::{device::Order, member::Member};

impl Crowd {
    /// Returns everybody who is in a room that is not their own, as (room, user).
    #[must_use]
    pub fn guests(&self) -> Vec<(u32, usize)> {
        let users = 0..self.members.len();
        let places = users.flat_map(|user| rooms_of(user, self.size).map(move |room| (room, user)));
        places
            .filter(|&(room, user)| self.owner_number(room) != user)
            .collect()
    }

    /// Returns who made a room.
    #[must_use]
    pub fn owner(&self, room: u32) -> &Member {
        &self.members[self.owner_number(room)]
    }

    /// Lets a user's first device join a room.
    ///
    /// # Errors
    /// When the device takes no more orders.
    pub fn send_back(&self, user: usize, room: u32) -> Result<()> {
        // Devices are numbered round by round, so that the first of everyone come first.
        let sent = self.orders[user].try_send(Order::Join(room));
        sent.context("a device takes no more orders")
    }

    fn owner_number(&self, room: u32) -> usize {
        room as usize % self.size.users
    }
}
