//! One partition: its subscription and the cursors of its watched streams, owned by one task.

mod flow;

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashMap},
    sync::{Arc, atomic::AtomicI64},
    time::Duration,
};

use async_nats::{Message, Subscriber};
use futures::{StreamExt, future::BoxFuture, stream::FuturesUnordered};
use pg::Gather;
use proto::{
    stream::{Event, Head, RangeResponse},
    subject::{self, Partition},
};
use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, sleep_until, timeout},
};
use tokio_util::sync::CancellationToken;
use tonic::Status;

use super::{Sink, away, compare::Watchlist, ranges::Ranges, source::Source};
use crate::{cursor::Cursor, key::StreamKey};

/// How long the client may take to accept a subscription; it is slow only while it is disconnected and full.
const SUBSCRIBE: Duration = Duration::from_secs(3);

/// What the process asks of a lane.
pub(super) enum Command {
    Watch {
        key: StreamKey,
        reply: oneshot::Sender<Result<i64, Status>>,
    },
    Unwatch {
        key: StreamKey,
    },
    /// Announced heads of watched streams.
    Told(Vec<(StreamKey, Head)>),
    /// The log's head of a watched stream.
    Compare {
        key: StreamKey,
        head: Head,
    },
    /// The same, from somebody who waits until everything up to it was delivered.
    Confirm {
        key: StreamKey,
        head: Head,
        reply: oneshot::Sender<()>,
    },
}

struct Watched {
    /// Tells this watching from an earlier one of the same stream, whose answers may still arrive.
    number: u64,
    cursor: Cursor,
    watchers: usize,
    /// Those who wait for the head.
    waiting: Vec<oneshot::Sender<Result<i64, Status>>>,
    /// Those who wait for the delivery of a seq.
    confirming: Vec<(i64, oneshot::Sender<()>)>,
    /// The earliest entry of this stream among the lane's timers.
    timer: Option<Instant>,
    /// What is to be delivered at the end of this turn.
    out: Vec<Arc<Event>>,
}

enum Done {
    Heads {
        asked: Vec<(StreamKey, u64)>,
        answer: Result<Vec<Head>, Status>,
    },
    Range {
        key: StreamKey,
        number: u64,
        answer: Result<Arc<RangeResponse>, Status>,
    },
}

enum Input {
    Command(Option<Command>),
    Events(Option<Message>),
    Done(Done),
    Due,
}

/// What all lanes have in common.
#[derive(Clone)]
pub(super) struct Shared {
    pub(super) nats: async_nats::Client,
    pub(super) source: Arc<dyn Source>,
    /// Where the heads of streams that begin to be watched are read: once for all lanes.
    pub(super) heads: Gather<StreamKey, Head, Status>,
    pub(super) ranges: Arc<Ranges>,
    pub(super) sink: Arc<dyn Sink>,
    pub(super) watchlist: Arc<Watchlist>,
    /// In which run of the database server the last thing that was heard had been committed. Written by those who
    /// hear; when it changes, all heads are compared.
    pub(super) era: Arc<AtomicI64>,
}

/// See the module.
pub(super) struct Lane {
    partition: Partition,
    shared: Shared,
    commands: mpsc::UnboundedReceiver<Command>,
    watched: HashMap<StreamKey, Watched>,
    /// Held while a stream is watched.
    events: Option<Subscriber>,
    timers: BinaryHeap<Reverse<(Instant, StreamKey)>>,
    /// Streams whose head is to be asked for when the question under way is answered.
    unasked: Vec<(StreamKey, u64)>,
    is_asking: bool,
    /// Reads under way: at most one question for heads, and one range per stream.
    reads: FuturesUnordered<BoxFuture<'static, Done>>,
    numbers: u64,
}

