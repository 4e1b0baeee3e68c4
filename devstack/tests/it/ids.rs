//! Ids have one text on the wire. In any other form of the same number they are nobody's, wherever strangers may say one.

use serde_json::json;
use testkit::{Person, SUBPROTOCOL, Socket};

use crate::stage::Stage;

const ABSENT: &str = "0198c0de-0000-7000-8000-000000000000";

/// The other forms that a parser of such numbers may know.
fn other_forms(id: &str) -> [String; 4] {
    let simple = id.replace('-', "");
    let upper = id.to_uppercase();
    assert_ne!(upper, id, "an id without letters proves nothing");
    [simple, upper, format!("{{{id}}}"), format!("urn:uuid:{id}")]
}

#[tokio::test]
async fn an_id_in_another_form_is_nobody_s() {
    let stage = Stage::open().await;
    let ada = Person::sign_up(&stage.http(0), "ada").await;
    let room = ada.creates_room("general").await;
    let mut of_ada = ada.connect(&stage.ws(0)).await;
    let sent = json!({"room": room, "body": "x"});
    let sent = of_ada.send("message.send", sent).await.expect("sent");
    let message = sent["message"].as_str().expect("an id").to_owned();

    for kind in ["message.send", "room.get", "room.members"] {
        let with = |id: &str| json!({"room": id, "body": "y"});
        let nowhere = of_ada.send(kind, with(ABSENT)).await;
        let nowhere = nowhere.expect_err("there is none").reason;
        of_ada.send(kind, with(&room)).await.expect("there is one");
        for other in other_forms(&room) {
            let refused = of_ada.send(kind, with(&other)).await;
            let refused = refused.expect_err("another form").reason;
            assert_eq!(refused, nowhere, "{kind} {other}");
        }
    }
    for other in other_forms(&message) {
        for (kind, mut data) in [
            ("message.edit", json!({"body": "z", "rev": 1})),
            ("message.delete", json!({"scope": "everyone"})),
            ("reaction.add", json!({"emoji": "👍"})),
        ] {
            data["room"] = json!(room);
            data["message"] = json!(other);
            let refused = of_ada.send(kind, data).await.expect_err("another form");
            assert_eq!(refused.reason, "FIELD_INVALID", "{kind} {other}");
        }
    }
    let of_room = |id: &str| format!("/v1/rooms/{id}/messages");
    let absent = ada.get(&of_room(ABSENT)).await;
    assert_eq!(ada.get(&of_room(&room)).await.0, 200);
    for other in other_forms(&room) {
        let (status, problem) = ada.get(&of_room(&other)).await;
        let expected = (absent.0, &absent.1["reason"]);
        assert_eq!((status, &problem["reason"]), expected, "{other}");
    }
}

#[tokio::test]
async fn a_cursor_with_an_id_in_another_form_proves_nothing() {
    let stage = Stage::open().await;
    let ada = Person::sign_up(&stage.http(0), "ada").await;
    let room = ada.creates_room("general").await;
    let mut of_ada = ada.connect(&stage.ws(0)).await;
    of_ada
        .send("message.send", json!({"room": room, "body": "x"}))
        .await
        .expect("sent");
    let told = of_ada.expect_in(&room, "message.new").await;
    let (seq, id) = (told.seq, told.raw["cursor"].as_str().expect("durable"));
    for other in other_forms(id) {
        let url = stage.ws(1);
        let open = Socket::open(&url, &[SUBPROTOCOL], &[]);
        let mut resumed = open.await.expect("upgraded");
        let cursors = json!({&room: [seq, other]});
        let resume = json!({"session": of_ada.welcome["session"], "cursors": cursors});
        resumed
            .hello(json!({"token": ada.account.token, "resume": resume}))
            .await
            .expect("welcome");
        resumed.expect_in(&room, "room.reset").await;
    }
}
