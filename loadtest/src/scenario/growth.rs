//! How costs grow with what there is more of: messages per second (P3), connections (P5, P20), rooms (P12).

use super::{Options, Scenario, course::Course, plan, spread};
use crate::{
    outcome::{Measure, Outcome, Stretch},
    schedule::Phase,
    stage::Servers,
    svg::{Line, Plot},
};

/// Rates of the first curve, as multiples of what is asked for.
const RATES: [f64; 5] = [1.0, 2.0, 5.0, 10.0, 20.0];
/// Connections of the second.
pub const CONNECTIONS: [usize; 5] = [1_000, 2_000, 4_000, 8_000, 15_000];
/// Rooms of the third.
pub const ROOMS: [usize; 4] = [10, 100, 1_000, 10_000];
/// Members of each of them, however many there are.
const MEMBERS: usize = 2;

/// A curve and the run behind it.
#[derive(Debug)]
pub struct Grown {
    /// What was run, with its figures.
    pub outcome: Outcome,
    /// The curve.
    pub plot: Plot,
}

impl From<Grown> for (Vec<Outcome>, Option<Plot>) {
    fn from(grown: Grown) -> Self {
        (vec![grown.outcome], Some(grown.plot))
    }
}

/// Asks for more and more messages in one room: what does a delivery cost?
///
/// # Errors
/// When the run could not be carried out.
pub async fn rates(servers: &Servers, options: &Options) -> anyhow::Result<Grown> {
    // As many messages at every rate, so that none is measured more closely than another.
    let phase = |times| Phase::steady(options.rate * times, options.seconds / times);
    let plan = plan(servers, options).with_phases(RATES.map(phase).to_vec());
    let mut course = Course::begin(Scenario::Burst, servers, plan, options, false).await?;
    for times in RATES {
        course.lap(&format!("{times} × the rate")).await?;
    }
    let mut outcome = course.finish(|_| Vec::new()).await?;
    let line = |name: &str, of: fn(&Stretch) -> f64| Line {
        name: name.to_owned(),
        points: outcome
            .stretches
            .iter()
            .map(|it| (it.traffic.deliveries_per_second, of(it)))
            .collect(),
    };
    let plot = Plot {
        title: "CPU of a delivery, against load in one room".into(),
        across: "deliveries per second".into(),
        upward: "µs".into(),
        is_wide: false,
        lines: vec![
            line("gateway", Stretch::socket_us),
            line("all servers", Stretch::server_us),
        ],
    };
    let at = |times: f64| {
        let place = RATES.iter().position(|it| it.total_cmp(&times).is_eq());
        place.map_or(f64::NAN, |place| outcome.stretches[place].socket_us())
    };
    let growth = at(10.0) / at(1.0);
    let metric = "CPU per delivery at ten times the rate ÷ at one time";
    outcome.measures = vec![Measure::at_most("P3", metric, growth, "×", 0.25)];
    Ok(Grown { outcome, plot })
}

/// Draws what was measured with more and more idle connections; each with servers that had none before, as memory that
/// was used once does not come back.
#[must_use]
pub fn connections(outcomes: &[Outcome]) -> Plot {
    let line = |name: &str, metric: &str| Line {
        name: name.to_owned(),
        points: outcomes
            .iter()
            .filter_map(|it| Some((it.shape.connections as f64, it.measure(metric)?.value)))
            .collect(),
    };
    Plot {
        title: "An idle connection, against how many there are".into(),
        across: "connections".into(),
        upward: "bytes; ns/s of CPU; µs to ack beside them".into(),
        is_wide: false,
        lines: vec![
            line("memory, B", "memory per idle connection"),
            thousandfold(line("CPU, ns/s", "CPU per idle connection and second")),
            thousandfold(line("ack p99, µs", "send to ack beside them p99")),
        ],
    }
}

/// In the next smaller unit, so that several lines share an axis.
fn thousandfold(mut line: Line) -> Line {
    for (_, value) in &mut line.points {
        *value *= 1e3;
    }
    line
}

/// Spreads the same people over more and more rooms: how many messages go through, and what does one cost?
///
/// # Errors
/// When a run could not be carried out.
pub async fn rooms(servers: &Servers, options: &Options, rooms: &[usize]) -> anyhow::Result<Grown> {
    let (mut rates, mut costs) = (Vec::new(), Vec::new());
    let mut all: Option<Outcome> = None;
    for &count in rooms {
        let of_each = (count * MEMBERS).div_ceil(options.connections);
        let course = spread::begin(servers, options, count, of_each).await?;
        let side = spread::alone(course, &format!("{count} rooms")).await?;
        let cost = super::median(side.outcome.stretches.iter().map(Stretch::server_us));
        rates.push((count as f64, side.per_second));
        costs.push((count as f64, cost));
        all = Some(match all {
            Some(before) => before.and(side.outcome),
            None => side.outcome,
        });
    }
    let mut outcome = all.ok_or_else(|| anyhow::anyhow!("no rooms to compare"))?;
    let ratio = |points: &[(f64, f64)]| {
        let ends = points.first().zip(points.last());
        ends.map_or(f64::NAN, |((_, few), (_, many))| many / few)
    };
    outcome.measures = vec![
        Measure::of(
            "P12",
            "messages/s in the most rooms ÷ in the fewest",
            ratio(&rates),
            "×",
        ),
        Measure::of(
            "P12",
            "CPU per delivery in the most rooms ÷ in the fewest",
            ratio(&costs),
            "×",
        ),
    ];
    let line = |name: &str, points| Line {
        name: name.to_owned(),
        points,
    };
    let plot = Plot {
        title: "The same people in more and more rooms".into(),
        across: "rooms".into(),
        upward: "messages/s; µs".into(),
        is_wide: true,
        lines: vec![
            line("messages/s", rates),
            line("all servers, µs per delivery", costs),
        ],
    };
    Ok(Grown { outcome, plot })
}
