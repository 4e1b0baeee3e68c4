//! The block matrix: every surface, in every direction, as `docs/blocks.md` shows it.

mod cast;
mod cells;

use std::{
    any::Any,
    collections::BTreeMap,
    panic::AssertUnwindSafe,
    sync::atomic::{AtomicBool, AtomicU32, Ordering},
};

use futures::FutureExt;
use serde_json::{Value, json};
use testkit::Refusal;

use cast::{Acting, Cast, Player, Seen, befriend};
use cells::{AGAIN, CELLS, Cell};

const PAGE: &str = include_str!("../../../docs/blocks.md");

/// Reads one column of the page's table: surface → what is seen.
fn column(number: usize) -> BTreeMap<&'static str, Seen> {
    let rows = PAGE.lines().filter(|line| line.starts_with("| "));
    let cells = rows.map(|row| row.split('|').map(str::trim).skip(1).collect::<Vec<_>>());
    let column: BTreeMap<_, _> = cells
        .skip(1)
        .map(|cells| (cells[0], Seen::read(cells[number])))
        .collect();
    let surfaces: Vec<_> = CELLS.iter().map(|(surface, _)| *surface).collect();
    assert_eq!(
        column.len(),
        surfaces.len(),
        "the page and the tests have the same surfaces"
    );
    assert!(
        surfaces.iter().all(|surface| column.contains_key(surface)),
        "{surfaces:?}"
    );
    column
}

/// Tries surfaces one by one and returns what is wrong with which.
async fn failures(
    cast: &mut Cast,
    cells: &[(&str, Cell)],
    expected: impl Fn(&str) -> Seen,
) -> Vec<String> {
    let mut failures = Vec::new();
    for (surface, cell) in cells {
        cast.expected = expected(surface);
        let seen = AssertUnwindSafe(cell(cast)).catch_unwind().await;
        match seen {
            Ok(seen) if seen == cast.expected => {}
            Ok(seen) => failures.push(format!("{surface}: {seen:?}, not {:?}", cast.expected)),
            Err(panic) => failures.push(format!("{surface}: {}", text(&*panic))),
        }
        // What is left over of one cell does not concern the next.
        cast.to.socket.settle().await;
    }
    failures
}

fn text(panic: &(dyn Any + Send)) -> &str {
    let owned = panic.downcast_ref::<String>().map(String::as_str);
    owned
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("it panicked")
}

/// Plays one column of the table, and what shows again when the block ends.
async fn play(number: usize, acting: Acting, is_mutual: bool) -> Cast {
    let expected = column(number);
    let mut cast = Cast::assemble(acting, is_mutual).await;
    let wrong = failures(&mut cast, CELLS, |surface| expected[surface].clone()).await;
    assert!(wrong.is_empty(), "under the block:\n{}", wrong.join("\n"));

    let (room, body) = (cast.room.clone(), cast.words());
    let meanwhile = cast.from.says(&room, &body).await;
    cast.unblock(acting).await;
    let got = cast
        .to
        .does("message.get", json!({"message": meanwhile}))
        .await;
    assert_eq!(got["message"]["body"], body, "what was hidden is there");
    let wrong = failures(&mut cast, AGAIN, |_| Seen::Shown).await;
    assert!(wrong.is_empty(), "after the block:\n{}", wrong.join("\n"));
    cast
}

#[tokio::test]
async fn the_blocker_sees_nothing_of_the_blocked() {
    play(1, Acting::Blocked, false).await;
}

#[tokio::test]
async fn the_blocked_sees_the_blocker_where_rooms_are_shared() {
    play(2, Acting::Blocker, false).await;
}

#[tokio::test]
async fn a_mutual_block_hides_both() {
    play(3, Acting::Blocker, true).await;
}

/// An answer without what differs between any two requests.
fn comparable(answer: Result<Value, Refusal>) -> Value {
    match answer {
        Ok(mut data) => {
            mask(&mut data);
            json!({ "ok": data })
        }
        Err(refusal) => json!({"error": format!("{refusal:?}")}),
    }
}

/// Blanks ids and places; what kind of value stood there remains.
fn mask(value: &mut Value) {
    match value {
        Value::String(text) if text.parse::<uuid::Uuid>().is_ok() => "id".clone_into(text),
        Value::Array(items) => items.iter_mut().for_each(mask),
        Value::Object(fields) => {
            for (name, field) in fields {
                if matches!(name.as_str(), "seq" | "at" | "createdAt") && field.is_i64() {
                    *field = json!("number");
                }
                mask(field);
            }
        }
        _ => {}
    }
}

