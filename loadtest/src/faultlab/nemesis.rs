//! What is done to the lab. Each nemesis breaks something for a while, puts everything back as it was, and says what it
//! did. Numbers are those of `docs/guarantees.md`.

mod backup;
mod bans;
mod bus;
mod clocks;
mod cluster;
mod conflicts;
mod disk;
mod limits;
mod network;
mod people;
mod processes;
mod stores;

use std::time::Duration;

use anyhow::Result;
use futures::future::LocalBoxFuture;
use rand::rngs::StdRng;

use crate::faultlab::{
    crowd::{Crowd, Manners},
    lab::Lab,
    verdict::Notes,
};

/// Everything that a nemesis may touch.
#[derive(Debug)]
pub struct Strike<'a> {
    /// The lab.
    pub lab: &'a mut Lab,
    /// The people of the run.
    pub crowd: &'a Crowd,
    /// Its dice.
    pub dice: StdRng,
    /// How long the fault lasts.
    pub span: Duration,
    /// What it did to people, for the checker.
    pub notes: Notes,
}

/// A nemesis cannot be had on this machine: why, and what to type.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Skipped(pub String);

/// One nemesis.
#[derive(Debug, Clone, Copy)]
pub struct Nemesis {
    /// Its name on the command line, such as `n4`.
    pub id: &'static str,
    /// What it breaks.
    pub fault: &'static str,
    /// What must hold beyond C1 to C12.
    pub promise: &'static str,
    /// The least span with which it shows anything.
    pub least: Duration,
    /// How its devices are.
    pub manners: Manners,
    /// How many servers of the bus its lab has.
    pub bus_servers: usize,
    /// Breaks and mends; returns what was done, in words.
    pub strike: for<'a, 's> fn(&'s mut Strike<'a>) -> LocalBoxFuture<'s, Result<String>>,
}

const CALM: Manners = Manners {
    repeats: false,
    has_weak: false,
    is_quiet: false,
    restarts_max: 0,
};
const REPEATING: Manners = Manners {
    repeats: true,
    ..CALM
};
const WEAK: Manners = Manners {
    has_weak: true,
    ..CALM
};
const QUIET: Manners = Manners {
    is_quiet: true,
    ..CALM
};
const REVOKED: Manners = Manners {
    restarts_max: 500,
    ..CALM
};

/// Servers of a clustered bus.
pub const CLUSTER: usize = 3;

macro_rules! nemesis {
    ($id:literal, $fault:literal, $promise:literal, $least:literal, $manners:ident, $strike:path) => {
        nemesis!($id, $fault, $promise, $least, $manners, $strike, 1)
    };
    ($id:literal, $fault:literal, $promise:literal, $least:literal, $manners:ident, $strike:path, $bus:expr) => {
        Nemesis {
            id: $id,
            fault: $fault,
            promise: $promise,
            least: Duration::from_secs($least),
            manners: $manners,
            bus_servers: $bus,
            strike: |strike| Box::pin($strike(strike)),
        }
    };
}

