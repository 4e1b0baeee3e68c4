//! The product as it runs: stores, every service with replicas, and gateways, as child processes of this one.

mod environment;
mod node;

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use futures::future::try_join_all;

pub use node::{Kind, Node};

use crate::ports::Ports;
use crate::stores::{BusPlan, Durability, Store, Stores};
use crate::tools::Tools;
use crate::{binaries, checkout, process, secrets};

const STOP_PATIENCE: Duration = Duration::from_secs(15);
/// Gateways of `cargo dev` listen here and above, if that is free.
const FRIENDLY_PORT: u16 = 3001;

/// What to start.
#[derive(Debug, Clone)]
pub struct FleetOptions {
    /// How many gateways.
    pub gateways: usize,
    /// How many replicas of every other service.
    pub replicas: usize,
    /// The state directory: data, logs, ports, secrets.
    pub dir: PathBuf,
    /// Variables for every process.
    pub env: Vec<(String, String)>,
    /// Variables for every process of one kind.
    pub env_of: Vec<(Kind, String, String)>,
    /// Variables for single processes: kind, index, name, value.
    pub env_at: Vec<(Kind, usize, String, String)>,
    /// Whether gateways should listen on 3001 and up.
    pub has_friendly_ports: bool,
    /// Browser origins beside the gateways' own.
    pub origins: Vec<String>,
    /// The bus.
    pub bus: BusPlan,
    is_temporary: bool,
}

impl FleetOptions {
    /// Describes two gateways and one of every service, with their data under `dir`.
    #[must_use]
    pub fn new(dir: &Path) -> Self {
        Self {
            gateways: 2,
            replicas: 1,
            dir: dir.to_path_buf(),
            env: Vec::new(),
            env_of: Vec::new(),
            env_at: Vec::new(),
            has_friendly_ports: false,
            origins: Vec::new(),
            bus: BusPlan::of(1),
            is_temporary: false,
        }
    }

    /// Lets pages of another origin connect: a load balancer's, or another host's of the web client.
    #[must_use]
    pub fn origin(mut self, origin: &str) -> Self {
        self.origins.push(origin.to_owned());
        self
    }

    /// Lets the gateways serve a built web client.
    #[must_use]
    pub fn site(self, folder: &Path) -> Self {
        let folder = folder.display().to_string();
        self.env_of(Kind::Gateway, "HUBBUB_GATEWAY__SITE", &folder)
    }

    /// Describes a fleet for one test: its data is removed at the end, unless the test fails.
    #[must_use]
    pub fn temporary() -> Self {
        let dir =
            std::env::temp_dir().join(format!("hubbub-fleet-{}", uuid::Uuid::now_v7().simple()));
        Self {
            is_temporary: true,
            ..Self::new(&dir)
        }
    }

    /// Sets the number of gateways.
    #[must_use]
    pub fn gateways(mut self, count: usize) -> Self {
        self.gateways = count;
        self
    }

    /// Sets the number of replicas of every other service.
    #[must_use]
    pub fn replicas(mut self, count: usize) -> Self {
        self.replicas = count;
        self
    }

    /// Sets what the bus is made of.
    #[must_use]
    pub fn bus(mut self, plan: BusPlan) -> Self {
        self.bus = plan;
        self
    }

    /// Adds a variable for every process.
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Adds a variable for every process of one kind.
    #[must_use]
    pub fn env_of(mut self, kind: Kind, name: &str, value: &str) -> Self {
        self.env_of.push((kind, name.to_owned(), value.to_owned()));
        self
    }

    /// Adds a variable for one process.
    #[must_use]
    pub fn env_at(mut self, kind: Kind, index: usize, name: &str, value: &str) -> Self {
        let (name, value) = (name.to_owned(), value.to_owned());
        self.env_at.push((kind, index, name, value));
        self
    }
}

/// A running fleet. Dropping it kills every process; [`Fleet::stop`] ends them in order.
#[derive(Debug)]
pub struct Fleet {
    /// The stores, to be killed and started as a test likes.
    pub stores: Stores,
    nodes: Vec<Node>,
    admin_password: String,
    folder: Folder,
    /// Nobody else takes them while processes of this fleet are down.
    _ports: Ports,
}

/// Removes a temporary state directory at the end, unless a test failed.
#[derive(Debug)]
struct Folder {
    dir: PathBuf,
    is_temporary: bool,
}

impl Drop for Folder {
    fn drop(&mut self) {
        if !self.is_temporary {
            return;
        }
        if std::thread::panicking() {
            crate::screen::warn(&format!(
                "the fleet's logs and data stay in {}",
                self.dir.display()
            ));
        } else {
            let _ = std::fs::remove_dir_all(&self.dir);
        }
    }
}

impl Fleet {
    /// Builds the binaries if need be, ends leftovers of the state directory, starts everything and waits until each
    /// process says that it is ready.
    ///
    /// # Errors
    /// Fails when something does not come up; the message ends with the last lines of its log.
    pub async fn start(options: FleetOptions) -> Result<Self> {
        let ports = Ports::open(&options.dir);
        Self::start_on(ports, options).await
    }

    /// Does as [`Fleet::start`] with ports of which some are known to others already.
    ///
    /// # Errors
    /// Fails when something does not come up.
    pub async fn start_on(ports: Ports, options: FleetOptions) -> Result<Self> {
        let (tools, binaries) = tokio::try_join!(Tools::find(), binaries::build())?;
        Self::launch(&tools, &binaries, ports, options).await
    }

