//! Two regions: the stores and services at home, a gateway of its own in the other, and a link between their buses. What
//! is promised stands in `docs/adr/0018`.

mod link;

use std::time::Duration;

use devstack::{
    fleet::{Fleet, FleetOptions, Kind},
    wait,
};
use serde_json::{Value, json};
use testkit::{Person, Refusal, Socket};

use crate::state::State;
use link::Link;

const FAR: usize = 1;
/// As long as an answer is waited for before the same is said again.
const ANSWER: Duration = Duration::from_secs(2);

async fn fleet(state: &State, link: &Link) -> Fleet {
    let options = FleetOptions::new(state.path())
        .gateways(2)
        .env("HUBBUB_NATS__URL", link.home())
        .env_at(Kind::Gateway, FAR, "HUBBUB_NATS__URL", link.far());
    Fleet::start(options).await.expect("both regions start")
}

async fn says(socket: &mut Socket, room: &str, body: &str) {
    let data = json!({"room": room, "body": body});
    socket.send("message.send", data).await.expect("stored");
}

/// Says it with a key, and waits a moment for the answer; of an unknown outcome there is none and
/// the next try is answered once that one is over.
async fn tries(socket: &mut Socket, key: &str, data: &Value) -> Option<Result<Value, Refusal>> {
    let answer = socket.send_keyed("message.send", key, data.clone());
    tokio::time::timeout(ANSWER, answer).await.ok()
}

async fn hears(socket: &mut Socket, room: &str, body: &str) {
    let heard = socket.expect_in(room, "message.new").await;
    assert_eq!(heard.data["body"], body, "in order, and nothing between");
}

#[tokio::test]
async fn two_regions_are_one_place_and_without_the_link_home_goes_on_and_the_other_waits() {
    let state = State::new();
    let link = Link::start(state.path()).await;
    let fleet = fleet(&state, &link).await;
    let (home, far) = (fleet.gateway(0), fleet.gateway(FAR));
    let ada = Person::sign_up(&home.url, "ada").await;
    let bob = Person::sign_up(&far.url, "bob").await;
    let room = ada.creates_room("general").await;
    let mut of_ada = ada.connect(&home.ws_url).await;
    let mut of_bob = bob.connect(&far.ws_url).await;
    let joined = of_bob.send("room.join", json!({"room": room})).await;
    joined.expect("the services at home answer");
    says(&mut of_ada, &room, "from home").await;
    hears(&mut of_bob, &room, "from home").await;
    hears(&mut of_ada, &room, "from home").await;
    says(&mut of_bob, &room, "from far").await;
    hears(&mut of_ada, &room, "from far").await;
    hears(&mut of_bob, &room, "from far").await;

    link.cut();
    let key = uuid::Uuid::now_v7().to_string();
    let data = json!({"room": room, "body": "when I can again"});
    // What was on its way when the link broke may have been stored: of that nothing is said.
    let refused = wait::until("a certain refusal", 2 * testkit::PATIENCE, async || {
        let answer = tries(&mut of_bob, &key, &data).await?;
        let refusal = answer.expect_err("nobody there could store it");
        (refusal.reason == "UPSTREAM_UNAVAILABLE").then_some(())
    });
    refused.await.expect("the far region says that it cannot");
    let rooms = bob.get("/v1/rooms").await;
    assert_eq!(rooms.0, 503, "{rooms:?}");
    // Home neither waits nor knows.
    for body in ["one", "two"] {
        says(&mut of_ada, &room, body).await;
        hears(&mut of_ada, &room, body).await;
    }
    assert!(
        of_bob
            .take_unread()
            .iter()
            .all(|frame| frame.kind != "message.new")
    );

    link.heal();
    for body in ["one", "two"] {
        hears(&mut of_bob, &room, body).await;
    }
    let stored = wait::until(
        "the link to carry requests",
        2 * testkit::PATIENCE,
        async || tries(&mut of_bob, &key, &data).await?.ok(),
    );
    stored.await.expect("stored");
    hears(&mut of_ada, &room, "when I can again").await;
    hears(&mut of_bob, &room, "when I can again").await;
    fleet.stop().await;
}
