//! Transactions that lose against others.

use anyhow::{Context, Result, ensure};
use devstack::fleet::Kind;
use rand::Rng;
use tokio::time::{Instant, sleep};

use super::{
    Strike,
    bans::{BETWEEN, Ban, GRACE},
};
use crate::faultlab::lab::REPLICAS;

/// Who writes while people talk, are banned and make rooms.
const WRITERS: [Kind; 2] = [Kind::Room, Kind::Moderation];
/// What a process with the fail point counts.
const INJECTED: &str = "stream_injected_conflicts_total";

/// Lets Postgres refuse one statement in ten as a deadlock or a failed serialization, while people talk, make rooms and
/// an administrator bans and forgives.
pub(super) async fn inject(strike: &mut Strike<'_>) -> Result<String> {
    let armed = [("HUBBUB_FAILPOINT", "conflicts")];
    let root = strike.lab.administrator().await?;
    for kind in WRITERS {
        for index in 0..REPLICAS {
            let fleet = &mut strike.lab.fleet;
            fleet.start_again_with(kind, index, &armed).await?;
        }
    }
    let started = Instant::now();
    let mut acts = 0;
    while started.elapsed() < strike.span {
        let name = format!("conflict-{:016x}", rand::random::<u64>());
        let made = root.create_room(&name).await;
        made.context("a room was not made")?;
        let user = strike.dice.random_range(0..strike.crowd.members.len());
        let ban = Ban::impose(strike, &root, user).await?;
        sleep(BETWEEN).await;
        ban.lift(strike, &root, GRACE).await?;
        acts += 1;
    }
    let mut injected = 0;
    for kind in WRITERS {
        for index in 0..REPLICAS {
            injected += injected_by(&strike.lab.fleet.node(kind, index).internal_url).await?;
            strike.lab.fleet.start_again(kind, index).await?;
        }
    }
    ensure!(injected > 0, "no transaction was refused");
    Ok(format!(
        "{injected} statements refused, {acts} bans and new rooms meanwhile"
    ))
}

/// Reads how many statements a process was refused.
async fn injected_by(internal_url: &str) -> Result<u64> {
    let page = reqwest::get(format!("{internal_url}/metrics")).await?;
    let page = page.error_for_status()?.text().await?;
    let counts = page.lines().filter_map(|line| line.strip_prefix(INJECTED));
    let counts = counts.filter_map(|rest| rest.rsplit(' ').next()?.parse::<u64>().ok());
    Ok(counts.sum())
}
