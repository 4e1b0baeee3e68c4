//! ExportAccount: all that is held of the caller, and nothing of anybody else.

use proto::{
    auth::{ExportAccountRequest, Grant, LogOutRequest, auth_service_server::AuthService},
    reason::Reason,
};
use serde_json::Value;
use tonic::{Code, Status};

use crate::world::{PASSWORD, World, by, refusal, user_id};

async fn export(world: &World, grant: &Grant) -> Result<Value, Status> {
    let answer = world.app.export_account(by(grant, ExportAccountRequest {}));
    let bytes = answer.await?.into_inner().account;
    Ok(serde_json::from_slice(&bytes).expect("json"))
}

#[tokio::test]
async fn account_sessions_and_addresses_are_exported() {
    let world = World::start().await;
    let ada = world.sign_up("Ada").await;
    let ended = world.log_in("ada", PASSWORD).await.expect("logs in");
    world
        .app
        .log_out(by(&ended, LogOutRequest {}))
        .await
        .expect("logs out");
    world.sign_up("bob").await;

    let export = export(&world, &ada).await.expect("exports");
    let keys: Vec<_> = export.as_object().expect("an object").keys().collect();
    assert_eq!(keys, ["account", "addresses", "sessions"]);
    let account = &export["account"];
    assert_eq!(account["id"], user_id(&ada).to_string());
    assert_eq!(
        (&account["name"], &account["role"]),
        (&"Ada".into(), &"USER".into())
    );
    assert!(account["createdAt"].is_i64());

    let sessions = export["sessions"].as_array().expect("a list");
    let ids: Vec<_> = sessions.iter().map(|session| &session["id"]).collect();
    assert_eq!(ids, [&ended.session_id, &ada.session_id]);
    assert!(sessions[0]["endedAt"].is_i64() && sessions[1].get("endedAt").is_none());
    assert_eq!(sessions[1]["agent"], "it/1");
    assert_eq!(sessions[1]["expiresAt"], ada.session_expires_at_ms);
    let addresses = export["addresses"].as_array().expect("a list");
    assert_eq!(addresses.len(), 1);
    assert_eq!(addresses[0]["address"], "192.0.2.7");
    assert!(addresses[0]["firstSeenMs"].is_i64() && addresses[0]["lastSeenMs"].is_i64());
}

#[tokio::test]
async fn no_secret_is_in_it() {
    let world = World::start().await;
    let ada = world.sign_up("ada").await;
    let text = export(&world, &ada).await.expect("exports").to_string();
    for secret in [ada.session_token.as_str(), "argon2", "hash"] {
        assert!(!text.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn an_ended_session_exports_nothing() {
    let world = World::start().await;
    let ada = world.sign_up("ada").await;
    world
        .app
        .log_out(by(&ada, LogOutRequest {}))
        .await
        .expect("logs out");
    assert_eq!(
        refusal(export(&world, &ada).await),
        (Code::Unauthenticated, Reason::TOKEN_INVALID)
    );
}
