//! A running product for one test: two gateways, as many replicas as asked for, real stores.

use std::{path::Path, time::Duration};

use devstack::{
    fleet::{Fleet, FleetOptions, Kind},
    stores::Store,
    supervisor::Supervisor,
    tools, wait,
};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use serde_json::Value;
use testkit::Person;

/// How long a log line may take to be written.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long the supervisor of `cargo dev` may take to have everything up again.
const HEALED_WITHIN: Duration = Duration::from_secs(60);

/// Tests talk faster than people; those about limits set their own.
const GENEROUS: [(&str, &str); 4] = [
    ("HUBBUB_GATEWAY__RATE_PER_CONNECTION", "10000"),
    ("HUBBUB_GATEWAY__BURST_PER_CONNECTION", "10000"),
    ("HUBBUB_GATEWAY__RATE_PER_USER", "10000"),
    ("HUBBUB_GATEWAY__BURST_PER_USER", "10000"),
];

/// The product.
pub(crate) struct Stage {
    fleet: Fleet,
}

impl Stage {
    /// Two gateways and one of every service.
    pub(crate) async fn open() -> Self {
        Self::with(1, &[]).await
    }

    /// The same with more variables for every process.
    pub(crate) async fn with_env(env: &[(&str, &str)]) -> Self {
        Self::with(1, env).await
    }

    /// Two gateways and `replicas` of every service.
    pub(crate) async fn with(replicas: usize, env: &[(&str, &str)]) -> Self {
        let options = FleetOptions::temporary().gateways(2).replicas(replicas);
        let options = GENEROUS
            .iter()
            .chain(env)
            .fold(options, |options, (name, value)| options.env(name, value));
        Self {
            fleet: Fleet::start(options).await.expect("the product starts"),
        }
    }

    /// A gateway's URL.
    pub(crate) fn http(&self, index: usize) -> String {
        self.fleet.gateway(index).url.clone()
    }

    /// A gateway's WebSocket URL.
    pub(crate) fn ws(&self, index: usize) -> String {
        self.fleet.gateway(index).ws_url.clone()
    }

    /// The internal URL of the first process of a kind.
    pub(crate) fn internal(&self, kind: Kind) -> String {
        self.fleet.node(kind, 0).internal_url.clone()
    }

    /// The admin port of the first process of a kind, as `host:port`.
    pub(crate) fn admin_port(&self, kind: Kind) -> String {
        self.fleet.node(kind, 0).grpc.clone()
    }

    /// How many processes of a kind are alive.
    pub(crate) fn alive(&mut self, kind: Kind) -> usize {
        let nodes = self
            .fleet
            .nodes_mut()
            .iter_mut()
            .filter(|node| node.kind == kind);
        nodes
            .map(|node| !node.has_died())
            .filter(|is_alive| *is_alive)
            .count()
    }

    /// Kills every process, stores included, as a power cut would.
    pub(crate) async fn kill_everything(&mut self) {
        self.fleet.kill9_all().await;
    }

    /// Starts what is not running.
    pub(crate) async fn start_everything(&mut self) {
        self.fleet
            .start_all()
            .await
            .expect("the product starts again");
    }

    /// Kills a gateway.
    pub(crate) async fn kill_gateway(&mut self, index: usize) {
        self.fleet.kill9(Kind::Gateway, index).await;
    }

    /// Lets the first process of every kind crash, behind the fleet's back, and the supervisor of `cargo dev` look after
    /// it until everything runs again.
    pub(crate) async fn crash_under_supervision(&mut self) {
        for kind in Kind::ALL {
            let pid = self.fleet.node(kind, 0).pid().expect("it runs");
            kill(Pid::from_raw(pid), Signal::SIGKILL).expect("it is ours");
        }
        let (mut supervisor, mut has_crashed) = (Supervisor::default(), false);
        let healed = wait::until("everything to run", HEALED_WITHIN, async || {
            let is_whole = supervisor.look(&mut self.fleet).await;
            has_crashed |= !is_whole;
            (has_crashed && is_whole).then_some(())
        });
        healed.await.expect("everything is started again");
    }

    /// Kills a gateway and starts it again on its port, with more variables for that run.
    pub(crate) async fn start_gateway_with(&mut self, index: usize, env: &[(&str, &str)]) {
        self.fleet
            .start_again_with(Kind::Gateway, index, env)
            .await
            .expect("the gateway starts again");
    }

