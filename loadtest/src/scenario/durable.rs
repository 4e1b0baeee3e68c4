//! How long a message takes until it is stored, and how many get through, while many wait (P9, P10) and when nobody does
//! (P11): beside single inserts through a pool of ten, and beside the log with nothing around it, on the same Postgres in
//! the same run.

use std::time::Duration;

use super::{Options, Scenario, course::Course, median, waiting};
use crate::{
    bare::{Bare, Pace},
    fleet::OwnFleet,
    log_alone::LogAlone,
    outcome::{Measure, Outcome},
    plan::Plan,
    schedule::Phase,
    stage::Servers,
};

/// Turns: senders, then the pool.
const ROUNDS: usize = 5;
/// The second part has so many times as many senders.
const MORE: usize = 4;
/// Whose log the log alone is.
const ROOMS: &str = "room-svc";
/// Messages per second when nobody waits for another's.
const CALM: f64 = 20.0;
/// So many turns long: over one turn the p99 would be the slowest message.
const CALM_LONGER: f64 = 5.0;

/// The figures of one part: its number, what they are called (p50, p99 and messages a second), and what they are held to.
struct Target {
    id: &'static str,
    ours: [&'static str; 3],
    ours_to_inserts: [&'static str; 3],
    log_to_inserts: [&'static str; 3],
    /// Most of what single inserts' p99 is.
    p99: f64,
    /// How often single inserts' rate.
    rate: f64,
}

const FEW: Target = Target {
    id: "P9",
    ours: [
        "waiting senders: send to ack p50",
        "waiting senders: send to ack p99",
        "waiting senders: messages/s",
    ],
    ours_to_inserts: [
        "waiting senders: p50 ÷ single inserts'",
        "waiting senders: p99 ÷ single inserts'",
        "waiting senders: messages/s ÷ single inserts'",
    ],
    log_to_inserts: [
        "waiting senders, the log alone: p50 ÷ single inserts'",
        "waiting senders, the log alone: p99 ÷ single inserts'",
        "waiting senders, the log alone: messages/s ÷ single inserts'",
    ],
    p99: 0.5,
    rate: 3.0,
};
const MANY: Target = Target {
    id: "P10",
    ours: [
        "four times as many: send to ack p50",
        "four times as many: send to ack p99",
        "four times as many: messages/s",
    ],
    ours_to_inserts: [
        "four times as many: p50 ÷ single inserts'",
        "four times as many: p99 ÷ single inserts'",
        "four times as many: messages/s ÷ single inserts'",
    ],
    log_to_inserts: [
        "four times as many, the log alone: p50 ÷ single inserts'",
        "four times as many, the log alone: p99 ÷ single inserts'",
        "four times as many, the log alone: messages/s ÷ single inserts'",
    ],
    p99: 0.2,
    rate: 6.0,
};

pub(super) async fn run(servers: &Servers, options: &Options) -> anyhow::Result<Outcome> {
    let mut beside = match servers.fleet() {
        Some(fleet) => Some(Beside::open(fleet, options.body).await?),
        None => None,
    };
    let few = part(servers, options, options.connections, &mut beside).await?;
    let many = part(servers, options, options.connections * MORE, &mut beside).await?;
    if let Some(beside) = beside {
        beside.close().await?;
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

/// What is asked beside the product.
struct Beside {
    inserts: Bare,
    log: LogAlone,
}

impl Beside {
    async fn open(fleet: &OwnFleet, body: usize) -> anyhow::Result<Self> {
        let postgres = fleet.postgres_url();
        let log = LogAlone::open(&postgres, fleet.bus_as(ROOMS).await?, body).await?;
        Ok(Self {
            inserts: Bare::open(&postgres, body).await?,
            log,
        })
    }

    async fn close(self) -> anyhow::Result<()> {
        self.log.close().await;
        self.inserts.close().await
    }
}

/// What one number of senders came to.
struct Part {
    outcome: Outcome,
    /// When nobody waits: ours, and a lone commit as often.
    calm: (Option<Pace>, Option<Pace>),
    turns: Vec<Turn>,
}

/// Reads a figure: p50, p99, messages a second.
type Figure = fn(&Pace) -> f64;

const FIGURES: [Figure; 3] = [
    |pace| pace.latency.p50_ms,
    |pace| pace.latency.p99_ms,
    |pace| pace.per_second,
];

/// Whose figures.
type Chosen = fn(&Turn) -> Option<&Pace>;

/// One turn of everybody's.
struct Turn {
    ours: Pace,
    /// The log's and the pool's that came right after it.
    beside: Option<(Pace, Pace)>,
}

async fn part(
    servers: &Servers,
    options: &Options,
    senders: usize,
    beside: &mut Option<Beside>,
) -> anyhow::Result<Part> {
    let messages = (options.rate * options.seconds) as u32;
    let calm = Phase::steady(CALM, options.seconds * CALM_LONGER);
    let phases = std::iter::once(calm).chain([Phase::at_once(messages); ROUNDS]);
    // Everyone in a room of their own: nobody's message costs another's delivery.
    let gateways = servers.targets.len();
    let plan = Plan::new(senders, Some(senders), senders, 1, gateways);
    let plan = plan.with_phases(phases.collect());
    let mut course = Course::begin(Scenario::Durable, servers, plan, options, true).await?;
    let length = Duration::from_secs_f64(options.seconds);
    course.lap(&format!("{senders} senders, calm")).await?;
    let lone = match beside {
        Some(beside) => Some(
            beside
                .inserts
                .run_paced(CALM, length.mul_f64(CALM_LONGER))
                .await?,
        ),
        None => None,
    };
    let mut theirs = Vec::new();
    for _ in 0..ROUNDS {
        course.lap(&format!("{senders} senders, waiting")).await?;
        theirs.push(match beside {
            Some(Beside { inserts, log }) => Some((
                log.run(senders, length).await?,
                inserts.run(senders, length).await?,
            )),
            None => None,
        });
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
    let calm = (ours.next(), lone);
    let turns = ours.zip(theirs).map(|(ours, beside)| Turn { ours, beside });
    Ok(Part {
        outcome,
        calm,
        turns: turns.collect(),
    })
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
            Measure::of("P11", "a lone commit p99", lone.p99_ms, "ms"),
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

fn measures(target: &Target, turns: &[Turn]) -> Vec<Measure> {
    let id = target.id;
    let ours = |of: Figure| median(turns.iter().map(|turn| of(&turn.ours)));
    let [p50, p99, rate] = target.ours;
    let mut measures = vec![
        Measure::of(id, p50, ours(FIGURES[0]), "ms"),
        Measure::of(id, p99, ours(FIGURES[1]), "ms"),
        Measure::of(id, rate, ours(FIGURES[2]), "/s"),
    ];
    if turns.iter().all(|turn| turn.beside.is_none()) {
        return measures;
    }
    let of_all: [(_, Chosen); 2] = [
        (target.ours_to_inserts, |turn| Some(&turn.ours)),
        (target.log_to_inserts, |turn| {
            turn.beside.as_ref().map(|(log, _)| log)
        }),
    ];
    for ([p50, p99, rate], chosen) in of_all {
        // Each turn beside the pool's that came right after it.
        let ratio = |of: Figure| {
            let both = turns.iter().filter_map(|turn| {
                let (_, inserts) = turn.beside.as_ref()?;
                Some(of(chosen(turn)?) / of(inserts))
            });
            median(both)
        };
        measures.extend([
            Measure::of(id, p50, ratio(FIGURES[0]), "×"),
            Measure::at_most(id, p99, ratio(FIGURES[1]), "×", target.p99),
            Measure::at_least(id, rate, ratio(FIGURES[2]), "×", target.rate),
        ]);
    }
    measures
}
