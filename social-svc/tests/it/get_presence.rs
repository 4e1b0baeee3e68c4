//! GetPresence.

use proto::{
    id::UserId,
    reason::Reason,
    social::{GetPresenceRequest, Presence},
};
use tonic::Code;

use crate::{
    contracts,
    world::{World, assert_field, assert_refused, key},
};

#[tokio::test]
async fn friends_and_people_in_a_common_room_are_seen_and_all_others_are_offline() {
    let world = World::new().await;
    let [ada, friend, mate, other] = world.people(["Ada", "Friend", "Mate", "Other"]).await;
    let eve = world.stranger("Eve").await;
    world.befriends(&ada, &friend).await;
    contracts::meet(&world.db, &[&ada.caller, &mate.caller]).await;
    contracts::meet(&world.db, &[&mate.caller, &other.caller]).await;
    let everyone = [&ada, &friend, &mate, &other, &eve];
    let online = everyone.map(|person| (person, 1, true));
    world.reports("gw", &online).await;

    let unknown = UserId::generate().to_string();
    let mut user_ids: Vec<String> = everyone.iter().map(|person| person.id()).collect();
    user_ids.extend([unknown.clone(), friend.id()]);
    let request = GetPresenceRequest {
        user_ids: user_ids.clone(),
    };
    let seen = ada.get_presence(request).await.expect("presence").people;
    let ids: Vec<_> = seen.iter().map(|each| each.user_id.clone()).collect();
    assert_eq!(ids, user_ids, "in the order asked");
    let statuses: Vec<_> = seen
        .iter()
        .map(|each| (each.status.as_str(), each.is_followable))
        .collect();
    let (seen_online, nothing) = (("online", true), ("offline", false));
    assert_eq!(
        statuses,
        [
            seen_online,
            seen_online,
            seen_online,
            nothing,
            nothing,
            nothing,
            seen_online
        ]
    );
    // Who may not be seen looks like nobody.
    let nobody = Presence {
        user_id: String::new(),
        ..seen[5].clone()
    };
    assert_eq!((nobody.text.as_str(), nobody.last_seen_ms), ("", 0));
    for hidden in &seen[3..5] {
        let hidden = Presence {
            user_id: String::new(),
            ..hidden.clone()
        };
        assert_eq!(hidden, nobody);
    }
}

#[tokio::test]
async fn a_block_in_either_direction_leaves_both_offline_for_each_other() {
    let world = World::new().await;
    let [ada, eve, cyd] = world.people(["Ada", "Eve", "Cyd"]).await;
    contracts::meet(&world.db, &[&ada.caller, &eve.caller, &cyd.caller]).await;
    world
        .reports("gw", &[(&ada, 1, true), (&eve, 1, true)])
        .await;
    for is_mutual in [false, true] {
        let block = crate::world::blocking(&eve.id(), is_mutual);
        ada.add_block(block).await.expect("blocked");
        for (viewer, other) in [(&ada, &eve), (&eve, &ada)] {
            let seen = viewer.sees(other).await;
            assert_eq!(
                (seen.status.as_str(), seen.is_followable),
                ("offline", false)
            );
        }
        assert_eq!(cyd.sees_status(&ada).await, "online");
    }
    ada.unblocks(&eve).await.expect("unblocked");
    assert_eq!(eve.sees_status(&ada).await, "online");
}

#[tokio::test]
async fn who_is_hidden_by_moderators_sees_themselves_only() {
    let world = World::new().await;
    let [ada, eve] = world.people(["Ada", "Eve"]).await;
    contracts::meet(&world.db, &[&ada.caller, &eve.caller]).await;
    world.reports("gw", &[(&eve, 1, true)]).await;
    contracts::shadow(&world.db, &eve.caller).await;
    assert_eq!(ada.sees_status(&eve).await, "offline");
    assert_eq!(eve.sees_status(&eve).await, "online");
}

#[tokio::test]
async fn without_redis_nobody_knows_instead_of_nobody_being_there() {
    let mut world = World::new().await;
    let ada = world.person("Ada").await;
    world.redis = None;
    let request = GetPresenceRequest {
        user_ids: vec![ada.id()],
    };
    assert_refused(
        ada.get_presence(request).await,
        Code::Unavailable,
        Reason::UPSTREAM_UNAVAILABLE,
    );
}

#[tokio::test]
async fn a_question_names_at_most_200_ids() {
    let world = World::new().await;
    let ada = world.person("Ada").await;
    let asked = |user_ids| ada.get_presence(GetPresenceRequest { user_ids });
    assert_eq!(asked(vec![]).await.expect("nobody").people, []);
    assert_eq!(
        asked(vec![key(); 200]).await.expect("200").people.len(),
        200
    );
    assert_field(asked(vec![key(); 201]).await, "users");
    assert_field(asked(vec!["@Ada".into()]).await, "users");
}
