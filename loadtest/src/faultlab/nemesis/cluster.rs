//! A bus of several servers that loses one, or that is parted.

use std::time::Duration;

use anyhow::Result;
use devstack::wait;
use tokio::time::sleep;

use super::{CLUSTER, Strike, processes::freeze};
use crate::faultlab::lab::REPLICAS;

/// How long a killed server stays away.
const AWAY: Duration = Duration::from_secs(3);
/// Heads are announced for at most fifteen seconds: after this nobody tells what was said before.
const SILENCE: Duration = Duration::from_secs(16);
/// How long every process may take to come to its server.
const SETTLING: Duration = Duration::from_secs(10);

/// Kills every server once. The next one goes while clients of the last may still be coming to it.
pub(super) async fn kill_servers(strike: &mut Strike<'_>) -> Result<String> {
    for index in 0..CLUSTER {
        strike.lab.fleet.stores.kill9_bus(index).await;
        sleep(AWAY).await;
        strike.lab.fleet.stores.start_bus_again(index).await?;
        sleep(strike.span / CLUSTER as u32).await;
    }
    Ok(format!("{CLUSTER} kills"))
}

pub(super) async fn freeze_server(strike: &mut Strike<'_>) -> Result<String> {
    freeze(strike.lab.fleet.stores.bus_pid(0), strike.span).await?;
    Ok(format!("{} s frozen", strike.span.as_secs()))
}

/// No server reaches another. At each of two there is everything that people need, so they talk and miss nothing but
/// what is said on the other side; then nobody talks, until nobody announces any more what was said.
pub(super) async fn part_servers(strike: &mut Strike<'_>) -> Result<String> {
    let links = &strike.lab.links;
    let home = |index: usize| index % REPLICAS;
    links.settle(home);
    let are_settled = async || links.are_settled(home).then_some(());
    wait::until("every process at its server", SETTLING, are_settled).await?;
    links.part_servers();
    sleep(strike.span).await;
    strike.crowd.hush();
    sleep(SILENCE).await;
    links.heal();
    let (talk, silence) = (strike.span.as_secs(), SILENCE.as_secs());
    Ok(format!("{talk} s of talk, {silence} s of silence"))
}
