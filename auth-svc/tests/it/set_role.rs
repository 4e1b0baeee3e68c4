//! SetRole: administrators only, never oneself.

use proto::{
    auth::{Role, SetRoleRequest, auth_service_server::AuthService},
    id::UserId,
    reason::Reason,
};
use tonic::Code;

use crate::world::{World, by, refusal, session_of, user_id};

const ADMIN_PASSWORD: &str = "a long enough one";

async fn with_admin() -> World {
    World::with(|auth| auth.bootstrap_admin = Some(format!("root:{ADMIN_PASSWORD}").into())).await
}

fn set(user_id: UserId, role: Role) -> SetRoleRequest {
    SetRoleRequest {
        user_id: user_id.to_string(),
        role: role.into(),
    }
}

#[tokio::test]
async fn an_administrator_makes_and_unmakes_another() {
    let world = with_admin().await;
    let root = world.log_in("root", ADMIN_PASSWORD).await.expect("logs in");
    let ada = world.sign_up("ada").await;
    // The role is in the cache now, and must not stay there.
    world
        .authenticate(session_of(&ada))
        .await
        .expect("authenticates");
    for role in [Role::Admin, Role::User] {
        let answer = world
            .app
            .set_role(by(&root, set(user_id(&ada), role)))
            .await;
        assert_eq!(
            answer
                .expect("sets")
                .into_inner()
                .user
                .expect("a user")
                .role(),
            role
        );
        let identity = world
            .authenticate(session_of(&ada))
            .await
            .expect("authenticates");
        assert_eq!(identity.user.expect("a user").role(), role);
    }
}

#[tokio::test]
async fn others_may_not_and_nobody_changes_their_own() {
    let world = with_admin().await;
    let root = world.log_in("root", ADMIN_PASSWORD).await.expect("logs in");
    let ada = world.sign_up("ada").await;
    let answer = world
        .app
        .set_role(by(&ada, set(user_id(&ada), Role::Admin)))
        .await;
    assert_eq!(
        refusal(answer),
        (Code::PermissionDenied, Reason::ADMIN_REQUIRED)
    );
    let answer = world
        .app
        .set_role(by(&root, set(user_id(&root), Role::User)))
        .await;
    assert_eq!(
        refusal(answer),
        (Code::PermissionDenied, Reason::PERMISSION_DENIED)
    );
    let answer = world
        .app
        .set_role(by(&root, set(UserId::generate(), Role::User)))
        .await;
    assert_eq!(refusal(answer), (Code::NotFound, Reason::USER_NOT_FOUND));
    let answer = world
        .app
        .set_role(by(&root, set(user_id(&ada), Role::Unspecified)))
        .await;
    assert_eq!(
        refusal(answer),
        (Code::InvalidArgument, Reason::FIELD_INVALID)
    );
}

#[tokio::test]
async fn a_token_of_a_former_administrator_has_no_power() {
    let world = with_admin().await;
    let root = world.log_in("root", ADMIN_PASSWORD).await.expect("logs in");
    let ada = world.sign_up("ada").await;
    world
        .app
        .set_role(by(&root, set(user_id(&ada), Role::Admin)))
        .await
        .expect("sets");
    let admin = world
        .log_in("ada", crate::world::PASSWORD)
        .await
        .expect("logs in");
    world
        .app
        .set_role(by(&root, set(user_id(&ada), Role::User)))
        .await
        .expect("sets");
    // Still says ADMIN for a quarter of an hour.
    let bob = world.sign_up("bob").await;
    let answer = world
        .app
        .set_role(by(&admin, set(user_id(&bob), Role::Admin)))
        .await;
    assert_eq!(
        refusal(answer),
        (Code::PermissionDenied, Reason::ADMIN_REQUIRED)
    );
}
