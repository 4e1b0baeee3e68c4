//! The servers that Hubbub is compared with, started with the stores they need.

use std::{
    net::TcpStream,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, bail, ensure};
use devstack::{
    binaries, checkout, ports,
    process::{Process, Spec, log_tail},
    stores::{self, Durability},
    tools::{self, Tools},
    wait,
};

use crate::{dialect::Dialect, procs::Groups, target::Target};

/// How long a peer may take to listen.
const START: Duration = Duration::from_secs(20);
const STOP: Duration = Duration::from_secs(5);
/// Name of its process in reports.
pub const NAME: &str = "peer";
const BINARY: &str = "peer-tungstenite";

/// A server to compare with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Peer {
    /// Socket.IO with the Redis adapter; every message is in Postgres before it is acknowledged.
    #[value(name = "socketio")]
    SocketIo,
    /// Rooms in memory over `ws`.
    Ws,
    /// Rooms in memory over tokio-tungstenite.
    Tungstenite,
    /// Centrifugo that somebody else has started, and that lets everybody in.
    Centrifugo,
    /// Nakama that somebody else has started.
    Nakama,
}

/// A peer that runs. Dropping it kills it.
#[derive(Debug)]
pub struct RunningPeer {
    /// What it is.
    pub kind: Peer,
    /// Where it listens.
    pub target: Target,
    process: Process,
    stores: Vec<(&'static str, Process)>,
    folder: Folder,
}

/// The folder of its data and logs; removed at the end.
#[derive(Debug)]
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        // What stays in the folder of temporary files does no harm.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

impl Peer {
    /// Every peer that can be started here.
    pub const ALL: [Self; 3] = [Self::SocketIo, Self::Ws, Self::Tungstenite];

    /// Returns the name of the reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::SocketIo => "socket.io + Redis + Postgres",
            Self::Ws => "ws (memory only)",
            Self::Tungstenite => "naive tokio-tungstenite (memory only)",
            Self::Centrifugo => "Centrifugo",
            Self::Nakama => "Nakama",
        }
    }

    /// Returns the peer that speaks so and is started by somebody else.
    #[must_use]
    pub fn of_others(dialect: Dialect) -> Option<Self> {
        let others = [Self::Centrifugo, Self::Nakama];
        others.into_iter().find(|peer| peer.dialect() == dialect)
    }

    /// Returns what it speaks.
    #[must_use]
    pub fn dialect(self) -> Dialect {
        match self {
            Self::SocketIo => Dialect::SocketIo,
            Self::Ws | Self::Tungstenite => Dialect::Plain,
            Self::Centrifugo => Dialect::Centrifugo,
            Self::Nakama => Dialect::Nakama,
        }
    }

    /// Starts it, installing or building it first if need be.
    ///
    /// # Errors
    /// When something is missing or does not come up.
    pub async fn start(self) -> anyhow::Result<RunningPeer> {
        let name = format!("hubbub-peer-{}", uuid::Uuid::now_v7().simple());
        let folder = Folder(std::env::temp_dir().join(name));
        std::fs::create_dir_all(&folder.0)?;
        let port = ports::free(&[])?;
        let mut spec = self.spec(&folder.0, port).await?;
        let mut stores = Vec::new();
        if self == Self::SocketIo {
            stores = start_stores(&folder.0, &mut spec).await?;
        }
        let mut process = Process::spawn(spec)?;
        let answers = wait::until("the peer to listen", START, async || {
            let is_over = process.exited().is_some();
            let listens = TcpStream::connect(("127.0.0.1", port)).is_ok();
            (is_over || listens).then_some(listens)
        });
        let listens = answers.await.unwrap_or(false);
        ensure!(listens, "{}", log_tail(&folder.0, NAME));
        Ok(RunningPeer {
            kind: self,
            target: Target::speaking(self.dialect(), &format!("http://127.0.0.1:{port}"))?,
            process,
            stores,
            folder,
        })
    }

    async fn spec(self, folder: &Path, port: u16) -> anyhow::Result<Spec> {
        let script = match self {
            Self::Tungstenite => {
                let mut spec = Spec::new(NAME, &build().await?, folder);
                spec.args.push(port.to_string());
                return Ok(spec);
            }
            Self::SocketIo => "socketio",
            Self::Ws => "ws",
            Self::Centrifugo | Self::Nakama => bail!(
                "{} is not started here: start it, and say with --gateways where it listens",
                self.name()
            ),
        };
        let home = checkout::root().join("loadtest/peers").join(script);
        tools::npm_ci(&home).await?;
        let node = tools::on_path("node").context("node is missing")?;
        let mut spec = Spec::new(NAME, &node, folder);
        spec.args.push("server.mjs".to_owned());
        spec.dir = home;
        spec.env.push(("PORT".into(), port.to_string()));
        spec.env.push(("NODE_ENV".into(), "production".into()));
        Ok(spec)
    }
}

impl RunningPeer {
    /// Returns its processes.
    #[must_use]
    pub fn groups(&self) -> Groups {
        let stores = self.stores.iter().map(|(name, store)| (*name, store.pid()));
        let own = std::iter::once((NAME, self.process.pid()));
        Groups::of(own.chain(stores).map(|(name, pid)| (name.to_owned(), pid)))
    }

    /// Stops it and its stores.
    pub async fn stop(self) {
        self.process.stop(STOP).await;
        for (_, store) in self.stores {
            store.stop(STOP).await;
        }
        drop(self.folder);
    }
}

/// Starts a Postgres that is as durable as Hubbub's, and a Redis.
async fn start_stores(
    folder: &Path,
    spec: &mut Spec,
) -> anyhow::Result<Vec<(&'static str, Process)>> {
    let tools = Tools::find().await?;
    let port = ports::free(&[])?;
    let postgres = stores::start_postgres(&tools, folder, port, Durability::Full).await?;
    let (redis, redis_url) = stores::start_redis(&tools, folder).await?;
    let database = stores::database_url(port, "postgres");
    spec.env.push(("DATABASE_URL".into(), database));
    spec.env.push(("REDIS_URL".into(), redis_url));
    Ok(vec![("postgres", postgres), ("redis", redis)])
}

/// Builds the peer that is written in Rust with the profile of this very program, unless it lies with binaries that are
/// built already.
async fn build() -> anyhow::Result<PathBuf> {
    if let Some(folder) = checkout::variable(binaries::VARIABLE) {
        let built = Path::new(&folder).join(BINARY);
        if built.exists() {
            return Ok(built);
        }
    }
    let program = std::env::current_exe()?;
    let folder = program.parent().context("a program lies in a folder")?;
    let folder = if folder.ends_with("deps") {
        folder.parent().unwrap_or(folder)
    } else {
        folder
    };
    let profile = folder.file_name().unwrap_or_default().to_string_lossy();
    let mut command = tokio::process::Command::new("cargo");
    command.current_dir(checkout::root());
    command.args(["build", "-p", "loadtest", "--bin", BINARY, "--profile"]);
    command.arg(if profile == "debug" { "dev" } else { &*profile });
    command.arg("--target-dir");
    command.arg(folder.parent().unwrap_or(folder));
    binaries::offline(&mut command);
    tools::run(&mut command).await?;
    Ok(folder.join(BINARY))
}
