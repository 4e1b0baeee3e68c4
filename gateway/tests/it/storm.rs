//! Many come back at once: who is let in first, and how often the services are asked for them.

use std::sync::Arc;

use futures::future::join_all;
use gateway::admission::Arrival;
use proto::{
    id::{RoomId, StreamId},
    room::ListMyRoomsRequest,
    social::{ListHiddenRequest, ListHiddenResponse},
    stream::RangeRequest,
};
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tokio_tungstenite::tungstenite::Error;

use crate::world::{Client, World};

const RETURN: &str = "/v1/rt?resume=1";
const FIRST: &str = "/v1/rt";

async fn asks(world: &World, path: &str) -> Result<Client, Error> {
    let protocol = [("sec-websocket-protocol", "hubbub.v1.json")];
    world.dial(path, &protocol).await
}

/// Asks for a socket, which must be refused with a time to come back.
async fn is_turned_away(world: &World, path: &str) {
    let Err(Error::Http(answer)) = asks(world, path).await else {
        panic!("{path} was let in");
    };
    assert_eq!(answer.status().as_u16(), 503);
    let seconds = answer.headers()["retry-after"].to_str().expect("text");
    let seconds: u64 = seconds.parse().expect("seconds");
    assert!((1..=15).contains(&seconds), "{seconds}");
}

async fn until(holds: impl Fn() -> bool) {
    let waited = tokio::time::timeout(crate::peer::PATIENCE, async {
        while !holds() {
            tokio::task::yield_now().await;
        }
    });
    waited.await.expect("it comes to that");
}

fn hello(token: &str, room: RoomId, cursor: &Value) -> Value {
    let resume = json!({"cursors": {room.to_string(): cursor}});
    json!({"type": "hello", "data": {"token": token, "resume": resume}})
}

/// Lets greetings take until permits are added.
fn hold(world: &World) -> Arc<Semaphore> {
    let gate = Arc::new(Semaphore::new(0));
    let held = gate.clone();
    world
        .script
        .handles("social/ListHidden", move |_, _: ListHiddenRequest| {
            let held = held.clone();
            async move {
                held.acquire().await.expect("open").forget();
                Ok(ListHiddenResponse::default())
            }
        });
    gate
}

#[tokio::test]
async fn those_who_come_back_are_let_in_before_those_who_come_for_the_first_time() {
    let world = World::with(|gateway| gateway.greetings_at_once = 1).await;
    let room = world.services.room("ada").await;
    let cursor = world.services.cursor(room, 2);
    let gate = hold(&world);
    let mut first = asks(&world, FIRST).await.expect("nobody else is there");
    first
        .say(&json!({"type": "hello", "data": {"token": "ada"}}))
        .await;
    until(|| world.app.limits.look(Arrival::First).is_err()).await;
    is_turned_away(&world, FIRST).await;
    let ticket = world.http("ada", "POST /v1/rt/tickets", None).await;
    assert_eq!(ticket.status, 503);
    assert!(ticket.headers.contains_key("retry-after"));
    let ticket = world
        .http("ada", "POST /v1/rt/tickets?resume=1", None)
        .await;
    assert_eq!(ticket.status, 201);

    let mut back = asks(&world, RETURN).await.expect("let in");
    back.say(&hello("ada", room, &cursor)).await;
    until(|| world.app.limits.look(Arrival::Return).is_err()).await;
    is_turned_away(&world, RETURN).await;

    gate.add_permits(10);
    assert_eq!(first.expect("welcome").await["data"]["resumed"], false);
    assert_eq!(back.expect("welcome").await["data"]["resumed"], true);
    until(|| world.app.limits.look(Arrival::First).is_ok()).await;
    asks(&world, FIRST).await.expect("the storm is over");
}

#[tokio::test]
async fn whoever_says_that_they_come_back_must_have_something_to_come_back_to() {
    let world = World::with(|gateway| gateway.accepts_per_second = 1).await;
    let mut codes = Vec::new();
    for _ in 0..8 {
        let mut liar = asks(&world, RETURN).await.expect("believed at the door");
        let resume = json!({"cursors": {}});
        let hello = json!({"token": "ada", "resume": resume});
        liar.say(&json!({"type": "hello", "data": hello})).await;
        let next = liar
            .wait(|frame| frame["type"] == "welcome" || frame["type"] == "bye")
            .await;
        codes.push(next["data"]["code"].as_u64());
    }
    assert!(codes.contains(&Some(4004)), "{codes:?}");
}

