//! The storm: a gateway dies under thousands of devices, and all of them come to the other one at once.
//!
//! Devices have several to an account, stay behind a load balancer that knows at once which gateway is dead, and come
//! back as our own clients do: with their cursors, full jitter, no sooner than they are told. People on the survivor go
//! on writing.

pub mod backoff;
pub mod crowd;
pub mod device;
pub mod gauges;
pub mod outcome;
pub mod view;
pub mod world;

use std::{
    io::{self, Write},
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use anyhow::{Context, Result};
use devstack::{
    fleet::{Fleet, FleetOptions, Kind},
    wait,
};
use serde::Serialize;
use tokio::{
    sync::oneshot,
    task::JoinHandle,
    time::{Instant, sleep},
};

use crate::{machine::Machine, target::Target};

use crowd::Crowd;
use gauges::{Statements, resident};
use outcome::{Outcome, quantile};

/// How long the steady state is measured.
const STEADY: Duration = Duration::from_secs(5);
/// How long is waited for those who come late.
const LATE: Duration = Duration::from_secs(60);
/// After the last message everyone has everything within this, and nothing is heard for as long as announced heads take.
const SETTLE: Duration = Duration::from_secs(10);
const QUIET: Duration = Duration::from_millis(2_500);
/// How long the services may take to find Postgres again.
const READY: Duration = Duration::from_secs(20);
/// How long the set-up may take: as much as a thousand accounts and ten thousand connections need.
const GATHER: Duration = Duration::from_secs(150);

/// What to run.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Options {
    /// Devices on the gateway that dies.
    pub devices: usize,
    /// Devices of one account; a gateway allows ten.
    pub per_account: usize,
    /// Rooms.
    pub rooms: usize,
    /// Rooms of each account.
    pub rooms_per_account: usize,
    /// Messages a second, in all rooms together.
    pub rate: f64,
}

impl Default for Options {
    /// The storm that the design sets limits for, as it fits a machine with two cores.
    fn default() -> Self {
        Self {
            devices: 10_000,
            per_account: 10,
            rooms: 100,
            rooms_per_account: 2,
            rate: 20.0,
        }
    }
}

/// Runs one storm on a fleet of its own.
///
/// # Errors
/// When the storm could not be carried out; limits that were missed are in the outcome.
pub async fn run(options: &Options) -> Result<Outcome> {
    let machine = Machine::describe();
    say("starting two gateways, one of each service and the stores");
    // Only the set-up is in a hurry: the gateway that will die lets them in faster.
    let hurry = [
        ("HUBBUB_GATEWAY__ACCEPTS_PER_SECOND", "5000"),
        ("HUBBUB_GATEWAY__GREETINGS_AT_ONCE", "512"),
    ];
    let fleet = FleetOptions::temporary().gateways(2);
    let fleet = hurry.iter().fold(fleet, |fleet, (name, value)| {
        fleet.env_at(Kind::Gateway, 0, name, value)
    });
    let mut fleet = Fleet::start(fleet).await.context("cannot start a fleet")?;
    let statements = Statements::open(&mut fleet).await?;
    all_ready(&fleet).await?;
    let outcome = measure(&mut fleet, statements, options, machine).await;
    let killed = fleet.stop().await;
    let outcome = outcome?;
    anyhow::ensure!(
        killed.is_empty(),
        "did not stop when asked: {}",
        killed.join(", ")
    );
    Ok(outcome)
}

/// Waits until every process has found its way back to the restarted Postgres.
async fn all_ready(fleet: &Fleet) -> Result<()> {
    let client = reqwest::Client::builder()
        .no_proxy()
        .timeout(Duration::from_secs(2))
        .build()?;
    for node in fleet.nodes() {
        let url = format!("{}/readyz", node.internal_url);
        wait::until(&format!("{} to be ready", node.name()), READY, async || {
            let answer = client.get(&url).send().await.ok()?;
            answer.status().is_success().then_some(())
        })
        .await?;
    }
    Ok(())
}

