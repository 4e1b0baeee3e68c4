//! RevokeInvite.

use proto::reason::Reason;
use tonic::Code;

use crate::world::{World, assert_field, assert_refused, bytes_of, key};

#[tokio::test]
async fn an_ended_code_lets_nobody_in_and_ending_it_again_is_done_already() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    ada.creates_private("secret").await;
    let (code, other) = (ada.code("#secret", 0).await, ada.code("#secret", 0).await);
    let used = key();
    for _ in 0..2 {
        ada.revokes_with("#secret", &code, &used)
            .await
            .expect("ended");
    }
    ada.revokes("#secret", &code).await.expect("ended already");
    ada.revokes("#secret", &"x".repeat(22))
        .await
        .expect("never worked");
    let unknown = bytes_of(bob.accepts(&"x".repeat(22)).await);
    assert_eq!(bytes_of(bob.accepts(&code).await), unknown);
    let conflict = ada.revokes_with("#secret", &other, &used).await;
    assert_refused(conflict, Code::AlreadyExists, Reason::CONFLICT);
    bob.accepts(&other).await.expect("joined");
}

#[tokio::test]
async fn one_ends_only_codes_of_rooms_one_moderates() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let eve = world.person("Eve").await;
    ada.creates("talk").await;
    bob.creates("other").await;
    bob.joins("#talk").await.expect("joined");
    let code = ada.code("#talk", 0).await;
    let refused = bob.revokes("#talk", &code).await;
    assert_refused(refused, Code::PermissionDenied, Reason::PERMISSION_DENIED);
    let nowhere = bytes_of(eve.revokes(&key(), &code).await);
    assert_eq!(bytes_of(eve.revokes("#talk", &code).await), nowhere);
    // Another room's code is none of this room's.
    bob.revokes("#other", &code).await.expect("no such code");
    assert_field(ada.revokes("#talk", "").await, "code");
    eve.accepts(&code).await.expect("joined");
}
