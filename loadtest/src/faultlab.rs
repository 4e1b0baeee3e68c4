//! The fault lab: breaks everything that can break, one thing after the other, while people talk, and lets the history
//! checker decide whether the guarantee was kept.
//!
//! All processes run on this machine and talk through proxies that can slow, cut and spoil every link. Devices are
//! seeded, and so is every nemesis; what the kernel schedules is not.

pub mod canaries;
pub mod crowd;
pub mod device;
pub mod lab;
pub mod links;
pub mod member;
pub mod nemesis;
pub mod resources;
pub mod soak;
pub mod verdict;
pub mod world;

use std::{
    collections::BTreeSet,
    io::{self, Write},
    path::Path,
    time::Duration,
};

use anyhow::{Context, Result};
use rand::{SeedableRng, rngs::StdRng};
use tokio::time::sleep;

use crate::histcheck::{self, Bounds, History, Window, journal};

use crowd::{Crowd, Size};
use lab::Lab;
use member::Member;
use nemesis::{CLUSTER, Nemesis, Skipped, Strike};
use verdict::{Measured, Notes, Row};

/// People talk so long before the fault, and after it.
const BEFORE: Duration = Duration::from_secs(2);
const AFTER: Duration = Duration::from_secs(3);
/// So long a view may take to be whole again before it is called broken (the promise is 5 s), and everything to end.
const CATCH_UP: Duration = Duration::from_secs(15);
const SETTLE: Duration = Duration::from_secs(20);

/// The sizes of the short form, for machines with two cores.
const SHORT: Size = Size {
    users: 12,
    devices: 3,
    rooms: 6,
    rooms_per_user: 3,
    rate: 40.0,
};

/// What keeps a promise, and can be switched off in builds with fail points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Protection {
    /// Announced and compared heads of streams.
    Heads,
    /// Idempotency keys.
    Keys,
    /// The lock that orders a ban and what the banned person sends.
    Lock,
    /// The time limit of a gateway that is told nothing.
    Lease,
    /// Signs of life, by which a parted bus is noticed.
    Beats,
    /// Runs of the database server, by which a restored log is told from the one it replaced.
    Eras,
}

impl Protection {
    fn name(self) -> &'static str {
        match self {
            Self::Heads => "heads",
            Self::Keys => "keys",
            Self::Lock => "lock",
            Self::Lease => "lease",
            Self::Beats => "beats",
            Self::Eras => "eras",
        }
    }
}

/// What to run.
#[derive(Debug)]
pub struct Options {
    /// Which nemeses.
    pub nemeses: Vec<Nemesis>,
    /// How long each fault lasts at least.
    pub span: Duration,
    /// Seed of all dice.
    pub seed: u64,
    /// The protection that is switched off, to see that the lab notices.
    pub without: Option<Protection>,
    /// Every lab has a bus of three servers, not only that of the nemeses that need one.
    pub is_clustered: bool,
    /// Where the history of each run is written.
    pub journals: Option<std::path::PathBuf>,
}

/// Runs one nemesis after the other and returns a row for each. Those that need a bus of the same size share a lab.
///
/// # Errors
/// When the lab itself fails; a broken promise is in the rows.
pub async fn run(options: &Options) -> Result<Vec<Row>> {
    let servers = |nemesis: &Nemesis| match options.is_clustered {
        true => nemesis.bus_servers.max(CLUSTER),
        false => nemesis.bus_servers,
    };
    let sizes: BTreeSet<usize> = options.nemeses.iter().map(servers).collect();
    let mut rows = Vec::new();
    for size in sizes {
        let of_size = |nemesis: &&Nemesis| servers(nemesis) == size;
        let nemeses: Vec<&Nemesis> = options.nemeses.iter().filter(of_size).collect();
        rows.extend(run_on(size, &nemeses, options).await?);
    }
    Ok(rows)
}

async fn run_on(bus_servers: usize, nemeses: &[&Nemesis], options: &Options) -> Result<Vec<Row>> {
    say(&format!(
        "starting 3 gateways, 2 of each service, the stores, and {bus_servers} of the bus"
    ));
    let without = options.without.map(Protection::name);
    let mut lab = Lab::start(options.seed, bus_servers, without).await?;
    let people = sign_up(&lab, SHORT.users).await?;
    let mut rows = Vec::new();
    for (number, nemesis) in nemeses.iter().enumerate() {
        let seed = options.seed.wrapping_add(number as u64);
        let row = one(&mut lab, &people, nemesis, options, seed).await;
        let row = row.or_else(|error| {
            let skipped = error.downcast::<Skipped>();
            skipped.map(|skipped| Row::of_skipped(nemesis, skipped.0))
        });
        let row = row.with_context(|| format!("nemesis {}", nemesis.id))?;
        rows.push(conclude(row));
    }
    lab.stop().await;
    Ok(rows)
}

