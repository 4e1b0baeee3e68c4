//! The same people say the same in one room and in many (P12): a room must not be a place where all wait for each other.

use super::{Options, Scenario, course::Course, median, waiting};
use crate::{
    outcome::{Measure, Outcome, Stretch},
    plan::Plan,
    schedule::Phase,
    stage::Servers,
};

/// Turns: one room, then many.
const ROUNDS: usize = 5;

/// What one lay-out came to.
pub(super) struct Side {
    pub(super) outcome: Outcome,
    /// Messages per second, the median of the turns.
    pub(super) per_second: f64,
}

pub(super) async fn run(servers: &Servers, options: &Options) -> anyhow::Result<Outcome> {
    let mut one = begin(servers, options, 1, 1).await?;
    let mut many = begin(servers, options, options.rooms, options.rooms).await?;
    for _ in 0..ROUNDS {
        one.lap("one room").await?;
        many.lap("many rooms").await?;
    }
    let (one, many) = (finish(one).await?, finish(many).await?);
    let cpu = |side: &Side| median(side.outcome.stretches.iter().map(Stretch::server_us));
    let measures = vec![
        Measure::of("P12", "messages/s in one room", one.per_second, "/s"),
        Measure::of("P12", "messages/s over many rooms", many.per_second, "/s"),
        Measure::at_least(
            "P12",
            "messages/s in one room ÷ over many",
            one.per_second / many.per_second,
            "×",
            0.7,
        ),
        Measure::of(
            "P12",
            "CPU of all servers per delivery, one room ÷ many",
            cpu(&one) / cpu(&many),
            "×",
        ),
    ];
    let mut outcome = one.outcome.and(many.outcome);
    outcome.measures = measures;
    Ok(outcome)
}

/// Lets everyone into so many rooms; everyone waits for their last message before the next.
pub(super) async fn begin<'a>(
    servers: &'a Servers,
    options: &Options,
    rooms: usize,
    of_each: usize,
) -> anyhow::Result<Course<'a>> {
    let messages = (options.rate * options.seconds) as u32;
    let (people, gateways) = (options.connections, servers.targets.len());
    let plan = Plan::new(people, Some(people), rooms, of_each, gateways);
    let plan = plan.with_phases(vec![Phase::at_once(messages); ROUNDS]);
    Course::begin(Scenario::Spread, servers, plan, options, true).await
}

/// Runs all turns of one lay-out alone.
pub(super) async fn alone(mut course: Course<'_>, label: &str) -> anyhow::Result<Side> {
    for _ in 0..ROUNDS {
        course.lap(label).await?;
    }
    finish(course).await
}

async fn finish(course: Course<'_>) -> anyhow::Result<Side> {
    let mut paces = Vec::new();
    let outcome = course.finish(|seen| {
        let schedule = &seen.shared.plan.schedule;
        let turns = (0..ROUNDS).map(|phase| schedule.range(phase));
        paces.extend(turns.map(|range| waiting::pace(seen.records, &range).per_second));
        Vec::new()
    });
    Ok(Side {
        outcome: outcome.await?,
        per_second: median(paces),
    })
}
