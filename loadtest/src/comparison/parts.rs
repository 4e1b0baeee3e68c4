//! What is measured for the table. Each part starts what it needs, and is over within a few minutes.

use super::{Measured, rows};
use crate::{
    floor::Floor,
    machine::Machine,
    outcome::Outcome,
    peer::Peer,
    scenario::{Options, Scenario, duel},
    schedule::Phase,
    stage::Servers,
    svg::Plot,
};

/// How often everyone has their turn.
const ROUNDS: usize = 5;
/// Labels of laps.
pub(super) const SINGLE: &str = "one at a time";
pub(super) const TEN: &str = "ten at once";

/// A part of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub enum Part {
    /// One room of 1,000: what a delivery costs, one at a time and ten at once (P1, P2, P4), and an idle connection.
    Delivery,
    /// 50 rooms of 20: what the whole system costs at equal load (P21).
    Rooms,
    /// One room of 100: when the last member knows (P13).
    Broadcast,
    /// Connections that come and go (P7, P8, P15).
    Churn,
    /// Ten times the rate, and the memory after bursts (P3, P6).
    Burst,
    /// Members who do not read (P18).
    SlowReaders,
    /// Log-ins beside chat (P19).
    LoginBesideChat,
    /// The ceiling (P22), and the curve.
    Ramp,
    /// Five times the ceiling (P23).
    Overload,
}

/// What a part found.
#[derive(Debug)]
pub struct Found {
    /// The rows.
    pub measured: Measured,
    /// The curve, of [`Part::Ramp`].
    pub plot: Option<Plot>,
    /// What went wrong, in words: then the figures are not worth anything.
    pub troubles: Vec<String>,
}

impl Part {
    /// Every part, in the order of the table.
    pub const ALL: [Self; 9] = [
        Self::Delivery,
        Self::Rooms,
        Self::Broadcast,
        Self::Churn,
        Self::Burst,
        Self::SlowReaders,
        Self::LoginBesideChat,
        Self::Ramp,
        Self::Overload,
    ];

    /// Returns the name under which its rows are kept.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Delivery => "delivery",
            Self::Rooms => "rooms",
            other => other.scenario().name(),
        }
    }

    fn scenario(self) -> Scenario {
        match self {
            Self::Delivery | Self::Rooms => Scenario::HotRoom,
            Self::Broadcast => Scenario::Broadcast,
            Self::Churn => Scenario::Churn,
            Self::Burst => Scenario::Burst,
            Self::SlowReaders => Scenario::SlowReaders,
            Self::LoginBesideChat => Scenario::LoginBesideChat,
            Self::Ramp => Scenario::Ramp,
            Self::Overload => Scenario::Overload,
        }
    }

    fn peers(self) -> &'static [Peer] {
        match self {
            Self::Delivery => &Peer::ALL,
            Self::Rooms | Self::Churn => &[Peer::SocketIo, Peer::Ws],
            Self::Broadcast | Self::Ramp | Self::Overload => &[Peer::SocketIo],
            Self::Burst | Self::SlowReaders | Self::LoginBesideChat => &[],
        }
    }

    /// How often everyone is asked; a curve takes long enough as it is.
    fn rounds(self) -> usize {
        match self {
            Self::Delivery | Self::Rooms => ROUNDS,
            Self::Broadcast | Self::Churn => 3,
            _ => 1,
        }
    }

    /// Measures it.
    ///
    /// # Errors
    /// When it could not be carried out.
    pub async fn measure(self) -> anyhow::Result<Found> {
        let mut machine = Machine::describe();
        let floor = tokio::task::spawn_blocking(Floor::probe).await??;
        let mut fields = vec![Servers::start(1, &[]).await?];
        for peer in self.peers() {
            fields.push(Servers::of_peer(peer.start().await?));
        }
        let outcomes = self.outcomes(&fields).await;
        for servers in fields {
            servers.close().await?;
        }
        let outcomes = outcomes?;
        machine.finish();
        let rows = match self {
            Self::Delivery => rows::delivery(&outcomes),
            Self::Rooms => rows::rooms(&outcomes),
            _ => rows::measures(&outcomes),
        };
        let of_ours = outcomes.iter().filter(|it| it.server == outcomes[0].server);
        let troubles: Vec<String> = of_ours
            .filter(|it| !it.is_good())
            .map(|it| format!("{}: {}", self.name(), it.markdown()))
            .collect();
        Ok(Found {
            plot: (self == Self::Ramp)
                .then(|| crate::scenario::plot(&outcomes.iter().collect::<Vec<_>>())),
            measured: Measured {
                what: self.what(),
                machine,
                floor: Some(floor),
                rows,
                notes: rows::notes(&outcomes),
            },
            troubles,
        })
    }

    /// Asks everyone in turn; the first of all servers is Hubbub.
    async fn outcomes(self, fields: &[Servers]) -> anyhow::Result<Vec<Outcome>> {
        let (options, phases) = (self.options(), self.phases());
        if !phases.is_empty() {
            let fields: Vec<&Servers> = fields.iter().collect();
            return duel(self.scenario(), &fields, &options, &phases, self.rounds()).await;
        }
        let mut outcomes = Vec::new();
        for _ in 0..self.rounds() {
            for servers in fields {
                outcomes.push(self.scenario().run(servers, &options).await?);
            }
        }
        Ok(outcomes)
    }

    fn options(self) -> Options {
        let defaults = self.scenario().defaults();
        match self {
            Self::Rooms => Options {
                rooms: 50,
                body: 128,
                ..defaults
            },
            Self::Broadcast | Self::Churn => Options {
                seconds: 5.0,
                ..defaults
            },
            _ => defaults,
        }
    }

    /// Returns the laps of those parts in which everyone stays connected.
    pub(super) fn phases(self) -> Vec<(&'static str, Phase)> {
        match self {
            Self::Delivery => {
                let steady = Phase::steady(10.0, 2.0);
                let ten = Phase {
                    burst: 10,
                    ..Phase::steady(20.0, 2.0)
                };
                vec![(SINGLE, steady), (TEN, ten)]
            }
            Self::Rooms => vec![
                ("4,000 deliveries/s", Phase::steady(200.0, 3.0)),
                ("20,000 deliveries/s", Phase::steady(1_000.0, 2.0)),
            ],
            _ => Vec::new(),
        }
    }

    fn what(self) -> String {
        let Options {
            connections,
            rooms,
            rate,
            seconds,
            body,
        } = self.options();
        let rounds = self.rounds();
        let size = format!("{connections} connections, {rooms} rooms, {body} B");
        match self {
            Self::Delivery | Self::Rooms => {
                format!("{size}; everyone in turn, {rounds} times, medians")
            }
            Self::Churn => format!(
                "{connections} people, {rate} connects/s for {seconds} s; everyone in turn, {rounds} times, medians"
            ),
            _ if rounds > 1 => format!(
                "{size}, {rate} messages/s, phases of {seconds} s; everyone in turn, {rounds} times, medians"
            ),
            _ => format!("{size}, from {rate} messages/s, phases of {seconds} s; once"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_has_a_name_of_its_own_and_says_what_it_does() {
        let names: std::collections::HashSet<_> = Part::ALL.map(Part::name).into();
        assert_eq!(names.len(), Part::ALL.len());
        for part in Part::ALL {
            assert!(part.what().contains("0"), "{}", part.what());
        }
    }
}
