//! Tokens and permissions, as every served method sees them.

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode, get_current_timestamp};
use proto::{
    auth::Key,
    id::{SessionId, Tenant, UserId},
    reason::Reason,
};
use rpc::{Access, AccessTable, Claims, Keyring, Refusal, with_token};
use tonic::Code;

use crate::double::{ECHO, RANGE, Served, range};

const KID: &str = "k1";
const USERS: AccessTable = &[(RANGE, Access::User)];
const ADMINS: AccessTable = &[(RANGE, Access::Admin)];

struct Issuer {
    pkcs8: Vec<u8>,
    public_key: Vec<u8>,
}

impl Issuer {
    fn new() -> Self {
        let pair = Ed25519KeyPair::generate().expect("a key");
        let pkcs8 = pair.to_pkcs8v1().expect("pkcs8").as_ref().to_vec();
        Self {
            pkcs8,
            public_key: pair.public_key().as_ref().to_vec(),
        }
    }

    fn keyring(&self) -> Keyring {
        Keyring::fixed(&[Key {
            kid: KID.into(),
            public_key: self.public_key.clone().into(),
        }])
    }

    fn claims() -> Claims {
        let now = get_current_timestamp();
        Claims {
            iss: rpc::ISSUER.into(),
            aud: rpc::AUDIENCE_ACCESS.into(),
            sub: UserId::generate(),
            sid: SessionId::generate(),
            tenant: Tenant::default_tenant(),
            name: "ada".into(),
            role: "USER".into(),
            iat: now,
            nbf: now,
            exp: now + 60,
            jti: "j".into(),
        }
    }

    fn token(&self, change: impl FnOnce(&mut Claims)) -> String {
        let mut claims = Self::claims();
        change(&mut claims);
        self.signed(Some("JWT"), &claims)
    }

    fn signed(&self, typ: Option<&str>, claims: &impl serde::Serialize) -> String {
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(KID.into());
        header.typ = typ.map(str::to_owned);
        encode(&header, claims, &EncodingKey::from_ed_der(&self.pkcs8)).expect("signed")
    }
}

async fn reason_of(served: &Served, token: &str) -> Option<Reason> {
    let answer = served.client().range(with_token(range(ECHO), token)).await;
    answer.err().map(|status| Refusal::of(&status).reason)
}

fn unsigned(header: &str, token: &str) -> String {
    let payload = token.split('.').nth(1).expect("three parts");
    format!("{}.{payload}.", URL_SAFE_NO_PAD.encode(header))
}

