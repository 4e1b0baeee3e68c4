//! The command line of `cargo dev`.

use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use tokio::signal::unix::{SignalKind, signal};

use crate::{doctor, screen, suite, up};

/// Hubbub on this machine: stores, services, two gateways.
#[derive(Parser)]
#[command(
    name = "cargo dev",
    bin_name = "cargo dev",
    args_conflicts_with_subcommands = true
)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    up: UpArguments,
}

#[derive(Subcommand)]
enum Command {
    /// Starts everything and keeps it running until Ctrl-C (the default).
    Up(UpArguments),
    /// Checks and tests everything, browsers included; with arguments, only the Rust tests they choose.
    Test {
        /// Arguments for `cargo nextest run`.
        #[arg(last = true)]
        nextest: Vec<String>,
    },
    /// Starts only the stores that component tests need, and shows the variables to set.
    Stores,
    /// Shows what is here, what is missing, and what to type.
    Doctor,
}

#[derive(Args)]
struct UpArguments {
    /// How many gateways to run.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=16))]
    gateways: u8,
    /// Stops again once everything is ready.
    #[arg(long)]
    exit_after_ready: bool,
}

/// Runs `cargo dev`: the body of `main.rs`.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            screen::warn(&format!("cannot start: {error}"));
            return ExitCode::FAILURE;
        }
    };
    let ended = runtime.block_on(run(arguments));
    match ended {
        Ok(code) => code,
        Err(error) => {
            screen::warn(&format!("\n{error:?}"));
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    match arguments.command {
        None => run_up(&arguments.up).await,
        Some(Command::Up(up)) => run_up(&up).await,
        // Dropping the work kills its children, which is all the order that tests need.
        Some(Command::Test { nextest }) => tokio::select! {
            ended = suite::run(&nextest) => ended,
            () = interrupted() => Ok(ExitCode::from(130)),
        },
        Some(Command::Stores) => up::stores().await.map(|()| ExitCode::SUCCESS),
        Some(Command::Doctor) => Ok(doctor::run()),
    }
}

async fn run_up(arguments: &UpArguments) -> anyhow::Result<ExitCode> {
    up::run(usize::from(arguments.gateways), arguments.exit_after_ready)
        .await
        .map(|()| ExitCode::SUCCESS)
}

/// Waits for Ctrl-C or SIGTERM.
pub async fn interrupted() {
    let terminated = async {
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => terminate.recv().await,
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminated => {}
    }
}
