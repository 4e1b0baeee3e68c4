//! People log in, which costs 20 ms of hashing each, while others talk (P19).

use std::time::{Duration, Instant};

use anyhow::Context;
use tokio::{task::JoinSet, time::MissedTickBehavior};

use super::{Options, Scenario, course::Course, median, plan};
use crate::{
    account::Account,
    outcome::{Measure, Outcome},
    schedule::Phase,
    stage::Servers,
    summary::Latency,
};

const LOG_INS_PER_SECOND: u32 = 20;
/// Pairs of phases: chat alone, chat beside log-ins.
const PAIRS: usize = 2;

pub(super) async fn run(servers: &Servers, options: &Options) -> anyhow::Result<Outcome> {
    let phase = Phase::steady(options.rate, options.seconds);
    let plan = plan(servers, options).with_phases(vec![phase; 2 * PAIRS]);
    let mut course =
        Course::begin(Scenario::LoginBesideChat, servers, plan, options, false).await?;
    let (mut took, mut failed) = (Vec::new(), Vec::new());
    for _ in 0..PAIRS {
        course.lap("alone").await?;
        let accounts = std::mem::take(&mut course.stage.accounts);
        let (over, is_over) = tokio::sync::oneshot::channel();
        let guests = tokio::spawn(log_in(accounts, is_over));
        course.lap("beside log-ins").await?;
        // Whoever logs in has ended only if that failed, which joining it tells.
        let _ = over.send(());
        let guests = guests.await.context("the log-ins died")?;
        course.stage.accounts = guests.accounts;
        took.extend(guests.took_us);
        failed.extend(guests.failed);
    }
    let mut outcome = course
        .finish(|seen| {
            let p99 = |label: &str| {
                let laps = seen.stretches.iter().filter(|it| it.label == label);
                median(laps.map(|it| it.traffic.ack.p99_ms))
            };
            let ratio = p99("beside log-ins") / p99("alone");
            let log_ins = Latency::of(took.iter().copied());
            vec![
                Measure::at_most("P19", "send p99 beside log-ins ÷ alone", ratio, "×", 1.5),
                Measure::of("P19", "log-ins", log_ins.count as f64, ""),
                Measure::of("P19", "log-in p50", log_ins.p50_ms, "ms"),
                Measure::of("P19", "log-in p99", log_ins.p99_ms, "ms"),
            ]
        })
        .await?;
    outcome
        .notes
        .push(format!("{} log-ins were refused", failed.len()));
    outcome.notes.extend(failed.into_iter().take(3));
    Ok(outcome)
}

/// What came of the log-ins of one phase.
struct Guests {
    accounts: Vec<Account>,
    took_us: Vec<u32>,
    failed: Vec<String>,
}

/// Logs people in, one after the other at a fixed rate, whether or not earlier ones are in.
async fn log_in(accounts: Vec<Account>, mut is_over: tokio::sync::oneshot::Receiver<()>) -> Guests {
    let accounts = std::sync::Arc::new(accounts);
    let mut pace = tokio::time::interval(Duration::from_secs(1) / LOG_INS_PER_SECOND);
    pace.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut under_way = JoinSet::new();
    let mut next = 0;
    loop {
        tokio::select! {
            due = pace.tick() => {
                let (accounts, user) = (accounts.clone(), next % accounts.len());
                next += 1;
                under_way.spawn(async move {
                    let entered = accounts[user].log_in().await;
                    entered.map(|()| Instant::now().saturating_duration_since(due.into_std()))
                });
            }
            _ = &mut is_over => break,
        }
    }
    let (mut took_us, mut failed) = (Vec::new(), Vec::new());
    while let Some(ended) = under_way.join_next().await {
        match ended.map_err(anyhow::Error::from).and_then(|ended| ended) {
            Ok(took) => took_us.push(u32::try_from(took.as_micros()).unwrap_or(u32::MAX)),
            Err(error) => failed.push(format!("{error:#}")),
        }
    }
    Guests {
        accounts: std::sync::Arc::into_inner(accounts).unwrap_or_default(),
        took_us,
        failed,
    }
}