/// Tokens that must prove nothing, each with its reason.
fn worthless(issuer: &Issuer, good: &str) -> Vec<(&'static str, String, Reason)> {
    let now = get_current_timestamp();
    vec![
        (
            "expired",
            issuer.token(|claims| claims.exp = now - 60),
            Reason::TOKEN_EXPIRED,
        ),
        (
            "not yet valid",
            issuer.token(|claims| claims.nbf = now + 60),
            Reason::TOKEN_INVALID,
        ),
        (
            "wrong audience",
            issuer.token(|claims| claims.aud = "else".into()),
            Reason::TOKEN_INVALID,
        ),
        (
            "wrong issuer",
            issuer.token(|claims| claims.iss = "else".into()),
            Reason::TOKEN_INVALID,
        ),
        (
            "another's signature",
            Issuer::new().token(|_| ()),
            Reason::SIGNATURE_INVALID,
        ),
        (
            "alg none",
            unsigned(r#"{"alg":"none","typ":"JWT","kid":"k1"}"#, good),
            Reason::SIGNATURE_INVALID,
        ),
        (
            "alg HS256",
            unsigned(r#"{"alg":"HS256","typ":"JWT","kid":"k1"}"#, good),
            Reason::SIGNATURE_INVALID,
        ),
        (
            "unknown key",
            unsigned(r#"{"alg":"EdDSA","typ":"JWT","kid":"k2"}"#, good),
            Reason::SIGNATURE_INVALID,
        ),
        (
            "unsafe key id",
            unsigned(r#"{"alg":"EdDSA","typ":"JWT","kid":"../k"}"#, good),
            Reason::TOKEN_INVALID,
        ),
        ("nonsense", "nonsense".into(), Reason::TOKEN_INVALID),
        (
            "the document's own",
            "eyJhbGciOiJSUzI1NiIs.invalid.signature".into(),
            Reason::TOKEN_INVALID,
        ),
    ]
}

#[tokio::test]
async fn a_valid_token_passes_and_no_other() {
    let issuer = Issuer::new();
    let served = Served::with(USERS, issuer.keyring(), 8).await;
    let good = issuer.token(|_| ());
    assert_eq!(reason_of(&served, &good).await, None);
    for (name, token, expected) in worthless(&issuer, &good) {
        assert_eq!(reason_of(&served, &token).await, Some(expected), "{name}");
    }
    let missing = served
        .client()
        .range(range(ECHO))
        .await
        .expect_err("no token");
    assert_eq!(Refusal::of(&missing).reason, Reason::TOKEN_MISSING);
    assert_eq!(missing.code(), Code::Unauthenticated);
}

#[tokio::test]
async fn only_what_says_that_it_is_a_token_is_one() {
    let issuer = Issuer::new();
    let served = Served::with(USERS, issuer.keyring(), 8).await;
    let claims = Issuer::claims();
    assert_eq!(
        reason_of(&served, &issuer.signed(Some("JWT"), &claims)).await,
        None
    );
    for typ in [
        None,
        Some(""),
        Some("jwt"),
        Some("at+jwt"),
        Some("JWE"),
        Some("JWT "),
    ] {
        let token = issuer.signed(typ, &claims);
        let reason = reason_of(&served, &token).await;
        assert_eq!(reason, Some(Reason::TOKEN_INVALID), "{typ:?}");
    }
}

#[tokio::test]
async fn a_token_lives_a_quarter_of_an_hour_and_was_made_in_the_past() {
    let issuer = Issuer::new();
    let served = Served::with(USERS, issuer.keyring(), 8).await;
    let now = get_current_timestamp();
    let of = |iat: u64, exp: u64| issuer.token(|claims| (claims.iat, claims.exp) = (iat, exp));
    let life = rpc::LIFETIME_MAX_S;
    for (name, token) in [
        ("a full life", of(now, now + life)),
        ("an old one's last minute", of(now + 60 - life, now + 60)),
        ("a clock that is a little ahead", of(now + 3, now + 63)),
    ] {
        assert_eq!(reason_of(&served, &token).await, None, "{name}");
    }
    for (name, token) in [
        ("a second too long", of(now, now + life + 1)),
        ("ten years", of(now, now + 315_360_000)),
        ("for ever", of(now, u64::MAX)),
        ("made in 1970", of(0, now + 60)),
        ("made tomorrow", of(now + 86_400, now + 86_460)),
        ("made in a minute", of(now + 60, now + 120)),
        ("made at the end of time", of(u64::MAX, u64::MAX)),
    ] {
        let reason = reason_of(&served, &token).await;
        assert_eq!(reason, Some(Reason::TOKEN_INVALID), "{name}");
    }
}

#[tokio::test]
async fn times_are_whole_numbers_or_the_token_is_none() {
    let issuer = Issuer::new();
    let served = Served::with(USERS, issuer.keyring(), 8).await;
    let good = serde_json::to_value(Issuer::claims()).expect("JSON");
    for name in ["iat", "nbf", "exp"] {
        let now = good[name].as_u64().expect("a number");
        for bad in [
            serde_json::json!(now.to_string()),
            serde_json::json!(now as f64 + 0.5),
            serde_json::json!([now]),
            serde_json::json!(-1),
            serde_json::Value::Null,
        ] {
            let mut claims = good.clone();
            claims[name] = bad.clone();
            let reason = reason_of(&served, &issuer.signed(Some("JWT"), &claims)).await;
            assert_eq!(reason, Some(Reason::TOKEN_INVALID), "{name}: {bad}");
        }
    }
}

#[tokio::test]
async fn a_cached_token_still_expires() {
    let issuer = Issuer::new();
    let served = Served::with(USERS, issuer.keyring(), 8).await;
    // Within the leeway of 5 s when first seen, beyond it soon after.
    let token = issuer.token(|claims| claims.exp = get_current_timestamp() - 3);
    assert_eq!(reason_of(&served, &token).await, None);
    let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(8);
    while reason_of(&served, &token).await != Some(Reason::TOKEN_EXPIRED) {
        assert!(
            tokio::time::Instant::now() < deadline,
            "the cached token never expired"
        );
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn an_admin_method_asks_for_the_role() {
    let issuer = Issuer::new();
    let served = Served::with(ADMINS, issuer.keyring(), 8).await;
    assert_eq!(
        reason_of(&served, &issuer.token(|_| ())).await,
        Some(Reason::ADMIN_REQUIRED)
    );
    let admin = issuer.token(|claims| claims.role = "ADMIN".into());
    assert_eq!(reason_of(&served, &admin).await, None);
}