    /// Does as [`Fleet::start`] with tools and binaries that are known already.
    ///
    /// # Errors
    /// Fails when something does not come up.
    pub async fn start_with(tools: &Tools, binaries: &Path, options: FleetOptions) -> Result<Self> {
        let ports = Ports::open(&options.dir);
        Self::launch(tools, binaries, ports, options).await
    }

    async fn launch(
        tools: &Tools,
        binaries: &Path,
        mut ports: Ports,
        options: FleetOptions,
    ) -> Result<Self> {
        ensure!(
            options.gateways > 0 && options.replicas > 0,
            "a fleet needs one of each at least"
        );
        std::fs::create_dir_all(&options.dir)?;
        let folder = Folder {
            dir: options.dir.clone(),
            is_temporary: options.is_temporary,
        };
        process::end_leftovers(&options.dir).await?;
        let stores = Stores::start_on(
            tools,
            &options.dir,
            &mut ports,
            Durability::Full,
            &options.bus,
        )
        .await?;
        let admin_password = secrets::admin_password(&options.dir)?;
        let nodes = environment::nodes(&options, binaries, &stores, &mut ports)?;
        let mut fleet = Self {
            stores,
            nodes,
            admin_password,
            folder,
            _ports: ports,
        };
        fleet.start_nodes().await?;
        Ok(fleet)
    }

    /// Starts every process that does not run: the services together, because each waits for what another publishes in
    /// the database, and then the gateways, which ask them all.
    async fn start_nodes(&mut self) -> Result<()> {
        for is_gateway in [false, true] {
            let resting = self
                .nodes
                .iter_mut()
                .filter(|node| node.pid().is_none() && (node.kind == Kind::Gateway) == is_gateway);
            try_join_all(resting.map(|node| node.start(&[]))).await?;
        }
        Ok(())
    }

    /// Returns a gateway.
    ///
    /// # Panics
    /// Panics when there are fewer.
    #[must_use]
    pub fn gateway(&self, index: usize) -> &Node {
        self.node(Kind::Gateway, index)
    }

    /// Returns one replica of a service.
    ///
    /// # Panics
    /// Panics when there are fewer.
    #[must_use]
    pub fn node(&self, kind: Kind, index: usize) -> &Node {
        self.find(kind, index)
            .map(|at| &self.nodes[at])
            .expect("the fleet was started with so many")
    }

    /// Returns every service process.
    #[must_use]
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// Returns every service process, to be started and stopped one by one.
    pub fn nodes_mut(&mut self) -> &mut [Node] {
        &mut self.nodes
    }

    /// Returns name and password of the administrator.
    #[must_use]
    pub fn admin(&self) -> (&str, &str) {
        (secrets::ADMIN, &self.admin_password)
    }

    /// Returns the state directory.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.folder.dir
    }

    /// Kills a process as a power cut would.
    pub async fn kill9(&mut self, kind: Kind, index: usize) {
        self.node_mut(kind, index).kill9().await;
    }

    /// Starts a process that was killed, on its old ports, and waits until it is ready.
    ///
    /// # Errors
    /// Fails when it does not come up.
    pub async fn start_again(&mut self, kind: Kind, index: usize) -> Result<()> {
        self.start_again_with(kind, index, &[]).await
    }

    /// Does as [`Fleet::start_again`], with more variables for this run only.
    ///
    /// # Errors
    /// Fails when it does not come up.
    pub async fn start_again_with(
        &mut self,
        kind: Kind,
        index: usize,
        env: &[(&str, &str)],
    ) -> Result<()> {
        let node = self.node_mut(kind, index);
        node.kill9().await;
        node.start(env).await
    }

    /// Kills everything, stores included.
    pub async fn kill9_all(&mut self) {
        for node in &mut self.nodes {
            node.kill9().await;
        }
        for store in Store::ALL {
            self.stores.kill9(store).await;
        }
    }

    /// Starts everything that is not running.
    ///
    /// # Errors
    /// Fails when something does not come up.
    pub async fn start_all(&mut self) -> Result<()> {
        for store in Store::ALL {
            if self.stores.pid(store).is_none() {
                self.stores.start_again(store).await?;
            }
        }
        self.start_nodes().await
    }

    /// Stops everything in an orderly way: gateways first, stores last. Says which processes had to be killed.
    pub async fn stop(mut self) -> Vec<String> {
        let mut killed = Vec::new();
        for kind in Kind::ALL.into_iter().rev() {
            let nodes = self.nodes.iter_mut().filter(|node| node.kind == kind);
            let ended = nodes.map(|node| async { (node.stop(STOP_PATIENCE).await, node.name()) });
            let ended = futures::future::join_all(ended).await;
            killed.extend(
                ended
                    .into_iter()
                    .filter(|(stopped, _)| !stopped)
                    .map(|(_, name)| name),
            );
        }
        self.stores.stop().await;
        killed
    }

    fn node_mut(&mut self, kind: Kind, index: usize) -> &mut Node {
        let at = self
            .find(kind, index)
            .expect("the fleet was started with so many");
        &mut self.nodes[at]
    }

    fn find(&self, kind: Kind, index: usize) -> Option<usize> {
        self.nodes
            .iter()
            .position(|node| node.kind == kind && node.index == index)
    }
}

/// Returns the state directory of the fleet that `cargo dev` runs, with a word if it cannot be made.
///
/// # Errors
/// Fails when it cannot be made.
pub fn default_dir() -> Result<PathBuf> {
    let dir = checkout::state();
    std::fs::create_dir_all(&dir).with_context(|| format!("cannot make {}", dir.display()))?;
    Ok(dir)
}
