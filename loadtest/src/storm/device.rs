//! A device: connects where the load balancer sends it, comes back with its cursors when the connection breaks, and
//! keeps account of what it was told. Some of them write.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use anyhow::{Context, Result, bail};
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::{
    sync::watch,
    time::{Instant, Interval, MissedTickBehavior, interval_at, sleep, timeout},
};
use tokio_tungstenite::tungstenite::{Error as WsError, Message};

use crate::{
    account::fresh_key,
    socket::{self, Socket},
    storm::{
        backoff::Backoff,
        view::{Head, View, Welcome},
        world::World,
    },
    target::Target,
    wire::{self, Frame},
};

/// From the first packet to the upgrade, and from there to the answer to a request.
const ANSWERED: Duration = Duration::from_secs(10);

/// A device before it runs.
#[derive(Debug)]
pub struct Device {
    /// Number of its account, which decides its address.
    pub account: usize,
    /// The account's access token.
    pub token: Arc<str>,
    /// Its rooms, which its first connection joins.
    pub rooms: Vec<u32>,
    /// Writes a message to one room after the other, so often.
    pub writes: Option<Duration>,
    /// Connects to this gateway only; others go where the load balancer sends them.
    pub home: Option<usize>,
    /// What all have in common.
    pub world: Arc<World>,
    /// Turns true when the storm is over.
    pub over: watch::Receiver<bool>,
}

/// Why a connection did not come about or ended, when the server says so.
#[derive(Debug)]
enum End {
    Refused {
        status: u16,
        retry_after: Option<Duration>,
    },
    Goodbye {
        code: u64,
        retry_after: Duration,
    },
}

impl std::fmt::Display for End {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Refused { status, .. } => write!(f, "{status} at the upgrade"),
            Self::Goodbye { code, .. } => write!(f, "goodbye {code}"),
        }
    }
}

impl std::error::Error for End {}

/// A message on its way.
#[derive(Debug)]
struct Pending {
    room: u32,
    key: String,
}

struct Session {
    device: Device,
    view: View,
    backoff: Backoff,
    pace: Option<Interval>,
    pending: Option<Pending>,
    written: usize,
    /// Whether this connection came about after the gateway's death.
    is_anew: bool,
    is_back: bool,
}

impl Device {
    /// Runs until the storm is over, and returns what it was told.
    pub async fn run(self) -> View {
        let mut over = self.over.clone();
        let pace = self.writes.map(|every| {
            let mut pace = interval_at(Instant::now() + every.mul_f64(rand::random()), every);
            pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
            pace
        });
        let mut session = Session {
            device: self,
            view: View::default(),
            backoff: Backoff::default(),
            pace,
            pending: None,
            written: 0,
            is_anew: false,
            is_back: false,
        };
        tokio::select! {
            () = session.live() => {}
            _ = over.wait_for(|is_over| *is_over) => {}
        }
        session.view
    }
}

impl Session {
    async fn live(&mut self) {
        loop {
            let error = match self.connect().await {
                Ok(mut socket) => {
                    self.backoff.succeeded();
                    self.device.world.online.fetch_add(1, Ordering::AcqRel);
                    let ended = self.talk(&mut socket).await;
                    self.device.world.online.fetch_sub(1, Ordering::AcqRel);
                    if self.is_back {
                        self.device.world.met().relapses += 1;
                    }
                    ended.err()
                }
                Err(error) => Some(error),
            };
            let floor = error.map_or(Duration::ZERO, |error| self.note(&error));
            sleep(self.backoff.pause(floor, rand::random())).await;
        }
    }

    /// Counts why it is not online, and returns how long the server wants to be left alone.
    fn note(&self, error: &anyhow::Error) -> Duration {
        let mut met = self.device.world.met();
        let floor = match error.downcast_ref::<End>() {
            Some(End::Refused {
                status: 503,
                retry_after: None,
            }) => {
                met.without_retry_after += 1;
                Duration::ZERO
            }
            Some(End::Refused { retry_after, .. }) => retry_after.unwrap_or_default(),
            Some(End::Goodbye { retry_after, .. }) => *retry_after,
            None => Duration::ZERO,
        };
        if self.device.world.balanced() != 0 && self.device.home.is_none() {
            *met.refused.entry(format!("{error}")).or_default() += 1;
        }
        floor
    }

    async fn connect(&mut self) -> Result<Socket> {
        let world = self.device.world.clone();
        let resume = self.view.resume(&world);
        // Whoever comes for the first time belongs to the set-up, which is bounded.
        let _door = match resume {
            None => Some(world.doors.acquire().await?),
            Some(_) => None,
        };
        let gateway = self.device.home.unwrap_or_else(|| world.balanced());
        let mut target = world.gateways[gateway].clone();
        if resume.is_some() {
            target.ws.push_str("?resume=1");
        }
        let mut socket = upgrade(&target, self.device.account).await?;
        let mut data = json!({
            "token": &*self.device.token,
            "visible": true,
            "device": { "platform": "bot", "app": "storm", "version": "1" },
        });
        if let Some(resume) = resume {
            data["resume"] = resume;
        }
        let hello = json!({ "type": "hello", "id": "h", "data": data });
        socket.send(Message::text(hello.to_string())).await?;
        let welcome: Welcome = self.answer(&mut socket, "welcome").await?;
        self.is_anew = world.since_strike().is_some();
        self.view.welcome(welcome, &world);
        for room in self.device.rooms.clone() {
            if !self.view.is_in(room) {
                let id = &world.rooms[room as usize];
                let join = wire::join("j", &fresh_key(), id);
                socket.send(Message::text(join)).await?;
                let Head { head, cursor, .. } = self.answer(&mut socket, "ok").await?;
                self.view.begin(room, head, cursor);
            }
        }
        self.come_back();
        Ok(socket)
    }

