//! Two people on two gateways hold a conversation.

use serde_json::json;
use testkit::Person;

use crate::stage::{Stage, bodies};

#[tokio::test]
async fn people_on_two_gateways_see_one_order() {
    let stage = Stage::open().await;
    let ada = Person::sign_up(&stage.http(0), "ada").await;
    let grace = Person::sign_up(&stage.http(1), "grace").await;
    let room = ada.creates_room("general").await;
    let mut of_ada = ada.connect(&stage.ws(0)).await;
    let mut of_grace = grace.connect(&stage.ws(1)).await;
    let joined = of_grace
        .send("room.join", json!({"room": "#general"}))
        .await
        .expect("joined");
    assert_eq!(joined["room"]["id"], room);
    assert_eq!(
        of_ada.expect_in(&room, "room.memberJoined").await.data["user"]["name"],
        "grace"
    );

    for turn in 0..10 {
        let (speaker, body) = if turn % 2 == 0 {
            (&mut of_ada, "ada")
        } else {
            (&mut of_grace, "grace")
        };
        let body = format!("{body} {turn}");
        let sent = speaker
            .send("message.send", json!({"room": room, "body": body}))
            .await
            .expect("sent");
        assert!(
            sent["seq"].is_i64() && sent["message"].is_string() && sent["at"].is_i64(),
            "{sent}"
        );
    }
    let mut seen = Vec::new();
    for socket in [&mut of_ada, &mut of_grace] {
        let mut messages = Vec::new();
        for _ in 0..10 {
            messages.push(socket.expect_in(&room, "message.new").await);
        }
        for pair in messages.windows(2) {
            assert_eq!(pair[1].seq, pair[0].seq.map(|seq| seq + 1), "no holes");
            assert_eq!(
                pair[1].prev, pair[0].seq,
                "prev is what this connection was told last"
            );
        }
        seen.push(
            messages
                .iter()
                .map(|frame| (frame.seq, frame.data.clone()))
                .collect::<Vec<_>>(),
        );
    }
    assert_eq!(
        seen[0], seen[1],
        "both see the same messages at the same places"
    );
    let first = &seen[0][0].1;
    assert_eq!(
        (&first["author"]["name"], &first["body"], &first["rev"]),
        (&json!("ada"), &json!("ada 0"), &json!(1))
    );
    assert!(
        first["key"].is_string(),
        "the author recognises its own message by the key"
    );
}

#[tokio::test]
async fn a_repeat_gives_the_first_answer_and_other_data_is_a_conflict() {
    let stage = Stage::open().await;
    let ada = Person::sign_up(&stage.http(0), "ada").await;
    let room = ada.creates_room("general").await;
    let mut here = ada.connect(&stage.ws(0)).await;
    let mut there = ada.connect(&stage.ws(1)).await;
    let data = json!({"room": room, "body": "once"});
    let first = here
        .send_keyed("message.send", "key-1", data.clone())
        .await
        .expect("stored");
    let again = there
        .send_keyed("message.send", "key-1", data)
        .await
        .expect("the first answer");
    assert_eq!(
        (&again["seq"], &again["message"], &again["at"]),
        (&first["seq"], &first["message"], &first["at"])
    );
    assert_eq!(again["duplicate"], true);
    let other = here
        .send_keyed(
            "message.send",
            "key-1",
            json!({"room": room, "body": "twice"}),
        )
        .await;
    assert_eq!(other.expect_err("other data").reason, "CONFLICT");
    let (_, page) = ada.get(&format!("/v1/rooms/{room}/messages")).await;
    assert_eq!(bodies(&page["messages"]), ["once"]);
}

