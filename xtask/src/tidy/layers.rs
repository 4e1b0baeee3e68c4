//! Which layer may name what, and whose schema SQL may touch.

use super::Report;
use crate::{
    source::{Source, names as names_path},
    tree::Tree,
};

/// What other crates may read of a schema: what its owner keeps stable. Of the log that is its two tables, so that an
/// owner can read its rows and their head in one moment; only the log's own functions write there.
const CONTRACTS: [&str; 16] = [
    "auth.live_session",
    "auth.person",
    "auth.sighting",
    "moderation.active_ban",
    "moderation.active_mute",
    "moderation.record_act",
    "moderation.shadow_ban",
    "room.membership",
    "social.block_edge",
    "social.friendship",
    "social.may_message",
    "stream.event",
    "stream.head",
    "stream.append",
    "stream.append_alone",
    "stream.actor_lock",
];

/// What makes a line of SQL a write.
const WRITES: [&str; 4] = ["insert into ", "update ", "delete from ", "truncate "];

/// Messages of the services; ids, reasons, subjects and events are everyone's.
const MESSAGES: [&str; 6] = [
    "proto::auth",
    "proto::gateway",
    "proto::moderation",
    "proto::room",
    "proto::social",
    "proto::stream",
];

#[derive(Clone, Copy)]
enum Layer {
    /// Parses a request, makes one domain call, encodes the answer.
    Rpc,
    /// SQL and nothing else.
    Db,
    /// What the service publishes and consumes.
    Events,
    /// Rules.
    Domain,
    /// `main`, `lib`, `config`, `app`, `error`: puts the others together.
    Frame,
}

impl Layer {
    /// Finds the layer of a file by its path below `src/`.
    fn of(file: &str) -> Self {
        let top = file
            .split('/')
            .next()
            .unwrap_or(file)
            .trim_end_matches(".rs");
        match top {
            "rpc" => Self::Rpc,
            "db" => Self::Db,
            "events" => Self::Events,
            "main" | "lib" | "config" | "app" | "error" => Self::Frame,
            _ => Self::Domain,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Rpc => "rpc/",
            Self::Db => "db/",
            Self::Events => "events.rs",
            Self::Domain => "the domain",
            Self::Frame => "the frame",
        }
    }

    /// `own` is the path of the service's own messages. A neighbour's are how a rule calls that neighbour.
    fn forbids(self, path: &str, own: &str) -> bool {
        let any = |prefixes: &[&str]| prefixes.iter().any(|prefix| names_path(path, prefix));
        match self {
            Self::Rpc => any(&["sqlx", "redis", "async_nats", "crate::db"]),
            Self::Db => any(&["tonic"]) || any(&MESSAGES),
            Self::Events => any(&["sqlx"]),
            Self::Domain => any(&["tonic::Status", own]),
            Self::Frame => false,
        }
    }
}

/// The layer table: wire code names no store, SQL code names no wire, rules name neither.
pub(super) fn names(tree: &Tree, report: &mut Report<'_>) {
    for service in tree.services() {
        let folder = format!("{service}/src/");
        let own = format!("proto::{}", service.trim_end_matches("-svc"));
        for source in tree.sources_in(&folder) {
            let layer = Layer::of(&source.path[folder.len()..]);
            let names = source
                .paths
                .iter()
                .filter(|path| !source.is_test(path.line));
            for path in names.filter(|path| layer.forbids(&path.text, &own)) {
                let message = format!("{} may not name `{}`", layer.name(), path.text);
                report.add(&source.path, path.line, message);
            }
        }
    }
}

