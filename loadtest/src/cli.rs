//! The command line: what may be asked, within which bounds.

mod lab;
mod report;
mod scenario;
mod storm;

use std::{
    fs,
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
};

use anyhow::{Context, ensure};
use clap::{Args, Parser, Subcommand};

use crate::{
    machine, markdown,
    plan::{PER_USER, Plan},
    procs::Groups,
    report::Report,
    rooms,
    stage::Servers,
    target::Target,
};

const CONNECTIONS_MAX: usize = 20_000;
const SECONDS_MAX: u64 = 600;
/// Each delivery is remembered in 40 bytes until the check.
const DELIVERIES_MAX: f64 = 12e6;
/// Refused or failed runs; a broken promise is 1.
const USAGE: u8 = 2;

/// Bots that load a Hubbub installation on this machine and check what they saw.
#[derive(Debug, Parser)]
#[command(name = "loadtest", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    #[command(flatten)]
    Load(Scenario),
    #[command(flatten)]
    Question(scenario::ScenarioCommand),
    /// Breaks everything that can break, one after the other, and checks that the guarantee was kept.
    Faultlab(lab::FaultlabArgs),
    /// Kills a gateway under thousands of devices and measures how they come back to the other one.
    Storm(storm::StormArgs),
    /// Measures the product beside what people would use instead, and writes the table of targets.
    Report(report::ReportArgs),
    /// Checks the history of an earlier run, as `faultlab --journals` writes it.
    Histcheck {
        /// The history.
        file: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
enum Scenario {
    /// Talks in rooms at a fixed total rate; checks that nothing was lost, doubled or reordered.
    Rooms(RoomsArgs),
}

#[derive(Debug, Args)]
struct RoomsArgs {
    #[command(flatten)]
    common: Common,
    /// Messages per second, all senders together.
    #[arg(long, default_value_t = 200.0)]
    rate: f64,
    /// How long to send.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Bytes of a message body.
    #[arg(long, default_value_t = 128)]
    body: usize,
    /// Rooms of each user.
    #[arg(long, default_value_t = 1)]
    rooms_per_user: usize,
}

#[derive(Debug, Args)]
struct Common {
    /// WebSocket connections, up to 20,000.
    #[arg(long, default_value_t = 1_000)]
    connections: usize,
    /// Rooms.
    #[arg(long, default_value_t = 50)]
    rooms: usize,
    /// Accounts. By default as few as fill the rooms evenly with 4 to 8 connections each, else one per 8 connections.
    /// A gateway allows 10 connections per user.
    #[arg(long)]
    users: Option<usize>,
    /// Gateways to drive, as http://127.0.0.1:port. Without it a fleet of release builds is started and stopped.
    #[arg(long, value_delimiter = ',')]
    gateways: Vec<String>,
    /// How many gateways to start when none is given.
    #[arg(long, default_value_t = 2)]
    own_gateways: usize,
    /// Server processes to measure when gateways are given: gateway=12,gateway=13,room-svc=14,postgres=15.
    #[arg(long)]
    pids: Option<String>,
    /// Writes the whole report as JSON.
    #[arg(long)]
    out: Option<PathBuf>,
    /// Writes the report into this Markdown document, between the markers of the scenario.
    #[arg(long)]
    markdown: Option<PathBuf>,
}

/// Runs the program: 0 when every promise was kept, 1 when one was broken, 2 when the run could not be carried out.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let kept = match &cli.command {
        Command::Load(scenario) => run(scenario),
        Command::Question(command) => scenario::run(command),
        Command::Faultlab(args) => lab::run(args),
        Command::Storm(args) => storm::run(args),
        Command::Report(args) => report::run(args),
        Command::Histcheck { file } => lab::check(file),
    };
    match kept {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            // There is nobody left to tell when stderr is gone.
            let _ = writeln!(io::stderr(), "loadtest: {error:#}");
            ExitCode::from(USAGE)
        }
    }
}

