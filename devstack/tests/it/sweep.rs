//! Every command, tried by people who have no right to what they name: the documented refusal each time, and never a
//! difference between what is hidden and what does not exist.

mod rows;

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use devstack::fleet::Kind;
use proto::auth::{SignUpRequest, auth_service_client::AuthServiceClient};
use serde_json::{Value, json};
use testkit::{Person, Socket};

use crate::stage::Stage;
use rows::{NAMELESS, Names, Row};

/// An id that nothing has.
const ABSENT: &str = "0198c0de-0000-7000-8000-000000000000";
/// How often the pace of a refusal is taken.
const TURNS: usize = 9;
/// What belongs to the connection itself and names nothing.
const CONTROL: [&str; 4] = ["hello", "connection", "ping", "pong"];
/// A code that nobody made.
const NO_CODE: &str = "AAAAAAAAAAAAAAAAAAAAAA";

/// Somebody with a connection.
struct Caller {
    name: &'static str,
    person: Person,
    socket: Socket,
}

impl Caller {
    async fn enter(stage: &Stage, name: &'static str) -> Self {
        let person = Person::sign_up(&stage.http(0), name).await;
        let socket = person.connect(&stage.ws(1)).await;
        Self {
            name,
            person,
            socket,
        }
    }

    /// Somebody of another tenant. REST makes accounts of the default one only; operators make others.
    async fn from_elsewhere(stage: &Stage, name: &'static str) -> Self {
        let address = format!("http://{}", stage.admin_port(Kind::Auth));
        let auth = AuthServiceClient::connect(address).await;
        let mut auth = auth.expect("auth-svc has an admin port");
        let request = SignUpRequest {
            tenant: "elsewhere".into(),
            username: name.into(),
            password: testkit::PASSWORD.into(),
            client: None,
        };
        let made = auth.sign_up(request).await.expect("the account is made");
        let grant = made.into_inner().grant.expect("a grant");
        let account = json!({
            "user": {"id": grant.user.expect("a user").user_id, "name": name, "role": "USER"},
            "token": grant.access_token,
            "session": grant.session_token,
        });
        let account = serde_json::from_value(account).expect("an account");
        let person = Person::of_account(&stage.http(0), account);
        let socket = person.connect(&stage.ws(1)).await;
        Self {
            name,
            person,
            socket,
        }
    }

    async fn does(&mut self, kind: &str, data: Value) -> Value {
        let answer = self.socket.send(kind, data.clone()).await;
        answer.unwrap_or_else(|refusal| panic!("{} {kind} {data}: {refusal:?}", self.name))
    }

    /// Sends a command and returns the whole answer but what is never twice the same.
    async fn asks(&mut self, kind: &str, data: Value) -> Value {
        let key = uuid::Uuid::now_v7().to_string();
        let id = self.socket.post(kind, Some(&key), data).await;
        let answered = self
            .socket
            .wait(|frame| frame.raw["id"] == id && matches!(&*frame.kind, "ok" | "error"))
            .await;
        let mut answer = answered.expect("the connection lives").raw;
        let fields = answer.as_object_mut().expect("a frame");
        fields.remove("id");
        if let Some(error) = fields.get_mut("error").and_then(Value::as_object_mut) {
            assert!(error.remove("trace").is_some(), "{kind}: {error:?}");
        }
        answer
    }
}

/// `ok`, or why not.
fn outcome(answer: &Value) -> &str {
    if answer["type"] == "ok" {
        return "ok";
    }
    answer["error"]["reason"].as_str().expect("a reason")
}

/// Everybody, and what they should not get at.
struct World {
    _stage: Stage,
    /// Owns the hidden room and wrote in it.
    ada: Caller,
    /// Never was in the room; owns another.
    sam: Caller,
    /// Was in the room, and left.
    max: Caller,
    /// Was banned from the room.
    ben: Caller,
    /// Is in the room; Ada blocks him.
    bob: Caller,
    /// Is of another tenant, where a room and a person have the same names.
    eve: Caller,
    /// Eve's own room.
    eves_room: String,
    /// What is hidden.
    hidden: Names,
    /// Sam's own room.
    other_room: String,
    /// A code that still lets people in.
    working_code: String,
    wrong: Vec<String>,
}

