//! RevokeSession: one's own sessions, nobody else's.

use proto::{
    auth::{RevokeSessionRequest, auth_service_server::AuthService},
    event::Kind,
    id::SessionId,
    reason::Reason,
};
use tonic::Code;

use crate::world::{PASSWORD, World, by, refusal, session_of, user_id};

fn revoke(session_id: &str) -> RevokeSessionRequest {
    RevokeSessionRequest {
        session_id: session_id.into(),
    }
}

#[tokio::test]
async fn another_of_ones_own_sessions_ends() {
    let world = World::start().await;
    let here = world.sign_up("ada").await;
    let there = world.log_in("ada", PASSWORD).await.expect("logs in");
    world
        .authenticate(session_of(&there))
        .await
        .expect("authenticates");
    for _ in 0..2 {
        let answer = world
            .app
            .revoke_session(by(&here, revoke(&there.session_id)))
            .await;
        answer.expect("is idempotent");
    }
    let answer = world.authenticate(session_of(&there)).await;
    assert_eq!(
        refusal(answer),
        (Code::Unauthenticated, Reason::TOKEN_INVALID)
    );
    world
        .authenticate(session_of(&here))
        .await
        .expect("this one lives");
    let feed = world.feed(user_id(&here)).await;
    let data = serde_json::json!({"sessions": [there.session_id], "reason": "revoked"});
    assert_eq!(feed, [(Kind::SessionsRevoked, data)]);
}

#[tokio::test]
async fn a_session_of_somebody_else_stays_and_looks_like_none() {
    let world = World::start().await;
    let (ada, eve) = (world.sign_up("ada").await, world.sign_up("eve").await);
    let nobodys = SessionId::generate().to_string();
    for id in [&ada.session_id, &nobodys] {
        world
            .app
            .revoke_session(by(&eve, revoke(id)))
            .await
            .expect("tells nothing");
    }
    world
        .authenticate(session_of(&ada))
        .await
        .expect("ada's session lives");
    assert!(world.feed(user_id(&ada)).await.is_empty());
    let answer = world.app.revoke_session(by(&eve, revoke("1"))).await;
    assert_eq!(
        refusal(answer),
        (Code::InvalidArgument, Reason::FIELD_INVALID)
    );
}
