//! Texts that mean something to a machine on the way (NATS, Postgres, Redis, logs) in every text field of every command,
//! against the real services: each is answered with a stable reason, and nothing of it reaches the bus as a subject.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use devstack::{
    checkout,
    fleet::{Fleet, FleetOptions, Kind},
};
use futures::StreamExt;
use serde_json::{Value, json};
use testkit::{Person, Socket};

/// What an id may not be, and what a text may be without harm.
const TEXTS: [&str; 16] = [
    "1 0\r\nPUB x 0\r\n\r\n",
    "x\r\nSUB > 1\r\n",
    "*",
    ">",
    "a.b",
    "evt.>",
    "$SYS.REQ.SERVER.PING",
    "_INBOX.x",
    "..",
    "\u{0}",
    "'; drop table room.room; --",
    "%_%\\",
    "*3\r\n$8\r\nFLUSHALL\r\n",
    "\u{202e}\u{feff}\u{ffff}",
    "{\"level\":\"ERROR\",\"message\":\"forged\"}\n{",
    "<script>alert(1)</script>",
];
/// What would end the connection or the account of whoever tries it.
const NOT_ASKED: [&str; 6] = [
    "hello",
    "connection",
    "ping",
    "pong",
    "account.erase",
    "account.deactivate",
];
/// Subjects of ours begin with one of these words.
const FAMILIES: [&str; 4] = ["rpc", "evt", "eph", "heads"];
/// Answers go to subjects that begin so.
const ANSWERS: &str = "_INBOX";

/// The examples of every command that all tests of the wire share.
fn commands() -> BTreeMap<String, Vec<Value>> {
    let folder = checkout::root().join("proto/fixtures");
    let files = std::fs::read_dir(folder).expect("the fixtures").flatten();
    let examples = files.filter(|file| file.file_name().to_string_lossy().starts_with("command."));
    let read = |file: std::fs::DirEntry| {
        let text = std::fs::read_to_string(file.path()).expect("a fixture");
        let frames: Vec<Value> = serde_json::from_str(&text).expect("frames");
        let kind = frames[0]["type"].as_str().expect("a type").to_owned();
        (kind, frames)
    };
    examples.map(read).collect()
}

/// The places of all texts in a value, as JSON pointers.
fn texts(value: &Value, at: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::String(_) => drop(found.insert(at.to_owned())),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                texts(item, &format!("{at}/{index}"), found);
            }
        }
        Value::Object(fields) => {
            for (name, field) in fields {
                texts(field, &format!("{at}/{name}"), found);
            }
        }
        _ => {}
    }
}

/// Sends a command and returns why it was refused, or `ok`.
async fn outcome(socket: &mut Socket, kind: &str, data: Value) -> String {
    let key = uuid::Uuid::now_v7().to_string();
    let id = socket.post(kind, Some(&key), data.clone()).await;
    match socket.reply(&id).await {
        Ok(Ok(_)) => "ok".into(),
        Ok(Err(refusal)) => refusal.reason,
        Err(closed) => panic!("{kind} {data} ended the connection: {closed:?}"),
    }
}

/// Reads every subject on the bus from now on. Ends with the bus.
async fn spy(fleet: &Fleet) -> tokio::task::JoinHandle<BTreeSet<String>> {
    let client = testkit::observe(fleet).await;
    let mut all = client.subscribe(">").await.expect("subscribed");
    client.flush().await.expect("the bus knows");
    tokio::spawn(async move {
        let mut subjects = BTreeSet::new();
        let quiet = Duration::from_secs(3);
        // The heads are announced all the time; what is asked ends with our own word.
        while let Ok(Some(message)) = tokio::time::timeout(quiet, all.next()).await {
            let subject = message.subject.to_string();
            if subject == "observer.ends" {
                break;
            }
            subjects.insert(subject);
        }
        drop(client);
        subjects
    })
}

