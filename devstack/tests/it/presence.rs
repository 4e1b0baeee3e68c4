//! Who is there: devices, windows, status, and what a lost cache or gateway does to it.

use std::time::{Duration, Instant};

use devstack::fleet::Kind;
use serde_json::{Value, json};
use testkit::{Frame, PASSWORD, Person, Socket};

use crate::{
    connections::listed,
    console::{Console, eventually, never, now_ms},
    stage::Stage,
};

/// How long a change of presence may take to be told.
const TOLD: Duration = Duration::from_secs(5);
/// Who comes back within this time has not been away.
const RELOAD: Duration = Duration::from_secs(3);
/// How long the presence of everyone may be wrong after Redis lost everything.
const WHOLE: Duration = Duration::from_secs(30);
/// How long people may stay online whose gateway was killed.
const GONE: Duration = Duration::from_secs(45);

/// Asks who of these is there, and watches them from now on.
async fn watch(socket: &mut Socket, people: &[&Person]) -> Value {
    let ids: Vec<_> = people.iter().map(|person| person.id()).collect();
    let asked = socket.send("presence.watch", json!({"users": ids})).await;
    asked.expect("a snapshot")
}

/// What a snapshot says of one person.
fn of<'a>(snapshot: &'a Value, person: &Person) -> &'a Value {
    let users = snapshot["users"].as_array().expect("people");
    let found = users.iter().find(|user| user["user"] == person.id());
    found.unwrap_or_else(|| panic!("{} is not in {snapshot}", person.name))
}

/// Watches somebody until they are as expected.
async fn becomes(socket: &mut Socket, person: &Person, status: &str) -> Value {
    becomes_within(TOLD, socket, person, status).await
}

/// Watches as [`becomes`], for what may take another time.
async fn becomes_within(
    patience: Duration,
    socket: &mut Socket,
    person: &Person,
    status: &str,
) -> Value {
    let what = format!("{} to be {status}", person.name);
    eventually(&what, patience, async || {
        let snapshot = watch(socket, &[person]).await;
        let user = of(&snapshot, person);
        (user["status"] == status).then(|| user.clone())
    })
    .await
}

/// Whether a frame tells of somebody's presence.
fn is_of(frame: &Frame, person: &Person) -> bool {
    frame.kind == "presence.changed" && frame.data["user"] == person.id()
}

/// Waits until a watcher is told.
async fn told(socket: &mut Socket, person: &Person, status: &str) -> Value {
    let found = socket.wait(|frame| is_of(frame, person) && frame.data["status"] == status);
    found.await.expect("the connection lives").data
}

async fn sees(socket: &mut Socket, is_visible: bool) {
    let state = json!({"visible": is_visible});
    socket.send("client.state", state).await.expect("noted");
}

/// Ada, and Grace who shares a room with her and is connected to the second gateway.
async fn two(stage: &Stage) -> (Person, Person, String, Socket) {
    let ada = Person::sign_up(&stage.http(0), "ada").await;
    let grace = Person::sign_up(&stage.http(1), "grace").await;
    let room = ada.creates_room("general").await;
    let mut of_grace = grace.connect(&stage.ws(1)).await;
    let join = json!({"room": room});
    of_grace.send("room.join", join).await.expect("joined");
    (ada, grace, room, of_grace)
}

