//! One connection during the run: sends when told to, answers pings, and records what it sees.

use std::{
    collections::BTreeMap,
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use futures::{SinkExt, StreamExt};
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::Message;

use crate::{
    account::fresh_key,
    histcheck::{Delivery, NOT_A_MESSAGE, Observer, Outcome},
    shared::Shared,
    socket::{Ready, Socket},
    wire::{self, Frame},
};

/// A client that only listens still has to show life now and then.
const SILENCE_MAX: Duration = Duration::from_secs(20);

/// One send of a bot.
#[derive(Debug, Clone, Copy)]
pub struct Attempt {
    /// Number of the message.
    pub message: u32,
    /// When it was handed to the socket.
    pub invoked_us: u64,
    /// How long after it was due.
    pub lateness_us: u32,
    /// How it ended.
    pub outcome: Outcome,
    /// From due to answered; 0 when not acknowledged.
    pub latency_us: u32,
}

/// What went wrong on a connection.
#[derive(Debug, Default)]
pub struct Trouble {
    /// Why the connection ended before it was told to.
    pub closed: Option<String>,
    /// Frames that make no sense.
    pub malformed: u64,
    /// `room.gap` and `room.reset`: the server gave up on continuity.
    pub gaps: u64,
    /// Refused sends by reason.
    pub refusals: BTreeMap<String, u64>,
}

/// Everything one bot knows at the end.
#[derive(Debug)]
pub struct Record {
    /// Number of the connection.
    pub connection: usize,
    /// What it received.
    pub observer: Observer,
    /// What it sent.
    pub attempts: Vec<Attempt>,
    /// What went wrong.
    pub trouble: Trouble,
}

struct Bot {
    shared: Arc<Shared>,
    record: Record,
    last_sent: Instant,
}

/// Runs a bot until its inbox closes or its connection ends. Numbers in the inbox are messages to send now.
pub async fn run(
    connection: usize,
    ready: Ready,
    shared: Arc<Shared>,
    mut inbox: mpsc::Receiver<u32>,
) -> Record {
    let Ready {
        mut socket,
        starts,
        early,
    } = ready;
    let observer = Observer {
        starts,
        deliveries: Vec::new(),
    };
    let record = Record {
        connection,
        observer,
        attempts: Vec::new(),
        trouble: Trouble::default(),
    };
    let mut bot = Bot {
        shared,
        record,
        last_sent: Instant::now(),
    };
    let mut replies: Vec<String> = early.iter().filter_map(|text| bot.hear(text)).collect();
    // A join answer covers everything up to its head, whatever of it was on the way.
    let Observer { starts, deliveries } = &mut bot.record.observer;
    deliveries.retain(|seen| {
        !starts
            .iter()
            .any(|start| start.room == seen.room && seen.seq <= start.seq)
    });
    let ended = loop {
        for reply in replies.drain(..) {
            bot.say(&mut socket, reply).await;
        }
        tokio::select! {
            message = socket.next() => match message {
                Some(Ok(Message::Text(text))) => replies.extend(bot.hear(&text)),
                Some(Ok(Message::Close(frame))) => break Some(format!("closed: {frame:?}")),
                Some(Ok(_)) => {}
                Some(Err(error)) => break Some(error.to_string()),
                None => break Some("ended".to_owned()),
            },
            message = inbox.recv() => match message {
                Some(message) => bot.send(&mut socket, message).await,
                None => break None,
            },
        }
    };
    if ended.is_none() {
        // The run is over; whether the server still hears the goodbye does not matter.
        let _ = socket.close(None).await;
    }
    bot.record.trouble.closed = ended;
    bot.record
}

impl Bot {
    async fn say(&mut self, socket: &mut Socket, text: String) {
        self.last_sent = Instant::now();
        // A broken socket shows on the reading side, with its reason.
        let _ = socket.send(Message::text(text)).await;
    }

    async fn send(&mut self, socket: &mut Socket, message: u32) {
        let plan = &self.shared.plan;
        let room = &self.shared.rooms[plan.room_of(message)];
        let text = wire::send(
            message,
            &fresh_key(),
            room,
            &plan.body(message, self.shared.body_length),
        );
        let attempt = Attempt {
            message,
            invoked_us: self.shared.now_us(),
            lateness_us: self.shared.since_due_us(message),
            outcome: Outcome::Unknown,
            latency_us: 0,
        };
        self.record.attempts.push(attempt);
        self.say(socket, text).await;
    }

    /// Takes a frame in and returns the answer it needs, if any.
    fn hear(&mut self, text: &str) -> Option<String> {
        self.shared.progress.heard.fetch_add(1, Ordering::Relaxed);
        let Ok(frame) = wire::parse(text) else {
            self.record.trouble.malformed += 1;
            return None;
        };
        let is_sound = match frame.kind {
            "ping" => return Some(wire::pong(&frame)),
            "ok" => self.hear_ack(&frame),
            "error" => self.hear_refusal(&frame),
            "room.gap" | "room.reset" => {
                self.record.trouble.gaps += 1;
                Some(())
            }
            _ if frame.seq.is_some() => self.hear_event(&frame),
            _ => Some(()),
        };
        if is_sound.is_none() {
            self.record.trouble.malformed += 1;
        }
        let is_due = self.last_sent.elapsed() > SILENCE_MAX;
        is_due.then(|| r#"{"type":"ping","n":0}"#.to_owned())
    }

    fn hear_ack(&mut self, frame: &Frame<'_>) -> Option<()> {
        let stored: wire::Stored<'_> = serde_json::from_str(frame.data?.get()).ok()?;
        let outcome = Outcome::Acked {
            seq: stored.seq,
            id: wire::parse_id(stored.message)?,
            at_us: self.shared.now_us(),
        };
        let message = self.settle(frame, outcome)?;
        let members = self.shared.members[self.shared.plan.room_of(message)];
        self.shared
            .progress
            .promised
            .fetch_add(members, Ordering::Relaxed);
        // After `promised`, so that whoever sees the answer sees the promise.
        self.shared
            .progress
            .answered
            .fetch_add(1, Ordering::Release);
        Some(())
    }

    fn hear_refusal(&mut self, frame: &Frame<'_>) -> Option<()> {
        let refusal: wire::Refusal = serde_json::from_str(frame.error?.get()).ok()?;
        *self
            .record
            .trouble
            .refusals
            .entry(refusal.reason)
            .or_default() += 1;
        self.settle(frame, Outcome::Refused)?;
        self.shared
            .progress
            .answered
            .fetch_add(1, Ordering::Release);
        Some(())
    }

    /// Notes the answer to a send. Only the first one counts; a second one is reported as malformed.
    fn settle(&mut self, frame: &Frame<'_>, outcome: Outcome) -> Option<u32> {
        let message: u32 = frame.id?.parse().ok()?;
        let latency_us = self.shared.since_due_us(message);
        let mut attempts = self.record.attempts.iter_mut().rev();
        let attempt = attempts.find(|attempt| attempt.message == message)?;
        if attempt.outcome != Outcome::Unknown {
            return None;
        }
        attempt.outcome = outcome;
        attempt.latency_us = latency_us;
        Some(message)
    }

    fn hear_event(&mut self, frame: &Frame<'_>) -> Option<()> {
        let Some(room) = frame.room.and_then(|id| self.room_number(id)) else {
            // The private feed and rooms of other runs have no place in this history; a stray message is a fault.
            return (frame.kind != "message.new").then_some(());
        };
        let message = if frame.kind == "message.new" {
            let message: wire::Message<'_> = serde_json::from_str(frame.data?.get()).ok()?;
            self.shared
                .progress
                .delivered
                .fetch_add(1, Ordering::Relaxed);
            self.shared.plan.message_of(&message.body)
        } else {
            NOT_A_MESSAGE
        };
        let is_ours = message < self.shared.plan.messages;
        self.record.observer.deliveries.push(Delivery {
            id: wire::parse_id(frame.cursor?)?,
            room,
            seq: frame.seq?,
            prev: frame.prev?,
            message,
            latency_us: if is_ours {
                self.shared.since_due_us(message)
            } else {
                0
            },
        });
        Some(())
    }

    fn room_number(&self, id: &str) -> Option<u32> {
        let own = self.record.observer.starts.iter().map(|start| start.room);
        let own = own
            .into_iter()
            .find(|&room| self.shared.rooms[room as usize] == id);
        own.or_else(|| {
            self.shared
                .rooms
                .iter()
                .position(|room| room == id)
                .map(|room| room as u32)
        })
    }
}
