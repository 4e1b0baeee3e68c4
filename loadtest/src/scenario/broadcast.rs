//! One room of a hundred: how long after the first word of the commit the last member knows (P13).

use std::collections::HashMap;

use super::{
    Options, Scenario,
    course::{Course, Seen},
    plan,
};
use crate::{
    histcheck::Outcome as Answer,
    outcome::{Measure, Outcome},
    schedule::Phase,
    stage::Servers,
    summary::Latency,
    traffic,
};

pub(super) async fn run(servers: &Servers, options: &Options) -> anyhow::Result<Outcome> {
    let phase = Phase::steady(options.rate, options.seconds);
    let plan = plan(servers, options).with_phases(vec![phase]);
    let mut course = Course::begin(Scenario::Broadcast, servers, plan, options, false).await?;
    course.lap("one at a time").await?;
    course.finish(measures).await
}

fn measures(seen: &Seen<'_>) -> Vec<Measure> {
    let all = 0..seen.shared.plan.messages;
    // By message: when the last member was told, and how long after it was due.
    let mut lasts = HashMap::<u32, (u64, u32)>::new();
    for delivery in traffic::deliveries(seen.records, &all) {
        let last = lasts.entry(delivery.message).or_default();
        last.0 = last.0.max(delivery.at_us);
        last.1 = last.1.max(delivery.latency_us);
    }
    let after_ack = traffic::attempts(seen.records, &all).filter_map(|attempt| {
        let Answer::Acked { at_us, .. } = attempt.outcome else {
            return None;
        };
        let (last_us, _) = lasts.get(&attempt.message)?;
        u32::try_from(last_us.saturating_sub(at_us)).ok()
    });
    let after_ack = Latency::of(after_ack);
    let whole = Latency::of(lasts.values().map(|(_, since_due)| *since_due));
    let ack = &seen.stretches[0].traffic.ack;
    vec![
        Measure::at_most("P13", "ack to last member p50", after_ack.p50_ms, "ms", 2.0),
        Measure::of("P13", "ack to last member p99", after_ack.p99_ms, "ms"),
        Measure::at_most("claim", "send to last member p99", whole.p99_ms, "ms", 50.0),
        Measure::of("claim", "send to last member p50", whole.p50_ms, "ms"),
        Measure::at_most("claim", "send to ack p99", ack.p99_ms, "ms", 10.0),
    ]
}