#[tokio::test]
async fn devices_count_once_and_the_last_one_to_go_takes_a_person_offline() {
    let stage = Stage::open().await;
    let (ada, grace, room, mut of_grace) = two(&stage).await;
    let snapshot = watch(&mut of_grace, &[&ada]).await;
    assert_eq!(
        (&of(&snapshot, &ada)["status"], &snapshot["count"]),
        (&json!("offline"), &json!(0))
    );
    let phone = ada.connect(&stage.ws(0)).await;
    told(&mut of_grace, &ada, "online").await;
    let desk = ada.connect(&stage.ws(1)).await;
    // The same person asked for in two ways is the same person once.
    let snapshot = eventually("both to be there", TOLD, async || {
        let asked = of_grace.send("presence.watch", json!({"room": room})).await;
        let snapshot = asked.expect("a snapshot");
        (snapshot["count"] == 2).then_some(snapshot)
    })
    .await;
    assert_eq!(
        snapshot["users"].as_array().map(Vec::len),
        Some(2),
        "{snapshot}"
    );
    assert_eq!(of(&snapshot, &grace)["status"], "online");
    assert!(
        of(&snapshot, &ada).get("lastSeen").is_none(),
        "she is there"
    );

    of_grace.settle().await;
    phone.close().await;
    let window = RELOAD * 2;
    never(&mut of_grace, window, "one device is left", |frame| {
        is_of(frame, &ada)
    })
    .await;
    // A reconnect is not an absence.
    desk.close().await;
    let desk = ada.connect(&stage.ws(0)).await;
    never(&mut of_grace, window, "she came back", |frame| {
        is_of(frame, &ada) && frame.data["status"] == "offline"
    })
    .await;

    let left_at = now_ms();
    desk.close().await;
    let offline = told(&mut of_grace, &ada, "offline").await;
    let last_seen = offline["lastSeen"].as_i64().expect("when she was there");
    assert!(
        (left_at - 15_000..=now_ms()).contains(&last_seen),
        "{offline}"
    );
    let snapshot = watch(&mut of_grace, &[&ada]).await;
    assert_eq!(
        (
            &of(&snapshot, &ada)["status"],
            &of(&snapshot, &ada)["lastSeen"]
        ),
        (&json!("offline"), &json!(last_seen))
    );
}

#[tokio::test]
async fn a_person_is_away_when_no_window_is_in_view() {
    let stage = Stage::open().await;
    let (ada, _, _, mut of_grace) = two(&stage).await;
    let mut phone = ada.connect(&stage.ws(0)).await;
    let mut desk = ada.connect(&stage.ws(1)).await;
    becomes(&mut of_grace, &ada, "online").await;
    // The phone alone is enough for that; a gateway reports presence first and then the connection.
    listed(&Console::open(&stage).await, "@ada", 2).await;
    sees(&mut phone, false).await;
    let window = Duration::from_secs(2);
    of_grace.settle().await;
    never(&mut of_grace, window, "her desk is in view", |frame| {
        is_of(frame, &ada)
    })
    .await;
    sees(&mut desk, false).await;
    told(&mut of_grace, &ada, "away").await;
    becomes(&mut of_grace, &ada, "away").await;
    sees(&mut phone, true).await;
    told(&mut of_grace, &ada, "online").await;
    // The window that is in view goes; the other one is still away.
    phone.close().await;
    told(&mut of_grace, &ada, "away").await;
}

