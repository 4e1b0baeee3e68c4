//! ReportPresence, and who is found to have left without one.

use proto::{
    reason::Reason,
    social::{LivePerson, ReportPresenceRequest, social_service_server::SocialService},
};
use tonic::{Code, Request};

use crate::world::{Person, World, assert_field, assert_refused, inner};

/// Ada, and her friend Bob who looks at her.
async fn friends(world: &World) -> (Person, Person) {
    let [ada, bob] = world.people(["Ada", "Bob"]).await;
    world.befriends(&ada, &bob).await;
    (ada, bob)
}

#[tokio::test]
async fn several_devices_count_once_and_in_view_if_any_is() {
    let world = World::new().await;
    let (ada, bob) = friends(&world).await;
    let mut ears = world.ears().await;
    for (gateway, connections, is_visible, seen, told) in [
        ("g1", 1, true, "online", vec!["online"]),
        ("g1", 2, true, "online", vec![]),
        ("g2", 1, false, "online", vec![]),
        ("g1", 1, false, "away", vec!["away"]),
        ("g2", 1, true, "online", vec!["online"]),
        ("g1", 0, false, "online", vec![]),
    ] {
        world
            .reports(gateway, &[(&ada, connections, is_visible)])
            .await;
        assert_eq!(ears.hear_statuses().await, told, "{gateway} {connections}");
        assert_eq!(bob.sees_status(&ada).await, seen, "{gateway} {connections}");
    }
    world.sweeps().await;
    assert_eq!(ears.hear_statuses().await, [""; 0]);
}

#[tokio::test]
async fn who_left_is_told_of_when_they_did_not_come_back() {
    let world = World::new().await;
    let (ada, bob) = friends(&world).await;
    world.reports("gw", &[(&ada, 1, true)]).await;
    let mut ears = world.ears().await;
    // A page that is loaded anew: gone and back. Whoever asks meanwhile is told what everyone was told.
    world.reports("gw", &[(&ada, 0, false)]).await;
    world.sweeps().await;
    assert_eq!(bob.sees_status(&ada).await, "online");
    world.reports("gw", &[(&ada, 1, true)]).await;
    world.makes_all_due().await;
    world.sweeps().await;
    assert_eq!(
        ears.hear_statuses().await,
        ["online"],
        "looked at, and still there"
    );

    world.reports("gw", &[(&ada, 0, false)]).await;
    world.makes_all_due().await;
    world.sweeps().await;
    world.sweeps().await;
    let heard = ears.hear().await;
    assert_eq!((heard.len(), &heard[0]["status"]), (1, &"offline".into()));
    let seen = bob.sees(&ada).await;
    assert_eq!(seen.status, "offline");
    assert_eq!(heard[0]["lastSeen"], seen.last_seen_ms);
    assert!(seen.last_seen_ms > 0);
    world.reports("gw", &[(&ada, 1, true)]).await;
    assert_eq!(ears.hear_statuses().await, ["online"]);
    assert_eq!(bob.sees(&ada).await.last_seen_ms, 0);
}

/// By itself, as in production: the wait is for the condition, the service decides when.
#[tokio::test]
async fn who_left_is_told_of_after_a_moment() {
    let world = World::new().await;
    let (ada, bob) = friends(&world).await;
    world.reports("gw", &[(&ada, 1, true)]).await;
    world.is_whole().await;
    let left = std::time::Instant::now();
    world.reports("gw", &[(&ada, 0, false)]).await;
    while bob.sees_status(&ada).await != "offline" {
        assert!(left.elapsed().as_secs() < 20, "still there");
        world.sweeps().await;
    }
    assert!(
        left.elapsed().as_millis() > 2_500,
        "a page is loaded faster"
    );
    assert!(left.elapsed().as_secs() < 10, "it took a round");
}

/// A device that comes and goes at one gateway, just after Redis was emptied, says nothing of the device at another.
#[tokio::test]
async fn a_short_visit_after_a_loss_takes_nobody_offline() {
    let world = World::new().await;
    let (ada, _) = friends(&world).await;
    let mut ears = world.ears().await;
    world.reports("g1", &[(&ada, 1, true)]).await;
    world.reports("g1", &[(&ada, 0, false)]).await;
    let left = std::time::Instant::now();
    let offline_after = loop {
        world.sweeps().await;
        if ears.hear_statuses().await.contains(&"offline".into()) {
            break left.elapsed();
        }
        assert!(left.elapsed().as_secs() < 20, "still there");
    };
    // The other gateway has had its round by then.
    assert!(offline_after.as_secs() > 10, "{offline_after:?}");
}

