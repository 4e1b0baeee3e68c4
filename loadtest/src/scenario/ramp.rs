//! More and more messages over many rooms, until latency bends: what can be carried (P22).

use std::sync::atomic::Ordering;

use super::{
    Options, Scenario,
    course::{Course, Seen},
    plan,
};
use crate::{
    outcome::{Measure, Outcome, Stretch},
    schedule::Phase,
    shared::LATE,
    stage::Servers,
    svg::{Line, Plot},
};

/// Each step asks for so much more than the one before.
const STEP: f64 = 1.5;
const STEPS: i32 = 12;

pub(super) async fn run(servers: &Servers, options: &Options) -> anyhow::Result<Outcome> {
    let phases: Vec<Phase> = (0..STEPS)
        .map(|step| Phase::steady(options.rate * STEP.powi(step), options.seconds))
        .collect();
    let labels: Vec<String> = (1..=phases.len())
        .map(|step| format!("step {step}"))
        .collect();
    let plan = plan(servers, options).with_phases(phases);
    let mut course = Course::begin(Scenario::Ramp, servers, plan, options, true).await?;
    for label in &labels {
        let before = Bend::read(&course);
        course.lap(label).await?;
        if before.has_come(&course) {
            break;
        }
    }
    course.finish(measures).await
}

/// How many acks were late so far, and how many sends have come to nothing.
struct Bend {
    acked: u64,
    late: u64,
}

impl Bend {
    fn read(course: &Course<'_>) -> Self {
        let progress = &course.stage.shared.progress;
        Self {
            acked: progress.answered.load(Ordering::Relaxed),
            late: progress.late.load(Ordering::Relaxed),
        }
    }

    /// Whether more than one ack in a hundred since then was late.
    fn has_come(&self, course: &Course<'_>) -> bool {
        let now = Self::read(course);
        (now.late - self.late) * 100 > now.acked - self.acked
    }
}

/// Whether a phase was carried: everything acknowledged, 99 of 100 in time.
fn is_carried(stretch: &Stretch) -> bool {
    let traffic = &stretch.traffic;
    traffic.acked == traffic.planned && traffic.delivery.p99_ms <= LATE.as_secs_f64() * 1e3
}

fn measures(seen: &Seen<'_>) -> Vec<Measure> {
    let carried = seen.stretches.iter().take_while(|it| is_carried(it)).last();
    let (deliveries, rate) =
        carried.map_or((0.0, 0.0), |it| (it.traffic.deliveries_per_second, it.rate));
    let mut measures = vec![
        Measure::of("P22", "deliveries/s with p99 < 100 ms", deliveries, "/s"),
        Measure::of("P22", "messages/s with p99 < 100 ms", rate, "/s"),
    ];
    measures.extend(carried.map(|it| {
        Measure::of(
            "P21",
            "CPU of all servers per delivery at that load",
            it.server_us(),
            "µs",
        )
    }));
    measures
}

/// Draws latency against load, of one or several servers.
#[must_use]
pub fn plot(outcomes: &[&Outcome]) -> Plot {
    let lines = outcomes.iter().flat_map(|outcome| {
        let line = |quantile: &str, of: fn(&Stretch) -> f64| Line {
            name: format!(
                "{} {quantile}",
                outcome.server.split(' ').next().unwrap_or("")
            ),
            points: outcome
                .stretches
                .iter()
                .map(|it| (it.traffic.deliveries_per_second, of(it)))
                .collect(),
        };
        [
            line("p50", |it| it.traffic.delivery.p50_ms),
            line("p99", |it| it.traffic.delivery.p99_ms),
        ]
    });
    Plot {
        title: "From due to delivery, against load".into(),
        across: "deliveries per second".into(),
        upward: "ms".into(),
        is_wide: false,
        lines: lines.collect(),
    }
}
