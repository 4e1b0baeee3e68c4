//! Ten messages at once instead of one at a time (P2), ten times as many (P3), and the memory that stays (P6).

use std::time::Duration;

use super::{Options, Scenario, course::Course, plan};
use crate::{
    outcome::{Measure, Outcome},
    schedule::Phase,
    stage::Servers,
};

const AT_ONCE: u32 = 10;
/// How much more the last phase asks for.
const MORE: f64 = 10.0;
/// What is given back after a burst is given back within this.
const IDLE: Duration = Duration::from_secs(5);

pub(super) async fn run(servers: &Servers, options: &Options) -> anyhow::Result<Outcome> {
    let steady = Phase::steady(options.rate, options.seconds);
    let bursts = Phase {
        burst: AT_ONCE,
        ..steady
    };
    // A tenth of the time, so that no phase has more messages than another.
    let many = Phase::steady(options.rate * MORE, options.seconds / MORE);
    let plan = plan(servers, options).with_phases(vec![steady, bursts, many]);
    let mut course = Course::begin(Scenario::Burst, servers, plan, options, false).await?;
    let before = servers.groups.gateway_memory();
    course.lap("one at a time").await?;
    course.lap("ten at once").await?;
    course.lap("ten times the rate").await?;
    // The passing of time is what is measured here.
    tokio::time::sleep(IDLE).await;
    let after = servers.groups.gateway_memory();
    let grown = before
        .zip(after)
        .map(|(before, after)| after.rss as f64 / before.rss as f64);
    course
        .finish(|seen| {
            let us = |phase: usize| seen.stretches[phase].socket_us();
            let (single, ten, many) = (us(0), us(1), us(2));
            let mut measures = vec![
                Measure::of("P1", "CPU of what holds sockets per delivery", single, "µs"),
                Measure::of("P2", "the same, ten messages at once", ten, "µs"),
                Measure::of("P2", "ten at once ÷ one at a time", ten / single, "×"),
                Measure::at_most(
                    "P3",
                    "ten times the rate ÷ one time",
                    many / single,
                    "×",
                    0.25,
                ),
            ];
            let memory = |grown| Measure::at_most("P6", "memory after ÷ before", grown, "×", 1.15);
            measures.extend(grown.map(memory));
            measures
        })
        .await
}