    /// Kills the first process of a kind and starts it again, with more variables for that run.
    pub(crate) async fn start_service_with(
        &mut self,
        kind: Kind,
        env: &[(&str, &str)],
    ) -> anyhow::Result<()> {
        self.fleet.start_again_with(kind, 0, env).await
    }

    /// Where the services keep everything, for one of its roles.
    pub(crate) fn login_url(&self, role: &str) -> String {
        self.fleet.stores.login_url(role).expect("a password")
    }

    /// Where the services keep everything.
    pub(crate) fn postgres_url(&self) -> String {
        self.fleet.stores.postgres_url()
    }

    /// Where the services keep what they may lose.
    pub(crate) fn redis_url(&self) -> String {
        self.fleet.stores.redis_url()
    }

    /// Name and password of the administrator.
    pub(crate) fn admin_credentials(&self) -> (&str, &str) {
        self.fleet.admin()
    }

    /// Tells a gateway to stop (SIGTERM), without waiting for it.
    pub(crate) fn stop_gateway(&self, index: usize) {
        self.fleet.gateway(index).terminate();
    }

    /// Kills the bus and starts it again.
    pub(crate) async fn restart_bus(&mut self) {
        self.fleet.stores.kill9(Store::Nats).await;
        self.fleet
            .stores
            .start_again(Store::Nats)
            .await
            .expect("NATS starts again");
    }

    /// Kills the bus for good.
    pub(crate) async fn kill_bus(&mut self) {
        self.fleet.stores.kill9(Store::Nats).await;
    }

    /// Tells every process to stop and says which had to be killed after `patience`.
    pub(crate) async fn stubborn(&mut self, patience: Duration) -> Vec<String> {
        let stops = self.fleet.nodes_mut().iter_mut().map(async |node| {
            let name = node.name();
            (!node.stop(patience).await).then_some(name)
        });
        futures::future::join_all(stops)
            .await
            .into_iter()
            .flatten()
            .collect()
    }

    /// Kills Redis and starts an empty one.
    pub(crate) async fn lose_redis(&mut self) {
        self.fleet.stores.kill9(Store::Redis).await;
        self.fleet
            .stores
            .start_again(Store::Redis)
            .await
            .expect("Redis starts again");
    }

    /// Resident bytes of a gateway.
    pub(crate) fn memory_of_gateway(&self, index: usize) -> u64 {
        let pid = self.fleet.gateway(index).pid().expect("it runs");
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("it runs");
        let line = status
            .lines()
            .find(|line| line.starts_with("VmRSS:"))
            .expect("Linux says");
        let kib: u64 = line
            .split_whitespace()
            .nth(1)
            .and_then(|kib| kib.parse().ok())
            .expect("a number");
        kib * 1024
    }

    /// The administrator, logged in.
    pub(crate) async fn admin(&self) -> Person {
        let (name, password) = self.fleet.admin();
        Person::log_in(&self.http(0), name, password).await
    }

    /// Runs grpcurl; whether it succeeded and all it printed.
    pub(crate) async fn grpcurl(&self, arguments: &[&str]) -> (bool, String) {
        let program = tools::grpcurl().await.expect("grpcurl can be had");
        let output = tokio::process::Command::new(program)
            .args(arguments)
            .output()
            .await
            .expect("grpcurl runs");
        let text = [output.stdout, output.stderr].concat();
        (
            output.status.success(),
            String::from_utf8_lossy(&text).into_owned(),
        )
    }

    /// Everything the first process of a kind logged.
    pub(crate) fn log(&self, kind: Kind) -> String {
        read(&self.fleet.node(kind, 0).log())
    }

    /// Waits for a log line with this `event_type`.
    pub(crate) async fn log_line(&self, kind: Kind, event_type: &str) -> Value {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            let log = self.log(kind);
            let mut lines = log
                .lines()
                .filter_map(|line| serde_json::from_str::<Value>(line).ok());
            if let Some(line) = lines.find(|line| line["event_type"] == event_type) {
                return line;
            }
            assert!(
                tokio::time::Instant::now() < deadline,
                "{event_type} was never logged:\n{log}"
            );
            tokio::task::yield_now().await;
        }
    }
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}

/// The bodies of a list of messages.
pub(crate) fn bodies(messages: &Value) -> Vec<String> {
    let messages = messages
        .as_array()
        .unwrap_or_else(|| panic!("not a list: {messages}"));
    messages
        .iter()
        .map(|message| message["body"].as_str().unwrap_or_default().to_owned())
        .collect()
}
