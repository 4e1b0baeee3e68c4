//! The bounded queue of frames on their way to one client.
//!
//! Half full: ephemeral frames are shed, counted and later told. Full: every durable frame is dropped and the queue is
//! *broken* until the connection has taken note of where each stream was; those streams are then read from the log at
//! the client's pace. Replies are never dropped: a full queue stops the reading of new requests instead.
//!
//! Shut, when the connection's right to be told has ended: from that moment on no event leaves any more but those of the
//! person's own feed, which say why.

use std::collections::{BTreeMap, HashMap, VecDeque};

use parking_lot::Mutex;
use proto::id::StreamId;
use tokio_tungstenite::tungstenite::Utf8Bytes;

use crate::frame;

/// Room for so many frames is kept while there are none.
const KEPT: usize = 4;

/// What became of a durable frame's place when it was dropped: where the stream must be read again from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The seq the client was last told of before the frame.
    pub prev: i64,
    /// The frame's own seq.
    pub seq: i64,
}

enum Class {
    Reply,
    Durable(StreamId, Place),
    Ephemeral(&'static str),
}

struct Entry {
    frame: Utf8Bytes,
    class: Class,
}

#[derive(Default)]
struct State {
    entries: VecDeque<Entry>,
    bytes: usize,
    is_broken: bool,
    /// For good: but for replies, nothing of other streams than this one leaves.
    only: Option<StreamId>,
    /// Made when something is lost: nearly every connection has none.
    lost: Option<Box<Lost>>,
}

#[derive(Default)]
struct Lost {
    dropped: HashMap<StreamId, Place>,
    shed: BTreeMap<&'static str, u32>,
}

/// See the module.
pub struct Outbound {
    state: Mutex<State>,
    max_frames: usize,
    max_bytes: usize,
}

impl Outbound {
    /// Makes an empty queue.
    #[must_use]
    pub fn new(max_frames: usize, max_bytes: usize) -> Self {
        Self {
            state: Mutex::default(),
            max_frames,
            max_bytes,
        }
    }

    /// Queues a reply or another frame that must not be lost.
    pub fn reply(&self, frame: Utf8Bytes) {
        push(&mut self.state.lock(), frame, Class::Reply);
    }

    /// Queues a live event. `false`: not taken; the stream must be pulled from here.
    pub fn durable(&self, stream: StreamId, place: Place, frame: &Utf8Bytes) -> bool {
        let mut state = self.state.lock();
        if state.is_broken || state.is_shut_to(stream) {
            return false;
        }
        if state.entries.len() >= self.max_frames || state.bytes + frame.len() > self.max_bytes {
            give_up_durable(&mut state);
            return false;
        }
        push(&mut state, frame.clone(), Class::Durable(stream, place));
        true
    }

    /// Takes back every event that was not written yet; its streams must be pulled from there.
    pub fn give_up(&self) {
        give_up_durable(&mut self.state.lock());
    }

    /// Takes back everything but replies and the events of one stream, and takes nothing else from now on: neither what
    /// is delivered before the connection has noticed that it must close, nor what was delivered before and waits.
    pub fn shut(&self, but: StreamId) {
        let mut state = self.state.lock();
        state.only = Some(but);
        state.entries.retain(|entry| match &entry.class {
            Class::Reply => true,
            Class::Durable(stream, _) => *stream == but,
            Class::Ephemeral(_) => false,
        });
        state.bytes = state.entries.iter().map(|entry| entry.frame.len()).sum();
        if let Some(lost) = &mut state.lost {
            lost.shed.clear();
        }
    }

    /// Queues an event that was read from the log for this client. `false`: the queue is half full, read on later.
    pub fn pulled(&self, stream: StreamId, place: Place, frame: &Utf8Bytes) -> bool {
        let mut state = self.state.lock();
        if state.is_broken || state.is_shut_to(stream) || !self.has_room(&state) {
            return false;
        }
        push(&mut state, frame.clone(), Class::Durable(stream, place));
        true
    }

    /// Queues a frame that may be lost; it is shed when the queue is half full.
    pub fn ephemeral(&self, kind: &'static str, frame: Utf8Bytes) {
        let mut state = self.state.lock();
        if state.only.is_some() {
            // Nobody is left to be told that it was shed.
        } else if self.has_room(&state) {
            push(&mut state, frame, Class::Ephemeral(kind));
        } else {
            shed(&mut state, kind);
        }
    }

    /// Takes the next frame.
    pub fn pop(&self) -> Option<Utf8Bytes> {
        self.next(&mut self.state.lock())
    }

