//! What is unread.

use serde_json::{Value, json};
use testkit::Person;

use super::{does, number, reason, says};
use crate::stage::Stage;

/// What a new connection is told of a room.
async fn at_start(person: &Person, ws: &str, room: &str) -> Value {
    let welcome = person.connect(ws).await.welcome;
    let rooms = welcome["rooms"].as_array().expect("rooms");
    let found = rooms.iter().find(|each| each["id"] == room);
    found
        .unwrap_or_else(|| panic!("{room} is not in {welcome}"))
        .clone()
}

fn counters(of: &Value) -> [i64; 3] {
    [
        number(&of["read"]),
        number(&of["unread"]),
        number(&of["mentions"]),
    ]
}

#[tokio::test]
async fn two_devices_agree_on_what_is_unread() {
    let stage = Stage::open().await;
    let ada = Person::sign_up(&stage.http(0), "ada").await;
    let bob = Person::sign_up(&stage.http(1), "bob").await;
    let room = ada.creates_room("general").await;
    let mut of_ada = ada.connect(&stage.ws(0)).await;
    let mut desk = bob.connect(&stage.ws(0)).await;
    let mut phone = bob.connect(&stage.ws(1)).await;
    does(&mut desk, "room.join", json!({"room": room})).await;

    let mut seqs = Vec::new();
    for body in ["one", "two @bob", "three", "four @bob", "five"] {
        seqs.push(number(&says(&mut of_ada, &room, body).await["seq"]));
    }
    assert_eq!(at_start(&bob, &stage.ws(0), &room).await["unread"], 5);
    let marked = does(
        &mut desk,
        "read.mark",
        json!({"room": room, "seq": seqs[2]}),
    )
    .await;
    assert_eq!(counters(&marked), [seqs[2], 2, 1], "{marked}");
    for device in [&mut desk, &mut phone] {
        let told = device.expect("room.counter").await.data;
        assert_eq!(
            (&told["room"], counters(&told)),
            (&json!(room), counters(&marked))
        );
        assert_eq!(told["head"], marked["head"]);
    }
    for gateway in 0..2 {
        let fresh = at_start(&bob, &stage.ws(gateway), &room).await;
        assert_eq!(counters(&fresh), counters(&marked), "at the next start");
    }
    // Others are told how far Bob has read, and may ask.
    let seen = of_ada.expect_in(&room, "read.updated").await.data;
    assert_eq!(
        (&seen["user"], number(&seen["seq"])),
        (&json!(bob.id()), seqs[2])
    );
    does(
        &mut phone,
        "ack",
        json!({"cursors": {&room: [seqs[4], ""]}}),
    )
    .await;
    let receipts = does(&mut of_ada, "read.list", json!({"room": room})).await;
    let receipts = receipts["receipts"].as_array().expect("receipts");
    let of_bob = receipts
        .iter()
        .find(|receipt| receipt["user"] == bob.id())
        .expect("Bob's");
    assert_eq!(
        (number(&of_bob["read"]), number(&of_bob["delivered"])),
        (seqs[2], seqs[4])
    );

    // It never goes back, and not beyond the end.
    let back = does(
        &mut phone,
        "read.mark",
        json!({"room": room, "seq": seqs[0]}),
    )
    .await;
    assert_eq!(counters(&back), counters(&marked));
    let beyond = json!({"room": room, "seq": seqs[4] + 1_000});
    assert_eq!(
        reason(&mut phone, "read.mark", beyond).await,
        "FIELD_INVALID"
    );

    // Own messages are not unread; a thread counts by itself.
    says(&mut phone, &room, "here I am").await;
    let thread = does(
        &mut of_ada,
        "thread.create",
        json!({"room": room, "title": "lunch"}),
    )
    .await;
    let thread = &thread["thread"]["id"];
    let said = does(
        &mut of_ada,
        "message.send",
        json!({"room": room, "thread": thread, "body": "noon?"}),
    )
    .await;
    for device in [&mut desk, &mut phone] {
        let again = does(device, "read.mark", json!({"room": room, "seq": seqs[2]})).await;
        assert_eq!(counters(&again), counters(&marked));
        let list = does(device, "thread.list", json!({"room": room})).await;
        assert_eq!(
            (&list["threads"][0]["id"], &list["threads"][0]["unread"]),
            (thread, &json!(1))
        );
    }
    let read = json!({"room": room, "thread": thread, "seq": said["seq"]});
    assert_eq!(does(&mut phone, "read.mark", read).await["unread"], 0);
    let told = desk
        .wait(|frame| frame.kind == "room.counter" && &frame.data["thread"] == thread)
        .await;
    assert_eq!(told.expect("the connection lives").data["unread"], 0);
    let list = does(&mut desk, "thread.list", json!({"room": room})).await;
    assert_eq!(list["threads"][0]["unread"], 0);
    let fresh = at_start(&bob, &stage.ws(0), &room).await;
    assert_eq!(
        counters(&fresh),
        counters(&marked),
        "the room outside its threads is as before"
    );
}
