//! Connections that do nothing: what they cost in memory (P5) and CPU (P17), how many are held (P20), and what those who
//! talk beside them notice (P11).

use std::time::{Duration, Instant};

use super::{Options, Scenario, course::Course};
use crate::{
    outcome::{Measure, Outcome},
    plan::{PER_USER, Plan},
    procs,
    report::cpu_of,
    schedule::Phase,
    stage::Servers,
    summary::Latency,
};

/// Rooms of everyone who does nothing.
const ROOMS_EACH: usize = 4;
/// Those who talk: so many in so many rooms.
const TALKERS: usize = 20;
const TALKED_IN: usize = 2;
/// They talk for so many times as long as the others are watched: at ten messages a second for half a minute the p99 would
/// be the third slowest message, and one pause of the machine would decide it.
const TALK_LONGER: f64 = 3.0;
/// Figures of memory say something from so many connections on.
const MANY: usize = 8_000;

pub(super) async fn run(servers: &Servers, options: &Options) -> anyhow::Result<Outcome> {
    let gateways = servers.targets.len();
    let accounts = options.connections.div_ceil(PER_USER).max(options.rooms);
    let plan = Plan::new(
        options.connections,
        Some(accounts),
        options.rooms,
        ROOMS_EACH,
        gateways,
    );
    let idle = Course::begin(Scenario::Idle, servers, plan, options, false).await?;
    let (before, started) = (servers.groups.cpu(), Instant::now());
    // The passing of time is what is measured here.
    tokio::time::sleep(Duration::from_secs_f64(options.seconds)).await;
    let measured = started.elapsed().as_secs_f64();
    let used = procs::growth(&before, servers.groups.cpu());
    let memory = idle.memory();
    let (talk, ack) = talk(servers, options).await?;
    let mut held = 0;
    let outcome = idle.finish(|seen| {
        let open = seen.records.iter();
        held = open.filter(|it| it.trouble.closed.is_none()).count();
        Vec::new()
    });
    let outcome = outcome.await?;
    let units = options.connections as f64 * measured;
    let cpu = cpu_of(&used, &servers.groups.counts(), units);
    let sockets = cpu.iter().filter(|cpu| procs::holds_sockets(&cpu.name));
    let cpu: f64 = sockets.map(|cpu| cpu.us_per_unit).sum();
    let joined = outcome.memory.as_ref().map(|memory| memory.rss_bytes);
    let mut measures = Vec::new();
    if let (Some(joined), Some(memory)) = (joined, memory) {
        let idle = "memory per idle connection";
        measures.extend([
            Measure::at_most("P5", idle, memory.rss_bytes, "B", 6_000.0),
            Measure::of("P5", "the same, as soon as all are here", joined, "B"),
        ]);
    }
    if !servers.groups.counts().is_empty() {
        let metric = "CPU per idle connection and second";
        measures.push(Measure::at_most("P17", metric, cpu, "µs", 1.0));
    }
    measures.extend([
        Measure::at_least("P20", "connections held", held as f64, "", 15_000.0),
        Measure::at_least("claim", "connections at once", held as f64, "", 10_000.0),
        Measure::of("P11", "send to ack beside them p50", ack.p50_ms, "ms"),
        Measure::at_most("P11", "send to ack beside them p99", ack.p99_ms, "ms", 10.0),
    ]);
    let mut outcome = outcome.and(talk);
    outcome.measures = measures;
    if options.connections < MANY {
        outcome.notes.push(format!(
            "memory per connection is meant for {MANY} and more: what the process takes for itself is divided by few"
        ));
    }
    Ok(outcome)
}

/// Lets a few people talk, and returns how long their messages took to be stored.
async fn talk(servers: &Servers, options: &Options) -> anyhow::Result<(Outcome, Latency)> {
    let gateways = servers.targets.len();
    let phase = Phase::steady(options.rate, options.seconds * TALK_LONGER);
    let plan = Plan::new(TALKERS, None, TALKED_IN, 1, gateways).with_phases(vec![phase]);
    let mut course = Course::begin(Scenario::Idle, servers, plan, options, false).await?;
    course.lap("chat beside them").await?;
    let outcome = course.finish(|_| Vec::new()).await?;
    let ack = outcome.stretches[0].traffic.ack.clone();
    Ok((outcome, ack))
}