#[tokio::test]
async fn a_join_shows_the_50_newest_and_then_everything_live() {
    let stage = Stage::open().await;
    let ada = Person::sign_up(&stage.http(0), "ada").await;
    let grace = Person::sign_up(&stage.http(1), "grace").await;
    let room = ada.creates_room("general").await;
    let mut of_ada = ada.connect(&stage.ws(0)).await;
    for number in 0..60 {
        of_ada
            .send(
                "message.send",
                json!({"room": room, "body": number.to_string()}),
            )
            .await
            .expect("sent");
    }
    let mut of_grace = grace.connect(&stage.ws(1)).await;
    // Ada keeps talking while Grace joins: nothing may fall between the reply and the live events.
    let talker = tokio::spawn({
        let room = room.clone();
        async move {
            for number in 60..100 {
                of_ada
                    .send(
                        "message.send",
                        json!({"room": room, "body": number.to_string()}),
                    )
                    .await
                    .expect("sent");
            }
        }
    });
    let joined = of_grace
        .send("room.join", json!({"room": room}))
        .await
        .expect("joined");
    let mut read = bodies(&joined["messages"]);
    assert_eq!(read.len(), 50);
    assert!(
        joined["members"]
            .as_array()
            .is_some_and(|members| members.len() == 2),
        "{joined}"
    );
    while read.last().map(String::as_str) != Some("99") {
        let frame = of_grace.expect_in(&room, "message.new").await;
        read.push(frame.data["body"].as_str().expect("a body").to_owned());
    }
    talker.await.expect("talked");
    let first: usize = read[0].parse().expect("a number");
    let expected: Vec<String> = (first..100).map(|number| number.to_string()).collect();
    assert_eq!(read, expected, "no gap and no duplicate");
}

#[tokio::test]
async fn a_private_room_is_for_the_invited() {
    let stage = Stage::open().await;
    let ada = Person::sign_up(&stage.http(0), "ada").await;
    let grace = Person::sign_up(&stage.http(1), "grace").await;
    let mut of_ada = ada.connect(&stage.ws(0)).await;
    let mut of_grace = grace.connect(&stage.ws(1)).await;
    let created = of_ada
        .send("room.create", json!({"name": "secret", "private": true}))
        .await
        .expect("created");
    let room = created["room"]["id"].as_str().expect("an id").to_owned();
    let hidden = of_grace
        .send("room.join", json!({"room": room}))
        .await
        .expect_err("hidden");
    let absent = json!({"room": "0198c0de-0000-7000-8000-000000000000"});
    let absent = of_grace
        .send("room.join", absent)
        .await
        .expect_err("absent");
    assert_eq!(hidden, absent, "hidden is not found");
    assert_eq!(hidden.reason, "ROOM_NOT_FOUND");
    let invited = json!({"room": room, "user": "@grace"});
    of_ada.send("room.invite", invited).await.expect("invited");
    assert_eq!(of_grace.expect("room.invited").await.data["room"], room);
    of_grace
        .send("room.join", json!({"room": room}))
        .await
        .expect("joined");
}

#[tokio::test]
async fn whoever_left_hears_nothing_more() {
    let stage = Stage::open().await;
    let ada = Person::sign_up(&stage.http(0), "ada").await;
    let grace = Person::sign_up(&stage.http(1), "grace").await;
    let room = ada.creates_room("general").await;
    let mut of_ada = ada.connect(&stage.ws(0)).await;
    let mut of_grace = grace.connect(&stage.ws(1)).await;
    let mut phone = grace.connect(&stage.ws(0)).await;
    of_grace
        .send("room.join", json!({"room": room}))
        .await
        .expect("joined");
    // The other device of the same person follows without asking.
    phone.expect_in(&room, "room.memberJoined").await;
    of_grace
        .send("room.leave", json!({"room": room}))
        .await
        .expect("left");
    phone.expect_in(&room, "room.memberLeft").await;
    of_ada.expect_in(&room, "room.memberLeft").await;
    of_ada
        .send("message.send", json!({"room": room, "body": "alone"}))
        .await
        .expect("sent");
    of_ada.expect_in(&room, "message.new").await;
    for socket in [&mut of_grace, &mut phone] {
        assert!(
            socket
                .settle()
                .await
                .iter()
                .all(|frame| frame.kind != "message.new")
        );
    }
    let refused = of_grace
        .send("message.send", json!({"room": room, "body": "hello?"}))
        .await;
    assert_eq!(refused.expect_err("not a member").reason, "NOT_A_MEMBER");
}
