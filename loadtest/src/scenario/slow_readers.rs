//! One in a hundred members stops reading while the room talks: what do the others notice (P18)?

use super::{
    Options, Scenario,
    course::{Course, Seen},
    median, plan,
};
use crate::{
    outcome::{Measure, Outcome},
    schedule::Phase,
    stage::{Manners, Servers},
};

/// One member in so many stops reading.
const ONE_IN: usize = 100;
/// The gateways' own count of queues that were full.
const OVERFLOWS: &str = "hubbub_gateway_overflows_total";
/// Pairs of phases: some do not read, everyone does.
const PAIRS: usize = 2;

pub(super) async fn run(servers: &Servers, options: &Options) -> anyhow::Result<Outcome> {
    let phase = Phase::steady(options.rate, options.seconds);
    let plan = plan(servers, options).with_phases(vec![phase; 2 * PAIRS]);
    let stalled: Vec<usize> = (0..plan.connections).step_by(ONE_IN).collect();
    let manners = Manners {
        // Otherwise the kernel takes megabytes before the server notices anything.
        narrow: stalled.iter().copied().collect(),
        ..Manners::default()
    };
    let mut course =
        Course::begin_with(Scenario::SlowReaders, servers, plan, options, manners).await?;
    let before = overflows(servers).await?;
    let mut held = Vec::new();
    // Those who do not read begin with that: the kernel keeps the less for a connection the less went over it before.
    for _ in 0..PAIRS {
        let before = servers.groups.gateway_memory();
        course.stage.stall(&stalled, true).await;
        course.lap("some do not").await?;
        let after = servers.groups.gateway_memory();
        held.extend(before.zip(after).map(|(before, after)| {
            after.rss.saturating_sub(before.rss) as f64 / 1024.0 / stalled.len() as f64
        }));
        course.stage.stall(&stalled, false).await;
        course.stage.calm().await;
        course.lap("everyone reads").await?;
    }
    let overflows = before.zip(overflows(servers).await?);
    let mut fate = String::new();
    let mut outcome = course
        .finish(|seen| {
            fate = fate_of(seen);
            let p99 = |label: &str| {
                let laps = seen.stretches.iter().filter(|it| it.label == label);
                median(laps.map(|it| it.traffic.delivery.p99_ms))
            };
            let ratio = p99("some do not") / p99("everyone reads");
            vec![
                Measure::at_most(
                    "P18",
                    "delivery p99 of the others ÷ with none stalled",
                    ratio,
                    "×",
                    1.2,
                ),
                Measure::at_most(
                    "P18",
                    "memory per stalled connection",
                    median(held),
                    "KiB",
                    256.0,
                ),
            ]
        })
        .await?;
    outcome.notes.push(fate);
    outcome.measures.extend(overflows.map(|(before, after)| {
        let metric = "queues that met their limit";
        Measure::at_least("P18", metric, after - before, "", 1.0)
    }));
    Ok(outcome)
}

/// Returns how often a queue of the gateways was full so far; `None` where they do not tell.
async fn overflows(servers: &Servers) -> anyhow::Result<Option<f64>> {
    match servers.fleet() {
        Some(fleet) => Ok(Some(fleet.gateway_figure(OVERFLOWS).await?)),
        None => Ok(None),
    }
}

/// Says what became of those who did not read.
fn fate_of(seen: &Seen<'_>) -> String {
    let stalled = seen
        .records
        .iter()
        .filter(|record| record.trouble.has_stalled);
    let (mut count, mut closed, mut gaps) = (0, 0, 0);
    for record in stalled {
        count += 1;
        closed += u64::from(record.trouble.closed.is_some());
        gaps += u64::from(record.trouble.gaps > 0);
    }
    format!(
        "{count} connections stopped reading: {closed} were closed, {gaps} were told of a gap to load by pages, the others \
         got everything late"
    )
}
