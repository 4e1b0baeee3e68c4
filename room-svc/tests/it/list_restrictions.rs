//! ListRestrictions.

use proto::{
    reason::Reason,
    room::{ListRestrictionsRequest, Restriction},
};
use tonic::Code;

use crate::world::{Person, World, assert_field, assert_refused, bytes_of, governing::mute, key};

fn request(room: &str) -> ListRestrictionsRequest {
    ListRestrictionsRequest {
        room: room.into(),
        ..ListRestrictionsRequest::default()
    }
}

async fn all(person: &Person, room: &str, limit: u32) -> Vec<Restriction> {
    let mut request = ListRestrictionsRequest {
        limit,
        ..request(room)
    };
    let mut restrictions = Vec::new();
    loop {
        let page = person.lists_restrictions(request.clone()).await;
        let page = page.expect("a page");
        restrictions.extend(page.restrictions);
        if page.next_page.is_empty() {
            return restrictions;
        }
        request.page = page.next_page;
    }
}

#[tokio::test]
async fn moderators_see_who_is_banned_and_muted_and_why() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let eve = world.person("Eve").await;
    ada.creates("talk").await;
    ada.creates("other").await;
    bob.joins("#talk").await.expect("joined");
    let muting = mute("#talk", &bob.id());
    ada.orders_mute(muting.clone()).await.expect("muted");
    for person in [&bob, &eve] {
        ada.bans("#talk", &person.id()).await.expect("banned");
    }
    ada.bans("#other", &eve.id()).await.expect("banned");
    for limit in [0, 1] {
        let listed = all(&ada, "#talk", limit).await;
        let mut named: Vec<_> = listed
            .iter()
            .map(|each| (each.name.as_str(), each.kind.as_str(), each.until_ms))
            .collect();
        named.sort_unstable();
        assert_eq!(
            named,
            [
                ("Bob", "ban", 0),
                ("Bob", "mute", muting.until_ms),
                ("Eve", "ban", 0)
            ]
        );
        assert!(listed.iter().all(|each| each.by_user_id == ada.id()));
        assert!(listed.iter().all(|each| each.created_at_ms > 0));
        assert!(listed.iter().any(|each| each.reason == "spam"));
    }
    world.lets_time_pass().await;
    assert_eq!(all(&ada, "#talk", 0).await.len(), 2);
}

#[tokio::test]
async fn others_do_not() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let (eve, root) = (world.person("Eve").await, world.admin("Root").await);
    ada.creates_private("secret").await;
    ada.creates("talk").await;
    bob.joins("#talk").await.expect("joined");
    let refused = bob.lists_restrictions(request("#talk")).await;
    assert_refused(refused, Code::PermissionDenied, Reason::PERMISSION_DENIED);
    let nowhere = bytes_of(eve.lists_restrictions(request(&key())).await);
    for named in ["#talk", "#secret"] {
        let refused = eve.lists_restrictions(request(named)).await;
        assert_eq!(bytes_of(refused), nowhere, "{named}");
    }
    assert!(all(&root, "#secret", 0).await.is_empty());
    let torn = ListRestrictionsRequest {
        page: "!".into(),
        ..request("#talk")
    };
    assert_field(ada.lists_restrictions(torn).await, "page");
}
