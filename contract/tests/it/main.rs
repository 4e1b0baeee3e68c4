//! What clients are made from is what the code says, and the examples are true.

mod documents;
mod fixtures;

use std::path::PathBuf;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}
