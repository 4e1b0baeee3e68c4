//! What we build from: locked to the byte, from the registries only, under licences that `deny.toml` allows.

use std::{collections::BTreeSet, path::PathBuf, process::Command};

use devstack::checkout;
use serde_json::Value;
use spdx::{Expression, LicenseReq, ParseMode};
use toml::Table;

const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

fn read(path: &str) -> String {
    let path: PathBuf = checkout::root().join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn texts(list: Option<&toml::Value>) -> Vec<&str> {
    let items = list.and_then(toml::Value::as_array).expect("a list");
    items.iter().filter_map(toml::Value::as_str).collect()
}

/// Every package of the lock file for this platform, with all features, as cargo sees it.
fn packages() -> Vec<Value> {
    let output = Command::new("cargo")
        .current_dir(checkout::root())
        .args([
            "metadata",
            "--locked",
            "--all-features",
            "--format-version",
            "1",
        ])
        .args(["--filter-platform", "x86_64-unknown-linux-gnu"])
        .output()
        .expect("cargo runs");
    let why = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{why}");
    let mut metadata: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let Value::Array(packages) = metadata["packages"].take() else {
        panic!("no packages")
    };
    packages
}

#[test]
fn every_crate_is_locked_and_from_the_registry() {
    let ours: BTreeSet<_> = packages()
        .iter()
        .filter(|package| package["source"].is_null())
        .map(|package| package["name"].as_str().expect("a name").to_owned())
        .collect();
    let lock: Table = read("Cargo.lock").parse().expect("TOML");
    let deny: Table = read("deny.toml").parse().expect("TOML");
    let banned = deny["bans"]["deny"].as_array().expect("a list");
    let banned: Vec<_> = banned
        .iter()
        .filter_map(|ban| ban["name"].as_str())
        .collect();
    assert!(!banned.is_empty());
    let locked = lock["package"].as_array().expect("packages");
    assert!(locked.len() > 300, "{} packages", locked.len());
    for package in locked {
        let text = |name: &str| package.get(name).and_then(toml::Value::as_str);
        let name = text("name").expect("a name");
        assert!(!banned.contains(&name), "{name} is banned");
        if ours.contains(name) {
            continue;
        }
        assert_eq!(text("source"), Some(CRATES_IO), "{name}");
        let is_locked = text("checksum").is_some_and(|checksum| checksum.len() == 64);
        assert!(is_locked, "{name} has no checksum");
    }
}

#[test]
fn every_crate_is_under_a_licence_that_is_allowed() {
    let deny: Table = read("deny.toml").parse().expect("TOML");
    let allowed = texts(deny["licenses"].get("allow"));
    let is_allowed = |asked: &LicenseReq| allowed.contains(&asked.to_string().as_str());
    let mut count = 0;
    for package in packages().iter().filter(|it| !it["source"].is_null()) {
        let name = &package["name"];
        let said = package["license"].as_str();
        let said = said.unwrap_or_else(|| panic!("{name} names no licence"));
        let expression = Expression::parse_mode(said, ParseMode::LAX);
        let expression = expression.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(expression.evaluate(is_allowed), "{name} is under {said}");
        count += 1;
    }
    assert!(count > 300, "{count} packages");
}

#[test]
fn every_npm_package_is_locked_and_from_the_registry() {
    let lock: Value = serde_json::from_str(&read("package-lock.json")).expect("JSON");
    let packages = lock["packages"].as_object().expect("packages");
    assert!(packages.len() > 300, "{} packages", packages.len());
    for (path, package) in packages {
        let is_ours = !path.contains("node_modules/") || package["link"] == true;
        if is_ours {
            continue;
        }
        let integrity = package["integrity"].as_str().unwrap_or_default();
        assert!(integrity.starts_with("sha512-"), "{path}: {integrity:?}");
        // An address is written down only for what comes from elsewhere.
        let elsewhere = package["resolved"].as_str();
        assert_eq!(elsewhere, None, "{path}");
    }
}