#[tokio::test]
async fn people_of_a_gateway_that_died_go_offline() {
    let world = World::new().await;
    let (ada, bob) = friends(&world).await;
    world
        .reports("g1", &[(&ada, 1, true), (&bob, 1, true)])
        .await;
    world.reports("g2", &[(&bob, 1, false)]).await;
    let mut ears = world.ears().await;
    for person in [&ada, &bob] {
        world.forgets_gateway("g1", person).await;
    }
    world.makes_all_due().await;
    world.sweeps().await;
    let mut heard = ears.hear().await;
    heard.sort_by_key(|data| data["status"].to_string());
    let heard: Vec<_> = heard
        .iter()
        .map(|data| (data["user"].as_str(), data["status"].as_str()))
        .collect();
    assert_eq!(
        heard,
        [
            (Some(bob.id().as_str()), Some("away")),
            (Some(ada.id().as_str()), Some("offline")),
        ]
    );
    assert_eq!(bob.sees_status(&ada).await, "offline");
    assert_eq!(ada.sees_status(&bob).await, "away");
}

/// Everything in Redis is lost: the next rounds of the gateways restore it, and nobody was said to have left.
#[tokio::test]
async fn a_flushed_redis_is_whole_after_a_round() {
    let world = World::new().await;
    let (ada, bob) = friends(&world).await;
    let at_g1 = [(&ada, 1, true), (&bob, 1, true)];
    let at_g2 = [(&ada, 1, true)];
    world.reports("g1", &at_g1).await;
    world.reports("g2", &at_g2).await;
    let mut ears = world.ears().await;
    let mut redis = world.redis().await;
    let _: () = redis::cmd("FLUSHALL")
        .query_async(&mut redis)
        .await
        .expect("flushes");
    world.sweeps().await;
    // One device goes before the other gateway has said that it serves the person too.
    world.reports("g1", &[(&ada, 0, false)]).await;
    world.sweeps().await;
    world.reports("g2", &at_g2).await;
    world.reports("g1", &[(&bob, 1, true)]).await;
    world.sweeps().await;
    assert_eq!(bob.sees_status(&ada).await, "online");
    assert_eq!(ada.sees_status(&bob).await, "online");
    let heard = ears.hear_statuses().await;
    assert!(heard.iter().all(|status| status == "online"), "{heard:?}");

    world.reports("g2", &[(&ada, 0, false)]).await;
    world.makes_all_due().await;
    world.sweeps().await;
    assert_eq!(bob.sees_status(&ada).await, "offline");
}

#[tokio::test]
async fn a_full_report_is_taken_in_one_go() {
    let world = World::new().await;
    let (ada, bob) = friends(&world).await;
    let crowd = (0..1_999).map(|_| LivePerson {
        tenant: "default".into(),
        user_id: proto::id::UserId::generate().to_string(),
        connections: 1,
        is_visible: true,
    });
    let mut people: Vec<LivePerson> = crowd.collect();
    people.push(LivePerson {
        user_id: ada.id(),
        ..people[0].clone()
    });
    let report = |people: Vec<LivePerson>| {
        let request = ReportPresenceRequest {
            gateway: "gw".into(),
            people,
            is_refresh: true,
        };
        world.app.report_presence(Request::new(request))
    };
    report(people.clone()).await.expect("reported");
    assert_eq!(bob.sees_status(&ada).await, "online");
    world.makes_all_due().await;
    for person in &mut people {
        person.connections = 0;
    }
    report(people.clone()).await.expect("reported");
    world.makes_all_due().await;
    world.sweeps().await;
    assert_eq!(bob.sees_status(&ada).await, "offline");

    people.push(people[0].clone());
    assert_field(inner(report(people).await), "people");
}

#[tokio::test]
async fn a_report_waits_for_no_store() {
    let mut world = World::new().await;
    let (ada, _) = friends(&world).await;
    world.redis = None;
    assert_refused(
        world.tries_to_report("gw", &[(&ada, 1, true)]).await,
        Code::Unavailable,
        Reason::UPSTREAM_UNAVAILABLE,
    );
}

#[tokio::test]
async fn a_report_names_a_gateway_and_people() {
    let world = World::new().await;
    let ada = world.person("Ada").await;
    for gateway in ["", "a.b", ".told"] {
        assert_field(
            world.tries_to_report(gateway, &[(&ada, 1, true)]).await,
            "gateway",
        );
    }
    let somebody = |tenant: &str, user_id: &str| ReportPresenceRequest {
        gateway: "gw".into(),
        people: vec![LivePerson {
            tenant: tenant.into(),
            user_id: user_id.into(),
            connections: 1,
            is_visible: true,
        }],
        is_refresh: true,
    };
    for bad in [somebody("A B", &ada.id()), somebody("default", "@Ada")] {
        let refused = world.app.report_presence(Request::new(bad)).await;
        assert_field(inner(refused), "people");
    }
}
