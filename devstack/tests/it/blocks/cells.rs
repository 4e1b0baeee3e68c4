//! One function per surface: somebody acts, somebody else whom nobody blocks does the same after them, and it is looked
//! whether the first act was seen where the second one was.

use futures::future::BoxFuture;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use super::cast::{Cast, Seen, hears, id};
use crate::stage::bodies;

/// Tries one surface.
pub(super) type Cell = for<'a> fn(&'a mut Cast) -> BoxFuture<'a, Seen>;

macro_rules! cells {
    ($($surface:literal => $cell:ident,)*) => {
        &[$(($surface, |cast| Box::pin($cell(cast))),)*]
    };
}

/// Every surface, in the order of the table.
pub(super) const CELLS: &[(&str, Cell)] = cells! {
    "room message" => room_message,
    "direct" => direct,
    "thread" => thread,
    "mention" => mention,
    "reaction" => reaction,
    "typing" => typing,
    "presence" => presence,
    "search" => search,
    "history" => history,
    "resume" => resume,
    "invite" => invite,
    "friend request" => friend_request,
    "notification" => notification,
};

/// What shows again as soon as a block ends. The friendship does not come back with it.
pub(super) const AGAIN: &[(&str, Cell)] = cells! {
    "room message" => room_message,
    "thread" => thread,
    "mention" => mention,
    "reaction" => reaction,
    "typing" => typing,
    "presence" => presence,
    "search" => search,
    "history" => history,
    "resume" => resume,
    "invite" => invite,
    "notification" => notification,
};

/// Says the same twice in the room: the one who acts, and then the one whom nobody blocks.
async fn both_say(cast: &mut Cast, body: &str) -> (String, String) {
    let room = cast.room.clone();
    let own = cast.from.says(&room, body).await;
    let marker = cast.eve.says(&room, body).await;
    (own, marker)
}

fn names(value: &Value, what: &str) -> bool {
    value.as_str() == Some(what)
}

async fn room_message(cast: &mut Cast) -> Seen {
    let body = cast.words();
    let (own, marker) = both_say(cast, &body).await;
    let new = cast
        .hears(
            |frame| names(&frame.data["message"], &own),
            |frame| names(&frame.data["message"], &marker),
        )
        .await;
    let room = cast.room.clone();
    let edit = |message: &str| json!({"room": room, "message": message, "body": format!("{body} now"), "rev": 1});
    cast.from.does("message.edit", edit(&own)).await;
    cast.eve.does("message.edit", edit(&marker)).await;
    let is_edit = |message: &str, frame: &testkit::Frame| {
        frame.kind == "message.edited" && names(&frame.data["message"], message)
    };
    let edited = cast
        .hears(
            |frame| is_edit(&own, frame),
            |frame| is_edit(&marker, frame),
        )
        .await;
    Seen::agreed(&[("new", new), ("edited", edited)])
}

async fn direct(cast: &mut Cast) -> Seen {
    let (room, body) = (cast.direct.clone(), cast.words());
    let history = json!({"room": room});
    let before = cast.from.does("history.get", history.clone()).await;
    let (to, user) = (cast.to.name(), cast.to.person.id().to_owned());
    let ways = [
        ("dm.send", json!({"to": to, "body": body})),
        ("dm.send", json!({"to": user, "body": body})),
        ("message.send", json!({"room": room, "body": body})),
        ("thread.create", json!({"room": room, "title": body})),
    ];
    let mut done = Vec::new();
    for (kind, data) in ways {
        match cast.from.tries(kind, data).await {
            Ok(_) => done.push(kind),
            Err(refusal) => assert_eq!(
                refusal.reason, "RECIPIENT_UNAVAILABLE",
                "{kind}: {refusal:?}"
            ),
        }
    }
    // What was written before stays theirs, as it does when a friendship ends.
    let opened = cast.from.does("dm.open", json!({"user": to})).await;
    assert_eq!(opened["room"]["id"], json!(room));
    let after = cast.from.does("history.get", history).await;
    if done.is_empty() {
        assert_eq!(before, after, "what was refused is not there");
        return Seen::Refused;
    }
    assert_eq!(done.len(), 4, "{done:?} alone worked");
    Seen::Shown
}

