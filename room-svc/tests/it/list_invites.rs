//! ListInvites.

use proto::reason::Reason;
use tonic::Code;

use crate::world::{World, assert_refused, bytes_of, key};

#[tokio::test]
async fn only_codes_that_work_are_listed_newest_first() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    ada.creates("talk").await;
    ada.creates("other").await;
    ada.code("#talk", 0).await;
    world.lets_time_pass().await;
    let (first, once) = (ada.code("#talk", 0).await, ada.code("#talk", 1).await);
    let (revoked, last) = (ada.code("#talk", 0).await, ada.code("#talk", 2).await);
    ada.code("#other", 0).await;
    ada.revokes("#talk", &revoked).await.expect("ended");
    bob.accepts(&once).await.expect("joined");
    let listed = ada.lists_invites("#talk").await.expect("codes");
    let codes: Vec<_> = listed.iter().map(|invite| &invite.code).collect();
    assert_eq!(codes, [&last, &first]);
    assert_eq!((listed[0].max_uses, listed[0].uses), (2, 0));
}

#[tokio::test]
async fn only_moderators_see_codes() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let eve = world.person("Eve").await;
    ada.creates("talk").await;
    bob.joins("#talk").await.expect("joined");
    let refused = bob.lists_invites("#talk").await;
    assert_refused(refused, Code::PermissionDenied, Reason::PERMISSION_DENIED);
    let nowhere = bytes_of(eve.lists_invites(&key()).await);
    assert_eq!(bytes_of(eve.lists_invites("#talk").await), nowhere);
}
