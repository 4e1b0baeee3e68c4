//! Keeping order in a room.

use std::time::{Duration, Instant};

use serde_json::json;
use testkit::Person;

use super::{SOON, does, hears_of, now_ms, reason, says};
use crate::{console::eventually, stage::Stage};

#[tokio::test]
async fn whoever_is_put_out_hears_and_says_nothing_more() {
    let stage = Stage::open().await;
    let ada = Person::sign_up(&stage.http(0), "ada").await;
    let bob = Person::sign_up(&stage.http(1), "bob").await;
    let room = ada.creates_room("general").await;
    let mut of_ada = ada.connect(&stage.ws(0)).await;
    let mut desk = bob.connect(&stage.ws(0)).await;
    let mut phone = bob.connect(&stage.ws(1)).await;
    does(&mut desk, "room.join", json!({"room": room})).await;
    phone.expect_in(&room, "room.memberJoined").await;

    let kick = json!({"room": room, "user": "@bob", "reason": "noise"});
    does(&mut of_ada, "mod.kick", kick).await;
    let kicked = Instant::now();
    assert_eq!(
        reason(
            &mut desk,
            "message.send",
            json!({"room": room, "body": "no"})
        )
        .await,
        "NOT_A_MEMBER"
    );
    assert_eq!(
        reason(
            &mut phone,
            "message.send",
            json!({"room": room, "body": "no"})
        )
        .await,
        "NOT_A_MEMBER"
    );
    for device in [&mut desk, &mut phone] {
        let told = device.expect("mod.kicked").await.data;
        assert_eq!(
            (&told["room"], &told["reason"]),
            (&json!(room), &json!("noise"))
        );
        assert_eq!(
            device.expect_in(&room, "room.memberLeft").await.data["reason"],
            "kicked"
        );
    }
    assert!(kicked.elapsed() < SOON, "took {:?}", kicked.elapsed());
    says(&mut of_ada, &room, "behind his back").await;
    // He may come back; what was said between is history, and nothing of it was delivered.
    does(&mut phone, "room.join", json!({"room": room})).await;
    let message = says(&mut of_ada, &room, "welcome back").await["message"].clone();
    for device in [&mut desk, &mut phone] {
        hears_of(device, "message.new", &message).await;
        let heard: Vec<_> = device.take_unread();
        assert!(
            heard
                .iter()
                .all(|frame| frame.data["body"] != "behind his back"),
            "{heard:#?}"
        );
    }
}

#[tokio::test]
async fn silence_has_an_end() {
    let stage = Stage::open().await;
    let ada = Person::sign_up(&stage.http(0), "ada").await;
    let bob = Person::sign_up(&stage.http(1), "bob").await;
    let room = ada.creates_room("general").await;
    let mut of_ada = ada.connect(&stage.ws(0)).await;
    let mut of_bob = bob.connect(&stage.ws(1)).await;
    does(&mut of_bob, "room.join", json!({"room": room})).await;
    let message = says(&mut of_ada, &room, "well?").await["message"].clone();
    let send = json!({"room": room, "body": "well"});

    // Until a time that does not come in this test.
    let until = now_ms() + 60_000;
    let mute = json!({"room": room, "user": "@bob", "until": until, "reason": "noise"});
    assert_eq!(
        reason(&mut of_bob, "mod.mute", mute.clone()).await,
        "PERMISSION_DENIED"
    );
    does(&mut of_ada, "mod.mute", mute).await;
    let told = of_bob.expect("mod.muted").await.data;
    assert_eq!(
        (&told["room"], &told["until"]),
        (&json!(room), &json!(until))
    );
    let refusal = of_bob
        .send("message.send", send.clone())
        .await
        .expect_err("muted");
    assert_eq!(refusal.reason, "ROOM_MUTED");
    assert!(
        (1..=60_000).contains(&refusal.retry_after_ms),
        "{refusal:?}"
    );
    for (kind, data) in [
        (
            "reaction.add",
            json!({"room": room, "message": message, "emoji": "👍"}),
        ),
        ("thread.create", json!({"room": room, "title": "loud"})),
    ] {
        assert_eq!(
            reason(&mut of_bob, kind, data).await,
            "ROOM_MUTED",
            "{kind}"
        );
    }
    does(&mut of_bob, "history.get", json!({"room": room})).await;
    does(
        &mut of_ada,
        "mod.unmute",
        json!({"room": room, "user": "@bob"}),
    )
    .await;
    of_bob.expect("mod.unmuted").await;
    does(&mut of_bob, "message.send", send.clone()).await;

    // Until a time that does, and not before he has tried.
    let until = now_ms() + 6_000;
    does(
        &mut of_ada,
        "mod.mute",
        json!({"room": room, "user": "@bob", "until": until}),
    )
    .await;
    let mut refused = 0;
    eventually("the mute to end", Duration::from_secs(20), async || {
        let sent = of_bob.send("message.send", send.clone()).await;
        let Err(refusal) = sent else {
            return Some(());
        };
        assert_eq!(refusal.reason, "ROOM_MUTED");
        refused += 1;
        None
    })
    .await;
    assert!(refused > 0 && now_ms() >= until, "it ended before its time");

    // A room can be slow, for all but those who moderate it.
    does(
        &mut of_ada,
        "room.update",
        json!({"room": room, "slowModeMs": 60_000, "topic": "calm"}),
    )
    .await;
    let told = of_bob.expect_in(&room, "room.updated").await.data;
    assert_eq!(
        (&told["slowModeMs"], &told["topic"]),
        (&json!(60_000), &json!("calm"))
    );
    does(&mut of_bob, "message.send", send.clone()).await;
    let refusal = of_bob
        .send("message.send", send.clone())
        .await
        .expect_err("too soon");
    assert_eq!(
        (refusal.reason.as_str(), refusal.retry),
        ("SLOW_MODE", true)
    );
    assert!(
        (1..=60_000).contains(&refusal.retry_after_ms),
        "{refusal:?}"
    );
    for _ in 0..2 {
        says(&mut of_ada, &room, "I moderate").await;
    }
    does(
        &mut of_ada,
        "room.update",
        json!({"room": room, "slowModeMs": 0}),
    )
    .await;
    for _ in 0..2 {
        does(&mut of_bob, "message.send", send.clone()).await;
    }
}

