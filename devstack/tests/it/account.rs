//! The life of an account: another name, an absence, everything about oneself, and the end.

use std::time::Duration;

use redis::AsyncCommands;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, Row};
use testkit::{PASSWORD, Person, Socket};

use crate::{
    bans::log_in,
    console::Console,
    console::eventually,
    stage::{Stage, bodies},
};

/// How long other services may take to hear of a new name.
const HEARD: Duration = Duration::from_secs(5);
/// How long they may take to erase a person: gateways are given time to close the sockets first.
const ERASED: Duration = Duration::from_secs(45);

async fn befriend(one: &mut Socket, other: &mut Socket, name: &str, other_name: &str) {
    let request = json!({"user": format!("@{other_name}")});
    one.send("friend.request", request).await.expect("asked");
    other.expect("friend.requested").await;
    let accept = json!({"user": format!("@{name}")});
    other.send("friend.accept", accept).await.expect("accepted");
    one.expect("friend.accepted").await;
}

/// The names of somebody's friends.
async fn friends(socket: &mut Socket) -> Vec<String> {
    let listed = socket.send("friend.list", json!({})).await;
    let listed = listed.expect("friends");
    let friends = listed["friends"].as_array().expect("a list").iter();
    friends
        .map(|friend| friend["name"].as_str().expect("a name").to_owned())
        .collect()
}

/// The names of a room's members.
async fn members(socket: &mut Socket, room: &str) -> Vec<String> {
    let listed = socket.send("room.members", json!({"room": room})).await;
    let listed = listed.expect("members");
    let members = listed["members"].as_array().expect("a list").iter();
    members
        .map(|member| member["name"].as_str().expect("a name").to_owned())
        .collect()
}

#[tokio::test]
async fn a_new_name_is_everywhere_and_the_old_one_is_free() {
    let stage = Stage::open().await;
    let ada = Person::sign_up(&stage.http(0), "ada").await;
    let grace = Person::sign_up(&stage.http(1), "grace").await;
    let room = ada.creates_room("general").await;
    let mut phone = ada.connect(&stage.ws(0)).await;
    let mut desk = ada.connect(&stage.ws(1)).await;
    let mut of_grace = grace.connect(&stage.ws(1)).await;
    let join = json!({"room": room});
    of_grace.send("room.join", join).await.expect("joined");
    befriend(&mut phone, &mut of_grace, "ada", "grace").await;

    let rename = async |name: &str, password: &str| {
        let body = json!({"name": name, "password": password});
        ada.post("/v1/account/rename", body).await
    };
    for (name, password, status, reason) in [
        ("GRACE", PASSWORD, 409, "USERNAME_TAKEN"),
        ("a b", PASSWORD, 422, "FIELD_INVALID"),
        ("lovelace", "wrong password", 401, "CREDENTIALS_INVALID"),
    ] {
        let (was, problem) = rename(name, password).await;
        assert_eq!(
            (was, &problem["reason"]),
            (status, &json!(reason)),
            "{name}"
        );
    }
    let (status, renamed) = rename("lovelace", PASSWORD).await;
    assert_eq!(status, 200, "{renamed}");
    assert_eq!(renamed["user"]["name"], "lovelace");
    for socket in [&mut phone, &mut desk] {
        let told = socket.expect("account.updated").await;
        assert_eq!(
            told.data["user"],
            json!({"id": ada.id(), "name": "lovelace"})
        );
    }
    let (status, account) = ada.get("/account").await;
    assert_eq!(
        (status, &account["user"]["name"]),
        (200, &json!("lovelace")),
        "the session stays"
    );
    eventually("members to know the name", HEARD, async || {
        let names = members(&mut of_grace, &room).await;
        (names.contains(&"lovelace".to_owned()) && !names.contains(&"ada".to_owned())).then_some(())
    })
    .await;
    eventually("friends to know the name", HEARD, async || {
        (friends(&mut of_grace).await == ["lovelace"]).then_some(())
    })
    .await;
    phone
        .send("message.send", json!({"room": room, "body": "it is me"}))
        .await
        .expect("sent");
    let heard = of_grace.expect_in(&room, "message.new").await;
    assert_eq!(heard.data["author"]["name"], "lovelace");

    assert_eq!(log_in(&stage.http(0), "ada").await.0, 401);
    let again = Person::log_in(&stage.http(1), "Lovelace", PASSWORD).await;
    assert_eq!(again.id(), ada.id());
    let other = Person::sign_up(&stage.http(0), "ada").await;
    assert_ne!(other.id(), ada.id());
    let found = of_grace
        .send("dm.send", json!({"to": "@lovelace", "body": "hello"}))
        .await;
    found.expect("the new name leads to the friend");
}

