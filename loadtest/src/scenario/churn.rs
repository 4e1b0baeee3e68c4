//! Connections that come and go: connect (P8), what it costs (P7), and how soon nothing is left of them (P15).

use std::{
    io,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use futures::StreamExt;
use tokio::{
    task::JoinSet,
    time::{MissedTickBehavior, timeout},
};
use tokio_tungstenite::tungstenite;

use super::{
    Options, Scenario, course,
    departure::{self, Departures},
    plan,
};
use crate::{
    account::{Account, fresh_key},
    dialect::Dialect,
    machine::Machine,
    outcome::{Measure, Outcome},
    procs,
    report::{Shape, cpu_of},
    socket::{self, Entrance, Ready},
    stage::Servers,
    summary::Latency,
};

/// How long a connection stays.
const STAY: Duration = Duration::from_millis(500);
/// How long a server may take to let go.
const LET_GO: Duration = Duration::from_secs(10);

/// What came of all connections.
#[derive(Default)]
struct Seen {
    connect_us: Vec<u32>,
    clean_up_us: Vec<u32>,
    failed: Vec<String>,
}

pub(super) async fn run(servers: &Servers, options: &Options) -> anyhow::Result<Outcome> {
    let mut machine = Machine::describe();
    let plan = plan(servers, options);
    let accounts = Arc::new(sign_up(servers, options.connections).await?);
    let before = servers.groups.cpu();
    let started = Instant::now();
    let seen = come_and_go(servers, &accounts, options).await;
    let measured = started.elapsed();
    let used = procs::growth(&before, servers.groups.cpu());
    let departures = departure::measure(servers, &accounts).await?;
    machine.finish();
    let count = seen.connect_us.len() as f64;
    let (connect, clean_up) = (Latency::of(seen.connect_us), Latency::of(seen.clean_up_us));
    let cpu = cpu_of(&used, &servers.groups.counts(), count);
    let sockets = cpu.iter().filter(|cpu| procs::holds_sockets(&cpu.name));
    let cost: f64 = sockets.map(|cpu| cpu.us_per_unit).sum();
    let measures = measures(&connect, &clean_up, cost, departures);
    let mut shape = Shape::of(&plan, 0, measured);
    (shape.rate, shape.users) = (options.rate, accounts.len());
    Ok(Outcome {
        scenario: Scenario::Churn.name(),
        server: course::server_name(servers),
        machine,
        shape,
        stretches: Vec::new(),
        measures,
        memory: None,
        tally: None,
        verdict: None,
        notes: vec![format!(
            "{count} connections came and went, {} a second, {} ms each",
            options.rate,
            STAY.as_millis()
        )],
        troubles: troubles(&seen.failed),
    })
}

fn measures(
    connect: &Latency,
    clean_up: &Latency,
    cost: f64,
    departures: Option<Departures>,
) -> Vec<Measure> {
    let mut measures = vec![
        Measure::at_most("P8", "connect to welcome p50", connect.p50_ms, "ms", 2.0),
        Measure::at_most("P8", "connect to welcome p99", connect.p99_ms, "ms", 50.0),
        Measure::at_most(
            "P7",
            "CPU of what holds sockets per connection",
            cost,
            "µs",
            100.0,
        ),
        Measure::of("claim", "goodbye to closed p50", clean_up.p50_ms, "ms"),
        Measure::at_most(
            "claim",
            "goodbye to closed p99",
            clean_up.p99_ms,
            "ms",
            20.0,
        ),
    ];
    if let Some(Departures { left, gone }) = departures {
        let metric = "leaving a room to seen by a peer, p50";
        let left = Latency::of(left).p50_ms;
        measures.push(Measure::at_most("P15", metric, left, "ms", 5.0));
        // Who went away without a word may be back in a moment: a page that is loaded anew is not a departure.
        let metric = "disconnect to seen as gone by a peer, p50 (3 s are waited on purpose)";
        let gone = Latency::of(gone).p50_ms;
        measures.push(Measure::of("P15", metric, gone, "ms"));
    }
    measures
}

async fn sign_up(servers: &Servers, users: usize) -> anyhow::Result<Vec<Account>> {
    if servers.dialect() != Dialect::Hubbub {
        return Ok(Vec::new());
    }
    let key = fresh_key();
    let (run, gateways) = (&key[key.len() - 7..], servers.targets.len());
    let sign_ups =
        (0..users).map(|user| Account::sign_up(run, user, &servers.targets[user % gateways]));
    let all: Vec<_> = futures::stream::iter(sign_ups).buffered(4).collect().await;
    all.into_iter().collect()
}

/// Opens connections at a fixed rate, whatever becomes of earlier ones.
async fn come_and_go(servers: &Servers, accounts: &Arc<Vec<Account>>, options: &Options) -> Seen {
    let seen = Arc::new(Mutex::new(Seen::default()));
    let targets = Arc::new(servers.targets.clone());
    let mut pace = tokio::time::interval(Duration::from_secs_f64(1.0 / options.rate));
    pace.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut visits = JoinSet::new();
    for number in 0..(options.rate * options.seconds) as usize {
        let due = pace.tick().await.into_std();
        let (seen, accounts, targets) = (seen.clone(), accounts.clone(), targets.clone());
        let user = number % options.connections;
        visits.spawn(async move {
            let target = &targets[number % targets.len()];
            let token = accounts.get(user).map(Account::token);
            let visit = visit(target, user, token, due).await;
            let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
            match visit {
                Ok((connect_us, clean_up_us)) => {
                    seen.connect_us.push(connect_us);
                    seen.clean_up_us.push(clean_up_us);
                }
                Err(error) => seen.failed.push(format!("{error:#}")),
            }
        });
    }
    visits.join_all().await;
    std::mem::take(&mut *seen.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Comes, stays and goes. Returns how long coming took from when it was due, and going from the goodbye.
async fn visit(
    target: &crate::target::Target,
    user: usize,
    token: Option<&str>,
    due: Instant,
) -> anyhow::Result<(u32, u32)> {
    let mut ready = match token {
        Some(token) => socket::open_with_token(target, user, token).await?,
        None => socket::open(Entrance::without_account(target, user)).await?,
    };
    let connect = due.elapsed();
    tokio::time::sleep(STAY).await;
    let leaving = Instant::now();
    ready.socket.close(None).await?;
    let is_closed = timeout(LET_GO, end(&mut ready)).await;
    ensure!(
        is_closed.context("the server does not let go")?,
        "the connection broke"
    );
    let us = |span: Duration| u32::try_from(span.as_micros()).unwrap_or(u32::MAX);
    Ok((us(connect), us(leaving.elapsed())))
}

/// Reads until the server has closed the connection; says whether it did so in order.
async fn end(ready: &mut Ready) -> bool {
    loop {
        match ready.socket.next().await {
            None | Some(Err(tungstenite::Error::ConnectionClosed)) => return true,
            Some(Err(tungstenite::Error::Io(error))) => {
                return error.kind() == io::ErrorKind::ConnectionReset;
            }
            Some(Err(_)) => return false,
            Some(Ok(_)) => {}
        }
    }
}

fn troubles(failed: &[String]) -> Vec<String> {
    let Some(first) = failed.first() else {
        return Vec::new();
    };
    vec![format!(
        "{} connections failed; the first: {first}",
        failed.len()
    )]
}
