//! Any interleaving of loss, doubling, reordering, heads, failing reads and restarts, against a plain `Vec`.

use proptest::prelude::*;

use super::*;

#[derive(Debug, Clone)]
enum Step {
    /// The owner commits this many events and publishes them.
    Commit(u8),
    /// A message on the bus arrives; the index picks which.
    Arrive(prop::sample::Index),
    /// A message on the bus arrives and stays there to arrive again.
    Double(prop::sample::Index),
    /// A message on the bus is lost.
    Lose(prop::sample::Index),
    /// A head is announced, as many events old as told.
    Head(u8),
    /// A head that was read from the log arrives, by now as many events old as told.
    ReadHead(u8),
    /// Time passes, and what is due is begun.
    Pass(u16),
    /// The running fetch reads the log now, at most this many events; the answer is under way.
    Read(u8),
    /// The answer under way arrives.
    Answer,
    /// The running fetch fails.
    Fail,
    /// The receiver starts anew: it subscribes, and asks for the head.
    Restart,
    /// The head it asked for arrives.
    Started,
}

fn step() -> impl Strategy<Value = Step> {
    let index = any::<prop::sample::Index>;
    prop_oneof![
        4 => (1..5_u8).prop_map(Step::Commit),
        8 => index().prop_map(Step::Arrive),
        2 => index().prop_map(Step::Double),
        3 => index().prop_map(Step::Lose),
        2 => (0..4_u8).prop_map(Step::Head),
        1 => (0..4_u8).prop_map(Step::ReadHead),
        4 => (0..120_u16).prop_map(Step::Pass),
        3 => (1..4_u8).prop_map(Step::Read),
        3 => Just(Step::Answer),
        1 => Just(Step::Fail),
        1 => Just(Step::Restart),
        2 => Just(Step::Started),
    ]
}

fn event(seq: i64) -> Arc<Event> {
    Arc::new(Event {
        seq,
        event_id: format!("e{seq}"),
        ..Event::default()
    })
}

fn id(seq: i64) -> String {
    if seq == 0 {
        String::new()
    } else {
        format!("e{seq}")
    }
}

/// The model: a log, a bus, and a receiver with what it delivered.
struct World {
    head: i64,
    bus: Vec<Arc<Event>>,
    now: Instant,
    cursor: Cursor,
    running: Option<Want>,
    answer: Option<RangeResponse>,
    asked_head: Option<i64>,
    began_at: Option<i64>,
    delivered: Vec<i64>,
}

impl World {
    fn new() -> Self {
        Self {
            head: 0,
            bus: Vec::new(),
            now: Instant::now(),
            cursor: Cursor::default(),
            running: None,
            answer: None,
            asked_head: Some(0),
            began_at: None,
            delivered: Vec::new(),
        }
    }

    fn deliver(&mut self, out: &[Arc<Event>]) {
        self.delivered.extend(out.iter().map(|event| event.seq));
        // Once, in order, without holes, at every moment.
        if let Some(began_at) = self.began_at {
            let expected: Vec<i64> = (began_at + 1..).take(self.delivered.len()).collect();
            assert_eq!(self.delivered, expected);
            assert!(
                self.delivered.len() as i64 <= self.head - began_at,
                "nothing is made up"
            );
        } else {
            assert!(
                self.delivered.is_empty(),
                "nothing before the head is known"
            );
        }
    }

    fn arrive(&mut self, at: usize, stays: bool) {
        let event = if stays {
            Arc::clone(&self.bus[at])
        } else {
            self.bus.swap_remove(at)
        };
        let mut out = Vec::new();
        self.cursor.event(event, self.now, &mut out);
        self.deliver(&out);
    }

    fn started(&mut self) {
        let Some(head) = self.asked_head.take() else {
            return;
        };
        let mut out = Vec::new();
        self.began_at = Some(head);
        self.cursor.start(head, &id(head), self.now, &mut out);
        self.deliver(&out);
    }

