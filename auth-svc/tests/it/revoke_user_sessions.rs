//! RevokeUserSessions: administrators end everything, but not one another's.

use proto::{
    auth::{
        Grant, RevokeUserSessionsRequest, Role, SetRoleRequest, auth_service_server::AuthService,
    },
    event::Kind,
    id::UserId,
    reason::Reason,
};
use serde_json::json;
use tonic::{Code, Status};

use crate::{
    moderation,
    world::{PASSWORD, World, access_of, by, refusal, session_of, user_id},
};

async fn revoke(world: &World, admin: &Grant, user: &str) -> Result<u32, Status> {
    let message = RevokeUserSessionsRequest {
        user_id: user.into(),
    };
    let answer = world.app.revoke_user_sessions(by(admin, message)).await?;
    Ok(answer.into_inner().sessions)
}

#[tokio::test]
async fn every_session_ends_once_and_the_act_is_written_down() {
    let (world, root) = World::with_admin().await;
    let ada = world.sign_up("ada").await;
    let there = world.log_in("ada", PASSWORD).await.expect("logs in");
    for credential in [session_of(&ada), access_of(&ada), session_of(&there)] {
        world.authenticate(credential).await.expect("authenticates");
    }
    let id = user_id(&ada).to_string();
    // Of a third one nobody has heard for long: it is over and does not count.
    let idle = world.log_in("ada", PASSWORD).await.expect("logs in");
    let over = sqlx::query!(
        "update auth.session set idle_expires_at = now() where session_id::text = $1",
        idle.session_id
    );
    over.execute(&world.db).await.expect("writes");
    assert_eq!(revoke(&world, &root, "@ADA").await.expect("ends"), 2);
    assert_eq!(revoke(&world, &root, &id).await.expect("is idempotent"), 0);

    for credential in [session_of(&ada), access_of(&ada), session_of(&there)] {
        assert_eq!(
            refusal(world.authenticate(credential).await),
            (Code::Unauthenticated, Reason::TOKEN_INVALID)
        );
    }
    let ended = [&ada.session_id, &there.session_id, &idle.session_id];
    let data = json!({"sessions": ended, "reason": "revoked"});
    assert_eq!(
        world.feed(user_id(&ada)).await,
        [(Kind::SessionsRevoked, data)]
    );
    let act = (
        user_id(&root),
        "sessions.revoke".into(),
        id,
        json!({"sessions": 2}),
    );
    assert_eq!(moderation::acts(&world.db).await, [act]);
    world.log_in("ada", PASSWORD).await.expect("may come again");
}

#[tokio::test]
async fn an_administrators_sessions_are_ended_by_themselves_only() {
    let (world, root) = World::with_admin().await;
    let ada = world.sign_up("ada").await;
    let promotion = SetRoleRequest {
        user_id: user_id(&ada).to_string(),
        role: Role::Admin.into(),
    };
    let promoted = world.app.set_role(by(&root, promotion)).await;
    promoted.expect("promotes");
    assert_eq!(
        refusal(revoke(&world, &root, "@ada").await),
        (Code::PermissionDenied, Reason::PERMISSION_DENIED)
    );
    assert_eq!(world.live_sessions(user_id(&ada)).await, 1);
    assert_eq!(revoke(&world, &ada, "@ada").await.expect("ends"), 1);
    assert_eq!(
        refusal(revoke(&world, &ada, "@ada").await),
        (Code::Unauthenticated, Reason::TOKEN_INVALID)
    );
}

#[tokio::test]
async fn others_may_not_and_nobody_is_not_found() {
    let (world, root) = World::with_admin().await;
    let (ada, bob) = (world.sign_up("ada").await, world.sign_up("bob").await);
    let id = user_id(&bob).to_string();
    assert_eq!(
        refusal(revoke(&world, &ada, &id).await),
        (Code::PermissionDenied, Reason::ADMIN_REQUIRED)
    );
    assert_eq!(world.live_sessions(user_id(&bob)).await, 1);
    for nobody in ["@nobody", "@no body", &UserId::generate().to_string()] {
        assert_eq!(
            refusal(revoke(&world, &root, nobody).await),
            (Code::NotFound, Reason::USER_NOT_FOUND),
            "{nobody}"
        );
    }
    for bad in ["", "ada", "7"] {
        assert_eq!(
            refusal(revoke(&world, &root, bad).await),
            (Code::InvalidArgument, Reason::FIELD_INVALID),
            "{bad}"
        );
    }
}

#[tokio::test]
async fn what_cannot_be_written_down_is_not_done() {
    let (world, root) = World::with_admin().await;
    let ada = world.sign_up("ada").await;
    moderation::break_audit(&world.db).await;
    revoke(&world, &root, "@ada")
        .await
        .expect_err("is not done");
    world
        .authenticate(session_of(&ada))
        .await
        .expect("the session lives");
    assert!(world.feed(user_id(&ada)).await.is_empty());
}
