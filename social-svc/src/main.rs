//! Runs social-svc.

use std::process::ExitCode;

fn main() -> ExitCode {
    service::main::<social_svc::App>()
}
