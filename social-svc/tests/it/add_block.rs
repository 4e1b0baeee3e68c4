//! AddBlock.

use futures::future::join_all;
use proto::{
    event::Kind::{
        self, BlockUpdated, FriendCancelled, FriendDeclined, FriendRemoved, HiddenChanged,
        PresenceWithdrawn,
    },
    reason::Reason,
    social::{AddBlockRequest, ListBlocksRequest},
};
use tonic::Code;

use crate::world::{
    Person, World, assert_field, assert_refused, assert_unknown, blocking, bytes_of, json, key,
    kind_of,
};

#[tokio::test]
async fn a_block_is_told_to_own_devices_only() {
    let world = World::new().await;
    let [ada, eve] = world.people(["Ada", "Eve"]).await;
    let block = blocking("@eve", false);
    for _ in 0..2 {
        let blocked = ada.add_block(block.clone()).await.expect("blocked");
        assert_eq!(blocked.user, Some(eve.wire()));
    }
    ada.blocks(&eve).await.expect("blocked already");
    assert_eq!(world.kinds(&ada).await, [BlockUpdated, HiddenChanged]);
    let told = world.last(&ada, BlockUpdated).await;
    assert_eq!(
        (&told["user"]["name"], &told["blocked"], &told["mutual"]),
        (&"Eve".into(), &true.into(), &false.into())
    );
    assert_eq!(hidden(&world, &ada).await, [(eve.id(), true)]);
    // Only their gateways are told something, and no client of theirs.
    assert_eq!(world.kinds(&eve).await, [PresenceWithdrawn]);
    assert_eq!(PresenceWithdrawn.frame_type(), None);
    assert_eq!(ada.hidden().await, [eve.id()]);
    assert_eq!(eve.hidden().await, [""; 0]);

    let other = AddBlockRequest {
        is_mutual: true,
        ..block
    };
    assert_refused(
        ada.add_block(other).await,
        Code::AlreadyExists,
        Reason::CONFLICT,
    );
}

#[tokio::test]
async fn a_mutual_block_hides_both_and_can_be_narrowed() {
    let world = World::new().await;
    let [ada, eve] = world.people(["Ada", "Eve"]).await;
    ada.blocks_mutually(&eve).await.expect("blocked");
    assert_eq!(
        (ada.hidden().await, eve.hidden().await),
        (vec![eve.id()], vec![ada.id()])
    );
    ada.blocks(&eve).await.expect("one-way");
    assert_eq!(
        (ada.hidden().await, eve.hidden().await),
        (vec![eve.id()], vec![])
    );
    ada.blocks_mutually(&eve).await.expect("mutual again");
    assert_eq!(
        hidden(&world, &eve).await,
        [(ada.id(), true), (ada.id(), false), (ada.id(), true)]
    );
    assert_eq!(hidden(&world, &ada).await, [(eve.id(), true)]);
    let told = world.last(&ada, BlockUpdated).await;
    assert_eq!(
        (&told["blocked"], &told["mutual"]),
        (&true.into(), &true.into())
    );
    let listed = ada.list_blocks(ListBlocksRequest::default()).await;
    let listed = listed.expect("a list").blocks;
    assert_eq!((listed.len(), listed[0].is_mutual), (1, true));
}

#[tokio::test]
async fn a_block_ends_a_friendship() {
    let world = World::new().await;
    let [ada, bob] = world.people(["Ada", "Bob"]).await;
    world.befriends(&ada, &bob).await;
    assert!(world.may_message(&bob, &ada).await);
    ada.blocks(&bob).await.expect("blocked");
    assert_eq!(
        world.kinds(&ada).await[3..],
        [BlockUpdated, FriendRemoved, HiddenChanged]
    );
    assert_eq!(
        world.kinds(&bob).await[3..],
        [FriendRemoved, PresenceWithdrawn]
    );
    for person in [&ada, &bob] {
        assert_eq!(person.bonds().await[0], [""; 0]);
    }
    assert!(!world.may_message(&bob, &ada).await && !world.may_message(&ada, &bob).await);
}

#[tokio::test]
async fn a_block_takes_ones_own_request_back() {
    let world = World::new().await;
    let [ada, bob] = world.people(["Ada", "Bob"]).await;
    ada.asks(&bob).await.expect("asked");
    ada.blocks(&bob).await.expect("blocked");
    assert_eq!(
        world.kinds(&ada).await[1..],
        [BlockUpdated, FriendCancelled, HiddenChanged]
    );
    assert_eq!(
        world.kinds(&bob).await[2..],
        [FriendCancelled, PresenceWithdrawn]
    );
    assert_eq!(ada.bonds().await[2], [""; 0]);
    assert_eq!(bob.bonds().await[1], [""; 0]);
}

