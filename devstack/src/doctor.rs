//! `cargo dev doctor`: what is here, what is missing, and what to type.

use std::path::Path;
use std::process::ExitCode;

use nix::sys::resource::{Resource, getrlimit};

use crate::tools::{self, Version, hint, on_path};
use crate::{checkout, ports, screen};

/// Enough for a load test of 10,000 connections on one machine.
const FILES_WANTED: u64 = 25_000;

/// Prints the report; fails when something that `cargo dev` cannot install by itself is missing.
#[must_use]
pub fn run() -> ExitCode {
    let mut is_well = true;
    screen::say("programs");
    let stores = [
        (
            "postgres",
            tools::present_postgres().map(|bin| bin.join("postgres")),
            on_path("npm").is_some(),
        ),
        (
            "redis",
            tools::present_redis(),
            checkout::is_root() && on_path("apt-get").is_some(),
        ),
        (
            "nats-server",
            tools::present_nats(),
            on_path("python3").is_some(),
        ),
    ];
    for (name, found, can_install) in stores {
        is_well &= program(
            name,
            found.as_deref(),
            if can_install {
                Missing::IsInstalled
            } else {
                Missing::Hint
            },
        );
    }
    for name in ["cargo", "node", "npm", "python3"] {
        is_well &= program(name, on_path(name).as_deref(), Missing::Hint);
    }
    for name in ["cargo-nextest", "chromium", "setpriv"] {
        program(name, on_path(name).as_deref(), Missing::IsOptional);
    }
    screen::say("limits");
    let (files, _) = getrlimit(Resource::RLIMIT_NOFILE).unwrap_or_default();
    let advice = if files < FILES_WANTED {
        "; for load tests type: ulimit -n 65536"
    } else {
        ""
    };
    screen::say(&format!("  open files  {files}{advice}"));
    screen::say("ports");
    for (name, port) in remembered() {
        let state = if ports::is_free(port) {
            "free"
        } else {
            "in use"
        };
        screen::say(&format!("  {name:<18} {port}  {state}"));
    }
    if is_well {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// What it means that a program is missing.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Missing {
    /// `cargo dev` installs it.
    IsInstalled,
    /// Somebody must type something.
    Hint,
    /// Things work without it.
    IsOptional,
}

fn program(name: &str, found: Option<&Path>, missing: Missing) -> bool {
    let text = match (found, missing) {
        (Some(path), _) => describe(path),
        (None, Missing::IsInstalled) => "missing; the first start installs it".to_owned(),
        (None, Missing::Hint) => format!("missing. Type: {}", hint(package_of(name))),
        (None, Missing::IsOptional) => "missing (optional)".to_owned(),
    };
    screen::say(&format!("  {name:<14} {text}"));
    found.is_some() || missing != Missing::Hint
}

fn describe(path: &Path) -> String {
    // Chromium takes seconds to say its version, and nothing depends on it.
    let is_slow = path.file_name().is_some_and(|name| name == "chromium");
    let version = if is_slow { None } else { Version::of(path) };
    let version = version.map_or_else(String::new, |version| version.to_string());
    format!("{version:<6} {}", path.display())
}

fn package_of(name: &str) -> &str {
    match name {
        "postgres" => "postgresql",
        "redis" => "redis-server",
        "nats-server" | "python3" => "python3-venv",
        "node" => "nodejs",
        other => other,
    }
}

fn remembered() -> Vec<(String, u16)> {
    let text = std::fs::read(checkout::state().join("ports.json")).unwrap_or_default();
    let known: std::collections::BTreeMap<String, u16> =
        serde_json::from_slice(&text).unwrap_or_default();
    known.into_iter().collect()
}