#[tokio::test]
async fn a_person_says_how_they_are_seen() {
    let stage = Stage::open().await;
    let (ada, _, _, mut of_grace) = two(&stage).await;
    let mut phone = ada.connect(&stage.ws(0)).await;
    let mut desk = ada.connect(&stage.ws(1)).await;
    becomes(&mut of_grace, &ada, "online").await;
    of_grace.settle().await;

    // Long enough for all that must be seen before it ends.
    let until = now_ms() + 6_000;
    let ends_within = Duration::from_secs(20);
    let set = json!({"status": "dnd", "text": "in a meeting", "until": until});
    phone.send("presence.set", set).await.expect("set");
    let seen = told(&mut of_grace, &ada, "dnd").await;
    assert_eq!(seen["text"], "in a meeting");
    let own = desk.expect("presence.updated").await;
    assert_eq!(
        (&own.data["status"], &own.data["text"], &own.data["until"]),
        (&json!("dnd"), &json!("in a meeting"), &json!(until))
    );
    assert_eq!(
        becomes(&mut of_grace, &ada, "dnd").await["text"],
        "in a meeting"
    );
    let after = becomes_within(ends_within, &mut of_grace, &ada, "online").await;
    assert!(now_ms() >= until, "it ended too early");
    assert!(after.get("text").is_none(), "{after}");
    // Those who watch are told of the end too.
    let ended = told(&mut of_grace, &ada, "online").await;
    assert!(ended.get("text").is_none(), "{ended}");

    let invisible = json!({"status": "invisible", "text": "not here"});
    phone.send("presence.set", invisible).await.expect("set");
    let unseen = told(&mut of_grace, &ada, "offline").await;
    assert!(unseen.get("text").is_none(), "{unseen}");
    // What was told twice before it.
    of_grace.take_unread();
    let seen = becomes(&mut of_grace, &ada, "offline").await;
    assert!(seen.get("text").is_none(), "{seen}");
    assert_eq!(
        desk.expect("presence.updated").await.data["status"],
        "invisible"
    );
    // Nothing that she does gives her away.
    let more = ada.connect(&stage.ws(1)).await;
    sees(&mut desk, false).await;
    more.close().await;
    let window = RELOAD * 2;
    never(&mut of_grace, window, "she is invisible", |frame| {
        is_of(frame, &ada)
    })
    .await;
    assert_eq!(
        of(&watch(&mut of_grace, &[&ada]).await, &ada)["status"],
        "offline"
    );

    phone
        .send("presence.set", json!({"status": "online"}))
        .await
        .expect("set");
    told(&mut of_grace, &ada, "online").await;

    for (field, bad) in [
        ("status", json!({"status": "asleep"})),
        ("status", json!({"status": "offline"})),
        ("text", json!({"status": "online", "text": "x".repeat(101)})),
        (
            "until",
            json!({"status": "dnd", "until": now_ms() - 60_000}),
        ),
    ] {
        let refused = phone.send("presence.set", bad.clone()).await;
        let refused = refused.expect_err("refused");
        assert_eq!(refused.reason, "FIELD_INVALID", "{bad}");
        let named: Vec<_> = refused.fields.keys().collect();
        assert!(
            named.iter().any(|name| name.starts_with(field)),
            "{named:?}"
        );
    }
}

#[tokio::test]
async fn a_stranger_sees_everyone_offline() {
    let stage = Stage::open().await;
    let (ada, _, room, mut of_grace) = two(&stage).await;
    let linus = Person::sign_up(&stage.http(1), "linus").await;
    let mut of_linus = linus.connect(&stage.ws(1)).await;
    let mut phone = ada.connect(&stage.ws(0)).await;
    becomes(&mut of_grace, &ada, "online").await;
    let snapshot = watch(&mut of_linus, &[&ada]).await;
    assert_eq!(
        snapshot,
        json!({"users": [{"user": ada.id(), "status": "offline"}], "count": 0}),
        "not even when she was last seen"
    );
    phone
        .send("presence.set", json!({"status": "dnd", "text": "busy"}))
        .await
        .expect("set");
    told(&mut of_grace, &ada, "dnd").await;
    let window = Duration::from_secs(2);
    never(&mut of_linus, window, "he is a stranger", |frame| {
        is_of(frame, &ada)
    })
    .await;

    let join = json!({"room": room});
    of_linus.send("room.join", join).await.expect("joined");
    assert_eq!(becomes(&mut of_linus, &ada, "dnd").await["text"], "busy");
    phone
        .send("presence.set", json!({"status": "online"}))
        .await
        .expect("set");
    told(&mut of_linus, &ada, "online").await;
}

