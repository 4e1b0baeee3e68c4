//! A gateway that cannot be told who is banned: it accepts nothing, over whatever it is asked.

use std::{future::ready, time::Duration};

use proto::{
    reason::Reason,
    room::ListRoomsRequest,
    stream::{HeadsRequest, HeadsResponse},
};
use serde_json::json;
use tonic::Code;

use crate::world::World;

/// The lease is over sooner; the rest is for a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

async fn until(world: &World, is_over: bool) {
    let mut look = tokio::time::interval(Duration::from_millis(10));
    let waited = tokio::time::timeout(PATIENCE, async {
        while world.app.enforced.lease.is_over() != is_over {
            look.tick().await;
        }
    });
    waited.await.expect("the lease ends, or is renewed");
}

/// Lets services be away, and waits until nothing may be delivered.
async fn cut_off(world: &World) {
    world.script.handles("stream/Heads", |_, _: HeadsRequest| {
        let away = rpc::status(Code::Unavailable, Reason::UPSTREAM_UNAVAILABLE, "away");
        ready(Err::<HeadsResponse, _>(away))
    });
    until(world, true).await;
}

#[tokio::test]
async fn rest_is_refused_as_frames_are_until_everything_is_known_again() {
    let world = World::start().await;
    let mut ada = world.connect("ada").await;
    assert_eq!(world.http("ada", "GET /v1/rooms", None).await.status, 200);
    cut_off(&world).await;
    world.script.asked::<ListRoomsRequest>("room/ListRooms");

    let refused = ada.request("room.list", None, &json!({})).await;
    let refused = &refused["error"];
    for route in ["GET /v1/rooms", "POST /v1/rt/tickets", "POST /v1/rooms"] {
        let answer = world.http("ada", route, Some(&json!({}))).await;
        assert_eq!(answer.status, 503, "{route}");
        assert_eq!(answer.headers["retry-after"], "1", "{route}");
        let problem = answer.json();
        for field in ["code", "reason", "retryAfterMs"] {
            assert_eq!(problem[field], refused[field], "{route}: {field}");
        }
    }
    let asked = world.script.asked::<ListRoomsRequest>("room/ListRooms");
    assert!(asked.is_empty(), "nothing was passed on");

    world.services.stand_behind(&world.script);
    until(&world, false).await;
    assert_eq!(world.http("ada", "GET /v1/rooms", None).await.status, 200);
    let listed = ada.request("room.list", None, &json!({})).await;
    assert_eq!(listed["type"], "ok");
}

#[tokio::test]
async fn slow_services_do_not_keep_a_gateway_silent() {
    let world = World::start().await;
    let _ada = world.connect("ada").await;
    cut_off(&world).await;
    let services = world.services.clone();
    world.script.handles("stream/Heads", move |_, asked| {
        let services = services.clone();
        async move {
            let mut slow = tokio::time::interval(Duration::from_secs(1));
            slow.tick().await;
            slow.tick().await;
            Ok(services.heads(asked))
        }
    });
    until(&world, false).await;
}