/// Says how a run ended.
fn conclude(row: Row) -> Row {
    for complaint in verdict::complaints(&row) {
        say(&complaint);
    }
    let verdict = match &row.skipped {
        Some(why) => why,
        None if row.is_kept() => "kept",
        None => "BROKEN",
    };
    say(&format!(
        "{:4} {verdict:7} {}",
        row.id,
        row.measured_words()
    ));
    row
}

async fn one(
    lab: &mut Lab,
    people: &[Member],
    nemesis: &Nemesis,
    options: &Options,
    seed: u64,
) -> Result<Row> {
    let run = format!("{}-{seed:x}", nemesis.id);
    let crowd = Crowd::gather(lab, people, SHORT, &run, nemesis.manners).await?;
    let talk = crowd.talk(StdRng::seed_from_u64(seed));
    sleep(BEFORE).await;
    let from_us = crowd.world.now_us();
    let mut strike = Strike {
        lab,
        crowd: &crowd,
        dice: StdRng::seed_from_u64(!seed),
        span: options.span.max(nemesis.least),
        notes: Notes::default(),
    };
    let injected = (nemesis.strike)(&mut strike).await?;
    let notes = strike.notes;
    let healed_us = crowd.world.now_us();
    let talk = (!nemesis.manners.is_quiet).then_some(talk);
    let whole_after = crowd.catch_up(CATCH_UP).await;
    if talk.is_some() {
        sleep(AFTER).await;
    }
    drop(talk);
    crowd.settle(SETTLE).await;
    let reconnects = crowd.world.reconnects();
    let testimony = crowd.disperse().await?;
    let malformed = testimony
        .records
        .iter()
        .map(|record| record.malformed)
        .sum();
    write_ends(options.journals.as_deref(), &run, &testimony.records)?;
    let mut history = testimony.history().await?;
    history.faults.push(Window { from_us, healed_us });
    history.denials = notes.denials;
    history.blocks = notes.blocks;
    history.looks = notes.looks;
    history.restore = notes.restore;
    history.settings = Bounds {
        restarts_max: nemesis.manners.restarts_max,
        ..Bounds::default()
    };
    if let Some(folder) = &options.journals {
        let path = folder.join(format!("{run}.jsonl"));
        journal::write_file(&path, &history)?;
    }
    let measured = measured(&history, reconnects, whole_after, malformed);
    Ok(Row {
        id: nemesis.id,
        fault: nemesis.fault,
        injected,
        promise: nemesis.promise,
        measured,
        verdict: histcheck::check(&history),
        skipped: None,
    })
}

fn measured(
    history: &History,
    reconnects: u64,
    whole_after: Option<Duration>,
    malformed: u64,
) -> Measured {
    let outcomes = history.sends.iter().map(|send| send.outcome);
    let (acked, refused, unknown) = Measured::count(outcomes);
    let deliveries = history.observers.iter();
    let answered = history.sends.iter().filter(|send| send.resolved_us > 0);
    let slowest = answered.map(|send| send.resolved_us.saturating_sub(send.invoked_us));
    Measured {
        acked,
        refused,
        unknown,
        deliveries: deliveries.map(|it| it.deliveries.len()).sum(),
        reconnects,
        slowest: Duration::from_micros(slowest.max().unwrap_or(0)),
        whole_after,
        malformed,
    }
}

/// Writes why connections ended beside the history: what a broken row is explained with.
fn write_ends(folder: Option<&Path>, run: &str, records: &[device::Record]) -> Result<()> {
    let Some(folder) = folder else {
        return Ok(());
    };
    std::fs::create_dir_all(folder)?;
    let mut text = String::new();
    for (number, record) in records.iter().enumerate() {
        for end in &record.ends {
            text.push_str(&format!("{number}: {end}\n"));
        }
    }
    Ok(std::fs::write(
        folder.join(format!("{run}.ends.txt")),
        text,
    )?)
}

async fn sign_up(lab: &Lab, count: usize) -> Result<Vec<Member>> {
    let mut people = Vec::new();
    for number in 0..count {
        let name = format!("lab{number}x{:08x}", rand::random::<u32>());
        people.push(Member::sign_up(&name, &lab.gateways).await?);
    }
    Ok(people)
}

fn say(text: &str) {
    // There is nobody left to tell when stderr is gone.
    let _ = writeln!(io::stderr(), "{text}");
}
