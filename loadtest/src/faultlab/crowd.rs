//! The people of one run: who is in which room, who talks when, and what they all know at the end.

mod guests;

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use rand::{Rng, rngs::StdRng, seq::IndexedRandom};
use tokio::{
    sync::mpsc,
    task::JoinSet,
    time::{Instant, MissedTickBehavior, interval, sleep},
};

use crate::{
    faultlab::{
        device::{Device, Habits, Order, Record},
        lab::Lab,
        member::Member,
        world::World,
    },
    histcheck::{Entry, History, Outcome, Send},
};

/// Sizes of a run.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// People who talk.
    pub users: usize,
    /// Devices of each.
    pub devices: usize,
    /// Rooms.
    pub rooms: usize,
    /// Rooms each of them is in.
    pub rooms_per_user: usize,
    /// Messages a second, all together.
    pub rate: f64,
}

/// So many orders of one device may wait.
const BACKLOG: usize = 4_096;
const POLL: Duration = Duration::from_millis(20);
/// Everyone must be in their places within this time.
const GATHERING: Duration = Duration::from_secs(60);

/// Everyone in their places.
#[derive(Debug)]
pub struct Crowd {
    /// What they share.
    pub world: Arc<World>,
    /// The people, by number.
    pub members: Vec<Member>,
    size: Size,
    orders: Vec<mpsc::Sender<Order>>,
    devices: JoinSet<(usize, Record)>,
    /// Device and room of each message.
    sends: Arc<Mutex<Vec<(u32, u32)>>>,
    is_hushed: Arc<AtomicBool>,
}

/// How a run's devices are.
#[derive(Debug, Clone, Copy, Default)]
pub struct Manners {
    /// Everyone sends everything twice.
    pub repeats: bool,
    /// The last device of everyone is on the bad network.
    pub has_weak: bool,
    /// Nobody talks once the fault is over: what was lost last has no successor that shows it.
    pub is_quiet: bool,
    /// So often continuity may be given up: a log-in that was revoked cannot be resumed.
    pub restarts_max: u64,
}

impl Crowd {
    /// Makes rooms, connects everyone and waits until each is in all their rooms.
    ///
    /// # Errors
    /// When somebody does not get in.
    pub async fn gather(
        lab: &Lab,
        people: &[Member],
        size: Size,
        run: &str,
        manners: Manners,
    ) -> Result<Self> {
        ensure!(people.len() >= size.users, "too few people");
        let mut members = Vec::new();
        for member in &people[..size.users] {
            members.push(member.again().await?);
        }
        let mut rooms = Vec::new();
        for number in 0..size.rooms {
            let owner = &members[number % size.users];
            rooms.push(owner.create_room(&format!("lab-{run}-{number}")).await?);
        }
        let count = size.users * size.devices;
        let mut crowd = Self {
            world: Arc::new(World::new(run, rooms, count)),
            members,
            size,
            orders: Vec::new(),
            devices: JoinSet::new(),
            sends: Arc::default(),
            is_hushed: Arc::default(),
        };
        // The first device of everyone joins; the others find the rooms in their welcome.
        for round in 0..size.devices {
            for user in 0..size.users {
                crowd.connect(lab, user, round, manners);
            }
            crowd.are_in_place(round).await?;
        }
        Ok(crowd)
    }

    /// Devices are numbered round by round.
    fn connect(&mut self, lab: &Lab, user: usize, round: usize, manners: Manners) {
        let (sender, orders) = mpsc::channel(BACKLOG);
        let is_weak = manners.has_weak && round + 1 == self.size.devices;
        let fronts = if is_weak {
            &lab.weak_fronts
        } else {
            &lab.fronts
        };
        let number = self.orders.len();
        let device = Device {
            number: number as u32,
            owner: (user as u32, self.members[user].clone()),
            fronts: fronts.clone(),
            habits: Habits {
                repeats: manners.repeats,
            },
            world: self.world.clone(),
            orders,
        };
        if round == 0 {
            for room in rooms_of(user, self.size) {
                // The channel is empty and longer than the list.
                let _ = sender.try_send(Order::Join(room));
            }
        }
        self.orders.push(sender);
        self.devices
            .spawn(async move { (number, device.run().await) });
    }

    async fn are_in_place(&self, round: usize) -> Result<()> {
        let deadline = Instant::now() + GATHERING;
        let is_there = |user: usize| {
            let device = round * self.size.users + user;
            rooms_of(user, self.size).all(|room| self.world.has_begun(device, room as usize))
        };
        while !(0..self.size.users).all(is_there) {
            ensure!(
                Instant::now() < deadline,
                "not everyone came to their rooms"
            );
            sleep(POLL).await;
        }
        Ok(())
    }

    /// Nobody begins to say anything from now on.
    pub fn hush(&self) {
        self.is_hushed.store(true, Ordering::Relaxed);
    }

