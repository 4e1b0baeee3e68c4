//! The scenario `rooms`: everyone talks in their rooms at a fixed total rate, then the history is checked.

use std::{
    collections::BTreeMap,
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use anyhow::Context;
use futures::{StreamExt, TryStreamExt, stream};

use crate::{
    bot::Record,
    histcheck::{self, Entry, History, Outcome, Send},
    machine::Machine,
    pacer,
    plan::Plan,
    report::{PerConnection, Report, Shape, Traffic, cpu_between},
    shared::Shared,
    stage::{Servers, Stage},
    summary::Latency,
};

/// How long acks and deliveries may come in after the last send.
const SETTLE: Duration = Duration::from_secs(10);
/// How long the pages of all rooms may take.
const FINAL_READ: Duration = Duration::from_secs(120);
/// Rooms read at a time.
const READERS: usize = 4;
const POLL: Duration = Duration::from_millis(10);

/// Runs the scenario.
///
/// # Errors
/// When the run could not be carried out; a broken promise is not an error but in the report.
pub async fn run(servers: &Servers, plan: Plan, body_length: usize) -> anyhow::Result<Report> {
    let mut machine = Machine::describe();
    let mut stage = Stage::set(servers, plan, body_length).await?;
    let shared = stage.shared.clone();
    let memory_after = servers.groups.gateway_memory();
    let cpu_before = servers.groups.cpu();
    let started = Instant::now();
    let handed = pacer::start(shared.clone(), stage.inboxes.clone())?
        .await
        .context("the pacer died")?;
    settle(&shared, handed).await;
    let measured = started.elapsed();
    let cpu_after = servers.groups.cpu();
    let finals = tokio::time::timeout(FINAL_READ, read_finals(&stage))
        .await
        .context("the final read took too long")??;
    let records = stage.strike().await?;
    machine.finish();
    let traffic = traffic(&shared.plan, &records, measured);
    let troubles = troubles(&records, &traffic);
    let units = traffic.deliveries as f64;
    let verdict = histcheck::check(&history(&shared.plan, records, finals));
    Ok(Report {
        scenario: "rooms",
        machine,
        shape: Shape::of(&shared.plan, body_length, measured),
        traffic: Some(traffic),
        cpu: cpu_between(&cpu_before, &cpu_after, &servers.groups.counts(), units),
        memory: PerConnection::of(stage.memory_before, memory_after, shared.plan.connections),
        verdict: Some(verdict),
        troubles,
    })
}

/// Waits until every send is answered and every promised delivery is in, or [`SETTLE`] is over.
async fn settle(shared: &Shared, handed: u64) {
    let deadline = Instant::now() + SETTLE;
    let progress = &shared.progress;
    loop {
        let is_answered = progress.answered.load(Ordering::Acquire) >= handed;
        let (delivered, promised) = (&progress.delivered, &progress.promised);
        let is_delivered = delivered.load(Ordering::Relaxed) >= promised.load(Ordering::Relaxed);
        if (is_answered && is_delivered) || Instant::now() >= deadline {
            return;
        }
        tokio::time::sleep(POLL).await;
    }
}

async fn read_finals(stage: &Stage) -> anyhow::Result<Vec<Vec<Entry>>> {
    let Shared { plan, rooms, .. } = &*stage.shared;
    let reads = rooms.iter().enumerate().map(|(number, room)| async move {
        let reader = &stage.accounts[number % plan.users];
        reader
            .history(room, plan)
            .await
            .with_context(|| format!("final read of room {number}"))
    });
    stream::iter(reads).buffered(READERS).try_collect().await
}

fn traffic(plan: &Plan, records: &[Record], measured: Duration) -> Traffic {
    let attempts = || records.iter().flat_map(|record| &record.attempts);
    let is_acked = |outcome: &Outcome| matches!(outcome, Outcome::Acked { .. });
    let acked = || attempts().filter(move |attempt| is_acked(&attempt.outcome));
    let deliveries = || {
        let all = records
            .iter()
            .flat_map(|record| &record.observer.deliveries);
        all.filter(|delivery| delivery.message < plan.messages)
    };
    let mut refused = BTreeMap::new();
    for (reason, count) in records.iter().flat_map(|record| &record.trouble.refusals) {
        *refused.entry(reason.clone()).or_default() += count;
    }
    let count = deliveries().count() as u64;
    Traffic {
        planned: plan.messages.into(),
        acked: acked().count() as u64,
        refused,
        unknown: attempts()
            .filter(|attempt| attempt.outcome == Outcome::Unknown)
            .count() as u64,
        not_sent: u64::from(plan.messages) - attempts().count() as u64,
        deliveries: count,
        deliveries_per_second: count as f64 / measured.as_secs_f64(),
        ack: Latency::of(acked().map(|attempt| attempt.latency_us)),
        delivery: Latency::of(deliveries().map(|delivery| delivery.latency_us)),
        lateness: Latency::of(attempts().map(|attempt| attempt.lateness_us)),
    }
}

/// Refusals are the server's right, so they are counted but no trouble; whatever a healthy run cannot have is.
fn troubles(records: &[Record], traffic: &Traffic) -> Vec<String> {
    let mut troubles = connection_troubles(records);
    if traffic.unknown + traffic.not_sent > 0 {
        troubles.push(format!(
            "{} sends unanswered, {} not sent",
            traffic.unknown, traffic.not_sent
        ));
    }
    if traffic.acked == 0 {
        troubles.push("no message was acknowledged".to_owned());
    }
    troubles
}

/// Says which connections ended early or heard what they could not use.
pub fn connection_troubles(records: &[Record]) -> Vec<String> {
    let mut troubles = Vec::new();
    let mut closed = BTreeMap::<&str, u64>::new();
    for reason in records
        .iter()
        .filter_map(|record| record.trouble.closed.as_deref())
    {
        *closed.entry(reason).or_default() += 1;
    }
    troubles.extend(
        closed
            .iter()
            .map(|(reason, count)| format!("{count} connections ended: {reason}")),
    );
    let malformed: u64 = records.iter().map(|record| record.trouble.malformed).sum();
    let gaps: u64 = records.iter().map(|record| record.trouble.gaps).sum();
    if malformed > 0 {
        troubles.push(format!("{malformed} frames made no sense"));
    }
    if gaps > 0 {
        troubles.push(format!("{gaps} times continuity was given up"));
    }
    troubles
}

fn history(plan: &Plan, records: Vec<Record>, finals: Vec<Vec<Entry>>) -> History {
    let planned = |message| Send {
        bot: plan.sender_of(message) as u32,
        room: plan.room_of(message) as u32,
        invoked_us: 0,
        outcome: Outcome::NotSent,
    };
    let mut sends: Vec<Send> = (0..plan.messages).map(planned).collect();
    let mut observers = Vec::with_capacity(records.len());
    for record in records {
        for attempt in record.attempts {
            let send = &mut sends[attempt.message as usize];
            (send.invoked_us, send.outcome) = (attempt.invoked_us, attempt.outcome);
        }
        observers.push(record.observer);
    }
    History {
        sends,
        observers,
        finals,
    }
}
