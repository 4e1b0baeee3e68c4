//! How long it takes until somebody who has left is seen as gone by somebody else in the room (P15).

use std::time::{Duration, Instant};

use anyhow::Context;
use futures::{SinkExt, StreamExt};
use serde::Deserialize;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;

use crate::{
    account::{Account, fresh_key},
    dialect::Dialect,
    socket::{self, Entrance, Ready},
    stage::Servers,
    wire,
};

const SAMPLES: usize = 10;
/// A presence that takes longer than this is not told at all.
const PATIENCE: Duration = Duration::from_secs(10);

#[derive(Deserialize)]
struct Changed<'a> {
    status: &'a str,
}

/// Returns a few times from goodbye to seen as gone, in microseconds; none where there is no presence.
pub(super) async fn measure(servers: &Servers, accounts: &[Account]) -> anyhow::Result<Vec<u32>> {
    let [watcher, leaver, ..] = accounts else {
        return Ok(Vec::new());
    };
    if servers.dialect() != Dialect::Hubbub {
        return Ok(Vec::new());
    }
    let key = fresh_key();
    let name = format!("departures-{}", &key[key.len() - 7..]);
    let room = watcher.create_room(&name).await?;
    let last = servers.targets.len() - 1;
    let mut peer = enter(servers, 0, watcher, (0, &room)).await?;
    let first = enter(servers, last, leaver, (1, &room)).await?;
    let watch = format!(r#"{{"type":"presence.watch","id":"w","data":{{"room":"{room}"}}}}"#);
    peer.socket.send(Message::text(watch)).await?;
    drop(first);
    until(&mut peer, "offline").await?;
    let mut took = Vec::new();
    for _ in 0..SAMPLES {
        let mut visitor = enter(servers, last, leaver, (1, &room)).await?;
        until(&mut peer, "online").await?;
        let leaving = Instant::now();
        visitor.socket.close(None).await?;
        until(&mut peer, "offline").await?;
        took.push(u32::try_from(leaving.elapsed().as_micros()).unwrap_or(u32::MAX));
    }
    Ok(took)
}

async fn enter(
    servers: &Servers,
    gateway: usize,
    account: &Account,
    (user, room): (usize, &str),
) -> anyhow::Result<Ready> {
    let target = &servers.targets[gateway];
    let entrance = Entrance {
        target,
        user,
        ticket: account.ticket(target).await?,
        device: "departure".to_owned(),
        rooms: vec![(0, room)],
        is_narrow: false,
    };
    socket::open(entrance).await
}

/// Reads until somebody else is said to be so.
async fn until(peer: &mut Ready, status: &str) -> anyhow::Result<()> {
    let told = async {
        while let Some(message) = peer.socket.next().await {
            let Message::Text(text) = message? else {
                continue;
            };
            let frame = wire::parse(&text)?;
            let data = frame.data.map_or("{}", |data| data.get());
            let is_it = frame.kind == "presence.changed"
                && serde_json::from_str::<Changed<'_>>(data)?.status == status;
            if is_it {
                return Ok(());
            }
        }
        anyhow::bail!("the watcher's connection ended")
    };
    timeout(PATIENCE, told)
        .await
        .with_context(|| format!("nobody was told to be {status}"))?
}
