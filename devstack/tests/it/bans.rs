//! Who may ban whom, what a ban ends, in how little time, and what a shadow hides.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use testkit::{PASSWORD, Person, SUBPROTOCOL, Socket};

use crate::{
    console::{Console, eventually, now_ms},
    stage::{Stage, bodies},
};

/// How long a gateway may go on after a ban was acknowledged.
const TOLD: Duration = Duration::from_secs(2);
/// The same when it lost the event.
const REPAIRED: Duration = Duration::from_secs(10);
/// How long a proved credential may be remembered for reading.
const REMEMBERED: Duration = Duration::from_secs(10);

/// Tries to log in.
pub(crate) async fn log_in(gateway: &str, name: &str) -> (u16, Value) {
    let request = reqwest::Client::new()
        .post(format!("{gateway}/login"))
        .json(&json!({"username": name, "password": PASSWORD}));
    let response = request.send().await.expect("an answer");
    let status = response.status().as_u16();
    (status, response.json().await.unwrap_or_default())
}

/// Waits until a banned person's socket is closed; says how long after the acknowledgement.
pub(crate) async fn shown_out(socket: &mut Socket, acked: Instant) -> Duration {
    let closed = socket.closed().await;
    let after = acked.elapsed();
    assert_eq!((closed.code, closed.reason.as_str()), (4403, "banned"));
    after
}

/// Makes somebody an administrator and logs them in anew.
async fn promoted(stage: &Stage, person: &Person) -> Person {
    let set = json!({"user_id": person.id(), "role": "ROLE_ADMIN"});
    let console = Console::open(stage).await;
    console.done("AuthService/SetRole", set).await;
    Person::log_in(&person.gateway, &person.name, PASSWORD).await
}

#[tokio::test]
async fn administrators_ban_users_and_nobody_else_bans_anybody() {
    let stage = Stage::open().await;
    let root = stage.admin().await;
    let ada = Person::sign_up(&stage.http(0), "ada").await;
    let mallory = Person::sign_up(&stage.http(1), "mallory").await;
    let linus = Person::sign_up(&stage.http(0), "linus").await;
    let linus = promoted(&stage, &linus).await;
    assert_eq!(linus.account.user.role, "ADMIN");

    for (actor, target, reason) in [
        (&ada, &mallory, "ADMIN_REQUIRED"),
        (&ada, &linus, "ADMIN_REQUIRED"),
        (&root, &linus, "PERMISSION_DENIED"),
        (&linus, &root, "PERMISSION_DENIED"),
    ] {
        let cell = format!("{} bans {}", actor.name, target.name);
        let ban = json!({"user": target.id(), "reason": "because"});
        let mut socket = actor.connect(&stage.ws(0)).await;
        let refused = socket
            .send("mod.ban", ban.clone())
            .await
            .expect_err("refused");
        assert_eq!(refused.reason, reason, "{cell}");
        let (status, problem) = actor.post("/users/ban", ban).await;
        assert_eq!(
            (status, &problem["reason"]),
            (403, &json!(reason)),
            "{cell}"
        );
        assert_eq!(target.get("/account").await.0, 200, "{cell}");
    }
    let (status, problem) = ada.post("/users/unban", json!({"user": "@mallory"})).await;
    assert_eq!(
        (status, &problem["reason"]),
        (403, &json!("ADMIN_REQUIRED"))
    );

    // The cell that is allowed, once by REST and once by socket.
    let ban = json!({"user": "@mallory", "reason": "spam"});
    let (status, banned) = root.post("/users/ban", ban.clone()).await;
    assert_eq!(
        (status, &banned["hit"]["users"]),
        (200, &json!(1)),
        "{banned}"
    );
    let (status, problem) = log_in(&stage.http(0), "mallory").await;
    assert_eq!((status, &problem["reason"]), (403, &json!("BANNED")));
    let (status, lifted) = root.post("/users/unban", json!({"user": "@mallory"})).await;
    assert_eq!(status, 200, "{lifted}");
    let mallory = Person::log_in(&stage.http(1), "mallory", PASSWORD).await;
    let mut of_linus = linus.connect(&stage.ws(1)).await;
    let second = of_linus.send("mod.ban", ban).await.expect("banned");
    let id = second["ban"]["id"].as_str().expect("a ban has an id");
    assert_ne!(banned["ban"]["id"], second["ban"]["id"]);
    assert_eq!(log_in(&stage.http(1), "mallory").await.0, 403);
    of_linus
        .send("mod.unban", json!({"ban": id}))
        .await
        .expect("lifted");
    assert_eq!(log_in(&stage.http(1), "mallory").await.0, 200);

    let console = Console::open(&stage).await;
    let query = json!({"action": "ban.create"});
    let audit = console.done("ModerationService/ListAudit", query).await;
    let rows = audit["rows"].as_array().expect("rows");
    let actors: Vec<_> = rows.iter().map(|row| row["actorId"].as_str()).collect();
    assert_eq!(
        actors,
        [Some(linus.id()), Some(root.id())],
        "the refused ones left none: {audit}"
    );
    // The person, or the ban, is what was acted upon; either way the row leads to the person.
    for row in rows {
        assert!(row.to_string().contains(mallory.id()), "{row}");
    }
}

