//! PreviewBan.

use proto::{id::Tenant, reason::Reason};
use tonic::Code;

use crate::{
    neighbours,
    world::{World, assert_field, assert_no_admin, assert_refused, person_report},
};

#[tokio::test]
async fn a_preview_counts_whom_the_ban_would_hit() {
    let world = World::new().await;
    let (ada, eve) = (world.admin("Ada").await, world.admin("Eve").await);
    let (bob, joe) = (world.person("Bob").await, world.person("Joe").await);
    let far = world.person("Far").await;
    for (person, address, days_ago) in [
        (&bob, "203.0.113.9", 29),
        (&bob, "203.0.113.10", 1),
        (&eve, "203.0.113.11", 3),
        (&joe, "203.0.113.12", 31),
        (&far, "203.0.114.1", 1),
    ] {
        neighbours::sight(&world.db, &person.caller, address, days_ago).await;
    }
    let other: Tenant = "other".parse().expect("a tenant");
    let stranger = world.person_of("Zoe", false, other).await;
    neighbours::sight(&world.db, &stranger.caller, "203.0.113.13", 1).await;
    joe.reports(person_report("@bob")).await.expect("reported");
    bob.reports(person_report("@far")).await.expect("reported");

    let (g1, _stop) = world.gateway("g1").await;
    world.connects_from(&bob, &g1, "203.0.113.9").await;
    let dead = world.connects_from(&bob, &g1, "203.0.113.9").await;
    world.connects_from(&joe, &g1, "203.0.113.12").await;
    world.connects_from(&far, &g1, "203.0.114.1").await;
    world.connects_from(&stranger, &g1, "203.0.113.13").await;
    world.lets_die(&dead).await;

    let preview = ada.previews("203.0.113.200/24").await.expect("a preview");
    assert_eq!(preview.cidr, "203.0.113.0/24");
    assert_eq!(
        (preview.users, preview.admins, preview.reported_users),
        (2, 1, 1)
    );
    assert_eq!(preview.sample, ["Bob", "Eve"]);
    assert_eq!(preview.live_connections, 2);
    assert!(world.acts().await.is_empty());
}

#[tokio::test]
async fn the_sample_is_small() {
    let world = World::new().await;
    let ada = world.admin("Ada").await;
    for number in 0..25 {
        let person = world.person(&format!("user{number:02}")).await;
        let address = format!("2001:db8::{number:x}");
        neighbours::sight(&world.db, &person.caller, &address, 1).await;
    }
    let preview = ada.previews("2001:db8::").await.expect("a preview");
    assert_eq!((preview.users, preview.sample.len()), (25, 20));
    assert_eq!(preview.sample[0], "user00");
}

#[tokio::test]
async fn what_may_not_be_banned_is_not_previewed() {
    let world = World::new().await;
    let (ada, bob) = (world.admin("Ada").await, world.person("Bob").await);
    neighbours::sight(&world.db, &ada.caller, "192.0.2.55", 2).await;
    for cidr in ["0.0.0.0/0", "10.0.0.1", "198.51.100.0/25", "192.0.2.0/24"] {
        let refused = ada.previews(cidr).await;
        assert_refused(refused, Code::InvalidArgument, Reason::RANGE_REFUSED);
    }
    assert_field(ada.previews("everyone").await, "cidr");
    assert_no_admin(bob.previews("203.0.113.0/24").await);
}
