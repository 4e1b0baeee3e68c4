//! ChangePassword: the old one is needed, and every other session ends.

use proto::{
    auth::{ChangePasswordRequest, auth_service_server::AuthService},
    event::Kind,
    reason::Reason,
};
use tonic::Code;

use crate::world::{PASSWORD, World, by, refusal, session_of, user_id};

const NEW: &str = "another fine phrase";

fn change(old: &str, new: &str) -> ChangePasswordRequest {
    ChangePasswordRequest {
        old_password: old.into(),
        new_password: new.into(),
    }
}

#[tokio::test]
async fn the_password_changes_and_the_other_sessions_end() {
    let world = World::start().await;
    let here = world.sign_up("ada").await;
    let there = world.log_in("ada", PASSWORD).await.expect("logs in");
    world
        .authenticate(session_of(&there))
        .await
        .expect("authenticates");
    world
        .app
        .change_password(by(&here, change(PASSWORD, NEW)))
        .await
        .expect("changes");

    world
        .authenticate(session_of(&here))
        .await
        .expect("this session lives");
    let answer = world.authenticate(session_of(&there)).await;
    assert_eq!(
        refusal(answer),
        (Code::Unauthenticated, Reason::TOKEN_INVALID)
    );
    let answer = world.log_in("ada", PASSWORD).await;
    assert_eq!(
        refusal(answer),
        (Code::Unauthenticated, Reason::CREDENTIALS_INVALID)
    );
    world.log_in("ada", NEW).await.expect("logs in");
    let feed = world.feed(user_id(&here)).await;
    let data = serde_json::json!({"sessions": [there.session_id], "reason": "password"});
    assert_eq!(feed, [(Kind::SessionsRevoked, data)]);
}

#[tokio::test]
async fn a_wrong_old_or_a_weak_new_password_changes_nothing() {
    let world = World::start().await;
    let ada = world.sign_up("ada").await;
    let answer = world
        .app
        .change_password(by(&ada, change("a wrong password", NEW)))
        .await;
    assert_eq!(
        refusal(answer),
        (Code::Unauthenticated, Reason::CREDENTIALS_INVALID)
    );
    for weak in ["short77", "password123", "long but has ada in it"] {
        let answer = world
            .app
            .change_password(by(&ada, change(PASSWORD, weak)))
            .await;
        assert_eq!(
            refusal(answer),
            (Code::InvalidArgument, Reason::FIELD_INVALID),
            "{weak}"
        );
    }
    world.log_in("ada", PASSWORD).await.expect("logs in");
}

#[tokio::test]
async fn guessing_the_old_password_is_slowed_down_too() {
    let world = World::start().await;
    let ada = world.sign_up("ada").await;
    for _ in 0..5 {
        let answer = world
            .app
            .change_password(by(&ada, change("a wrong password", NEW)))
            .await;
        assert_eq!(
            refusal(answer),
            (Code::Unauthenticated, Reason::CREDENTIALS_INVALID)
        );
    }
    world.hold_delays().await;
    let answer = world
        .app
        .change_password(by(&ada, change(PASSWORD, NEW)))
        .await;
    assert_eq!(
        refusal(answer),
        (Code::ResourceExhausted, Reason::RATE_LIMITED)
    );
}

#[tokio::test]
async fn no_session_of_the_old_password_survives_a_race() {
    let world = World::start().await;
    let ada = world.sign_up("ada").await;
    let (changed, logins) = tokio::join!(
        world.app.change_password(by(&ada, change(PASSWORD, NEW))),
        futures::future::join_all((0..4).map(|_| world.log_in("ada", PASSWORD)))
    );
    changed.expect("five attempts are within the limit");
    for grant in logins.into_iter().flatten() {
        let answer = world.authenticate(session_of(&grant)).await;
        assert_eq!(
            refusal(answer),
            (Code::Unauthenticated, Reason::TOKEN_INVALID)
        );
    }
}
