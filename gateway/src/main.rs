//! Runs gateway.

use std::process::ExitCode;

fn main() -> ExitCode {
    service::main::<gateway::App>()
}
