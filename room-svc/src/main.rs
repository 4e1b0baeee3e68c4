//! Runs room-svc.

use std::process::ExitCode;

fn main() -> ExitCode {
    service::main::<room_svc::App>()
}