impl World {
    async fn make() -> Self {
        let stage = Stage::open().await;
        let mut ada = Caller::enter(&stage, "ada").await;
        let mut sam = Caller::enter(&stage, "sam").await;
        let mut max = Caller::enter(&stage, "max").await;
        let mut ben = Caller::enter(&stage, "ben").await;
        let mut bob = Caller::enter(&stage, "bob").await;
        let made = ada
            .does("room.create", json!({"name": "hidden", "private": true}))
            .await;
        let room = text(&made["room"]["id"]);
        for caller in [&mut max, &mut ben, &mut bob] {
            let user = format!("@{}", caller.name);
            ada.does("room.invite", json!({"room": room, "user": user}))
                .await;
            caller.does("room.join", json!({"room": room})).await;
        }
        let mut said = Vec::new();
        for body in ["secret one", "secret two"] {
            let sent = ada
                .does("message.send", json!({"room": room, "body": body}))
                .await;
            said.push(text(&sent["message"]));
        }
        let thread = ada
            .does("thread.create", json!({"room": room, "title": "secrets"}))
            .await;
        let mut codes = Vec::new();
        for _ in 0..2 {
            let invite = ada.does("invite.create", json!({"room": room})).await;
            codes.push(text(&invite["invite"]["code"]));
        }
        ada.does("invite.revoke", json!({"room": room, "code": codes[0]}))
            .await;
        max.does("room.leave", json!({"room": room})).await;
        ada.does("room.ban", json!({"room": room, "user": "@ben"}))
            .await;
        for caller in [&mut max, &mut ben] {
            let is_own = |frame: &testkit::Frame| {
                frame.kind == "room.memberLeft" && frame.data["user"]["name"] == caller.name
            };
            caller
                .socket
                .wait(is_own)
                .await
                .expect("the connection lives");
        }
        ada.does("block.add", json!({"user": "@bob"})).await;
        let own = sam.does("room.create", json!({"name": "other"})).await;
        let mut eve = Caller::from_elsewhere(&stage, "ada").await;
        let eves = eve.does("room.create", json!({"name": "hidden"})).await;
        let hidden = Names {
            room,
            message: said[0].clone(),
            spare: said[1].clone(),
            thread: text(&thread["thread"]["id"]),
            user: ada.person.id().to_owned(),
            code: codes[0].clone(),
        };
        Self {
            _stage: stage,
            ada,
            sam,
            max,
            ben,
            bob,
            eve,
            eves_room: text(&eves["room"]["id"]),
            hidden,
            other_room: text(&own["room"]["id"]),
            working_code: codes[1].clone(),
            wrong: Vec::new(),
        }
    }

    fn expect(&mut self, who: &str, row: &Row, expected: &str, answer: &Value) {
        if outcome(answer) != expected {
            let data = (row.data)(&self.hidden);
            self.wrong.push(format!(
                "{who}: {} {data}\n  expected {expected}, got {answer}",
                row.kind
            ));
        }
    }

    fn expect_same(&mut self, who: &str, row: &Row, hidden: &Value, absent: &Value) {
        if hidden != absent {
            let data = (row.data)(&self.hidden);
            self.wrong.push(format!(
                "{who}: {} {data} tells what exists\n  hidden: {hidden}\n  absent: {absent}",
                row.kind
            ));
        }
    }

    /// Those who are not in the room.
    async fn outside(&mut self, row: &Row, expected: &str) {
        let (hidden, absent) = ((row.data)(&self.hidden), (row.data)(&nothing()));
        for who in ["stranger", "ex-member", "banned"] {
            let caller = match who {
                "stranger" => &mut self.sam,
                "ex-member" => &mut self.max,
                _ => &mut self.ben,
            };
            let of_hidden = caller.asks(row.kind, hidden.clone()).await;
            let of_absent = caller.asks(row.kind, absent.clone()).await;
            self.expect(who, row, expected, &of_hidden);
            self.expect_same(who, row, &of_hidden, &of_absent);
        }
    }

    /// What stands in the hidden room, named in another.
    async fn foreign(&mut self, row: &Row, expected: &str) {
        let room = self.other_room.clone();
        let hidden = Names {
            room: room.clone(),
            ..self.hidden.clone()
        };
        let absent = Names { room, ..nothing() };
        let of_hidden = self.sam.asks(row.kind, (row.data)(&hidden)).await;
        let of_absent = self.sam.asks(row.kind, (row.data)(&absent)).await;
        self.expect("foreign", row, expected, &of_hidden);
        self.expect_same("foreign", row, &of_hidden, &of_absent);
    }

    /// Somebody who does not exist.
    async fn nobody(&mut self, row: &Row, expected: &str) {
        let names = Names {
            room: self.other_room.clone(),
            user: ABSENT.into(),
            ..self.hidden.clone()
        };
        let answer = self.sam.asks(row.kind, (row.data)(&names)).await;
        self.expect("nobody", row, expected, &answer);
    }