async fn thread(cast: &mut Cast) -> Seen {
    let (room, title) = (cast.room.clone(), cast.words());
    let create = json!({"room": room, "title": title});
    let own = cast.from.does("thread.create", create.clone()).await;
    let common = cast.eve.does("thread.create", create).await;
    let (own, common) = (id(&own["thread"]["id"]), id(&common["thread"]["id"]));
    let created = cast
        .hears(
            |frame| names(&frame.data["thread"], &own),
            |frame| names(&frame.data["thread"], &common),
        )
        .await;
    let answer = json!({"room": room, "thread": common, "body": title});
    let said = cast.from.does("message.send", answer.clone()).await;
    let marker = cast.eve.does("message.send", answer).await;
    let said = id(&said["message"]);
    let answered = cast
        .hears(
            |frame| names(&frame.data["message"], &said),
            |frame| frame.data["message"] == marker["message"],
        )
        .await;
    let page = cast
        .to
        .does("history.get", json!({"room": room, "thread": common}))
        .await;
    let paged = has_message(&page["messages"], &said);
    let list = cast.to.does("thread.list", json!({"room": room})).await;
    let listed = list["threads"]
        .as_array()
        .expect("threads")
        .iter()
        .find(|thread| thread["id"] == common);
    let counted = listed.expect("a thread that all see")["unread"] == 2;
    Seen::agreed(&[
        ("created", created),
        ("answered", answered),
        ("paged", paged),
        ("counted", counted),
    ])
}

/// Whether a list of messages has one.
fn has_message(messages: &Value, message: &str) -> bool {
    let messages = messages
        .as_array()
        .unwrap_or_else(|| panic!("not a list: {messages}"));
    messages.iter().any(|each| names(&each["message"], message))
}

async fn mention(cast: &mut Cast) -> Seen {
    let room = cast.room.clone();
    let marker = cast.eve.says(&room, "now").await;
    let here = cast
        .to
        .socket
        .wait(|frame| names(&frame.data["message"], &marker))
        .await;
    let seq = here.expect("the connection lives").seq;
    let mark = json!({"room": room, "seq": seq});
    let before = cast.to.does("read.mark", mark.clone()).await;
    assert_eq!(
        (&before["unread"], &before["mentions"]),
        (&json!(0), &json!(0)),
        "{before}"
    );
    let body = format!("{} {}", cast.to.name(), cast.words());
    both_say(cast, &body).await;
    let after = cast.to.does("read.mark", mark).await;
    let welcome = cast.second_device().await.welcome;
    let rooms = welcome["rooms"].as_array().expect("rooms");
    let fresh = rooms
        .iter()
        .find(|each| names(&each["id"], &room))
        .expect("the room");
    let counts = [
        &after["mentions"],
        &after["unread"],
        &fresh["mentions"],
        &fresh["unread"],
    ];
    let counts = counts.map(|count| {
        count
            .as_i64()
            .unwrap_or_else(|| panic!("no count: {after} {fresh}"))
    });
    assert!(
        counts.iter().all(|count| (1..=2).contains(count)),
        "{counts:?}"
    );
    Seen::agreed(&[
        ("mentions", counts[0] == 2),
        ("unread", counts[1] == 2),
        ("mentions at the next start", counts[2] == 2),
        ("unread at the next start", counts[3] == 2),
    ])
}

async fn reaction(cast: &mut Cast) -> Seen {
    let room = cast.room.clone();
    let message = cast.sam.says(&room, "what do you think?").await;
    let react = |emoji: &str| json!({"room": room, "message": message, "emoji": emoji});
    cast.from.does("reaction.add", react("👍")).await;
    cast.eve.does("reaction.add", react("🎉")).await;
    let changed = cast
        .hears(
            |frame| frame.data["emoji"] == "👍",
            |frame| frame.data["emoji"] == "🎉",
        )
        .await;
    let got = cast
        .to
        .does("message.get", json!({"message": message}))
        .await;
    let reactions = got["message"]["reactions"].as_array().expect("reactions");
    let has = |emoji: &str| reactions.iter().any(|reaction| reaction["emoji"] == emoji);
    assert!(has("🎉"), "{got}");
    Seen::agreed(&[("live", changed), ("read", has("👍"))])
}

