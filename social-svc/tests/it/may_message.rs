//! The contract function `social.may_message`.

use social_svc::settings::DirectFrom;

use crate::{
    contracts,
    world::{Person, World},
};

#[tokio::test]
async fn friends_write_and_strangers_as_the_recipient_says() {
    let world = World::new().await;
    let [ada, bob, cyd] = world.people(["Ada", "Bob", "Cyd"]).await;
    contracts::meet(&world.db, &[&ada.caller, &cyd.caller]).await;
    for (setting, bob_may, cyd_may) in [
        ("friends", false, false),
        ("shared", false, true),
        ("anyone", true, true),
    ] {
        ada.opens_to(setting).await;
        assert_eq!(world.may_message(&bob, &ada).await, bob_may, "{setting}");
        assert_eq!(world.may_message(&cyd, &ada).await, cyd_may, "{setting}");
        // What the sender chose does not matter.
        assert!(!world.may_message(&ada, &bob).await, "{setting}");
    }
    ada.opens_to("friends").await;
    world.befriends(&ada, &bob).await;
    assert!(world.may_message(&bob, &ada).await && world.may_message(&ada, &bob).await);
    bob.parts_from(&ada).await.expect("removed");
    assert!(!world.may_message(&bob, &ada).await && !world.may_message(&ada, &bob).await);
}

#[tokio::test]
async fn the_installation_decides_for_those_who_did_not() {
    let world = World::with(|config| config.direct_from = DirectFrom::Anyone).await;
    let [ada, bob] = world.people(["Ada", "Bob"]).await;
    assert!(world.may_message(&bob, &ada).await);
    ada.opens_to("friends").await;
    assert!(!world.may_message(&bob, &ada).await);
    assert!(world.may_message(&ada, &bob).await);
}

#[tokio::test]
async fn a_block_in_either_direction_ends_it_for_both_whatever_else_holds() {
    let world = World::with(|config| config.direct_from = DirectFrom::Anyone).await;
    let (ada, boss) = (world.person("Ada").await, world.admin("Boss").await);
    contracts::meet(&world.db, &[&ada.caller, &boss.caller]).await;
    let both = async |expected: bool| {
        assert_eq!(world.may_message(&ada, &boss).await, expected);
        assert_eq!(world.may_message(&boss, &ada).await, expected);
    };
    both(true).await;
    ada.blocks(&boss).await.expect("blocked");
    both(false).await;
    boss.blocks(&ada).await.expect("blocked");
    ada.unblocks(&boss).await.expect("unblocked");
    both(false).await;
    boss.unblocks(&ada).await.expect("unblocked");
    both(true).await;
}

#[tokio::test]
async fn administrators_write_to_everyone_who_exists() {
    let world = World::new().await;
    let (ada, boss) = (world.person("Ada").await, world.admin("Boss").await);
    let eve = world.stranger("Eve").await;
    assert!(world.may_message(&boss, &ada).await);
    assert!(!world.may_message(&ada, &boss).await);
    assert!(!world.may_message(&boss, &boss).await, "to oneself");
    assert!(!world.may_message(&boss, &eve).await, "of another tenant");
    contracts::close(&world.db, ada.caller.user_id).await;
    assert!(!world.may_message(&boss, &ada).await);
    let nobody = Person {
        caller: rpc::Caller {
            user_id: proto::id::UserId::generate(),
            ..ada.caller.clone()
        },
        ..ada
    };
    assert!(!world.may_message(&boss, &nobody).await);
}