/// Everything that somebody may try on another person, and the answers.
async fn tries_everything(
    player: &mut Player,
    emoji: &str,
    room: &str,
    message: &str,
) -> Vec<(String, Value)> {
    let own = format!("room-of-{}", player.person.name);
    let made = player
        .does("room.create", json!({"name": own, "private": true}))
        .await;
    let own = cast::id(&made["room"]["id"]);
    let steps = [
        ("message.get", json!({"message": message})),
        ("room.members", json!({"room": room})),
        ("dm.open", json!({"user": "@to"})),
        ("dm.send", json!({"to": "@to", "body": "hello"})),
        ("friend.accept", json!({"user": "@to"})),
        ("friend.decline", json!({"user": "@to"})),
        ("friend.cancel", json!({"user": "@to"})),
        ("friend.remove", json!({"user": "@to"})),
        ("friend.request", json!({"user": "@to", "note": "please"})),
        ("friend.request", json!({"user": "@to", "note": "please"})),
        ("friend.cancel", json!({"user": "@to"})),
        ("friend.cancel", json!({"user": "@to"})),
        ("message.send", json!({"room": room, "body": "@to hello"})),
        (
            "message.send",
            json!({"room": room, "body": "hello", "replyTo": message}),
        ),
        (
            "message.send",
            json!({"room": room, "body": "hello", "thread": message}),
        ),
        (
            "reaction.add",
            json!({"room": room, "message": message, "emoji": emoji}),
        ),
        (
            "reaction.remove",
            json!({"room": room, "message": message, "emoji": emoji}),
        ),
        (
            "message.edit",
            json!({"room": room, "message": message, "body": "mine", "rev": 1}),
        ),
        (
            "message.delete",
            json!({"room": room, "message": message, "scope": "everyone"}),
        ),
        ("message.pin", json!({"room": room, "message": message})),
        ("message.search", json!({"query": "original", "room": room})),
        ("room.invite", json!({"room": own, "user": "@to"})),
        ("room.invite", json!({"room": own, "user": "@to"})),
        (
            "room.role",
            json!({"room": own, "user": "@to", "role": "moderator"}),
        ),
        ("mod.kick", json!({"room": own, "user": "@to"})),
        ("typing", json!({"room": room, "on": true})),
        ("mod.report", json!({"user": "@to", "category": "other"})),
        ("block.add", json!({"user": "@to"})),
        ("block.list", json!({})),
        ("block.remove", json!({"user": "@to"})),
    ];
    let mut answers = Vec::new();
    for (kind, data) in steps {
        let answer = player.tries(kind, data.clone()).await;
        answers.push((
            format!("{kind} {data}").replace(&own, "own"),
            comparable(answer),
        ));
    }
    answers
}

/// Fails with every answer by which the blocked one could tell what they are.
fn assert_same(who: &str, blocked: &[(String, Value)], other: &[(String, Value)]) {
    let pairs = blocked.iter().zip(other);
    let different: Vec<_> = pairs
        .filter(|(blocked, other)| blocked.1 != other.1)
        .map(|(blocked, other)| {
            let (asked, blocked, other) = (&blocked.0, &blocked.1, &other.1);
            format!("{asked}\n  blocked: {blocked}\n  {who}: {other}")
        })
        .collect();
    assert!(different.is_empty(), "{}", different.join("\n"));
}

#[tokio::test]
async fn the_blocked_one_gets_the_answers_of_somebody_whose_friendship_ended() {
    let mut cast = Cast::assemble(Acting::Blocked, false).await;
    let Cast { to, sam, .. } = &mut cast;
    befriend(sam, to).await;
    to.does("dm.send", json!({"to": "@sam", "body": "before"}))
        .await;
    to.does("friend.remove", json!({"user": "@sam"})).await;
    let room = cast.room.clone();
    let message = cast.to.says(&room, "original").await;
    let blocked = tries_everything(&mut cast.from, "👍", &room, &message).await;
    let unfriended = tries_everything(&mut cast.sam, "🎉", &room, &message).await;
    assert_same("unfriended", &blocked, &unfriended);
}

