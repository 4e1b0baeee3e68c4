//! One connection during the run: sends when told to, answers pings, and records what it sees.

mod hearing;
mod record;

use std::{
    collections::VecDeque,
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use futures::{SinkExt, StreamExt};
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::Message;

pub use record::{Attempt, Order, Record, Trouble};

use crate::{
    dialect::Dialect,
    histcheck::{Observer, Outcome},
    shared::Shared,
    socket::{Ready, Socket},
};

/// A client that only listens still has to show life now and then.
const SILENCE_MAX: Duration = Duration::from_secs(20);

/// No client asks again sooner than this, even if it may: our own does the same.
const AGAIN: Duration = Duration::from_secs(1);

struct Bot {
    shared: Arc<Shared>,
    dialect: Dialect,
    record: Record,
    last_sent: Instant,
    /// Nothing is sent before: the server asked for it.
    wait_until: Option<Instant>,
    is_stalled: bool,
    /// Sends that are not answered yet.
    in_flight: u32,
    /// Messages that are due and wait for that; at most [`Shared::backlog`], what comes on top is held back.
    waiting: VecDeque<u32>,
}

/// Runs a bot until its inbox closes or its connection ends.
pub async fn run(
    connection: usize,
    ready: Ready,
    shared: Arc<Shared>,
    mut inbox: mpsc::Receiver<Order>,
) -> Record {
    let Ready {
        mut socket,
        dialect,
        starts,
        early,
    } = ready;
    let observer = Observer {
        user: shared.plan.user_of(connection) as u32,
        starts,
        ..Observer::default()
    };
    let record = Record {
        connection,
        observer,
        attempts: Vec::new(),
        trouble: Trouble::default(),
    };
    let mut bot = Bot {
        shared,
        dialect,
        record,
        last_sent: Instant::now(),
        wait_until: None,
        is_stalled: false,
        in_flight: 0,
        waiting: VecDeque::new(),
    };
    let mut replies = Vec::new();
    for text in &early {
        bot.hear_all(text, &mut replies);
    }
    // A join answer covers everything up to its head, whatever of it was on the way.
    let Observer {
        starts, deliveries, ..
    } = &mut bot.record.observer;
    deliveries.retain(|seen| {
        !starts
            .iter()
            .any(|start| start.room == seen.room && seen.seq <= start.seq)
    });
    let ended = bot.live(&mut socket, &mut inbox, replies).await;
    if ended.is_none() {
        // The run is over; whether the server still hears the goodbye does not matter.
        let _ = socket.close(None).await;
    }
    bot.record.trouble.closed = ended;
    bot.record
}

impl Bot {
    /// Returns why the connection ended, or `None` when the run is over.
    async fn live(
        &mut self,
        socket: &mut Socket,
        inbox: &mut mpsc::Receiver<Order>,
        mut replies: Vec<String>,
    ) -> Option<String> {
        loop {
            for reply in replies.drain(..) {
                self.say(socket, reply).await;
            }
            while !self.is_waiting()
                && let Some(message) = self.waiting.pop_front()
            {
                self.send(socket, message).await;
            }
            tokio::select! {
                message = socket.next(), if !self.is_stalled => match message {
                    Some(Ok(Message::Text(text))) => self.hear_all(&text, &mut replies),
                    Some(Ok(Message::Close(frame))) => break Some(format!("closed: {frame:?}")),
                    Some(Ok(_)) => {}
                    Some(Err(error)) => break Some(error.to_string()),
                    None => break Some("ended".to_owned()),
                },
                order = inbox.recv() => match order {
                    Some(Order::Send(message)) => self.take(message),
                    Some(Order::Stall(is_stalled)) => {
                        self.is_stalled = is_stalled;
                        self.record.trouble.has_stalled |= is_stalled;
                    }
                    None => break None,
                },
            }
        }
    }

    async fn say(&mut self, socket: &mut Socket, text: String) {
        self.last_sent = Instant::now();
        // A broken socket shows on the reading side, with its reason.
        let _ = socket.send(Message::text(text)).await;
    }

    /// Takes an order to send.
    fn take(&mut self, message: u32) {
        if self.waiting.len() < self.shared.backlog {
            self.waiting.push_back(message);
        } else {
            self.hold_back();
        }
    }

    fn hold_back(&mut self) {
        self.record.trouble.held_back += 1;
        self.ended();
    }

    async fn send(&mut self, socket: &mut Socket, message: u32) {
        let now = Instant::now();
        if self.is_stalled || self.wait_until.is_some_and(|until| now < until) {
            return self.hold_back();
        }
        let plan = &self.shared.plan;
        let room = &self.shared.rooms[plan.room_of(message)];
        let body = plan.body(message, self.shared.body_length);
        let text = self.dialect.send(message, room, &body);
        let attempt = Attempt {
            message,
            invoked_us: self.shared.now_us(),
            lateness_us: self.shared.since_due_us(message),
            resolved_us: 0,
            outcome: Outcome::Unknown,
            latency_us: 0,
        };
        self.record.attempts.push(attempt);
        self.in_flight += 1;
        self.say(socket, text).await;
    }

    /// One more send needs no waiting for.
    fn ended(&self) {
        self.shared
            .progress
            .answered
            .fetch_add(1, Ordering::Release);
    }

    /// Whether orders have to wait: a patient client has one send under way at a time.
    fn is_waiting(&self) -> bool {
        self.shared.is_patient && self.in_flight > 0
    }
}
