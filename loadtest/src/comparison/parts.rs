//! What is measured for the table. Each part starts what it needs, and is over within a few minutes.

use super::{Measured, rows};
use crate::{
    floor::Floor,
    machine::Machine,
    outcome::Outcome,
    peer::Peer,
    scenario::{Options, Scenario, duel, growth},
    schedule::Phase,
    stage::Servers,
    svg::Plot,
    token::Checks,
};

/// How often everyone has their turn.
const ROUNDS: usize = 5;
/// Connections of a room where nobody talks.
const ROOM_OF: usize = 15;
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
    /// Many who wait, beside single inserts (P9, P10), and nobody who waits, beside a lone commit (P11).
    Durable,
    /// One room beside a thousand (P12).
    Spread,
    /// What the bus carries (P16).
    Bus,
    /// Fifteen thousand connections that do nothing (P5, P17, P20), and chat beside them (P11).
    Idle,
    /// Whom a token proves (P14).
    Token,
    /// Costs at more and more messages per second (P3).
    GrowthRates,
    /// Costs of more and more connections (P5, P17).
    GrowthConnections,
    /// Costs of more and more rooms (P12).
    GrowthRooms,
}

/// What a part found.
#[derive(Debug)]
pub struct Found {
    /// The rows.
    pub measured: Measured,
    /// The curve, of parts that have one.
    pub plot: Option<Plot>,
    /// What went wrong, in words: then the figures are not worth anything.
    pub troubles: Vec<String>,
}

impl Part {
    /// Every part, in the order of the table.
    pub const ALL: [Self; 17] = [
        Self::Delivery,
        Self::Rooms,
        Self::Broadcast,
        Self::Churn,
        Self::Burst,
        Self::SlowReaders,
        Self::LoginBesideChat,
        Self::Ramp,
        Self::Overload,
        Self::Durable,
        Self::Spread,
        Self::Bus,
        Self::Idle,
        Self::Token,
        Self::GrowthRates,
        Self::GrowthConnections,
        Self::GrowthRooms,
    ];

