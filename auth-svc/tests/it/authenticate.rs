//! Authenticate: every credential, and every way it can be wrong.

use auth_svc::{
    accounts::Role,
    sessions::Identity,
    tokens::{self, Audience},
};
use aws_lc_rs::signature::Ed25519KeyPair;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use proto::{
    auth::{
        AuthenticateRequest, GetKeysRequest, Grant, IssueTicketRequest,
        auth_service_server::AuthService, authenticate_request::Credential,
    },
    id::{SessionId, Tenant},
    reason::Reason,
};
use rpc::Claims;
use tonic::{Code, Request};

use crate::{
    moderation,
    world::{World, access_of, refusal, session_of, user_id},
};

const INVALID: (Code, Reason) = (Code::Unauthenticated, Reason::TOKEN_INVALID);
const EXPIRED: (Code, Reason) = (Code::Unauthenticated, Reason::TOKEN_EXPIRED);
const FORGED: (Code, Reason) = (Code::Unauthenticated, Reason::SIGNATURE_INVALID);
const BANNED: (Code, Reason) = (Code::PermissionDenied, Reason::BANNED);
const MISSING: (Code, Reason) = (Code::Unauthenticated, Reason::TOKEN_MISSING);

async fn of_token(world: &World, token: &str) -> (Code, Reason) {
    refusal(
        world
            .authenticate(Credential::AccessToken(token.into()))
            .await,
    )
}

fn identity(grant: &Grant, expires_at_ms: i64) -> Identity {
    Identity {
        tenant: Tenant::default_tenant(),
        user_id: user_id(grant),
        name: "ada".into(),
        role: Role::User,
        session_id: grant.session_id.parse().expect("an id"),
        expires_at_ms,
    }
}

fn part(token: &str, i: usize) -> serde_json::Value {
    let part = token.split('.').nth(i).expect("a part");
    let json = URL_SAFE_NO_PAD.decode(part).expect("base64");
    serde_json::from_slice(&json).expect("json")
}

