//! Runs auth-svc.

use std::process::ExitCode;

fn main() -> ExitCode {
    service::main::<auth_svc::App>()
}