    /// Waits for a frame of a type; events on the way are taken in.
    async fn answer<T: serde::de::DeserializeOwned>(
        &mut self,
        socket: &mut Socket,
        kind: &str,
    ) -> Result<T> {
        let waited = timeout(ANSWERED, async {
            loop {
                let text = text(socket).await?;
                let frame = wire::parse(&text).context("not a frame")?;
                if frame.kind == kind {
                    let data = frame.data.context("no data")?;
                    return Ok(serde_json::from_str(data.get())?);
                }
                if frame.kind == "error" {
                    bail!("refused: {text}");
                }
                self.hear(&frame)?;
            }
        });
        waited.await.with_context(|| format!("no {kind} in time"))?
    }

    async fn talk(&mut self, socket: &mut Socket) -> Result<()> {
        if let Some(frame) = self.repeat() {
            socket.send(Message::text(frame)).await?;
        }
        loop {
            let received = tokio::select! {
                received = text(socket) => Some(received?),
                () = tick(&mut self.pace) => None,
            };
            let Some(received) = received else {
                if let Some(frame) = self.write() {
                    socket.send(Message::text(frame)).await?;
                }
                continue;
            };
            let frame = wire::parse(&received).context("not a frame")?;
            if frame.kind == "ping" {
                socket.send(Message::text(wire::pong(&frame))).await?;
            } else {
                self.hear(&frame)?;
                self.come_back();
            }
        }
    }

    fn hear(&mut self, frame: &Frame<'_>) -> Result<()> {
        let world = &self.device.world;
        let is_sound = match frame.kind {
            "bye" => return Err(goodbye(frame)),
            "ok" => self.acknowledged(frame),
            "error" => {
                // Certainly not stored: the next one is written at its time.
                self.pending = None;
                Some(())
            }
            "room.gap" | "room.reset" => self.view.gap(frame, world),
            _ if frame.seq.is_some() => self.view.event(frame, world),
            _ => Some(()),
        };
        is_sound.with_context(|| format!("{} makes no sense", frame.kind))
    }

    fn acknowledged(&mut self, frame: &Frame<'_>) -> Option<()> {
        let Some(pending) = self.pending.take() else {
            return Some(());
        };
        let stored: wire::Stored<'_> = serde_json::from_str(frame.data?.get()).ok()?;
        let world = &self.device.world;
        world.exists(pending.room, stored.seq);
        world.acked.fetch_add(1, Ordering::AcqRel);
        Some(())
    }

    /// Returns the next message, unless one is on its way.
    fn write(&mut self) -> Option<String> {
        if self.pending.is_some() {
            return None;
        }
        let room = self.device.rooms[self.written % self.device.rooms.len()];
        self.written += 1;
        let key = fresh_key();
        self.pending = Some(Pending { room, key });
        self.repeat()
    }

    /// Returns the message that is on its way once more: only its answer tells what became of it.
    fn repeat(&self) -> Option<String> {
        let Pending { room, key } = self.pending.as_ref()?;
        let id = &self.device.world.rooms[*room as usize];
        Some(wire::send(0, key, id, &format!("storm {}", self.written)))
    }

    /// Notes when it is whole again after the storm began.
    fn come_back(&mut self) {
        let world = &self.device.world;
        let is_counted = self.is_anew && self.device.home.is_none();
        if self.is_back || !is_counted || !self.view.is_whole() {
            return;
        }
        if let Some(after) = world.since_strike() {
            self.is_back = true;
            world.met().returns.push(after);
        }
    }
}

async fn tick(pace: &mut Option<Interval>) {
    match pace {
        Some(pace) => drop(pace.tick().await),
        None => std::future::pending().await,
    }
}

async fn upgrade(target: &Target, account: usize) -> Result<Socket> {
    let upgrade = timeout(ANSWERED, socket::upgrade(target, account)).await;
    let upgraded = upgrade.context("no answer to the upgrade")?;
    upgraded.map_err(|error| match error.downcast_ref::<WsError>() {
        Some(WsError::Http(response)) => {
            let seconds = response.headers().get("retry-after");
            let seconds = seconds.and_then(|value| value.to_str().ok()?.parse().ok());
            let status = response.status().as_u16();
            let retry_after = seconds.map(Duration::from_secs);
            End::Refused {
                status,
                retry_after,
            }
            .into()
        }
        _ => error,
    })
}

/// Returns the next text.
async fn text(socket: &mut Socket) -> Result<tokio_tungstenite::tungstenite::Utf8Bytes> {
    loop {
        match socket.next().await.context("the connection ended")?? {
            Message::Text(text) => return Ok(text),
            Message::Close(_) => bail!("closed without a goodbye"),
            _ => {}
        }
    }
}

fn goodbye(frame: &Frame<'_>) -> anyhow::Error {
    let data = frame.data.map_or("null", |data| data.get());
    let data: Value = serde_json::from_str(data).unwrap_or_default();
    End::Goodbye {
        code: data["code"].as_u64().unwrap_or_default(),
        retry_after: Duration::from_millis(data["retryAfterMs"].as_u64().unwrap_or_default()),
    }
    .into()
}
