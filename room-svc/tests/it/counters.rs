//! What is unread is the same on all devices, and it is what a recount from the log gives, whatever people do at once.

use std::{
    collections::{HashMap, HashSet},
    ops::Range,
    sync::Mutex,
};

use futures::future::join_all;
use proto::{
    event::{Kind, MessageHidden, MessagePosted, ReadMarked},
    reason::Reason,
    room::{Counter, MarkReadRequest},
    stream::Event,
};
use rpc::Refusal;
use tonic::Status;

use crate::world::{Person, World, key, kind_of, message, talk::edit};

const PEOPLE: [&str; 4] = ["ada", "bob", "cid", "dan"];
const DEVICES: usize = 3;
const ROOMS: [&str; 3] = ["#one", "#two", "#three"];
/// Operations of one device between two recounts.
const STEPS: usize = 209;
const ROUNDS: usize = 4;

/// Numbers that look random and are the same every time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) % sides as u64) as usize
    }

    fn of<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        (!all.is_empty()).then(|| &all[self.roll(all.len())])
    }
}

/// What people remember of what was said.
#[derive(Clone)]
struct Said {
    room: &'static str,
    message_id: String,
    seq: i64,
}

/// Someone on one device.
struct Device<'a> {
    world: &'a World,
    person: Person,
    others: Vec<Person>,
    said: &'a Mutex<Vec<Said>>,
    /// Who hides whom.
    edges: &'a tokio::sync::Mutex<HashSet<(String, String)>>,
    dice: Dice,
}

impl Device<'_> {
    async fn act(&mut self) {
        let room = ROOMS[self.dice.roll(ROOMS.len())];
        let recent = self.said(0..60);
        // People are always a little behind, or there would be nothing to count.
        let older = self.said(150..400);
        match (self.dice.roll(100), recent.zip(older)) {
            (0..30, _) | (_, None) => self.say(room, "", "hello").await,
            (30..42, _) => {
                let body = format!("@{} look", PEOPLE[self.dice.roll(PEOPLE.len())]);
                self.say(room, "", &body).await;
            }
            (42..54, Some((said, _))) => self.say(said.room, &said.message_id, "yes @bob").await,
            (54..62, Some((said, _))) => {
                let body = format!("now @{}", PEOPLE[self.dice.roll(PEOPLE.len())]);
                let edit = edit(said.room, &said.message_id, &body, 1);
                allow(self.person.edits(edit).await);
            }
            (62..67, Some((said, _))) => {
                allow(self.person.retracts(said.room, &said.message_id).await);
            }
            (67..72, Some((said, _))) => {
                allow(self.person.hides(said.room, &said.message_id).await);
            }
            (72..76, Some((_, said))) => allow(self.person.has_read(said.room, said.seq).await),
            (76..80, Some((_, said))) => self.read_thread(&said).await,
            (80..82, _) => self.change_edge().await,
            (82..87, _) => allow(self.person.joins(room).await),
            (87, _) => allow(self.person.leaves(room).await),
            (_, _) => self.say(room, "", "so it is").await,
        }
    }

    /// One of the messages that were said so many messages ago.
    fn said(&mut self, ago: Range<usize>) -> Option<Said> {
        let said = self.said.lock().expect("not poisoned");
        let (from, to) = (
            said.len().saturating_sub(ago.end),
            said.len().saturating_sub(ago.start),
        );
        self.dice.of(&said[from..to]).cloned()
    }

    async fn say(&self, room: &'static str, thread: &str, body: &str) {
        let request = proto::room::SendMessageRequest {
            thread: thread.into(),
            ..message(room, body)
        };
        let sent = self.person.sends(request).await;
        if let Ok(sent) = &sent {
            self.said.lock().expect("not poisoned").push(Said {
                room,
                message_id: sent.message_id.clone(),
                seq: sent.seq,
            });
        }
        allow(sent);
    }

    async fn read_thread(&self, said: &Said) {
        let request = MarkReadRequest {
            room: said.room.into(),
            thread: said.message_id.clone(),
            seq: said.seq,
            key: key(),
        };
        allow(self.person.marks(request).await);
    }

    async fn change_edge(&mut self) {
        let Some(other) = self.dice.of(&self.others) else {
            return;
        };
        let edge = (self.person.id(), other.id());
        let mut edges = self.edges.lock().await;
        if edges.remove(&edge) {
            self.world.shows(&self.person, other).await;
        } else {
            self.world.hides(&self.person, other).await;
            edges.insert(edge);
        }
    }
}

/// Refusals are part of life; failures are not.
fn allow<T>(answer: Result<T, Status>) {
    let Err(status) = answer else { return };
    let reason = Refusal::of(&status).reason;
    let known = [
        Reason::NOT_A_MEMBER,
        Reason::MESSAGE_NOT_FOUND,
        Reason::PERMISSION_DENIED,
        Reason::CONFLICT,
        Reason::FIELD_INVALID,
    ];
    assert!(known.contains(&reason), "{status:?}");
}

/// What a log says of one room to one person.
struct Recount<'a> {
    person: String,
    messages: Vec<(&'a Event, MessagePosted)>,
    joined_seq: Option<i64>,
    hidden: HashSet<String>,
    read: HashMap<Option<String>, i64>,
    edges: HashSet<(String, String)>,
    head: i64,
}