#[tokio::test]
async fn losing_redis_tells_nobody_a_false_goodbye() {
    let stage = Stage::open().await;
    let (ada, grace, room, mut of_grace) = two(&stage).await;
    let mut of_ada = ada.connect(&stage.ws(0)).await;
    let mut people = vec![];
    let mut sockets = vec![];
    for number in 0..6 {
        let gateway = number % 2;
        let person = Person::sign_up(&stage.http(gateway), &format!("friend{number}")).await;
        let mut socket = person.connect(&stage.ws(1 - gateway)).await;
        let join = json!({"room": room});
        socket.send("room.join", join).await.expect("joined");
        people.push(person);
        sockets.push(socket);
    }
    let everyone = people.len() + 2;
    eventually("everyone to be there", TOLD, async || {
        let asked = of_grace.send("presence.watch", json!({"room": room})).await;
        (asked.expect("a snapshot")["count"] == everyone).then_some(())
    })
    .await;
    of_grace.settle().await;

    let client = redis::Client::open(stage.redis_url()).expect("a URL");
    let mut redis = client
        .get_multiplexed_async_connection()
        .await
        .expect("connected");
    for flush in 0..3 {
        let flushed = redis::cmd("FLUSHALL").query_async::<()>(&mut redis).await;
        flushed.expect("flushed");
        let body = format!("flush {flush}");
        for socket in &mut sockets {
            let data = json!({"room": room, "body": body});
            socket.send("message.send", data).await.expect("sent");
        }
    }
    let begun = Instant::now();
    for person in people.iter().chain([&ada, &grace]) {
        assert_eq!(
            person.get("/account").await.0,
            200,
            "{} is logged in",
            person.name
        );
    }
    // Her other device is named in the next round only; this one is told of, and then goes.
    let again = ada.connect(&stage.ws(1)).await;
    told(&mut of_grace, &ada, "online").await;
    again.close().await;
    eventually("everyone to be there again", WHOLE, async || {
        let asked = of_ada.send("presence.watch", json!({"room": room})).await;
        (asked.expect("a snapshot")["count"] == everyone).then_some(())
    })
    .await;
    // Until what was kept would have run out, and the talk goes on.
    let mut number = 0;
    eventually("the time to watch", WHOLE * 2, async || {
        number += 1;
        let data = json!({"room": room, "body": format!("still here {number}")});
        of_ada.send("message.send", data).await.expect("sent");
        for frame in of_grace.settle().await {
            let is_false = frame.kind == "presence.changed" && frame.data["status"] == "offline";
            assert!(!is_false, "{:?}", frame.raw);
        }
        (begun.elapsed() > WHOLE + TOLD).then_some(())
    })
    .await;
    for socket in &mut sockets {
        assert!(
            socket
                .settle()
                .await
                .iter()
                .all(|frame| frame.kind != "bye")
        );
    }
    assert_eq!(
        Person::log_in(&stage.http(0), "ada", PASSWORD).await.id(),
        ada.id()
    );
    sockets.remove(0).close().await;
    told(&mut of_grace, &people[0], "offline").await;
}

#[tokio::test]
async fn the_people_of_a_dead_gateway_go_offline() {
    let mut stage = Stage::open().await;
    let (ada, _, _, mut of_grace) = two(&stage).await;
    let linus = Person::sign_up(&stage.http(1), "linus").await;
    let join = json!({"room": "#general"});
    let mut phone = linus.connect(&stage.ws(0)).await;
    phone.send("room.join", join).await.expect("joined");
    let mut desk = linus.connect(&stage.ws(1)).await;
    let _lost = ada.connect(&stage.ws(0)).await;
    for person in [&ada, &linus] {
        becomes(&mut of_grace, person, "online").await;
    }
    watch(&mut of_grace, &[&ada, &linus]).await;
    of_grace.settle().await;
    stage.kill_gateway(0).await;
    let died = Instant::now();
    let offline = of_grace.wait_within(GONE, |frame| {
        assert!(
            !is_of(frame, &linus),
            "he has a device elsewhere: {:?}",
            frame.raw
        );
        is_of(frame, &ada) && frame.data["status"] == "offline"
    });
    offline.await.expect("the connection lives");
    assert!(died.elapsed() < GONE);
    assert_eq!(stage.alive(Kind::Social), 1);
    let snapshot = watch(&mut of_grace, &[&ada, &linus]).await;
    assert_eq!(of(&snapshot, &ada)["status"], "offline");
    assert_eq!(of(&snapshot, &linus)["status"], "online");
    desk.settle().await;
}
