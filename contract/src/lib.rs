//! Writes what others are told of the wire: `cargo xtask contract`.
//!
//! What clients are told comes from [`gateway::contract`], that is from the Rust types that are read and written; what the
//! bus is told from [`proto::bus`]. Owns the form
//! of the documents, and nothing of their content. Must not need a running server or a store.

pub mod asyncapi;
pub mod bus;
pub mod fixtures;
pub mod sample;
pub mod typecheck;
pub mod typescript;

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::Context;
use gateway::contract::Registry;

/// The AsyncAPI document.
pub const ASYNCAPI: &str = "proto/asyncapi.json";
/// Who may say and hear what on the bus.
pub const BUS: &str = "helm/hubbub/files/bus.json";
/// The OpenAPI document.
pub const OPENAPI: &str = "proto/openapi.json";
/// The TypeScript types.
pub const TYPESCRIPT: &str = "sdk/src/gen/protocol.ts";
/// The proof that the fixtures have those types.
pub const TYPECHECK: &str = "sdk/src/gen/fixtures.typecheck.ts";

/// Makes the text of every generated file, by its path from the root.
///
/// # Errors
/// When the fixtures cannot be read.
pub fn documents(
    root: &Path,
    registry: &Registry,
) -> anyhow::Result<BTreeMap<&'static str, String>> {
    let fixtures = fixtures::read(root)?;
    let openapi = gateway::contract::openapi()?;
    Ok(BTreeMap::from([
        (ASYNCAPI, json(&asyncapi::document(registry, &fixtures))?),
        (BUS, json(&bus::table())?),
        (OPENAPI, json(&openapi)?),
        (TYPESCRIPT, typescript::types(registry)),
        (TYPECHECK, typecheck::proof(registry, &fixtures)),
    ]))
}

/// Drafts the fixtures that are missing and writes every document.
///
/// # Errors
/// When a file cannot be written.
pub fn write(root: &Path) -> anyhow::Result<()> {
    let registry = Registry::new();
    fixtures::draft(root, &registry)?;
    for (path, text) in documents(root, &registry)? {
        let path = root.join(path);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

/// Lists what is not as the code says: files to be written, and fixtures that are missing or too many.
///
/// # Errors
/// When the fixtures cannot be read.
pub fn stale(root: &Path) -> anyhow::Result<Vec<String>> {
    let registry = Registry::new();
    let mut stale = fixtures::amiss(root, &registry)?;
    for (path, text) in documents(root, &registry)? {
        if fs::read_to_string(root.join(path)).ok() != Some(text) {
            stale.push(format!("{path} is not what the code says"));
        }
    }
    Ok(stale)
}

fn json(value: &serde_json::Value) -> anyhow::Result<String> {
    Ok(serde_json::to_string_pretty(value)? + "\n")
}