async fn typing(cast: &mut Cast) -> Seen {
    let mark = json!({"room": cast.room, "on": true});
    let (own, other) = (
        cast.from.person.id().to_owned(),
        cast.eve.person.id().to_owned(),
    );
    cast.from.does("typing", mark.clone()).await;
    cast.eve.does("typing", mark).await;
    let is_of = |user: &str, frame: &testkit::Frame| {
        frame.kind == "typing" && names(&frame.data["user"], user)
    };
    let live = cast
        .hears(|frame| is_of(&own, frame), |frame| is_of(&other, frame))
        .await;
    Seen::agreed(&[("live", live)])
}

async fn presence(cast: &mut Cast) -> Seen {
    let (own, other) = (
        cast.from.person.id().to_owned(),
        cast.eve.person.id().to_owned(),
    );
    let watch = json!({"users": [own, other]});
    let deadline = tokio::time::Instant::now() + testkit::PATIENCE;
    // Who is online is told a moment after they came; both came at the same gateway.
    let snapshot = loop {
        let watched = cast.to.does("presence.watch", watch.clone()).await;
        if watched["users"][1]["status"] == "online" {
            break watched;
        }
        assert!(
            tokio::time::Instant::now() < deadline,
            "nobody comes online: {watched}"
        );
    };
    let of_own = &snapshot["users"][0];
    let listed = of_own["status"] != "offline";
    if !listed {
        assert_eq!(
            of_own,
            &json!({"user": own, "status": "offline"}),
            "nothing but that"
        );
    }
    let text = cast.words();
    let status = json!({"status": "dnd", "text": text});
    cast.from.does("presence.set", status.clone()).await;
    cast.eve.does("presence.set", status).await;
    let is_of = |user: &str, frame: &testkit::Frame| {
        frame.kind == "presence.changed"
            && names(&frame.data["user"], user)
            && frame.data["status"] == "dnd"
    };
    let changed = cast
        .hears(|frame| is_of(&own, frame), |frame| is_of(&other, frame))
        .await;
    for player in [&mut cast.from, &mut cast.eve] {
        player
            .does("presence.set", json!({"status": "online"}))
            .await;
    }
    Seen::agreed(&[("listed", listed), ("changed", changed)])
}

async fn search(cast: &mut Cast) -> Seen {
    let body = cast.words();
    let (own, marker) = both_say(cast, &body).await;
    let mut ways = Vec::new();
    for (way, question) in [
        ("everywhere", json!({"query": body})),
        ("in the room", json!({"query": body, "room": cast.room})),
    ] {
        let found = cast.to.does("message.search", question).await;
        assert!(has_message(&found["messages"], &marker), "{found}");
        ways.push((way, has_message(&found["messages"], &own)));
    }
    Seen::agreed(&ways)
}

async fn history(cast: &mut Cast) -> Seen {
    let (room, body) = (cast.room.clone(), cast.words());
    let (own, marker) = both_say(cast, &body).await;
    let page = cast.to.does("history.get", json!({"room": room})).await;
    let joined = cast.to.does("room.join", json!({"room": room})).await;
    let (status, rest) = cast
        .to
        .person
        .get(&format!("/v1/rooms/{room}/messages"))
        .await;
    assert_eq!(status, 200, "{rest}");
    let head = joined["head"].as_i64().expect("a head");
    let synced = cast
        .to
        .does("history.sync", json!({"room": room, "after": head - 2}))
        .await;
    let synced: Vec<_> = synced["events"]
        .as_array()
        .expect("events")
        .iter()
        .map(|event| event["data"].clone())
        .collect();
    let mut ways = Vec::new();
    for (way, messages) in [
        ("page", &page["messages"]),
        ("join", &joined["messages"]),
        ("REST", &rest["messages"]),
        ("sync", &json!(synced)),
    ] {
        assert!(
            has_message(messages, &marker),
            "{way}: {:?}",
            bodies(messages)
        );
        ways.push((way, has_message(messages, &own)));
    }
    let alone = cast.to.tries("message.get", json!({"message": own})).await;
    if let Err(refusal) = &alone {
        assert_eq!(refusal.reason, "MESSAGE_NOT_FOUND");
    }
    ways.push(("alone", alone.is_ok()));
    Seen::agreed(&ways)
}

