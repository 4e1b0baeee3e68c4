//! `loadtest`: see `loadtest --help`.

use std::process::ExitCode;

fn main() -> ExitCode {
    loadtest::main()
}
