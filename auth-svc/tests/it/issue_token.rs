//! IssueToken: fresh tokens as long as the session lives.

use proto::{
    auth::{
        IssueTicketRequest, IssueTokenRequest, LogOutRequest, auth_service_server::AuthService,
        authenticate_request::Credential,
    },
    reason::Reason,
};
use tonic::Code;

use crate::{
    moderation,
    world::{World, by, refusal, user_id},
};

#[tokio::test]
async fn a_fresh_token_authenticates() {
    let world = World::start().await;
    let ada = world.sign_up("ada").await;
    let answer = world.app.issue_token(by(&ada, IssueTokenRequest {})).await;
    let issued = answer.expect("issues").into_inner();
    assert_ne!(issued.access_token, ada.access_token);
    let identity = world
        .authenticate(Credential::AccessToken(issued.access_token))
        .await;
    let identity = identity.expect("authenticates");
    assert_eq!(identity.user, ada.user);
    assert_eq!(identity.credential_expires_at_ms, issued.expires_at_ms);
}

#[tokio::test]
async fn an_ended_session_gets_no_token() {
    let world = World::start().await;
    let ada = world.sign_up("ada").await;
    world
        .app
        .log_out(by(&ada, LogOutRequest {}))
        .await
        .expect("logs out");
    let answer = world.app.issue_token(by(&ada, IssueTokenRequest {})).await;
    assert_eq!(
        refusal(answer),
        (Code::Unauthenticated, Reason::TOKEN_INVALID)
    );
    let anonymous = tonic::Request::new(IssueTokenRequest {});
    let answer = world.app.issue_token(anonymous).await;
    assert_eq!(
        refusal(answer),
        (Code::Unauthenticated, Reason::TOKEN_MISSING)
    );
}

#[tokio::test]
async fn a_banned_person_gets_no_token_and_no_ticket() {
    let world = World::start().await;
    let ada = world.sign_up("ada").await;
    moderation::ban(&world.db, user_id(&ada)).await;
    let banned = (Code::PermissionDenied, Reason::BANNED);
    let answer = world.app.issue_token(by(&ada, IssueTokenRequest {})).await;
    assert_eq!(refusal(answer), banned);
    let message = IssueTicketRequest {
        origin: String::new(),
    };
    let answer = world.app.issue_ticket(by(&ada, message)).await;
    assert_eq!(refusal(answer), banned);
}
