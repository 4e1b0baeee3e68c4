//! The documents for people who write clients say what the gateway does.

use std::collections::{BTreeMap, BTreeSet};

use gateway::relay;
use proto::{event::Kind, frame::CloseCode};
use serde_json::Value;

use crate::world::World;

const PROTOCOL: &str = include_str!("../../../docs/protocol.md");

/// What is answered by the connection itself.
const OWN: [&str; 6] = [
    "hello",
    "connection",
    "ping",
    "pong",
    "client.state",
    "auth.refresh",
];
/// What is told and never stored.
const EPHEMERAL: [&str; 15] = [
    "welcome",
    "client/RESUME_SESSION",
    "ok",
    "error",
    "ping",
    "pong",
    "bye",
    "shed",
    "auth.expiring",
    "room.gap",
    "room.reset",
    "typing",
    "read.updated",
    "presence.changed",
    "operator.*",
];

/// Returns the first cell of every row under a heading and the ones below it.
fn rows(heading: &str) -> BTreeSet<&'static str> {
    let (_, section) = PROTOCOL.split_once(heading).expect("the heading");
    let section = section.split("\n## ").next().unwrap_or_default();
    let cells = section.lines().filter_map(|line| {
        let (name, _) = line.strip_prefix("| `")?.split_once('`')?;
        Some(name.split('{').next().unwrap_or(name))
    });
    cells.collect()
}

#[test]
fn every_command_is_described_and_no_other() {
    let described = rows("\n## Commands\n");
    let known: BTreeSet<_> = relay::kinds().chain(OWN).collect();
    assert_eq!(described, known);
}

#[test]
fn every_event_is_described_and_no_other() {
    let described = rows("\n## Events\n");
    let stored = Kind::ALL.iter().filter_map(|kind| kind.frame_type());
    let known: BTreeSet<_> = stored.chain(EPHEMERAL).collect();
    assert_eq!(described, known);
}

#[test]
fn every_close_code_is_described() {
    let described = rows("\n## Goodbyes\n");
    let codes: BTreeSet<_> = CloseCode::ALL
        .iter()
        .map(|close| close.code().to_string())
        .collect();
    let codes = codes.iter().map(String::as_str).collect();
    assert_eq!(described, codes);
}

#[tokio::test]
async fn every_route_has_one_description() {
    let world = World::start().await;
    let api = world.http("", "GET /openapi.json", None).await.json();
    let paths = api["paths"].as_object().expect("paths");
    let mut names = BTreeMap::<&str, u32>::new();
    for (path, methods) in paths {
        for (method, operation) in methods.as_object().expect("methods") {
            let name = operation["operationId"].as_str().expect("a name");
            *names.entry(name).or_default() += 1;
            let described = operation["summary"]
                .as_str()
                .is_some_and(|text| !text.is_empty());
            assert!(described, "{method} {path}");
            let is_signed = operation.get("security").is_none();
            let unauthorised = operation["responses"].get("401");
            assert!(!is_signed || unauthorised.is_some(), "{method} {path}");
        }
    }
    let twice: Vec<_> = names.iter().filter(|(_, count)| **count > 1).collect();
    assert!(twice.is_empty(), "{twice:?}");
    for path in [
        "/v1/users/add",
        "/v1/account/export",
        "/v1/invites/{code}/accept",
    ] {
        assert!(paths.contains_key(path), "{path}");
    }
    let ban: &Value = &api["components"]["schemas"]["NewBan"]["required"];
    assert_eq!(ban, &serde_json::json!(["reason"]));
}