async fn measure(
    fleet: &mut Fleet,
    mut statements: Statements,
    options: &Options,
    mut machine: Machine,
) -> Result<Outcome> {
    let gateways = [0, 1].map(|index| Target::parse(&fleet.gateway(index).url));
    let gateways = gateways.into_iter().collect::<Result<Vec<_>>>()?;
    let pid = |index| fleet.gateway(index).pid().context("a gateway has died");
    let (victim, survivor) = (pid(0)?, pid(1)?);
    let (empty, _) = resident(survivor)?;
    say(&format!("{} devices sign up and connect", options.devices));
    let mut crowd = Crowd::gather(options, gateways, GATHER).await?;
    let began = statements.count().await?;
    // The passing of time is what is measured here.
    sleep(STEADY).await;
    let before = (statements.count().await? - began) as f64 / STEADY.as_secs_f64();
    let memory_before = (resident(victim)?.0 + resident(survivor)?.0).saturating_sub(empty);
    statements.reset().await?;
    let meter = Meter::start(statements);
    say("the gateway dies");
    fleet.kill9(Kind::Gateway, 0).await;
    crowd.world.strike(1);
    let size = crowd.size();
    let is_back = |world: &world::World| world.met().returns.len() >= size;
    crowd.until(Instant::now() + LATE, is_back).await;
    let took = crowd.world.since_strike().unwrap_or_default();
    let (mut statements, worst) = meter.stop().await?;
    let caused = statements.count().await? as f64 / took.as_secs_f64() - before;
    let frequent = statements.frequent().await?;
    crowd.fall_silent().await?;
    let (world, views) = settled(crowd).await?;
    machine.finish();
    let mut met = world.met().clone();
    met.returns.sort_unstable();
    let sum = |of: fn(&view::View) -> u64| views.iter().map(of).sum();
    Ok(Outcome {
        options: options.clone(),
        machine,
        back: met.returns.len(),
        p50_s: quantile(&met.returns, 0.5),
        p99_s: quantile(&met.returns, 0.99),
        last_s: quantile(&met.returns, 1.0),
        acked: world.acked.load(Ordering::Acquire),
        deliveries: sum(|view| view.messages),
        lost: views.iter().map(|view| view.missing(&world)).sum(),
        holes: sum(|view| view.holes),
        repeats: sum(|view| view.repeats),
        given_up: sum(|view| view.given_up),
        relapses: met.relapses,
        statements_before: before,
        statements_caused: caused.max(0.0),
        statements_worst: (worst - before).max(0.0),
        frequent,
        memory_before,
        memory_peak: resident(survivor)?.1,
        refused: met.refused,
        without_retry_after: met.without_retry_after,
    })
}

/// Gives what was written last its time to arrive, and ends everyone.
async fn settled(crowd: Crowd) -> Result<(Arc<world::World>, Vec<view::View>)> {
    let deadline = Instant::now() + SETTLE;
    let mut heard = crowd.world.heard.load(Ordering::Acquire);
    loop {
        let quiet = (Instant::now() + QUIET).min(deadline);
        let is_heard = |world: &world::World| world.heard.load(Ordering::Acquire) != heard;
        if !crowd.until(quiet, is_heard).await {
            return crowd.disperse().await;
        }
        heard = crowd.world.heard.load(Ordering::Acquire);
    }
}

/// Looks at the count of statements every second.
struct Meter {
    task: JoinHandle<Result<(Statements, f64)>>,
    over: oneshot::Sender<()>,
}

impl Meter {
    fn start(mut statements: Statements) -> Self {
        let (over, mut is_over) = oneshot::channel();
        let task = tokio::spawn(async move {
            let (mut last, mut worst) = (statements.count().await?, 0.0_f64);
            loop {
                let since = Instant::now();
                tokio::select! {
                    () = sleep(Duration::from_secs(1)) => {}
                    _ = &mut is_over => return Ok((statements, worst)),
                }
                let now = statements.count().await?;
                worst = worst.max((now - last) as f64 / since.elapsed().as_secs_f64());
                last = now;
            }
        });
        Self { task, over }
    }

    async fn stop(self) -> Result<(Statements, f64)> {
        // A meter that has failed is not there to be told; its failure is the answer.
        let _ = self.over.send(());
        self.task.await?
    }
}

fn say(text: &str) {
    // There is nobody left to tell when stderr is gone.
    let _ = writeln!(io::stderr(), "{text}");
}
