//! Runs moderation-svc.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: service::Allocator = service::Allocator;

fn main() -> ExitCode {
    service::main::<moderation_svc::App>()
}