    /// Somebody of another tenant, who knows every id of this one: there nothing has them.
    async fn elsewhere(&mut self, row: &Row) {
        let own = self.eves_room.clone();
        let (hidden, absent) = (self.hidden.clone(), nothing());
        let of = |room: &str, message: &Names, user: &Names| Names {
            room: room.to_owned(),
            user: user.user.clone(),
            ..message.clone()
        };
        for (expected, named, instead) in [
            (row.outside, hidden.clone(), absent.clone()),
            (
                row.foreign,
                of(&own, &hidden, &hidden),
                of(&own, &absent, &hidden),
            ),
            (
                row.nobody,
                of(&own, &absent, &hidden),
                of(&own, &absent, &absent),
            ),
        ] {
            let Some(expected) = expected else { continue };
            let of_hidden = self.eve.asks(row.kind, (row.data)(&named)).await;
            let of_absent = self.eve.asks(row.kind, (row.data)(&instead)).await;
            self.expect("other tenant", row, expected, &of_hidden);
            // Some answers repeat the id that was asked for, which is not more than the asker knew.
            let told = of_hidden.to_string().replace(&self.hidden.user, ABSENT);
            let told = serde_json::from_str(&told).expect("an answer");
            self.expect_same("other tenant", row, &told, &of_absent);
        }
    }

    /// A member whom the owner blocks.
    async fn blocked(&mut self, row: &Row, expected: &str) {
        let answer = self.bob.asks(row.kind, (row.data)(&self.hidden)).await;
        self.expect("blocked", row, expected, &answer);
    }
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("no text: {value}"))
        .to_owned()
}

/// What does not exist.
fn nothing() -> Names {
    let absent = || ABSENT.to_owned();
    Names {
        room: absent(),
        message: absent(),
        spare: absent(),
        thread: absent(),
        user: absent(),
        code: NO_CODE.into(),
    }
}

#[tokio::test]
async fn nobody_gets_at_what_is_not_theirs_nor_learns_that_it_exists() {
    let mut world = World::make().await;
    for row in rows::all() {
        if let Some(expected) = row.outside {
            world.outside(row, expected).await;
        }
        if let Some(expected) = row.foreign {
            world.foreign(row, expected).await;
        }
        if let Some(expected) = row.nobody {
            world.nobody(row, expected).await;
        }
        if let Some(expected) = row.blocked {
            world.blocked(row, expected).await;
        }
        world.elsewhere(row).await;
    }
    assert!(
        world.wrong.is_empty(),
        "{} wrong:\n{}",
        world.wrong.len(),
        world.wrong.join("\n")
    );

    // A code that works lets in whoever is not banned, and tells the banned one nothing.
    let valid = json!({"code": world.working_code});
    let of_banned = world.ben.asks("invite.accept", valid.clone()).await;
    let of_nothing = world
        .ben
        .asks("invite.accept", json!({"code": NO_CODE}))
        .await;
    assert_eq!(of_banned, of_nothing, "a ban is not told by a code");
    assert_eq!(outcome(&world.max.asks("invite.accept", valid).await), "ok");
    // After all those tries, what they were about is as it was.
    let got = world
        .ada
        .does("message.get", json!({"message": world.hidden.message}))
        .await;
    assert_eq!(
        (&got["message"]["body"], &got["message"]["rev"]),
        (&json!("secret one"), &json!(1))
    );
    let pins = world
        .ada
        .does("message.pins", json!({"room": world.hidden.room}))
        .await;
    assert_eq!(pins["messages"], json!([]));
}

/// How long a request takes, the middle of many, for what is hidden and for what does not exist, asked in turns.
async fn paces(caller: &mut Caller, row: &Row, hidden: &Names) -> [Duration; 2] {
    let questions = [(row.data)(hidden), (row.data)(&nothing())];
    let mut taken = [Vec::new(), Vec::new()];
    for _ in 0..TURNS {
        for (question, taken) in questions.iter().zip(&mut taken) {
            let started = Instant::now();
            caller.asks(row.kind, question.clone()).await;
            taken.push(started.elapsed());
        }
    }
    taken.map(|mut taken| {
        taken.sort();
        taken[TURNS / 2]
    })
}

/// A look into the database more or less must not show from outside. The bound is wide, for a busy machine must not fail
/// it, and still far below what a hash, a lock or a scan would cost.
#[tokio::test]
async fn a_refusal_takes_as_long_for_what_is_hidden_as_for_what_does_not_exist() {
    let mut world = World::make().await;
    for row in rows::all().filter(|row| row.outside.is_some_and(|reason| reason != "ok")) {
        let mut tries = 0;
        loop {
            let [hidden, absent] = paces(&mut world.sam, row, &world.hidden.clone()).await;
            let (fast, slow) = (hidden.min(absent), hidden.max(absent));
            if slow <= fast * 2 + Duration::from_millis(2) {
                break;
            }
            // What is slower shows every time; something else that is slow, over so many rows, now and then.
            tries += 1;
            assert!(
                tries < 10,
                "{}: {hidden:?} hidden, {absent:?} absent",
                row.kind
            );
        }
    }
}

