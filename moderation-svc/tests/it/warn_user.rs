//! WarnUser.

use proto::{event::Kind, moderation::WarnUserRequest, reason::Reason};
use serde_json::json;
use tonic::Code;

use crate::world::{Person, World, assert_field, assert_no_admin, assert_refused, json, key};

fn warning_of(user: &Person) -> WarnUserRequest {
    WarnUserRequest {
        user_id: user.id(),
        reason: "links to shops".into(),
        key: key(),
    }
}

#[tokio::test]
async fn an_account_is_warned_once_per_key() {
    let world = World::new().await;
    let (ada, bob) = (world.admin("Ada").await, world.person("Bob").await);
    let request = warning_of(&bob);
    for _ in 0..2 {
        ada.warns(request.clone()).await.expect("warned");
    }
    ada.warns(warning_of(&bob)).await.expect("warned again");
    let feed = world.events(bob.caller.user_id).await;
    assert_eq!(
        world.kinds(bob.caller.user_id).await,
        [Kind::Warned, Kind::Warned]
    );
    assert_eq!(json(&feed[0].data), json!({ "reason": "links to shops" }));
    // What a person wrote is not for ever.
    let row = (ada.id(), "warn".into(), bob.id(), json!({}));
    assert_eq!(world.audit().await, [row.clone(), row]);
    let other = WarnUserRequest {
        reason: "else".into(),
        ..request
    };
    assert_refused(
        ada.warns(other).await,
        Code::AlreadyExists,
        Reason::CONFLICT,
    );
}

#[tokio::test]
async fn refusals() {
    let world = World::new().await;
    let (ada, bob) = (world.admin("Ada").await, world.person("Bob").await);
    assert_no_admin(bob.warns(warning_of(&ada)).await);
    let nobody = WarnUserRequest {
        user_id: key(),
        ..warning_of(&bob)
    };
    assert_refused(
        ada.warns(nobody).await,
        Code::NotFound,
        Reason::USER_NOT_FOUND,
    );
    let no_reason = WarnUserRequest {
        reason: " ".into(),
        ..warning_of(&bob)
    };
    assert_field(ada.warns(no_reason).await, "reason");
    let no_key = WarnUserRequest {
        key: "a b".into(),
        ..warning_of(&bob)
    };
    assert_field(ada.warns(no_key).await, "key");
    assert!(world.acts().await.is_empty());
}