    /// Takes frames and writes them one after the other, as they go over the wire, until there are `most` bytes or no
    /// frame is left. Returns how many.
    pub(super) fn write_to(&self, out: &mut Vec<u8>, most: usize) -> u64 {
        let mut state = self.state.lock();
        let mut frames = 0;
        while out.len() < most
            && let Some(frame) = self.next(&mut state)
        {
            frame::write_text(out, &frame);
            frames += 1;
        }
        frames
    }

    fn next(&self, state: &mut State) -> Option<Utf8Bytes> {
        let entry = state.entries.pop_front();
        match &entry {
            Some(entry) => state.bytes -= entry.frame.len(),
            // A burst must not cost its peak for ever.
            None if state.entries.capacity() > KEPT => state.entries.shrink_to(0),
            None => {}
        }
        if self.has_room(state)
            && let Some(told) = state.take_shed()
        {
            push(state, frame::shed(&told), Class::Reply);
        }
        let entry = match entry {
            Some(entry) => entry,
            None => {
                let entry = state.entries.pop_front()?;
                state.bytes -= entry.frame.len();
                entry
            }
        };
        Some(entry.frame)
    }

    /// Keeps room for one frame and no more, if nothing waits: nothing was said for a while.
    pub fn rest(&self) {
        let mut state = self.state.lock();
        if state.entries.is_empty() {
            state.entries.shrink_to(1);
        }
    }

    /// Whether durable frames were dropped and [`Self::mend`] is due.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        self.state.lock().is_broken
    }

    /// Takes the places of the dropped frames: per stream the first one.
    pub fn take_dropped(&self) -> HashMap<StreamId, Place> {
        let mut state = self.state.lock();
        let Some(lost) = &mut state.lost else {
            return HashMap::new();
        };
        let dropped = std::mem::take(&mut lost.dropped);
        if lost.shed.is_empty() {
            state.lost = None;
        }
        dropped
    }

    /// Accepts live events again.
    pub fn mend(&self) {
        self.state.lock().is_broken = false;
    }

    /// Whether less than half is in use.
    #[must_use]
    pub fn is_below_half(&self) -> bool {
        self.has_room(&self.state.lock())
    }

    /// Whether requests must wait until something is written.
    #[must_use]
    pub fn is_full(&self) -> bool {
        let state = self.state.lock();
        state.entries.len() >= self.max_frames || state.bytes >= self.max_bytes
    }

    /// How many frames wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.state.lock().entries.len()
    }

    /// Whether the frame of an event waits. Looks at every frame: for the curious, not for the way of a message.
    #[must_use]
    pub fn waits_for(&self, stream: StreamId, seq: i64) -> bool {
        let state = self.state.lock();
        state.entries.iter().any(|entry| {
            matches!(&entry.class, Class::Durable(of, place) if *of == stream && place.seq == seq)
        })
    }

    /// Whether the frame of an event, or one before it, was dropped and is read from the log again.
    #[must_use]
    pub fn has_dropped(&self, stream: StreamId, seq: i64) -> bool {
        let state = self.state.lock();
        let first = state.lost.as_ref().and_then(|it| it.dropped.get(&stream));
        first.is_some_and(|place| place.seq <= seq)
    }

    /// Whether nothing waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.state.lock().entries.is_empty()
    }

    fn has_room(&self, state: &State) -> bool {
        state.entries.len() < self.max_frames.div_ceil(2)
            && state.bytes < self.max_bytes.div_ceil(2)
    }
}

impl State {
    fn lost(&mut self) -> &mut Lost {
        self.lost.get_or_insert_default()
    }

    /// Takes what was shed since it was told last.
    fn take_shed(&mut self) -> Option<BTreeMap<&'static str, u32>> {
        let lost = self.lost.as_mut().filter(|lost| !lost.shed.is_empty())?;
        let shed = std::mem::take(&mut lost.shed);
        if lost.dropped.is_empty() {
            self.lost = None;
        }
        Some(shed)
    }

    fn is_shut_to(&self, stream: StreamId) -> bool {
        self.only.is_some_and(|only| only != stream)
    }
}

fn push(state: &mut State, frame: Utf8Bytes, class: Class) {
    state.bytes += frame.len();
    state.entries.push_back(Entry { frame, class });
}

fn shed(state: &mut State, kind: &'static str) {
    *state.lost().shed.entry(kind).or_default() += 1;
    metrics::counter!("hubbub_gateway_shed_total", "type" => kind).increment(1);
}

