//! A device: connects to any gateway, resumes where it was, sends what it is told to until that is through, and records
//! everything. It behaves as our own clients do, only that it comes back within two seconds.

pub mod outbox;
pub mod view;

use std::{
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::{
    sync::mpsc,
    time::{MissedTickBehavior, interval, timeout},
};
use tokio_tungstenite::tungstenite::Message;

use crate::{
    account::fresh_key,
    faultlab::{member::Member, world::World},
    histcheck::{Observer, Outcome},
    socket::{self, Socket},
    target::Target,
    wire::{self, Frame},
};

use outbox::Outbox;
use view::View;

/// Between an upgrade and its `welcome`.
const WELCOME: Duration = Duration::from_secs(5);
/// First and longest wait before it connects again; the real one is random below it.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(2));
const TICK: Duration = Duration::from_millis(50);
/// A device that heard nothing for this long asks whether anybody is there, and gives up after twice the time more.
const SILENCE: Duration = Duration::from_secs(2);

/// What a device is told to do.
#[derive(Debug, Clone, Copy)]
pub enum Order {
    /// Send a message to a room.
    Send {
        /// Number of the room.
        room: u32,
        /// Number of the message.
        message: u32,
    },
    /// Leave a room.
    Leave(u32),
    /// Come to a room, again or for the first time.
    Join(u32),
}

/// What is peculiar about a device.
#[derive(Debug, Clone, Copy, Default)]
pub struct Habits {
    /// Sends every message twice.
    pub repeats: bool,
}

/// Everything a device knows at the end.
#[derive(Debug)]
pub struct Record {
    /// What it saw.
    pub observer: Observer,
    /// What became of its messages.
    pub results: Vec<outbox::Result>,
    /// Why connections ended, in its words.
    pub ends: Vec<String>,
    /// Frames that make no sense.
    pub malformed: u64,
}

/// A device before it runs.
#[derive(Debug)]
pub struct Device {
    /// Its number.
    pub number: u32,
    /// Whose it is: number and account.
    pub owner: (u32, Member),
    /// Where it may connect: gateways, each through a link of the lab.
    pub fronts: Vec<Target>,
    /// What is peculiar about it.
    pub habits: Habits,
    /// What all devices share.
    pub world: Arc<World>,
    /// Where its orders come from; it ends when nobody can give any more.
    pub orders: mpsc::Receiver<Order>,
}

impl Device {
    /// Runs until its orders end.
    pub async fn run(self) -> Record {
        let owner = (self.owner.0, self.owner.1.id.as_str());
        let view = View::new(self.world.clone(), self.number, owner);
        let outbox = Outbox::new(self.world.rooms.len());
        let mut session = Session {
            device: self,
            view,
            outbox,
            memberships: Vec::new(),
            refused_pages: Vec::new(),
            malformed: 0,
        };
        let ends = session.live().await;
        Record {
            observer: session.view.observer,
            results: session.outbox.close(),
            ends,
            malformed: session.malformed,
        }
    }
}

/// A join or a leave that is not answered yet.
#[derive(Debug)]
struct Membership {
    room: u32,
    is_join: bool,
    key: String,
    not_before: Instant,
}

#[derive(Debug)]
struct Session {
    device: Device,
    view: View,
    outbox: Outbox,
    memberships: Vec<Membership>,
    /// Pages that were refused for the moment, by room and end, and when to ask again.
    refused_pages: Vec<((u32, u32), Instant)>,
    malformed: u64,
}

/// Orders ended: the device is done.
struct Done;

/// The server said goodbye, with this code.
#[derive(Debug)]
struct Goodbye(u64);

impl std::fmt::Display for Goodbye {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "goodbye {}", self.0)
    }
}

impl std::error::Error for Goodbye {}

impl Goodbye {
    /// Whether a new log-in may help: the credential ended, or a ban that may be lifted.
    fn is_about_credentials(&self) -> bool {
        matches!(self.0, 4100..=4199 | 4401 | 4403)
    }
}

impl Session {
    async fn live(&mut self) -> Vec<String> {
        let mut ends = Vec::new();
        let mut failures = 0;
        for turn in self.device.number as usize.. {
            let gateway = turn % self.device.fronts.len();
            let ended = match self.connect(gateway).await {
                Ok(socket) => {
                    failures = 0;
                    let ended = self.talk(socket).await;
                    self.view.disconnected();
                    ended
                }
                Err(error) => Err(error),
            };
            let error = match ended {
                Ok(Done) => break,
                Err(error) => error,
            };
            ends.push(format!("{error:#}"));
            if error
                .downcast_ref::<Goodbye>()
                .is_some_and(Goodbye::is_about_credentials)
            {
                // Whoever is banned is refused here, too, and tries again later.
                if let Ok(member) = self.device.owner.1.again().await {
                    self.device.owner.1 = member;
                }
            }
            self.device.world.reconnects.fetch_add(1, Ordering::Relaxed);
            let longest = BACKOFF.1.min(BACKOFF.0 * 2_u32.pow(failures));
            failures = (failures + 1).min(8);
            tokio::time::sleep(longest.mul_f64(rand::random())).await;
            if self.device.orders.is_closed() && self.device.orders.is_empty() {
                break;
            }
        }
        ends
    }

