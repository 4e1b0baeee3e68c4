//! Everything at once: one nemesis after the other by dice, each for a few seconds, while the bus loses events, links to
//! gateways are far away and somebody tries every door.

use std::time::Duration;

use anyhow::{Context, Result};
use faultproxy::{BusFault, Fault};
use rand::Rng;
use tokio::time::Instant;

use crate::faultlab::{
    canaries::Intruder,
    crowd::Manners,
    links::Way,
    nemesis::{self, Nemesis, Strike},
};

/// How long each nemesis of a storm has.
const STEP: Duration = Duration::from_secs(3);
/// While processes die and links break a gateway may be unable to hear of a "no" for so long (C9).
const GRACE_US: u64 = 10_000_000;
const LATE: Duration = Duration::from_millis(300);
const FAR: Duration = Duration::from_millis(20);

/// Nemeses after which every process is the same as before.
const HARMLESS: [&str; 14] = [
    "n3", "n4", "n5", "n6", "n8", "n9", "n11", "n13", "n14", "n15", "n18", "n22", "n22b", "n22k",
];
/// Those and the deaths of services behind the gateways, and of one gateway.
const DEADLY: [&str; 4] = ["n1", "n1", "n2", "n2"];
/// Those and the deaths of anybody.
const DEADLIEST: [&str; 4] = ["n16", "n25", "n1", "n2"];

const MANNERS: Manners = Manners {
    repeats: false,
    has_weak: true,
    is_quiet: false,
    // A log-in that was revoked cannot be resumed, and every device of a person is logged in anew.
    restarts_max: 500,
};

macro_rules! storm {
    ($injures:expr) => {
        Nemesis {
            id: "soak",
            fault: "everything at once, by dice",
            promise: "whole within 5 s",
            least: STEP,
            manners: MANNERS,
            bus_servers: 1,
            strike: |strike| Box::pin(storm(strike, $injures)),
        }
    };
}

/// Any process may die.
pub(super) const ANYBODY: Nemesis = storm!(&DEADLIEST);
/// Processes of one service and one gateway may die.
pub(super) const SOME: Nemesis = storm!(&DEADLY);
/// Only stores die.
pub(super) const NOBODY: Nemesis = storm!(&[]);

async fn storm(strike: &mut Strike<'_>, deadly: &[&str]) -> Result<String> {
    let lab = &strike.lab;
    let intruder = Intruder::send(&lab.gateways, &lab.canaries)?;
    let whole = strike.span;
    let until = Instant::now() + whole;
    strike.span = STEP;
    let mut names = Vec::new();
    while Instant::now() < until {
        let name = choose(strike, deadly);
        darken(strike);
        let nemesis = named(name)?;
        let done = (nemesis.strike)(strike).await;
        done.with_context(|| format!("{name}, after {}", names.join(", ")))?;
        names.push(name);
    }
    drop(intruder);
    strike.lab.links.heal();
    strike.span = whole;
    for denial in &mut strike.notes.denials {
        denial.grace_us = GRACE_US;
    }
    for block in &mut strike.notes.blocks {
        block.grace_us = GRACE_US;
    }
    Ok(names.join(", "))
}

/// Somebody dies in every other step of a storm in which anybody may.
fn choose<'n>(strike: &mut Strike<'_>, deadly: &[&'n str]) -> &'n str {
    let dice = &mut strike.dice;
    if !deadly.is_empty() && dice.random_bool(0.5) {
        deadly[dice.random_range(0..deadly.len())]
    } else {
        HARMLESS[dice.random_range(0..HARMLESS.len())]
    }
}

fn named(name: &str) -> Result<Nemesis> {
    let found = nemesis::named(&[name.to_owned()])?;
    found.into_iter().next().context("a nemesis has a name")
}

/// What lies over the whole storm. Each nemesis mends every link when it ends, so this is done again and again.
fn darken(strike: &Strike<'_>) {
    let links = &strike.lab.links;
    links.apply(Way::Client, |_, _| true, Fault::latency(FAR, FAR));
    let all = proto::subject::all_events();
    for bus in links.buses() {
        bus.disturb(BusFault {
            prefixes: vec![all.as_str().trim_end_matches('*').to_owned()],
            drop: 0.1,
            delay: 0.1,
            delay_max: LATE,
            duplicate: 0.05,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_nemesis_of_a_storm_exists_and_needs_no_other_lab() {
        let names = HARMLESS.iter().chain(&DEADLY).chain(&DEADLIEST);
        for name in names {
            let nemesis = named(name).expect("it exists");
            assert_eq!(nemesis.bus_servers, 1, "{name}");
        }
    }
}
