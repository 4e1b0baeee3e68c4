//! The verification keys of our own tokens, fetched from auth-svc and cached.

use std::{collections::HashMap, sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use aws_lc_rs::digest;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header, errors::ErrorKind};
use moka::sync::Cache;
use proto::{
    auth::{GetKeysRequest, Key, auth_service_client::AuthServiceClient},
    reason::Reason,
};
use tokio::{sync::Mutex, time::Instant};
use tonic::{Code, Status};

use crate::{Caller, Claims, NatsChannel, status};

/// The issuer of every token.
pub const ISSUER: &str = "hubbub";
/// Audience of access tokens, which clients hold.
pub const AUDIENCE_ACCESS: &str = "hubbub";
/// Audience of assertions, which only gateways hold.
pub const AUDIENCE_INTERNAL: &str = "hubbub-internal";

/// The longest life of a token, in seconds: auth-svc makes none that lives longer, so nobody else may either.
pub const LIFETIME_MAX_S: u64 = 15 * 60;

/// Seconds by which clocks may differ.
const LEEWAY_SECONDS: u64 = 5;
/// Unknown key ids cause at most one fetch in this time.
const REFRESH_PAUSE: Duration = Duration::from_secs(5);
/// Verified tokens that are remembered.
const CACHE_CAPACITY: u64 = 50_000;
/// For how long: after that every token has expired.
const CACHE_LIFETIME: Duration = Duration::from_secs(LIFETIME_MAX_S + LEEWAY_SECONDS);

type Keys = HashMap<String, DecodingKey>;

/// Verifies tokens. Cheap to clone; clones share keys and cache.
#[derive(Clone)]
pub struct Keyring {
    shared: Arc<Shared>,
}

struct Shared {
    keys: ArcSwap<Keys>,
    source: Option<NatsChannel>,
    /// When keys were last asked for; the lock makes refreshes single-flight.
    refreshed: Mutex<Option<Instant>>,
    /// SHA-256 of a token → who it proved to be and its `exp`.
    verified: Cache<[u8; 32], (Caller, u64)>,
}

impl Keyring {
    /// Makes a ring that asks auth-svc for keys it does not know.
    #[must_use]
    pub fn remote(source: NatsChannel) -> Self {
        Self::new(Some(source), &[])
    }

    /// Makes a ring with exactly these keys.
    #[must_use]
    pub fn fixed(keys: &[Key]) -> Self {
        Self::new(None, keys)
    }

    fn new(source: Option<NatsChannel>, keys: &[Key]) -> Self {
        Self {
            shared: Arc::new(Shared {
                keys: ArcSwap::from_pointee(decoding_keys(keys)),
                source,
                refreshed: Mutex::new(None),
                verified: Cache::builder()
                    .max_capacity(CACHE_CAPACITY)
                    .time_to_live(CACHE_LIFETIME)
                    .build(),
            }),
        }
    }

    /// Returns whom a token proves.
    ///
    /// # Errors
    /// `TOKEN_EXPIRED`, `SIGNATURE_INVALID` or `TOKEN_INVALID`; `UPSTREAM_UNAVAILABLE` when keys cannot be had.
    pub async fn verify(&self, token: &str) -> Result<Caller, Status> {
        let digest = fingerprint(token);
        if let Some((caller, exp)) = self.shared.verified.get(&digest) {
            if exp + LEEWAY_SECONDS > jsonwebtoken::get_current_timestamp() {
                return Ok(caller);
            }
            self.shared.verified.invalidate(&digest);
        }
        let kid = key_id(token)?;
        let key = self.key(&kid).await?;
        let claims = decode::<Claims>(token, &key, &validation())
            .map_err(|error| refused(error.kind()))?
            .claims;
        check_times(&claims)?;
        let exp = claims.exp;
        let caller = Caller::from(claims);
        self.shared.verified.insert(digest, (caller.clone(), exp));
        Ok(caller)
    }

    async fn key(&self, kid: &str) -> Result<DecodingKey, Status> {
        if let Some(key) = self.shared.keys.load().get(kid) {
            return Ok(key.clone());
        }
        self.refresh(kid).await?;
        self.shared.keys.load().get(kid).cloned().ok_or_else(|| {
            status(
                Code::Unauthenticated,
                Reason::SIGNATURE_INVALID,
                "the token's key is not known",
            )
        })
    }

