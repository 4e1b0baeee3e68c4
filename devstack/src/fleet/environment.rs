//! The environment of every service process.

use std::ffi::OsString;
use std::path::Path;

use anyhow::Result;
use proto::database::{Login, OWNER};

use super::node::{Kind, Node};
use super::{FRIENDLY_PORT, FleetOptions};
use crate::ports::Ports;
use crate::secrets;
use crate::stores::Stores;

/// Everybody on a development machine comes from one address, and nobody wants to wait for a paced drain.
const DEVELOPMENT: [(Kind, &str, &str); 7] = [
    (Kind::Moderation, "HUBBUB_MODERATION__ALLOW_PRIVATE", "true"),
    (
        Kind::Auth,
        "HUBBUB_AUTH__LIMITS__ADDRESS_PER_MINUTE",
        "100000",
    ),
    (Kind::Gateway, "HUBBUB_GATEWAY__PER_ADDRESS", "25000"),
    (Kind::Gateway, "HUBBUB_GATEWAY__RATE_PER_ADDRESS", "100000"),
    (Kind::Gateway, "HUBBUB_GATEWAY__BURST_PER_ADDRESS", "100000"),
    (Kind::Gateway, "HUBBUB_GATEWAY__DRAIN_MS", "500"),
    (Kind::Gateway, "HUBBUB_GATEWAY__QUERY_CREDENTIALS", "true"),
];

/// Who keeps something in Redis.
const REDIS_USERS: [Kind; 3] = [Kind::Auth, Kind::Moderation, Kind::Social];

type Variables = Vec<(String, String)>;

/// Plans every process of a fleet: names, ports, environment; nothing is started.
pub(super) fn nodes(
    options: &FleetOptions,
    binaries: &Path,
    stores: &Stores,
    ports: &mut Ports,
) -> Result<Vec<Node>> {
    let mut listen = Vec::new();
    for index in 0..options.gateways {
        let preferred = u16::try_from(index)
            .ok()
            .filter(|_| options.has_friendly_ports);
        let preferred = preferred.map(|index| FRIENDLY_PORT + index);
        listen.push(ports.take(&format!("gateway-{}", index + 1), preferred)?);
    }
    let mut nodes = Vec::new();
    for kind in Kind::ALL {
        let common = variables(kind, options, stores, &listen)?;
        let count = if kind == Kind::Gateway {
            options.gateways
        } else {
            options.replicas
        };
        for index in 0..count {
            let name = format!("{}-{}", kind.name(), index + 1);
            let http = format!("127.0.0.1:{}", ports.take(&format!("{name}-http"), None)?);
            let mut node = Node {
                kind,
                index,
                url: String::new(),
                ws_url: String::new(),
                internal_url: format!("http://{http}"),
                grpc: String::new(),
                env: vec![("HUBBUB_HTTP__LISTEN".into(), http)],
                program: binaries.join(kind.name()),
                dir: options.dir.clone(),
                process: None,
            };
            if let Some(port) = listen.get(index).filter(|_| kind == Kind::Gateway) {
                node.url = format!("http://localhost:{port}");
                node.ws_url = format!("ws://localhost:{port}/v1/rt");
                node.env
                    .push(("HUBBUB_GATEWAY__LISTEN".into(), format!("127.0.0.1:{port}")));
            } else {
                node.grpc = format!("127.0.0.1:{}", ports.take(&format!("{name}-grpc"), None)?);
                node.env
                    .push(("HUBBUB_GRPC__LISTEN".into(), node.grpc.clone()));
            }
            node.env.extend(common.clone());
            let own = options.env_at.iter();
            let own = own.filter(|(of, at, ..)| *of == kind && *at == index);
            let own = own.map(|(.., name, value)| (name.clone(), value.clone()));
            node.env.extend(own);
            nodes.push(node);
        }
    }
    Ok(nodes)
}

/// Returns what all replicas of a kind share; later entries win.
fn variables(
    kind: Kind,
    options: &FleetOptions,
    stores: &Stores,
    gateways: &[u16],
) -> Result<Variables> {
    let mut env: Variables = vec![
        ("HUBBUB_NATS__URL".into(), stores.nats_url()),
        ("HUBBUB_TELEMETRY__LOG_FORMAT".into(), "json".into()),
        ("HUBBUB_SHUTDOWN__LAG_MS".into(), "0".into()),
        ("HUBBUB_SHUTDOWN__GRACE_MS".into(), "5000".into()),
    ];
    let key = secrets::bus_key(&options.dir, kind.name())?;
    let key = key.file.display().to_string();
    env.push(("HUBBUB_NATS__NKEY_FILE".into(), key));
    if let Some(login) = Login::of(kind.name()) {
        env.push(("HUBBUB_PG__URL".into(), stores.login_url(login.role)?));
        env.push(("HUBBUB_PG__MIGRATE_URL".into(), stores.login_url(OWNER)?));
    }
    if REDIS_USERS.contains(&kind) {
        env.push(("HUBBUB_REDIS__URL".into(), stores.redis_url()));
    }
    if kind == Kind::Auth {
        let admin = format!(
            "{}:{}",
            secrets::ADMIN,
            secrets::admin_password(&options.dir)?
        );
        env.push((
            "HUBBUB_AUTH__MASTER_KEY".into(),
            secrets::master_key(&options.dir)?,
        ));
        env.push(("HUBBUB_AUTH__BOOTSTRAP_ADMIN".into(), admin));
    }
    if kind == Kind::Gateway {
        let origins = gateways
            .iter()
            .flat_map(|port| [("localhost", port), ("127.0.0.1", port)]);
        let origins = origins.map(|(host, port)| format!("http://{host}:{port}"));
        let origins = origins.chain(options.origins.iter().cloned());
        let origins: Vec<String> = origins.map(|origin| format!("\"{origin}\"")).collect();
        env.push((
            "HUBBUB_GATEWAY__ORIGINS".into(),
            format!("[{}]", origins.join(",")),
        ));
    }
    let development = DEVELOPMENT.iter().filter(|(of, ..)| *of == kind);
    env.extend(development.map(|(_, name, value)| ((*name).to_owned(), (*value).to_owned())));
    let fitting = options.env.iter().filter(|(name, _)| fits(kind, name));
    env.extend(fitting.cloned());
    let own = options.env_of.iter().filter(|(of, ..)| *of == kind);
    env.extend(own.map(|(_, name, value)| (name.clone(), value.clone())));
    Ok(env)
}

/// Says whether a variable may be shown to a kind of process: each refuses sections that it does not know.
fn fits(kind: Kind, name: &str) -> bool {
    let section = name
        .strip_prefix("HUBBUB_")
        .and_then(|rest| rest.split_once("__"));
    match section.map(|(section, _)| section) {
        Some("GATEWAY") => kind == Kind::Gateway,
        Some("AUTH") => kind == Kind::Auth,
        Some("REDIS") => REDIS_USERS.contains(&kind),
        Some("MODERATION") => kind == Kind::Moderation,
        Some("SOCIAL") => kind == Kind::Social,
        Some("ROOM") => kind == Kind::Room,
        Some("PG") => kind != Kind::Gateway,
        _ => true,
    }
}

/// Returns the variables of our own environment that a kind of process must not inherit: another's sections, and
/// the stores' addresses, which are ours to tell.
pub(super) fn foreign(kind: Kind) -> Vec<OsString> {
    let names = std::env::vars_os().map(|(name, _)| name);
    names
        .filter(|name| name.to_str().is_some_and(|name| !fits(kind, name)))
        .collect()
}