    async fn connect(&mut self, gateway: usize) -> Result<Socket> {
        let target = self.device.fronts[gateway].clone();
        let user = self.device.owner.0 as usize;
        let upgrade = timeout(WELCOME, socket::upgrade(&target, user));
        let mut socket = upgrade.await.context("no answer to the upgrade")??;
        let mut data = json!({
            "token": self.device.owner.1.token(),
            "visible": true,
            "device": { "platform": "bot", "app": "faultlab", "version": "1" },
        });
        if let Some(resume) = self.view.resume() {
            data["resume"] = resume;
        }
        let hello = json!({ "type": "hello", "id": "h", "data": data });
        socket.send(Message::text(hello.to_string())).await?;
        let welcome = timeout(WELCOME, welcome(&mut socket)).await;
        let welcome = welcome.context("no welcome")??;
        self.view.welcome(&welcome, gateway as u32)?;
        self.outbox.reconnected();
        for membership in &mut self.memberships {
            membership.not_before = Instant::now();
        }
        self.refused_pages.clear();
        for page in self.view.incomplete() {
            socket.send(Message::text(self.ask(page))).await?;
        }
        Ok(socket)
    }

    async fn talk(&mut self, mut socket: Socket) -> Result<Done> {
        let mut tick = interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let (mut heard, mut asked) = (Instant::now(), Instant::now());
        loop {
            for text in self.due() {
                socket.send(Message::text(text)).await?;
            }
            tokio::select! {
                message = socket.next() => {
                    heard = Instant::now();
                    match message.context("the connection ended")?? {
                        Message::Text(text) => if let Some(answer) = self.hear(&text) {
                            socket.send(Message::text(answer)).await?;
                        },
                        Message::Close(frame) => bail!("closed: {frame:?}"),
                        _ => {}
                    }
                }
                order = self.device.orders.recv() => match order {
                    Some(order) => self.obey(order),
                    None => {
                        // The run is over; whether the server still hears the goodbye does not matter.
                        let _ = timeout(SILENCE, socket.close(None)).await;
                        return Ok(Done);
                    }
                },
                _ = tick.tick() => {
                    if heard.elapsed() > 3 * SILENCE {
                        bail!("nothing was heard for {:?}", heard.elapsed());
                    }
                    if heard.elapsed() > SILENCE && asked.elapsed() > SILENCE {
                        asked = Instant::now();
                        socket.send(Message::text(r#"{"type":"ping","n":0}"#)).await?;
                    }
                }
            }
        }
    }

    fn obey(&mut self, order: Order) {
        match order {
            Order::Send { room, message } => self.outbox.push(room, message),
            Order::Leave(room) | Order::Join(room) => self.memberships.push(Membership {
                room,
                is_join: matches!(order, Order::Join(_)),
                key: fresh_key(),
                not_before: Instant::now(),
            }),
        }
    }

    /// Returns the frames to send now.
    fn due(&mut self) -> Vec<String> {
        let world = &self.device.world;
        let mut frames = Vec::new();
        for (room, message, key) in self.outbox.due(world.now_us()) {
            let id = &world.rooms[room as usize];
            let frame = wire::send(message, &key, id, &world.body(message));
            if self.device.habits.repeats {
                frames.push(frame.clone());
            }
            frames.push(frame);
        }
        let now = Instant::now();
        if let Some(next) = self
            .memberships
            .first_mut()
            .filter(|it| it.not_before <= now)
        {
            next.not_before = now + WELCOME;
            let kind = if next.is_join {
                "room.join"
            } else {
                "room.leave"
            };
            let room = &world.rooms[next.room as usize];
            let frame =
                json!({ "type": kind, "id": "m", "key": next.key, "data": { "room": room } });
            frames.push(frame.to_string());
        }
        let pages = self.refused_pages.extract_if(.., |(_, at)| *at <= now);
        let pages: Vec<_> = pages.map(|(page, _)| page).collect();
        frames.extend(pages.into_iter().map(|page| self.ask(page)));
        frames
    }

    /// Takes a frame in and returns the answer it needs, if any.
    fn hear(&mut self, text: &str) -> Option<String> {
        let Ok(frame) = wire::parse(text) else {
            self.malformed += 1;
            return None;
        };
        let is_sound = match frame.kind {
            "ping" => return Some(wire::pong(&frame)),
            "ok" => self.hear_ok(&frame),
            "error" => self.hear_error(&frame),
            "room.gap" | "room.reset" => return self.view.gap(&frame).map(|page| self.ask(page)),
            _ if frame.seq.is_some() => self.view.event(&frame),
            _ => Some(()),
        };
        self.malformed += u64::from(is_sound.is_none());
        None
    }

    /// Asks for the page of a room that ends where its view goes on.
    fn ask(&self, (room, seq): (u32, u32)) -> String {
        let id = &self.device.world.rooms[room as usize];
        let data = json!({ "room": id, "before": seq + 1, "limit": 100 });
        json!({ "type": "history.get", "id": format!("p{room}-{seq}"), "data": data }).to_string()
    }

    fn hear_ok(&mut self, frame: &Frame<'_>) -> Option<()> {
        let id = frame.id?;
        let data: Value = serde_json::from_str(frame.data?.get()).ok()?;
        if let Some(page) = id.strip_prefix('p') {
            return self.view.page(page_of(page)?, &data);
        }
        if id == "m" {
            return self.hear_membership(&data);
        }
        let seq = data["seq"].as_u64()?.try_into().ok()?;
        let now_us = self.device.world.now_us();
        let outcome = Outcome::Acked {
            seq,
            id: wire::parse_id(data["message"].as_str()?)?,
            at_us: now_us,
            duplicate: data["duplicate"] == true,
        };
        let room = self.device.world.room(data["room"].as_str()?)?;
        self.device.world.exists(room, seq);
        self.resolve(id.parse().ok()?, outcome);
        Some(())
    }

    fn hear_membership(&mut self, data: &Value) -> Option<()> {
        let done = self.memberships.first()?;
        let (room, is_join) = (done.room, done.is_join);
        self.memberships.remove(0);
        if is_join && self.view.is_in(room) {
            return Some(());
        }
        if is_join {
            let head = data["head"].as_u64()?.try_into().ok()?;
            self.view.enter(room, head, data["cursor"].as_str()?);
        } else {
            self.view.left(room);
        }
        Some(())
    }

    fn hear_error(&mut self, frame: &Frame<'_>) -> Option<()> {
        let id = frame.id?;
        let error: Value = serde_json::from_str(frame.error?.get()).ok()?;
        let is_final = error["retry"] != true;
        let after = Duration::from_millis(error["retryAfterMs"].as_u64().unwrap_or(0).max(100));
        if id == "m" {
            let waiting = self.memberships.first_mut()?;
            waiting.not_before = Instant::now() + after;
            return Some(());
        }
        if let Some(page) = id.strip_prefix('p') {
            if !is_final {
                self.refused_pages
                    .push((page_of(page)?, Instant::now() + after));
            }
            return Some(());
        }
        let message = id.parse().ok()?;
        if is_final {
            self.resolve(message, Outcome::Refused);
        } else {
            self.outbox.postpone(message, after);
        }
        Some(())
    }

    fn resolve(&mut self, message: u32, outcome: Outcome) {
        let before = self.outbox.waiting();
        let now_us = self.device.world.now_us();
        self.outbox.resolve(message, outcome, now_us);
        let ended = before - self.outbox.waiting();
        let unresolved = &self.device.world.unresolved;
        unresolved.fetch_sub(ended as u64, Ordering::Relaxed);
    }
}

/// Reads which page an id stands for: its room and its end.
fn page_of(id: &str) -> Option<(u32, u32)> {
    let (room, seq) = id.split_once('-')?;
    Some((room.parse().ok()?, seq.parse().ok()?))
}

/// Waits for the `welcome`; everything before it would be a fault of the server.
async fn welcome(socket: &mut Socket) -> Result<Value> {
    loop {
        let text = match socket.next().await.context("the connection ended")?? {
            Message::Text(text) => text,
            Message::Close(frame) => bail!("closed: {frame:?}"),
            _ => continue,
        };
        let frame = wire::parse(&text).with_context(|| format!("not a frame: {text}"))?;
        match frame.kind {
            "welcome" => {
                let data = frame.data.context("an empty welcome")?;
                return Ok(serde_json::from_str(data.get())?);
            }
            "bye" => {
                let data: Value = serde_json::from_str(frame.data.context("an empty bye")?.get())?;
                bail!(Goodbye(data["code"].as_u64().unwrap_or_default()));
            }
            "error" => bail!("refused: {text}"),
            _ => {}
        }
    }
}
