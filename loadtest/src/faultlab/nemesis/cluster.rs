//! A bus of several servers that loses one.

use std::time::Duration;

use anyhow::Result;
use tokio::time::sleep;

use super::{CLUSTER, Strike, processes::freeze};

/// How long a killed server stays away.
const AWAY: Duration = Duration::from_secs(3);

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