async fn resume(cast: &mut Cast) -> Seen {
    let mut device = cast.second_device().await;
    let (room, body) = (cast.room.clone(), cast.words());
    let here = cast.eve.says(&room, "now").await;
    let is_here = |frame: &testkit::Frame| names(&frame.data["message"], &here);
    device.wait(is_here).await.expect("the connection lives");
    device.message(Message::Close(None)).await;
    device.closed().await;
    let (own, marker) = both_say(cast, &body).await;
    let mut back = cast.resumes(&device).await;
    assert_eq!(back.welcome["resumed"], true);
    let must_come = cast.expected == Seen::Shown;
    let replayed = hears(
        &mut back,
        must_come,
        |frame| names(&frame.data["message"], &own),
        |frame| names(&frame.data["message"], &marker) && frame.is_replayed,
    )
    .await;
    Seen::agreed(&[("replayed", replayed)])
}

async fn invite(cast: &mut Cast) -> Seen {
    let user = cast.to.name();
    let mut rooms = Vec::new();
    for player in [&mut cast.from, &mut cast.eve] {
        let name = format!("party-{}", uuid::Uuid::now_v7().simple());
        let made = player
            .does("room.create", json!({"name": name, "private": true}))
            .await;
        let room = id(&made["room"]["id"]);
        player
            .does("room.invite", json!({"room": room, "user": user}))
            .await;
        rooms.push(room);
    }
    let is_to = |room: &str, frame: &testkit::Frame| {
        frame.kind == "room.invited" && names(&frame.data["room"], room)
    };
    let told = cast
        .hears(
            |frame| is_to(&rooms[0], frame),
            |frame| is_to(&rooms[1], frame),
        )
        .await;
    let list = cast
        .to
        .does("room.list", json!({"query": "party-", "limit": 100}))
        .await;
    let list = list["rooms"].as_array().expect("rooms");
    let has = |room: &str| list.iter().any(|each| names(&each["id"], room));
    assert!(has(&rooms[1]), "{list:?}");
    Seen::agreed(&[("told", told), ("listed", has(&rooms[0]))])
}

async fn friend_request(cast: &mut Cast) -> Seen {
    let user = json!({"user": cast.to.name()});
    if let Err(refusal) = cast.from.tries("friend.request", user.clone()).await {
        assert_eq!(refusal.reason, "FIELD_INVALID", "{refusal:?}");
        return Seen::Refused;
    }
    cast.sam.does("friend.request", user.clone()).await;
    let is_from = |name: &str, frame: &testkit::Frame| {
        frame.kind == "friend.requested" && frame.data["from"]["name"] == name
    };
    let told = cast
        .hears(
            |frame| is_from("from", frame),
            |frame| is_from("sam", frame),
        )
        .await;
    let list = cast.to.does("friend.list", json!({})).await;
    let incoming = list["incoming"].as_array().expect("requests");
    let has = |name: &str| {
        incoming
            .iter()
            .any(|request| request["user"]["name"] == name)
    };
    assert!(has("sam"), "{list}");
    for player in [&mut cast.from, &mut cast.sam] {
        player.does("friend.cancel", user.clone()).await;
    }
    Seen::agreed(&[("told", told), ("listed", has("from"))])
}

async fn notification(cast: &mut Cast) -> Seen {
    let body = format!("{} {}", cast.to.name(), cast.words());
    let (own, marker) = both_say(cast, &body).await;
    let is_about = |message: &str, frame: &testkit::Frame| {
        frame.kind == "notify.new" && names(&frame.data["data"]["message"], message)
    };
    let told = cast
        .hears(
            |frame| is_about(&own, frame),
            |frame| is_about(&marker, frame),
        )
        .await;
    let list = cast.to.does("notify.list", json!({})).await;
    let list = list["notifications"].as_array().expect("notifications");
    let has = |message: &str| {
        list.iter()
            .any(|each| names(&each["data"]["message"], message))
    };
    assert!(has(&marker), "{list:?}");
    Seen::agreed(&[("told", told), ("listed", has(&own))])
}
