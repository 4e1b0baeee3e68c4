//! What becomes of messages after they were sent.

use serde_json::{Value, json};
use testkit::Person;

use super::{does, hears_of, reason, says};
use crate::stage::{Stage, bodies};

#[tokio::test]
async fn edits_reactions_pins_and_deletions_reach_every_device() {
    let stage = Stage::open().await;
    let ada = Person::sign_up(&stage.http(0), "ada").await;
    let bob = Person::sign_up(&stage.http(1), "bob").await;
    let room = ada.creates_room("general").await;
    let mut of_ada = ada.connect(&stage.ws(0)).await;
    let mut desk = bob.connect(&stage.ws(0)).await;
    let mut phone = bob.connect(&stage.ws(1)).await;
    does(&mut desk, "room.join", json!({"room": room})).await;
    let message = says(&mut of_ada, &room, "helo wrold").await["message"].clone();
    let of_room = |more: Value| {
        let mut data = json!({"room": room, "message": message});
        data.as_object_mut()
            .expect("an object")
            .extend(more.as_object().expect("an object").clone());
        data
    };

    let edited = does(
        &mut of_ada,
        "message.edit",
        of_room(json!({"body": "hello world", "rev": 1})),
    )
    .await;
    assert_eq!(edited["rev"], 2);
    for device in [&mut of_ada, &mut desk, &mut phone] {
        let heard = hears_of(device, "message.edited", &message).await.data;
        assert_eq!(
            (&heard["body"], &heard["rev"]),
            (&json!("hello world"), &json!(2))
        );
    }
    let stale = of_room(json!({"body": "hello moon", "rev": 1}));
    assert_eq!(reason(&mut of_ada, "message.edit", stale).await, "CONFLICT");
    let foreign = of_room(json!({"body": "mine", "rev": 2}));
    assert_eq!(
        reason(&mut phone, "message.edit", foreign).await,
        "PERMISSION_DENIED"
    );
    let found = does(&mut desk, "message.search", json!({"query": "world"})).await;
    assert_eq!(bodies(&found["messages"]), ["hello world"]);
    let found = does(&mut desk, "message.search", json!({"query": "wrold"})).await;
    assert_eq!(
        bodies(&found["messages"]),
        [""; 0],
        "the old text is not found"
    );

    let added = does(&mut phone, "reaction.add", of_room(json!({"emoji": "👍"}))).await;
    assert_eq!(added["count"], 1);
    let again = does(&mut desk, "reaction.add", of_room(json!({"emoji": "👍"}))).await;
    assert_eq!(again["count"], 1, "one reaction of one person");
    let more = does(&mut of_ada, "reaction.add", of_room(json!({"emoji": "👍"}))).await;
    assert_eq!(more["count"], 2);
    for device in [&mut of_ada, &mut desk, &mut phone] {
        for (person, count) in [(&bob, 1), (&ada, 2)] {
            let heard = hears_of(device, "reaction.changed", &message).await.data;
            assert_eq!(
                (&heard["user"]["id"], &heard["on"], &heard["count"]),
                (&json!(person.id()), &json!(true), &json!(count))
            );
        }
    }
    does(
        &mut of_ada,
        "reaction.remove",
        of_room(json!({"emoji": "👍"})),
    )
    .await;
    assert_eq!(
        hears_of(&mut desk, "reaction.changed", &message).await.data["on"],
        false
    );
    for (device, is_own) in [(&mut desk, true), (&mut of_ada, false)] {
        let got = does(device, "message.get", json!({"message": message})).await;
        let reactions = &got["message"]["reactions"];
        assert_eq!(
            reactions,
            &json!([{"emoji": "👍", "count": 1, "own": is_own}])
        );
    }

    assert_eq!(
        reason(&mut desk, "message.pin", of_room(json!({}))).await,
        "PERMISSION_DENIED"
    );
    does(&mut of_ada, "message.pin", of_room(json!({}))).await;
    assert_eq!(
        hears_of(&mut phone, "message.pinned", &message).await.data["on"],
        true
    );
    let pins = does(&mut desk, "message.pins", json!({"room": room})).await;
    assert_eq!(bodies(&pins["messages"]), ["hello world"]);
    does(&mut of_ada, "message.unpin", of_room(json!({}))).await;
    assert_eq!(
        hears_of(&mut phone, "message.pinned", &message).await.data["on"],
        false
    );
    let pins = does(&mut desk, "message.pins", json!({"room": room})).await;
    assert_eq!(pins["messages"], json!([]));

    // Bob takes it from his own devices; for Ada it stays.
    does(&mut desk, "message.delete", of_room(json!({"scope": "me"}))).await;
    for device in [&mut desk, &mut phone] {
        assert_eq!(
            hears_of(device, "message.hidden", &message).await.data["room"],
            room
        );
        assert_eq!(
            reason(device, "message.get", json!({"message": message})).await,
            "MESSAGE_NOT_FOUND"
        );
        let page = does(device, "history.get", json!({"room": room})).await;
        assert_eq!(page["messages"], json!([]));
        let found = does(device, "message.search", json!({"query": "hello"})).await;
        assert_eq!(found["messages"], json!([]));
    }
    let joined = does(&mut phone, "room.join", json!({"room": room})).await;
    assert_eq!(
        joined["messages"],
        json!([]),
        "nor when the room is entered again"
    );
    let page = does(&mut of_ada, "history.get", json!({"room": room})).await;
    assert_eq!(bodies(&page["messages"]), ["hello world"]);

    // Ada takes another one from everyone, and nobody can react to it any more.
    let other = says(&mut of_ada, &room, "too much").await["message"].clone();
    hears_of(&mut phone, "message.new", &other).await;
    let everyone = json!({"room": room, "message": other, "scope": "everyone"});
    assert_eq!(
        reason(&mut phone, "message.delete", everyone.clone()).await,
        "PERMISSION_DENIED"
    );
    does(&mut of_ada, "message.delete", everyone).await;
    for device in [&mut desk, &mut phone] {
        hears_of(device, "message.deleted", &other).await;
        let page = does(device, "history.get", json!({"room": room})).await;
        let tombstone = &page["messages"][0];
        assert_eq!(
            (
                &tombstone["message"],
                &tombstone["body"],
                &tombstone["deleted"]
            ),
            (&other, &json!(""), &json!(true))
        );
    }
    let late = json!({"room": room, "message": other, "emoji": "👍"});
    assert_eq!(
        reason(&mut desk, "reaction.add", late).await,
        "MESSAGE_NOT_FOUND"
    );
}
