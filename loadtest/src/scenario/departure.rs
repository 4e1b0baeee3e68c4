//! How long it takes until somebody who has left is seen as gone by somebody else in the room (P15): who leaves the room,
//! and who only went away and may be back in a moment.

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
/// A presence that takes longer than this is not told at all. In a fleet that was just started nobody is said to have left
/// before every gateway has had a round, which takes twelve seconds.
const PATIENCE: Duration = Duration::from_secs(20);

#[derive(Deserialize)]
struct Changed<'a> {
    status: &'a str,
}

/// A few times each, in microseconds.
pub(super) struct Departures {
    /// From asking to leave the room to being told by a peer's socket.
    pub(super) left: Vec<u32>,
    /// From goodbye to being seen as gone by a peer.
    pub(super) gone: Vec<u32>,
}

/// Measures them; nothing where there is no presence.
pub(super) async fn measure(
    servers: &Servers,
    accounts: &[Account],
) -> anyhow::Result<Option<Departures>> {
    let [watcher, leaver, ..] = accounts else {
        return Ok(None);
    };
    if servers.dialect() != Dialect::Hubbub {
        return Ok(None);
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
    seen_as(&mut peer, "offline").await?;
    let (mut left, mut gone) = (Vec::new(), Vec::new());
    for _ in 0..SAMPLES {
        let mut visitor = enter(servers, last, leaver, (1, &room)).await?;
        seen_as(&mut peer, "online").await?;
        let leaving = Instant::now();
        visitor.socket.close(None).await?;
        seen_as(&mut peer, "offline").await?;
        gone.push(us(leaving));
    }
    for _ in 0..SAMPLES {
        let mut visitor = enter(servers, last, leaver, (1, &room)).await?;
        let key = fresh_key();
        let leave =
            format!(r#"{{"type":"room.leave","id":"l","key":"{key}","data":{{"room":"{room}"}}}}"#);
        let leaving = Instant::now();
        visitor.socket.send(Message::text(leave)).await?;
        let told = until(&mut peer, |frame| Ok(frame.kind == "room.memberLeft"));
        told.await.context("nobody was told that somebody left")?;
        left.push(us(leaving));
        visitor.socket.close(None).await?;
    }
    Ok(Some(Departures { left, gone }))
}

fn us(since: Instant) -> u32 {
    u32::try_from(since.elapsed().as_micros()).unwrap_or(u32::MAX)
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
async fn seen_as(peer: &mut Ready, status: &str) -> anyhow::Result<()> {
    let is_it = |frame: &wire::Frame<'_>| {
        let data = frame.data.map_or("{}", |data| data.get());
        Ok(frame.kind == "presence.changed"
            && serde_json::from_str::<Changed<'_>>(data)?.status == status)
    };
    let told = until(peer, is_it).await;
    told.with_context(|| format!("nobody was told to be {status}"))
}

/// Reads until a frame is the one that is meant, and says on the way that somebody is there.
async fn until(
    peer: &mut Ready,
    is_it: impl Fn(&wire::Frame<'_>) -> anyhow::Result<bool>,
) -> anyhow::Result<()> {
    let told = async {
        while let Some(message) = peer.socket.next().await {
            let text = match message? {
                Message::Text(text) => text,
                Message::Close(why) => anyhow::bail!("the watcher was sent away: {why:?}"),
                _ => continue,
            };
            let frame = wire::parse(&text)?;
            if frame.kind == "ping" {
                let pong = wire::pong(&frame);
                peer.socket.send(Message::text(pong)).await?;
            } else if is_it(&frame)? {
                return Ok(());
            }
        }
        anyhow::bail!("the watcher's connection ended")
    };
    timeout(PATIENCE, told).await?
}
