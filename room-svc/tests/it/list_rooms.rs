//! ListRooms.

use proto::room::ListRoomsRequest;

use crate::world::{Person, World, assert_field};

fn query(query: &str) -> ListRoomsRequest {
    ListRoomsRequest {
        query: query.into(),
        ..ListRoomsRequest::default()
    }
}

async fn names(person: &Person, request: ListRoomsRequest) -> Vec<String> {
    let listed = person.lists(request).await.expect("a list");
    listed.rooms.into_iter().map(|room| room.name).collect()
}

#[tokio::test]
async fn one_sees_the_open_the_own_and_the_ones_one_is_invited_to() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    ada.creates("open").await;
    ada.creates_private("hers").await;
    ada.creates_private("invited").await;
    bob.creates_private("his").await;
    ada.invites("#invited", &bob.id()).await.expect("invited");
    assert_eq!(names(&bob, query("")).await, ["his", "invited", "open"]);
    assert_eq!(names(&ada, query("")).await, ["hers", "invited", "open"]);
    let listed = bob.lists(query("")).await.expect("a list");
    let joined: Vec<bool> = listed.rooms.iter().map(|room| room.is_joined).collect();
    assert_eq!(joined, [true, false, false]);
    let eve = world
        .person_of("Eve", "elsewhere".parse().expect("a tenant"))
        .await;
    assert!(names(&eve, query("")).await.is_empty());
}

#[tokio::test]
async fn a_query_is_part_of_a_name_and_wildcards_are_letters() {
    let world = World::new().await;
    let ada = world.person("Ada").await;
    for name in ["Rust_lang", "rust lang", "Комната"] {
        ada.creates(name).await;
    }
    assert_eq!(names(&ada, query("LANG")).await, ["rust lang", "Rust_lang"]);
    assert_eq!(names(&ada, query("t_l")).await, ["Rust_lang"]);
    assert_eq!(names(&ada, query("#КОМ")).await, ["Комната"]);
    for nothing in ["%", "r%t", "\\", "'; drop table room.room"] {
        assert!(names(&ada, query(nothing)).await.is_empty(), "{nothing}");
    }
    assert_field(ada.lists(query("\0")).await, "query");
}

#[tokio::test]
async fn pages_hold_each_room_once_in_order_while_others_are_made() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    for number in 0..25 {
        ada.creates(&format!("room {number:02}")).await;
    }
    let (mut seen, mut page) = (Vec::new(), String::new());
    loop {
        let request = ListRoomsRequest {
            page: page.clone(),
            limit: 10,
            ..ListRoomsRequest::default()
        };
        let listed = ada.lists(request).await.expect("a page");
        assert!(listed.rooms.len() <= 10);
        seen.extend(listed.rooms.into_iter().map(|room| room.name));
        if listed.next_page.is_empty() {
            break;
        }
        page = listed.next_page;
        // Behind the place where the next page begins: must not move it.
        bob.creates(&format!("aaa {}", seen.len())).await;
    }
    let expected: Vec<String> = (0..25).map(|number| format!("room {number:02}")).collect();
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn bad_pages_and_limits_are_named() {
    let world = World::new().await;
    let ada = world.person("Ada").await;
    for page in ["x", "not base64!", "AAAA"] {
        let request = ListRoomsRequest {
            page: page.into(),
            ..ListRoomsRequest::default()
        };
        assert_field(ada.lists(request).await, "page");
    }
    let request = ListRoomsRequest {
        limit: 101,
        ..ListRoomsRequest::default()
    };
    assert_field(ada.lists(request).await, "limit");
}
