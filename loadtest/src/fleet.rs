//! The fleet that a run starts for itself: stores, services and gateways in a scratch directory.

use anyhow::ensure;
use devstack::{
    fleet::{Fleet, FleetOptions, Kind},
    stores::Store,
};

use crate::{procs::Groups, target::Target};

/// Servers that live as long as the run. Dropping it kills them.
#[derive(Debug)]
pub struct OwnFleet {
    fleet: Fleet,
    gateways: usize,
}

impl OwnFleet {
    /// Builds the services with the profile of this program, and starts stores, one of each service and so many
    /// gateways with these settings.
    ///
    /// # Errors
    /// When something does not come up.
    pub async fn start(gateways: usize, settings: &[(&str, &str)]) -> anyhow::Result<Self> {
        let options = FleetOptions::temporary().gateways(gateways);
        let options = settings.iter().fold(options, |options, (name, value)| {
            options.env_of(Kind::Gateway, name, value)
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
