//! The engine's entry: libFuzzer calls the target that `HUBBUB_FUZZ` names, with bytes that it makes from the corpus.
//! `cargo dev fuzz` builds this with counters in every branch of our own crates, and starts it once per target.

#![no_main]

use std::sync::OnceLock;

use fuzz::Check;

/// Names the target.
const VARIABLE: &str = "HUBBUB_FUZZ";

static CHOSEN: OnceLock<Check> = OnceLock::new();

/// Finds the target; the engine must not run for an hour on nothing because of a misspelt name.
fn choose() -> Check {
    let name = std::env::var_os(VARIABLE).unwrap_or_default();
    let found = fuzz::TARGETS.iter().find(|target| target.name == name);
    assert!(found.is_some(), "{VARIABLE}={name:?} is not a target");
    found.map_or(|_| (), |target| target.check)
}

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    CHOSEN.get_or_init(choose)(data);
});
