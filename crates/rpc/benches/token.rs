//! What it costs to know whom a token proves, the first time and when it was seen before (P14).

use std::time::Duration;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use criterion::{BatchSize, Criterion};
use futures::executor::block_on;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode, get_current_timestamp};
use proto::{
    auth::Key,
    id::{SessionId, Tenant, UserId},
};
use rpc::{Claims, Keyring};

const KID: &str = "k1";

fn main() {
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1))
        .configure_from_args();
    let pair = Ed25519KeyPair::generate().expect("a key");
    let key = Key {
        kid: KID.into(),
        public_key: pair.public_key().as_ref().to_vec().into(),
    };
    let token = token(&pair);
    let verify = |ring: &Keyring| block_on(ring.verify(&token)).expect("the token is good");
    criterion.bench_function("check a token, cold", |bencher| {
        bencher.iter_batched_ref(
            || Keyring::fixed(std::slice::from_ref(&key)),
            |ring| verify(ring),
            BatchSize::PerIteration,
        );
    });
    let ring = Keyring::fixed(&[key]);
    criterion.bench_function("check a token, cached", |bencher| {
        bencher.iter(|| verify(&ring));
    });
    criterion.final_summary();
}

fn token(pair: &Ed25519KeyPair) -> String {
    let now = get_current_timestamp();
    let claims = Claims {
        iss: rpc::ISSUER.into(),
        aud: rpc::AUDIENCE_ACCESS.into(),
        sub: UserId::generate(),
        sid: SessionId::generate(),
        tenant: Tenant::default_tenant(),
        name: "ada".into(),
        role: "USER".into(),
        iat: now,
        nbf: now,
        exp: now + 600,
        jti: "j".into(),
    };
    let mut header = Header::new(Algorithm::EdDSA);
    header.kid = Some(KID.into());
    header.typ = Some("JWT".into());
    let pkcs8 = pair.to_pkcs8v1().expect("pkcs8");
    encode(&header, &claims, &EncodingKey::from_ed_der(pkcs8.as_ref())).expect("signed")
}