fn encoded(value: &serde_json::Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

/// The token with another header, its signature kept.
fn with_header(token: &str, header: &serde_json::Value) -> String {
    let rest = token.split_once('.').expect("a head").1;
    format!("{}.{rest}", encoded(header))
}

#[tokio::test]
async fn an_assertion_names_session_and_audience() {
    let world = World::start().await;
    let ada = world.sign_up("ada").await;
    let answer = world
        .authenticate(access_of(&ada))
        .await
        .expect("authenticates");
    assert_eq!(answer.credential_expires_at_ms, ada.access_expires_at_ms);
    let claims = part(&answer.assertion, 1);
    assert_eq!(claims["aud"], "hubbub-internal");
    assert_eq!(claims["iss"], "hubbub");
    assert_eq!(claims["sid"], ada.session_id.as_str());
    assert_eq!(claims["tenant"], "default");
    assert_eq!(
        claims["exp"].as_i64().map(|exp| exp * 1000),
        Some(answer.assertion_expires_at_ms)
    );
    let lifetime = claims["exp"]
        .as_i64()
        .zip(claims["iat"].as_i64())
        .map(|(exp, iat)| exp - iat);
    assert_eq!(lifetime, Some(600));

    let answer = world
        .authenticate(session_of(&ada))
        .await
        .expect("authenticates");
    assert_eq!(answer.credential_expires_at_ms, ada.session_expires_at_ms);
}

#[tokio::test]
async fn no_credential_is_missing() {
    let world = World::start().await;
    let empty = [
        None,
        Some(Credential::Ticket(String::new())),
        Some(Credential::AccessToken(String::new())),
        Some(Credential::SessionToken(String::new())),
    ];
    for credential in empty {
        let request = AuthenticateRequest {
            credential,
            origin: String::new(),
            client: None,
        };
        assert_eq!(
            refusal(world.app.authenticate(Request::new(request)).await),
            MISSING
        );
    }
}

#[tokio::test]
async fn an_expired_token_is_expired() {
    let world = World::start().await;
    let ada = world.sign_up("ada").await;
    let past = ada.access_expires_at_ms - 3_600_000;
    let issued = tokens::issue(world.app.keyring(), &identity(&ada, past), Audience::Access);
    assert_eq!(
        of_token(&world, &issued.expect("signs").token).await,
        EXPIRED
    );
}

#[tokio::test]
async fn a_token_for_another_audience_is_invalid() {
    let world = World::start().await;
    let ada = world.sign_up("ada").await;
    let identity = identity(&ada, ada.session_expires_at_ms);
    let issued = tokens::issue(world.app.keyring(), &identity, Audience::Internal);
    assert_eq!(
        of_token(&world, &issued.expect("signs").token).await,
        INVALID
    );
}

#[tokio::test]
async fn a_token_of_no_session_or_of_another_persons_is_invalid() {
    let world = World::start().await;
    let (ada, eve) = (world.sign_up("ada").await, world.sign_up("eve").await);
    let mut nobodys = identity(&ada, ada.session_expires_at_ms);
    nobodys.session_id = SessionId::generate();
    let mut mixed = identity(&ada, ada.session_expires_at_ms);
    mixed.session_id = eve.session_id.parse().expect("an id");
    for identity in [nobodys, mixed] {
        let issued = tokens::issue(world.app.keyring(), &identity, Audience::Access);
        assert_eq!(
            of_token(&world, &issued.expect("signs").token).await,
            INVALID
        );
    }
}

#[tokio::test]
async fn a_forged_signature_is_refused() {
    let world = World::start().await;
    let ada = world.sign_up("ada").await;
    let header = part(&ada.access_token, 0);
    let claims: Claims = serde_json::from_value(part(&ada.access_token, 1)).expect("claims");

    let pair = Ed25519KeyPair::generate().expect("a key");
    let foreign = EncodingKey::from_ed_der(pair.to_pkcs8().expect("a document").as_ref());
    let kid = header["kid"].as_str().map(String::from);
    let mut jwt_header = Header {
        kid,
        ..Header::new(Algorithm::EdDSA)
    };
    let forged = jsonwebtoken::encode(&jwt_header, &claims, &foreign).expect("signs");
    assert_eq!(of_token(&world, &forged).await, FORGED);

    jwt_header.kid = Some("k-unknown".into());
    let unknown = jsonwebtoken::encode(&jwt_header, &claims, &foreign).expect("signs");
    assert_eq!(of_token(&world, &unknown).await, FORGED);

    let mut raised = part(&ada.access_token, 1);
    raised["role"] = "ADMIN".into();
    let parts: Vec<_> = ada.access_token.split('.').collect();
    let raised = format!("{}.{}.{}", parts[0], encoded(&raised), parts[2]);
    assert_eq!(of_token(&world, &raised).await, FORGED);
}

#[tokio::test]
async fn the_algorithm_is_ours_and_never_the_headers() {
    let world = World::start().await;
    let ada = world.sign_up("ada").await;
    let claims = part(&ada.access_token, 1);
    for none in ["none", "None", "NONE", "nOnE"] {
        let mut header = part(&ada.access_token, 0);
        header["alg"] = none.into();
        let unsigned = format!("{}.{}.", encoded(&header), encoded(&claims));
        assert_eq!(of_token(&world, &unsigned).await, FORGED, "{none}");
        assert_eq!(
            of_token(&world, &with_header(&ada.access_token, &header)).await,
            FORGED
        );
    }
    // The public key is public: as an HMAC secret it would let anyone sign.
    let keys = world
        .app
        .get_keys(Request::new(GetKeysRequest {}))
        .await
        .expect("answers");
    let key = keys.into_inner().keys.remove(0);
    let header = Header {
        kid: Some(key.kid),
        ..Header::new(Algorithm::HS256)
    };
    let secret = EncodingKey::from_secret(&key.public_key);
    let confused = jsonwebtoken::encode(&header, &claims, &secret).expect("signs");
    assert_eq!(of_token(&world, &confused).await, FORGED);
}

#[tokio::test]
async fn a_malformed_token_is_invalid() {
    let world = World::start().await;
    let ada = world.sign_up("ada").await;
    let header = part(&ada.access_token, 0);
    let with = |name: &str, value: serde_json::Value| {
        let mut header = header.clone();
        header[name] = value;
        with_header(&ada.access_token, &header)
    };
    let long = "x".repeat(65);
    let bad = [
        "nonsense".to_owned(),
        "a.b.c".to_owned(),
        format!("{}.x", ada.access_token),
        with("typ", "at+jwt".into()),
        with("typ", serde_json::Value::Null),
        with("kid", "../../dev/null".into()),
        with("kid", "".into()),
        with("kid", long.into()),
        with("kid", 7.into()),
        with("alg", 7.into()),
    ];
    for token in &bad {
        assert_eq!(of_token(&world, token).await, INVALID, "{token}");
    }
    let session_tokens = ["hs_", "nonsense", ada.access_token.as_str()];
    for token in session_tokens {
        let answer = world
            .authenticate(Credential::SessionToken(token.into()))
            .await;
        assert_eq!(refusal(answer), INVALID, "{token}");
    }
    let unknown = Credential::SessionToken(format!("hs_{}", "A".repeat(43)));
    assert_eq!(refusal(world.authenticate(unknown).await), INVALID);
}

#[tokio::test]
async fn an_idle_and_an_old_session_are_over() {
    let world = World::start().await;
    let (ada, bob) = (world.sign_up("ada").await, world.sign_up("bob").await);
    let idle = sqlx::query!(
        "update auth.session set idle_expires_at = now() where session_id = $1",
        ada.session_id.parse::<SessionId>().expect("an id").0
    );
    idle.execute(&world.db).await.expect("writes");
    let old = sqlx::query!(
        "update auth.session set absolute_expires_at = now() where session_id = $1",
        bob.session_id.parse::<SessionId>().expect("an id").0
    );
    old.execute(&world.db).await.expect("writes");
    for credential in [
        session_of(&ada),
        access_of(&ada),
        session_of(&bob),
        access_of(&bob),
    ] {
        assert_eq!(refusal(world.authenticate(credential).await), EXPIRED);
    }
}

#[tokio::test]
async fn using_a_session_moves_its_idle_end() {
    let world = World::start().await;
    let ada = world.sign_up("ada").await;
    let aged = sqlx::query!(
        "update auth.session set last_seen_at = now() - interval '1 day', idle_expires_at = now() + interval '1 hour'"
    );
    aged.execute(&world.db).await.expect("writes");
    world
        .authenticate(session_of(&ada))
        .await
        .expect("authenticates");
    let moved = sqlx::query_scalar!(
        r#"select idle_expires_at > now() + interval '13 days' and last_seen_at > now() - interval '1 minute' as "moved!" from auth.session"#
    );
    assert!(moved.fetch_one(&world.db).await.expect("reads"));
}

#[tokio::test]
async fn flushing_redis_logs_nobody_out() {
    let world = World::start().await;
    let ada = world.sign_up("ada").await;
    for _ in 0..3 {
        world
            .authenticate(session_of(&ada))
            .await
            .expect("authenticates");
        world
            .authenticate(access_of(&ada))
            .await
            .expect("authenticates");
        world.flush_redis().await;
    }
}

#[tokio::test]
async fn everything_works_without_redis() {
    let mut world = World::start().await;
    let ada = world.sign_up("ada").await;
    world
        .authenticate(session_of(&ada))
        .await
        .expect("authenticates");
    drop(world.redis.take());
    world
        .authenticate(session_of(&ada))
        .await
        .expect("authenticates");
    world
        .authenticate(access_of(&ada))
        .await
        .expect("authenticates");
    let request = crate::world::by(&ada, proto::auth::LogOutRequest {});
    world.app.log_out(request).await.expect("logs out");
    assert_eq!(refusal(world.authenticate(session_of(&ada)).await), INVALID);
}

#[tokio::test]
async fn a_cached_session_is_not_read_again() {
    let world = World::start().await;
    let ada = world.sign_up("ada").await;
    world
        .authenticate(session_of(&ada))
        .await
        .expect("authenticates");
    let gone = sqlx::query!("delete from auth.account");
    gone.execute(&world.db).await.expect("writes");
    let answer = world
        .authenticate(session_of(&ada))
        .await
        .expect("the cache answers");
    assert_eq!(answer.user, ada.user);
}

#[tokio::test]
async fn a_ban_counts_at_once_for_every_credential_cached_or_not() {
    let world = World::start().await;
    let (ada, bob) = (world.sign_up("ada").await, world.sign_up("bob").await);
    let message = IssueTicketRequest {
        origin: String::new(),
    };
    let request = crate::world::by(&ada, message);
    let ticket = world.app.issue_ticket(request).await.expect("issues");
    let ticket = Credential::Ticket(ticket.into_inner().ticket);
    // Both are in the cache now.
    for credential in [session_of(&ada), access_of(&ada)] {
        world.authenticate(credential).await.expect("authenticates");
    }
    moderation::ban(&world.db, user_id(&ada)).await;
    for credential in [session_of(&ada), access_of(&ada), ticket] {
        assert_eq!(refusal(world.authenticate(credential).await), BANNED);
    }
    world.flush_redis().await;
    for credential in [session_of(&ada), access_of(&ada)] {
        assert_eq!(refusal(world.authenticate(credential).await), BANNED);
    }
    world
        .authenticate(session_of(&bob))
        .await
        .expect("nobody else is banned");

    moderation::lift_bans(&world.db).await;
    for credential in [session_of(&ada), access_of(&ada)] {
        world.authenticate(credential).await.expect("is free again");
    }
}

#[tokio::test]
async fn an_ended_session_of_a_banned_person_is_ended_and_not_banned() {
    let world = World::start().await;
    let ada = world.sign_up("ada").await;
    moderation::ban(&world.db, user_id(&ada)).await;
    let request = crate::world::by(&ada, proto::auth::LogOutRequest {});
    let out = world.app.log_out(request).await;
    out.expect("even the banned log out");
    assert_eq!(refusal(world.authenticate(session_of(&ada)).await), INVALID);
}

#[tokio::test]
async fn an_administrators_session_moves_by_half_an_hour_up_to_half_a_day() {
    let (world, root) = World::with_admin().await;
    let aged = sqlx::query!(
        "update auth.session set last_seen_at = now() - interval '6 minutes', idle_expires_at = now() + interval '1 minute'"
    );
    aged.execute(&world.db).await.expect("writes");
    let identity = world.authenticate(session_of(&root)).await;
    let identity = identity.expect("authenticates");
    let row = sqlx::query!(
        r#"
        select idle_expires_at between now() + interval '29 minutes' and now() + interval '30 minutes' as "is_moved!",
            absolute_expires_at <= now() + interval '12 hours' as "is_bound!",
            (extract(epoch from idle_expires_at) * 1000)::bigint as "ends_ms!"
        from auth.session
        "#
    );
    let row = row.fetch_one(&world.db).await.expect("reads");
    assert!(row.is_moved && row.is_bound);
    // The answer says the new end already: its assertion is not cut short.
    assert_eq!(identity.credential_expires_at_ms, row.ends_ms);
}
