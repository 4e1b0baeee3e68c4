//! The receiving state of one stream, fed with whatever a bus and a log may say. Words apart by spaces; numbers may be
//! left out and are 0 then:
//!
//! | word | what happens |
//! |---|---|
//! | `s9` | watching begins after 9 |
//! | `e9` | event 9 comes |
//! | `h9`, `H9` | head 9 is announced; is read from the log |
//! | `i9` | head 9 is announced under another id |
//! | `p9` | 9 ms pass |
//! | `f` | the fetch that is due begins |
//! | `r9` | it is answered: all up to 9, at most 500 events |
//! | `d9` | it is answered: the reader's place is not in the log, whose head is 9 |
//! | `x` | it fails |

use std::{ops::RangeInclusive, sync::Arc, time::Duration};

use proto::stream::{Event, RangeResponse};
use stream::{Cursor, Want};
use tokio::time::Instant;

/// Most events of an answer.
const PAGE: i64 = 500;
/// By how much the log is ahead at last.
const AHEAD: i64 = 40;
/// More words than this only take time.
const WORDS_MAX: usize = 400;

pub(crate) fn check(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let mut reader = Reader::new();
    for word in text.split_ascii_whitespace().take(WORDS_MAX) {
        let mut letters = word.chars();
        let Some(letter) = letters.next() else {
            continue;
        };
        reader.step(letter, letters.as_str().parse().unwrap_or(0));
    }
    reader.heal();
}

struct Reader {
    cursor: Cursor,
    now: Instant,
    running: Option<Want>,
    /// The last event that came out, or where watching began.
    at: Option<i64>,
}

impl Reader {
    fn new() -> Self {
        Self {
            cursor: Cursor::default(),
            now: Instant::now(),
            running: None,
            at: None,
        }
    }

    fn step(&mut self, letter: char, number: i64) {
        let mut out = Vec::new();
        match letter {
            's' if number >= 0 => {
                // Watching begins once.
                self.at = self.at.or(Some(number));
                self.cursor.start(number, &id(number), self.now, &mut out);
            }
            'e' => self.cursor.event(event(number), self.now, &mut out),
            'h' => self.cursor.head(number, &id(number), self.now),
            'H' => self.cursor.read_head(number, &id(number), self.now),
            'i' => self.cursor.head(number, "another", self.now),
            'p' => self.now += Duration::from_millis(number.clamp(0, 60_000).unsigned_abs()),
            'f' => self.fetch(),
            // A log that is empty has the head 0; nothing else says less.
            'r' => self.answered(number.max(0), true, &mut out),
            'd' => self.answered(number.max(0), false, &mut out),
            'x' if self.running.take().is_some() => self.cursor.fetch_failed(self.now),
            _ => {}
        }
        self.follow(&out);
    }

    fn fetch(&mut self) {
        if let Some(want) = self.cursor.begin_fetch(self.now) {
            assert!(self.running.is_none(), "one fetch at a time");
            assert_eq!(Some(want.after), self.at, "what is missing is fetched");
            self.running = Some(want);
        }
    }

    fn answered(&mut self, head: i64, is_continuous: bool, out: &mut Vec<Arc<Event>>) {
        let Some(want) = self.running.take() else {
            return;
        };
        let page = following(want.after, head.min(want.after.saturating_add(PAGE)));
        let events = page.filter(|_| is_continuous);
        let range = RangeResponse {
            events: events.map(|seq| (*event(seq)).clone()).collect(),
            head,
            is_continuous,
            ..RangeResponse::default()
        };
        let reset = self.cursor.fetched(&range, self.now, out);
        assert_eq!(reset, (!is_continuous).then_some(head));
        self.at = reset.or(self.at);
    }

    /// Whatever went in: what comes out follows what came out before.
    fn follow(&mut self, out: &[Arc<Event>]) {
        for event in out {
            let expected = self.at.and_then(|at| at.checked_add(1));
            assert_eq!(Some(event.seq), expected, "in order, once, without holes");
            self.at = Some(event.seq);
        }
        assert_eq!(self.cursor.seq(), self.at);
    }

    /// From now on the log answers truly, and announces its head: then everything arrives, and nothing more is asked for.
    /// What came from nowhere and stands beyond that head is given up.
    fn heal(&mut self) {
        self.step('s', 0);
        let head = self.at.unwrap_or(0).saturating_add(AHEAD);
        self.tell(head);
        for _ in 0..AHEAD {
            self.step('H', head);
            self.step('p', 2_000);
            self.step('f', 0);
            self.tell(head);
        }
        assert_eq!(self.at, Some(head), "everything arrives");
        assert_eq!(self.cursor.due(), None, "and then it is quiet");
    }

    /// Answers the running fetch as a log does that ends at `head`.
    fn tell(&mut self, head: i64) {
        let is_known = |want: &Want| want.after <= head;
        let letter = if self.running.as_ref().is_some_and(is_known) {
            'r'
        } else {
            'd'
        };
        self.step(letter, head);
    }
}

/// The places after one, up to another; none when that is not after it.
fn following(after: i64, last: i64) -> RangeInclusive<i64> {
    after.saturating_add(1)..=if after == i64::MAX { i64::MIN } else { last }
}

fn event(seq: i64) -> Arc<Event> {
    Arc::new(Event {
        seq,
        event_id: id(seq),
        ..Event::default()
    })
}

fn id(seq: i64) -> String {
    format!("e{seq}")
}