#[tokio::test]
async fn a_deactivated_person_is_gone_until_they_log_in() {
    let stage = Stage::open().await;
    let ada = Person::sign_up(&stage.http(0), "ada").await;
    let grace = Person::sign_up(&stage.http(1), "grace").await;
    let room = grace.creates_room("general").await;
    let mut phone = ada.connect(&stage.ws(0)).await;
    let mut desk = ada.connect(&stage.ws(1)).await;
    let mut of_grace = grace.connect(&stage.ws(1)).await;
    let join = json!({"room": room});
    phone.send("room.join", join).await.expect("joined");
    befriend(&mut phone, &mut of_grace, "ada", "grace").await;
    phone
        .send("message.send", json!({"room": room, "body": "bye for now"}))
        .await
        .expect("sent");

    let deactivate = "/v1/account/deactivate";
    let (status, problem) = ada.post(deactivate, json!({"password": "wrong"})).await;
    assert_eq!(
        (status, &problem["reason"]),
        (401, &json!("CREDENTIALS_INVALID"))
    );
    let (status, answer) = ada.post(deactivate, json!({"password": PASSWORD})).await;
    assert!([200, 204].contains(&status), "{status} {answer}");
    for socket in [&mut phone, &mut desk] {
        assert_eq!(socket.closed().await.code, 4101);
    }
    let (status, _) = ada.post("/v1/rooms", json!({"name": "mine"})).await;
    assert_eq!(status, 401);
    let console = Console::open(&stage).await;
    let found = console
        .call("AuthService/GetUser", json!({"name": "ada"}))
        .await;
    assert!(found.expect_err("hidden").contains("USER_NOT_FOUND"));
    let linus = Person::sign_up(&stage.http(0), "linus").await;
    let mut of_linus = linus.connect(&stage.ws(0)).await;
    let request = json!({"user": "@ada"});
    let refused = of_linus.send("friend.request", request).await;
    assert_eq!(refused.expect_err("hidden").reason, "USER_NOT_FOUND");
    let (status, problem) = {
        let body = json!({"username": "ada", "password": PASSWORD});
        let url = format!("{}/signup", stage.http(1));
        let request = reqwest::Client::new().post(url).json(&body);
        let response = request.send().await.expect("an answer");
        (response.status().as_u16(), response.json::<Value>().await)
    };
    assert_eq!(
        (status, &problem.expect("JSON")["reason"]),
        (409, &json!("USERNAME_TAKEN"))
    );

    let back = Person::log_in(&stage.http(1), "ada", PASSWORD).await;
    assert_eq!(back.id(), ada.id());
    let mut phone = back.connect(&stage.ws(0)).await;
    let rooms = phone.welcome["rooms"].as_array().expect("rooms");
    assert!(
        rooms.iter().any(|other| other["id"] == room.as_str()),
        "{rooms:?}"
    );
    assert_eq!(friends(&mut phone).await, ["grace"]);
    assert_eq!(friends(&mut of_grace).await, ["ada"]);
    phone
        .send("message.send", json!({"room": room, "body": "here again"}))
        .await
        .expect("sent");
    let found = console
        .done("AuthService/GetUser", json!({"name": "ada"}))
        .await;
    assert_eq!(found["user"]["userId"], ada.id());
}

#[tokio::test]
async fn an_export_holds_everything_of_one_s_own_and_nothing_of_others() {
    let stage = Stage::open().await;
    let ada = Person::sign_up(&stage.http(0), "ada").await;
    let grace = Person::sign_up(&stage.http(1), "grace").await;
    let room = ada.creates_room("general").await;
    let mut phone = ada.connect(&stage.ws(0)).await;
    let mut of_grace = grace.connect(&stage.ws(1)).await;
    let join = json!({"room": room});
    of_grace.send("room.join", join).await.expect("joined");
    befriend(&mut phone, &mut of_grace, "ada", "grace").await;
    for number in 0..120 {
        let data = json!({"room": room, "body": format!("own words {number}")});
        phone.send("message.send", data).await.expect("sent");
    }
    let secret = json!({"to": "@grace", "body": "between us"});
    let direct = phone.send("dm.send", secret).await.expect("sent");
    let theirs = json!({"room": room, "body": "words of grace"});
    of_grace.send("message.send", theirs).await.expect("sent");
    let report = json!({"user": "@grace", "category": "other", "note": "a note of mine"});
    phone.send("mod.report", report).await.expect("reported");

    let (status, export) = ada.get("/v1/account/export").await;
    assert_eq!(status, 200, "{export}");
    let text = export.to_string();
    for number in 0..120 {
        assert!(
            text.contains(&format!("\"own words {number}\"")),
            "message {number}"
        );
    }
    for own in [
        "between us",
        "a note of mine",
        ada.id(),
        grace.id(),
        &room,
        direct["room"].as_str().expect("a room"),
    ] {
        assert!(text.contains(own), "{own} is missing");
    }
    let (_, sessions) = ada.get("/v1/sessions").await;
    let sessions = sessions["sessions"].as_array().expect("sessions");
    assert!(!sessions.is_empty());
    for session in sessions {
        let id = session["id"].as_str().expect("an id");
        assert!(text.contains(id), "session {id} is missing");
    }
    for foreign in [
        "words of grace",
        &ada.account.session,
        &ada.account.token,
        "argon2",
    ] {
        assert!(!text.contains(foreign), "{foreign} is in the export");
    }
    let stranger = reqwest::get(format!("{}/v1/account/export", stage.http(0))).await;
    assert_eq!(stranger.expect("an answer").status(), 401);
}

