//! The bus: one server, or several that clients see as one.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use futures::future::try_join_all;

use super::STOP_PATIENCE;
use super::nats::{self, Admission, Server};
use crate::bus::Membership;
use crate::ports::Ports;
use crate::process::Process;
use crate::tools::Tools;

/// How a bus is made.
#[derive(Debug, Clone)]
pub struct BusPlan {
    /// How many servers it has.
    pub servers: usize,
    /// The ports at which its servers find each other, one for each, in place of those at which they listen
    /// ([`route_ports`]): from there a way that can be cut leads to these. Empty: there is nothing in between.
    pub ways: Vec<u16>,
}

impl BusPlan {
    /// So many servers, with nothing in between.
    #[must_use]
    pub fn of(servers: usize) -> Self {
        Self {
            servers,
            ways: Vec::new(),
        }
    }
}

/// The servers of one bus, each with its process while it runs.
#[derive(Debug)]
pub(super) struct Cluster(Vec<(Server, Option<Process>)>);

/// Returns the ports at which clients find the servers of a bus.
///
/// # Errors
/// Fails when no free port can be found.
pub fn bus_ports(ports: &mut Ports, servers: usize) -> Result<Vec<u16>> {
    (0..servers)
        .map(|index| ports.take(&name(index), None))
        .collect()
}

/// Returns the ports at which the servers of a bus listen for each other.
///
/// # Errors
/// Fails when no free port can be found.
pub fn route_ports(ports: &mut Ports, servers: usize) -> Result<Vec<u16>> {
    (0..servers)
        .map(|index| ports.take(&format!("{}-route", name(index)), None))
        .collect()
}

fn name(index: usize) -> String {
    match index {
        0 => "nats".to_owned(),
        _ => format!("nats-{}", index + 1),
    }
}

impl Cluster {
    /// Chooses ports; nothing is started.
    pub(super) fn plan(ports: &mut Ports, plan: &BusPlan) -> Result<Self> {
        let BusPlan { servers, ways } = plan;
        let servers = *servers;
        ensure!(servers > 0, "a bus needs a server");
        let clients = bus_ports(ports, servers)?;
        if let [port] = clients[..] {
            return Ok(Self(vec![(Server::alone(port), None)]));
        }
        let routes = route_ports(ports, servers)?;
        let ways = if ways.is_empty() { &routes } else { ways };
        ensure!(ways.len() == servers, "a way to each server is needed");
        let others = |way| ways.iter().copied().filter(move |it| *it != way);
        let server = |(index, port): (usize, u16)| Server {
            name: name(index),
            port,
            membership: Some(Membership {
                route: routes[index],
                way: ways[index],
                others: others(ways[index]).collect(),
            }),
        };
        let servers = clients.into_iter().enumerate().map(server);
        Ok(Self(servers.map(|server| (server, None)).collect()))
    }

    /// Returns where clients find it: every server's address, with commas between.
    pub(super) fn url(&self) -> String {
        let urls: Vec<String> = self.0.iter().map(|(it, _)| nats::url(it.port)).collect();
        urls.join(",")
    }

    pub(super) fn ports(&self) -> Vec<u16> {
        self.0.iter().map(|(server, _)| server.port).collect()
    }

    pub(super) fn pid(&self, index: usize) -> Option<i32> {
        let (_, process) = self.0.get(index)?;
        process.as_ref().map(Process::pid)
    }

    pub(super) fn has_died(&mut self) -> bool {
        let mut running = self
            .0
            .iter_mut()
            .filter_map(|(_, process)| process.as_mut());
        running.any(|process| process.exited().is_some())
    }

    /// Starts the servers that do not run.
    pub(super) async fn start(&mut self, tools: &Tools, dir: &Path) -> Result<()> {
        let resting = self.0.iter_mut().filter(|(_, process)| process.is_none());
        try_join_all(resting.map(|(server, process)| async move {
            *process = Some(nats::start(tools, dir, server, Admission::Keys).await?);
            anyhow::Ok(())
        }))
        .await?;
        Ok(())
    }

    /// Starts one server that was killed.
    pub(super) async fn start_one(
        &mut self,
        tools: &Tools,
        dir: &Path,
        index: usize,
    ) -> Result<()> {
        self.kill9(index).await;
        let (server, process) = self.0.get_mut(index).context("the bus has fewer servers")?;
        *process = Some(nats::start(tools, dir, server, Admission::Keys).await?);
        Ok(())
    }

    pub(super) async fn kill9(&mut self, index: usize) {
        let process = self
            .0
            .get_mut(index)
            .and_then(|(_, process)| process.take());
        if let Some(process) = process {
            process.kill9().await;
        }
    }

    pub(super) async fn kill9_all(&mut self) {
        for index in 0..self.0.len() {
            self.kill9(index).await;
        }
    }

    pub(super) async fn stop(&mut self) {
        for (_, process) in &mut self.0 {
            if let Some(process) = process.take() {
                process.stop(STOP_PATIENCE).await;
            }
        }
    }
}
