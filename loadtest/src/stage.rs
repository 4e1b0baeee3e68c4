//! Sets a run up: servers, accounts, rooms, sockets.

use std::{
    sync::{Arc, OnceLock, atomic::Ordering},
    time::{Duration, Instant},
};

use anyhow::Context;
use futures::{StreamExt, TryStreamExt, stream};
use tokio::{sync::mpsc, task::JoinSet, time::MissedTickBehavior};

use crate::{
    account::{Account, fresh_key},
    bot::{self, Record},
    fleet::OwnFleet,
    pacer,
    plan::Plan,
    procs::{Groups, Memory},
    shared::{Progress, Shared},
    socket::{self, Entrance},
    target::Target,
};

/// Sign-ups at a time: the server's password hashing takes one core each.
const SIGN_UPS: usize = 4;
/// Sockets being set up at a time.
const CONNECTS: usize = 32;
/// New sockets per second and gateway, below the 300 that a gateway accepts.
const CONNECTS_PER_SECOND: usize = 200;
/// Attempts to open one socket.
const ATTEMPTS: u32 = 5;
/// So long nobody must have heard anything before a measurement; longer than the server's head announcements take.
const QUIET: Duration = Duration::from_secs(1);
const CALM_MAX: Duration = Duration::from_secs(10);
const POLL: Duration = Duration::from_millis(20);

/// The servers of a run.
#[derive(Debug)]
pub struct Servers {
    /// The gateways.
    pub targets: Vec<Target>,
    /// Their processes, as far as known.
    pub groups: Groups,
    /// The fleet, when this run started it.
    own: Option<OwnFleet>,
}

impl Servers {
    /// Takes the given gateways, or starts a fleet when there are none.
    ///
    /// # Errors
    /// When the fleet does not come up.
    pub async fn open(
        gateways: Vec<Target>,
        pids: Option<Groups>,
        own_gateways: usize,
    ) -> anyhow::Result<Self> {
        if !gateways.is_empty() {
            return Ok(Self {
                targets: gateways,
                groups: pids.unwrap_or_default(),
                own: None,
            });
        }
        let own = OwnFleet::start(own_gateways)
            .await
            .context("cannot start a fleet")?;
        let targets = own.targets()?;
        let groups = pids.unwrap_or_else(|| own.groups());
        Ok(Self {
            targets,
            groups,
            own: Some(own),
        })
    }

    /// Stops what this run started.
    ///
    /// # Errors
    /// When a child does not stop.
    pub async fn close(self) -> anyhow::Result<()> {
        match self.own {
            Some(own) => own.stop().await,
            None => Ok(()),
        }
    }
}

/// Everyone in their places.
#[derive(Debug)]
pub struct Stage {
    /// What the bots share.
    pub shared: Arc<Shared>,
    /// Accounts by user number.
    pub accounts: Vec<Account>,
    /// Where bots take orders, by connection.
    pub inboxes: Vec<mpsc::Sender<u32>>,
    /// The bots.
    pub bots: JoinSet<Record>,
    /// Memory of the gateways before the first socket.
    pub memory_before: Option<Memory>,
}

impl Stage {
    /// Signs everyone up, makes the rooms and opens every socket.
    ///
    /// # Errors
    /// When a step is refused.
    pub async fn set(servers: &Servers, plan: Plan, body_length: usize) -> anyhow::Result<Self> {
        let run = run_name();
        let accounts = sign_up(&servers.targets, &plan, &run).await?;
        let rooms = make_rooms(&accounts, &plan, &run).await?;
        let mut members = vec![0; plan.rooms];
        for connection in 0..plan.connections {
            plan.rooms_of(plan.user_of(connection))
                .for_each(|room| members[room] += 1);
        }
        let (start, progress) = (OnceLock::new(), Progress::default());
        let shared = Arc::new(Shared {
            plan,
            rooms,
            members,
            body_length,
            start,
            progress,
        });
        let memory_before = servers.groups.gateway_memory();
        let bots = JoinSet::new();
        let mut stage = Self {
            shared,
            accounts,
            inboxes: Vec::new(),
            bots,
            memory_before,
        };
        stage.connect(&servers.targets).await?;
        stage.calm().await;
        Ok(stage)
    }

