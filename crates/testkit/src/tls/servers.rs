//! Postgres, Redis and NATS that speak with nobody in clear.

use std::{
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use devstack::{
    checkout, ports,
    process::{Process, Spec},
    stores::{self, Durability},
    tools::Tools,
    wait,
};
use sqlx::{Connection, Executor, PgConnection, Row};
use tokio::net::TcpStream;

use super::Certified;
use crate::{PATIENCE, stores::Folder};

/// A server that dies with this value.
#[derive(Debug)]
pub struct Secured {
    /// Where it listens, on 127.0.0.1.
    pub port: u16,
    process: Process,
    folder: Folder,
}

impl Secured {
    /// Returns its folder, for whatever a test needs to write.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder.0
    }

    /// Returns what it has logged.
    #[must_use]
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.process.spec().log()).unwrap_or_default()
    }
}

async fn tools() -> Tools {
    let found = Tools::find().await;
    found.expect("the stores' programs can be found")
}

/// Starts a Postgres, with the services' roles as [`stores::login_url`] knows them, that lets them in over TLS alone.
///
/// # Panics
/// Panics when it cannot be started.
pub async fn postgres(certified: &Certified) -> Secured {
    let folder = Folder::new();
    let port = ports::free(&[]).expect("a port");
    let started = stores::start_postgres(&tools().await, &folder.0, port, Durability::None).await;
    let process = started.expect("postgres starts");
    insist_on_tls(&stores::database_url(port, stores::DATABASE), certified).await;
    Secured {
        port,
        process,
        folder,
    }
}

/// Makes a Postgres that devstack started speak TLS, and let services in over TLS alone, at once for new connections.
///
/// # Panics
/// Panics when the superuser's address is not that of such a server, or the server was built without TLS.
pub async fn insist_on_tls(superuser_url: &str, certified: &Certified) {
    let connected = PgConnection::connect(superuser_url).await;
    let mut superuser = connected.expect("the superuser comes in");
    let row = superuser.fetch_one("show data_directory").await;
    let data: PathBuf = row.expect("told").get::<String, _>(0).into();
    let files = certified.written(&data);
    let account = checkout::postgres_account().expect("an account");
    for file in &files {
        let closed = std::fs::Permissions::from_mode(0o600);
        std::fs::set_permissions(file, closed).expect("closed");
        if let Some(account) = account {
            checkout::give(file, account).expect("given");
        }
    }
    let rules = data.join("pg_hba.conf");
    let open = std::fs::read_to_string(&rules).expect("rules");
    let insisting = open.replace(
        &format!("host {} all", stores::DATABASE),
        &format!("hostssl {} all", stores::DATABASE),
    );
    assert_ne!(open, insisting, "the rule for services is no longer known");
    std::fs::write(&rules, insisting).expect("written");
    for statement in ["alter system set ssl = on", "select pg_reload_conf()"] {
        superuser.execute(statement).await.expect("done");
    }
    let reloaded = wait::until("postgres to speak TLS", PATIENCE, async || {
        let mut new = PgConnection::connect(superuser_url).await.ok()?;
        let is_on = new.fetch_one("show ssl").await.ok()?.get::<String, _>(0) == "on";
        is_on.then_some(())
    });
    reloaded.await.expect("postgres was built with TLS");
}

/// Starts a Redis without a port in clear.
///
/// # Panics
/// Panics when it cannot be started, as one that was built without TLS cannot.
pub async fn redis(certified: &Certified) -> Secured {
    let folder = Folder::new();
    let [certificate, key] = certified.written(&folder.0);
    let port = ports::free(&[]).expect("a port");
    let mut spec = Spec::new("redis", &tools().await.redis_server, &folder.0);
    let settings = [
        ("--port", "0"),
        ("--tls-port", &port.to_string()),
        ("--bind", "127.0.0.1"),
        ("--tls-cert-file", &certificate.display().to_string()),
        ("--tls-key-file", &key.display().to_string()),
        ("--tls-ca-cert-file", &certificate.display().to_string()),
        ("--tls-auth-clients", "no"),
        ("--save", ""),
    ];
    spec.args = settings
        .into_iter()
        .flat_map(|(name, value)| [name.to_owned(), value.to_owned()])
        .collect();
    started(spec, port, folder).await
}

/// Starts a NATS server that lets everybody in, over TLS alone.
///
/// # Panics
/// Panics when it cannot be started.
pub async fn nats(certified: &Certified) -> Secured {
    let folder = Folder::new();
    let [certificate, key] = certified.written(&folder.0);
    let port = ports::free(&[]).expect("a port");
    let tls = serde_json::json!({"tls": {"cert_file": certificate, "key_file": key}});
    let file = folder.0.join("nats.conf");
    std::fs::write(&file, tls.to_string()).expect("written");
    let mut spec = Spec::new("nats", &tools().await.nats_server, &folder.0);
    let (port_text, file) = (port.to_string(), file.display().to_string());
    spec.args = ["-a", "127.0.0.1", "-p", &port_text, "-c", &file]
        .map(str::to_owned)
        .to_vec();
    started(spec, port, folder).await
}

async fn started(spec: Spec, port: u16, folder: Folder) -> Secured {
    let mut process = Process::spawn(spec).expect("the program is there");
    let name = process.spec().name.clone();
    let listens = wait::until("the server to listen", PATIENCE, async || {
        let has_ended = process.exited().is_some();
        assert!(
            !has_ended,
            "{}",
            devstack::process::log_tail(&folder.0, &name)
        );
        TcpStream::connect(("127.0.0.1", port)).await.ok()
    });
    listens.await.expect("the server listens");
    Secured {
        port,
        process,
        folder,
    }
}
