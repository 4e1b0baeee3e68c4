//! OpenDirect, and what a direct conversation is to the other methods.

use futures::future::join_all;
use proto::{
    event::Kind,
    reason::Reason,
    room::{
        ListMembersRequest, ListRestrictionsRequest, ListRoomsRequest, RoomRole, UpdateRoomRequest,
    },
};
use room_svc::config::RoomConfig;
use tonic::{Code, Status};

use crate::world::{
    World, assert_field, assert_refused, bytes_of,
    governing::{invite, rename, update},
    json, key,
};

#[tokio::test]
async fn two_people_find_the_same_conversation_named_after_each_other() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let used = key();
    let opened = ada.opens_with("@Bob", &used).await.expect("opened");
    let room = opened.room.clone().expect("a room");
    assert_eq!(
        (room.name.as_str(), room.kind.as_str(), &room.peer_id),
        ("Bob", "direct", &bob.id())
    );
    assert_eq!((room.members, room.is_joined, opened.head), (2, true, 1));
    let events = world.events(&room.room_id).await;
    assert_eq!(world.kinds(&room.room_id).await, [Kind::RoomCreated]);
    assert_eq!(opened.head_id, events[0].event_id);
    let created = json(&events[0].data);
    assert_eq!(
        (created["kind"].as_str(), created["name"].as_str()),
        (Some("direct"), Some(""))
    );
    for (person, peer) in [(&ada, "Bob"), (&bob, "Ada")] {
        let feed = world.events(&person.id()).await;
        let told = json(&feed[0].data);
        assert_eq!(feed.len(), 1);
        assert_eq!(
            (told["name"].as_str(), told["kind"].as_str()),
            (Some(peer), Some("direct"))
        );
        assert_eq!(told["joined"], true);
        let mine = person.lists_own().await.remove(0).room.expect("a room");
        assert_eq!(mine.name, peer);
        assert_eq!(person.gets(&room.room_id).await.expect("a room"), mine);
    }
    for again in [
        ada.opens_with("@Bob", &used).await,
        ada.opens_with(&bob.id(), &used).await,
        ada.opens_direct(&bob.id()).await,
    ] {
        assert_eq!(again.expect("opened"), opened);
    }
    let theirs = bob.opens_direct(&ada.id()).await.expect("opened");
    assert_eq!(theirs.room.expect("a room").room_id, room.room_id);
    bob.says(&room.room_id, "hi").await.expect("sent");
    let now = ada.opens_direct("@Bob").await.expect("opened");
    assert_eq!(now.head, 2);
    assert_eq!(world.counts("room.room").await, 1);
}

#[tokio::test]
async fn whoever_cannot_be_written_to_is_unavailable_and_nothing_more_is_told() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    world.estranges(&ada, &bob).await;
    let unknown = bytes_of(ada.opens_direct(&key()).await);
    assert_eq!(unknown.0, Code::PermissionDenied);
    for user in [bob.id(), "@Bob".into(), "@nobody".into(), "no name".into()] {
        assert_eq!(bytes_of(ada.opens_direct(&user).await), unknown, "{user}");
    }
    assert_eq!(world.counts("room.room").await, 0);
    for own in [ada.id(), "@Ada".into(), String::new()] {
        assert_field(ada.opens_direct(&own).await, "user");
    }
    assert_field(ada.opens_with(&bob.id(), "").await, "key");
    // Bob may still write to Ada, and then their conversation is there for both.
    let opened = bob.opens_direct("@Ada").await.expect("opened");
    let found = ada.opens_direct("@Bob").await.expect("opened");
    assert_eq!(
        found.room.expect("a room").room_id,
        opened.room.expect("a room").room_id
    );
    let used = key();
    let eve = world.person("Eve").await;
    ada.opens_with("@Eve", &used).await.expect("opened");
    let conflict = ada.opens_with("@Bob", &used).await;
    // The conversation exists, but the key was another one's.
    assert_refused(conflict, Code::AlreadyExists, Reason::CONFLICT);
    assert_eq!(eve.lists_own().await.len(), 1);
}

#[tokio::test]
async fn history_stays_when_friendship_or_account_ends() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let opened = ada.opens_direct(&bob.id()).await.expect("opened");
    ada.says(&opened.room.expect("a room").room_id, "hi")
        .await
        .expect("sent");
    world.estranges(&ada, &bob).await;
    assert_eq!(ada.opens_direct("@Bob").await.expect("opened").head, 2);
    world.accounts.remove("Bob");
    assert_eq!(ada.opens_direct(&bob.id()).await.expect("opened").head, 2);
    let unknown = ada.opens_direct("@Bob").await;
    assert_refused(
        unknown,
        Code::PermissionDenied,
        Reason::RECIPIENT_UNAVAILABLE,
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn many_who_open_at_once_open_one() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let opens = (0..16).map(|number| {
        let (person, peer) = if number % 2 == 0 {
            (ada.clone(), bob.id())
        } else {
            (bob.clone(), ada.id())
        };
        tokio::spawn(async move { person.opens_direct(&peer).await })
    });
    let mut rooms = Vec::new();
    for answer in join_all(opens).await {
        let opened = answer.expect("no panic").expect("opened");
        rooms.push(opened.room.expect("a room").room_id);
    }
    rooms.dedup();
    assert_eq!(rooms.len(), 1);
    for person in [&ada, &bob] {
        assert_eq!(world.kinds(&person.id()).await, [Kind::MembershipChanged]);
    }
    assert_eq!(world.counts("room.member").await, 2);
}

