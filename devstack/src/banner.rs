//! What `cargo dev` prints when everything is up.

use std::time::Duration;

use crate::fleet::{Fleet, Kind};
use crate::screen;
use crate::seed::{Demo, ROOM, USERS};

/// Describes a running fleet to the person who started it.
#[must_use]
pub fn text(fleet: &Fleet, demo: &Demo, took: Duration) -> String {
    let gateways: Vec<_> = fleet
        .nodes()
        .iter()
        .filter(|node| node.kind == Kind::Gateway)
        .collect();
    let first = fleet.gateway(0);
    let second = gateways.get(1).unwrap_or(&first);
    let (admin, password) = fleet.admin();
    let rows = gateways
        .iter()
        .map(|node| row(&format!("gateway {}", node.index + 1), &node.url));
    let mut lines: Vec<String> = vec![format!("\nHubbub is up ({}).\n", screen::seconds(took))];
    lines.extend(rows);
    lines.push(row("OpenAPI", &format!("{}/docs", first.url)));
    for (name, password) in USERS {
        lines.push(row("login", &format!("{name} / {password}")));
    }
    lines.push(row("admin", &format!("{admin} / {password}")));
    lines.push(row("room", &format!("#{ROOM}")));
    lines.push(row(
        "logs",
        &format!("{}", fleet.dir().join("logs").display()),
    ));
    lines.push(row("Postgres", &fleet.stores.postgres_url()));
    let services = [Kind::Auth, Kind::Room, Kind::Social, Kind::Moderation];
    for kind in services {
        lines.push(row(kind.name(), &fleet.node(kind, 0).grpc));
    }
    lines.push("\nTalk from a terminal:".to_owned());
    lines.push(format!(
        "  npx wscat -c '{}?session={}' -s hubbub.v1.json",
        second.ws_url, demo.session
    ));
    lines.push("  > {\"type\":\"hello\",\"data\":{}}".to_owned());
    lines.push("\nCall a service as the administrator:".to_owned());
    lines.push(format!(
        "  TOKEN=$(curl -s {}/login -H 'content-type: application/json' -d '{{\"username\":\"{admin}\",\"password\":\"{password}\"}}' | python3 -c 'import json,sys; print(json.load(sys.stdin)[\"token\"])')",
        first.url
    ));
    let moderation = &fleet.node(Kind::Moderation, 0).grpc;
    lines.push(format!("  grpcurl -plaintext -H \"authorization: Bearer $TOKEN\" {moderation} hubbub.moderation.v1.ModerationService/ListConnections"));
    lines.push("  More of these: docs/admin.md".to_owned());
    lines.push("\nCtrl-C stops everything; the data stays in .hubbub/.\n".to_owned());
    lines.join("\n")
}

fn row(name: &str, value: &str) -> String {
    format!("  {name:<14} {value}")
}