    /// Talks at the run's rate until the returned guard is dropped, or everyone is hushed.
    #[must_use]
    pub fn talk(&self, mut dice: StdRng) -> Talk {
        let (world, orders) = (self.world.clone(), self.orders.clone());
        let (sends, size) = (self.sends.clone(), self.size);
        let is_hushed = self.is_hushed.clone();
        let task = tokio::spawn(async move {
            let mut beat = interval(Duration::from_secs_f64(1.0 / size.rate));
            beat.set_missed_tick_behavior(MissedTickBehavior::Burst);
            while !is_hushed.load(Ordering::Relaxed) {
                beat.tick().await;
                let device = dice.random_range(0..orders.len());
                let rooms: Vec<u32> = rooms_of(device % size.users, size).collect();
                let Some(&room) = rooms.choose(&mut dice) else {
                    continue;
                };
                let mut sends = sends.lock().unwrap_or_else(PoisonError::into_inner);
                let message = sends.len() as u32;
                world.unresolved.fetch_add(1, Ordering::Relaxed);
                if orders[device]
                    .try_send(Order::Send { room, message })
                    .is_ok()
                {
                    sends.push((device as u32, room));
                } else {
                    world.unresolved.fetch_sub(1, Ordering::Relaxed);
                }
            }
        });
        Talk(task)
    }

    /// Waits until every device was told what exists now; returns how long that took, or `None` after `patience`.
    pub async fn catch_up(&self, patience: Duration) -> Option<Duration> {
        let started = Instant::now();
        let goal = self.world.heads();
        while started.elapsed() < patience {
            let is_whole = (0..self.orders.len()).all(|device| {
                rooms_of(device % self.size.users, self.size)
                    .all(|room| self.world.has_reached(device, room as usize, &goal))
            });
            if is_whole {
                return Some(started.elapsed());
            }
            sleep(POLL).await;
        }
        None
    }

    /// Waits until every send has ended and everyone has been told everything, or for so long.
    pub async fn settle(&self, patience: Duration) {
        let started = Instant::now();
        while self.world.unresolved.load(Ordering::Relaxed) > 0 && started.elapsed() < patience {
            sleep(POLL).await;
        }
        let left = patience.saturating_sub(started.elapsed());
        // Whoever is behind for good is found by the checker.
        let _ = self.catch_up(left).await;
    }

    /// Sends everyone home and returns what they know, by device.
    ///
    /// # Errors
    /// When a device died.
    pub async fn disperse(mut self) -> Result<Testimony> {
        self.orders.clear();
        let mut records = Vec::new();
        while let Some(record) = self.devices.join_next().await {
            records.push(record.context("a device died")?);
        }
        records.sort_by_key(|(number, _)| *number);
        let sends = std::mem::take(&mut *self.sends.lock().unwrap_or_else(PoisonError::into_inner));
        Ok(Testimony {
            world: self.world,
            members: self.members,
            records: records.into_iter().map(|(_, record)| record).collect(),
            sends,
            size: self.size,
        })
    }
}

/// Talks while it lives.
#[derive(Debug)]
pub struct Talk(tokio::task::JoinHandle<()>);

impl Drop for Talk {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// What everyone knows at the end.
#[derive(Debug)]
pub struct Testimony {
    world: Arc<World>,
    members: Vec<Member>,
    /// By device.
    pub records: Vec<Record>,
    sends: Vec<(u32, u32)>,
    size: Size,
}

impl Testimony {
    /// Reads every room to the end and makes one history of it all.
    ///
    /// # Errors
    /// When a room cannot be read.
    pub async fn history(self) -> Result<History> {
        let mut finals: Vec<Vec<Entry>> = Vec::new();
        for (number, room) in self.world.rooms.iter().enumerate() {
            let owner = &self.members[number % self.size.users];
            let entries = owner.history(room, |body| self.world.number_of(body)).await;
            finals.push(entries.context("the final read")?);
        }
        let planned = |&(bot, room): &(u32, u32)| Send {
            bot,
            room,
            invoked_us: 0,
            resolved_us: 0,
            outcome: Outcome::NotSent,
        };
        let mut sends: Vec<Send> = self.sends.iter().map(planned).collect();
        let mut observers = Vec::new();
        for record in self.records {
            for result in record.results {
                let send = &mut sends[result.message as usize];
                send.invoked_us = result.invoked_us;
                send.resolved_us = result.resolved_us;
                send.outcome = result.outcome;
            }
            observers.push(record.observer);
        }
        Ok(History {
            sends,
            observers,
            finals,
            heads: self.world.heads(),
            ..History::default()
        })
    }
}

/// Returns the rooms of a user: neighbours share most of theirs, and everyone owns or is in a few.
pub fn rooms_of(user: usize, size: Size) -> impl Iterator<Item = u32> {
    (0..size.rooms_per_user.min(size.rooms)).map(move |step| ((user + step) % size.rooms) as u32)
}
