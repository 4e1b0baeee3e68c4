//! A NATS server: core NATS only, no data on disk.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpStream;

use super::ready;
use crate::bus::{self, Membership};
use crate::process::{Process, Spec};
use crate::secrets;
use crate::tools::Tools;

const PATIENCE: Duration = Duration::from_secs(20);
/// How long the greeting of a server may take.
const GREETING: Duration = Duration::from_secs(2);

/// Who is let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// Whoever has the key of a service, to that service's subjects.
    Keys,
    /// Everybody, to everything.
    Everybody,
}

/// One server before it runs.
#[derive(Debug, Clone)]
pub(super) struct Server {
    /// Names its files: `nats`, and `nats-2` and so on for the others of a cluster.
    pub(super) name: String,
    /// Where clients find it.
    pub(super) port: u16,
    /// Who it shares the bus with, if it does not have it alone.
    pub(super) membership: Option<Membership>,
}

impl Server {
    pub(super) fn alone(port: u16) -> Self {
        Self {
            name: "nats".to_owned(),
            port,
            membership: None,
        }
    }
}

pub(super) fn url(port: u16) -> String {
    format!("nats://127.0.0.1:{port}")
}

pub(super) async fn start(
    tools: &Tools,
    owner: &Path,
    server: &Server,
    admission: Admission,
) -> Result<Process> {
    let mut spec = Spec::new(&server.name, &tools.nats_server, owner);
    spec.args = ["-a", "127.0.0.1", "-p", &server.port.to_string()]
        .map(str::to_owned)
        .to_vec();
    if admission == Admission::Keys {
        let file = format!("{}.conf", server.name);
        configure(owner, &file, server)?;
        spec.args.extend(["-c".to_owned(), file]);
    }
    let spawned = Process::spawn(spec)?;
    ready(spawned, PATIENCE, async || greets(server.port).await).await
}

/// Writes the server's configuration, with the public keys of the state directory's services, into its file in the state
/// directory, where the server runs. What members of a cluster know each other by stands in it, so it is for its owner.
fn configure(state: &Path, file: &str, server: &Server) -> Result<()> {
    let mut configuration =
        bus::observed_configuration(|package| Ok(secrets::bus_key(state, package)?.public))?;
    if let Some(membership) = &server.membership {
        let password = secrets::route_password(state)?;
        bus::join(&mut configuration, &server.name, membership, &password);
    }
    let file = state.join(file);
    let written = std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&file)
        .and_then(|mut open| writeln!(open, "{configuration:#}"));
    written.with_context(|| format!("cannot write {}", file.display()))
}

/// The server greets whoever connects before it asks for a key, so nobody here needs one.
async fn greets(port: u16) -> bool {
    let greeting = async {
        let stream = TcpStream::connect(("127.0.0.1", port)).await.ok()?;
        let mut line = String::new();
        BufReader::new(stream).read_line(&mut line).await.ok()?;
        line.starts_with("INFO ").then_some(())
    };
    matches!(tokio::time::timeout(GREETING, greeting).await, Ok(Some(())))
}
