//! What people do to each other in the [town](super::town), and what breaks in it.

use super::{
    super::*,
    town::{DEVICES, GRACE, SECOND, Town, What, user_of},
};

impl Town {
    pub(super) fn leave(&mut self, user: u32, room: u32) {
        if self.members.remove(&(room, user)) {
            self.wait(1_000);
            self.append(room, What::Departure(user));
        }
    }

    /// Joins a room, which also ends what a kick said.
    pub(super) fn join(&mut self, user: u32, room: u32) {
        if self.banned.contains(&user) || !self.members.insert((room, user)) {
            return;
        }
        self.lift(user, Scope::Room(room));
        self.wait(1_000);
        self.append(room, What::Arrival(user));
    }

    pub(super) fn kick(&mut self, user: u32, room: u32) {
        if !self.members.remove(&(room, user)) {
            return;
        }
        let asked_us = self.now_us;
        self.wait(1_000);
        self.append(room, What::Departure(user));
        self.wait(1_000);
        self.deny(user, Scope::Room(room), asked_us);
    }

    /// Bans somebody; their sockets hear until the grace is nearly over.
    pub(super) fn ban(&mut self, user: u32) {
        if !self.banned.insert(user) {
            return;
        }
        let asked_us = self.now_us;
        self.wait(1_000);
        self.deny(user, Scope::Everything, asked_us);
        let other = (user + 1) % super::town::USERS;
        self.wait(SECOND);
        self.send(2 * other, 0);
        self.disconnect(2 * user);
        self.disconnect(2 * user + 1);
    }

    pub(super) fn unban(&mut self, user: u32) {
        if self.banned.remove(&user) {
            self.lift(user, Scope::Everything);
            self.wait(SECOND);
            self.connect(2 * user);
            self.connect(2 * user + 1);
        }
    }

    fn deny(&mut self, user: u32, scope: Scope, asked_us: u64) {
        self.history.denials.push(Denial {
            user,
            scope,
            asked_us,
            acked_us: self.now_us,
            lifted_us: None,
            grace_us: GRACE,
        });
        self.wait(1_000);
    }

    fn lift(&mut self, user: u32, scope: Scope) {
        self.wait(1_000);
        let denials = &mut self.history.denials;
        let denial = denials
            .iter_mut()
            .rfind(|no| (no.user, no.scope) == (user, scope));
        if let Some(denial) = denial {
            denial.lifted_us.get_or_insert(self.now_us);
        }
        self.wait(1_000);
    }

    /// Blocks somebody. What is under way in the gateways is still shown for a second.
    pub(super) fn block(&mut self, by: u32, of: u32) {
        if by == of || self.hidden.contains(&(by, of)) {
            return;
        }
        let asked_us = self.now_us;
        self.wait(1_000);
        self.history.blocks.push(Block {
            by,
            of,
            asked_us,
            acked_us: self.now_us,
            lifted_us: None,
            grace_us: GRACE,
        });
        self.wait(SECOND);
        self.send(2 * of, 1);
        self.hidden.insert((by, of));
    }

    pub(super) fn unblock(&mut self, by: u32, of: u32) {
        if !self.hidden.contains(&(by, of)) {
            return;
        }
        let blocks = &mut self.history.blocks;
        if let Some(block) = blocks.iter_mut().rfind(|it| (it.by, it.of) == (by, of)) {
            block.lifted_us = Some(self.now_us);
        }
        // What is said before the gateways know is still hidden.
        self.wait(1_000);
        self.send(2 * of, 0);
        self.hidden.remove(&(by, of));
    }

    /// From here on nobody is answered, and half of the devices lose their connection.
    pub(super) fn break_down(&mut self) {
        if std::mem::replace(&mut self.is_broken, true) {
            return;
        }
        self.history.faults.push(Window {
            from_us: self.now_us,
            healed_us: u64::MAX,
        });
        for device in (1..DEVICES).step_by(2) {
            self.disconnect(device);
        }
    }

    /// The fault ends; everybody comes back and repeats what was not answered.
    pub(super) fn heal(&mut self) {
        if !std::mem::replace(&mut self.is_broken, false) {
            return;
        }
        self.wait(1_000);
        if let Some(fault) = self.history.faults.last_mut() {
            fault.healed_us = self.now_us;
        }
        self.wait(SECOND);
        for device in (1..DEVICES).step_by(2) {
            self.connect(device);
        }
        for pending in std::mem::take(&mut self.pending) {
            self.connect(self.history.sends[pending.message as usize].bot);
            self.answer(&pending, true);
        }
    }

    /// Everything is undone but bans and blocks, everybody catches up, and the rooms are read.
    pub(super) fn finish(mut self) -> History {
        self.heal();
        for device in 0..DEVICES {
            self.connect(device);
        }
        self.history.heads = self.rooms.iter().map(|log| log.len() as u32).collect();
        let rooms = self.rooms.iter().zip(0..);
        self.history.finals = rooms
            .map(|(log, room)| {
                let messages = log.iter().zip(1..).filter_map(|(what, seq)| match *what {
                    What::Message(message) => Some(Entry {
                        seq,
                        id: super::id_of(room, seq),
                        message,
                    }),
                    _ => None,
                });
                messages.collect()
            })
            .collect();
        self.history
    }

    /// Lets anything happen that a number stands for.
    pub(super) fn happen(&mut self, (kind, first, second, ms): (u8, u8, u8, u16)) {
        self.wait(u64::from(ms) * 1_000);
        let device = u32::from(first) % DEVICES;
        let user = user_of(device);
        let room = u32::from(second) % super::town::ROOMS;
        let other = u32::from(second) % super::town::USERS;
        match kind % 24 {
            0 => self.leave(user, room),
            1 | 2 => self.join(user, room),
            3 => self.kick(user, room),
            4 => self.ban(user),
            5 | 6 => self.unban(user),
            7 => self.block(user, other),
            8 => self.unblock(user, other),
            9 => self.break_down(),
            10 => self.heal(),
            11 => self.disconnect(device),
            12 | 13 => self.connect(device),
            _ => {
                self.send(device, room);
            }
        }
    }
}