/// A service's SQL touches its own schema; of another's only the contract views.
pub(super) fn schemas(tree: &Tree, report: &mut Report<'_>) {
    let services = tree.services();
    let mut schemas: Vec<_> = services
        .iter()
        .map(|name| name.trim_end_matches("-svc"))
        .collect();
    schemas.push("stream");
    for service in &services {
        let own = service.trim_end_matches("-svc");
        let foreign: Vec<_> = schemas
            .iter()
            .copied()
            .filter(|schema| *schema != own)
            .collect();
        let (folder, layer) = (format!("{service}/src/"), format!("{service}/src/db"));
        for source in tree
            .sources_in(&layer)
            .filter(|source| is_db(&source.path[folder.len()..]))
        {
            for literal in source
                .literals
                .iter()
                .filter(|literal| !source.is_test(literal.line))
            {
                foreign_names(&literal.text, &foreign, |offset, name| {
                    report.add(&source.path, literal.line + offset, foreign_message(name));
                });
            }
        }
        let migrations = format!("{service}/migrations/");
        for file in tree
            .files
            .iter()
            .filter(|file| file.path.starts_with(&migrations))
        {
            foreign_names(&file.text, &foreign, |offset, name| {
                report.add(&file.path, offset + 1, foreign_message(name));
            });
        }
    }
}

fn is_db(file: &str) -> bool {
    matches!(Layer::of(file), Layer::Db)
}

fn foreign_message(name: &str) -> String {
    format!("`{name}` belongs to another crate: call it, or read a contract view")
}

/// Reports each schema-qualified name of a foreign schema, with the line it stands on from 0.
fn foreign_names(sql: &str, foreign: &[&str], mut report: impl FnMut(usize, &str)) {
    for (offset, line) in sql.lines().enumerate() {
        let line = line.split("--").next().unwrap_or(line).trim_start();
        let is_write = WRITES.iter().any(|verb| line.contains(verb));
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
        for name in line.split(|c| !is_part(c)) {
            let schema = name.split_once('.').map(|(schema, _)| schema);
            let is_foreign = schema.is_some_and(|schema| foreign.contains(&schema));
            if is_foreign && (is_write || !CONTRACTS.contains(&name)) {
                report(offset, name);
            }
        }
    }
}

/// The gateway holds no SQL: no driver in its manifest or code, no statement in its strings.
pub(super) fn gateway(tree: &Tree, report: &mut Report<'_>) {
    if let Some(manifest) = tree.file("gateway/Cargo.toml") {
        let lines = manifest.text.lines().enumerate();
        for (index, line) in lines.filter(|(_, line)| depends_on_sql(line)) {
            report.add(
                &manifest.path,
                index + 1,
                format!("the gateway may not depend on `{}`", line.trim()),
            );
        }
    }
    for source in tree.sources_in("gateway/src/") {
        for path in source
            .paths
            .iter()
            .filter(|path| is_sql_crate(first_part(&path.text)))
        {
            report.add(
                &source.path,
                path.line,
                format!("the gateway may not name `{}`", path.text),
            );
        }
        statements(source, report);
    }
}

fn statements(source: &Source, report: &mut Report<'_>) {
    for literal in &source.literals {
        let text = literal.text.trim_start().to_ascii_lowercase();
        let starts = ["select ", "insert into ", "delete from ", "create table "];
        if starts.iter().any(|start| text.starts_with(start)) {
            report.add(&source.path, literal.line, "the gateway may not hold SQL");
        }
    }
}

fn depends_on_sql(line: &str) -> bool {
    let name = line.split(['.', '=', ' ']).next().unwrap_or_default();
    is_sql_crate(name) || name == "tokio-postgres"
}

fn is_sql_crate(name: &str) -> bool {
    matches!(name, "sqlx" | "pg" | "tokio_postgres")
}

fn first_part(path: &str) -> &str {
    path.split("::").next().unwrap_or(path)
}

/// A transaction whose beginning is cancelled must not stay open on a session of the pool: `pg::begin` sees to that.
pub(super) fn begins(tree: &Tree, report: &mut Report<'_>) {
    let ours = |source: &&Source| !source.path.starts_with("crates/pg/");
    for source in tree.sources.iter().filter(ours) {
        let lines = (1..).zip(&source.code);
        for (line, _) in
            lines.filter(|(line, code)| code.contains(".begin()") && !source.is_test(*line))
        {
            report.add(&source.path, line, "a transaction begins with `pg::begin`");
        }
    }
}
