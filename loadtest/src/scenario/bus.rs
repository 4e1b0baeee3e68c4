//! How many messages go over the bus for one message of a person (P16), by the bus's own counters.

use std::time::{Duration, Instant};

use anyhow::Context;

use super::{
    Options, Scenario,
    course::{Course, Seen},
    plan,
};
use crate::{
    census::Carried,
    fleet::OwnFleet,
    outcome::{Measure, Outcome},
    schedule::Phase,
    stage::Servers,
};

/// Messages per second when there is little to do.
const CALM: f64 = 10.0;
/// It is settled when so many seconds, one after the other, carried no less than one before them.
const STILL: u32 = 12;
/// Labels of laps.
const FEW: &str = "one at a time";
const MANY: &str = "as many as go";

/// What the bus carried while something else was going on.
#[derive(Debug, Clone, Copy)]
struct Window {
    carried: Carried,
    seconds: f64,
}

pub(super) async fn run(servers: &Servers, options: &Options) -> anyhow::Result<Outcome> {
    let fleet = servers
        .fleet()
        .context("bus: only the bus of a fleet of one's own tells what it carries")?;
    let phases = vec![
        Phase::steady(CALM, options.seconds),
        Phase::at_once((options.rate * options.seconds) as u32),
    ];
    let plan = plan(servers, options).with_phases(phases);
    let mut course = Course::begin(Scenario::Bus, servers, plan, options, true).await?;
    settled(fleet).await?;
    let quiet = Window::over(fleet, async || {
        // The passing of time is what is measured here.
        tokio::time::sleep(Duration::from_secs_f64(options.seconds)).await;
        Ok(())
    });
    let quiet = quiet.await?;
    let few = Window::over(fleet, async || course.lap(FEW).await).await?;
    let many = Window::over(fleet, async || course.lap(MANY).await).await?;
    let mut outcome = course
        .finish(|seen| measures(seen, quiet, &[few, many]))
        .await?;
    outcome.notes.push(
        "what the bus carries while nobody says anything is taken off; presence and the ends of streams are told anyway"
            .to_owned(),
    );
    Ok(outcome)
}

/// Waits until the bus carries as little as it does while nobody speaks: for some seconds after everyone has joined, the
/// ends of their streams are told again and again.
async fn settled(fleet: &OwnFleet) -> anyhow::Result<()> {
    let second = || {
        Window::over(fleet, async || {
            // The passing of time is what is measured here.
            tokio::time::sleep(Duration::from_secs(1)).await;
            Ok(())
        })
    };
    let (mut least, mut since) = (u64::MAX, 0);
    while since < STILL {
        let taken = second().await?.carried.taken;
        since = if taken < least { 0 } else { since + 1 };
        least = least.min(taken);
    }
    Ok(())
}

impl Window {
    async fn over(
        fleet: &OwnFleet,
        work: impl AsyncFnOnce() -> anyhow::Result<()>,
    ) -> anyhow::Result<Self> {
        let (before, started) = (fleet.carried().await?, Instant::now());
        work().await?;
        let carried = fleet.carried().await?.since(before);
        Ok(Self {
            carried,
            seconds: started.elapsed().as_secs_f64(),
        })
    }

    /// How many messages each of so many cost, without those that go anyway.
    fn per_message(self, messages: u64, anyway: f64) -> f64 {
        (self.carried.taken as f64 - anyway * self.seconds).max(0.0) / messages as f64
    }
}

fn measures(seen: &Seen<'_>, quiet: Window, laps: &[Window; 2]) -> Vec<Measure> {
    let anyway = quiet.carried.taken as f64 / quiet.seconds;
    let acked = |lap: usize| seen.stretches[lap].traffic.acked;
    let given = laps[0].carried.given as f64 / laps[0].carried.taken as f64;
    vec![
        Measure::at_most(
            "P16",
            "bus messages per message, one at a time",
            laps[0].per_message(acked(0), anyway),
            "",
            3.0,
        ),
        Measure::at_most(
            "P16",
            "bus messages per message, as many as go",
            laps[1].per_message(acked(1), anyway),
            "",
            0.5,
        ),
        Measure::of("P16", "bus messages/s while nobody speaks", anyway, "/s"),
        Measure::of("P16", "handed on by the bus for each", given, ""),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_anyway_is_taken_off() {
        let window = Window {
            carried: Carried {
                taken: 320,
                given: 0,
            },
            seconds: 2.0,
        };
        assert!((window.per_message(100, 10.0) - 3.0).abs() < 1e-9);
        assert!(window.per_message(100, 1_000.0).abs() < 1e-9, "never below");
    }
}
