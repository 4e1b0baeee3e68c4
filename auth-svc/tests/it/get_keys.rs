//! GetKeys: what is published while keys come and go.

use auth_svc::App;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use proto::{
    auth::{GetKeysRequest, Key, auth_service_server::AuthService},
    reason::Reason,
};
use sqlx::PgPool;
use tonic::{Code, Request};

use crate::world::{PASSWORD, World, access_of, authenticate_at, refusal};

async fn keys(app: &App) -> Vec<Key> {
    let answer = app.get_keys(Request::new(GetKeysRequest {})).await;
    answer.expect("answers").into_inner().keys
}

fn key_id(token: &str) -> String {
    let head = token.split('.').next().expect("a head");
    let json = URL_SAFE_NO_PAD.decode(head).expect("base64");
    let head: serde_json::Value = serde_json::from_slice(&json).expect("json");
    assert_eq!(
        (&head["alg"], &head["typ"]),
        (&"EdDSA".into(), &"JWT".into())
    );
    head["kid"].as_str().expect("a key id").into()
}

/// Lets the table's times lie that much further back.
async fn age(db: &PgPool, minutes: i32) {
    let aged = sqlx::query!(
        r#"
        update auth.signing_key
        set created_at = created_at - make_interval(mins => $1),
            active_from = active_from - make_interval(mins => $1),
            retire_at = retire_at - make_interval(mins => $1)
        "#,
        minutes
    );
    aged.execute(db).await.expect("writes");
}

#[tokio::test]
async fn the_first_key_signs_at_once_and_verifies_everywhere() {
    let world = World::start().await;
    let published = keys(&world.app).await;
    assert_eq!(published.len(), 1);
    assert_eq!(published[0].public_key.len(), 32);
    let ada = world.sign_up("ada").await;
    assert_eq!(key_id(&ada.access_token), published[0].kid);

    let ring = rpc::Keyring::fixed(&published);
    let caller = ring.verify(&ada.access_token).await.expect("verifies");
    assert_eq!((caller.name.as_str(), caller.is_admin), ("ada", false));
    let identity = world
        .authenticate(access_of(&ada))
        .await
        .expect("authenticates");
    let caller = ring.verify(&identity.assertion).await.expect("verifies");
    assert_eq!(caller.session_id.to_string(), ada.session_id);
}

#[tokio::test]
async fn a_new_key_is_published_first_then_signs_and_the_old_one_outlives_its_tokens() {
    let world = World::start().await;
    let (app, db) = (&world.app, &world.db);
    let first = world.sign_up("ada").await;
    let old = key_id(&first.access_token);
    app.keyring().refresh().await.expect("refreshes");
    assert_eq!(keys(app).await.len(), 1, "a young key has no successor");

    age(db, 31 * 24 * 60).await;
    app.keyring().refresh().await.expect("refreshes");
    app.keyring().refresh().await.expect("refreshes");
    let published = keys(app).await;
    assert_eq!(published.len(), 2, "one successor, not one per refresh");
    let second = world.log_in("ada", PASSWORD).await.expect("logs in");
    assert_eq!(
        key_id(&second.access_token),
        old,
        "published, not yet signing"
    );

    age(db, 21).await;
    app.keyring().refresh().await.expect("refreshes");
    let third = world.log_in("ada", PASSWORD).await.expect("logs in");
    let new = key_id(&third.access_token);
    assert_ne!(new, old);
    for grant in [&first, &second, &third] {
        world
            .authenticate(access_of(grant))
            .await
            .expect("both keys verify");
    }

    age(db, 20).await;
    app.keyring().refresh().await.expect("refreshes");
    let published = keys(app).await;
    assert_eq!(
        published
            .iter()
            .map(|key| key.kid.as_str())
            .collect::<Vec<_>>(),
        [new.as_str()]
    );
    let answer = world.authenticate(access_of(&first)).await;
    assert_eq!(
        refusal(answer),
        (Code::Unauthenticated, Reason::SIGNATURE_INVALID)
    );
}

#[tokio::test]
async fn replicas_agree_on_one_key() {
    let world = World::start().await;
    let ada = world.sign_up("ada").await;
    age(&world.db, 31 * 24 * 60).await;
    let (one, two) = tokio::join!(world.replica(|_| ()), world.replica(|_| ()));
    let (one, two) = (one.expect("starts"), two.expect("starts"));
    assert_eq!(keys(&one).await, keys(&two).await);
    assert_eq!(keys(&one).await.len(), 2);
    for app in [&one, &two] {
        authenticate_at(app, access_of(&ada))
            .await
            .expect("authenticates");
    }
}
