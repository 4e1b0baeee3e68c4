//! Processes that die, stall and are restarted.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use devstack::fleet::Kind;
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use tokio::time::sleep;

use super::Strike;
use crate::faultlab::lab::REPLICAS;

const BETWEEN_KILLS: Duration = Duration::from_secs(2);
/// An orderly stop takes no longer than this.
const STOP: Duration = Duration::from_secs(15);

pub(super) async fn kill_rooms(strike: &mut Strike<'_>) -> Result<String> {
    let started = Instant::now();
    let mut kills = 0;
    while started.elapsed() < strike.span {
        let fleet = &mut strike.lab.fleet;
        fleet.kill9(Kind::Room, kills % REPLICAS).await;
        let next = Instant::now() + BETWEEN_KILLS;
        fleet.start_again(Kind::Room, kills % REPLICAS).await?;
        kills += 1;
        sleep(next.saturating_duration_since(Instant::now())).await;
    }
    Ok(format!("{kills} kills"))
}

pub(super) async fn fail_points(strike: &mut Strike<'_>) -> Result<String> {
    let points = ["after_commit", "after_publish", "before_reply"];
    for point in points {
        let armed = [("HUBBUB_FAILPOINT", point)];
        let fleet = &mut strike.lab.fleet;
        fleet.start_again_with(Kind::Room, 0, &armed).await?;
        let node = fleet
            .nodes_mut()
            .iter_mut()
            .find(|node| node.kind == Kind::Room && node.index == 0);
        node.context("there is a room-svc")?.dies().await?;
        fleet.start_again(Kind::Room, 0).await?;
    }
    Ok(format!("{} deaths", points.len()))
}

pub(super) async fn kill_gateway(strike: &mut Strike<'_>) -> Result<String> {
    let fleet = &mut strike.lab.fleet;
    fleet.kill9(Kind::Gateway, 0).await;
    sleep(strike.span / 2).await;
    fleet.start_again(Kind::Gateway, 0).await?;
    Ok("1 kill".to_owned())
}

/// Restarts every process as a rolling update does: asks it to end, waits, starts it again.
pub(super) async fn roll(strike: &mut Strike<'_>) -> Result<String> {
    let mut count = 0;
    for node in strike.lab.fleet.nodes_mut() {
        let stopped = node.stop(STOP).await;
        anyhow::ensure!(stopped, "{} did not end when asked", node.name());
        node.start(&[]).await?;
        count += 1;
    }
    Ok(format!("{count} restarts"))
}

pub(super) async fn stall_room(strike: &mut Strike<'_>) -> Result<String> {
    let pid = strike.lab.fleet.node(Kind::Room, 0).pid();
    freeze(pid, strike.span).await?;
    Ok(format!("{} s of standing still", strike.span.as_secs()))
}

/// Stops a process for a while and lets it go on.
pub(super) async fn freeze(pid: Option<i32>, span: Duration) -> Result<()> {
    let pid = Pid::from_raw(pid.context("the process runs")?);
    kill(pid, Signal::SIGSTOP)?;
    sleep(span).await;
    kill(pid, Signal::SIGCONT)?;
    Ok(())
}
