//! ListSessions: one's own, live, newest first.

use proto::{
    auth::{ListSessionsRequest, LogOutRequest, auth_service_server::AuthService},
    reason::Reason,
};
use tonic::Code;

use crate::world::{PASSWORD, World, by, refusal};

#[tokio::test]
async fn sessions_are_listed_newest_first_and_only_live_ones() {
    let world = World::start().await;
    let first = world.sign_up("ada").await;
    let second = world.log_in("ada", PASSWORD).await.expect("logs in");
    let third = world.log_in("ada", PASSWORD).await.expect("logs in");
    world.sign_up("bob").await;
    world
        .app
        .log_out(by(&second, LogOutRequest {}))
        .await
        .expect("logs out");

    let answer = world
        .app
        .list_sessions(by(&first, ListSessionsRequest {}))
        .await;
    let sessions = answer.expect("lists").into_inner().sessions;
    let ids: Vec<_> = sessions
        .iter()
        .map(|session| session.session_id.as_str())
        .collect();
    assert_eq!(ids, [third.session_id.as_str(), first.session_id.as_str()]);
    assert_eq!(
        sessions
            .iter()
            .map(|each| each.is_current)
            .collect::<Vec<_>>(),
        [false, true]
    );
    assert_eq!(sessions[0].agent, "it/1");
    assert_eq!(sessions[1].expires_at_ms, first.session_expires_at_ms);
}

#[tokio::test]
async fn a_token_that_outlived_its_session_lists_nothing() {
    let world = World::start().await;
    let ada = world.sign_up("ada").await;
    world
        .app
        .log_out(by(&ada, LogOutRequest {}))
        .await
        .expect("logs out");
    let answer = world
        .app
        .list_sessions(by(&ada, ListSessionsRequest {}))
        .await;
    assert_eq!(
        refusal(answer),
        (Code::Unauthenticated, Reason::TOKEN_INVALID)
    );
}
