//! Where the figures come from: `/proc`, the processes' own metrics, and the bus.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use async_nats::{Client as Bus, ConnectOptions};
use devstack::{
    bus::{CENSUS, OBSERVER},
    fleet::{Kind, Node},
    secrets,
};
use reqwest::Client;
use serde::Deserialize;

use super::{Figure, Reading, Snapshot};
use crate::{faultlab::lab::Lab, procs};

/// So long clients may take to be gone: a gateway gives one that vanished up after 45 s.
const GONE: Duration = Duration::from_secs(60);
/// So often and so far apart a calm moment is looked at: what comes and goes is not held, and the least counts.
const LOOKS: usize = 8;
const BETWEEN_LOOKS: Duration = Duration::from_millis(400);
const TIMEOUT: Duration = Duration::from_secs(5);
const MIB: f64 = 1_048_576.0;

/// Waits until no gateway has a client any more, and reads what everyone holds then.
///
/// # Errors
/// When a process does not answer, or clients do not go.
pub async fn at_rest(lab: &Lab) -> Result<Snapshot> {
    let client = Client::builder()
        .no_proxy()
        .pool_max_idle_per_host(0)
        .timeout(TIMEOUT)
        .build()?;
    empty(lab, &client).await?;
    let bus = observe(lab).await?;
    let mut least = look(lab, &client, &bus).await?;
    for _ in 1..LOOKS {
        tokio::time::sleep(BETWEEN_LOOKS).await;
        let next = look(lab, &client, &bus).await?;
        for (reading, next) in least.iter_mut().zip(next) {
            for (figure, value) in next.figures {
                let known = reading.figures.entry(figure).or_insert(value);
                *known = known.min(value);
            }
        }
    }
    Ok(least)
}

async fn empty(lab: &Lab, client: &Client) -> Result<()> {
    let started = Instant::now();
    let gateways = lab.fleet.nodes().iter();
    for node in gateways.filter(|node| node.kind == Kind::Gateway) {
        while value(&metrics(node, client).await?, "hubbub_gateway_connections") > Some(0.0) {
            let name = node.name();
            ensure!(started.elapsed() < GONE, "clients do not leave {name}");
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
    }
    Ok(())
}

async fn look(lab: &Lab, client: &Client, bus: &Bus) -> Result<Snapshot> {
    let mut snapshot = Vec::new();
    for node in lab.fleet.nodes() {
        snapshot.push(process(node, client).await?);
    }
    snapshot.extend(census(bus).await?);
    Ok(snapshot)
}

async fn process(node: &Node, client: &Client) -> Result<Reading> {
    let text = metrics(node, client).await?;
    let (name, pid) = (node.name(), node.pid().context("a process does not run")?);
    let lacking = |what: &str| format!("{name} does not tell its {what}");
    let tasks = value(&text, "runtime_tasks").with_context(|| lacking("tasks"))?;
    let open = value(&text, "pg_pool_connections");
    let memory = procs::anonymous(pid).with_context(|| lacking("memory"))?;
    let descriptors = procs::descriptors(pid).with_context(|| lacking("descriptors"))?;
    let threads = procs::threads(pid).with_context(|| lacking("threads"))?;
    let mut figures = BTreeMap::from([
        (Figure::Memory, memory as f64 / MIB),
        (
            Figure::Descriptors,
            descriptors as f64 - open.unwrap_or(0.0),
        ),
        (Figure::Tasks, tasks),
        (Figure::Threads, threads as f64),
    ]);
    if open.is_some() {
        let busy = value(&text, "pg_pool_connections_busy");
        figures.insert(Figure::Pool, busy.with_context(|| lacking("pool"))?);
    }
    Ok(Reading {
        process: name,
        pid,
        figures,
    })
}

async fn metrics(node: &Node, client: &Client) -> Result<String> {
    let url = format!("{}/metrics", node.internal_url);
    let answer = client.get(url).send().await;
    let answer = answer.with_context(|| format!("{} has no metrics", node.name()))?;
    Ok(answer.text().await?)
}

/// Finds a figure without labels in Prometheus text.
fn value(text: &str, name: &str) -> Option<f64> {
    let found = text.lines().find_map(|line| {
        let rest = line.strip_prefix(name)?;
        rest.strip_prefix(' ')
    });
    found?.trim().parse().ok()
}

async fn observe(lab: &Lab) -> Result<Bus> {
    let key = secrets::bus_key(lab.fleet.dir(), OBSERVER)?;
    let seed = std::fs::read_to_string(key.file)?;
    let options = ConnectOptions::with_nkey(seed.trim().to_owned()).name(OBSERVER);
    let connected = options.connect(lab.fleet.stores.nats_url()).await;
    connected.context("the bus does not let the observer in")
}

#[derive(Deserialize)]
struct Census {
    data: Connections,
}

#[derive(Deserialize)]
struct Connections {
    connections: Vec<Connection>,
}

#[derive(Deserialize)]
struct Connection {
    name: Option<String>,
    subscriptions: u32,
}

/// Asks the bus who is connected and how many subscriptions they have; replicas have one name.
#[expect(
    clippy::disallowed_methods,
    reason = "a question to the server itself, for which there is no typed client"
)]
async fn census(bus: &Bus) -> Result<Snapshot> {
    let question = br#"{"limit":1024}"#.as_slice();
    let answer = bus.request(CENSUS, question.into()).await;
    let answer = answer.context("the bus does not say who is connected")?;
    let census: Census = serde_json::from_slice(&answer.payload)?;
    let mut sums: BTreeMap<String, (f64, f64)> = BTreeMap::new();
    for connection in census.data.connections {
        let name = connection.name.unwrap_or_default();
        if name != OBSERVER {
            let sum = sums.entry(name).or_default();
            *sum = (sum.0 + f64::from(connection.subscriptions), sum.1 + 1.0);
        }
    }
    let reading = |(name, (subscriptions, connections)): (String, (f64, f64))| Reading {
        process: format!("every {name}"),
        pid: 0,
        figures: [
            (Figure::Subscriptions, subscriptions),
            (Figure::Connections, connections),
        ]
        .into(),
    };
    Ok(sums.into_iter().map(reading).collect())
}

#[cfg(test)]
mod tests {
    use super::value;

    #[test]
    fn a_figure_is_found_by_its_whole_name() {
        let text = "# TYPE pool gauge\npool_busy 3\npool{a=\"b\"} 4\npool 17\n";
        assert_eq!(value(text, "pool"), Some(17.0));
        assert_eq!(value(text, "pool_busy"), Some(3.0));
        assert_eq!(value(text, "poo"), None);
    }
}
