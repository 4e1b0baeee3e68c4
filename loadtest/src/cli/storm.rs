//! `storm`.

use std::{
    fs,
    io::{self, Write},
    path::PathBuf,
};

use anyhow::{Context, ensure};
use clap::Args;

use crate::{
    machine, markdown,
    storm::{self, Options},
};

/// A process may have 20,000 files open, and the survivor holds everyone.
const DEVICES_MAX: usize = 18_000;
/// A gateway allows so many connections of one user.
const PER_ACCOUNT_MAX: usize = 10;

#[derive(Debug, Args)]
pub(super) struct StormArgs {
    /// Devices on the gateway that dies, up to 18,000.
    #[arg(long, default_value_t = Options::default().devices)]
    connections: usize,
    /// Devices of one account, up to 10.
    #[arg(long, default_value_t = Options::default().per_account)]
    per_account: usize,
    /// Rooms.
    #[arg(long, default_value_t = Options::default().rooms)]
    rooms: usize,
    /// Rooms of each account.
    #[arg(long, default_value_t = Options::default().rooms_per_account)]
    rooms_per_account: usize,
    /// Messages a second, in all rooms together.
    #[arg(long, default_value_t = Options::default().rate)]
    rate: f64,
    /// Writes the whole outcome as JSON.
    #[arg(long)]
    out: Option<PathBuf>,
    /// Writes the table into this Markdown document, between the markers of the scenario.
    #[arg(long)]
    markdown: Option<PathBuf>,
}

/// Runs the storm and prints its table; says whether it stayed within its limits.
pub(super) fn run(args: &StormArgs) -> anyhow::Result<bool> {
    let options = options(args)?;
    machine::allow_sockets(options.devices)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let outcome = runtime.block_on(storm::run(&options))?;
    let table = outcome.table();
    write!(io::stdout(), "{table}\n{}", outcome.statements())?;
    if let Some(path) = &args.out {
        let json = serde_json::to_string_pretty(&outcome)?;
        fs::write(path, json).with_context(|| path.display().to_string())?;
    }
    if let Some(path) = &args.markdown {
        markdown::write_section(path, "storm", &table)
            .with_context(|| path.display().to_string())?;
    }
    Ok(outcome.is_good())
}

/// Checks the bounds.
fn options(args: &StormArgs) -> anyhow::Result<Options> {
    ensure!(
        (1..=DEVICES_MAX).contains(&args.connections),
        "--connections must be 1 to {DEVICES_MAX}"
    );
    ensure!(
        (1..=PER_ACCOUNT_MAX).contains(&args.per_account),
        "--per-account must be 1 to {PER_ACCOUNT_MAX}"
    );
    ensure!((1..=500).contains(&args.rooms), "--rooms must be 1 to 500");
    ensure!(
        (1..=args.rooms.min(8)).contains(&args.rooms_per_account),
        "--rooms-per-account must be 1 to 8, and no more than there are rooms"
    );
    ensure!(
        (0.1..=200.0).contains(&args.rate),
        "--rate must be 0.1 to 200"
    );
    Ok(Options {
        devices: args.connections,
        per_account: args.per_account,
        rooms: args.rooms,
        rooms_per_account: args.rooms_per_account,
        rate: args.rate,
    })
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        args: StormArgs,
    }

    fn asked(line: &str) -> anyhow::Result<Options> {
        options(&Line::try_parse_from(line.split(' '))?.args)
    }

    #[test]
    fn the_documented_storm_is_the_default() {
        assert_eq!(asked("storm").expect("valid").devices, 10_000);
        assert_eq!(
            asked("storm --connections 1000").expect("valid").devices,
            1_000
        );
    }

    #[test]
    fn what_is_out_of_bounds_is_refused() {
        for line in [
            "storm --connections 0",
            "storm --connections 18001",
            "storm --per-account 11",
            "storm --rooms 0",
            "storm --rooms 501",
            "storm --rooms-per-account 9",
            "storm --rooms 1",
            "storm --rate 0",
            "storm --rate NaN",
        ] {
            assert!(asked(line).is_err(), "{line}");
        }
    }
}