#[tokio::test]
async fn a_ban_shows_a_person_out_everywhere_and_keeps_them_out() {
    let stage = Stage::open().await;
    let root = stage.admin().await;
    let mallory = Person::sign_up(&stage.http(0), "mallory").await;
    let desk = Person::log_in(&stage.http(1), "mallory", PASSWORD).await;
    let ada = Person::sign_up(&stage.http(0), "ada").await;
    let room = mallory.creates_room("general").await;
    let mut here = mallory.connect(&stage.ws(0)).await;
    let mut there = mallory.connect(&stage.ws(1)).await;
    let mut elsewhere = desk.connect(&stage.ws(1)).await;
    let mut of_ada = ada.connect(&stage.ws(1)).await;
    let mut of_root = root.connect(&stage.ws(0)).await;
    of_ada
        .send("room.join", json!({"room": room}))
        .await
        .expect("joined");
    let (_, ticket) = mallory.post("/v1/rt/tickets", json!({})).await;

    let until = now_ms() + 3_600_000;
    let ban = json!({"user": mallory.id(), "reason": "flooding", "until": until});
    let done = of_root.send("mod.ban", ban).await.expect("banned");
    let acked = Instant::now();
    assert_eq!(done["hit"]["users"], 1, "{done}");

    // Nothing is stored from now on, whoever still holds a proof of a better time.
    let (status, _) = mallory.post("/v1/rooms", json!({"name": "mine"})).await;
    assert!([401, 403].contains(&status), "a room was made: {status}");
    for (name, socket) in [
        ("gateway 0", &mut here),
        ("gateway 1", &mut there),
        ("another session", &mut elsewhere),
    ] {
        let after = shown_out(socket, acked).await;
        assert!(after < TOLD, "{name} closed after {after:?}");
        let told = socket.expect("mod.banned").await;
        assert_eq!(
            (&told.data["reason"], &told.data["until"]),
            (&json!("flooding"), &json!(until)),
            "{name}"
        );
        let bye = socket.expect("bye").await;
        assert_eq!(
            (&bye.data["code"], &bye.data["reconnect"]),
            (&json!(4403), &json!("never"))
        );
    }

    for gateway in [0, 1] {
        let (status, problem) = log_in(&stage.http(gateway), "mallory").await;
        assert_eq!((status, &problem["reason"]), (403, &json!("BANNED")));
        let hello = json!({"token": mallory.account.token, "resume": here.resume()});
        refused(&stage, gateway, hello).await;
    }
    let resume = here.resume();
    refused(
        &stage,
        1,
        json!({"ticket": ticket["ticket"], "resume": resume}),
    )
    .await;
    let (url, token) = (stage.http(0), &mallory.account.token);
    let client = reqwest::Client::new();
    eventually("REST to forget the token", REMEMBERED, async || {
        let read = client.get(format!("{url}/account")).bearer_auth(token);
        let status = read.send().await.expect("an answer").status().as_u16();
        [401, 403].contains(&status).then_some(())
    })
    .await;

    // What a person wrote before is the room's; the room goes on without them.
    of_ada
        .send("message.send", json!({"room": room, "body": "quiet here"}))
        .await
        .expect("sent");
    of_root
        .send("mod.unban", json!({"user": "@mallory"}))
        .await
        .expect("lifted");
    let mallory = Person::log_in(&stage.http(1), "mallory", PASSWORD).await;
    let mut back = mallory.connect(&stage.ws(1)).await;
    back.send("message.send", json!({"room": room, "body": "sorry"}))
        .await
        .expect("still a member");
    of_ada.expect_in(&room, "message.new").await;
}

