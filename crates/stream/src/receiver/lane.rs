//! One partition: its subscription and the cursors of its watched streams, owned by one task.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashMap},
    sync::Arc,
    time::Duration,
};

use async_nats::{Message, Subscriber};
use futures::{FutureExt, StreamExt, future::BoxFuture, stream::FuturesUnordered};
use prost::Message as _;
use proto::{
    stream::{Event, EventBatch, Head, HeadBatch, HeadsResponse, RangeResponse},
    subject::{self, Partition},
};
use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, sleep_until, timeout},
};
use tokio_util::sync::CancellationToken;
use tonic::Status;

use super::{
    Sink, away,
    compare::{self, Watchlist},
    ranges::Ranges,
    source::Source,
};
use crate::{
    cursor::{Cursor, Want},
    key::{StreamKey, parse_key},
    log::{HEADS_LIMIT, RANGE_LIMIT},
};

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
    /// The log's head of a watched stream.
    Compare {
        key: StreamKey,
        head: Head,
    },
}

struct Watched {
    /// Tells this watching from an earlier one of the same stream, whose answers may still arrive.
    number: u64,
    cursor: Cursor,
    watchers: usize,
    /// Those who wait for the head.
    waiting: Vec<oneshot::Sender<Result<i64, Status>>>,
    /// The earliest entry of this stream among the lane's timers.
    timer: Option<Instant>,
    /// What is to be delivered at the end of this turn.
    out: Vec<Arc<Event>>,
}

