//! Every process may say and hear on the bus what it needs, and nothing else.

mod line;
mod subjects;

use std::{os::unix::fs::PermissionsExt, path::Path};

use devstack::{
    fleet::{Fleet, FleetOptions, Kind},
    process::Process,
    secrets::bus_key,
    stores::{Admission, start_nats},
    tools::Tools,
};
use nkeys::KeyPair;
use proto::{
    bus::{self, PEERS},
    id::UserId,
};
use serde_json::json;
use testkit::Person;

use crate::state::State;
use line::{Line, is_refused};
use subjects::{heard, publishes, said, subscribes};

/// A bus alone.
struct Bus {
    state: State,
    url: String,
    _process: Process,
}

impl Bus {
    async fn start() -> Self {
        let state = State::new();
        let tools = Tools::find()
            .await
            .expect("the stores' programs can be found");
        let (process, url) = start_nats(&tools, state.path(), Admission::Keys)
            .await
            .expect("up");
        Self {
            state,
            url,
            _process: process,
        }
    }

    async fn line_of(&self, package: &str) -> Line {
        let key = key_of(self.state.path(), package);
        Line::connect(&self.url, Some(&key)).await.expect("let in")
    }
}

fn key_of(state: &Path, package: &str) -> KeyPair {
    let file = bus_key(state, package).expect("a key").file;
    let seed = std::fs::read_to_string(file).expect("a seed");
    KeyPair::from_seed(seed.trim()).expect("a seed")
}

#[tokio::test]
async fn every_key_opens_its_own_subjects_and_no_others() {
    let bus = Bus::start().await;
    let (said, heard) = (said(), heard());
    for peer in &PEERS {
        let mut line = bus.line_of(peer.name).await;
        let mut wrong = Vec::new();
        for subject in &said {
            let expected = publishes(peer, subject);
            if line.may_publish(subject).await != expected {
                wrong.push(format!("publish {subject}: should be {expected}"));
            }
        }
        for (subject, queue) in &heard {
            let expected = subscribes(peer, subject, queue);
            if line.may_subscribe(subject, queue).await != expected {
                wrong.push(format!("subscribe {subject} {queue}: should be {expected}"));
            }
        }
        assert_eq!(wrong, Vec::<String>::new(), "{}", peer.name);
    }
}

#[tokio::test]
async fn nobody_speaks_for_another() {
    // Written out by hand: what the table must never come to say.
    let bus = Bus::start().await;
    let mut gateway = bus.line_of("gateway").await;
    for subject in [
        "evt.5",
        "heads.5",
        "rpc.hubbub.room.v1.RoomService.EraseUser",
        "rpc.hubbub.room.v1.RoomService.RenameUser",
        "rpc.hubbub.moderation.v1.ModerationService.FileAlert",
        "rpc.a1.hubbub.gateway.v1.GatewayService.Disconnect",
        "_INBOX_room_svc.a.b",
    ] {
        assert!(!gateway.may_publish(subject).await, "gateway: {subject}");
    }
    for package in ["auth-svc", "moderation-svc", "social-svc", "gateway"] {
        let mut line = bus.line_of(package).await;
        let all = "rpc.hubbub.room.v1.RoomService.*";
        for queue in ["", "hubbub.room.v1.RoomService"] {
            assert!(!line.may_subscribe(all, queue).await, "{package}: {queue}");
        }
        for subject in ["rpc.hubbub.room.v1.RoomService.SendMessage", "rpc.>", ">"] {
            assert!(
                !line.may_subscribe(subject, "").await,
                "{package}: {subject}"
            );
        }
    }
    for package in PEERS.map(|peer| peer.name) {
        let mut line = bus.line_of(package).await;
        for other in PEERS.map(|peer| peer.name) {
            let inboxes = format!("_INBOX_{}.>", other.replace('-', "_"));
            let may = line.may_subscribe(&inboxes, "").await;
            assert_eq!(may, other == package, "{package}: {inboxes}");
        }
    }
}

#[tokio::test]
async fn nobody_comes_in_without_a_key_that_the_bus_knows() {
    let bus = Bus::start().await;
    let stranger = KeyPair::new_user();
    for key in [None, Some(&stranger)] {
        let refused = Line::connect(&bus.url, key).await;
        assert_eq!(
            refused.expect_err("refused"),
            "-ERR 'Authorization Violation'"
        );
    }
    let key = key_of(bus.state.path(), "room-svc");
    let line = Line::connect(&bus.url, Some(&key)).await.expect("let in");
    assert_eq!(line.info["max_payload"], bus::MAX_PAYLOAD_BYTES);
    assert!(!line.info["jetstream"].as_bool().unwrap_or_default());
}

