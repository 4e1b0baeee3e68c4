//! SetPresence.

use std::time::{SystemTime, UNIX_EPOCH};

use proto::{event::Kind::PresenceSet, reason::Reason, social::SetPresenceRequest};
use tonic::Code;

use crate::{
    contracts,
    world::{World, assert_field, assert_refused, key, showing},
};

#[tokio::test]
async fn a_status_is_shown_to_friends_and_told_once() {
    let world = World::new().await;
    let [ada, bob] = world.people(["Ada", "Bob"]).await;
    world.befriends(&ada, &bob).await;
    world.reports("gw", &[(&ada, 1, true)]).await;
    let mut ears = world.ears().await;
    let request = showing("dnd", " writing ");
    for _ in 0..2 {
        ada.set_presence(request.clone()).await.expect("set");
    }
    ada.shows("dnd", "writing").await;
    let heard = ears.hear().await;
    assert_eq!(heard.len(), 1);
    assert_eq!(
        (
            &heard[0]["status"],
            &heard[0]["text"],
            heard[0].get("lastSeen")
        ),
        (&"dnd".into(), &"writing".into(), None)
    );
    let seen = bob.sees(&ada).await;
    assert_eq!(
        (seen.status.as_str(), seen.text.as_str(), seen.last_seen_ms),
        ("dnd", "writing", 0)
    );
    let kinds = world.kinds(&ada).await;
    let told = kinds.iter().filter(|kind| **kind == PresenceSet);
    assert_eq!(told.count(), 1);
    let told = world.last(&ada, PresenceSet).await;
    assert_eq!(
        (&told["status"], &told["text"]),
        (&"dnd".into(), &"writing".into())
    );

    let other = SetPresenceRequest {
        text: "reading".into(),
        ..request
    };
    assert_refused(
        ada.set_presence(other).await,
        Code::AlreadyExists,
        Reason::CONFLICT,
    );
}

#[tokio::test]
async fn who_is_invisible_is_offline_for_everyone() {
    let world = World::new().await;
    let [ada, bob] = world.people(["Ada", "Bob"]).await;
    world.befriends(&ada, &bob).await;
    world.reports("gw", &[(&ada, 1, true)]).await;
    let mut ears = world.ears().await;
    let before = now_ms();
    ada.shows("invisible", "hiding").await;
    let heard = ears.hear().await;
    assert_eq!((heard.len(), &heard[0]["status"]), (1, &"offline".into()));
    assert_eq!(heard[0].get("text"), None);
    let seen = bob.sees(&ada).await;
    assert_eq!((seen.status.as_str(), seen.text.as_str()), ("offline", ""));
    assert!(seen.is_followable);
    // As if they had gone at that moment.
    let left_at = seen.last_seen_ms;
    assert!((before..=now_ms()).contains(&left_at), "{left_at}");
    assert_eq!(ada.sees_status(&ada).await, "offline");

    // Whatever their devices do meanwhile, nobody is told and nothing is seen.
    world.reports("gw", &[(&ada, 2, false)]).await;
    world.reports("gw", &[(&ada, 0, false)]).await;
    world.makes_all_due().await;
    world.sweeps().await;
    assert_eq!(ears.hear_statuses().await, [""; 0]);
    assert_eq!(bob.sees(&ada).await.last_seen_ms, left_at);
    world.reports("gw", &[(&ada, 1, true)]).await;
    assert_eq!(ears.hear_statuses().await, [""; 0]);
    ada.shows("online", "").await;
    assert_eq!(ears.hear_statuses().await, ["online"]);
    assert_eq!(bob.sees_status(&ada).await, "online");
}

#[tokio::test]
async fn a_status_ends_when_its_time_is_over_and_that_is_told() {
    let world = World::new().await;
    let [ada, bob] = world.people(["Ada", "Bob"]).await;
    world.befriends(&ada, &bob).await;
    world.reports("gw", &[(&ada, 1, true)]).await;
    let request = SetPresenceRequest {
        until_ms: now_ms() + 3_600_000,
        ..showing("dnd", "lunch")
    };
    ada.set_presence(request.clone()).await.expect("set");
    let told = world.last(&ada, PresenceSet).await;
    assert_eq!(told["until"], request.until_ms);
    assert_eq!(bob.sees_status(&ada).await, "dnd");
    world.sweeps().await;
    assert_eq!(bob.sees_status(&ada).await, "dnd");

    let over = sqlx::query!("update social.presence set until = now() - interval '1 second'");
    over.execute(&world.db).await.expect("writes");
    let seen = bob.sees(&ada).await;
    assert_eq!((seen.status.as_str(), seen.text.as_str()), ("online", ""));
    let mut ears = world.ears().await;
    world.sweeps().await;
    world.sweeps().await;
    assert_eq!(ears.hear_statuses().await, ["online"]);
}

#[tokio::test]
async fn who_is_not_connected_changes_nothing_that_others_see() {
    let world = World::new().await;
    let [ada, bob] = world.people(["Ada", "Bob"]).await;
    world.befriends(&ada, &bob).await;
    let mut ears = world.ears().await;
    for (status, text) in [("dnd", "away"), ("invisible", ""), ("online", "")] {
        ada.shows(status, text).await;
        let seen = bob.sees(&ada).await;
        assert_eq!(
            (seen.status.as_str(), seen.text.as_str(), seen.last_seen_ms),
            ("offline", "", 0)
        );
    }
    assert_eq!(ears.hear_statuses().await, [""; 0]);
}

#[tokio::test]
async fn a_status_is_kept_while_redis_is_away() {
    let mut world = World::new().await;
    let ada = world.person("Ada").await;
    world.redis = None;
    ada.shows("dnd", "writing").await;
    assert_eq!(world.last(&ada, PresenceSet).await["status"], "dnd");
}

#[tokio::test]
async fn refusals_name_what_is_wrong() {
    let world = World::new().await;
    let ada = world.person("Ada").await;
    let until = |until_ms| SetPresenceRequest {
        until_ms,
        ..showing("dnd", "")
    };
    for status in ["", "offline", "busy"] {
        assert_field(ada.set_presence(showing(status, "")).await, "status");
    }
    let long = "x".repeat(101);
    assert_field(ada.set_presence(showing("dnd", &long)).await, "text");
    assert_field(ada.set_presence(showing("dnd", "a\tb")).await, "text");
    for bad in [-1, 1, i64::MAX, i64::MIN] {
        assert_field(ada.set_presence(until(bad)).await, "until");
    }
    let keyless = SetPresenceRequest {
        key: String::new(),
        ..showing("dnd", "")
    };
    assert_field(ada.set_presence(keyless).await, "key");
    contracts::ban(&world.db, &ada.caller).await;
    let banned = SetPresenceRequest {
        key: key(),
        ..showing("dnd", "")
    };
    assert_refused(
        ada.set_presence(banned).await,
        Code::PermissionDenied,
        Reason::BANNED,
    );
}

fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    i64::try_from(since.expect("after 1970").as_millis()).expect("before the year 292 million")
}