impl Lane {
    pub(super) fn new(
        partition: Partition,
        shared: Shared,
        commands: mpsc::UnboundedReceiver<Command>,
    ) -> Self {
        Self {
            partition,
            shared,
            commands,
            watched: HashMap::new(),
            events: None,
            timers: BinaryHeap::new(),
            unasked: Vec::new(),
            is_asking: false,
            reads: FuturesUnordered::new(),
            numbers: 0,
        }
    }

    pub(super) async fn run(mut self, stop: CancellationToken) {
        while let Some(input) = stop.run_until_cancelled(self.input()).await {
            match input {
                Input::Command(None) => break,
                Input::Command(Some(Command::Watch { key, reply })) => self.watch(key, reply).await,
                Input::Command(Some(Command::Unwatch { key })) => self.unwatch(&key),
                Input::Command(Some(Command::Told(heads))) => self.take_heads(heads),
                Input::Command(Some(Command::Compare { key, head })) => {
                    self.touch(&key, |cursor, now, _| cursor.compare(&head, now));
                }
                Input::Command(Some(Command::Confirm { key, head, reply })) => {
                    self.confirm(&key, &head, reply);
                }
                Input::Events(Some(message)) => self.take_events(message),
                // The client was closed. Comparing keeps the streams whole as long as anyone answers.
                Input::Events(None) => self.events = None,
                Input::Done(Done::Heads { asked, answer }) => self.begin(asked, &answer),
                Input::Done(Done::Range {
                    key,
                    number,
                    answer,
                }) => self.fetched(&key, number, answer),
                Input::Due => self.fetch_due(),
            }
        }
    }

    async fn input(&mut self) -> Input {
        let due = self.timers.peek().map(|Reverse((at, _))| *at);
        tokio::select! {
            command = self.commands.recv() => Input::Command(command),
            message = next(&mut self.events) => Input::Events(message),
            Some(done) = self.reads.next() => Input::Done(done),
            () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => Input::Due,
        }
    }

    async fn watch(&mut self, key: StreamKey, reply: oneshot::Sender<Result<i64, Status>>) {
        // First the subscription, then the question: what is committed after the answer was read reaches us.
        if let Err(refused) = self.subscribe().await {
            let _ = reply.send(Err(refused));
            return;
        }
        if let Some(watched) = self.watched.get_mut(&key) {
            watched.watchers += 1;
            let Some(seq) = watched.cursor.seq() else {
                watched.waiting.push(reply);
                return;
            };
            if reply.send(Ok(seq)).is_err() {
                self.unwatch(&key);
            }
            return;
        }
        self.numbers += 1;
        let number = self.numbers;
        self.unasked.push((key.clone(), number));
        self.shared.watchlist.insert(key.clone());
        let watched = Watched {
            number,
            cursor: Cursor::default(),
            watchers: 1,
            waiting: vec![reply],
            confirming: Vec::new(),
            timer: None,
            out: Vec::new(),
        };
        self.watched.insert(key, watched);
        self.ask_heads();
    }

    fn unwatch(&mut self, key: &StreamKey) {
        let Some(watched) = self.watched.get_mut(key) else {
            return;
        };
        watched.watchers = watched.watchers.saturating_sub(1);
        if watched.watchers == 0 {
            self.forget(key);
        }
    }

    fn forget(&mut self, key: &StreamKey) {
        self.watched.remove(key);
        self.shared.watchlist.remove(key);
        if self.watched.is_empty() {
            self.events = None;
        }
    }

    async fn subscribe(&mut self) -> Result<(), Status> {
        if self.events.is_some() {
            return Ok(());
        }
        let subject = subject::events(self.partition).to_string();
        let subscribing = self.shared.nats.subscribe(subject);
        let Ok(Ok(events)) = timeout(SUBSCRIBE, subscribing).await else {
            return Err(away("the bus takes no subscription"));
        };
        self.events = Some(events);
        Ok(())
    }
}

async fn next(subscriber: &mut Option<Subscriber>) -> Option<Message> {
    match subscriber {
        Some(subscriber) => subscriber.next().await,
        None => std::future::pending().await,
    }
}