/// Says hello with a banned person's proof; the gateway closes without a welcome, for good or until a new log-in.
async fn refused(stage: &Stage, gateway: usize, hello: Value) {
    let mut socket = Socket::open(&stage.ws(gateway), &[SUBPROTOCOL], &[])
        .await
        .expect("upgraded");
    let closed = socket.hello(hello).await.expect_err("closed");
    assert!([4101, 4401, 4403].contains(&closed.code), "{closed:?}");
}

#[tokio::test]
async fn a_gateway_that_loses_every_event_shows_people_out_all_the_same() {
    let mut stage = Stage::open().await;
    let deaf = [("HUBBUB_FAILPOINT", "lose_events")];
    stage.start_gateway_with(1, &deaf).await;
    let root = stage.admin().await;
    let mallory = Person::sign_up(&stage.http(0), "mallory").await;
    let grace = Person::sign_up(&stage.http(0), "grace").await;
    let mut of_root = root.connect(&stage.ws(0)).await;
    let mut hearing = mallory.connect(&stage.ws(0)).await;
    let mut deafened = mallory.connect(&stage.ws(1)).await;
    let mut logged_out = grace.connect(&stage.ws(1)).await;

    let ban = json!({"user": "@mallory", "reason": "spam"});
    of_root.send("mod.ban", ban).await.expect("banned");
    let acked = Instant::now();
    let (soon, late) = tokio::join!(
        shown_out(&mut hearing, acked),
        shown_out(&mut deafened, acked)
    );
    assert!(soon < TOLD, "took {soon:?}");
    assert!(late < REPAIRED, "took {late:?}");

    assert_eq!(grace.post("/logout", json!({})).await.0, 204);
    let acked = Instant::now();
    assert_eq!(logged_out.closed().await.code, 4101);
    assert!(acked.elapsed() < REPAIRED, "took {:?}", acked.elapsed());
}

#[tokio::test]
async fn a_ban_for_a_time_ends_by_itself() {
    let stage = Stage::open().await;
    let root = stage.admin().await;
    Person::sign_up(&stage.http(0), "mallory").await;
    // Long enough to be tried before it ends.
    let until = now_ms() + 6_000;
    let ban = json!({"user": "@mallory", "reason": "cool down", "until": until});
    let (status, banned) = root.post("/users/ban", ban).await;
    assert_eq!(status, 200, "{banned}");
    assert_eq!(log_in(&stage.http(0), "mallory").await.0, 403);
    let patience = Duration::from_secs(20);
    eventually("the ban to end", patience, async || {
        let (status, _) = log_in(&stage.http(1), "mallory").await;
        (status == 200).then_some(())
    })
    .await;
    assert!(now_ms() >= until, "it ended too early");
    for past in [json!(now_ms() - 1_000), json!(-1), json!("soon")] {
        let ban = json!({"user": "@mallory", "reason": "late", "until": past});
        let (status, problem) = root.post("/users/ban", ban).await;
        assert_eq!((status, &problem["reason"]), (422, &json!("FIELD_INVALID")));
    }
}

