//! The servers of a run: given ones, a fleet of one's own, or a peer.

use anyhow::Context;

use crate::{
    dialect::Dialect,
    fleet::OwnFleet,
    peer::{Peer, RunningPeer},
    procs::Groups,
    target::Target,
};

/// The servers of a run.
#[derive(Debug)]
pub struct Servers {
    /// The gateways.
    pub targets: Vec<Target>,
    /// Their processes, as far as known.
    pub groups: Groups,
    /// What this run started itself.
    own: Own,
}

/// What a run started itself, and therefore stops.
#[derive(Debug)]
enum Own {
    Nothing,
    Fleet(Box<OwnFleet>),
    Peer(Box<RunningPeer>),
}

impl Servers {
    /// Takes the given gateways, or starts a fleet when there are none.
    ///
    /// # Errors
    /// When the fleet does not come up.
    pub async fn open(
        gateways: Vec<Target>,
        pids: Option<Groups>,
        own_gateways: usize,
    ) -> anyhow::Result<Self> {
        Self::open_with(gateways, pids, own_gateways, &[]).await
    }

    /// Takes the given gateways, or starts a fleet with these settings when there are none.
    ///
    /// # Errors
    /// When the fleet does not come up.
    pub async fn open_with(
        gateways: Vec<Target>,
        pids: Option<Groups>,
        own_gateways: usize,
        settings: &[(&str, &str)],
    ) -> anyhow::Result<Self> {
        if !gateways.is_empty() {
            return Ok(Self {
                targets: gateways,
                groups: pids.unwrap_or_default(),
                own: Own::Nothing,
            });
        }
        let servers = Self::start(own_gateways, settings).await?;
        Ok(Self {
            groups: pids.unwrap_or(servers.groups),
            ..servers
        })
    }

    /// Starts a fleet with these settings of its gateways and of room-svc.
    ///
    /// # Errors
    /// When it does not come up.
    pub async fn start(gateways: usize, settings: &[(&str, &str)]) -> anyhow::Result<Self> {
        let own = OwnFleet::start(gateways, settings)
            .await
            .context("cannot start a fleet")?;
        Ok(Self {
            targets: own.targets()?,
            groups: own.groups(),
            own: Own::Fleet(Box::new(own)),
        })
    }

    /// Takes a server that Hubbub is compared with.
    #[must_use]
    pub fn of_peer(peer: RunningPeer) -> Self {
        Self {
            targets: vec![peer.target.clone()],
            groups: peer.groups(),
            own: Own::Peer(Box::new(peer)),
        }
    }

    /// Returns which server to compare with this is, if it is one.
    #[must_use]
    pub fn peer(&self) -> Option<Peer> {
        match &self.own {
            Own::Peer(peer) => Some(peer.kind),
            Own::Fleet(_) => None,
            Own::Nothing => Peer::of_others(self.dialect()),
        }
    }

    /// Returns the fleet that this run started, of which more is known than what clients see.
    #[must_use]
    pub fn fleet(&self) -> Option<&OwnFleet> {
        match &self.own {
            Own::Fleet(fleet) => Some(fleet),
            Own::Peer(_) | Own::Nothing => None,
        }
    }

    /// Returns what the servers speak.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.targets
            .first()
            .map_or_else(Dialect::default, |target| target.dialect)
    }

    /// Stops what this run started.
    ///
    /// # Errors
    /// When a child does not stop.
    pub async fn close(self) -> anyhow::Result<()> {
        match self.own {
            Own::Fleet(own) => own.stop().await,
            Own::Peer(peer) => {
                peer.stop().await;
                Ok(())
            }
            Own::Nothing => Ok(()),
        }
    }
}
