//! The streams of one connection, and how those that are behind catch up at the client's pace.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use proto::{
    event::{Kind, MemberJoined, RoomCreated},
    id::{ConnectionId, RoomId, StreamId, UserId},
    stream::Event,
};
use stream::Receiver;
use tokio::time::Instant;
use tonic::Status;

use crate::{
    conn::{handle::Handle, outbound::Outbound},
    fanout::{Channel, Pulled, Scope, Start},
    hub::Watch,
    relay::{Context, KnownRoom},
};

/// Events read at a time: as many large ones as fill half of the queue. What does not fit is read again.
const PAGE: u32 = 50;
/// Streams read at a time.
const AT_ONCE: usize = 4;
/// Pause after a read that failed.
const RETRY: Duration = Duration::from_millis(500);
/// How far back the user's own arrival is looked for.
const LOOK_BACK: i64 = 50;

/// See the module.
pub(super) struct Streams {
    connection: ConnectionId,
    /// In the order of their streams; a list, because every connection holds it for as long as it lives.
    watches: Vec<Watch>,
    behind: VecDeque<StreamId>,
    /// At most [`AT_ONCE`].
    pulling: Vec<StreamId>,
    retry_at: Option<Instant>,
}

/// The end of one read.
pub(super) struct Pull {
    stream: StreamId,
    pulled: Result<Pulled, Status>,
}

/// A room the user got into by another connection.
pub(super) struct Entered {
    /// Its id.
    pub(super) room: RoomId,
    /// What is known of it.
    pub(super) known: KnownRoom,
    /// The stream and where to begin.
    pub(super) followed: Result<(Watch, Start), Status>,
}

impl Streams {
    pub(super) fn new(connection: ConnectionId) -> Self {
        Self {
            connection,
            watches: Vec::new(),
            behind: VecDeque::new(),
            pulling: Vec::new(),
            retry_at: None,
        }
    }

    /// Attaches the connection to a stream. One it follows already stays as it is.
    pub(super) fn attach(
        &mut self,
        handle: &Arc<Handle>,
        user: UserId,
        watch: Watch,
        start: Start,
    ) {
        let stream = watch.channel().stream();
        let Err(place) = self.place(stream) else {
            return;
        };
        if !watch.attach(handle, user, start) {
            self.behind.push_back(stream);
        }
        self.watches.insert(place, watch);
    }

    /// Where a stream is among the watches, or would be.
    fn place(&self, stream: StreamId) -> Result<usize, usize> {
        let id_of = |watch: &Watch| watch.channel().stream().0;
        self.watches.binary_search_by_key(&stream.0, id_of)
    }

    pub(super) fn channel(&self, stream: StreamId) -> Option<&Arc<Channel>> {
        let place = self.place(stream).ok()?;
        Some(self.watches[place].channel())
    }

    pub(super) fn let_go(&mut self, stream: StreamId) {
        if let Ok(place) = self.place(stream) {
            self.watches.remove(place);
        }
    }

    pub(super) fn clear(&mut self) {
        self.watches.clear();
    }

    /// Gives back the room for more than there is.
    pub(super) fn rest(&mut self) {
        self.watches.shrink_to_fit();
        self.behind.shrink_to_fit();
        self.pulling.shrink_to_fit();
    }

    /// Takes every stream back to its first dropped frame.
    pub(super) fn rewind(&mut self, outbound: &Outbound) {
        for (stream, place) in outbound.take_dropped() {
            if let Some(channel) = self.channel(stream) {
                channel.rewind(self.connection, place);
            }
        }
        // Until here live events were refused, and their streams marked; from here they are taken again.
        outbound.mend();
        self.find_behind();
    }

    /// Finds the streams that the gateway has stopped delivering live to this connection.
    pub(super) fn find_behind(&mut self) {
        for channel in self.watches.iter().map(Watch::channel) {
            let stream = channel.stream();
            let is_known = self.pulling.contains(&stream) || self.behind.contains(&stream);
            if !is_known && channel.is_behind(self.connection) {
                self.behind.push_back(stream);
            }
        }
    }