#[tokio::test]
async fn a_person_in_shadow_sees_themselves_and_is_seen_by_nobody() {
    let stage = Stage::open().await;
    let root = stage.admin().await;
    let mallory = Person::sign_up(&stage.http(0), "mallory").await;
    let ada = Person::sign_up(&stage.http(0), "ada").await;
    let grace = Person::sign_up(&stage.http(1), "grace").await;
    let room = ada.creates_room("general").await;
    let mut of_mallory = mallory.connect(&stage.ws(0)).await;
    let mut her_desk = mallory.connect(&stage.ws(1)).await;
    let mut of_ada = ada.connect(&stage.ws(0)).await;
    let mut of_grace = grace.connect(&stage.ws(1)).await;
    for socket in [&mut of_mallory, &mut of_grace] {
        let join = json!({"room": room});
        socket.send("room.join", join).await.expect("joined");
    }
    her_desk.expect("room.memberJoined").await;
    let say = |body: &str| json!({"room": room, "body": body});

    let mut of_root = root.connect(&stage.ws(1)).await;
    let ban = json!({"user": "@mallory", "reason": "spam", "mode": "shadow"});
    of_root.send("mod.ban", ban).await.expect("banned");
    let acked = Instant::now();
    // The gateways learn of it a moment later.
    for probe in 0.. {
        let body = format!("probe {probe}");
        of_mallory
            .send("message.send", say(&body))
            .await
            .expect("sent");
        let mark = format!("mark {probe}");
        of_ada.send("message.send", say(&mark)).await.expect("sent");
        let (by_ada, by_grace) = (
            heard(&mut of_ada, &mark).await,
            heard(&mut of_grace, &mark).await,
        );
        if !by_ada.contains(&body) && !by_grace.contains(&body) {
            break;
        }
        assert!(
            acked.elapsed() < TOLD,
            "still seen after {:?}",
            acked.elapsed()
        );
    }

    let sent = of_mallory
        .send("message.send", say("out of sight"))
        .await
        .expect("nothing looks different to her");
    assert_eq!(
        her_desk.heard_body("out of sight").await["seq"],
        sent["seq"]
    );
    of_ada
        .send("message.send", say("after it"))
        .await
        .expect("sent");
    for socket in [&mut of_ada, &mut of_grace] {
        assert!(
            !heard(socket, "after it")
                .await
                .contains(&"out of sight".to_owned())
        );
    }
    let path = format!("/v1/rooms/{room}/messages?limit=100");
    let linus = Person::sign_up(&stage.http(0), "linus").await;
    let mut of_linus = linus.connect(&stage.ws(0)).await;
    let join = json!({"room": room});
    let joined = of_linus.send("room.join", join).await.expect("joined");
    assert!(!bodies(&joined["messages"]).contains(&"out of sight".to_owned()));
    for (person, is_seen) in [
        (&mallory, true),
        (&ada, false),
        (&grace, false),
        (&linus, false),
    ] {
        let (_, page) = person.get(&path).await;
        let is_there = bodies(&page["messages"]).contains(&"out of sight".to_owned());
        assert_eq!(is_there, is_seen, "{}", person.name);
        let mut socket = person.connect(&stage.ws(1)).await;
        let found = socket
            .send("message.search", json!({"query": "sight", "room": room}))
            .await
            .expect("searched");
        let found = bodies(&found["messages"]).contains(&"out of sight".to_owned());
        assert_eq!(found, is_seen, "{} searches", person.name);
    }
    // She was told nothing and her sockets are open.
    let told = of_mallory.settle().await;
    assert!(
        told.iter().all(|frame| !frame.kind.starts_with("mod.")),
        "{told:?}"
    );
    assert_eq!(log_in(&stage.http(0), "mallory").await.0, 200);

    of_root
        .send("mod.unban", json!({"user": "@mallory"}))
        .await
        .expect("lifted");
    let lifted = Instant::now();
    eventually("her to be seen again", TOLD, async || {
        of_mallory
            .send("message.send", say("seen again"))
            .await
            .expect("sent");
        of_ada.send("message.send", say("yes")).await.expect("sent");
        let is_seen = heard(&mut of_grace, "yes").await;
        is_seen.contains(&"seen again".to_owned()).then_some(())
    })
    .await;
    assert!(lifted.elapsed() < TOLD);
}