    async fn refresh(&self, kid: &str) -> Result<(), Status> {
        let Some(source) = self.shared.source.clone() else {
            return Ok(());
        };
        let mut refreshed = self.shared.refreshed.lock().await;
        let is_fresh = refreshed.is_some_and(|at| at.elapsed() < REFRESH_PAUSE);
        if is_fresh || self.shared.keys.load().contains_key(kid) {
            return Ok(());
        }
        let answer = AuthServiceClient::new(source)
            .get_keys(GetKeysRequest {})
            .await?;
        *refreshed = Some(Instant::now());
        self.shared
            .keys
            .store(Arc::new(decoding_keys(&answer.into_inner().keys)));
        Ok(())
    }
}

fn decoding_keys(keys: &[Key]) -> Keys {
    keys.iter()
        .filter_map(|key| {
            let components = URL_SAFE_NO_PAD.encode(&key.public_key);
            Some((
                key.kid.clone(),
                DecodingKey::from_ed_components(&components).ok()?,
            ))
        })
        .collect()
}

fn fingerprint(token: &str) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(digest::digest(&digest::SHA256, token.as_bytes()).as_ref());
    out
}

/// Returns the header's key id. The algorithm is ours, never the header's: anything else is a bad signature.
fn key_id(token: &str) -> Result<String, Status> {
    let signature_invalid = || {
        status(
            Code::Unauthenticated,
            Reason::SIGNATURE_INVALID,
            "the token's signature does not verify",
        )
    };
    let header = match decode_header(token) {
        Ok(header) => header,
        // An algorithm that the library does not know, such as `none`.
        Err(error) if names_an_algorithm(token) && matches!(error.kind(), ErrorKind::Json(_)) => {
            return Err(signature_invalid());
        }
        Err(error) => return Err(refused(error.kind())),
    };
    if header.alg != Algorithm::EdDSA {
        return Err(signature_invalid());
    }
    // A key may sign other things one day; only what says that it is a token is one.
    if header.typ.as_deref() != Some("JWT") {
        return Err(refused(&ErrorKind::InvalidToken));
    }
    let is_safe = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    header
        .kid
        .filter(|kid| !kid.is_empty() && kid.len() <= 64 && kid.bytes().all(is_safe))
        .ok_or_else(|| {
            status(
                Code::Unauthenticated,
                Reason::TOKEN_INVALID,
                "the token names no key",
            )
        })
}

fn names_an_algorithm(token: &str) -> bool {
    let head = token.split('.').next().unwrap_or_default();
    URL_SAFE_NO_PAD
        .decode(head)
        .ok()
        .and_then(|json| serde_json::from_slice::<serde_json::Value>(&json).ok())
        .is_some_and(|header| header.get("alg").is_some_and(serde_json::Value::is_string))
}

fn validation() -> Validation {
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[AUDIENCE_ACCESS, AUDIENCE_INTERNAL]);
    validation.set_required_spec_claims(&["exp", "nbf", "iss", "aud", "sub"]);
    validation.validate_nbf = true;
    validation.leeway = LEEWAY_SECONDS;
    validation
}

/// Checks what the library does not: that the token was made in the past, and lives no longer than ours do. A key that
/// leaked for an hour must not be good for a token of ten years.
fn check_times(claims: &Claims) -> Result<(), Status> {
    let latest = jsonwebtoken::get_current_timestamp() + LEEWAY_SECONDS;
    let is_dated_well =
        claims.iat <= latest && claims.exp <= claims.iat.saturating_add(LIFETIME_MAX_S);
    is_dated_well
        .then_some(())
        .ok_or_else(|| refused(&ErrorKind::InvalidToken))
}

fn refused(kind: &ErrorKind) -> Status {
    let (reason, message) = match kind {
        ErrorKind::ExpiredSignature => (Reason::TOKEN_EXPIRED, "the token's time is over"),
        ErrorKind::InvalidSignature
        | ErrorKind::InvalidAlgorithm
        | ErrorKind::InvalidAlgorithmName => (
            Reason::SIGNATURE_INVALID,
            "the token's signature does not verify",
        ),
        _ => (Reason::TOKEN_INVALID, "the token is not valid here"),
    };
    status(Code::Unauthenticated, reason, message)
}
