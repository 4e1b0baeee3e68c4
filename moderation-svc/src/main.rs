//! Runs moderation-svc.

use std::process::ExitCode;

fn main() -> ExitCode {
    service::main::<moderation_svc::App>()
}