    /// Opens the first socket of every user, which joins rooms, and then the others, which find them in `welcome`.
    async fn connect(&mut self, targets: &[Target]) -> anyhow::Result<()> {
        let connections = self.shared.plan.connections;
        let mut inboxes: Vec<_> = (0..connections).map(|_| None).collect();
        for is_lead in [true, false] {
            let numbers =
                (0..connections).filter(|&number| self.shared.plan.is_lead(number) == is_lead);
            let mut pace = tokio::time::interval(
                Duration::from_secs(1) / (CONNECTS_PER_SECOND * targets.len()) as u32,
            );
            pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
            let paced = stream::unfold((numbers, pace), async |(mut numbers, mut pace)| {
                pace.tick().await;
                numbers.next().map(|number| (number, (numbers, pace)))
            });
            let (shared, accounts) = (&self.shared, &self.accounts);
            let opened = paced.map(|number| async move {
                let ready = open(shared, accounts, targets, number).await;
                ready
                    .map(|ready| (number, ready))
                    .with_context(|| format!("connection {number}"))
            });
            let mut opened = std::pin::pin!(opened.buffer_unordered(CONNECTS));
            while let Some((number, ready)) = opened.try_next().await? {
                let (inbox, orders) = mpsc::channel(pacer::BACKLOG);
                inboxes[number] = Some(inbox);
                self.bots
                    .spawn(bot::run(number, ready, self.shared.clone(), orders));
            }
        }
        self.inboxes = inboxes
            .into_iter()
            .map(|inbox| inbox.expect("every connection is opened"))
            .collect();
        Ok(())
    }

    /// Waits until the last joins are told to everyone: until nobody heard anything for [`QUIET`].
    async fn calm(&self) {
        let heard = &self.shared.progress.heard;
        let deadline = Instant::now() + CALM_MAX;
        let (mut last, mut since) = (heard.load(Ordering::Relaxed), Instant::now());
        while since.elapsed() < QUIET && Instant::now() < deadline {
            tokio::time::sleep(POLL).await;
            let now = heard.load(Ordering::Relaxed);
            if now != last {
                (last, since) = (now, Instant::now());
            }
        }
    }

    /// Ends every bot and returns what they recorded, by connection.
    ///
    /// # Errors
    /// When a bot panicked.
    pub async fn strike(&mut self) -> anyhow::Result<Vec<Record>> {
        self.inboxes.clear();
        let mut records = Vec::with_capacity(self.shared.plan.connections);
        while let Some(record) = self.bots.join_next().await {
            records.push(record?);
        }
        records.sort_unstable_by_key(|record| record.connection);
        Ok(records)
    }
}

async fn sign_up(targets: &[Target], plan: &Plan, run: &str) -> anyhow::Result<Vec<Account>> {
    let sign_ups =
        (0..plan.users).map(|user| Account::sign_up(run, user, &targets[user % targets.len()]));
    stream::iter(sign_ups)
        .buffered(SIGN_UPS)
        .try_collect()
        .await
}

/// Makes each room as the first of its users.
async fn make_rooms(accounts: &[Account], plan: &Plan, run: &str) -> anyhow::Result<Vec<String>> {
    let rooms = (0..plan.rooms).map(async |room| {
        let owner = &accounts[room % plan.users];
        owner.create_room(&format!("load-{run}-{room}")).await
    });
    stream::iter(rooms).buffered(SIGN_UPS).try_collect().await
}

async fn open(
    shared: &Shared,
    accounts: &[Account],
    targets: &[Target],
    number: usize,
) -> anyhow::Result<socket::Ready> {
    let user = shared.plan.user_of(number);
    let target = &targets[shared.plan.gateway_of(number)];
    let mut attempt = 1;
    loop {
        let entrance = Entrance {
            target,
            user,
            ticket: accounts[user].ticket(target).await?,
            device: format!("bot-{number}"),
            rooms: shared
                .plan
                .rooms_of(user)
                .map(|room| (room as u32, shared.rooms[room].as_str()))
                .collect(),
        };
        match socket::open(entrance).await {
            Err(_) if attempt < ATTEMPTS => {
                tokio::time::sleep(Duration::from_millis(rand::random_range(100..500)) * attempt)
                    .await;
                attempt += 1;
            }
            result => return result,
        }
    }
}

/// A short name that no earlier run has: the random end of a fresh id.
fn run_name() -> String {
    let key = fresh_key();
    key[key.len() - 7..].to_owned()
}
