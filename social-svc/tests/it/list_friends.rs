//! ListFriends.

use proto::social::ListFriendsRequest;

use crate::{
    contracts,
    world::{World, assert_field, bonds},
};

#[tokio::test]
async fn friends_come_by_name_in_pages_and_requests_with_the_first() {
    let world = World::new().await;
    let ada = world.person("Ada").await;
    for name in ["dan", "Bob", "cyd", "Eli", "fay"] {
        let friend = world.person(name).await;
        world.befriends(&friend, &ada).await;
    }
    for name in ["Gil", "Hal"] {
        world.person(name).await.asks(&ada).await.expect("asked");
        let other = world.person(&format!("to-{name}")).await;
        ada.asks(&other).await.expect("asked");
    }
    let (mut page, mut names, mut pages) = (String::new(), Vec::new(), 0);
    loop {
        let request = ListFriendsRequest { page, limit: 2 };
        let listed = ada.list_friends(request).await.expect("a page");
        let pending = (listed.incoming.len(), listed.outgoing.len());
        assert_eq!(pending, if pages == 0 { (2, 2) } else { (0, 0) });
        names.extend(listed.friends.into_iter().map(|friend| friend.name));
        (page, pages) = (listed.next_page, pages + 1);
        if page.is_empty() {
            break;
        }
    }
    assert_eq!(
        (names.join(" ").as_str(), pages),
        ("Bob cyd dan Eli fay", 3)
    );
    let [_, incoming, outgoing] = ada.bonds().await;
    assert_eq!(incoming, ["Hal", "Gil"], "newest first");
    assert_eq!(outgoing, ["to-Hal", "to-Gil"]);
}

#[tokio::test]
async fn who_closed_their_account_is_not_listed() {
    let world = World::new().await;
    let [ada, bob, cyd] = world.people(["Ada", "Bob", "Cyd"]).await;
    world.befriends(&ada, &bob).await;
    ada.asks(&cyd).await.expect("asked");
    for person in [&bob, &cyd] {
        contracts::close(&world.db, person.caller.user_id).await;
    }
    assert_eq!(ada.bonds().await, bonds(&[], &[], &[]));
    assert_eq!(ada.counts().await.friends, 0);
}

#[tokio::test]
async fn a_page_is_one_of_this_list_and_not_too_long() {
    let world = World::new().await;
    let ada = world.person("Ada").await;
    for (page, limit, field) in [("x", 1, "page"), ("", 101, "limit")] {
        let page = page.into();
        let refused = ada.list_friends(ListFriendsRequest { page, limit }).await;
        assert_field(refused, field);
    }
}
