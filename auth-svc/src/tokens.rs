//! EdDSA tokens: access tokens for clients, assertions for calls between services.

use ::rpc::{AUDIENCE_ACCESS, AUDIENCE_INTERNAL, Claims, ISSUER};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, Header, Validation};
use serde::Deserialize;
use uuid::Uuid;

use crate::{Error, credentials::Rejection, keyring::Keyring, sessions::Identity};

/// How long an access token lives, in seconds.
pub const ACCESS_S: u64 = 15 * 60;
/// How long an assertion lives, in seconds.
pub const ASSERTION_S: u64 = 10 * 60;
/// By how much clocks may differ, in seconds.
pub const LEEWAY_S: u64 = 5;

/// Whom a token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// Clients: an access token.
    Access,
    /// Our own services: an assertion.
    Internal,
}

/// A signed token and its end.
pub struct Issued {
    /// The JWT. A secret.
    pub token: String,
    /// `exp` in milliseconds since the epoch.
    pub expires_at_ms: i64,
}

/// What is read of a header before the library sees the token. Other members (`jku`, `jwk`, …) are never looked at.
#[derive(Deserialize)]
struct Head {
    alg: String,
    typ: Option<String>,
    kid: Option<String>,
}

/// Signs a token for a live session; it never outlives the session.
///
/// # Errors
/// [`Error::Internal`] if signing fails.
pub fn issue(keyring: &Keyring, identity: &Identity, audience: Audience) -> Result<Issued, Error> {
    let loaded = keyring.loaded();
    let iat = loaded.now_s();
    let (aud, lifetime_s) = match audience {
        Audience::Access => (AUDIENCE_ACCESS, ACCESS_S),
        Audience::Internal => (AUDIENCE_INTERNAL, ASSERTION_S),
    };
    let session_end = u64::try_from(identity.expires_at_ms).unwrap_or_default() / 1000;
    let exp = (iat + lifetime_s).min(session_end);
    let claims = Claims {
        iss: ISSUER.into(),
        aud: aud.into(),
        sub: identity.user_id,
        sid: identity.session_id,
        tenant: identity.tenant.clone(),
        name: identity.name.clone(),
        role: identity.role.as_str().into(),
        iat,
        nbf: iat,
        exp,
        jti: Uuid::now_v7().to_string(),
    };
    let (kid, key) = &loaded.signer;
    let header = Header {
        kid: Some(kid.clone()),
        ..Header::new(Algorithm::EdDSA)
    };
    let token = jsonwebtoken::encode(&header, &claims, key)
        .map_err(|error| Error::Internal(error.into()))?;
    let expires_at_ms = i64::try_from(exp * 1000).unwrap_or(i64::MAX);
    Ok(Issued {
        token,
        expires_at_ms,
    })
}

/// Verifies an access token completely. Whether its session still lives is not known here.
///
/// # Errors
/// Why it proves nobody.
pub fn verify(keyring: &Keyring, token: &str) -> Result<Claims, Rejection> {
    let head = head(token)?;
    if head.alg != "EdDSA" {
        return Err(Rejection::BadSignature);
    }
    let kid = head
        .kid
        .filter(|kid| is_key_id(kid))
        .ok_or(Rejection::Malformed)?;
    if head.typ.as_deref() != Some("JWT") {
        return Err(Rejection::Malformed);
    }
    let loaded = keyring.loaded();
    let key = loaded.verifiers.get(&kid).ok_or(Rejection::BadSignature)?;
    let claims = jsonwebtoken::decode::<Claims>(token, key, &validation())
        .map_err(|error| rejection(error.kind()))?
        .claims;
    let now = loaded.now_s();
    if claims.exp.saturating_add(LEEWAY_S) <= now {
        return Err(Rejection::Expired);
    }
    let is_dated_well = claims.nbf <= now + LEEWAY_S
        && claims.iat <= now + LEEWAY_S
        && claims.exp <= claims.iat.saturating_add(ACCESS_S);
    if is_dated_well {
        Ok(claims)
    } else {
        Err(Rejection::Malformed)
    }
}

fn head(token: &str) -> Result<Head, Rejection> {
    let mut parts = token.split('.');
    let (Some(head), Some(_), Some(_), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(Rejection::Malformed);
    };
    let json = URL_SAFE_NO_PAD
        .decode(head)
        .map_err(|_| Rejection::Malformed)?;
    serde_json::from_slice(&json).map_err(|_| Rejection::Malformed)
}

fn is_key_id(kid: &str) -> bool {
    let is_safe = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    (1..=64).contains(&kid.len()) && kid.bytes().all(is_safe)
}

fn validation() -> Validation {
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[AUDIENCE_ACCESS]);
    validation.set_required_spec_claims(&["exp", "nbf", "iss", "aud", "sub"]);
    // Times are compared with Postgres' clock, not with this machine's.
    validation.validate_exp = false;
    validation
}

fn rejection(kind: &jsonwebtoken::errors::ErrorKind) -> Rejection {
    use jsonwebtoken::errors::ErrorKind;
    match kind {
        ErrorKind::InvalidSignature | ErrorKind::InvalidAlgorithm => Rejection::BadSignature,
        _ => Rejection::Malformed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_ids_are_plain() {
        assert!(is_key_id("k-1._Z") && is_key_id(&"x".repeat(64)));
        for bad in ["", "../../etc/passwd", "a b", "k'--", &"x".repeat(65)] {
            assert!(!is_key_id(bad), "{bad}");
        }
    }

    #[test]
    fn only_three_parts_are_a_token() {
        for bad in ["", "a", "a.b", "a.b.c.d", "!.b.c", "e30.b.c"] {
            assert!(matches!(head(bad), Err(Rejection::Malformed)), "{bad}");
        }
    }
}