/// Drops what can be read again or may be lost, and remembers where each stream was.
fn give_up_durable(state: &mut State) {
    state.is_broken = true;
    let before = state.entries.len();
    for entry in std::mem::take(&mut state.entries) {
        match entry.class {
            Class::Reply => {
                state.entries.push_back(entry);
                continue;
            }
            Class::Durable(stream, place) => {
                state.lost().dropped.entry(stream).or_insert(place);
            }
            Class::Ephemeral(kind) => shed(state, kind),
        }
        state.bytes -= entry.frame.len();
    }
    let dropped = before - state.entries.len();
    metrics::counter!("hubbub_gateway_dropped_total").increment(dropped as u64);
    metrics::counter!("hubbub_gateway_overflows_total").increment(1);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &'static str) -> Utf8Bytes {
        Utf8Bytes::from_static(text)
    }

    fn place(seq: i64) -> Place {
        Place { prev: seq - 1, seq }
    }

    fn drain(queue: &Outbound) -> Vec<String> {
        std::iter::from_fn(|| queue.pop())
            .map(|frame| frame.as_str().to_owned())
            .collect()
    }

    #[test]
    fn a_full_queue_drops_the_durable_and_remembers_each_stream_s_first() {
        let (one, two) = (
            StreamId(uuid::Uuid::now_v7()),
            StreamId(uuid::Uuid::now_v7()),
        );
        let queue = Outbound::new(4, 1_000);
        assert!(queue.durable(one, place(5), &text("a")));
        queue.reply(text("ok"));
        assert!(queue.durable(one, place(6), &text("b")));
        assert!(queue.durable(two, place(9), &text("c")));
        assert!(
            !queue.durable(one, place(7), &text("d")),
            "the fifth frame does not fit"
        );
        assert!(queue.is_broken());
        assert!(
            !queue.durable(two, place(10), &text("e")),
            "refused until mended"
        );
        let dropped = queue.take_dropped();
        assert_eq!((dropped[&one], dropped[&two]), (place(5), place(9)));
        assert_eq!(drain(&queue), ["ok"], "replies stay");
        queue.mend();
        assert!(queue.durable(one, place(5), &text("a")));
    }

    #[test]
    fn when_it_is_shut_replies_and_the_own_feed_leave_and_nothing_else() {
        let queue = Outbound::new(8, 1_000);
        let [room, feed] = [(); 2].map(|()| StreamId(uuid::Uuid::now_v7()));
        assert!(queue.durable(room, place(1), &text("said before")));
        queue.reply(text("ok"));
        assert!(queue.durable(feed, place(1), &text("why")));
        queue.ephemeral("typing", text("typing"));
        queue.shut(feed);
        queue.mend();
        assert!(!queue.durable(room, place(1), &text("said before")));
        assert!(!queue.pulled(room, place(1), &text("said before")));
        queue.ephemeral("typing", text("typing"));
        assert!(queue.durable(feed, place(2), &text("and more")));
        queue.reply(text("bye"));
        assert_eq!(drain(&queue), ["ok", "why", "and more", "bye"]);
        assert!(!queue.is_broken(), "nothing is read again for it");
    }

    #[test]
    fn a_queue_that_rests_has_room_for_one() {
        let queue = Outbound::new(8, 1_000);
        let capacity = || queue.state.lock().entries.capacity();
        queue.reply(text("one"));
        queue.rest();
        assert_eq!(drain(&queue), ["one"], "what waits stays");
        queue.rest();
        assert_eq!(capacity(), 1);
        queue.ephemeral("ping", text("ping"));
        assert_eq!(drain(&queue), ["ping"]);
        assert_eq!(capacity(), 1, "a ping needs no more");
    }

    #[test]
    fn bytes_count_too() {
        let stream = StreamId(uuid::Uuid::now_v7());
        let queue = Outbound::new(100, 10);
        assert!(queue.durable(stream, place(1), &text("123456")));
        assert!(!queue.durable(stream, place(2), &text("12345")));
        assert!(queue.is_broken() && queue.is_empty());
    }

    #[test]
    fn at_half_the_ephemeral_are_shed_counted_and_told() {
        let queue = Outbound::new(4, 1_000);
        queue.reply(text("one"));
        queue.ephemeral("typing", text("typing"));
        queue.ephemeral("typing", text("typing"));
        queue.ephemeral("presence", text("presence"));
        let stream = StreamId(uuid::Uuid::now_v7());
        assert!(
            !queue.pulled(stream, place(1), &text("x")),
            "pulling waits at half"
        );
        assert!(
            queue.durable(stream, place(1), &text("x")),
            "live events do not"
        );
        let drained = drain(&queue);
        assert_eq!(
            drained,
            [
                "one",
                "typing",
                "x",
                r#"{"type":"shed","data":{"presence":1,"typing":1}}"#
            ]
        );
    }
}