/// Counts what the log was asked about a room, and how often people were read.
fn asked(world: &World, room: RoomId) -> (usize, usize, usize) {
    let ranges = world.script.asked::<RangeRequest>("stream/Range");
    let stream = StreamId::from(room).to_string();
    let is_room = |asked: &&(String, RangeRequest)| {
        asked
            .1
            .stream
            .as_ref()
            .is_some_and(|it| it.stream_id == stream)
    };
    let rooms = world.script.asked::<ListMyRoomsRequest>("room/ListMyRooms");
    let hidden = world.script.asked::<ListHiddenRequest>("social/ListHidden");
    (
        ranges.iter().filter(is_room).count(),
        rooms.len(),
        hidden.len(),
    )
}

/// Eight devices come back at once, and each gets what follows `seq`, marked as told again.
async fn eight_come_back(world: &World, room: RoomId, seq: usize, last: i64) {
    let cursor = world.services.cursor(room, seq);
    let coming = (0..8).map(|_| async {
        let mut device = asks(world, RETURN).await.expect("let in");
        device.say(&hello("ada", room, &cursor)).await;
        device.wait(|frame| frame["seq"] == last).await;
        device
    });
    for device in join_all(coming).await {
        let expected: Vec<_> = (seq as i64 + 1..=last).map(|seq| (seq, seq - 1)).collect();
        assert_eq!(device.events(&room.to_string()), expected);
        let mut events = device.seen.iter().filter(|frame| frame["seq"].is_i64());
        assert!(events.all(|frame| frame["replayed"] == true));
    }
}

#[tokio::test]
async fn a_log_that_nobody_here_followed_is_read_once_for_all_who_come_back_to_it() {
    let world = World::start().await;
    let room = world.services.room("ada").await;
    for number in 0..10 {
        world.services.post(room, &number.to_string()).await;
    }
    eight_come_back(&world, room, 2, 12).await;
    let (ranges, rooms, hidden) = asked(&world, room);
    assert!((1..=2).contains(&ranges), "{ranges} reads of the log");
    assert!(
        (1..=2).contains(&rooms) && (1..=2).contains(&hidden),
        "{rooms}, {hidden}"
    );
    eight_come_back_later(&world, room).await;
}

/// They come again while the others are there: from memory alone.
async fn eight_come_back_later(world: &World, room: RoomId) {
    until(|| world.app.hub.connections().is_empty()).await;
    eight_come_back(world, room, 2, 12).await;
    let (ranges, rooms, _) = asked(world, room);
    assert!(ranges <= 2 && rooms == 0, "{ranges}, {rooms}");
}

#[tokio::test]
async fn what_was_just_delivered_here_is_told_again_without_reading_the_log() {
    let world = World::start().await;
    let room = world.services.room("ada").await;
    world.services.enter(room, "bob").await;
    let mut bob = world.connect("bob").await;
    for number in 0..10 {
        world.services.post(room, &number.to_string()).await;
    }
    bob.wait(|frame| frame["seq"] == 13).await;
    eight_come_back(&world, room, 5, 13).await;
    assert_eq!(asked(&world, room).0, 0, "reads of the log");
    drop(bob);
}

#[tokio::test]
async fn a_device_that_knows_more_than_its_siblings_briefing_gets_a_new_one() {
    let world = World::start().await;
    let room = world.services.room("ada").await;
    let mut device = asks(&world, RETURN).await.expect("let in");
    device
        .say(&hello("ada", room, &world.services.cursor(room, 2)))
        .await;
    device.expect("welcome").await;
    world.services.post(room, "one").await;
    let cursor = world.services.cursor(room, 3);
    let mut sibling = asks(&world, RETURN).await.expect("let in");
    sibling.say(&hello("ada", room, &cursor)).await;
    let welcome = sibling.expect("welcome").await;
    assert_eq!(welcome["data"]["rooms"][0]["head"], 3);
    let last = world.services.post(room, "two").await;
    sibling.wait(|frame| frame["seq"] == last.seq).await;
    assert_eq!(sibling.events(&room.to_string()), [(4, 3)]);
}
