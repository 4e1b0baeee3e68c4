//! SetRole: administrators only, never oneself.

use proto::{
    auth::{Role, SetRoleRequest, auth_service_server::AuthService},
    id::UserId,
    reason::Reason,
};
use serde_json::json;
use tonic::Code;

use crate::{
    moderation,
    world::{PASSWORD, World, by, refusal, session_of, user_id},
};

fn set(user_id: UserId, role: Role) -> SetRoleRequest {
    SetRoleRequest {
        user_id: user_id.to_string(),
        role: role.into(),
    }
}

#[tokio::test]
async fn an_administrator_makes_and_unmakes_another() {
    let (world, root) = World::with_admin().await;
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
    let (world, root) = World::with_admin().await;
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
    let (world, root) = World::with_admin().await;
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

#[tokio::test]
async fn a_change_is_written_down_once_and_not_done_if_it_cannot_be() {
    let (world, root) = World::with_admin().await;
    let ada = world.sign_up("ada").await;
    for role in [Role::Admin, Role::Admin, Role::User] {
        let answer = world
            .app
            .set_role(by(&root, set(user_id(&ada), role)))
            .await;
        answer.expect("sets");
    }
    let act = |from: &str, to: &str| {
        let (action, subject) = ("role.set".into(), user_id(&ada).to_string());
        (
            user_id(&root),
            action,
            subject,
            json!({"from": from, "to": to}),
        )
    };
    let acts = moderation::acts(&world.db).await;
    assert_eq!(acts, [act("USER", "ADMIN"), act("ADMIN", "USER")]);

    moderation::break_audit(&world.db).await;
    let promotion = set(user_id(&ada), Role::Admin);
    let answer = world.app.set_role(by(&root, promotion)).await;
    answer.expect_err("is not done");
    let identity = world.authenticate(session_of(&ada)).await;
    let user = identity.expect("authenticates").user.expect("a user");
    assert_eq!(user.role(), Role::User);
}

#[tokio::test]
async fn of_two_administrators_who_dismiss_each_other_one_stays() {
    let (world, root) = World::with_admin().await;
    let ada = world.sign_up("ada").await;
    let promotion = set(user_id(&ada), Role::Admin);
    let promoted = world.app.set_role(by(&root, promotion)).await;
    promoted.expect("promotes");
    // Both are at the accounts before either goes on.
    let mut hold = world.db.begin().await.expect("begins");
    let held = sqlx::query!("select user_id from auth.account for update");
    held.fetch_all(&mut *hold).await.expect("locks");
    let release = async {
        world.until_waiting(2).await;
        hold.rollback().await.expect("releases");
    };
    let (dismiss_ada, dismiss_root) = (
        set(user_id(&ada), Role::User),
        set(user_id(&root), Role::User),
    );
    let (first, second, ()) = tokio::join!(
        world.app.set_role(by(&root, dismiss_ada)),
        world.app.set_role(by(&ada, dismiss_root)),
        release
    );
    assert!(first.is_ok() != second.is_ok());
    let refused = if first.is_ok() { second } else { first };
    assert_eq!(
        refusal(refused),
        (Code::PermissionDenied, Reason::ADMIN_REQUIRED)
    );
}

#[tokio::test]
async fn promotion_shortens_the_sessions_there_are() {
    let (world, root) = World::with_admin().await;
    let ada = world.sign_up("ada").await;
    world
        .authenticate(session_of(&ada))
        .await
        .expect("authenticates");
    let promotion = set(user_id(&ada), Role::Admin);
    let promoted = world.app.set_role(by(&root, promotion)).await;
    promoted.expect("promotes");
    let row = sqlx::query!(
        r#"
        select idle_expires_at <= now() + interval '30 minutes' as "is_idle_short!",
            absolute_expires_at between now() + interval '11 hours' and now() + interval '12 hours' as "is_absolute_short!"
        from auth.session
        where user_id = $1
        "#,
        user_id(&ada).0
    );
    let row = row.fetch_one(&world.db).await.expect("reads");
    assert!(row.is_idle_short && row.is_absolute_short);
    let identity = world.authenticate(session_of(&ada)).await;
    let ends_ms = identity.expect("authenticates").credential_expires_at_ms;
    assert!(ends_ms < ada.access_expires_at_ms + 16 * 60_000);
    // Whoever logs in from now on gets a short one at once.
    let there = world.log_in("ada", PASSWORD).await.expect("logs in");
    assert!(there.session_expires_at_ms < there.access_expires_at_ms + 16 * 60_000);
}
