//! Whose presence a connection watches: from when on, in which order, and what it is never told.

use std::sync::{Arc, Mutex};

use proto::{
    reason::Reason,
    social::{GetPresenceRequest, GetPresenceResponse, GetSettingsResponse, Presence, Settings},
    stream::Ephemeral,
};
use serde_json::{Value, json};
use stream::Ephemerals;
use tokio::sync::Semaphore;
use tonic::Code;

use crate::{
    services::user,
    world::{Client, World},
};

/// Says how somebody is seen now, to whoever listens. All names stand in one partition, so what is said of two people is
/// heard in that order.
async fn whisper(nats: &async_nats::Client, name: &str, status: &str) {
    let user = user(name).to_string();
    let data = json!({"user": user, "status": status}).to_string();
    let message = Ephemeral {
        tenant: "default".into(),
        stream_id: user.clone(),
        kind: "presence.changed".into(),
        actor: user,
        data: data.into_bytes().into(),
    };
    Ephemerals::new(nats.clone()).publish(message).await;
}

/// How people are seen by a service for which everyone is online, and nobody may follow eve.
fn seen(asked: &GetPresenceRequest) -> GetPresenceResponse {
    let people = asked.user_ids.iter().map(|id| Presence {
        user_id: id.clone(),
        status: "online".into(),
        is_followable: *id != user("eve").to_string(),
        ..Presence::default()
    });
    GetPresenceResponse {
        people: people.collect(),
    }
}

fn ids(names: &[&str]) -> Value {
    let ids: Vec<_> = names.iter().map(|name| user(name).to_string()).collect();
    json!({"users": ids})
}

/// Whose change to what was told from a frame on.
fn told(client: &Client, from: usize) -> Vec<(String, String)> {
    let frames = client.seen[from..].iter();
    let changes = frames.filter(|frame| frame["type"] == "presence.changed");
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    changes
        .map(|frame| (text(&frame["data"]["user"]), text(&frame["data"]["status"])))
        .collect()
}

/// Waits until somebody's change is told.
async fn hears(client: &mut Client, name: &str, status: &str) {
    let user = user(name).to_string();
    let expected = json!({"user": user, "status": status});
    client
        .wait(|frame| frame["type"] == "presence.changed" && frame["data"] == expected)
        .await;
}

#[tokio::test]
async fn what_changes_once_the_service_has_looked_comes_after_the_answer() {
    let world = World::start().await;
    let mut ada = world.connect("ada").await;
    let nats = world.services.nats.clone();
    world
        .script
        .handles("social/GetPresence", move |_, asked: GetPresenceRequest| {
            let nats = nats.clone();
            async move {
                let looked = seen(&asked);
                // It has looked and not answered yet.
                for name in ["eve", "bob"] {
                    whisper(&nats, name, "away").await;
                }
                Ok(looked)
            }
        });
    let reply = ada
        .request("presence.watch", None, &ids(&["bob", "eve"]))
        .await;
    assert_eq!(reply["data"]["users"][0]["status"], "online");
    assert_eq!(told(&ada, 0), [], "the answer comes first");
    hears(&mut ada, "bob", "away").await;
    // Eve was asked for, and may not be followed.
    for (name, status) in [("eve", "dnd"), ("bob", "dnd")] {
        whisper(&world.services.nats, name, status).await;
    }
    hears(&mut ada, "bob", "dnd").await;
    let eve = user("eve").to_string();
    assert!(told(&ada, 0).iter().all(|(user, _)| *user != eve));
}

#[tokio::test]
async fn the_later_of_two_requests_counts() {
    let world = World::start().await;
    let mut ada = world.connect("ada").await;
    let gate = Arc::new(Semaphore::new(0));
    let (opens, bob) = (gate.clone(), user("bob").to_string());
    world
        .script
        .handles("social/GetPresence", move |_, asked: GetPresenceRequest| {
            let (gate, is_first) = (opens.clone(), asked.user_ids[0] == bob);
            async move {
                if is_first {
                    gate.acquire().await.expect("open").forget();
                }
                Ok(seen(&asked))
            }
        });
    let settings = GetSettingsResponse {
        settings: Some(Settings {
            direct_from: "shared".into(),
        }),
    };
    world.script.answers("social/GetSettings", &settings);
    let first = ada.post("presence.watch", None, &ids(&["bob"])).await;
    let second = ada.post("presence.watch", None, &ids(&["dan"])).await;
    // Others are not held up. Were the second on its way, its answer would be, too.
    ada.request("settings.get", None, &json!({})).await;
    gate.add_permits(1);
    ada.wait(|frame| frame["id"] == second.as_str()).await;
    let place = |id: &str| ada.seen.iter().position(|frame| frame["id"] == id);
    assert!(place(&first).is_some_and(|first| Some(first) < place(&second)));
    for name in ["bob", "dan"] {
        whisper(&world.services.nats, name, "away").await;
    }
    hears(&mut ada, "dan", "away").await;
    let dan = user("dan").to_string();
    assert_eq!(told(&ada, 0), [(dan, "away".into())]);
}

#[tokio::test]
async fn a_refused_request_leaves_what_was_watched() {
    let world = World::start().await;
    let mut ada = world.connect("ada").await;
    let nats = world.services.nats.clone();
    let refuses = Arc::new(Mutex::new(false));
    let does = refuses.clone();
    world
        .script
        .handles("social/GetPresence", move |_, asked: GetPresenceRequest| {
            let (nats, is_refused) = (nats.clone(), *does.lock().expect("lock"));
            async move {
                if !is_refused {
                    return Ok(seen(&asked));
                }
                whisper(&nats, "dan", "away").await;
                let (code, reason) = (Code::Unavailable, Reason::UPSTREAM_UNAVAILABLE);
                Err(rpc::status(code, reason, "no"))
            }
        });
    let watched = ada.request("presence.watch", None, &ids(&["bob"])).await;
    assert_eq!(watched["type"], "ok");
    *refuses.lock().expect("lock") = true;
    let refused = ada.request("presence.watch", None, &ids(&["dan"])).await;
    assert_eq!(refused["error"]["reason"], "UPSTREAM_UNAVAILABLE");
    for name in ["dan", "bob"] {
        whisper(&world.services.nats, name, "dnd").await;
    }
    hears(&mut ada, "bob", "dnd").await;
    let bob = user("bob").to_string();
    assert_eq!(told(&ada, 0), [(bob, "dnd".into())]);
}