    fn begin_due(&mut self) {
        if let Some(want) = self.cursor.begin_fetch(self.now) {
            assert!(self.running.is_none(), "one fetch at a time");
            self.running = Some(want);
        }
    }

    fn read(&mut self, limit: u8) {
        let Some(want) = self.running.as_ref().filter(|_| self.answer.is_none()) else {
            return;
        };
        assert_eq!(want.after_id, id(want.after));
        let last = self.head.min(want.after + i64::from(limit));
        let events = (want.after + 1..=last)
            .map(|seq| (*event(seq)).clone())
            .collect();
        self.answer = Some(RangeResponse {
            events,
            head: self.head,
            is_continuous: true,
            ..RangeResponse::default()
        });
    }

    fn answer(&mut self) {
        let Some(answer) = self.answer.take() else {
            return;
        };
        self.running = None;
        let mut out = Vec::new();
        assert_eq!(
            self.cursor.fetched(&answer, self.now, &mut out),
            None,
            "no reset without a reason"
        );
        self.deliver(&out);
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Commit(count) => {
                let seqs = self.head + 1..=self.head + i64::from(*count);
                self.head += i64::from(*count);
                self.bus.extend(seqs.map(event));
            }
            Step::Arrive(which) if !self.bus.is_empty() => {
                self.arrive(which.index(self.bus.len()), false);
            }
            Step::Double(which) if !self.bus.is_empty() => {
                self.arrive(which.index(self.bus.len()), true);
            }
            Step::Lose(which) if !self.bus.is_empty() => {
                self.bus.swap_remove(which.index(self.bus.len()));
            }
            Step::Arrive(_) | Step::Double(_) | Step::Lose(_) => {}
            Step::Head(age) => {
                let seq = (self.head - i64::from(*age)).max(0);
                self.cursor.head(seq, &id(seq), self.now);
            }
            Step::ReadHead(age) => {
                let seq = (self.head - i64::from(*age)).max(0);
                self.cursor.read_head(seq, &id(seq), self.now);
            }
            Step::Pass(millis) => {
                self.now += Duration::from_millis((*millis).into());
                self.begin_due();
            }
            Step::Read(limit) => self.read(*limit),
            Step::Answer => self.answer(),
            Step::Fail => {
                if self.running.take().is_some() {
                    self.answer = None;
                    self.cursor.fetch_failed(self.now);
                }
            }
            Step::Restart => {
                let (head, bus, now) = (self.head, std::mem::take(&mut self.bus), self.now);
                *self = Self {
                    head,
                    bus,
                    now,
                    asked_head: Some(head),
                    ..Self::new()
                };
            }
            Step::Started => self.started(),
        }
    }

    /// Heads keep being announced and reads succeed: how long until everything is delivered?
    fn heal(&mut self) -> Duration {
        let from = self.now;
        self.bus.clear();
        self.started();
        while self.cursor.seq() != Some(self.head) && self.now < from + Duration::from_secs(60) {
            self.cursor.head(self.head, &id(self.head), self.now);
            self.now += Duration::from_millis(10);
            self.begin_due();
            self.read(200);
            self.answer();
        }
        self.now - from
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn every_event_once_in_order_without_holes(steps in prop::collection::vec(step(), 0..120)) {
        let mut world = World::new();
        for step in steps {
            world.step(&step);
        }
        let took = world.heal();
        prop_assert!(took < Duration::from_secs(3), "whole after {took:?}");
        let began_at = world.began_at.expect("healing starts it");
        let expected: Vec<i64> = (began_at + 1..=world.head).collect();
        prop_assert_eq!(world.delivered, expected);
    }
}

fn started(at: i64) -> (Cursor, Instant) {
    let (mut cursor, now) = (Cursor::default(), Instant::now());
    cursor.start(at, &id(at), now, &mut Vec::new());
    (cursor, now)
}

