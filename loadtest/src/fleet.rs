//! The fleet that a run starts for itself: stores, services and gateways in a scratch directory.

use anyhow::{Context, ensure};
use devstack::{
    fleet::{Fleet, FleetOptions, Kind},
    secrets,
    stores::Store,
};

use reqwest::Client;

use crate::{census::Carried, procs::Groups, target::Target};

/// Servers that live as long as the run. Dropping it kills them.
#[derive(Debug)]
pub struct OwnFleet {
    fleet: Fleet,
    gateways: usize,
}

impl OwnFleet {
    /// Builds the services with the profile of this program, and starts stores, one of each service and so many
    /// gateways with these settings, which are the gateways' or room-svc's.
    ///
    /// # Errors
    /// When something does not come up.
    pub async fn start(gateways: usize, settings: &[(&str, &str)]) -> anyhow::Result<Self> {
        let options = FleetOptions::temporary().gateways(gateways);
        let options = settings.iter().fold(options, |options, (name, value)| {
            options.env_of(owner(name), name, value)
        });
        let fleet = Fleet::start(options).await?;
        Ok(Self { fleet, gateways })
    }

    /// Returns the gateways.
    ///
    /// # Errors
    /// When one has no loopback address.
    pub fn targets(&self) -> anyhow::Result<Vec<Target>> {
        (0..self.gateways)
            .map(|index| Target::parse(&self.fleet.gateway(index).url))
            .collect()
    }

    /// Returns every process of the fleet.
    #[must_use]
    pub fn groups(&self) -> Groups {
        let nodes = self
            .fleet
            .nodes()
            .iter()
            .map(|node| (node.kind.name(), node.pid()));
        let stores = Store::ALL.map(|store| (store.name(), self.fleet.stores.pid(store)));
        Groups::of(
            nodes
                .chain(stores)
                .filter_map(|(name, pid)| Some((name.to_owned(), pid?))),
        )
    }

    /// Enters its bus as one of its processes.
    ///
    /// # Errors
    /// When it has no key of that name, or lets nobody in.
    pub async fn bus_as(&self, peer: &str) -> anyhow::Result<async_nats::Client> {
        let key = secrets::bus_key(self.fleet.dir(), peer)?;
        let seed = std::fs::read_to_string(key.file)?;
        let options = async_nats::ConnectOptions::with_nkey(seed.trim().to_owned());
        let bus = options.connect(self.fleet.stores.nats_url()).await;
        bus.with_context(|| format!("the bus does not let {peer} in"))
    }

    /// Returns where the services' database is, for whom nothing is forbidden.
    #[must_use]
    pub fn postgres_url(&self) -> String {
        self.fleet.stores.postgres_url()
    }

    /// Asks the bus what it has carried so far.
    ///
    /// # Errors
    /// When it does not say.
    pub async fn carried(&self) -> anyhow::Result<Carried> {
        Carried::read(self.fleet.dir(), &self.fleet.stores.nats_url()).await
    }

    /// Adds up a figure of all gateways, as they tell it to those who watch them; 0 when none has ever counted it.
    ///
    /// # Errors
    /// When one does not answer.
    pub async fn gateway_figure(&self, name: &str) -> anyhow::Result<f64> {
        let client = Client::builder().no_proxy().build()?;
        let mut sum = 0.0;
        let gateways = self.fleet.nodes().iter();
        for node in gateways.filter(|node| node.kind == Kind::Gateway) {
            let answer = client.get(format!("{}/metrics", node.internal_url)).send();
            let text = answer.await?.error_for_status()?.text().await?;
            sum += figure(&text, name);
        }
        Ok(sum)
    }

    /// Stops everything in order.
    ///
    /// # Errors
    /// When a process had to be killed.
    pub async fn stop(self) -> anyhow::Result<()> {
        let killed = self.fleet.stop().await;
        ensure!(
            killed.is_empty(),
            "did not stop when asked: {}",
            killed.join(", ")
        );
        Ok(())
    }
}

/// Whose setting it is.
fn owner(setting: &str) -> Kind {
    if setting.starts_with("HUBBUB_ROOM__") {
        Kind::Room
    } else {
        Kind::Gateway
    }
}

/// Adds up the figures of a name in Prometheus text, whatever their labels.
fn figure(text: &str, name: &str) -> f64 {
    let of_line = |line: &str| {
        let rest = line.strip_prefix(name)?;
        let (labels, value) = rest.rsplit_once(' ')?;
        let is_whole = labels.is_empty() || labels.starts_with('{');
        is_whole.then(|| value.parse::<f64>().ok()).flatten()
    };
    text.lines().filter_map(of_line).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_added_up_by_their_whole_name() {
        let text = "# TYPE shed counter\nshed{type=\"a\"} 3\nshed{type=\"b\"} 4\nshed_more 9\n";
        assert!((figure(text, "shed") - 7.0).abs() < 1e-9);
        assert!(figure(text, "none").abs() < 1e-9);
    }

    #[test]
    fn settings_go_to_whom_they_are_of() {
        assert_eq!(owner("HUBBUB_ROOM__ROOMS_PER_USER"), Kind::Room);
        assert_eq!(owner("HUBBUB_GATEWAY__PER_USER"), Kind::Gateway);
    }
}