/// Reads a socket's new messages up to one and returns their bodies.
async fn heard(socket: &mut Socket, last: &str) -> Vec<String> {
    let mut heard = Vec::new();
    loop {
        let frame = socket.expect("message.new").await;
        let body = frame.data["body"].as_str().expect("a body").to_owned();
        if body == last {
            return heard;
        }
        heard.push(body);
    }
}

trait Hears {
    async fn heard_body(&mut self, body: &str) -> Value;
}

impl Hears for Socket {
    /// Waits for a message with this text.
    async fn heard_body(&mut self, body: &str) -> Value {
        let found = self.wait(|frame| frame.kind == "message.new" && frame.data["body"] == body);
        found.await.expect("the connection lives").data
    }
}

#[tokio::test]
async fn a_mute_of_the_platform_silences_everywhere_and_ends() {
    let stage = Stage::open().await;
    let root = stage.admin().await;
    let mallory = Person::sign_up(&stage.http(0), "mallory").await;
    let ada = Person::sign_up(&stage.http(1), "ada").await;
    let own = mallory.creates_room("mallorys").await;
    let room = ada.creates_room("general").await;
    let mut here = mallory.connect(&stage.ws(0)).await;
    let mut there = mallory.connect(&stage.ws(1)).await;
    let mut of_root = root.connect(&stage.ws(0)).await;
    let mut of_ada = ada.connect(&stage.ws(1)).await;
    here.send("room.join", json!({"room": room}))
        .await
        .expect("joined");
    let say = |room: &str| json!({"room": room, "body": "listen"});
    let sent = here.send("message.send", say(&room)).await.expect("sent");

    let until = now_ms() + 3_600_000;
    let mute = json!({"user": "@mallory", "until": until, "reason": "shouting"});
    let by_user = of_ada.send("mod.mute", mute.clone()).await;
    assert_eq!(by_user.expect_err("refused").reason, "ADMIN_REQUIRED");
    of_root.send("mod.mute", mute).await.expect("muted");
    for socket in [&mut here, &mut there] {
        for room in [&room, &own] {
            let refused = socket.send("message.send", say(room)).await;
            assert_eq!(refused.expect_err("muted").reason, "ROOM_MUTED");
        }
        let edit = json!({"room": room, "message": sent["message"], "body": "LISTEN", "rev": 1});
        let refused = socket.send("message.edit", edit).await;
        assert_eq!(refused.expect_err("muted").reason, "ROOM_MUTED");
        let told = socket.expect("mod.muted").await;
        assert_eq!(
            (&told.data["reason"], &told.data["until"]),
            (&json!("shouting"), &json!(until))
        );
        assert!(told.data.get("room").is_none(), "everywhere");
    }
    of_ada
        .send("message.send", say(&room))
        .await
        .expect("others may");

    of_root
        .send("mod.unmute", json!({"user": "@mallory"}))
        .await
        .expect("lifted");
    here.send("message.send", say(&room)).await.expect("sent");
    there.expect("mod.unmuted").await;

    // Long enough to be tried before it ends.
    let mute = json!({"user": "@mallory", "until": now_ms() + 6_000, "reason": "again"});
    of_root.send("mod.mute", mute).await.expect("muted");
    assert!(here.send("message.send", say(&room)).await.is_err());
    eventually("the mute to end", Duration::from_secs(20), async || {
        here.send("message.send", say(&room)).await.ok()
    })
    .await;
    let too_long = json!({"user": "@mallory", "until": now_ms() + 29 * 86_400_000, "reason": "x"});
    let refused = of_root.send("mod.mute", too_long).await;
    assert_eq!(refused.expect_err("28 days").reason, "FIELD_INVALID");
}
