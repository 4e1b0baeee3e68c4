//! How long a message takes until it is stored, and how many get through, while many wait (P9, P10) and when nobody does
//! (P11): beside single inserts through a pool of ten, on the same Postgres in the same run.

use std::time::Duration;

use super::{Options, Scenario, course::Course, median, waiting};
use crate::{
    bare::{Bare, Pace},
    outcome::{Measure, Outcome},
    plan::Plan,
    schedule::Phase,
    stage::Servers,
};

/// Turns: senders, then the pool.
const ROUNDS: usize = 5;
/// The second part has so many times as many senders.
const MORE: usize = 4;
/// Messages per second when nobody waits for another's.
const CALM: f64 = 20.0;

/// The figures of one part: its number and what they are called.
struct Target {
    id: &'static str,
    p50: (&'static str, &'static str),
    p99: (&'static str, &'static str, f64),
    rate: (&'static str, &'static str, f64),
}

const FEW: Target = Target {
    id: "P9",
    p50: (
        "waiting senders: send to ack p50",
        "the same ÷ single inserts'",
    ),
    p99: (
        "waiting senders: send to ack p99",
        "p99 ÷ single inserts'",
        0.5,
    ),
    rate: (
        "waiting senders: messages/s",
        "messages/s ÷ single inserts'",
        3.0,
    ),
};
const MANY: Target = Target {
    id: "P10",
    p50: (
        "four times as many: send to ack p50",
        "four times as many: p50 ÷ single inserts'",
    ),
    p99: (
        "four times as many: send to ack p99",
        "four times as many: p99 ÷ single inserts'",
        0.2,
    ),
    rate: (
        "four times as many: messages/s",
        "four times as many: messages/s ÷ single inserts'",
        6.0,
    ),
};

pub(super) async fn run(servers: &Servers, options: &Options) -> anyhow::Result<Outcome> {
    let mut bare = match servers.fleet() {
        Some(fleet) => Some(Bare::open(&fleet.postgres_url(), options.body).await?),
        None => None,
    };
    let few = part(servers, options, options.connections, &mut bare).await?;
    let many = part(servers, options, options.connections * MORE, &mut bare).await?;
    if let Some(bare) = bare {
        bare.close().await?;
    }
    let mut outcome = few.outcome.and(many.outcome);
    outcome.measures = at_low_load(&few.calm);
    outcome.measures.extend(measures(&FEW, &few.turns));
    outcome.measures.extend(measures(&MANY, &many.turns));
    if servers.fleet().is_none() {
        let note = "nothing to compare with: the Postgres of these gateways is not known";
        outcome.notes.push(note.to_owned());
    }
    Ok(outcome)
}

/// What one number of senders came to.
struct Part {
    outcome: Outcome,
    /// When nobody waits: ours, and a lone commit.
    calm: (Option<Pace>, Option<Pace>),
    /// Turn by turn: ours, and the pool's.
    turns: Vec<(Pace, Option<Pace>)>,
}

async fn part(
    servers: &Servers,
    options: &Options,
    senders: usize,
    bare: &mut Option<Bare>,
) -> anyhow::Result<Part> {
    let messages = (options.rate * options.seconds) as u32;
    let calm = Phase::steady(CALM, options.seconds);
    let phases = std::iter::once(calm).chain([Phase::at_once(messages); ROUNDS]);
    // Everyone in a room of their own: nobody's message costs another's delivery.
    let gateways = servers.targets.len();
    let plan = Plan::new(senders, Some(senders), senders, 1, gateways);
    let plan = plan.with_phases(phases.collect());
    let mut course = Course::begin(Scenario::Durable, servers, plan, options, true).await?;
    let length = Duration::from_secs_f64(options.seconds);
    course.lap(&format!("{senders} senders, calm")).await?;
    let lone = turn(bare, 1, length).await?;
    let mut theirs = Vec::new();
    for _ in 0..ROUNDS {
        course.lap(&format!("{senders} senders, waiting")).await?;
        theirs.push(turn(bare, senders, length).await?);
    }
    let mut ours = Vec::new();
    let outcome = course.finish(|seen| {
        let schedule = &seen.shared.plan.schedule;
        let paces = (0..=ROUNDS).map(|phase| waiting::pace(seen.records, &schedule.range(phase)));
        ours.extend(paces);
        Vec::new()
    });
    let outcome = outcome.await?;
    let mut ours = ours.into_iter();
    Ok(Part {
        outcome,
        calm: (ours.next(), lone),
        turns: ours.zip(theirs).collect(),
    })
}

async fn turn(
    bare: &mut Option<Bare>,
    senders: usize,
    length: Duration,
) -> anyhow::Result<Option<Pace>> {
    match bare {
        Some(bare) => Ok(Some(bare.run(senders, length).await?)),
        None => Ok(None),
    }
}

fn at_low_load((ours, lone): &(Option<Pace>, Option<Pace>)) -> Vec<Measure> {
    let Some(ours) = ours.as_ref().map(|pace| &pace.latency) else {
        return Vec::new();
    };
    let p99 = Measure::at_most(
        "P11",
        "send to ack at low load p99",
        ours.p99_ms,
        "ms",
        10.0,
    );
    let p50 = Measure::of("P11", "send to ack at low load p50", ours.p50_ms, "ms");
    let mut measures = vec![p50, p99];
    if let Some(lone) = lone.as_ref().map(|pace| &pace.latency) {
        measures.extend([
            Measure::of("P11", "a lone commit p50", lone.p50_ms, "ms"),
            Measure::at_most(
                "P11",
                "send to ack at low load p50, above a lone commit",
                ours.p50_ms - lone.p50_ms,
                "ms",
                0.6,
            ),
        ]);
    }
    measures
}

fn measures(target: &Target, turns: &[(Pace, Option<Pace>)]) -> Vec<Measure> {
    let ours = |of: fn(&Pace) -> f64| median(turns.iter().map(|(ours, _)| of(ours)));
    // Each turn of ours beside the pool's that came right after it.
    let ratio = |of: fn(&Pace) -> f64| {
        let both = turns.iter();
        median(both.filter_map(|(ours, theirs)| Some(of(ours) / of(theirs.as_ref()?))))
    };
    let (p50, p99) = (|it: &Pace| it.latency.p50_ms, |it: &Pace| it.latency.p99_ms);
    let rate = |it: &Pace| it.per_second;
    let mut measures = vec![
        Measure::of(target.id, target.p50.0, ours(p50), "ms"),
        Measure::of(target.id, target.p99.0, ours(p99), "ms"),
        Measure::of(target.id, target.rate.0, ours(rate), "/s"),
    ];
    if turns.iter().any(|(_, theirs)| theirs.is_some()) {
        let (_, p99_name, p99_limit) = target.p99;
        let (_, rate_name, rate_limit) = target.rate;
        measures.extend([
            Measure::of(target.id, target.p50.1, ratio(p50), "×"),
            Measure::at_most(target.id, p99_name, ratio(p99), "×", p99_limit),
            Measure::at_least(target.id, rate_name, ratio(rate), "×", rate_limit),
        ]);
    }
    measures
}