#[tokio::test]
async fn a_room_changes_hands() {
    let stage = Stage::open().await;
    let ada = Person::sign_up(&stage.http(0), "ada").await;
    let bob = Person::sign_up(&stage.http(1), "bob").await;
    let room = ada.creates_room("general").await;
    let mut of_ada = ada.connect(&stage.ws(0)).await;
    let mut of_bob = bob.connect(&stage.ws(1)).await;
    does(&mut of_bob, "room.join", json!({"room": room})).await;
    let rename = json!({"room": room, "name": "parlour"});
    assert_eq!(
        reason(&mut of_bob, "room.update", rename.clone()).await,
        "PERMISSION_DENIED"
    );
    does(
        &mut of_ada,
        "room.transfer",
        json!({"room": room, "user": "@bob"}),
    )
    .await;
    for socket in [&mut of_ada, &mut of_bob] {
        let mut roles = Vec::new();
        for _ in 0..2 {
            let told = socket.expect_in(&room, "room.roleChanged").await.data;
            roles.push(format!(
                "{} {}",
                told["user"]["name"].as_str().expect("a name"),
                told["role"].as_str().expect("a role")
            ));
        }
        roles.sort();
        assert_eq!(roles, ["ada moderator", "bob owner"]);
    }
    let again = json!({"room": room, "user": "@ada"});
    assert_eq!(
        reason(&mut of_ada, "room.transfer", again).await,
        "PERMISSION_DENIED"
    );
    assert_eq!(
        reason(&mut of_ada, "room.update", rename.clone()).await,
        "PERMISSION_DENIED"
    );
    let updated = does(&mut of_bob, "room.update", rename).await;
    assert_eq!(updated["room"]["name"], "parlour");
    assert_eq!(
        of_ada.expect_in(&room, "room.updated").await.data["name"],
        "parlour"
    );
    says(&mut of_ada, "#parlour", "still here").await;

    assert_eq!(
        reason(&mut of_ada, "room.delete", json!({"room": room})).await,
        "PERMISSION_DENIED"
    );
    does(&mut of_bob, "room.delete", json!({"room": room})).await;
    for socket in [&mut of_ada, &mut of_bob] {
        socket.expect_in(&room, "room.deleted").await;
        let send = json!({"room": room, "body": "anybody?"});
        assert_eq!(reason(socket, "message.send", send).await, "NOT_A_MEMBER");
        assert_eq!(
            reason(socket, "room.get", json!({"room": room})).await,
            "ROOM_NOT_FOUND"
        );
    }
}
