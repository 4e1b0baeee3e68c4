//! Why somebody has a message, or has not: asked of the whole product.

use std::time::Duration;

use serde_json::{Value, json};
use testkit::{Person, Socket};

use crate::{
    console::{Console, eventually},
    stage::Stage,
};

const EXPLAIN: &str = "ModerationService/ExplainDelivery";
/// How long an answer may take to become what it will be: gateways report who is connected every second.
const SETTLED: Duration = Duration::from_secs(10);

async fn says(socket: &mut Socket, room: &str, body: &str) -> String {
    let asked = json!({"room": room, "body": body});
    let sent = socket.send("message.send", asked).await.expect("sent");
    let id = sent["message"].as_str();
    id.expect("a message has an id").to_owned()
}

/// Asks until the explanation has an outcome.
async fn becomes(console: &Console<'_>, message: &str, user: &str, outcome: &str) -> Value {
    let asked = json!({"message_id": message, "user_id": user});
    eventually(&format!("{user}: {outcome}"), SETTLED, async || {
        let answer = console.done(EXPLAIN, asked.clone()).await;
        (answer["outcome"] == outcome).then_some(answer)
    })
    .await
}

#[tokio::test]
async fn a_message_s_way_is_told_from_being_offline_to_being_read() {
    let stage = Stage::open().await;
    let ada = Person::sign_up(&stage.http(0), "ada").await;
    let grace = Person::sign_up(&stage.http(1), "grace").await;
    let room = ada.creates_room("tea").await;
    let mut of_ada = ada.connect(&stage.ws(0)).await;
    let mut of_grace = grace.connect(&stage.ws(1)).await;
    let join = json!({"room": room});
    of_grace.send("room.join", join).await.expect("joined");
    of_grace.close().await;
    let message = says(&mut of_ada, &room, "anyone?").await;
    let console = Console::open(&stage).await;
    let offline = becomes(&console, &message, "@grace", "DELIVERY_OUTCOME_OFFLINE").await;
    assert_eq!(offline["authorId"], ada.id());
    assert_eq!(offline["roomId"], room.as_str());

    let mut back = grace.connect(&stage.ws(1)).await;
    let written = becomes(&console, &message, "@grace", "DELIVERY_OUTCOME_WRITTEN").await;
    let socket = &written["sockets"][0];
    assert_eq!(socket["progress"], "passed");
    assert_eq!(socket["connection"]["userName"], "grace");
    assert_eq!(socket["toldSeq"], written["seq"]);

    let seq: i64 = written["seq"]
        .as_str()
        .expect("a seq")
        .parse()
        .expect("a number");
    let mark = json!({"room": room, "seq": seq});
    back.send("read.mark", mark).await.expect("marked");
    becomes(&console, &message, grace.id(), "DELIVERY_OUTCOME_READ").await;

    let block = json!({"user": "@ada"});
    back.send("block.add", block).await.expect("blocked");
    let hidden = says(&mut of_ada, &room, "not for grace").await;
    let withheld = becomes(&console, &hidden, "@grace", "DELIVERY_OUTCOME_WITHHELD").await;
    assert_eq!(withheld["withheld"], "WITHHELD_AUTHOR_BLOCKED");
    let frames = back.settle().await;
    let is_hidden = |frame: &testkit::Frame| frame.data["message"] != hidden.as_str();
    assert!(
        frames.iter().all(is_hidden),
        "what is said to be kept is kept"
    );

    let own = becomes(&console, &hidden, "@ada", "DELIVERY_OUTCOME_WRITTEN").await;
    assert_eq!(own["sockets"][0]["progress"], "passed");
    let eve = Person::sign_up(&stage.http(0), "eve").await;
    let stranger = becomes(&console, &hidden, eve.id(), "DELIVERY_OUTCOME_WITHHELD").await;
    assert_eq!(stranger["withheld"], "WITHHELD_NOT_A_MEMBER");
}
