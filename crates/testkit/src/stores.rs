//! A NATS server and a Redis of one's own.

use devstack::process::Process;
use devstack::tools::Tools;

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

/// Starts a NATS server for one test.
///
/// # Panics
/// Panics when it cannot be found, installed or started.
pub async fn nats() -> Nats {
    let dir = Folder::new();
    let tools = Tools::find()
        .await
        .expect("the stores' programs can be found");
    let (process, url) = devstack::stores::start_nats(&tools, &dir.0)
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
struct Folder(std::path::PathBuf);

impl Folder {
    fn new() -> Self {
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
