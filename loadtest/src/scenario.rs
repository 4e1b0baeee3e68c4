//! Runs that answer one question each: what a hot room costs, how fast a message is with a hundred people, what becomes
//! of the others when one stops reading. All of them are made of the same parts: a plan, a course of laps, figures.

mod broadcast;
mod burst;
mod bus;
mod churn;
mod course;
mod departure;
mod duel;
mod durable;
pub mod growth;
mod hot_room;
mod idle;
mod login_beside_chat;
mod overload;
mod ramp;
mod slow_readers;
mod spread;
mod waiting;

use crate::{dialect::Dialect, outcome::Outcome, plan::Plan, stage::Servers};

pub use duel::{duel, over_laps};
pub use ramp::plot;

/// How big a run is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Options {
    /// Sockets.
    pub connections: usize,
    /// Rooms.
    pub rooms: usize,
    /// Messages, or connects, per second.
    pub rate: f64,
    /// How long each phase lasts, in seconds.
    pub seconds: f64,
    /// Bytes of a message body.
    pub body: usize,
}

/// Most rooms of one person.
const ROOMS_MAX: usize = 1_000;

/// Which question is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scenario {
    /// One room with many members.
    HotRoom,
    /// One room of a hundred: when does the last of them know?
    Broadcast,
    /// Ten messages at once instead of one at a time, and what stays of it.
    Burst,
    /// Connections that come and go.
    Churn,
    /// Some stop reading; what do the others notice?
    SlowReaders,
    /// People log in while others talk.
    LoginBesideChat,
    /// More and more, until it bends.
    Ramp,
    /// Five times what can be done.
    Overload,
    /// Many wait for their message to be stored.
    Durable,
    /// The same in one room and in many.
    Spread,
    /// What goes over the bus.
    Bus,
    /// Connections that do nothing.
    Idle,
}

/// Whoever waits for one answer after the other asks more often than any person may.
const UNLIMITED: [(&str, &str); 5] = [
    ("HUBBUB_GATEWAY__RATE_PER_CONNECTION", "1000000"),
    ("HUBBUB_GATEWAY__BURST_PER_CONNECTION", "1000000"),
    ("HUBBUB_GATEWAY__RATE_PER_USER", "1000000"),
    ("HUBBUB_GATEWAY__BURST_PER_USER", "1000000"),
    ("HUBBUB_ROOM__ROOMS_PER_USER", "1000"),
];

impl Scenario {
    /// Every scenario.
    pub const ALL: [Self; 12] = [
        Self::HotRoom,
        Self::Broadcast,
        Self::Burst,
        Self::Churn,
        Self::SlowReaders,
        Self::LoginBesideChat,
        Self::Ramp,
        Self::Overload,
        Self::Durable,
        Self::Spread,
        Self::Bus,
        Self::Idle,
    ];