    /// Returns the name under which its rows are kept.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Delivery => "delivery",
            Self::Rooms => "rooms",
            Self::Token => "token",
            Self::GrowthRates => "growth-rates",
            Self::GrowthConnections => "growth-connections",
            Self::GrowthRooms => "growth-rooms",
            other => other.scenario().name(),
        }
    }

    fn scenario(self) -> Scenario {
        match self {
            Self::Delivery | Self::Rooms | Self::Token => Scenario::HotRoom,
            Self::Broadcast => Scenario::Broadcast,
            Self::Churn => Scenario::Churn,
            Self::Burst | Self::GrowthRates => Scenario::Burst,
            Self::SlowReaders => Scenario::SlowReaders,
            Self::LoginBesideChat => Scenario::LoginBesideChat,
            Self::Ramp => Scenario::Ramp,
            Self::Overload => Scenario::Overload,
            Self::Durable => Scenario::Durable,
            Self::Spread | Self::GrowthRooms => Scenario::Spread,
            Self::Bus => Scenario::Bus,
            Self::Idle | Self::GrowthConnections => Scenario::Idle,
        }
    }

    fn peers(self) -> &'static [Peer] {
        match self {
            Self::Delivery => &Peer::ALL,
            Self::Rooms | Self::Churn => &[Peer::SocketIo, Peer::Ws],
            Self::Broadcast | Self::Ramp | Self::Overload => &[Peer::SocketIo],
            _ => &[],
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
        let (outcomes, plot) = self.ask().await?;
        machine.finish();
        let rows = match self {
            Self::Delivery => rows::delivery(&outcomes),
            Self::Rooms => rows::rooms(&outcomes),
            Self::Token => rows::token(Checks::measure()?),
            Self::GrowthConnections => rows::connections(&outcomes),
            _ => rows::measures(&outcomes),
        };
        let of_ours = outcomes.iter().filter(|it| it.server == outcomes[0].server);
        let troubles: Vec<String> = of_ours
            .filter(|it| !it.is_good())
            .map(|it| format!("{}: {}", self.name(), it.markdown()))
            .collect();
        Ok(Found {
            plot,
            measured: Measured {
                what: self.what(),
                machine,
                floor: Some(floor),
                rows,
                notes: rows::notes(&outcomes),
                plot: None,
            },
            troubles,
        })
    }

    /// Runs what has to run, and draws what is to be drawn.
    async fn ask(self) -> anyhow::Result<(Vec<Outcome>, Option<Plot>)> {
        match self {
            // Nobody is asked: it is measured in this process.
            Self::Token => return Ok((Vec::new(), None)),
            Self::GrowthConnections => return self.ask_of_ever_more_connections().await,
            _ => {}
        }
        let mut fields = vec![Servers::start(1, self.scenario().settings()).await?];
        for peer in self.peers() {
            fields.push(Servers::of_peer(peer.start().await?));
        }
        let (ours, options) = (&fields[0], self.options());
        let asked = match self {
            Self::GrowthRates => growth::rates(ours, &options).await.map(Into::into),
            Self::GrowthRooms => {
                let grown = growth::rooms(ours, &options, &growth::ROOMS).await;
                grown.map(Into::into)
            }
            _ => self.outcomes(&fields).await.map(|outcomes| {
                let curve = (self == Self::Ramp)
                    .then(|| crate::scenario::plot(&outcomes.iter().collect::<Vec<_>>()));
                (outcomes, curve)
            }),
        };
        for servers in fields {
            servers.close().await?;
        }
        asked
    }

    async fn ask_of_ever_more_connections(self) -> anyhow::Result<(Vec<Outcome>, Option<Plot>)> {
        let mut outcomes = Vec::new();
        for connections in growth::CONNECTIONS {
            let options = Options {
                connections,
                rooms: connections / ROOM_OF,
                ..self.options()
            };
            let servers = Servers::start(1, &[]).await?;
            let outcome = self.scenario().run(&servers, &options).await;
            servers.close().await?;
            outcomes.push(outcome?);
        }
        let plot = growth::connections(&outcomes);
        Ok((outcomes, Some(plot)))
    }

    /// Returns how many connections there are at most: each takes a descriptor of the server and one of ours.
    #[must_use]
    pub fn connections(self) -> usize {
        let most = match self {
            Self::Token => 0,
            Self::GrowthConnections => growth::CONNECTIONS.into_iter().max().unwrap_or(0),
            // One room after the other, each with its own people.
            Self::GrowthRooms => growth::ROOMS.len() * self.options().connections,
            // Everyone once, and then four times as many.
            Self::Durable => 5 * self.options().connections,
            _ => self.options().connections,
        };
        most * (1 + self.peers().len())
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
            // Half a minute for each of several sizes is long enough.
            Self::GrowthConnections => Options {
                seconds: 10.0,
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
            Self::Token => {
                "in this process, as gateways and services do it; medians of CPU".to_owned()
            }
            Self::GrowthConnections => format!(
                "{:?} connections with servers of their own each, {seconds} s; once",
                growth::CONNECTIONS
            ),
            Self::GrowthRooms => format!(
                "{connections} people in {:?} rooms, two in each, {} messages five times; medians",
                growth::ROOMS,
                rate * seconds
            ),
            Self::Idle => format!(
                "{size}, {rate} messages/s of a few others, {seconds} s and three times as long with them; once"
            ),
            Self::Durable => format!(
                "{connections} senders and four times as many, {body} B; in turn with a pool of ten, five times; medians"
            ),
            Self::Spread => format!(
                "{connections} people, all of them in one room and all of them in {rooms}, {body} B; in turn, five times; \
                 medians"
            ),
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
            assert!(part.what().contains("medians") || part.what().contains("once"));
        }
    }
}