enum Done {
    Heads {
        asked: Vec<(StreamKey, u64)>,
        answer: Result<HeadsResponse, Status>,
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
    Heads(Option<Message>),
    Done(Done),
    Due,
}

/// See the module.
pub(super) struct Lane {
    partition: Partition,
    nats: async_nats::Client,
    source: Arc<dyn Source>,
    ranges: Arc<Ranges>,
    sink: Arc<dyn Sink>,
    watchlist: Arc<Watchlist>,
    commands: mpsc::UnboundedReceiver<Command>,
    watched: HashMap<StreamKey, Watched>,
    /// Held while a stream is watched.
    events: Option<Subscriber>,
    heads: Option<Subscriber>,
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
        nats: async_nats::Client,
        (source, ranges): (Arc<dyn Source>, Arc<Ranges>),
        sink: Arc<dyn Sink>,
        watchlist: Arc<Watchlist>,
        commands: mpsc::UnboundedReceiver<Command>,
    ) -> Self {
        Self {
            partition,
            nats,
            source,
            ranges,
            sink,
            watchlist,
            commands,
            watched: HashMap::new(),
            events: None,
            heads: None,
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
                Input::Command(Some(Command::Compare { key, head })) => {
                    self.touch(&key, |cursor, now, _| {
                        cursor.read_head(head.seq, &head.event_id, now)
                    });
                }
                Input::Events(Some(message)) => self.take_events(message),
                Input::Heads(Some(message)) => self.take_heads(message),
                // The client was closed. Comparing keeps the streams whole as long as anyone answers.
                Input::Events(None) => self.events = None,
                Input::Heads(None) => self.heads = None,
                Input::Done(Done::Heads { asked, answer }) => self.begin(asked, answer),
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
            message = next(&mut self.heads) => Input::Heads(message),
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
        self.watchlist.insert(key.clone());
        let watched = Watched {
            number,
            cursor: Cursor::default(),
            watchers: 1,
            waiting: vec![reply],
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
        self.watchlist.remove(key);
        if self.watched.is_empty() {
            self.events = None;
            self.heads = None;
        }
    }

    async fn subscribe(&mut self) -> Result<(), Status> {
        if self.events.is_some() && self.heads.is_some() {
            return Ok(());
        }
        let subscribing = async {
            let events = self
                .nats
                .subscribe(subject::events(self.partition).to_string())
                .await?;
            let heads = self
                .nats
                .subscribe(subject::heads(self.partition).to_string())
                .await?;
            Ok::<_, async_nats::SubscribeError>((events, heads))
        };
        let Ok(Ok((events, heads))) = timeout(SUBSCRIBE, subscribing).await else {
            return Err(away("the bus takes no subscription"));
        };
        (self.events, self.heads) = (Some(events), Some(heads));
        Ok(())
    }

    /// Asks for the heads of all streams that wait for theirs, unless a question is under way.
    fn ask_heads(&mut self) {
        if self.is_asking || self.unasked.is_empty() {
            return;
        }
        self.is_asking = true;
        let count = self.unasked.len().min(HEADS_LIMIT);
        let asked: Vec<_> = self.unasked.drain(..count).collect();
        let keys: Vec<_> = asked.iter().map(|(key, _)| key.clone()).collect();
        let question = self.source.read_heads(compare::question(&keys));
        self.reads.push(
            async move {
                Done::Heads {
                    asked,
                    answer: question.await,
                }
            }
            .boxed(),
        );
    }

    fn begin(&mut self, asked: Vec<(StreamKey, u64)>, answer: Result<HeadsResponse, Status>) {
        self.is_asking = false;
        self.ask_heads();
        let answer = answer.and_then(|response| {
            let is_whole = response.heads.len() == asked.len();
            is_whole
                .then_some(response.heads)
                .ok_or_else(|| away("heads are missing in the answer"))
        });
        for (place, (key, number)) in asked.into_iter().enumerate() {
            let Some(watched) = self
                .watched
                .get_mut(&key)
                .filter(|watched| watched.number == number)
            else {
                continue;
            };
            let waiting = std::mem::take(&mut watched.waiting);
            match &answer {
                Ok(heads) => {
                    let head = &heads[place];
                    let given_up = waiting
                        .into_iter()
                        .filter_map(|reply| reply.send(Ok(head.seq)).err())
                        .count();
                    self.touch(&key, |cursor, now, out| {
                        cursor.start(head.seq, &head.event_id, now, out)
                    });
                    for _ in 0..given_up {
                        self.unwatch(&key);
                    }
                }
                Err(refused) => {
                    self.forget(&key);
                    for reply in waiting {
                        let _ = reply.send(Err(refused.clone()));
                    }
                }
            }
        }
    }

    fn take_events(&mut self, message: Message) {
        let Ok(batch) = EventBatch::decode(message.payload) else {
            tracing::warn!(
                partition = self.partition.number(),
                "an event batch cannot be read"
            );
            return;
        };
        let now = Instant::now();
        let mut touched = Vec::new();
        for event in batch.events {
            let Some(key) = parse_key(&event.tenant, &event.stream_id) else {
                continue;
            };
            let Some(watched) = self.watched.get_mut(&key) else {
                continue;
            };
            watched.cursor.event(Arc::new(event), now, &mut watched.out);
            if touched.last() != Some(&key) {
                touched.push(key);
            }
        }
        for key in touched {
            self.settle(&key);
        }
    }

    fn take_heads(&mut self, message: Message) {
        let Ok(batch) = HeadBatch::decode(message.payload) else {
            tracing::warn!(
                partition = self.partition.number(),
                "a head batch cannot be read"
            );
            return;
        };
        for head in batch.heads {
            let Some(key) = parse_key(&head.tenant, &head.stream_id) else {
                continue;
            };
            self.touch(&key, |cursor, now, _| {
                cursor.head(head.seq, &head.event_id, now)
            });
        }
    }

    fn fetch_due(&mut self) {
        let now = Instant::now();
        while let Some(Reverse((at, _))) = self.timers.peek() {
            if *at > now {
                break;
            }
            let Some(Reverse((at, key))) = self.timers.pop() else {
                break;
            };
            let Some(watched) = self.watched.get_mut(&key) else {
                continue;
            };
            if watched.timer == Some(at) {
                watched.timer = None;
            }
            if let Some(Want { after, after_id }) = watched.cursor.begin_fetch(now) {
                let (ranges, number, key) = (Arc::clone(&self.ranges), watched.number, key.clone());
                let read = async move {
                    let answer = ranges
                        .get(&key.0, key.1, after, &after_id, RANGE_LIMIT)
                        .await;
                    Done::Range {
                        key,
                        number,
                        answer,
                    }
                };
                self.reads.push(read.boxed());
            }
            self.settle(&key);
        }
    }

    fn fetched(
        &mut self,
        key: &StreamKey,
        number: u64,
        answer: Result<Arc<RangeResponse>, Status>,
    ) {
        let Some(watched) = self
            .watched
            .get_mut(key)
            .filter(|watched| watched.number == number)
        else {
            return;
        };
        match answer {
            Ok(range) => {
                metrics::counter!("stream_repairs_total").increment(1);
                let reset = watched
                    .cursor
                    .fetched(&range, Instant::now(), &mut watched.out);
                metrics::counter!("stream_repaired_events_total")
                    .increment(watched.out.len() as u64);
                // Before what follows that head.
                if let Some(head) = reset {
                    tracing::warn!(stream = %key.1, head, "the log contradicts what was delivered");
                    self.sink.reset(key.clone(), head);
                }
            }
            Err(error) => {
                tracing::debug!(code = ?error.code(), "a range could not be read");
                watched.cursor.fetch_failed(Instant::now());
            }
        }
        self.settle(key);
    }

    /// Lets the cursor of a watched stream take something in, then does what follows from it.
    fn touch(
        &mut self,
        key: &StreamKey,
        take: impl FnOnce(&mut Cursor, Instant, &mut Vec<Arc<Event>>),
    ) {
        let Some(watched) = self.watched.get_mut(key) else {
            return;
        };
        take(&mut watched.cursor, Instant::now(), &mut watched.out);
        self.settle(key);
    }

    /// Delivers what a cursor let out, and sets the timer it needs.
    fn settle(&mut self, key: &StreamKey) {
        let Some(watched) = self.watched.get_mut(key) else {
            return;
        };
        if !watched.out.is_empty() {
            self.sink.deliver(key.clone(), &watched.out);
            watched.out.clear();
        }
        if let Some(due) = watched.cursor.due()
            && watched.timer.is_none_or(|timer| due < timer)
        {
            watched.timer = Some(due);
            self.timers.push(Reverse((due, key.clone())));
        }
    }
}

async fn next(subscriber: &mut Option<Subscriber>) -> Option<Message> {
    match subscriber {
        Some(subscriber) => subscriber.next().await,
        None => std::future::pending().await,
    }
}