impl<'a> Recount<'a> {
    fn new(
        person: &Person,
        room_id: &str,
        events: &'a [Event],
        feed: &[Event],
        edges: &HashSet<(String, String)>,
    ) -> Self {
        let person = person.id();
        let mut joined_seq = None;
        for event in events.iter().filter(|event| event.actor == person) {
            match kind_of(event) {
                Kind::MemberJoined => joined_seq = Some(event.seq),
                Kind::MemberLeft => joined_seq = None,
                _ => {}
            }
        }
        let posted = events
            .iter()
            .filter(|event| kind_of(event) == Kind::MessagePosted);
        let messages = posted
            .map(|event| {
                (
                    event,
                    serde_json::from_slice(&event.data).expect("a message"),
                )
            })
            .collect();
        let (mut hidden, mut read) = (HashSet::new(), HashMap::new());
        for event in feed {
            match kind_of(event) {
                Kind::MessageHidden => {
                    let data: MessageHidden = serde_json::from_slice(&event.data).expect("JSON");
                    hidden.insert(data.message);
                }
                Kind::ReadMarked => {
                    let data: ReadMarked = serde_json::from_slice(&event.data).expect("JSON");
                    if data.room == room_id {
                        let mark = read.entry(data.thread).or_insert(0);
                        *mark = data.read.max(*mark);
                    }
                }
                _ => {}
            }
        }
        Self {
            person,
            messages,
            joined_seq,
            hidden,
            read,
            edges: edges.clone(),
            head: events.last().map_or(0, |event| event.seq),
        }
    }

    fn counter(&self, thread: Option<&str>) -> Option<Counter> {
        let thread = thread.map(String::from);
        let read = self.read.get(&thread).copied().unwrap_or(0);
        let read = read.max(self.joined_seq?);
        let unread: Vec<_> = self
            .messages
            .iter()
            .filter(|(event, message)| {
                message.thread == thread
                    && event.seq > read
                    && event.actor != self.person
                    && !message.deleted
                    && !self.hidden.contains(&event.event_id)
                    && !self
                        .edges
                        .contains(&(self.person.clone(), event.actor.clone()))
            })
            .collect();
        let newest = &unread[unread.len().saturating_sub(1_000)..];
        let mentions = newest
            .iter()
            .filter(|(_, message)| message.mentions.contains(&self.person));
        Some(Counter {
            read,
            unread: newest.len() as i64,
            mentions: mentions.count() as i64,
            head: self.head,
        })
    }
}

/// Compares what every device is told with the recount. Answers how much there was to count.
async fn compare(world: &World, devices: &[Device<'_>], rooms: &[String]) -> (i64, i64, i64) {
    let mut total = (0, 0, 0);
    for room_id in rooms {
        let events = world.events(room_id).await;
        for device in devices {
            let person = &device.person;
            let feed = world.events(&person.id()).await;
            let edges = device.edges.lock().await.clone();
            let recount = Recount::new(person, room_id, &events, &feed, &edges);
            let mine = person.lists_own().await;
            let told = mine.into_iter().find(|mine| {
                mine.room
                    .as_ref()
                    .is_some_and(|room| room.room_id == *room_id)
            });
            let expected = recount.counter(None);
            assert_eq!(told.and_then(|mine| mine.counter), expected);
            let Some(counter) = expected else { continue };
            total.0 += counter.unread;
            total.1 += counter.mentions;
            // What a mark answers is the same.
            assert_eq!(
                person.has_read(room_id, 0).await.expect("so already"),
                counter
            );
            for thread in person.threads(room_id).await {
                let expected = recount.counter(Some(&thread.thread_id)).expect("a member");
                assert_eq!(
                    (thread.unread, thread.read),
                    (expected.unread, expected.read)
                );
                total.2 += thread.unread;
            }
        }
    }
    total
}

#[tokio::test(flavor = "multi_thread")]
async fn counters_are_what_a_recount_gives_after_ten_thousand_operations() {
    let world = World::new().await;
    let host = world.person("host").await;
    let mut rooms = Vec::new();
    for name in ROOMS {
        rooms.push(host.creates(name).await.room_id);
    }
    let people = join_all(PEOPLE.map(|name| world.person(name))).await;
    let (said, edges) = (Mutex::default(), tokio::sync::Mutex::default());
    let mut devices = Vec::new();
    for person in &people {
        for room in ROOMS {
            person.joins(room).await.expect("joined");
        }
        let others = people.iter().filter(|other| other.id() != person.id());
        let others: Vec<Person> = others.cloned().collect();
        for _ in 0..DEVICES {
            devices.push(Device {
                world: &world,
                person: world.device_of(person).await,
                others: others.clone(),
                said: &said,
                edges: &edges,
                dice: Dice(devices.len() as u64),
            });
        }
    }
    assert!(ROUNDS * STEPS * devices.len() > 10_000);
    let mut total = (0, 0, 0);
    for _ in 0..ROUNDS {
        let working = devices.iter_mut().map(|device| async {
            for _ in 0..STEPS {
                device.act().await;
            }
        });
        join_all(working).await;
        let counted = compare(&world, &devices, &rooms).await;
        total = (
            total.0 + counted.0,
            total.1 + counted.1,
            total.2 + counted.2,
        );
    }
    assert!(
        total.0 > 300 && total.1 > 20 && total.2 > 20,
        "there was something to count: {total:?}"
    );
}
