//! SignUp: names, passwords, limits.

use proto::{
    auth::{Role, auth_service_server::AuthService},
    reason::Reason,
};
use rpc::Refusal;
use tonic::{Code, Request};

use crate::world::{self, PASSWORD, World, access_of, refusal, session_of};

#[tokio::test]
async fn a_new_account_gets_a_grant_that_works() {
    let world = World::start().await;
    let grant = world.sign_up("Ada").await;
    let user = grant.user.clone().expect("a user");
    assert_eq!((user.name.as_str(), user.role()), ("Ada", Role::User));
    assert!(grant.session_token.starts_with("hs_") && grant.session_token.len() == 46);
    assert!(grant.session_expires_at_ms > grant.access_expires_at_ms);

    for credential in [session_of(&grant), access_of(&grant)] {
        let identity = world.authenticate(credential).await.expect("authenticates");
        assert_eq!(identity.user, grant.user);
        assert_eq!(identity.session_id, grant.session_id);
    }
    let stored = sqlx::query!("select password_hash from auth.account");
    let stored = stored
        .fetch_one(&world.db)
        .await
        .expect("reads")
        .password_hash;
    assert!(
        stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
        "{stored}"
    );
}

#[tokio::test]
async fn a_name_is_taken_in_every_case() {
    let world = World::start().await;
    world.sign_up("Ada").await;
    let again = world
        .app
        .sign_up(Request::new(world::sign_up("aDA", PASSWORD)))
        .await;
    assert_eq!(
        refusal(again),
        (Code::AlreadyExists, Reason::USERNAME_TAKEN)
    );

    let mut elsewhere = world::sign_up("ada", PASSWORD);
    elsewhere.tenant = "other".into();
    assert!(world.app.sign_up(Request::new(elsewhere)).await.is_ok());
}

#[tokio::test]
async fn bad_fields_are_named() {
    let world = World::start().await;
    let long = "y".repeat(257);
    let cases = [
        ("a", PASSWORD, "username"),
        ("9ada", PASSWORD, "username"),
        ("ada lovelace", PASSWORD, "username"),
        ("", PASSWORD, "username"),
        ("ada", "short77", "password"),
        ("ada", "Password123", "password"),
        ("ada", "i am ADA the first", "password"),
        ("ada", long.as_str(), "password"),
    ];
    for (name, password, field) in cases {
        let answer = world
            .app
            .sign_up(Request::new(world::sign_up(name, password)))
            .await;
        let refused = Refusal::of(&answer.expect_err("is refused"));
        assert_eq!(refused.reason, Reason::FIELD_INVALID, "{name} {password}");
        assert!(
            refused.fields.contains_key(field),
            "{name} {password}: {:?}",
            refused.fields
        );
    }
    let mut nowhere = world::sign_up("ada", PASSWORD);
    nowhere.tenant = "No Where".into();
    let answer = world.app.sign_up(Request::new(nowhere)).await;
    assert_eq!(
        refusal(answer),
        (Code::InvalidArgument, Reason::FIELD_INVALID)
    );
}

#[tokio::test]
async fn an_address_gets_so_many_sign_ups_per_minute() {
    let world = World::with(|auth| auth.limits.address_per_minute = 2).await;
    world.sign_up("ada").await;
    world.sign_up("bob").await;
    let third = world
        .app
        .sign_up(Request::new(world::sign_up("eve", PASSWORD)))
        .await;
    let refused = Refusal::of(&third.expect_err("is refused"));
    assert_eq!(
        (refused.code, refused.reason),
        (Code::ResourceExhausted, Reason::RATE_LIMITED)
    );
    assert!(
        refused
            .retry_after
            .is_some_and(|after| after.as_secs() <= 60 && !after.is_zero())
    );

    let mut elsewhere = world::sign_up("eve", PASSWORD);
    elsewhere.client = Some(proto::auth::Client {
        address: "2001:db8::1".into(),
        ..world::client()
    });
    assert!(world.app.sign_up(Request::new(elsewhere)).await.is_ok());

    let over = sqlx::query!("update auth.login_delay set since = since - interval '1 minute'");
    over.execute(&world.db).await.expect("writes");
    world.sign_up("joe").await;
}

#[tokio::test]
async fn the_bootstrap_administrator_is_made_once() {
    let admin = |auth: &mut auth_svc::config::Auth| {
        auth.bootstrap_admin = Some("root:a long enough one".into());
    };
    let world = World::with(admin).await;
    world.replica(admin).await.expect("a second start");
    let grant = world
        .log_in("ROOT", "a long enough one")
        .await
        .expect("logs in");
    assert_eq!(grant.user.expect("a user").role(), Role::Admin);
}

#[tokio::test]
async fn a_weak_configuration_does_not_start() {
    let world = World::start().await;
    assert!(
        world
            .replica(|auth| auth.master_key = "c2hvcnQ=".into())
            .await
            .is_err()
    );
    assert!(
        world
            .replica(|auth| auth.argon2.memory_kib = 4_096)
            .await
            .is_err()
    );
    assert!(
        world
            .replica(|auth| auth.sessions.admin_idle_minutes = 15 * 24 * 60)
            .await
            .is_err()
    );
    let other_key = "ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICA=";
    let error = world
        .replica(|auth| auth.master_key = other_key.into())
        .await
        .err();
    assert!(error.is_some_and(|error| error.to_string().contains("master_key")));
}
