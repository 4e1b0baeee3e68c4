//! Five times what can be carried: is the sender told, do members agree, is anything lost (P23)?

use super::{
    Options, Scenario,
    course::{Course, Seen},
    plan, ramp,
};
use crate::{
    outcome::{Measure, Outcome},
    schedule::Phase,
    stage::Servers,
};

const FACTOR: f64 = 5.0;

pub(super) async fn run(servers: &Servers, options: &Options) -> anyhow::Result<Outcome> {
    let ramp = ramp::run(servers, options).await?;
    let found = ramp.measure("messages/s with p99 < 100 ms");
    // Not even the first step may have been carried; then that is the peak, and the figures say so.
    let peak = found.map_or(0.0, |it| it.value).max(options.rate);
    let phases = [1.0, FACTOR].map(|factor| Phase::steady(peak * factor, options.seconds));
    let plan = plan(servers, options).with_phases(phases.to_vec());
    let mut course = Course::begin(Scenario::Overload, servers, plan, options, true).await?;
    course.lap("peak").await?;
    course.lap("5 × peak").await?;
    let mut notes = Vec::new();
    let mut outcome = course
        .finish(|seen| {
            notes = refusals(seen);
            measures(seen)
        })
        .await?;
    outcome.notes = notes;
    Ok(outcome)
}

fn measures(seen: &Seen<'_>) -> Vec<Measure> {
    let (peak, over) = (&seen.stretches[0], &seen.stretches[1]);
    let goodput = |it: &crate::outcome::Stretch| it.traffic.acked as f64 / it.seconds;
    let sum = |of: fn(&crate::bot::Trouble) -> u64| -> f64 {
        let all = seen.records.iter().map(|record| of(&record.trouble));
        all.sum::<u64>() as f64
    };
    let unsettled = (over.traffic.unknown + peak.traffic.unknown) as f64;
    let tally = seen.tally;
    vec![
        Measure::at_least(
            "P23",
            "goodput ÷ peak",
            goodput(over) / goodput(peak),
            "×",
            0.8,
        ),
        Measure::at_most("P23", "sends without any answer", unsettled, "", 0.0),
        Measure::at_most(
            "P23",
            "refusals that do not say when to come back",
            sum(|trouble| trouble.without_retry_after),
            "",
            0.0,
        ),
        Measure::at_most("P23", "deliveries lost", tally.lost() as f64, "", 0.0),
        Measure::at_most(
            "P23",
            "rooms in disorder",
            tally.rooms_in_disorder as f64,
            "",
            0.0,
        ),
        Measure::at_most(
            "P23",
            "connections lost",
            sum(|it| u64::from(it.closed.is_some())),
            "",
            0.0,
        ),
        Measure::of(
            "P23",
            "send to ack p99 of what was accepted",
            over.traffic.ack.p99_ms,
            "ms",
        ),
    ]
}

/// Says what senders were told.
fn refusals(seen: &Seen<'_>) -> Vec<String> {
    let traffic = &seen.stretches[1].traffic;
    let held: u64 = seen.records.iter().map(|it| it.trouble.held_back).sum();
    let mut notes: Vec<String> = traffic
        .refused
        .iter()
        .map(|(reason, count)| format!("{count} sends were refused with {reason}"))
        .collect();
    notes.push(format!(
        "{held} messages were held back by senders who had been asked to wait"
    ));
    notes.push(format!(
        "{} messages never reached a socket: asked to wait, or the server had stopped reading",
        traffic.not_sent
    ));
    notes
}
