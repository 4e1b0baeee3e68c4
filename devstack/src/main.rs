//! `cargo dev`.

use std::process::ExitCode;

fn main() -> ExitCode {
    devstack::command::main()
}
