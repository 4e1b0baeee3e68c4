//! What the bus says of itself: how many messages everyone handed to it, and how many it handed on.

use std::path::Path;

use anyhow::Context;
use async_nats::ConnectOptions;
use devstack::{
    bus::{CENSUS, OBSERVER},
    secrets,
};
use serde::Deserialize;

/// Counters of the server, of all its connections but ours.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Carried {
    /// Messages that were handed to it.
    pub taken: u64,
    /// Messages that it handed on: one for each that hears it.
    pub given: u64,
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
    in_msgs: u64,
    out_msgs: u64,
}

impl Carried {
    /// Asks the server of a fleet, as the observer that only development fleets have.
    ///
    /// # Errors
    /// When it lets nobody in or does not answer.
    #[expect(
        clippy::disallowed_methods,
        reason = "a question to the server itself, for which there is no typed client"
    )]
    pub async fn read(state: &Path, url: &str) -> anyhow::Result<Self> {
        let key = secrets::bus_key(state, OBSERVER)?;
        let seed = std::fs::read_to_string(key.file)?;
        let options = ConnectOptions::with_nkey(seed.trim().to_owned()).name(OBSERVER);
        let bus = options.connect(url).await;
        let bus = bus.context("the bus does not let the observer in")?;
        let question = br#"{"limit":1024}"#.as_slice();
        let answer = bus.request(CENSUS, question.into()).await;
        let answer = answer.context("the bus does not say what it has carried")?;
        Self::parse(&answer.payload)
    }

    /// Returns what has come since an earlier reading.
    #[must_use]
    pub fn since(self, before: Self) -> Self {
        Self {
            taken: self.taken.saturating_sub(before.taken),
            given: self.given.saturating_sub(before.given),
        }
    }

    fn parse(payload: &[u8]) -> anyhow::Result<Self> {
        let census: Census = serde_json::from_slice(payload)?;
        let all = census.data.connections.iter();
        let others = all.filter(|it| it.name.as_deref() != Some(OBSERVER));
        Ok(others.fold(Self::default(), |sum, it| Self {
            taken: sum.taken + it.in_msgs,
            given: sum.given + it.out_msgs,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everyone_counts_but_the_observer() {
        let payload = br#"{"server":{},"data":{"connections":[
            {"cid":1,"name":"gateway","in_msgs":5,"out_msgs":7,"subscriptions":3},
            {"cid":2,"in_msgs":1,"out_msgs":1,"subscriptions":0},
            {"cid":3,"name":"observer","in_msgs":90,"out_msgs":90,"subscriptions":1}]}}"#;
        let carried = Carried::parse(payload).expect("an answer");
        assert_eq!((carried.taken, carried.given), (6, 8));
        let before = Carried { taken: 2, given: 9 };
        assert_eq!(carried.since(before), Carried { taken: 4, given: 0 });
    }
}