/// Every place of the database that holds a text, as characters or as bytes.
async fn places(stage: &Stage, text: &str) -> Vec<String> {
    let mut connection = PgConnection::connect(&stage.postgres_url())
        .await
        .expect("connected");
    let tables = "select format('%I.%I', schemaname, tablename) from pg_tables \
        where schemaname not in ('pg_catalog', 'information_schema')";
    let tables = connection.fetch_all(tables).await.expect("tables");
    assert!(tables.len() > 20, "the services' tables are here");
    let hex: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
    let mut places = Vec::new();
    for table in tables {
        let table: String = table.get(0);
        let find = format!(
            "select t::text from {table} as t where t::text ilike '%{text}%' or t::text like '%{hex}%'"
        );
        let rows = connection.fetch_all(AssertSqlSafe(find)).await;
        for row in rows.expect("searched") {
            places.push(format!("{table}: {}", row.get::<String, _>(0)));
        }
    }
    places
}

/// Every key of Redis that holds a text, in its name or below it.
async fn keys(stage: &Stage, text: &str) -> Vec<String> {
    let client = redis::Client::open(stage.redis_url()).expect("a URL");
    let mut redis = client
        .get_multiplexed_async_connection()
        .await
        .expect("connected");
    let all: Vec<String> = redis.keys("*").await.expect("keys");
    let mut found = Vec::new();
    for key in all {
        let kind: String = redis::cmd("TYPE")
            .arg(&key)
            .query_async(&mut redis)
            .await
            .expect("a type");
        let read = match kind.as_str() {
            "none" => continue,
            "string" => redis::cmd("GET").arg(&key).to_owned(),
            "hash" => redis::cmd("HGETALL").arg(&key).to_owned(),
            "set" => redis::cmd("SMEMBERS").arg(&key).to_owned(),
            "list" | "zset" => {
                let command = if kind == "list" { "LRANGE" } else { "ZRANGE" };
                redis::cmd(command).arg(&key).arg(0).arg(-1).to_owned()
            }
            other => panic!("{key} is a {other}, which nobody looks into here"),
        };
        let value: redis::Value = read.query_async(&mut redis).await.expect("read");
        let value = contents(&value);
        if key.contains(text) || value.contains(text) {
            found.push(format!("{key}: {value}"));
        }
    }
    found
}