#[tokio::test]
async fn who_is_asked_answers_so_often_and_nobody_else() {
    let bus = Bus::start().await;
    let mut room = bus.line_of("room-svc").await;
    let mut gateway = bus.line_of("gateway").await;
    let service = "hubbub.room.v1.RoomService";
    assert!(
        room.may_subscribe(&format!("rpc.{service}.*"), service)
            .await
    );
    assert!(gateway.may_subscribe("_INBOX_gateway.>", "").await);
    assert!(!room.may_publish("_INBOX_gateway.a.1").await, "unasked");
    let asked = format!("PUB rpc.{service}.GetRoom _INBOX_gateway.a.1 0\r\n");
    assert!(!is_refused(&gateway.say(&asked).await));
    let request = room.read().await;
    assert!(request.contains("_INBOX_gateway.a.1"), "{request}");
    assert!(!room.may_publish("_INBOX_gateway.a.2").await, "another's");
    for _ in 0..bus::ANSWERS {
        assert!(room.may_publish("_INBOX_gateway.a.1").await, "asked");
        let answer = gateway.read().await;
        assert!(answer.starts_with("MSG _INBOX_gateway.a.1"), "{answer}");
        assert_eq!(gateway.read().await, "", "without a word");
    }
    assert!(!room.may_publish("_INBOX_gateway.a.1").await, "enough");
}

/// What services say to a person who is none.
const NO_SUCH_PERSON: [&str; 3] = ["FIELD_INVALID", "RECIPIENT_UNAVAILABLE", "USER_NOT_FOUND"];
/// What would be two commands, if it reached the bus as it is.
const FORGED: &str = "x\r\nPUB evt.77 6\r\nforged\r\n";

#[tokio::test]
async fn a_fleet_runs_on_keys_that_nobody_else_can_read() {
    let options = FleetOptions::temporary().gateways(1);
    let mut fleet = Fleet::start(options).await.expect("the product starts");
    let (bus, http) = (fleet.stores.nats_url(), fleet.gateway(0).url.clone());
    let refused = Line::connect(&bus, None).await;
    assert!(refused.is_err(), "nobody comes in without a key");

    let ada = Person::sign_up(&http, "ada").await;
    let grace = Person::sign_up(&http, "grace").await;
    let room = ada.creates_room("general").await;
    let mut of_ada = ada.connect(&fleet.gateway(0).ws_url).await;
    let mut of_grace = grace.connect(&fleet.gateway(0).ws_url).await;
    let joining = of_grace.send("room.join", json!({"room": room}));
    joining.await.expect("joined");

    let key = key_of(fleet.dir(), "gateway");
    let mut ear = Line::connect(&bus, Some(&key)).await.expect("let in");
    assert!(ear.may_subscribe("evt.*", "").await);
    for user in [FORGED.to_owned(), format!("{}{FORGED}", UserId::generate())] {
        for kind in ["dm.open", "friend.request", "block.add"] {
            let refused = of_ada.send(kind, json!({"user": user})).await;
            let reason = refused.expect_err("no such person").reason;
            assert!(
                NO_SUCH_PERSON.contains(&reason.as_str()),
                "{kind}: {reason}"
            );
        }
    }
    let said = json!({"room": room, "body": "hello"});
    of_ada.send("message.send", said).await.expect("sent");
    of_grace.expect_in(&room, "message.new").await;
    let heard = loop {
        // Every hint is a line of the protocol and one or more of its payload.
        let heard = ear.read().await;
        assert!(!heard.starts_with("MSG evt.77 "), "{heard}");
        if heard.contains("hello") {
            break heard;
        }
    };
    assert!(!heard.contains("forged"), "{heard}");

    assert_secret(fleet.dir());
    let lost = [("HUBBUB_NATS__NKEY_FILE", "/nowhere/gateway.seed")];
    let started = fleet.start_again_with(Kind::Gateway, 0, &lost).await;
    let error = format!("{:#}", started.expect_err("no key"));
    assert!(error.contains("/nowhere/gateway.seed"), "{error}");
    fleet.stop().await;
}

/// Seeds are their owner's alone, and nobody wrote of them or of a refusal.
fn assert_secret(state: &Path) {
    let mode = |path: &Path| {
        let metadata = std::fs::metadata(path).expect("it is there");
        metadata.permissions().mode() & 0o777
    };
    assert_eq!(mode(&state.join("nkeys")), 0o700);
    let mut said = std::fs::read_to_string(state.join("nats.conf")).expect("a configuration");
    for log in std::fs::read_dir(state.join("logs")).expect("logs") {
        let log = log.expect("a log").path();
        said += &std::fs::read_to_string(log).expect("a log");
    }
    for peer in &PEERS {
        let file = bus_key(state, peer.name).expect("a key").file;
        assert_eq!(mode(&file), 0o600, "{}", file.display());
        let seed = std::fs::read_to_string(file).expect("a seed");
        assert!(!said.contains(seed.trim()), "{}", peer.name);
    }
    for event in ["bus_open", "bus_refused", "reply_misdirected"] {
        assert!(!said.contains(event), "{event}");
    }
}
