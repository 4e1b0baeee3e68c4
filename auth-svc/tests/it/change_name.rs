//! ChangeName: the new name counts everywhere, the old one is free, rooms are told.

use proto::{
    auth::{
        ChangeNameRequest, Grant, IssueTokenRequest, User, auth_service_server::AuthService,
        authenticate_request::Credential,
    },
    event::Kind,
    reason::Reason,
};
use tonic::{Code, Status};

use crate::{
    moderation,
    neighbours::renamed,
    world::{PASSWORD, World, access_of, by, refusal, run_jobs_at, session_of, user_id},
};

async fn rename(world: &World, grant: &Grant, name: &str, password: &str) -> Result<User, Status> {
    let message = ChangeNameRequest {
        name: name.into(),
        password: password.into(),
    };
    let answer = world.app.change_name(by(grant, message)).await?;
    Ok(answer.into_inner().user.expect("a user"))
}

#[tokio::test]
async fn the_new_name_counts_everywhere_and_the_old_one_is_free() {
    let world = World::start().await;
    let (ada, bob) = (world.sign_up("ada").await, world.sign_up("bob").await);
    // The old name is in the cache now, and must not stay there.
    world
        .authenticate(session_of(&ada))
        .await
        .expect("authenticates");
    let user = rename(&world, &ada, "Grace", PASSWORD)
        .await
        .expect("renames");
    assert_eq!(
        (user.user_id, user.name.as_str()),
        (user_id(&ada).to_string(), "Grace")
    );

    for credential in [session_of(&ada), access_of(&ada)] {
        let identity = world.authenticate(credential).await.expect("stays");
        assert_eq!(identity.user.expect("a user").name, "Grace");
    }
    let issued = world.app.issue_token(by(&ada, IssueTokenRequest {})).await;
    let token = issued.expect("issues").into_inner().access_token;
    let claims = world.app.keyring();
    let claims = auth_svc::tokens::verify(claims, &token).expect("verifies");
    assert_eq!(claims.name, "Grace");
    let identity = world.authenticate(Credential::AccessToken(token)).await;
    identity.expect("authenticates");

    assert_eq!(
        refusal(world.look_up(&bob, "ada").await),
        (Code::NotFound, Reason::USER_NOT_FOUND)
    );
    world.look_up(&bob, "@grace").await.expect("is found");
    assert_eq!(world.people().await, ["bob", "Grace"]);
    world.log_in("grace", PASSWORD).await.expect("logs in");
    let other = world.sign_up("ada").await;
    assert_ne!(user_id(&other), user_id(&ada));
}

#[tokio::test]
async fn devices_and_rooms_are_told() {
    let world = World::start().await;
    let ada = world.sign_up("ada").await;
    let id = user_id(&ada).to_string();
    rename(&world, &ada, "grace", PASSWORD)
        .await
        .expect("renames");
    let data = serde_json::json!({"user": {"id": id, "name": "grace"}});
    assert_eq!(
        world.feed(user_id(&ada)).await,
        [(Kind::AccountUpdated, data)]
    );
    run_jobs_at(&world.app).await;
    assert_eq!(world.neighbours.asked(), [renamed(&id, "grace")]);
    assert_eq!(world.jobs().await, 0);
}

#[tokio::test]
async fn the_name_one_has_is_changed_to_without_a_trace_and_its_case_with_one() {
    let world = World::start().await;
    let ada = world.sign_up("ada").await;
    let same = rename(&world, &ada, "ada", PASSWORD).await;
    assert_eq!(same.expect("is as asked").name, "ada");
    assert!(world.feed(user_id(&ada)).await.is_empty());
    assert_eq!(world.jobs().await, 0);
    let other = rename(&world, &ada, "ADA", PASSWORD).await;
    assert_eq!(other.expect("renames").name, "ADA");
    assert_eq!(world.feed(user_id(&ada)).await.len(), 1);
}

#[tokio::test]
async fn a_taken_or_bad_name_and_a_wrong_password_change_nothing() {
    let world = World::start().await;
    let ada = world.sign_up("ada").await;
    world.sign_up("bob").await;
    assert_eq!(
        refusal(rename(&world, &ada, "BOB", PASSWORD).await),
        (Code::AlreadyExists, Reason::USERNAME_TAKEN)
    );
    for bad in ["", "a", "9ada", "ada lovelace", "deleted-\0", "horse"] {
        assert_eq!(
            refusal(rename(&world, &ada, bad, PASSWORD).await),
            (Code::InvalidArgument, Reason::FIELD_INVALID),
            "{bad}"
        );
    }
    for _ in 0..5 {
        assert_eq!(
            refusal(rename(&world, &ada, "grace", "a wrong password").await),
            (Code::Unauthenticated, Reason::CREDENTIALS_INVALID)
        );
    }
    world.hold_delays().await;
    assert_eq!(
        refusal(rename(&world, &ada, "grace", PASSWORD).await),
        (Code::ResourceExhausted, Reason::RATE_LIMITED)
    );
    assert_eq!(world.people().await, ["ada", "bob"]);
    assert!(world.feed(user_id(&ada)).await.is_empty());
    assert_eq!(world.jobs().await, 0);
}

#[tokio::test]
async fn of_two_who_want_one_name_one_gets_it() {
    let world = World::start().await;
    let (ada, bob) = (world.sign_up("ada").await, world.sign_up("bob").await);
    let (first, second) = tokio::join!(
        rename(&world, &ada, "grace", PASSWORD),
        rename(&world, &bob, "Grace", PASSWORD)
    );
    assert!(first.is_ok() != second.is_ok());
    let refused = if first.is_ok() { second } else { first };
    assert_eq!(
        refusal(refused),
        (Code::AlreadyExists, Reason::USERNAME_TAKEN)
    );
}

#[tokio::test]
async fn a_banned_person_keeps_their_name() {
    let world = World::start().await;
    let ada = world.sign_up("ada").await;
    moderation::ban(&world.db, user_id(&ada)).await;
    assert_eq!(
        refusal(rename(&world, &ada, "grace", PASSWORD).await),
        (Code::PermissionDenied, Reason::BANNED)
    );
    assert_eq!(world.people().await, ["ada"]);
}
