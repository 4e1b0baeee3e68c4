//! From outcomes to rows and notes.

use super::{
    Row,
    parts::{Part, SINGLE, TEN},
    promises::TOKEN_CHECK,
};
use crate::{
    outcome::{Limit, Outcome, Stretch},
    scenario::{median, over_laps},
    token::Checks,
};

pub(super) fn delivery(outcomes: &[Outcome]) -> Vec<Row> {
    let (ours, peers) = outcomes.split_first().expect("Hubbub is the first");
    let mut rows = Vec::new();
    let metrics: [(&str, &str, &str, f64); 2] = [
        (
            "P1",
            "CPU of what holds sockets per delivery, one at a time",
            SINGLE,
            0.55,
        ),
        ("P2", "the same, ten messages at once", TEN, 0.12),
    ];
    for (id, metric, label, must) in metrics {
        let figure = |outcome| over_laps(outcome, label, Stretch::socket_us);
        for (number, peer) in peers.iter().enumerate() {
            // The target names Socket.IO, which is the first.
            let limit = (number == 0).then_some(Limit::AtMost(must));
            let row = Row::of(id, metric, figure(ours), "µs");
            rows.push(row.against(peer.server, figure(peer), limit));
        }
    }
    let all = |outcome| over_laps(outcome, SINGLE, Stretch::server_us);
    let share = all(ours) / over_laps(ours, SINGLE, Stretch::socket_us);
    rows.push(
        Row::of(
            "P4",
            "CPU of all servers ÷ of what holds sockets, one at a time",
            share,
            "×",
        )
        .limited(Limit::AtMost(1.5)),
    );
    let generator = over_laps(ours, SINGLE, Stretch::generator_us);
    rows.push(
        Row::of(
            "generator",
            "CPU of the generator ÷ of all servers",
            generator / all(ours),
            "×",
        )
        .limited(Limit::AtMost(1.0)),
    );
    let p50 = |outcome| over_laps(outcome, SINGLE, |it| it.traffic.delivery.p50_ms);
    for peer in peers {
        let row = Row::of("P11", "due to delivery p50, room of 1,000", p50(ours), "ms");
        rows.push(row.against(peer.server, p50(peer), None));
        let memory = |outcome: &Outcome| outcome.memory.as_ref().map(|it| it.rss_bytes);
        if let Some((ours, theirs)) = memory(ours).zip(memory(peer)) {
            let row = Row::of("P5", "memory per idle connection, 1,000 of them", ours, "B");
            rows.push(row.against(peer.server, theirs, None));
        }
    }
    rows
}

pub(super) fn rooms(outcomes: &[Outcome]) -> Vec<Row> {
    let (ours, peers) = outcomes.split_first().expect("Hubbub is the first");
    let mut rows = Vec::new();
    for (label, _) in Part::Rooms.phases() {
        let cpu = |outcome| over_laps(outcome, label, Stretch::server_us);
        let p99 = |outcome| over_laps(outcome, label, |it| it.traffic.delivery.p99_ms);
        for (number, peer) in peers.iter().enumerate() {
            let limit = (number == 0).then_some(Limit::AtMost(0.45));
            let metric = format!("CPU of all servers per delivery at {label}");
            let row = Row::of("P21", &metric, cpu(ours), "µs");
            rows.push(row.against(peer.server, cpu(peer), limit));
            let metric = format!("due to delivery p99 at {label}");
            let row = Row::of("P21", &metric, p99(ours), "ms");
            rows.push(row.against(peer.server, p99(peer), None));
        }
    }
    rows
}

pub(super) fn token(checks: Checks) -> Vec<Row> {
    let row = |id, metric: &str, us, limit| {
        let row = Row::of(id, metric, us, "µs");
        row.limited(Limit::AtMost(limit))
    };
    let Checks { cold_us, cached_us } = checks;
    let promised = Row::of("claim", TOKEN_CHECK, cold_us / 1e3, "ms");
    vec![
        row("P14", "CPU of a token check, cold", cold_us, 60.0),
        row("P14", "CPU of a token check, cached", cached_us, 1.0),
        promised.limited(Limit::AtMost(5.0)),
    ]
}

/// Makes rows of runs of different sizes: every figure by size.
pub(super) fn connections(outcomes: &[Outcome]) -> Vec<Row> {
    let of_size = |outcome: &Outcome| {
        let size = outcome.shape.connections;
        let figures = outcome.measures.iter().filter(|it| it.id != "P20");
        let rows = figures.map(|it| {
            Row::of(
                it.id,
                &format!("{}, {size} of them", it.metric),
                it.value,
                it.unit,
            )
        });
        rows.collect::<Vec<_>>()
    };
    outcomes.iter().flat_map(of_size).collect()
}

/// Makes rows of a scenario's own figures: medians over all rounds, beside the peers' where they have the same.
pub(super) fn measures(outcomes: &[Outcome]) -> Vec<Row> {
    let Some(first) = outcomes.first() else {
        return Vec::new();
    };
    let figure = |server: &str, metric: &str| {
        let same = outcomes.iter().filter(|it| it.server == server);
        median(same.filter_map(|it| Some(it.measure(metric)?.value)))
    };
    let mut peers: Vec<&str> = Vec::new();
    for server in outcomes.iter().map(|it| it.server) {
        if server != first.server && !peers.contains(&server) {
            peers.push(server);
        }
    }
    let mut rows = Vec::new();
    for measure in &first.measures {
        let ours = figure(first.server, measure.metric);
        let mut row = Row::of(measure.id, measure.metric, ours, measure.unit);
        row.limit = measure.limit;
        let theirs = peers
            .iter()
            .map(|peer| (peer, figure(peer, measure.metric)));
        let known: Vec<Row> = theirs
            .filter(|(_, theirs)| theirs.is_finite())
            .map(|(peer, theirs)| row.clone().against(peer, theirs, None))
            .collect();
        if known.is_empty() {
            rows.push(row);
        }
        rows.extend(known);
    }
    rows
}

/// What the scenarios themselves noted, each thing once, and what went wrong with peers.
pub(super) fn notes(outcomes: &[Outcome]) -> Vec<String> {
    let mut notes = Vec::<String>::new();
    for outcome in outcomes {
        let server = outcome.server;
        let tally = outcome.tally.iter().filter(|tally| !tally.is_clean());
        let broken = tally.map(|tally| {
            format!(
                "{} of {} deliveries lost, {} doubled, members of {} of {} rooms saw different orders",
                tally.lost(),
                tally.expected,
                tally.doubled,
                tally.rooms_in_disorder,
                tally.rooms
            )
        });
        let said = outcome.notes.iter().chain(&outcome.troubles).cloned();
        for note in said.chain(broken) {
            let note = format!("{server}: {note}");
            if !notes.contains(&note) {
                notes.push(note);
            }
        }
    }
    notes
}
