//! Everyone in their places before the storm: accounts, rooms, writers on the gateway that survives, and devices on the
//! one that will die.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use anyhow::{Result, ensure};
use futures::{StreamExt, TryStreamExt, stream};
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{Instant, sleep},
};

use crate::{
    account::{Account, fresh_key},
    storm::{Options, device::Device, view::View, world::World},
    target::Target,
};

/// Sign-ups at a time: the server's password hashing takes one core each.
const SIGN_UPS: usize = 4;
/// Rooms that one writer looks after.
const ROOMS_PER_WRITER: usize = 10;
const POLL: Duration = Duration::from_millis(20);

/// Everyone.
#[derive(Debug)]
pub struct Crowd {
    /// What all have in common.
    pub world: Arc<World>,
    devices: JoinSet<View>,
    writers: JoinSet<View>,
    devices_over: watch::Sender<bool>,
    writers_over: watch::Sender<bool>,
}

impl Crowd {
    /// Signs everyone up, makes the rooms and lets everyone connect within `patience`. The first gateway gets the
    /// devices, the second the writers.
    ///
    /// # Errors
    /// When a step is refused or takes too long.
    pub async fn gather(
        options: &Options,
        gateways: Vec<Target>,
        patience: Duration,
    ) -> Result<Self> {
        let deadline = Instant::now() + patience;
        let accounts = options.devices.div_ceil(options.per_account);
        let writers = options.rooms.div_ceil(ROOMS_PER_WRITER);
        let people = sign_up(accounts + writers, &gateways).await?;
        let (owners, people) = people.split_at(writers);
        let run = fresh_key();
        let rooms = make_rooms(owners, options.rooms, &run[run.len() - 7..]).await?;
        let world = Arc::new(World::new(rooms, gateways));
        let mut crowd = Self {
            world,
            devices: JoinSet::new(),
            writers: JoinSet::new(),
            devices_over: watch::Sender::new(false),
            writers_over: watch::Sender::new(false),
        };
        let every = Duration::from_secs_f64(writers as f64 / options.rate);
        for (number, owner) in owners.iter().enumerate() {
            let rooms = (0..options.rooms as u32).filter(|room| *room as usize % writers == number);
            let device = Device {
                account: number,
                token: owner.token().into(),
                rooms: rooms.collect(),
                writes: Some(every),
                home: Some(1),
                world: crowd.world.clone(),
                over: crowd.writers_over.subscribe(),
            };
            crowd.writers.spawn(device.run());
        }
        // The first device of each account joins its rooms, the others find them in their welcome.
        for is_first in [true, false] {
            let numbers = (0..options.devices).filter(|it| (*it < accounts) == is_first);
            for number in numbers {
                crowd.enter(
                    options,
                    writers,
                    &people[number % accounts],
                    number % accounts,
                );
            }
            let expected = writers + crowd.devices.len();
            let gathered = crowd.until(deadline, |world| {
                world.online.load(Ordering::Acquire) >= expected
            });
            ensure!(
                gathered.await,
                "only {} of {expected} came online",
                crowd.world.online.load(Ordering::Acquire)
            );
        }
        Ok(crowd)
    }

    fn enter(&mut self, options: &Options, writers: usize, account: &Account, number: usize) {
        let rooms = (0..options.rooms_per_account).map(|turn| (number + turn) % options.rooms);
        let device = Device {
            account: writers + number,
            token: account.token().into(),
            rooms: rooms.map(|room| room as u32).collect(),
            writes: None,
            home: None,
            world: self.world.clone(),
            over: self.devices_over.subscribe(),
        };
        self.devices.spawn(device.run());
    }

    /// Returns how many devices there are, writers not counted.
    #[must_use]
    pub fn size(&self) -> usize {
        self.devices.len()
    }

    /// Waits until something holds; `false` when it did not until the deadline.
    pub async fn until(&self, deadline: Instant, holds: impl Fn(&World) -> bool) -> bool {
        while !holds(&self.world) {
            if Instant::now() > deadline {
                return false;
            }
            sleep(POLL).await;
        }
        true
    }

    /// Lets nobody write any more.
    ///
    /// # Errors
    /// When a writer panicked.
    pub async fn fall_silent(&mut self) -> Result<()> {
        self.writers_over.send_replace(true);
        while let Some(writer) = self.writers.join_next().await {
            writer?;
        }
        Ok(())
    }

    /// Ends every device and returns what each was told.
    ///
    /// # Errors
    /// When a device panicked.
    pub async fn disperse(mut self) -> Result<(Arc<World>, Vec<View>)> {
        self.devices_over.send_replace(true);
        let mut views = Vec::new();
        while let Some(view) = self.devices.join_next().await {
            views.push(view?);
        }
        Ok((self.world, views))
    }
}

async fn sign_up(count: usize, gateways: &[Target]) -> Result<Vec<Account>> {
    let key = fresh_key();
    let run = &key[key.len() - 7..];
    let sign_ups =
        (0..count).map(|user| Account::sign_up(run, user, &gateways[user % gateways.len()]));
    stream::iter(sign_ups)
        .buffered(SIGN_UPS)
        .try_collect()
        .await
}

/// Makes the rooms; each writer owns those that it writes to.
async fn make_rooms(owners: &[Account], count: usize, run: &str) -> Result<Vec<String>> {
    let rooms = (0..count).map(async |room| {
        let owner = &owners[room % owners.len()];
        owner.create_room(&format!("storm-{run}-{room}")).await
    });
    stream::iter(rooms).buffered(SIGN_UPS).try_collect().await
}
