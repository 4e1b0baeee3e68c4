//! ListMembers.

use proto::{
    reason::Reason,
    room::{ListMembersRequest, RoomRole},
};
use tonic::Code;

use crate::world::{World, assert_field, assert_refused, bytes_of, key};

fn members(room: &str, page: &str, limit: u32) -> ListMembersRequest {
    ListMembersRequest {
        room: room.into(),
        page: page.into(),
        limit,
    }
}

#[tokio::test]
async fn members_come_by_name_in_pages_with_their_roles() {
    let world = World::new().await;
    let ada = world.person("ada").await;
    ada.creates("talk").await;
    let mut expected = vec![(String::from("ada"), RoomRole::Owner)];
    for number in 0..24 {
        // Names that differ in case only sort together; ids tell them apart.
        let name = format!(
            "{} {:02}",
            if number % 2 == 0 { "User" } else { "user" },
            number / 2
        );
        let person = world.person(&name).await;
        person.joins("#talk").await.expect("joined");
        expected.push((name, RoomRole::Member));
    }
    expected.sort_by_key(|(name, _)| name.to_lowercase());
    let (mut seen, mut page) = (Vec::new(), String::new());
    loop {
        let listed = ada
            .lists_members(members("#talk", &page, 10))
            .await
            .expect("a page");
        seen.extend(
            listed
                .members
                .iter()
                .map(|member| (member.name.clone(), member.role())),
        );
        page = listed.next_page;
        if page.is_empty() {
            break;
        }
    }
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn only_members_see_members() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    ada.creates("talk").await;
    ada.creates_private("secret").await;
    let nowhere = bytes_of(bob.lists_members(members(&key(), "", 0)).await);
    for named in ["#talk", "#secret", "#nothing"] {
        assert_eq!(
            bytes_of(bob.lists_members(members(named, "", 0)).await),
            nowhere,
            "{named}"
        );
    }
    bob.joins("#talk").await.expect("joined");
    assert_eq!(
        bob.lists_members(members("#talk", "", 0))
            .await
            .expect("a list")
            .members
            .len(),
        2
    );
    bob.leaves("#talk").await.expect("left");
    let former = bob.lists_members(members("#talk", "", 0)).await;
    assert_refused(former, Code::PermissionDenied, Reason::NOT_A_MEMBER);
    assert_field(ada.lists_members(members("#talk", "%", 0)).await, "page");
    assert_field(
        ada.lists_members(members("#talk", "", 1_000)).await,
        "limit",
    );
}