async fn fleet() -> Fleet {
    let generous = [
        ("HUBBUB_GATEWAY__RATE_PER_CONNECTION", "100000"),
        ("HUBBUB_GATEWAY__BURST_PER_CONNECTION", "100000"),
        ("HUBBUB_GATEWAY__RATE_PER_USER", "100000"),
        ("HUBBUB_GATEWAY__BURST_PER_USER", "100000"),
    ];
    let options = FleetOptions::temporary().gateways(1);
    let options = generous
        .iter()
        .fold(options, |options, (name, value)| options.env(name, value));
    Fleet::start(options).await.expect("the product starts")
}

/// Every cell: a command with one text replaced.
fn cells(room: &str, user: &str) -> Vec<(String, Value)> {
    let mut cells = Vec::new();
    for (kind, frames) in commands() {
        if NOT_ASKED.contains(&kind.as_str()) {
            continue;
        }
        for frame in frames {
            let mut data = frame["data"].clone();
            // Names that exist, so that what is wrong is looked at.
            for (name, value) in [("room", room), ("user", user)] {
                if data[name].is_string() {
                    data[name] = value.into();
                }
            }
            let mut places = BTreeSet::new();
            texts(&data, "", &mut places);
            for place in places {
                for text in TEXTS {
                    let mut data = data.clone();
                    *data.pointer_mut(&place).expect("a place") = text.into();
                    cells.push((kind.clone(), data));
                }
            }
        }
    }
    cells
}

#[tokio::test]
async fn hostile_texts_in_every_field_get_a_reason_and_reach_no_subject() {
    let mut fleet = fleet().await;
    let (http, ws) = (
        fleet.gateway(0).url.clone(),
        fleet.gateway(0).ws_url.clone(),
    );
    let ada = Person::sign_up(&http, "ada").await;
    let eve = Person::sign_up(&http, "eve").await;
    let room = ada.creates_room("general").await;
    let (name, password) = fleet.admin();
    let root = Person::log_in(&http, name, password).await;
    let spied = spy(&fleet).await;
    let cells = cells(&room, eve.id());
    assert!(cells.len() > 1_000, "{}", cells.len());
    let mut internal = Vec::new();
    for person in [&ada, &root] {
        let mut socket = person.connect(&ws).await;
        for (kind, data) in &cells {
            let reason = outcome(&mut socket, kind, data.clone()).await;
            if ["INTERNAL", "UPSTREAM_UNAVAILABLE"].contains(&reason.as_str()) {
                internal.push(format!("{kind} {data} → {reason}"));
            }
        }
    }
    assert!(internal.is_empty(), "{}: {internal:#?}", internal.len());

    let client = testkit::observe(&fleet).await;
    client
        .publish("observer.ends", "".into())
        .await
        .expect("published");
    client.flush().await.expect("told");
    let subjects = spied.await.expect("the spy lives");
    assert!(subjects.len() > 20, "the spy heard something: {subjects:?}");
    for subject in &subjects {
        let family = subject.split('.').next().unwrap_or_default();
        let is_ours = FAMILIES.contains(&family) || family.starts_with(ANSWERS);
        assert!(is_ours, "{subject:?}");
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        assert!(subject.bytes().all(is_plain), "{subject:?}");
    }
    assert!(fleet.nodes_mut().iter_mut().all(|node| !node.has_died()));
    forged_lines(&fleet);
    // The administrator has banned Eve many times over by now; Ada goes on as if nothing had been.
    let room = ada.creates_room("afterwards").await;
    let mut socket = ada.connect(&ws).await;
    let said = json!({"room": room, "body": "still here"});
    assert_eq!(outcome(&mut socket, "message.send", said).await, "ok");
}

/// A text cannot begin a line of a log.
fn forged_lines(fleet: &Fleet) {
    for kind in Kind::ALL {
        let log = std::fs::read_to_string(fleet.node(kind, 0).log()).expect("a log");
        for line in log.lines() {
            let read = serde_json::from_str::<Value>(line).unwrap_or_default();
            assert_ne!(read["message"], "forged", "{line}");
        }
    }
}
