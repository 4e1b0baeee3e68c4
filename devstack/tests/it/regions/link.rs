//! Two buses, one for each region, and the link between them.

use std::path::Path;

use devstack::{
    bus::observed_configuration,
    ports,
    process::{Process, Spec},
    secrets::{bus_key, route_password},
    stores, tools, wait,
};
use faultproxy::{Fault, Proxy};
use serde_json::{Value, json};
use tokio::net::TcpStream;

use crate::state::State;

/// By this name servers of two regions enter each other.
const USER: &str = "region";
const NAMES: [&str; 2] = ["home", "far"];

/// Two NATS servers, each a region's bus, that pass on to each other what somebody there listens to.
pub(crate) struct Link {
    urls: [String; 2],
    /// Each stands before the port at which a region lets the other in, and is the only address that is known of it.
    ways: [Proxy; 2],
    _processes: Vec<Process>,
    _state: State,
}

impl Link {
    /// Starts both with the rights and the keys of an installation, which are the same in every region.
    pub(crate) async fn start(installation: &Path) -> Self {
        let state = State::new();
        let mut taken = Vec::new();
        for _ in 0..4 {
            taken.push(ports::free(&taken).expect("a port"));
        }
        let (clients, doors) = (&taken[..2], &taken[2..]);
        let way = async |door: u16| Proxy::open(([127, 0, 0, 1], door).into(), 1).await;
        let ways = [way(doors[0]).await, way(doors[1]).await].map(|way| way.expect("a proxy"));
        let password = route_password(installation).expect("a password");
        let mut processes = Vec::new();
        for (index, name) in NAMES.into_iter().enumerate() {
            let other = 1 - index;
            let mut told =
                observed_configuration(|package| Ok(bus_key(installation, package)?.public))
                    .expect("a configuration");
            told["server_name"] = json!(name);
            told["gateway"] = json!({
                "name": name,
                "listen": format!("127.0.0.1:{}", doors[index]),
                "advertise": ways[index].address().to_string(),
                "authorization": {"user": USER, "password": password},
                "gateways": [{
                    "name": NAMES[other],
                    "urls": [format!("nats://{USER}:{password}@{}", ways[other].address())],
                }],
                // No region that nobody named.
                "reject_unknown_cluster": true,
            });
            processes.push(server(&state, name, clients[index], &told).await);
        }
        Self {
            urls: [stores::nats_url(clients[0]), stores::nats_url(clients[1])],
            ways,
            _processes: processes,
            _state: state,
        }
    }

    /// Where the bus of the region with the stores is.
    pub(crate) fn home(&self) -> &str {
        &self.urls[0]
    }

    /// Where the other region's is.
    pub(crate) fn far(&self) -> &str {
        &self.urls[1]
    }

    /// Breaks the link, in both directions.
    pub(crate) fn cut(&self) {
        for way in &self.ways {
            way.apply(Fault::refuse());
            way.cut();
        }
    }

    /// Makes it whole again; the servers find that out by themselves.
    pub(crate) fn heal(&self) {
        for way in &self.ways {
            way.heal();
        }
    }
}

async fn server(state: &State, name: &str, port: u16, told: &Value) -> Process {
    let file = format!("{name}.conf");
    std::fs::write(state.path().join(&file), told.to_string()).expect("written");
    let program = tools::Tools::find().await.expect("found").nats_server;
    let mut spec = Spec::new(name, &program, state.path());
    spec.args = ["-a", "127.0.0.1", "-p", &port.to_string(), "-c", &file]
        .map(str::to_owned)
        .to_vec();
    let process = Process::spawn(spec).expect("it starts");
    let listens = wait::until("the bus to listen", testkit::PATIENCE, async || {
        TcpStream::connect(("127.0.0.1", port)).await.ok()
    });
    listens.await.expect("it listens");
    process
}