#[tokio::test]
async fn an_open_room_tells_whom_it_bans_and_an_administrator_who_does_not_exist() {
    let stage = Stage::open().await;
    let mut ada = Caller::enter(&stage, "ada").await;
    let mut ben = Caller::enter(&stage, "ben").await;
    let made = ada.does("room.create", json!({"name": "open"})).await;
    let room = json!({"room": made["room"]["id"]});
    ben.does("room.join", room.clone()).await;
    ada.does(
        "room.ban",
        json!({"room": "#open", "user": "@ben", "reason": "noise"}),
    )
    .await;
    let told = ben.socket.expect("mod.banned").await;
    assert_eq!(
        (&told.data["room"], &told.data["reason"]),
        (&room["room"], &json!("noise"))
    );
    for (kind, expected) in [
        ("room.join", "BANNED"),
        ("room.get", "ok"),
        ("room.members", "NOT_A_MEMBER"),
        ("history.get", "NOT_A_MEMBER"),
        ("room.leave", "ok"),
    ] {
        let answer = ben.asks(kind, room.clone()).await;
        assert_eq!(outcome(&answer), expected, "{kind}: {answer}");
    }
    ada.does("room.unban", json!({"room": "#open", "user": "@ben"}))
        .await;
    ben.does("room.join", room).await;

    let person = stage.admin().await;
    let socket = person.connect(&stage.ws(0)).await;
    let mut admin = Caller {
        name: "admin",
        person,
        socket,
    };
    let until = rows::soon();
    for (kind, data, expected) in [
        (
            "mod.ban",
            json!({"user": ABSENT, "reason": "x"}),
            "USER_NOT_FOUND",
        ),
        (
            "mod.ban",
            json!({"user": "@nobody", "reason": "x"}),
            "USER_NOT_FOUND",
        ),
        (
            "mod.mute",
            json!({"user": ABSENT, "until": until, "reason": "x"}),
            "USER_NOT_FOUND",
        ),
        (
            "mod.warn",
            json!({"user": ABSENT, "reason": "x"}),
            "USER_NOT_FOUND",
        ),
        (
            "mod.reportUpdate",
            json!({"report": ABSENT, "state": "in_review"}),
            "REPORT_NOT_FOUND",
        ),
        (
            "mod.ban",
            json!({"user": admin.person.id(), "reason": "x"}),
            "PERMISSION_DENIED",
        ),
        (
            "mod.ban",
            json!({"cidr": "0.0.0.0/0", "reason": "x"}),
            "RANGE_REFUSED",
        ),
        ("mod.preview", json!({"cidr": "::/0"}), "RANGE_REFUSED"),
        ("mod.unban", json!({"user": "@ben"}), "ok"),
    ] {
        let answer = admin.asks(kind, data.clone()).await;
        assert_eq!(outcome(&answer), expected, "{kind} {data}: {answer}");
    }
}

/// Lists the Rust files under a folder.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
}

/// Finds everything between two quotes that could be the type of a command: words, joined by dots, slashes or underscores.
fn candidates() -> BTreeSet<String> {
    let mut files = Vec::new();
    sources(&devstack::checkout::root().join("gateway/src"), &mut files);
    let is_word =
        |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let mut found = BTreeSet::new();
    for file in files {
        let text = std::fs::read_to_string(file).expect("a source");
        let pieces = text
            .split('"')
            .filter(|piece| piece.split(['.', '/', '_']).all(is_word));
        found.extend(pieces.map(str::to_owned));
    }
    found.retain(|kind| !CONTROL.contains(&kind.as_str()));
    found
}

/// The gateway itself says which of the texts in its source are commands: whatever the table of commands looks like, one
/// that is not in the sweep fails here.
#[tokio::test]
async fn the_sweep_knows_every_command_of_the_gateway() {
    let stage = Stage::open().await;
    let mut ada = Caller::enter(&stage, "ada").await;
    let mut known = BTreeSet::new();
    for kind in candidates() {
        // Without key and data nothing is changed.
        let id = ada.socket.post(&kind, None, Value::Null).await;
        let answer = ada.socket.reply(&id).await.expect("the connection lives");
        if answer
            .err()
            .is_none_or(|refusal| refusal.reason != "UNKNOWN_TYPE")
        {
            known.insert(kind);
        }
    }
    let swept: BTreeSet<String> = rows::all()
        .map(|row| row.kind)
        .chain(NAMELESS.iter().copied())
        .map(str::to_owned)
        .collect();
    let missing: Vec<_> = known.difference(&swept).collect();
    let gone: Vec<_> = swept.difference(&known).collect();
    assert!(missing.is_empty(), "no row for {missing:?}");
    assert!(gone.is_empty(), "no such commands any more: {gone:?}");
}