#[tokio::test]
async fn the_blocked_one_gets_the_answers_of_a_stranger() {
    let mut cast = Cast::assemble(Acting::Blocked, false).await;
    let room = cast.room.clone();
    // Of somebody whom all can see: a block both ways hides the blocker's own.
    let message = cast.eve.says(&room, "original").await;
    let mut outsider = cast.outsider("zoe").await;
    for (name, is_mutual) in [("una", false), ("uma", true)] {
        let mut blocked = cast.outsider(name).await;
        let mut stranger = cast.outsider(&format!("{name}-twin")).await;
        for player in [&mut blocked, &mut stranger] {
            player.does("room.join", json!({"room": room})).await;
        }
        let block = json!({"user": blocked.name(), "mutual": is_mutual});
        cast.to.does("block.add", block).await;
        blocked.catches_up().await;
        let of_blocked = tries_everything(&mut blocked, "👍", &room, &message).await;
        let of_stranger = tries_everything(&mut stranger, "🎉", &room, &message).await;
        assert_same("stranger", &of_blocked, &of_stranger);

        // Presence: as of somebody with whom one shares nothing.
        let watch = json!({"users": [cast.to.person.id()]});
        let seen = blocked.does("presence.watch", watch.clone()).await;
        assert_eq!(seen, outsider.does("presence.watch", watch).await);
        // And as of somebody who does not exist.
        let nobody = "0198c0de-0000-7000-8000-000000000000";
        for kind in ["dm.open", "dm.send"] {
            let data = |user: &str| json!({"user": user, "to": user, "body": "hello"});
            let refusal = blocked.tries(kind, data(cast.to.person.id())).await;
            let refusal = refusal.expect_err("refused");
            assert_eq!(refusal.reason, "RECIPIENT_UNAVAILABLE", "{kind}");
            let of_nobody = stranger.tries(kind, data(nobody)).await;
            assert_eq!(refusal, of_nobody.expect_err("refused"), "{kind}");
        }
    }
}

/// Writes to the other until a few messages were refused that were begun after the block was acknowledged; returns the
/// texts that were accepted.
async fn writes_on(
    player: &mut Player,
    round: u32,
    sent: &AtomicU32,
    is_acked: &AtomicBool,
) -> Vec<String> {
    let (mut accepted, mut late) = (Vec::new(), 0);
    while late < 3 || sent.load(Ordering::SeqCst) < 10 {
        let was_acked = is_acked.load(Ordering::SeqCst);
        let number = sent.fetch_add(1, Ordering::SeqCst);
        let body = format!("{round}-{number}");
        match player
            .tries("dm.send", json!({"to": "@to", "body": body}))
            .await
        {
            Ok(_) => {
                assert!(
                    !was_acked,
                    "{body} was begun after the block's ok and accepted"
                );
                accepted.push(body);
            }
            Err(refusal) => assert_eq!(refusal.reason, "RECIPIENT_UNAVAILABLE", "{refusal:?}"),
        }
        late += u32::from(was_acked);
    }
    accepted
}

#[tokio::test]
async fn a_race_between_a_block_and_direct_messages_leaves_nothing_after_the_block() {
    let mut cast = Cast::assemble(Acting::Blocked, false).await;
    cast.unblock(Acting::Blocked).await;
    befriend(&mut cast.from, &mut cast.to).await;
    let direct = json!({"room": cast.direct, "limit": 100});
    let mut written = vec!["before".to_owned()];
    let mut total = 0;
    for round in 0..5 {
        let (sent, is_acked) = (AtomicU32::new(0), AtomicBool::new(false));
        let Cast { from, to, .. } = &mut cast;
        let blocking = async {
            // A little later in every round.
            while sent.load(Ordering::SeqCst) <= round {
                tokio::task::yield_now().await;
            }
            to.does("block.add", json!({"user": "@from"})).await;
            is_acked.store(true, Ordering::SeqCst);
        };
        let (accepted, ()) = tokio::join!(writes_on(from, round, &sent, &is_acked), blocking);
        written.extend(accepted);
        total += sent.load(Ordering::SeqCst);
        to.does("block.remove", json!({"user": "@from"})).await;
        befriend(from, to).await;
        for player in [from, to] {
            let page = player.does("history.get", direct.clone()).await;
            assert_eq!(
                crate::stage::bodies(&page["messages"]),
                written,
                "round {round}, {}",
                player.person.name
            );
        }
    }
    assert!(total >= 50, "{total} messages raced");
}
