//! What it costs to know whom a token proves, in this process (P14): the first time, and when it was seen before.

use anyhow::{Context, ensure};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use futures::FutureExt;
use proto::{
    auth::Key,
    id::{SessionId, Tenant, UserId},
};
use rpc::{Claims, Keyring};

use crate::{floor::own_time, scenario::median};

const KID: &str = "loadtest";
/// Tokens that are new to the ring, and how often each is shown again.
const TOKENS: usize = 500;
const AGAIN: usize = 20;
/// Seconds a token lives, and by how much clocks may differ.
const LIFE_S: u64 = 600;

/// CPU of checking one token, µs; medians.
#[derive(Debug, Clone, Copy)]
pub struct Checks {
    /// Its signature is verified.
    pub cold_us: f64,
    /// It is remembered.
    pub cached_us: f64,
}

impl Checks {
    /// Measures it, as gateways and services do it.
    ///
    /// # Errors
    /// When a token is not believed, or there is no clock.
    pub fn measure() -> anyhow::Result<Self> {
        let pair = Ed25519KeyPair::generate().map_err(|_| anyhow::anyhow!("no key"))?;
        let ring = Keyring::fixed(&[Key {
            kid: KID.to_owned(),
            public_key: pair.public_key().as_ref().to_vec().into(),
        }]);
        let (mut cold, mut cached) = (Vec::new(), Vec::new());
        for _ in 0..TOKENS {
            let token = sign(&pair)?;
            cold.push(took(&ring, &token, 1)?);
            cached.push(took(&ring, &token, AGAIN)?);
        }
        let checks = Self {
            cold_us: median(cold),
            cached_us: median(cached),
        };
        let Self { cold_us, cached_us } = checks;
        ensure!(cold_us > cached_us, "nothing was remembered: {checks:?}");
        Ok(checks)
    }
}

fn took(ring: &Keyring, token: &str, times: usize) -> anyhow::Result<f64> {
    let before = own_time()?;
    for _ in 0..times {
        let checked = ring.verify(token).now_or_never();
        checked.context("the keys are at hand")??;
    }
    let used = own_time()?.saturating_sub(before);
    Ok(used.as_secs_f64() * 1e6 / times as f64)
}

fn sign(pair: &Ed25519KeyPair) -> anyhow::Result<String> {
    let now = std::time::UNIX_EPOCH.elapsed()?.as_secs();
    let claims = Claims {
        iss: rpc::ISSUER.to_owned(),
        aud: rpc::AUDIENCE_ACCESS.to_owned(),
        sub: UserId::generate(),
        sid: SessionId::generate(),
        tenant: Tenant::default_tenant(),
        name: "ada".to_owned(),
        role: "USER".to_owned(),
        iat: now,
        nbf: now,
        exp: now + LIFE_S,
        jti: SessionId::generate().to_string(),
    };
    let header = format!(r#"{{"alg":"EdDSA","typ":"JWT","kid":"{KID}"}}"#);
    let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let words = format!(
        "{}.{}",
        encode(header.as_bytes()),
        encode(&serde_json::to_vec(&claims)?)
    );
    let signature = encode(pair.sign(words.as_bytes()).as_ref());
    Ok(format!("{words}.{signature}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_that_was_seen_costs_less_than_a_new_one() {
        let checks = Checks::measure().expect("tokens are believed");
        assert!(checks.cached_us > 0.0, "{checks:?}");
    }
}