#[test]
fn a_hole_is_fetched_after_its_patience_and_not_before() {
    let (mut cursor, now) = started(3);
    let mut out = Vec::new();
    cursor.event(event(5), now, &mut out);
    assert!(out.is_empty());
    assert_eq!(cursor.due(), Some(now + PATIENCE));
    assert_eq!(cursor.begin_fetch(now + PATIENCE / 2), None);
    cursor.event(event(4), now, &mut out);
    assert_eq!(
        out.iter().map(|event| event.seq).collect::<Vec<_>>(),
        [4, 5]
    );
    assert_eq!(cursor.due(), None);
}

#[test]
fn parking_is_bounded_and_loses_nothing() {
    let (mut cursor, now) = started(0);
    let mut out = Vec::new();
    let count = PARKED_MAX as i64 + 500;
    for seq in 2..=count {
        cursor.event(event(seq), now, &mut out);
    }
    assert_eq!(cursor.parked.len(), PARKED_MAX);
    cursor.event(event(1), now, &mut out);
    let later = now + PATIENCE;
    let want = cursor
        .begin_fetch(later)
        .expect("the forgotten ones are fetched");
    let events = (want.after + 1..=count)
        .map(|seq| (*event(seq)).clone())
        .collect();
    cursor.fetched(
        &RangeResponse {
            events,
            head: count,
            is_continuous: true,
            ..RangeResponse::default()
        },
        later,
        &mut out,
    );
    assert_eq!(out.len() as i64, count);
}

#[test]
fn a_log_that_lost_its_tail_begins_anew() {
    let (mut cursor, now) = started(9);
    let mut out = Vec::new();
    // Committed in the old world, lost by its failover.
    cursor.event(event(11), now, &mut out);
    cursor.read_head(4, "e4", now);
    let later = now + PATIENCE;
    assert_eq!(
        cursor.begin_fetch(later),
        Some(Want {
            after: 9,
            after_id: "e9".into()
        })
    );
    let range = RangeResponse {
        events: Vec::new(),
        head: 4,
        is_continuous: false,
        ..RangeResponse::default()
    };
    assert_eq!(cursor.fetched(&range, later, &mut out), Some(4));
    assert_eq!(cursor.due(), None);
    let other = Arc::new(Event {
        seq: 5,
        event_id: "other".into(),
        ..Event::default()
    });
    cursor.event(other, later, &mut out);
    assert_eq!(
        (out.len(), cursor.seq()),
        (1, Some(5)),
        "the parked ghost of the old world is gone"
    );
}

#[test]
fn another_id_at_our_place_is_doubted() {
    let (mut cursor, now) = started(9);
    cursor.head(9, "e9", now);
    assert_eq!(cursor.due(), None);
    cursor.head(9, "other", now);
    assert_eq!(cursor.due(), Some(now + PATIENCE));
}

#[test]
fn failed_fetches_slow_down() {
    let (mut cursor, mut now) = started(0);
    cursor.head(1, "", now);
    let mut pauses = Vec::new();
    for _ in 0..6 {
        now = cursor.due().expect("still behind");
        cursor.begin_fetch(now).expect("due");
        cursor.fetch_failed(now);
        pauses.push((cursor.due().expect("tried again") - now).as_millis());
    }
    assert_eq!(pauses, [100, 200, 400, 800, 1_000, 1_000]);
}

/// An event that one run of the database server committed.
fn event_in(era: i64, seq: i64, id: &str) -> Arc<Event> {
    Arc::new(Event {
        seq,
        event_id: id.into(),
        era,
        ..Event::default()
    })
}

fn answer_in(era: i64, head: i64, events: &[Arc<Event>], is_continuous: bool) -> RangeResponse {
    RangeResponse {
        events: events.iter().map(|event| (**event).clone()).collect(),
        head,
        is_continuous,
        era,
    }
}

