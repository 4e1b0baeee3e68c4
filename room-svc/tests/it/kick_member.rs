//! KickMember.

use proto::{event::Kind, reason::Reason, room::ListMembersRequest, room::RoomRole};
use tonic::Code;

use crate::insisting::Insisting;
use crate::world::{World, assert_field, assert_refused, bytes_of, json, key, kind_of};

#[tokio::test]
async fn who_is_kicked_is_out_told_why_and_may_come_back() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let room = ada.creates("talk").await;
    bob.joins("#talk").await.expect("joined");
    let used = key();
    for _ in 0..2 {
        ada.kicks_with("#talk", "@bob", &used)
            .await
            .expect("kicked");
    }
    let events = world.events(&room.room_id).await;
    let last = events.last().expect("events");
    assert_eq!((events.len(), kind_of(last)), (4, Kind::MemberLeft));
    let told = json(&last.data);
    assert_eq!(
        (told["user"]["name"].as_str(), told["reason"].as_str()),
        (Some("Bob"), Some("kicked"))
    );
    let feed = world.events(&bob.id()).await;
    let kinds: Vec<_> = feed.iter().map(kind_of).collect();
    assert_eq!(
        kinds,
        [
            Kind::MembershipChanged,
            Kind::Kicked,
            Kind::MembershipChanged
        ]
    );
    let act = json(&feed[1].data);
    assert_eq!(act["room"], room.room_id.as_str());
    assert_eq!(
        (act["reason"].as_str(), act.get("until")),
        (Some("too loud"), None)
    );
    assert_eq!(json(&feed[2].data)["joined"], false);
    let acts = world.recorded_acts().await;
    assert_eq!(acts.len(), 1);
    assert_eq!(
        (acts[0].action.as_str(), &acts[0].subject),
        ("room.kick", &bob.id())
    );
    assert_eq!(acts[0].detail["room"], room.room_id.as_str());
    let words = acts[0].detail.to_string();
    assert!(!words.contains("too loud"), "the log is for ever: {words}");
    assert_eq!(ada.gets("#talk").await.expect("a room").members, 1);
    let sent = bob.says("#talk", "why?").await;
    assert_refused(sent, Code::PermissionDenied, Reason::NOT_A_MEMBER);

    bob.joins("#talk").await.expect("joined again");
    ada.kicks_with("#talk", "@bob", &used)
        .await
        .expect("the first answer");
    assert!(bob.gets("#talk").await.expect("a room").is_joined);
    let other = ada.kicks_with("#talk", &bob.id(), &used).await;
    assert_refused(other, Code::AlreadyExists, Reason::CONFLICT);
}

#[tokio::test]
async fn one_acts_only_on_people_below_oneself() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let (eve, zoe) = (world.person("Eve").await, world.person("Zoe").await);
    ada.creates("talk").await;
    for person in [&bob, &eve, &zoe] {
        person.joins("#talk").await.expect("joined");
    }
    for person in [&bob, &eve] {
        ada.gives_role("#talk", &person.id(), RoomRole::Moderator)
            .await
            .expect("a moderator");
    }
    for (by, target) in [
        (&zoe, &eve),
        (&zoe, &zoe),
        (&bob, &ada),
        (&bob, &eve),
        (&bob, &bob),
        (&ada, &ada),
    ] {
        let refused = by.kicks("#talk", &target.id()).await;
        assert_refused(refused, Code::PermissionDenied, Reason::PERMISSION_DENIED);
    }
    bob.kicks("#talk", &zoe.id()).await.expect("kicked");
    let gone = bob.kicks("#talk", &zoe.id()).await;
    assert_refused(gone, Code::NotFound, Reason::USER_NOT_FOUND);
    ada.kicks("#talk", &eve.id()).await.expect("kicked");
    let nowhere = bytes_of(zoe.kicks(&key(), &ada.id()).await);
    assert_eq!(bytes_of(zoe.kicks("#talk", &ada.id()).await), nowhere);
    assert_eq!(bytes_of(zoe.kicks("#talk", &key()).await), nowhere);
    assert_field(ada.kicks("#talk", "").await, "user");
    assert_field(ada.kicks_with("#talk", &bob.id(), "").await, "key");
    assert_eq!(world.recorded_acts().await.len(), 2);
}

#[tokio::test]
async fn an_administrator_acts_anywhere_and_an_ownerless_room_finds_an_heir() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let (eve, root) = (world.person("Eve").await, world.admin("Root").await);
    let room = ada.creates_private("secret").await;
    for person in [&eve, &bob] {
        ada.invites("#secret", &person.id()).await.expect("invited");
        person.joins("#secret").await.expect("joined");
    }
    ada.gives_role("#secret", &bob.id(), RoomRole::Moderator)
        .await
        .expect("a moderator");
    root.kicks("#secret", &ada.id()).await.expect("kicked");
    let request = ListMembersRequest {
        room: "#secret".into(),
        ..ListMembersRequest::default()
    };
    let members = bob.lists_members(request).await.expect("members").members;
    let roles: Vec<_> = members
        .iter()
        .map(|member| (member.name.as_str(), member.role()))
        .collect();
    assert_eq!(roles, [("Bob", RoomRole::Owner), ("Eve", RoomRole::Member)]);
    let events = world.events(&room.room_id).await;
    let passed = json(&events.last().expect("events").data);
    assert_eq!(
        (passed["user"]["name"].as_str(), passed["role"].as_str()),
        (Some("Bob"), Some("owner"))
    );
    for person in [&bob, &eve] {
        root.kicks("#secret", &person.id()).await.expect("kicked");
    }
    // A private room without members could never be entered again.
    let kinds = world.kinds(&room.room_id).await;
    assert_eq!(kinds.last(), Some(&Kind::RoomDeleted));
    bob.creates_private("secret").await;
    let missing = root.kicks(&room.room_id, &eve.id()).await;
    assert_refused(missing, Code::PermissionDenied, Reason::NOT_A_MEMBER);
}

/// G4: once a kick is acknowledged, nothing that was under way is accepted after it.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_accepted_after_an_acknowledged_kick() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let room = ada.creates("talk").await;
    for _ in 0..20 {
        bob.joins("#talk").await.expect("joined");
        let insisting = Insisting::begin(&bob, &room.room_id).await;
        ada.kicks("#talk", &bob.id()).await.expect("kicked");
        // What the log holds at this moment is all there will ever be of this stay.
        let at_ack = world.events(&room.room_id).await.len();
        let accepted = insisting.end(Reason::NOT_A_MEMBER).await;
        let events = world.events(&room.room_id).await;
        assert_eq!(events.len(), at_ack);
        assert_eq!(kind_of(events.last().expect("events")), Kind::MemberLeft);
        for id in accepted {
            assert!(events.iter().any(|event| event.event_id == id));
        }
    }
}
