//! ListBans.

use proto::{
    id::Tenant,
    moderation::{LiftBanRequest, ListBansRequest},
    reason::Reason,
};
use tonic::Code;

use crate::world::{
    World, account_ban, assert_field, assert_no_admin, assert_refused, key, range_ban,
};

#[tokio::test]
async fn bans_in_force_come_newest_first_in_pages() {
    let world = World::new().await;
    let (ada, bob) = (world.admin("Ada").await, world.person("Bob").await);
    let mut made = Vec::new();
    for third in 0..5 {
        let ban = ada.bans(range_ban(&format!("203.0.{third}.0/24"))).await;
        made.push(ban.expect("banned").ban.expect("a ban"));
    }
    let ban = ada.bans(account_ban(&bob.id())).await.expect("banned");
    made.push(ban.ban.expect("a ban"));
    let lifted = made.remove(2);
    let lift = LiftBanRequest {
        ban_id: lifted.ban_id,
        key: key(),
        ..LiftBanRequest::default()
    };
    ada.lifts(lift).await.expect("lifted");
    made.reverse();

    let mut listed = Vec::new();
    let mut page = String::new();
    let mut pages = 0;
    loop {
        let request = ListBansRequest {
            page,
            limit: 2,
            ..ListBansRequest::default()
        };
        let answer = ada.lists_bans(request).await.expect("a page");
        listed.extend(answer.bans);
        pages += 1;
        page = answer.next_page;
        if page.is_empty() {
            break;
        }
    }
    assert_eq!((listed, pages), (made, 3));

    for named in [bob.id(), bob.named()] {
        let request = ListBansRequest {
            user_id: named,
            ..ListBansRequest::default()
        };
        let of_bob = ada.lists_bans(request).await.expect("bans").bans;
        assert_eq!(of_bob.len(), 1);
        assert_eq!(of_bob[0].user_id, bob.id());
    }
}

#[tokio::test]
async fn users_and_other_tenants_see_none_of_it() {
    let world = World::new().await;
    let (ada, bob) = (world.admin("Ada").await, world.person("Bob").await);
    ada.bans(range_ban("203.0.113.0/24")).await.expect("banned");
    assert_no_admin(bob.lists_bans(ListBansRequest::default()).await);
    let other: Tenant = "other".parse().expect("a tenant");
    let eve = world.person_of("Eve", true, other).await;
    let listed = eve.lists_bans(ListBansRequest::default()).await;
    assert!(listed.expect("bans").bans.is_empty());
}

#[tokio::test]
async fn bad_requests_are_told_apart() {
    let world = World::new().await;
    let ada = world.admin("Ada").await;
    let page = ListBansRequest {
        page: "x".into(),
        ..ListBansRequest::default()
    };
    assert_field(ada.lists_bans(page).await, "page");
    let limit = ListBansRequest {
        limit: 101,
        ..ListBansRequest::default()
    };
    assert_field(ada.lists_bans(limit).await, "limit");
    let nobody = ListBansRequest {
        user_id: "@nobody".into(),
        ..ListBansRequest::default()
    };
    assert_refused(
        ada.lists_bans(nobody).await,
        Code::NotFound,
        Reason::USER_NOT_FOUND,
    );
}