    /// Returns the name of the command line and of the markers in documents.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::HotRoom => "hot-room",
            Self::Broadcast => "broadcast",
            Self::Burst => "burst",
            Self::Churn => "churn",
            Self::SlowReaders => "slow-readers",
            Self::LoginBesideChat => "login-beside-chat",
            Self::Ramp => "ramp",
            Self::Overload => "overload",
            Self::Durable => "durable",
            Self::Spread => "spread",
            Self::Bus => "bus",
            Self::Idle => "idle",
        }
    }

    /// Whether servers without accounts can be asked the same.
    #[must_use]
    pub fn is_for_peers(self) -> bool {
        !matches!(
            self,
            Self::LoginBesideChat | Self::Durable | Self::Spread | Self::Bus | Self::Idle
        )
    }

    /// Returns the settings of a fleet of one's own, where the usual ones are in the way of the question.
    #[must_use]
    pub fn settings(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Durable | Self::Spread | Self::Bus => &UNLIMITED,
            _ => &[],
        }
    }

    /// Returns the most rooms that so many connections can be asked about, when so many
    /// are asked about: somebody has to make each of them.
    #[must_use]
    pub fn rooms_max(self, connections: usize, rooms: usize) -> usize {
        match self {
            // Everyone is in every room.
            Self::Spread => ROOMS_MAX,
            // Everyone has one of their own.
            Self::Durable => connections,
            _ => Plan::new(connections, None, rooms.max(1), 1, 1).users,
        }
    }

    /// Returns the size that fits a machine with two cores.
    #[must_use]
    pub fn defaults(self) -> Options {
        let room = Options {
            connections: 1_000,
            rooms: 1,
            rate: 10.0,
            seconds: 10.0,
            body: 200,
        };
        let rooms = Options {
            rooms: 50,
            rate: 200.0,
            body: 128,
            ..room
        };
        match self {
            Self::HotRoom => room,
            Self::Broadcast => Options {
                connections: 100,
                ..room
            },
            Self::Burst => Options {
                connections: 500,
                ..room
            },
            Self::Churn => Options {
                connections: 50,
                rate: 200.0,
                ..room
            },
            Self::SlowReaders => Options {
                // As much as fills a queue well before the server gives the connection up, which is after 10 s.
                rate: 15.0,
                seconds: 8.0,
                body: 3_000,
                ..room
            },
            Self::LoginBesideChat => Options {
                connections: 200,
                rooms: 20,
                rate: 100.0,
                ..rooms
            },
            Self::Ramp => Options {
                rate: 50.0,
                seconds: 4.0,
                ..rooms
            },
            Self::Overload => Options {
                rate: 100.0,
                seconds: 4.0,
                ..rooms
            },
            Self::Durable | Self::Spread | Self::Bus | Self::Idle => self.defaults_behind(rooms),
        }
    }

    /// Does the same for those that look behind the sockets.
    fn defaults_behind(self, rooms: Options) -> Options {
        match self {
            Self::Durable => Options {
                connections: 64,
                rooms: 64,
                rate: 3_000.0,
                seconds: 4.0,
                ..rooms
            },
            Self::Spread => Options {
                connections: 20,
                rooms: ROOMS_MAX,
                rate: 1_000.0,
                seconds: 4.0,
                ..rooms
            },
            Self::Bus => Options {
                rate: 500.0,
                ..rooms
            },
            _ => Options {
                connections: 15_000,
                rooms: 1_000,
                rate: 10.0,
                seconds: 30.0,
                ..rooms
            },
        }
    }

    /// Runs it.
    ///
    /// # Errors
    /// When the run could not be carried out; a broken promise is in the outcome.
    pub async fn run(self, servers: &Servers, options: &Options) -> anyhow::Result<Outcome> {
        anyhow::ensure!(
            self.is_for_peers() || servers.dialect() == Dialect::Hubbub,
            "{}: this server has no accounts",
            self.name()
        );
        match self {
            Self::HotRoom => hot_room::run(servers, options).await,
            Self::Broadcast => broadcast::run(servers, options).await,
            Self::Burst => burst::run(servers, options).await,
            Self::Churn => churn::run(servers, options).await,
            Self::SlowReaders => slow_readers::run(servers, options).await,
            Self::LoginBesideChat => login_beside_chat::run(servers, options).await,
            Self::Ramp => ramp::run(servers, options).await,
            Self::Overload => overload::run(servers, options).await,
            Self::Durable => durable::run(servers, options).await,
            Self::Spread => spread::run(servers, options).await,
            Self::Bus => bus::run(servers, options).await,
            Self::Idle => idle::run(servers, options).await,
        }
    }
}

/// Lays out who is where, without any load yet.
fn plan(servers: &Servers, options: &Options) -> Plan {
    let gateways = servers.targets.len();
    Plan::new(options.connections, None, options.rooms, 1, gateways)
}

/// Returns the value in the middle; of an even number, the mean of the two.
#[must_use]
pub fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_unstable_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => f64::NAN,
        odd if odd % 2 == 1 => values[middle],
        _ => f64::midpoint(values[middle - 1], values[middle]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(median([3.0, 1.0, 2.0]).to_bits(), 2.0_f64.to_bits());
        assert_eq!(median([4.0, 1.0, 2.0, 3.0]).to_bits(), 2.5_f64.to_bits());
        assert!(median([]).is_nan());
    }

    #[test]
    fn names_differ() {
        let names: std::collections::HashSet<_> = Scenario::ALL.map(Scenario::name).into();
        assert_eq!(names.len(), Scenario::ALL.len());
    }
}