fn started_in(era: i64, at: i64) -> (Cursor, Instant) {
    let (mut cursor, now) = (Cursor::default(), Instant::now());
    cursor.begin_in(era);
    cursor.start(at, &id(at), now, &mut Vec::new());
    (cursor, now)
}

#[test]
fn what_a_restored_log_counts_on_with_is_not_mistaken_for_what_comes_next() {
    let (mut cursor, now) = started_in(1, 9);
    let mut out = Vec::new();
    // The backup ended at 8; one event of the new history was lost on the way, and the next has our next number.
    cursor.event(event_in(2, 10, "other10"), now, &mut out);
    assert!(out.is_empty(), "it follows on another ninth");
    assert_eq!(cursor.due(), Some(now), "and is looked into at once");
    let want = cursor.begin_fetch(now).expect("due");
    assert_eq!((want.after, want.after_id.as_str()), (9, "e9"));
    let reset = cursor.fetched(&answer_in(2, 10, &[], false), now, &mut out);
    assert_eq!(reset, Some(10));
    cursor.event(event_in(2, 11, "other11"), now, &mut out);
    assert_eq!((out.len(), cursor.seq()), (1, Some(11)));
    // A hint of the history that is gone was under way for long.
    cursor.event(event_in(1, 12, "e12"), now, &mut out);
    assert_eq!(out.len(), 1);
}

#[test]
fn a_restored_log_is_noticed_by_its_first_event_although_we_are_further() {
    let (mut cursor, now) = started_in(1, 9);
    let mut out = Vec::new();
    cursor.event(event_in(1, 4, "e4"), now, &mut out);
    assert_eq!(cursor.due(), None, "merely late");
    cursor.event(event_in(2, 4, "other4"), now, &mut out);
    cursor.begin_fetch(now).expect("due");
    assert_eq!(
        cursor.fetched(&answer_in(2, 4, &[], false), now, &mut out),
        Some(4)
    );
    assert_eq!(cursor.due(), None);
}

#[test]
fn a_database_server_that_was_only_started_anew_costs_one_look() {
    let (mut cursor, now) = started_in(1, 9);
    let mut out = Vec::new();
    let next = event_in(2, 10, "e10");
    cursor.event(Arc::clone(&next), now, &mut out);
    cursor.begin_fetch(now).expect("due");
    assert_eq!(
        cursor.fetched(&answer_in(2, 10, &[next], true), now, &mut out),
        None
    );
    cursor.event(event_in(2, 11, "e11"), now, &mut out);
    assert_eq!((out.len(), cursor.due()), (2, None));
}

#[test]
fn an_idle_stream_is_found_right_by_its_head_alone() {
    let (mut cursor, now) = started_in(1, 9);
    let head = |event_id: &str| Head {
        seq: 9,
        event_id: event_id.into(),
        era: 2,
        ..Head::default()
    };
    let mut other = started_in(1, 9).0;
    other.compare(&head("other9"), now);
    assert!(other.due().is_some());
    cursor.compare(&head("e9"), now);
    assert_eq!(cursor.due(), None);
    let mut out = Vec::new();
    cursor.event(event_in(2, 10, "e10"), now, &mut out);
    assert_eq!(out.len(), 1);
}

#[test]
fn an_answer_of_the_run_before_does_not_settle_a_doubt() {
    let (mut cursor, now) = started_in(1, 9);
    let mut out = Vec::new();
    cursor.head(12, "", now);
    let later = now + PATIENCE;
    cursor.begin_fetch(later).expect("due");
    // Meanwhile the log was replaced.
    cursor.event(event_in(2, 5, "other5"), later, &mut out);
    cursor.fetched(&answer_in(1, 9, &[], true), later, &mut out);
    let due = cursor.due().expect("asked again");
    cursor.begin_fetch(due).expect("due");
    assert_eq!(
        cursor.fetched(&answer_in(2, 5, &[], false), due, &mut out),
        Some(5)
    );
}