/// A request that vanished from the asker's list at the block would tell of it.
#[tokio::test]
async fn the_request_of_the_blocked_goes_on_waiting_for_them_alone() {
    let world = World::new().await;
    let [ada, eve] = world.people(["Ada", "Eve"]).await;
    eve.asks(&ada).await.expect("asked");
    ada.blocks(&eve).await.expect("blocked");
    assert_eq!(
        world.kinds(&ada).await[2..],
        [BlockUpdated, FriendDeclined, HiddenChanged]
    );
    assert_eq!(world.kinds(&eve).await[1..], [PresenceWithdrawn]);
    assert_eq!(eve.bonds().await[2], ["Ada"]);
    assert_eq!(ada.bonds().await[1], [""; 0]);
    ada.unblocks(&eve).await.expect("unblocked");
    assert_eq!(ada.bonds().await[1], [""; 0], "a block is a no");
}

#[tokio::test]
async fn anyone_who_exists_can_be_blocked_but_oneself() {
    let world = World::new().await;
    let ada = world.person("Ada").await;
    let (boss, eve) = (world.admin("Boss").await, world.stranger("Eve").await);
    ada.blocks(&boss).await.expect("administrators too");
    assert_field(ada.blocks(&ada).await, "user");
    let unknown = bytes_of(ada.add_block(blocking(&key(), false)).await);
    assert_eq!(bytes_of(ada.blocks(&eve).await), unknown);
    assert_unknown(ada.add_block(blocking("@nobody", true)).await);
    assert_field(ada.add_block(blocking("", false)).await, "user");
}

/// What the blocked one has under way is waited for, and what comes later is refused: their lock is held.
#[tokio::test]
async fn a_block_waits_for_what_the_blocked_has_under_way() {
    let world = World::new().await;
    let [ada, eve] = world.people(["Ada", "Eve"]).await;
    let mut under_way = world.db.begin().await.expect("a transaction");
    sqlx::query!(
        r#"select pg_advisory_xact_lock_shared(stream.actor_lock($1, $2))::text as "locked?""#,
        eve.caller.tenant.as_str(),
        eve.caller.user_id.0,
    )
    .fetch_one(&mut *under_way)
    .await
    .expect("locked");
    assert_refused(
        ada.blocks(&eve).await,
        Code::Unavailable,
        Reason::UPSTREAM_UNAVAILABLE,
    );
    assert_eq!(ada.hidden().await, [""; 0]);
    under_way.commit().await.expect("committed");
    ada.blocks(&eve).await.expect("blocked");
}

#[tokio::test(flavor = "multi_thread")]
async fn people_who_block_each_other_at_the_same_moment_both_do() {
    let world = World::new().await;
    let mut pairs = Vec::new();
    for number in 0..20 {
        let one = world.person(&format!("one{number}")).await;
        let other = world.person(&format!("other{number}")).await;
        world.befriends(&one, &other).await;
        pairs.push((one, other));
    }
    let crossing = pairs.iter().map(|(one, other)| async move {
        let (first, second) = tokio::join!(one.blocks(other), other.blocks_mutually(one));
        first.expect("blocked");
        second.expect("blocked");
    });
    join_all(crossing).await;
    for (one, other) in &pairs {
        assert_eq!(one.hidden().await, [other.id()]);
        assert_eq!(other.hidden().await, [one.id()]);
        for person in [one, other] {
            let kinds = world.kinds(person).await;
            let count = |wanted: Kind| kinds.iter().filter(|kind| **kind == wanted).count();
            assert_eq!(
                (count(FriendRemoved), count(HiddenChanged)),
                (1, 1),
                "{kinds:?}"
            );
        }
    }
}

/// What a person's gateways were told of whom they must not see.
async fn hidden(world: &World, person: &Person) -> Vec<(String, bool)> {
    let events = world.events(person).await;
    let changes = events
        .iter()
        .filter(|event| kind_of(event) == HiddenChanged);
    let changes = changes.map(|event| json(&event.data));
    let pairs = changes.map(|data| {
        let user = data["user"].as_str().expect("a user");
        (user.into(), data["hidden"].as_bool().expect("a flag"))
    });
    pairs.collect()
}