/// The text in a value of Redis.
fn contents(value: &redis::Value) -> String {
    match value {
        redis::Value::BulkString(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        redis::Value::Array(values) => {
            let texts: Vec<_> = values.iter().map(contents).collect();
            texts.join(" ")
        }
        other => format!("{other:?}"),
    }
}

#[tokio::test]
async fn an_erased_person_leaves_tombstones_and_nothing_else() {
    let stage = Stage::open().await;
    let root = stage.admin().await;
    // Words that stand nowhere else.
    let mark = format!("{:x}", std::process::id() ^ 0x00ca_4a21);
    let (word, name) = (format!("canary{mark}"), format!("wren{mark}"));
    let wren = Person::sign_up(&stage.http(0), &name).await;
    let ada = Person::sign_up(&stage.http(1), "ada").await;
    let room = ada.creates_room("general").await;
    let mut phone = wren.connect(&stage.ws(0)).await;
    let mut of_ada = ada.connect(&stage.ws(1)).await;
    let join = json!({"room": room});
    phone.send("room.join", join).await.expect("joined");
    befriend(&mut phone, &mut of_ada, &name, "ada").await;
    let body = format!("a {word} sings");
    let say = json!({"room": room, "body": body});
    let sent = phone.send("message.send", say).await.expect("sent");
    let edit = json!({"room": room, "message": sent["message"], "body": format!("{body} twice"), "rev": 1});
    phone.send("message.edit", edit).await.expect("edited");
    let thread = json!({"room": room, "title": format!("thread {word}")});
    phone.send("thread.create", thread).await.expect("opened");
    let direct = json!({"to": "@ada", "body": body});
    let direct = phone.send("dm.send", direct).await.expect("sent");
    let react = json!({"room": room, "message": sent["message"], "emoji": "🐦"});
    phone.send("reaction.add", react).await.expect("added");
    let status = json!({"status": "dnd", "text": format!("busy {word}")});
    phone.send("presence.set", status).await.expect("set");
    let report = json!({"user": "@ada", "category": "other", "note": format!("note {word}")});
    phone.send("mod.report", report).await.expect("reported");
    let report = json!({"message": sent["message"], "category": "spam", "note": "loud"});
    of_ada.send("mod.report", report).await.expect("reported");
    let reply = json!({"room": room, "body": "a reply stays", "replyTo": sent["message"]});
    of_ada.send("message.send", reply).await.expect("sent");
    // Others have written of them, each in their own name.
    let linus = Person::sign_up(&stage.http(0), "linus").await;
    let mut of_linus = linus.connect(&stage.ws(0)).await;
    let den = linus.creates_room("den").await;
    let join = json!({"room": den});
    phone.send("room.join", join).await.expect("joined");
    let kick = json!({"room": den, "user": wren.id(), "reason": "enough"});
    of_linus.send("mod.kick", kick).await.expect("kicked");
    let block = json!({"user": wren.id(), "mutual": true});
    of_linus.send("block.add", block).await.expect("blocked");
    let search = json!({"query": word, "room": room});
    let found = of_ada.send("message.search", search.clone()).await;
    assert_eq!(bodies(&found.expect("searched")["messages"]).len(), 1);
    assert!(
        !places(&stage, &word).await.is_empty(),
        "the search looks in the right places"
    );
    assert!(!places(&stage, &name).await.is_empty());

    let erase = "/v1/account/erase";
    let (status, problem) = wren.post(erase, json!({"password": "wrong"})).await;
    assert_eq!(
        (status, &problem["reason"]),
        (401, &json!("CREDENTIALS_INVALID"))
    );
    let (status, answer) = wren.post(erase, json!({"password": PASSWORD})).await;
    assert!([200, 204].contains(&status), "{status} {answer}");
    assert_eq!(phone.closed().await.code, 4101);
    assert_eq!(log_in(&stage.http(1), &name).await.0, 401);

    // Those who are there are told; those who come later find the tombstone at its place.
    let told = of_ada.wait_within(ERASED, |frame| {
        frame.kind == "message.deleted" && frame.data["message"] == sent["message"]
    });
    assert_eq!(
        told.await.expect("connected").room.as_deref(),
        Some(room.as_str())
    );
    let path = format!("/v1/rooms/{room}/messages?limit=100");
    let (_, page) = ada.get(&path).await;
    let messages = page["messages"].as_array().expect("messages");
    let tombstone = messages
        .iter()
        .find(|message| message["message"] == sent["message"]);
    let tombstone = tombstone.expect("its seq is kept");
    assert_eq!(
        (&tombstone["deleted"], &tombstone["body"], &tombstone["seq"]),
        (&json!(true), &json!(""), &sent["seq"])
    );
    assert_ne!(tombstone["author"]["name"], name.as_str());
    assert!(bodies(&page["messages"]).contains(&"a reply stays".to_owned()));
    let found = of_ada
        .send("message.search", search)
        .await
        .expect("searched");
    assert!(bodies(&found["messages"]).is_empty(), "{found}");
    eventually("the friend to be gone", ERASED, async || {
        friends(&mut of_ada).await.is_empty().then_some(())
    })
    .await;
    assert_eq!(members(&mut of_ada, &room).await, ["ada"]);
    let (_, page) = ada
        .get(&format!(
            "/v1/rooms/{}/messages",
            direct["room"].as_str().expect("a room")
        ))
        .await;
    assert!(
        bodies(&page["messages"]).iter().all(String::is_empty),
        "{page}"
    );

    for text in [&word, &name] {
        let mut left = Vec::new();
        let gone = devstack::wait::until(text, ERASED, async || {
            left = places(&stage, text).await;
            left.extend(keys(&stage, text).await);
            left.is_empty().then_some(())
        });
        let is_gone = gone.await.is_ok();
        assert!(is_gone, "{text} is left in {left:#?}");
    }
    // The name is anybody's now.
    let other = Person::sign_up(&stage.http(0), &name).await;
    assert_ne!(other.id(), wren.id());
    assert_eq!(root.get("/account").await.0, 200);
}
