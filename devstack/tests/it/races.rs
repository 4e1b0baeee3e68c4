//! A "no" against sends that are under way: what was begun after the acknowledgement is never stored.

use std::{
    collections::HashSet,
    sync::{
        OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use devstack::fleet::Kind;
use futures::future::join_all;
use proto::room::{SendMessageRequest, room_service_client::RoomServiceClient};
use serde_json::{Value, json};
use testkit::{PASSWORD, Person, Socket};
use tokio::{sync::watch, time::timeout};
use tonic::{Code, Request, metadata::MetadataValue, transport::Channel};

use crate::{
    console::eventually,
    stage::{Stage, bodies},
};

/// How often every sender tries after the acknowledgement, unless its socket is closed before.
const LATE: usize = 3;
/// A gateway that does not learn what became of a change asks three times, three seconds each; then it never answers.
const UNANSWERED: Duration = Duration::from_secs(10);
/// How long whoever has too much to do may refuse everybody.
const BUSY: Duration = Duration::from_secs(60);
/// What it refuses with: certainly not done, whoever asks.
const CROWDED: &str = "RATE_LIMITED";
const AWAY: &str = "UPSTREAM_UNAVAILABLE";

/// What became of a send.
#[derive(Debug, Clone, PartialEq)]
enum Outcome {
    Stored,
    Refused(String),
    /// The connection ended before the answer, or there is none: stored or not, nobody says.
    Unknown,
}

impl Outcome {
    /// Whether it was refused for want of time alone, which says nothing of who may send.
    fn is_busy(&self) -> bool {
        matches!(self, Self::Refused(reason) if [CROWDED, AWAY].contains(&reason.as_str()))
    }
}

#[derive(Debug)]
struct Attempt {
    body: String,
    begun: Instant,
    outcome: Outcome,
}

/// How a message gets to room-svc.
enum Way<'a> {
    /// Over a socket, which is soon closed.
    Socket(&'a mut Socket),
    /// Straight to the service with a token of before: no gateway stands in between that could know of the no.
    Straight(Box<RoomServiceClient<Channel>>, &'a str),
}

impl Way<'_> {
    /// Sends a message; also says whether another can be sent.
    async fn send(&mut self, room: &str, body: &str) -> (Outcome, bool) {
        match self {
            Way::Socket(socket) => {
                let data = json!({"room": room, "body": body});
                let id = socket.post("message.send", Some(body), data).await;
                match timeout(UNANSWERED, socket.reply(&id)).await {
                    Ok(Ok(Ok(_))) => (Outcome::Stored, true),
                    Ok(Ok(Err(refusal))) => (Outcome::Refused(refusal.reason), true),
                    Ok(Err(_)) => (Outcome::Unknown, false),
                    Err(_) => (Outcome::Unknown, true),
                }
            }
            Way::Straight(service, token) => {
                let mut request = Request::new(SendMessageRequest {
                    room: room.to_owned(),
                    key: body.to_owned(),
                    body: body.to_owned(),
                    ..SendMessageRequest::default()
                });
                let bearer = MetadataValue::try_from(format!("Bearer {token}"));
                let bearer = bearer.expect("a token is plain text");
                request.metadata_mut().insert("authorization", bearer);
                let outcome = match service.send_message(request).await {
                    Ok(_) => Outcome::Stored,
                    Err(status) => match status.code() {
                        Code::PermissionDenied | Code::Unauthenticated => {
                            Outcome::Refused(status.code().to_string())
                        }
                        Code::ResourceExhausted => Outcome::Refused(CROWDED.to_owned()),
                        Code::Unavailable => Outcome::Refused(AWAY.to_owned()),
                        Code::DeadlineExceeded | Code::Unknown | Code::Cancelled => {
                            Outcome::Unknown
                        }
                        other => panic!("{other:?} is no answer here: {status}"),
                    },
                };
                (outcome, true)
            }
        }
    }
}

/// One race: senders, and the moment at which they were told no.
struct Race {
    room: String,
    label: String,
    acked: OnceLock<Instant>,
    stored: watch::Sender<usize>,
}

impl Race {
    fn new(room: &str, label: String) -> Self {
        Self {
            room: room.to_owned(),
            label,
            acked: OnceLock::new(),
            stored: watch::Sender::new(0),
        }
    }

    /// Sends one message after the other until the way is closed or the answer must be no.
    async fn sends(&self, name: usize, way: &mut Way<'_>) -> Vec<Attempt> {
        let mut attempts = Vec::new();
        let mut late = 0;
        while late < LATE {
            let acked = self.acked.get();
            let is_endless = acked.is_some_and(|acked| acked.elapsed() > BUSY);
            assert!(!is_endless, "nobody says no: {attempts:?}");
            let is_late = acked.is_some();
            let body = format!("{}-{name}-{}", self.label, attempts.len());
            let begun = Instant::now();
            let (outcome, is_open) = way.send(&self.room, &body).await;
            late += usize::from(is_late && !outcome.is_busy());
            if outcome == Outcome::Stored {
                self.stored.send_modify(|count| *count += 1);
            }
            attempts.push(Attempt {
                body,
                begun,
                outcome,
            });
            if !is_open {
                break;
            }
        }
        attempts
    }

    /// Runs the senders against `no`, which begins when so many messages were stored.
    async fn run(
        &self,
        ways: &mut [Way<'_>],
        head_start: usize,
        no: impl Future<Output = ()>,
    ) -> Vec<Attempt> {
        let senders = ways.iter_mut().enumerate();
        let senders = senders.map(|(name, way)| self.sends(name, way));
        let no = async {
            let mut stored = self.stored.subscribe();
            let under_way = stored.wait_for(|count| *count >= head_start).await;
            under_way.expect("the race holds the other end");
            no.await;
            self.acked.set(Instant::now()).expect("once");
        };
        let (attempts, ()) = tokio::join!(join_all(senders), no);
        attempts.into_iter().flatten().collect()
    }

    /// Fails when a send that was begun after the acknowledgement was stored; returns how many were begun then and not
    /// refused for want of time alone.
    fn judge(&self, attempts: &[Attempt]) -> usize {
        let acked = self.acked.get().expect("acknowledged");
        let late = attempts.iter().filter(|attempt| attempt.begun >= *acked);
        late.inspect(|attempt| {
            assert_ne!(attempt.outcome, Outcome::Stored, "{}", attempt.body);
        })
        .filter(|attempt| !attempt.outcome.is_busy())
        .count()
    }
}

/// Everything that was tried in all races of a room, against what the room holds.
async fn check(witness: &Person, room: &str, races: &[(Race, Vec<Attempt>)]) -> usize {
    let mut kept = HashSet::new();
    let mut before = String::new();
    loop {
        let path = format!("/v1/rooms/{room}/messages?limit=100{before}");
        let (status, page) = witness.get(&path).await;
        assert_eq!(status, 200, "{page}");
        kept.extend(bodies(&page["messages"]));
        if page["more"] != true {
            break;
        }
        before = format!("&before={}", page["messages"][0]["seq"]);
    }
    let mut late = 0;
    for (race, attempts) in races {
        late += race.judge(attempts);
        let acked = race.acked.get().expect("acknowledged");
        for attempt in attempts {
            let is_kept = kept.contains(&attempt.body);
            let is_late = attempt.begun >= *acked;
            assert!(!(is_kept && is_late), "{attempt:?} is in the room");
            assert!(
                is_kept || attempt.outcome != Outcome::Stored,
                "{attempt:?} is lost"
            );
            let is_refused = matches!(attempt.outcome, Outcome::Refused(_));
            assert!(!(is_kept && is_refused), "{attempt:?} was stored");
        }
    }
    late
}

/// Connects straight to room-svc.
async fn straight(stage: &Stage) -> RoomServiceClient<Channel> {
    let url = format!("http://{}", stage.admin_port(Kind::Room));
    RoomServiceClient::connect(url).await.expect("it listens")
}

/// Three ways at once.
fn three<'a>(
    sockets: &'a mut [Socket],
    service: &RoomServiceClient<Channel>,
    person: &'a Person,
) -> Vec<Way<'a>> {
    let straight = Way::Straight(Box::new(service.clone()), &person.account.token);
    let sockets = sockets.iter_mut().map(Way::Socket);
    sockets.chain([straight]).collect()
}

/// Asks for a change until it is done: again, and with the same key, when it was refused for now or is not answered.
async fn insists(socket: &mut Socket, kind: &str, key: &str, data: Value) {
    eventually(kind, BUSY, async || {
        let asked = socket.send_keyed(kind, key, data.clone());
        let answer = timeout(UNANSWERED, asked).await.ok()?;
        let Err(refusal) = answer else {
            return Some(());
        };
        assert!(refusal.retry, "{kind}: {refusal:?}");
        None
    })
    .await;
}

/// Connects to both gateways.
async fn on_both(stage: &Stage, person: &Person) -> Vec<Socket> {
    vec![
        person.connect(&stage.ws(0)).await,
        person.connect(&stage.ws(1)).await,
    ]
}

/// Makes people who are in one room, which belongs to the first of them.
async fn people(stage: &Stage, owner: &Person, count: usize) -> (String, Vec<Person>) {
    let room = owner.creates_room("general").await;
    let mut people = Vec::new();
    for number in 0..count {
        let gateway = stage.http(number % 2);
        let person = Person::sign_up(&gateway, &format!("racer{number}")).await;
        let mut socket = person.connect(&stage.ws(0)).await;
        let join = json!({"room": room});
        socket.send("room.join", join).await.expect("joined");
        socket.close().await;
        people.push(person);
    }
    (room, people)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_stored_after_a_ban_was_acknowledged() {
    const PEOPLE: usize = 10;
    const ROUNDS: usize = 34;
    let stage = Stage::open().await;
    let root = stage.admin().await;
    let (room, people) = people(&stage, &root, PEOPLE).await;
    let service = straight(&stage).await;
    let races = AtomicUsize::new(0);
    let of_one = people.iter().enumerate().map(|(number, person)| {
        let (stage, root, room, races) = (&stage, &root, &room, &races);
        let service = &service;
        async move {
            let mut told = Vec::new();
            let mut of_root = root.connect(&stage.ws(number % 2)).await;
            for round in 0..ROUNDS {
                let gateway = stage.http((number + round) % 2);
                let person = Person::log_in(&gateway, &person.name, PASSWORD).await;
                let mut sockets = on_both(stage, &person).await;
                let race = Race::new(room, format!("{}-{round}", person.name));
                let (ban_key, lift_key) = (
                    format!("ban-{}", race.label),
                    format!("lift-{}", race.label),
                );
                let ban = json!({"user": person.id(), "reason": "a race"});
                let no = insists(&mut of_root, "mod.ban", &ban_key, ban);
                let mut ways = three(&mut sockets, service, &person);
                let attempts = race.run(&mut ways, round % 5, no).await;
                races.fetch_add(ways.len(), Ordering::Relaxed);
                told.push((race, attempts));
                let lift = json!({"user": person.id()});
                insists(&mut of_root, "mod.unban", &lift_key, lift).await;
            }
            told
        }
    });
    let told: Vec<_> = join_all(of_one).await.into_iter().flatten().collect();
    assert!(races.into_inner() >= 1_000);
    let late = check(&root, &room, &told).await;
    assert!(
        late >= PEOPLE * ROUNDS * LATE,
        "only {late} sends were begun after the acknowledgement"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_stored_after_a_log_out_was_acknowledged() {
    const PEOPLE: usize = 4;
    const ROUNDS: usize = 17;
    let stage = Stage::open().await;
    let root = stage.admin().await;
    let (room, people) = people(&stage, &root, PEOPLE).await;
    let service = straight(&stage).await;
    let of_one = people.iter().enumerate().map(|(number, person)| {
        let (stage, room, service) = (&stage, &room, &service);
        async move {
            let mut told = Vec::new();
            for round in 0..ROUNDS {
                let gateway = stage.http((number + round) % 2);
                let person = Person::log_in(&gateway, &person.name, PASSWORD).await;
                let mut sockets = on_both(stage, &person).await;
                let race = Race::new(room, format!("{}-{round}", person.name));
                let no = async {
                    let status = eventually("the log-out", BUSY, async || {
                        let (status, _) = person.post("/logout", json!({})).await;
                        // Refused for now is certainly not done.
                        (![429, 503].contains(&status)).then_some(status)
                    });
                    assert_eq!(status.await, 204);
                };
                let mut ways = three(&mut sockets, service, &person);
                let attempts = race.run(&mut ways, round % 5, no).await;
                told.push((race, attempts));
            }
            told
        }
    });
    let told: Vec<_> = join_all(of_one).await.into_iter().flatten().collect();
    let late = check(&root, &room, &told).await;
    assert!(late >= PEOPLE * ROUNDS * LATE, "{late}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_stored_after_a_kick_was_acknowledged() {
    const PEOPLE: usize = 4;
    const ROUNDS: usize = 17;
    let stage = Stage::open().await;
    let owner = Person::sign_up(&stage.http(0), "owner").await;
    let (room, people) = people(&stage, &owner, PEOPLE).await;
    let service = straight(&stage).await;
    let of_one = people.iter().enumerate().map(|(number, person)| {
        let (stage, owner, room, service) = (&stage, &owner, &room, &service);
        async move {
            let mut told = Vec::new();
            let mut of_owner = owner.connect(&stage.ws(number % 2)).await;
            let mut sockets = on_both(stage, person).await;
            for round in 0..ROUNDS {
                let race = Race::new(room, format!("{}-{round}", person.name));
                let (kick_key, join_key) = (
                    format!("kick-{}", race.label),
                    format!("join-{}", race.label),
                );
                let kick = json!({"room": room, "user": person.id(), "reason": "a race"});
                let no = insists(&mut of_owner, "mod.kick", &kick_key, kick);
                let mut ways = three(&mut sockets, service, person);
                let attempts = race.run(&mut ways, round % 5, no).await;
                let refusals = attempts
                    .iter()
                    .filter_map(|attempt| match &attempt.outcome {
                        Outcome::Refused(reason) => Some(reason.as_str()),
                        _ => None,
                    });
                let straight_no = Code::PermissionDenied.to_string();
                for reason in refusals {
                    assert!(
                        ["NOT_A_MEMBER", straight_no.as_str(), CROWDED, AWAY].contains(&reason),
                        "{reason}"
                    );
                }
                told.push((race, attempts));
                let join = json!({"room": room});
                insists(&mut sockets[0], "room.join", &join_key, join).await;
                for socket in sockets.iter_mut().chain([&mut of_owner]) {
                    socket.settle().await;
                }
            }
            told
        }
    });
    let told: Vec<_> = join_all(of_one).await.into_iter().flatten().collect();
    // The sockets stay open, so every sender tried as often as it should.
    assert_eq!(
        check(&owner, &room, &told).await,
        PEOPLE * ROUNDS * 3 * LATE
    );
}