#[tokio::test]
async fn nobody_else_finds_a_conversation() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let (eve, root) = (world.person("Eve").await, world.admin("Root").await);
    let opened = ada.opens_direct(&bob.id()).await.expect("opened");
    let room = opened.room.expect("a room").room_id;
    for person in [&ada, &eve, &root] {
        let listed = person.lists(ListRoomsRequest::default()).await;
        assert!(listed.expect("rooms").rooms.is_empty());
        let named = person.gets("#Bob").await;
        assert_refused(named, Code::NotFound, Reason::ROOM_NOT_FOUND);
    }
    for person in [&eve, &root] {
        let nowhere = bytes_of(person.gets(&key()).await);
        assert_eq!(bytes_of(person.gets(&room).await), nowhere);
        assert_eq!(bytes_of(person.joins(&room).await), nowhere);
        assert_eq!(bytes_of(person.leaves(&room).await), nowhere);
        let nowhere = bytes_of(person.kicks(&key(), &bob.id()).await);
        assert_eq!(nowhere.0, Code::PermissionDenied);
        for refused in [
            person.kicks(&room, &bob.id()).await,
            person.bans(&room, &bob.id()).await,
            person.mutes(&room, &bob.id()).await,
            person.deletes_room(&room).await,
            person.transfers(&room, &bob.id()).await,
            person.invites(&room, &eve.id()).await,
            person.updates(rename(&room, "ours")).await.map(|_| ()),
            person.says(&room, "hi").await.map(|_| ()),
        ] {
            assert_eq!(bytes_of(refused), nowhere);
        }
    }
    assert_eq!(world.counts("room.membership").await, 0);
}

#[tokio::test]
async fn a_conversation_has_no_roles_and_no_way_out() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let opened = ada.opens_direct(&bob.id()).await.expect("opened");
    let room = opened.room.expect("a room").room_id;
    let topic = UpdateRoomRequest {
        topic: Some("us".into()),
        ..update(&room)
    };
    let restrictions = ListRestrictionsRequest {
        room: room.clone(),
        ..ListRestrictionsRequest::default()
    };
    let unit = |answer: Result<_, Status>| answer.map(|_| ());
    for refused in [
        ada.kicks(&room, &bob.id()).await,
        ada.bans(&room, &bob.id()).await,
        ada.unbans(&room, &bob.id()).await,
        ada.mutes(&room, &bob.id()).await,
        ada.unmutes(&room, &bob.id()).await,
        ada.deletes_room(&room).await,
        ada.transfers(&room, &bob.id()).await,
        ada.invites(&room, &bob.id()).await,
        ada.gives_role(&room, &bob.id(), RoomRole::Owner).await,
        unit(ada.updates(topic).await),
        ada.creates_invite(invite(&room)).await.map(|_| ()),
        ada.lists_invites(&room).await.map(|_| ()),
        ada.revokes(&room, "x").await,
        ada.lists_restrictions(restrictions).await.map(|_| ()),
    ] {
        let refusal = assert_refused(refused, Code::PermissionDenied, Reason::PERMISSION_DENIED);
        assert_eq!(refusal.message, "a direct conversation has no roles");
    }
    assert_field(ada.leaves(&room).await, "room");
    let view = ada.joins(&room).await.expect("a member's view");
    assert_eq!(view.room.expect("a room").name, "Bob");
    let members = ListMembersRequest {
        room: room.clone(),
        ..ListMembersRequest::default()
    };
    let members = ada.lists_members(members).await.expect("members");
    assert_eq!(members.members.len(), 2);
    assert_eq!(world.kinds(&room).await, [Kind::RoomCreated]);
}

#[tokio::test]
async fn one_has_so_many_conversations_beside_one_s_rooms() {
    let config = RoomConfig {
        name_cache: 10,
        rooms_per_user: 1,
    };
    let world = World::with(config).await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let (eve, zoe) = (world.person("Eve").await, world.person("Zoe").await);
    ada.creates("talk").await;
    ada.opens_direct(&bob.id()).await.expect("opened");
    let full = ada.opens_direct(&eve.id()).await;
    assert_refused(full, Code::ResourceExhausted, Reason::QUOTA);
    let crowded = eve.opens_direct(&ada.id()).await;
    assert_refused(
        crowded,
        Code::PermissionDenied,
        Reason::RECIPIENT_UNAVAILABLE,
    );
    eve.opens_direct(&zoe.id()).await.expect("opened");
    eve.creates("other").await;
}
