//! One phase of a run, from its first message until everything of it has arrived.

use std::{
    collections::BTreeMap,
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use anyhow::Context;

use crate::{
    pacer, procs,
    shared::Shared,
    stage::{Servers, Stage},
};

/// How long nothing may come in after the last send while something is still missing.
const SETTLE: Duration = Duration::from_secs(10);
/// How long is waited in all, whatever comes in.
const SETTLE_MAX: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(10);

/// What was measured while a phase ran.
#[derive(Debug, Clone)]
pub struct Lap {
    /// Number of the phase.
    pub phase: usize,
    /// Seconds until the last delivery, or until it was no longer waited for.
    pub seconds: f64,
    /// CPU time that each process used meanwhile.
    pub cpu: BTreeMap<String, Duration>,
}

/// Runs a phase.
///
/// # Errors
/// When the generator itself fails.
pub async fn run(servers: &Servers, stage: &Stage, phase: usize) -> anyhow::Result<Lap> {
    let shared = &stage.shared;
    let before = servers.groups.cpu();
    let started = Instant::now();
    let handed = pacer::start(shared.clone(), stage.inboxes.clone(), phase)?
        .await
        .context("the pacer died")?;
    shared.progress.handed.fetch_add(handed, Ordering::Relaxed);
    settle(shared).await;
    let seconds = started.elapsed().as_secs_f64();
    Ok(Lap {
        phase,
        seconds,
        cpu: procs::growth(&before, servers.groups.cpu()),
    })
}

/// Waits until every send is answered and every promised delivery is in, or nothing comes any more.
async fn settle(shared: &Shared) {
    let end = Instant::now() + SETTLE_MAX;
    let progress = &shared.progress;
    let (mut come, mut since) = ((0, 0), Instant::now());
    loop {
        let handed = progress.handed.load(Ordering::Relaxed);
        let is_answered = progress.answered.load(Ordering::Acquire) >= handed;
        let (delivered, promised) = (&progress.delivered, &progress.promised);
        let is_delivered = delivered.load(Ordering::Relaxed) >= promised.load(Ordering::Relaxed);
        let now = (
            progress.answered.load(Ordering::Relaxed),
            delivered.load(Ordering::Relaxed),
        );
        if now != come {
            (come, since) = (now, Instant::now());
        }
        let is_over = since.elapsed() >= SETTLE || Instant::now() >= end;
        if (is_answered && is_delivered) || is_over {
            return;
        }
        tokio::time::sleep(POLL).await;
    }
}