/// Every nemesis, in the order of the table.
pub const ALL: &[Nemesis] = &[
    nemesis!(
        "n1",
        "room-svc killed every 2 s, replica after replica",
        "whole within 5 s",
        8,
        CALM,
        processes::kill_rooms
    ),
    nemesis!(
        "n1f",
        "room-svc dies after commit, after publish, before reply",
        "whole within 5 s",
        8,
        CALM,
        processes::fail_points
    ),
    nemesis!(
        "n2",
        "a gateway killed, back after a while",
        "whole within 5 s",
        6,
        CALM,
        processes::kill_gateway
    ),
    nemesis!(
        "n3",
        "NATS killed, back after 0.5 s and after 4 s",
        "whole within 5 s",
        6,
        CALM,
        stores::kill_nats
    ),
    nemesis!(
        "n4",
        "NATS frozen",
        "whole within 5 s",
        10,
        CALM,
        stores::freeze_nats
    ),
    nemesis!(
        "n5",
        "one gateway cut off from NATS while people are banned",
        "silent to them 10 s later",
        12,
        REVOKED,
        bans::while_cut_off
    ),
    nemesis!(
        "n6",
        "room-svc hears NATS but is not heard",
        "whole within 5 s",
        8,
        CALM,
        network::mute_room
    ),
    nemesis!(
        "n7",
        "of the events on the bus 30 % lost, 10 % late, 5 % doubled; at last all of them lost, then silence",
        "whole within 5 s",
        8,
        QUIET,
        bus::unreliable
    ),
    nemesis!(
        "n8",
        "Postgres killed twice",
        "whole within 5 s",
        6,
        CALM,
        stores::kill_postgres
    ),
    nemesis!(
        "n9",
        "Postgres unreachable without a word",
        "whole within 5 s",
        8,
        CALM,
        network::cut_postgres
    ),
    nemesis!(
        "n10",
        "Postgres 250 ms away",
        "no collapse",
        8,
        CALM,
        network::slow_postgres
    ),
    nemesis!(
        "n11",
        "five Postgres connections a second ended",
        "whole within 5 s",
        8,
        CALM,
        stores::end_sessions
    ),
    nemesis!(
        "n12",
        "Postgres refuses one statement in ten: deadlocks, failed serializations",
        "nobody sees it",
        6,
        REVOKED,
        conflicts::inject
    ),
    nemesis!(
        "n13",
        "Redis emptied, unreachable, killed",
        "nobody logged out",
        6,
        CALM,
        stores::trouble_redis
    ),
    nemesis!(
        "n14",
        "a third of the devices read 1 KiB/s",
        "whole within 5 s",
        8,
        WEAK,
        network::slow_readers
    ),
    nemesis!(
        "n15",
        "a third of the devices vanish without a word",
        "whole within 5 s of their return",
        10,
        WEAK,
        network::vanish
    ),
    nemesis!(
        "n16",
        "everything restarted, one after the other",
        "no send fails",
        6,
        CALM,
        processes::roll
    ),
    nemesis!(
        "n17",
        "the clocks of a gateway and a room-svc are wrong by 5 minutes",
        "no wrong decision",
        8,
        CALM,
        clocks::skew
    ),
    nemesis!(
        "n18",
        "a room-svc stands still for a while, then goes on",
        "late writes do no harm",
        8,
        CALM,
        processes::stall_room
    ),
    nemesis!(
        "n19",
        "no room on the disk for the log",
        "nothing acknowledged that is not stored, no service ends",
        8,
        CALM,
        disk::fill_log
    ),
    nemesis!(
        "n19w",
        "no room on the disk for the write-ahead log",
        "nothing acknowledged that is not stored, no service ends",
        6,
        CALM,
        disk::fill_wal
    ),
    nemesis!(
        "n20",
        "a gateway has no file descriptors left",
        "it keeps whom it has, and recovers",
        6,
        CALM,
        limits::starve_gateway
    ),
    nemesis!(
        "n21",
        "every client frame is sent twice",
        "each has one effect",
        4,
        REPEATING,
        network::nothing
    ),
    nemesis!(
        "n22",
        "bans and unbans while events are lost",
        "nothing accepted after the answer",
        8,
        REVOKED,
        bans::while_events_are_lost
    ),
    nemesis!(
        "n22r",
        "bans of people whose message is on its way into the log",
        "nothing stored after the answer",
        6,
        REVOKED,
        bans::against_sends
    ),
    nemesis!(
        "n22b",
        "blocks and unblocks while events are lost",
        "nothing shown 2 s after the answer",
        8,
        CALM,
        people::blocks
    ),
    nemesis!(
        "n22k",
        "kicks and returns while events are lost",
        "nothing accepted after the answer",
        8,
        CALM,
        people::kicks
    ),
    nemesis!(
        "n24",
        "Postgres replaced by an older backup of itself",
        "whoever knows more is told so within 5 s",
        6,
        REVOKED,
        backup::restore
    ),
    nemesis!(
        "n25",
        "several at once, by dice",
        "whole within 5 s",
        12,
        CALM,
        network::everything
    ),
    nemesis!(
        "n3c",
        "of three NATS servers one after the other killed, back after 3 s",
        "whole within 5 s",
        9,
        CALM,
        cluster::kill_servers,
        CLUSTER
    ),
    nemesis!(
        "n4c",
        "of three NATS servers one frozen",
        "whole within 5 s",
        10,
        CALM,
        cluster::freeze_server,
        CLUSTER
    ),
    nemesis!(
        "n5c",
        "three NATS servers that do not reach each other, until nobody announces any more what was said",
        "whole within 5 s",
        6,
        QUIET,
        cluster::part_servers,
        CLUSTER
    ),
];

/// Finds nemeses by their names.
///
/// # Errors
/// When a name is unknown.
pub fn named(names: &[String]) -> Result<Vec<Nemesis>> {
    let find = |name: &String| {
        let found = ALL.iter().find(|nemesis| nemesis.id == name);
        found.copied().ok_or_else(|| {
            let known: Vec<&str> = ALL.iter().map(|nemesis| nemesis.id).collect();
            anyhow::anyhow!("{name} is no nemesis; there are {}", known.join(", "))
        })
    };
    names.iter().map(find).collect()
}
