//! Sets a run up: servers, accounts, rooms, sockets.

mod servers;

use std::{
    collections::HashSet,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::Context;
use futures::{StreamExt, TryStreamExt, stream};
use tokio::{sync::mpsc, task::JoinSet, time::MissedTickBehavior};

pub use servers::Servers;

use crate::{
    account::{Account, fresh_key},
    bot::{self, Order, Record},
    dialect::Dialect,
    plan::Plan,
    procs::Memory,
    shared::{self, Progress, Shared},
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

/// How bots behave.
#[derive(Debug, Default)]
pub struct Manners {
    /// Whether they do as well-behaved clients do: one send under way at a time, and none while they are asked to wait.
    pub is_patient: bool,
    /// Connections for which the kernel keeps next to nothing.
    pub narrow: HashSet<usize>,
}

/// Everyone in their places.
#[derive(Debug)]
pub struct Stage {
    /// What the bots share.
    pub shared: Arc<Shared>,
    /// Accounts by user number; none where the server has no accounts.
    pub accounts: Vec<Account>,
    /// Where bots take orders, by connection.
    pub inboxes: Vec<mpsc::Sender<Order>>,
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
        Self::set_with(servers, plan, body_length, Manners::default()).await
    }

    /// Does the same with bots that have manners of their own.
    ///
    /// # Errors
    /// When a step is refused.
    pub async fn set_with(
        servers: &Servers,
        plan: Plan,
        body_length: usize,
        manners: Manners,
    ) -> anyhow::Result<Self> {
        let run = run_name();
        let (accounts, rooms) = if servers.dialect() == Dialect::Hubbub {
            let accounts = sign_up(&servers.targets, &plan, &run).await?;
            let rooms = make_rooms(&accounts, &plan, &run).await?;
            (accounts, rooms)
        } else {
            let rooms = (0..plan.rooms).map(|room| format!("{run}-{room}"));
            (Vec::new(), rooms.collect())
        };
        let members: Vec<AtomicU64> = (0..plan.rooms).map(|_| AtomicU64::new(0)).collect();
        for connection in 0..plan.connections {
            for room in plan.rooms_of(plan.user_of(connection)) {
                members[room].fetch_add(1, Ordering::Relaxed);
            }
        }
        let phases = plan.schedule.phases().len();
        let shared = Arc::new(Shared {
            numbers: rooms.iter().cloned().zip(0..).collect(),
            backlog: shared::backlog(&plan),
            plan,
            rooms,
            members,
            body_length,
            starts: (0..phases).map(|_| OnceLock::new()).collect(),
            is_patient: manners.is_patient,
            narrow: manners.narrow,
            progress: Progress::default(),
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
                let (inbox, orders) = mpsc::channel(self.shared.backlog);
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

    /// Waits until the last of what happened is told to everyone: until nobody heard anything for [`QUIET`].
    pub async fn calm(&self) {
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

    /// Lets connections stop reading, or go on. Those who do not read are promised nothing meanwhile.
    pub async fn stall(&self, connections: &[usize], is_stalled: bool) {
        let plan = &self.shared.plan;
        for &connection in connections {
            for room in plan.rooms_of(plan.user_of(connection)) {
                let members = &self.shared.members[room];
                if is_stalled {
                    members.fetch_sub(1, Ordering::Relaxed);
                } else {
                    members.fetch_add(1, Ordering::Relaxed);
                }
            }
            // One that the server has closed reads nothing anyway.
            let _ = self.inboxes[connection]
                .send(Order::Stall(is_stalled))
                .await;
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
        let owner = &accounts[plan.owner_of(room)];
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
            ticket: match accounts.get(user) {
                Some(account) => account.ticket(target).await?,
                None => String::new(),
            },
            device: format!("bot-{number}"),
            rooms: shared
                .plan
                .rooms_of(user)
                .map(|room| (room as u32, shared.rooms[room].as_str()))
                .collect(),
            is_narrow: shared.narrow.contains(&number),
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
