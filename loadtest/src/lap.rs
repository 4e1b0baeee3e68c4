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

/// How long acks and deliveries may come in after the last send.
const SETTLE: Duration = Duration::from_secs(10);
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

/// Waits until every send is answered and every promised delivery is in, or [`SETTLE`] is over.
async fn settle(shared: &Shared) {
    let deadline = Instant::now() + SETTLE;
    let progress = &shared.progress;
    loop {
        let handed = progress.handed.load(Ordering::Relaxed);
        let is_answered = progress.answered.load(Ordering::Acquire) >= handed;
        let (delivered, promised) = (&progress.delivered, &progress.promised);
        let is_delivered = delivered.load(Ordering::Relaxed) >= promised.load(Ordering::Relaxed);
        if (is_answered && is_delivered) || Instant::now() >= deadline {
            return;
        }
        tokio::time::sleep(POLL).await;
    }
}
