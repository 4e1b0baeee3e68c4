//! A NATS server and a Redis of one's own.

use devstack::fleet::Fleet;
use devstack::process::Process;
use devstack::stores::Admission;
use devstack::tools::Tools;
use devstack::{bus, secrets};

/// A NATS server that dies with this value.
#[derive(Debug)]
pub struct Nats {
    /// A connected client.
    pub client: async_nats::Client,
    /// Where it listens.
    pub url: String,
    process: Process,
    _dir: Folder,
}

/// A Redis that dies with this value.
#[derive(Debug)]
pub struct Redis {
    /// Where it listens.
    pub url: String,
    process: Process,
    _dir: Folder,
}

impl Nats {
    /// Returns the server's process id.
    #[must_use]
    pub fn pid(&self) -> i32 {
        self.process.pid()
    }
}

impl Redis {
    /// Returns the server's process id.
    #[must_use]
    pub fn pid(&self) -> i32 {
        self.process.pid()
    }
}

/// Starts a NATS server for one test. Everybody may say and hear everything there: tests listen to what services say
/// to each other.
///
/// # Panics
/// Panics when it cannot be found, installed or started.
pub async fn nats() -> Nats {
    let dir = Folder::new();
    let tools = Tools::find()
        .await
        .expect("the stores' programs can be found");
    let (process, url) = devstack::stores::start_nats(&tools, &dir.0, Admission::Everybody)
        .await
        .expect("nats-server starts");
    let client = async_nats::connect(&url)
        .await
        .expect("nats-server was ready");
    Nats {
        client,
        url,
        process,
        _dir: dir,
    }
}

/// Connects to the bus of a fleet, to hear what its processes say to each other. May publish to `observer.>` alone.
///
/// # Panics
/// Panics when the bus is away.
pub async fn observe(fleet: &Fleet) -> async_nats::Client {
    let key = secrets::bus_key(fleet.dir(), bus::OBSERVER).expect("the fleet has an observer");
    let seed = std::fs::read_to_string(key.file).expect("the fleet has an observer");
    async_nats::ConnectOptions::with_nkey(seed.trim().to_owned())
        .connect(fleet.stores.nats_url())
        .await
        .expect("the bus lets the observer in")
}

/// Starts a Redis for one test.
///
/// # Panics
/// Panics when it cannot be found, installed or started.
pub async fn redis() -> Redis {
    let dir = Folder::new();
    let tools = Tools::find()
        .await
        .expect("the stores' programs can be found");
    let (process, url) = devstack::stores::start_redis(&tools, &dir.0)
        .await
        .expect("redis-server starts");
    Redis {
        url,
        process,
        _dir: dir,
    }
}

/// A directory that goes with this value.
#[derive(Debug)]
pub(crate) struct Folder(pub(crate) std::path::PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        let path = std::env::temp_dir().join(format!("hubbub-test-{}", uuid::Uuid::now_v7()));
        std::fs::create_dir_all(&path).expect("the temporary directory is writable");
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
