//! DeactivateAccount: gone from sight until the next log-in.

use proto::{
    auth::{DeactivateAccountRequest, Grant, SetRoleRequest, auth_service_server::AuthService},
    event::Kind,
    reason::Reason,
};
use tonic::{Code, Status};

use crate::{
    moderation,
    world::{ADMIN_PASSWORD, PASSWORD, World, access_of, by, refusal, session_of, user_id},
};

async fn deactivate(world: &World, grant: &Grant, password: &str) -> Result<(), Status> {
    let message = DeactivateAccountRequest {
        password: password.into(),
    };
    let answer = world.app.deactivate_account(by(grant, message)).await;
    answer.map(drop)
}

#[tokio::test]
async fn the_account_hides_and_its_sessions_end_until_the_next_log_in() {
    let world = World::start().await;
    let (ada, bob) = (world.sign_up("ada").await, world.sign_up("bob").await);
    let there = world.log_in("ada", PASSWORD).await.expect("logs in");
    for credential in [session_of(&ada), access_of(&ada), session_of(&there)] {
        world.authenticate(credential).await.expect("authenticates");
    }
    deactivate(&world, &ada, PASSWORD).await.expect("hides");

    for credential in [session_of(&ada), access_of(&ada), session_of(&there)] {
        assert_eq!(
            refusal(world.authenticate(credential).await),
            (Code::Unauthenticated, Reason::TOKEN_INVALID)
        );
    }
    assert_eq!(world.live_sessions(user_id(&ada)).await, 0);
    let feed = world.feed(user_id(&ada)).await;
    let data =
        serde_json::json!({"sessions": [ada.session_id, there.session_id], "reason": "revoked"});
    assert_eq!(feed, [(Kind::SessionsRevoked, data)]);
    assert_eq!(
        refusal(world.look_up(&bob, "ada").await),
        (Code::NotFound, Reason::USER_NOT_FOUND)
    );
    assert_eq!(world.people().await, ["bob"]);
    // The name stays theirs.
    let taken = crate::world::sign_up("ADA", PASSWORD);
    let answer = world.app.sign_up(tonic::Request::new(taken)).await;
    assert_eq!(
        refusal(answer),
        (Code::AlreadyExists, Reason::USERNAME_TAKEN)
    );

    let wrong = world.log_in("ada", "a wrong password").await;
    assert_eq!(
        refusal(wrong),
        (Code::Unauthenticated, Reason::CREDENTIALS_INVALID)
    );
    assert_eq!(world.people().await, ["bob"]);
    let back = world.log_in("ada", PASSWORD).await.expect("comes back");
    assert_eq!(back.user, ada.user);
    world
        .authenticate(session_of(&back))
        .await
        .expect("authenticates");
    world.look_up(&bob, "ada").await.expect("is found again");
    assert_eq!(world.people().await, ["ada", "bob"]);
    assert_eq!(
        refusal(world.authenticate(session_of(&there)).await),
        (Code::Unauthenticated, Reason::TOKEN_INVALID)
    );
}

#[tokio::test]
async fn a_wrong_password_hides_nobody() {
    let world = World::start().await;
    let ada = world.sign_up("ada").await;
    assert_eq!(
        refusal(deactivate(&world, &ada, "a wrong password").await),
        (Code::Unauthenticated, Reason::CREDENTIALS_INVALID)
    );
    assert_eq!(world.people().await, ["ada"]);
    world
        .authenticate(session_of(&ada))
        .await
        .expect("this session lives");
}

#[tokio::test]
async fn a_banned_person_does_not_come_back() {
    let world = World::start().await;
    let ada = world.sign_up("ada").await;
    deactivate(&world, &ada, PASSWORD).await.expect("hides");
    moderation::ban(&world.db, user_id(&ada)).await;
    assert_eq!(
        refusal(world.log_in("ada", PASSWORD).await),
        (Code::PermissionDenied, Reason::BANNED)
    );
    assert!(world.people().await.is_empty());
}

#[tokio::test]
async fn the_last_administrator_stays_and_of_two_who_leave_at_once_one() {
    let (world, root) = World::with_admin().await;
    assert_eq!(
        refusal(deactivate(&world, &root, ADMIN_PASSWORD).await),
        (Code::PermissionDenied, Reason::PERMISSION_DENIED)
    );
    let ada = world.sign_up("ada").await;
    let promotion = SetRoleRequest {
        user_id: user_id(&ada).to_string(),
        role: proto::auth::Role::Admin.into(),
    };
    let promoted = world.app.set_role(by(&root, promotion)).await;
    promoted.expect("promotes");
    // Both are at their accounts before either goes on.
    let mut hold = world.db.begin().await.expect("begins");
    let held = sqlx::query!("select user_id from auth.account for update");
    held.fetch_all(&mut *hold).await.expect("locks");
    let release = async {
        world.until_waiting(2).await;
        hold.rollback().await.expect("releases");
    };
    let (first, second, ()) = tokio::join!(
        deactivate(&world, &root, ADMIN_PASSWORD),
        deactivate(&world, &ada, PASSWORD),
        release
    );
    assert!(first.is_ok() != second.is_ok(), "{first:?} {second:?}");
    assert_eq!(world.people().await.len(), 1);
}

#[tokio::test]
async fn a_log_in_beside_it_leaves_no_session_of_a_hidden_account() {
    let world = World::start().await;
    let ada = world.sign_up("ada").await;
    // The log-in has its session and has not committed; then the account is to be hidden.
    let mut hold = world.db.begin().await.expect("begins");
    sqlx::raw_sql("lock table auth.address_seen in share mode")
        .execute(&mut *hold)
        .await
        .expect("locks");
    let hide = async {
        world.until_waiting(1).await;
        let release = async {
            world.until_waiting(2).await;
            hold.rollback().await.expect("releases");
        };
        tokio::join!(deactivate(&world, &ada, PASSWORD), release)
    };
    let (back, (hidden, ())) = tokio::join!(world.log_in("ada", PASSWORD), hide);
    back.expect("logs in");
    hidden.expect("hides");
    assert!(world.people().await.is_empty());
    assert_eq!(world.live_sessions(user_id(&ada)).await, 0);
}
