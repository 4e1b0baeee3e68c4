//! The scenarios of one question each.

use std::{
    fs,
    io::{self, Write},
    path::PathBuf,
};

use anyhow::{Context, ensure};
use clap::{Args, Subcommand};

use crate::{
    machine, markdown,
    outcome::Outcome,
    peer::Peer,
    plan::PER_USER,
    procs::Groups,
    scenario::{self, Options, Scenario},
    stage::Servers,
    target::Target,
};

const SECONDS_MAX: f64 = 120.0;
const RATE_MAX: f64 = 20_000.0;
const CONNECTIONS_MAX: usize = 15_000;

#[derive(Debug, Subcommand)]
pub(super) enum ScenarioCommand {
    /// One room with many members: what a delivery costs.
    HotRoom(ScenarioArgs),
    /// One room of a hundred: how soon the last member knows.
    Broadcast(ScenarioArgs),
    /// Ten messages at once, ten times the rate, and the memory that stays.
    Burst(ScenarioArgs),
    /// Connections that come and go at a fixed rate.
    Churn(ScenarioArgs),
    /// One member in a hundred stops reading; what do the others notice?
    SlowReaders(ScenarioArgs),
    /// Twenty log-ins a second beside steady chat.
    LoginBesideChat(ScenarioArgs),
    /// More and more messages until latency bends.
    Ramp(ScenarioArgs),
    /// Finds the peak, then asks for five times as much.
    Overload(ScenarioArgs),
    /// Many senders wait for each message to be stored, beside single inserts through a pool of ten.
    Durable(ScenarioArgs),
    /// The same people in one room and in many.
    Spread(ScenarioArgs),
    /// What the bus carries for each message.
    Bus(ScenarioArgs),
    /// Connections that do nothing: memory, CPU, and what others notice of them.
    Idle(ScenarioArgs),
}

/// What is not said is as big as fits a machine with two cores.
#[derive(Debug, Args)]
pub(super) struct ScenarioArgs {
    /// WebSocket connections; of `churn`, people.
    #[arg(long)]
    connections: Option<usize>,
    /// Rooms.
    #[arg(long)]
    rooms: Option<usize>,
    /// Messages per second, of `churn` connects; of `ramp` and `overload` what it begins with.
    #[arg(long)]
    rate: Option<f64>,
    /// How long each phase lasts.
    #[arg(long)]
    seconds: Option<f64>,
    /// Bytes of a message body.
    #[arg(long)]
    body: Option<usize>,
    /// Drives this server instead. It is started and stopped, unless `--gateways` says where one listens, which is the
    /// only way for `centrifugo` and `nakama`.
    #[arg(long)]
    peer: Option<Peer>,
    /// Gateways or peers to drive, as http://127.0.0.1:port. Without it a fleet is started and stopped.
    #[arg(long, value_delimiter = ',')]
    gateways: Vec<String>,
    /// How many gateways to start when none is given.
    #[arg(long, default_value_t = 1)]
    own_gateways: usize,
    /// Server processes to measure when gateways are given: gateway=12,room-svc=14,postgres=15.
    #[arg(long)]
    pids: Option<String>,
    /// Writes the whole outcome as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
    /// Writes the outcome into this Markdown document, between the markers of the scenario.
    #[arg(long)]
    markdown: Option<PathBuf>,
    /// Draws latency against load, of `ramp`.
    #[arg(long)]
    svg: Option<PathBuf>,
}

impl ScenarioCommand {
    fn parts(&self) -> (Scenario, &ScenarioArgs) {
        match self {
            Self::HotRoom(args) => (Scenario::HotRoom, args),
            Self::Broadcast(args) => (Scenario::Broadcast, args),
            Self::Burst(args) => (Scenario::Burst, args),
            Self::Churn(args) => (Scenario::Churn, args),
            Self::SlowReaders(args) => (Scenario::SlowReaders, args),
            Self::LoginBesideChat(args) => (Scenario::LoginBesideChat, args),
            Self::Ramp(args) => (Scenario::Ramp, args),
            Self::Overload(args) => (Scenario::Overload, args),
            Self::Durable(args) => (Scenario::Durable, args),
            Self::Spread(args) => (Scenario::Spread, args),
            Self::Bus(args) => (Scenario::Bus, args),
            Self::Idle(args) => (Scenario::Idle, args),
        }
    }
}

/// Runs a scenario and prints what came of it; says whether everything arrived as it must.
pub(super) fn run(command: &ScenarioCommand) -> anyhow::Result<bool> {
    let (scenario, args) = command.parts();
    let options = options(scenario, args)?;
    machine::allow_sockets(options.connections)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let outcome = runtime.block_on(async {
        let servers = open(scenario, args).await?;
        let outcome = scenario.run(&servers, &options).await;
        let closed = servers.close().await;
        let outcome = outcome?;
        closed.map(|()| outcome)
    })?;
    publish(&outcome, args)?;
    Ok(outcome.is_good())
}