fn run(scenario: &Scenario) -> anyhow::Result<bool> {
    let Scenario::Rooms(args) = scenario;
    let common = &args.common;
    let gateways: Vec<Target> = common
        .gateways
        .iter()
        .map(|url| Target::parse(url))
        .collect::<Result<_, _>>()?;
    let pids = common.pids.as_deref().map(Groups::parse).transpose()?;
    let own_gateways = common.own_gateways;
    let plan = plan_of(
        scenario,
        if gateways.is_empty() {
            own_gateways
        } else {
            gateways.len()
        },
    )?;
    machine::allow_sockets(plan.connections)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let report = runtime.block_on(async {
        let servers = Servers::open(gateways, pids, own_gateways).await?;
        let result = rooms::run(&servers, plan, args.body).await;
        let closed = servers.close().await;
        let report = result?;
        closed.map(|()| report)
    })?;
    publish(&report, common)?;
    Ok(report.is_good())
}

fn publish(report: &Report, common: &Common) -> anyhow::Result<()> {
    let text = markdown::render(report);
    write!(io::stdout(), "{text}")?;
    if let Some(path) = &common.out {
        let json = serde_json::to_string_pretty(report)?;
        fs::write(path, json).with_context(|| path.display().to_string())?;
    }
    if let Some(path) = &common.markdown {
        markdown::write_section(path, report.scenario, &text)
            .with_context(|| path.display().to_string())?;
    }
    Ok(())
}

/// Checks the bounds and lays the run out.
fn plan_of(scenario: &Scenario, gateways: usize) -> anyhow::Result<Plan> {
    let Scenario::Rooms(args) = scenario;
    let (common, rooms_per_user, seconds) = (&args.common, args.rooms_per_user, args.seconds);
    let &Common {
        connections,
        rooms,
        users,
        ..
    } = common;
    ensure!(
        (1..=CONNECTIONS_MAX).contains(&connections),
        "--connections must be 1 to {CONNECTIONS_MAX}"
    );
    ensure!(
        (1..=SECONDS_MAX).contains(&seconds),
        "--seconds must be 1 to {SECONDS_MAX}"
    );
    ensure!(
        (1..=connections).contains(&rooms),
        "--rooms must be 1 to the number of connections"
    );
    ensure!(
        (1..=8).contains(&rooms_per_user),
        "--rooms-per-user must be 1 to 8"
    );
    ensure!((1..=5).contains(&gateways), "1 to 5 gateways are driven");
    let plan = Plan::new(connections, users, rooms, rooms_per_user, gateways);
    let fewest = connections.div_ceil(PER_USER + 2);
    ensure!(
        (fewest..=connections).contains(&plan.users),
        "--users must be {fewest} to {connections}"
    );
    ensure!(
        plan.users >= rooms,
        "{rooms} rooms need as many users; there are {}",
        plan.users
    );
    ensure!(
        (1.0..=50_000.0).contains(&args.rate),
        "--rate must be 1 to 50000"
    );
    ensure!(
        (24..=3_000).contains(&args.body),
        "--body must be 24 to 3000"
    );
    let members = connections as f64 * rooms_per_user.min(rooms) as f64 / rooms as f64;
    let deliveries = args.rate * seconds as f64 * members;
    ensure!(
        deliveries <= DELIVERIES_MAX,
        "{deliveries:.0} deliveries; at most {DELIVERIES_MAX:.0} are remembered"
    );
    Ok(plan.with_load(args.rate, seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(line: &str) -> anyhow::Result<Plan> {
        let cli = Cli::try_parse_from(line.split(' '))?;
        match &cli.command {
            Command::Load(scenario) => plan_of(scenario, 2),
            other => anyhow::bail!("{other:?} has no plan"),
        }
    }

    #[test]
    fn the_documented_run_is_accepted() {
        let plan = plan("loadtest rooms --connections 1000 --rooms 50 --rate 200 --seconds 60")
            .expect("valid");
        assert_eq!((plan.users, plan.messages), (200, 12_000));
    }

    #[test]
    fn what_is_out_of_bounds_is_refused() {
        for line in [
            "loadtest rooms --connections 20001",
            "loadtest rooms --connections 0",
            "loadtest rooms --seconds 601",
            "loadtest rooms --rooms 0",
            "loadtest rooms --users 10",
            "loadtest rooms --rate 0",
            "loadtest rooms --rate NaN",
            "loadtest rooms --body 5000",
            "loadtest rooms --connections 20000 --rooms 1 --rate 100",
            "loadtest rooms --rooms-per-user 9",
        ] {
            assert!(plan(line).is_err(), "{line}");
        }
    }
}
