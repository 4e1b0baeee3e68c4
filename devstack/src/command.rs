//! The command line of `cargo dev`.

use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use tokio::signal::unix::{Signal, SignalKind, signal};

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
    /// Runs only the browser tests, or some files of them, such as `story.test.mjs`.
    Browsers {
        /// Files in `e2e/`.
        files: Vec<String>,
    },
    /// Looks for bytes that break what reads them: all targets of `fuzz/`, or those that are named.
    Fuzz {
        /// Folders of `fuzz/corpus/`, such as `frame`.
        targets: Vec<String>,
        /// How long each is tried.
        #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..))]
        seconds: u64,
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
    raise_file_limit();
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
    let mut interrupts = Interrupts::listen()?;
    match arguments.command {
        None => run_up(&arguments.up, interrupts).await,
        Some(Command::Up(up)) => run_up(&up, interrupts).await,
        // Dropping the work kills its children, which is all the order that tests need.
        Some(Command::Test { nextest }) => tokio::select! {
            ended = suite::run(&nextest) => ended,
            () = interrupts.next() => Ok(ExitCode::from(130)),
        },
        Some(Command::Browsers { files }) => tokio::select! {
            ended = suite::browsers(&files) => ended,
            () = interrupts.next() => Ok(ExitCode::from(130)),
        },
        Some(Command::Fuzz { targets, seconds }) => tokio::select! {
            ended = suite::fuzz(&targets, seconds) => ended,
            () = interrupts.next() => Ok(ExitCode::from(130)),
        },
        Some(Command::Stores) => up::stores(interrupts).await.map(|()| ExitCode::SUCCESS),
        Some(Command::Doctor) => Ok(doctor::run()),
    }
}

async fn run_up(arguments: &UpArguments, interrupts: Interrupts) -> anyhow::Result<ExitCode> {
    up::run(
        usize::from(arguments.gateways),
        arguments.exit_after_ready,
        interrupts,
    )
    .await
    .map(|()| ExitCode::SUCCESS)
}

/// Lets this process and its children open as many files as the system allows: every connection is one.
fn raise_file_limit() {
    if let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE)
        && soft < hard
    {
        // A system that refuses leaves the limit as it is, which `doctor` shows.
        let _ = setrlimit(Resource::RLIMIT_NOFILE, hard, hard);
    }
}

/// Ctrl-C and SIGTERM, none of them lost between two waits.
#[derive(Debug)]
pub struct Interrupts {
    interrupt: Signal,
    terminate: Signal,
}

impl Interrupts {
    /// Listens from now on.
    ///
    /// # Errors
    /// Fails when the handlers cannot be set.
    pub fn listen() -> std::io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    /// Waits for the next one.
    pub async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
