//! The lab: the whole product with replicas, every link of it breakable, and an administrator.

use std::path::PathBuf;

use anyhow::{Context, Result};
use devstack::{
    fleet::{Fleet, FleetOptions, Kind},
    ports::Ports,
    stores::{self, BusPlan, Store},
    tools::Tools,
};

use crate::{
    account::fresh_key,
    faultlab::{
        canaries::Canaries,
        links::{Links, Way},
        member::Member,
    },
    target::Target,
};

/// Gateways of the lab.
pub const GATEWAYS: usize = 3;
/// Replicas of every service.
pub const REPLICAS: usize = 2;

/// A running lab.
#[derive(Debug)]
pub struct Lab {
    /// Processes and stores.
    pub fleet: Fleet,
    /// Every way between them.
    pub links: Links,
    /// Gateways, reached without a link: for what the lab itself asks.
    pub gateways: Vec<Target>,
    /// Gateways as clients reach them.
    pub fronts: Vec<Target>,
    /// Gateways as clients on a bad network reach them.
    pub weak_fronts: Vec<Target>,
    /// Folder with `psql` and its kin.
    pub postgres_bin: PathBuf,
    /// Secrets of nobody in particular: nothing of the lab may write one of them down.
    pub canaries: Canaries,
}

impl Lab {
    /// Starts everything with so many servers of the bus, perhaps without a protection: `heads` or `keys`.
    ///
    /// # Errors
    /// When something does not come up.
    pub async fn start(seed: u64, bus_servers: usize, without: Option<&str>) -> Result<Self> {
        let mut options = FleetOptions::temporary()
            .gateways(GATEWAYS)
            .replicas(REPLICAS);
        if let Some(protection) = without {
            options = options.env("HUBBUB_WITHOUT", protection);
        }
        std::fs::create_dir_all(&options.dir)?;
        let mut ports = Ports::open(&options.dir);
        let buses = stores::bus_ports(&mut ports, bus_servers)?;
        let postgres = ports.take(Store::Postgres.name(), None)?;
        let redis = ports.take(Store::Redis.name(), None)?;
        let listens = |store| match store {
            Store::Postgres => vec![postgres],
            Store::Nats => buses.clone(),
            Store::Redis => vec![redis],
        };
        let mut links = Links::new(seed);
        let mut bus = BusPlan::of(bus_servers);
        if bus_servers > 1 {
            let routes = stores::route_ports(&mut ports, bus_servers)?;
            bus.ways = links.between_servers(&routes).await?;
        }
        options = options.bus(bus);
        options = links.to_stores(options, listens).await?;
        let canaries = Canaries::default();
        give_password(&mut options, &canaries);
        let tools = Tools::find().await?;
        let fleet = Fleet::start_on(ports, options)
            .await
            .context("cannot start a fleet")?;
        let mut lab = Self {
            fleet,
            links,
            gateways: Vec::new(),
            fronts: Vec::new(),
            weak_fronts: Vec::new(),
            postgres_bin: tools.postgres_bin,
            canaries,
        };
        lab.open_fronts().await?;
        Ok(lab)
    }

    async fn open_fronts(&mut self) -> Result<()> {
        for index in 0..GATEWAYS {
            let direct = Target::parse(&self.fleet.gateway(index).url)?;
            let port = direct.address.port();
            self.gateways.push(direct);
            for (way, fronts) in [
                (Way::Client, &mut self.fronts),
                (Way::WeakClient, &mut self.weak_fronts),
            ] {
                let on = self.links.open((Kind::Gateway, index), way, port).await?;
                fronts.push(Target::parse(&format!("http://127.0.0.1:{on}"))?);
            }
        }
        Ok(())
    }

    /// Logs the administrator in.
    ///
    /// # Errors
    /// When no gateway lets them.
    pub async fn administrator(&self) -> Result<Member> {
        let (name, password) = self.fleet.admin();
        Member::log_in(name, password, &self.gateways).await
    }

    /// Stops everything.
    pub async fn stop(self) {
        // What had to be killed is no finding here: every process of the lab has been through enough.
        let _ = self.fleet.stop().await;
    }
}

/// Puts a password into every process's way to Postgres. The cluster of a lab asks for none, so it opens nothing: it is
/// there to be looked for.
fn give_password(options: &mut FleetOptions, canaries: &Canaries) {
    let password = fresh_key();
    canaries.plant("the password for Postgres", &password);
    let urls = options.env_at.iter_mut();
    let urls = urls.filter(|(.., name, _)| name == "HUBBUB_PG__URL");
    for (.., url) in urls {
        let (user, named) = (stores::USER, format!("{}:{password}", stores::USER));
        *url = url.replacen(&format!("//{user}@"), &format!("//{named}@"), 1);
    }
}