async fn open(scenario: Scenario, args: &ScenarioArgs) -> anyhow::Result<Servers> {
    if let Some(peer) = args.peer.filter(|_| args.gateways.is_empty()) {
        return Ok(Servers::of_peer(peer.start().await?));
    }
    let dialect = args.peer.map(Peer::dialect).unwrap_or_default();
    let gateways: Vec<Target> = args
        .gateways
        .iter()
        .map(|url| Target::speaking(dialect, url))
        .collect::<Result<_, _>>()?;
    let pids = args.pids.as_deref().map(Groups::parse).transpose()?;
    Servers::open_with(gateways, pids, args.own_gateways, scenario.settings()).await
}

fn publish(outcome: &Outcome, args: &ScenarioArgs) -> anyhow::Result<()> {
    let text = outcome.markdown();
    write!(io::stdout(), "{text}")?;
    let write = |path: &PathBuf, text: &str| {
        fs::write(path, text).with_context(|| path.display().to_string())
    };
    if let Some(path) = &args.json {
        write(path, &serde_json::to_string_pretty(outcome)?)?;
    }
    if let Some(path) = &args.svg {
        write(path, &scenario::plot(&[outcome]).svg())?;
    }
    if let Some(path) = &args.markdown {
        markdown::write_section(path, outcome.scenario, &text)
            .with_context(|| path.display().to_string())?;
    }
    Ok(())
}

/// Fills in what was not said, and checks the bounds.
fn options(scenario: Scenario, args: &ScenarioArgs) -> anyhow::Result<Options> {
    let defaults = scenario.defaults();
    let options = Options {
        connections: args.connections.unwrap_or(defaults.connections),
        rooms: args.rooms.unwrap_or(defaults.rooms),
        rate: args.rate.unwrap_or(defaults.rate),
        seconds: args.seconds.unwrap_or(defaults.seconds),
        body: args.body.unwrap_or(defaults.body),
    };
    ensure!(
        (2..=CONNECTIONS_MAX).contains(&options.connections),
        "--connections must be 2 to {CONNECTIONS_MAX}"
    );
    // Every room has somebody who makes it.
    let most = scenario.rooms_max(options.connections, options.rooms);
    ensure!(
        (1..=most).contains(&options.rooms),
        "--rooms must be 1 to {most}: somebody makes each of them, and up to {PER_USER} connections share an account"
    );
    ensure!(
        (1.0..=RATE_MAX).contains(&options.rate),
        "--rate must be 1 to {RATE_MAX}"
    );
    ensure!(
        (0.5..=SECONDS_MAX).contains(&options.seconds),
        "--seconds must be 0.5 to {SECONDS_MAX}"
    );
    ensure!(
        (24..=3_000).contains(&options.body),
        "--body must be 24 to 3000"
    );
    ensure!(
        args.peer.is_none() || scenario.is_for_peers(),
        "{}: peers have no accounts",
        scenario.name()
    );
    let is_started = args.peer.is_some() && args.gateways.is_empty();
    ensure!(
        !is_started || args.pids.is_none(),
        "--pids: those of a peer that is started here are known"
    );
    ensure!(
        args.svg.is_none() || scenario == Scenario::Ramp,
        "--svg: only `ramp` has a curve"
    );
    ensure!(
        (1..=5).contains(&args.own_gateways),
        "1 to 5 gateways are started"
    );
    Ok(options)
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(subcommand)]
        command: ScenarioCommand,
    }

    fn asked(line: &str) -> anyhow::Result<Options> {
        let line = Line::try_parse_from(format!("loadtest {line}").split(' '))?;
        let (scenario, args) = line.command.parts();
        options(scenario, args)
    }

    #[test]
    fn every_scenario_can_be_asked_for_without_saying_more() {
        for scenario in Scenario::ALL {
            let options = asked(scenario.name()).expect("valid");
            assert_eq!(options, scenario.defaults());
        }
    }

    #[test]
    fn what_is_out_of_bounds_is_refused() {
        for line in [
            "hot-room --connections 1",
            "hot-room --connections 15001",
            "hot-room --rooms 0",
            "ramp --connections 100 --rooms 99",
            "ramp --rate 0",
            "ramp --rate NaN",
            "ramp --seconds 121",
            "ramp --body 23",
            "broadcast --svg x.svg",
            "broadcast --own-gateways 6",
            "login-beside-chat --peer ws",
            "durable --peer nakama --gateways ws://127.0.0.1:1",
            "hot-room --peer ws --pids peer=1",
        ] {
            assert!(asked(line).is_err(), "{line}");
        }
    }
}
