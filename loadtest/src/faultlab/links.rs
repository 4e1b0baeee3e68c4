//! Every way between two processes of the lab leads through a proxy that can break it.

use std::net::{Ipv4Addr, SocketAddr};

use anyhow::{Context, Result};
use devstack::{
    fleet::{FleetOptions, Kind},
    stores::{self, Store},
};
use faultproxy::{Bus, Direction, Fault, Proxy};
use proto::database::Login;

/// Who keeps something in Redis.
const REDIS_USERS: [Kind; 3] = [Kind::Auth, Kind::Moderation, Kind::Social];

/// One way.
#[derive(Debug)]
pub struct Link {
    /// Who uses it: kind and index; for [`Way::Client`] whom clients reach by it.
    pub of: (Kind, usize),
    /// Where it leads.
    pub way: Way,
    carrier: Carrier,
}

/// What can break a link.
#[derive(Debug)]
enum Carrier {
    Plain(Proxy),
    /// Also reads what is published.
    Bus(Bus),
}

impl Link {
    fn proxy(&self) -> &Proxy {
        match &self.carrier {
            Carrier::Plain(proxy) => proxy,
            Carrier::Bus(bus) => bus.proxy(),
        }
    }
}

/// Where a link leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// From a process to a store.
    To(Store),
    /// From clients to a gateway.
    Client,
    /// From clients on a bad network to a gateway.
    WeakClient,
}

/// All links of a lab.
#[derive(Debug, Default)]
pub struct Links {
    all: Vec<Link>,
    /// By server of the bus: where the others find it.
    routes: Vec<Proxy>,
    seed: u64,
}

impl Links {
    /// Makes no link yet; the dice of all of them are derived from `seed`.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            all: Vec::new(),
            routes: Vec::new(),
            seed,
        }
    }

    /// Puts a link between every process and every store it uses, whose ports are known before they listen. A cluster
    /// has several, and a link for each.
    ///
    /// # Errors
    /// When a proxy cannot listen.
    pub async fn to_stores(
        &mut self,
        mut options: FleetOptions,
        ports: impl Fn(Store) -> Vec<u16>,
    ) -> Result<FleetOptions> {
        for kind in Kind::ALL {
            let count = match kind {
                Kind::Gateway => options.gateways,
                _ => options.replicas,
            };
            for index in 0..count {
                for store in Store::ALL.into_iter().filter(|store| uses(kind, *store)) {
                    let mut urls = Vec::new();
                    for port in ports(store) {
                        let on = self.open((kind, index), Way::To(store), port).await?;
                        urls.push(match store {
                            Store::Postgres => login_url(&options, kind, on)?,
                            Store::Nats => stores::nats_url(on),
                            Store::Redis => stores::redis_url(on),
                        });
                    }
                    let name = match store {
                        Store::Postgres => "HUBBUB_PG__URL",
                        Store::Nats => "HUBBUB_NATS__URL",
                        Store::Redis => "HUBBUB_REDIS__URL",
                    };
                    options = options.env_at(kind, index, name, &urls.join(","));
                }
            }
        }
        Ok(options)
    }

    /// Puts a link before every server of the bus, by which the others find it; returns their ports.
    ///
    /// # Errors
    /// When a proxy cannot listen.
    pub async fn between_servers(&mut self, routes: &[u16]) -> Result<Vec<u16>> {
        for port in routes {
            let upstream = SocketAddr::from((Ipv4Addr::LOCALHOST, *port));
            let seed = !self.seed.wrapping_add(self.routes.len() as u64);
            let proxy = Proxy::open(upstream, seed).await;
            self.routes.push(proxy.context("a link cannot be made")?);
        }
        let port = |proxy: &Proxy| proxy.address().port();
        Ok(self.routes.iter().map(port).collect())
    }

    /// No server of the bus reaches another from now on, and none is told.
    pub fn part_servers(&self) {
        for route in &self.routes {
            route.apply(Fault::blackhole(Direction::Both));
        }
    }

    /// Lets every process use one server of the bus alone, which `home` names by the process's index.
    pub fn settle(&self, home: impl Fn(usize) -> usize) {
        for (link, server) in self.to_servers() {
            if server != home(link.of.1) {
                link.proxy().apply(Fault::refuse());
                link.proxy().cut();
            }
        }
    }

    /// Whether every process is connected to the server that `home` names.
    #[must_use]
    pub fn are_settled(&self, home: impl Fn(usize) -> usize) -> bool {
        self.to_servers()
            .filter(|(link, server)| *server == home(link.of.1))
            .all(|(link, _)| link.proxy().connections() > 0)
    }

    /// Lists the links to the bus, and to which of its servers each leads: a process's were opened in their order.
    fn to_servers(&self) -> impl Iterator<Item = (&Link, usize)> {
        let mut server = 0;
        let mut last = None;
        let links = self
            .all
            .iter()
            .filter(|link| link.way == Way::To(Store::Nats));
        links.map(move |link| {
            server = if last == Some(link.of) { server + 1 } else { 0 };
            last = Some(link.of);
            (link, server)
        })
    }

    /// Opens a link and returns the port that it listens on.
    ///
    /// # Errors
    /// When the proxy cannot listen.
    pub async fn open(&mut self, of: (Kind, usize), way: Way, port: u16) -> Result<u16> {
        let upstream = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let seed = self.seed.wrapping_add(self.all.len() as u64);
        let carrier = if way == Way::To(Store::Nats) {
            Bus::open(upstream, seed).await.map(Carrier::Bus)
        } else {
            Proxy::open(upstream, seed).await.map(Carrier::Plain)
        };
        let carrier = carrier.context("a link cannot be made")?;
        let link = Link { of, way, carrier };
        let on = link.proxy().address().port();
        self.all.push(link);
        Ok(on)
    }

    /// Returns the links that lead somewhere, of everyone or of some.
    pub fn that(
        &self,
        way: Way,
        is_meant: impl Fn(Kind, usize) -> bool,
    ) -> impl Iterator<Item = &Proxy> {
        self.all
            .iter()
            .filter(move |link| link.way == way && is_meant(link.of.0, link.of.1))
            .map(Link::proxy)
    }

    /// Returns the links to NATS.
    pub fn buses(&self) -> impl Iterator<Item = &Bus> {
        self.all.iter().filter_map(|link| match &link.carrier {
            Carrier::Bus(bus) => Some(bus),
            Carrier::Plain(_) => None,
        })
    }

    /// Breaks the links that lead somewhere, of everyone or of some.
    pub fn apply(&self, way: Way, is_meant: impl Fn(Kind, usize) -> bool, fault: Fault) {
        for proxy in self.that(way, is_meant) {
            proxy.apply(fault);
        }
    }

    /// Mends every link.
    pub fn heal(&self) {
        for proxy in self.all.iter().map(Link::proxy).chain(&self.routes) {
            proxy.heal();
        }
        for bus in self.buses() {
            bus.heal();
        }
    }
}

fn uses(kind: Kind, store: Store) -> bool {
    match store {
        Store::Nats => true,
        Store::Postgres => kind != Kind::Gateway,
        Store::Redis => REDIS_USERS.contains(&kind),
    }
}

/// Returns the URL under which a kind of process logs in to Postgres, by way of a port.
fn login_url(options: &FleetOptions, kind: Kind, port: u16) -> Result<String> {
    let login = Login::of(kind.name()).context("a process without a database")?;
    stores::login_url(&options.dir, login.role, port)
}