    pub(super) fn can_catch_up(&self, outbound: &Outbound, now: Instant) -> bool {
        !self.behind.is_empty()
            && self.pulling.len() < AT_ONCE
            && self.retry_at.is_none_or(|retry_at| retry_at <= now)
            && outbound.is_below_half()
    }

    pub(super) fn retry_at(&self) -> Option<Instant> {
        self.retry_at.filter(|_| !self.behind.is_empty())
    }

    /// Begins the next read.
    pub(super) fn catch_up(
        &mut self,
        receiver: &Arc<Receiver>,
    ) -> Option<impl Future<Output = Pull> + use<>> {
        self.retry_at = None;
        let stream = self.behind.pop_front()?;
        let channel = self.channel(stream)?.clone();
        self.pulling.push(stream);
        Some(pull(receiver.clone(), channel, self.connection))
    }

    /// Takes the end of a read.
    pub(super) fn pulled(&mut self, Pull { stream, pulled }: Pull) {
        self.pulling.retain(|pulled| *pulled != stream);
        let Some(channel) = self.channel(stream) else {
            return;
        };
        let is_behind = channel.is_behind(self.connection);
        if pulled.is_err() {
            self.retry_at = Some(Instant::now() + RETRY);
        }
        if is_behind && !self.behind.contains(&stream) {
            self.behind.push_back(stream);
        }
    }
}

async fn pull(receiver: Arc<Receiver>, channel: Arc<Channel>, connection: ConnectionId) -> Pull {
    let stream = channel.stream();
    if let Some(recalled) = channel.recall(connection) {
        return Pull {
            stream,
            pulled: Ok(recalled),
        };
    }
    let Some((at, at_id)) = channel.place(connection) else {
        return Pull {
            stream,
            pulled: Ok(Pulled::Gone),
        };
    };
    let range = receiver
        .range(channel.tenant(), stream, at, &at_id, PAGE)
        .await;
    Pull {
        stream,
        pulled: range.map(|range| channel.pulled(connection, (at, &at_id), &range)),
    }
}

/// Follows a room the user is in now, from their own arrival on.
pub(super) async fn enter(context: Arc<Context>, room: RoomId, known: KnownRoom) -> Entered {
    let followed = async {
        let (app, identity) = (&context.app, &context.identity);
        let stream = StreamId::from(room);
        let watch = app
            .hub
            .open(context.handle.id, &identity.tenant, stream, Scope::Room)
            .await?;
        let cursor = watch.cursor();
        let arrival = arrival(&context, stream, cursor).await?;
        let told = arrival.map_or(cursor, |seq| seq - 1);
        Ok((
            watch,
            Start {
                told,
                told_id: String::new(),
                replay_to: 0,
            },
        ))
    };
    let followed = followed.await;
    Entered {
        room,
        known,
        followed,
    }
}

/// Finds the user's own last arrival. The gateway may be behind: it is looked for up to the end of the stream, because an
/// earlier arrival would begin before somebody sent them away.
async fn arrival(context: &Context, stream: StreamId, cursor: i64) -> Result<Option<i64>, Status> {
    let (identity, receiver) = (&context.identity, &context.app.receiver);
    let (mut after, mut found) = ((cursor - LOOK_BACK).max(0), None);
    loop {
        let range = receiver
            .range(&identity.tenant, stream, after, "", PAGE)
            .await?;
        let mut arrivals = range.events.iter().rev();
        let arrival = arrivals.find(|event| is_arrival(event, identity.user_id));
        found = arrival.map(|event| event.seq).or(found);
        match range.events.last() {
            Some(last) if last.seq < range.head => after = last.seq,
            _ => return Ok(found),
        }
    }
}

/// Both people of a direct conversation are in it from its first event on.
fn is_arrival(event: &Event, user: UserId) -> bool {
    match i16::try_from(event.kind).ok().and_then(Kind::from_number) {
        Some(Kind::MemberJoined) => serde_json::from_slice::<MemberJoined>(&event.data)
            .is_ok_and(|joined| joined.user.id.parse() == Ok(user)),
        Some(Kind::RoomCreated) => serde_json::from_slice::<RoomCreated>(&event.data)
            .is_ok_and(|created| created.kind == "direct"),
        _ => false,
    }
}
