//! GetUser: by id or name, within the tenant.

use proto::{
    auth::{GetUserRequest, auth_service_server::AuthService, get_user_request::By},
    id::UserId,
    reason::Reason,
};
use tonic::{Code, Request};

use crate::world::{PASSWORD, World, by, refusal, sign_up};

#[tokio::test]
async fn a_user_is_found_by_id_and_by_name_in_any_case() {
    let world = World::start().await;
    let (ada, bob) = (world.sign_up("Ada").await, world.sign_up("bob").await);
    let ada = ada.user.expect("a user");
    let ways = [
        By::UserId(ada.user_id.clone()),
        By::Name("aDa".into()),
        By::Name("@ada".into()),
    ];
    for way in ways {
        let answer = world
            .app
            .get_user(by(&bob, GetUserRequest { by: Some(way) }))
            .await;
        assert_eq!(
            answer.expect("finds").into_inner().user.as_ref(),
            Some(&ada)
        );
    }
}

#[tokio::test]
async fn who_is_not_here_is_not_found() {
    let world = World::start().await;
    let bob = world.sign_up("bob").await;
    let mut elsewhere = sign_up("eve", PASSWORD);
    elsewhere.tenant = "other".into();
    let eve = world
        .app
        .sign_up(Request::new(elsewhere))
        .await
        .expect("signs up")
        .into_inner();
    let eve = eve.grant.and_then(|grant| grant.user).expect("a user");
    let ways = [
        By::UserId(eve.user_id),
        By::Name(eve.name),
        By::UserId(UserId::generate().to_string()),
        By::Name("no\0body".into()),
    ];
    for way in ways {
        let answer = world
            .app
            .get_user(by(&bob, GetUserRequest { by: Some(way) }))
            .await;
        assert_eq!(refusal(answer), (Code::NotFound, Reason::USER_NOT_FOUND));
    }
    for way in [None, Some(By::UserId("7".into()))] {
        let answer = world
            .app
            .get_user(by(&bob, GetUserRequest { by: way }))
            .await;
        assert_eq!(
            refusal(answer),
            (Code::InvalidArgument, Reason::FIELD_INVALID)
        );
    }
}
