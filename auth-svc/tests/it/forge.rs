//! Makes tokens as an attacker would, or as only we could: signed with our own key, with anything in them. And shows them
//! to both verifiers: ours, and the one that every service has.

use std::collections::BTreeMap;

use auth_svc::{credentials::Rejection, tokens};
use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey},
    signature::Ed25519KeyPair,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use proto::{
    auth::{GetKeysRequest, Grant, auth_service_server::AuthService},
    reason::Reason,
};
use rpc::{Keyring, Refusal};
use tonic::Request;

use crate::world::World;

/// Claims or members of a header: name → JSON as it will stand there.
pub(crate) type Fields = BTreeMap<String, String>;

/// Signs anything with a key.
pub(crate) struct Forge {
    pub(crate) kid: String,
    pair: Ed25519KeyPair,
    /// What a good token says.
    pub(crate) claims: Fields,
    pub(crate) now: u64,
}

/// Reads the one signing key of a world. Its master key is that of the tests: 0, 1, 2 … 31.
async fn signing_pair(world: &World) -> (String, Ed25519KeyPair) {
    let read = "select kid, sealed_private_key from auth.signing_key";
    let row = sqlx::query_as::<_, (String, Vec<u8>)>(read);
    let (kid, sealed) = row.fetch_one(&world.db).await.expect("one key");
    let bytes: Vec<u8> = (0..32).collect();
    let master = RandomizedNonceKey::new(&AES_256_GCM, &bytes).expect("32 bytes");
    let (nonce, text) = sealed.split_at(NONCE_LEN);
    let nonce = Nonce::try_assume_unique_for_key(nonce).expect("a nonce");
    let mut text = text.to_vec();
    let opened = master.open_in_place(nonce, Aad::from(kid.as_bytes()), &mut text);
    let pair = Ed25519KeyPair::from_pkcs8(opened.expect("opened")).expect("a pair");
    (kid, pair)
}

impl Forge {
    async fn of(world: &World, ada: &Grant) -> Self {
        let (kid, pair) = signing_pair(world).await;
        let payload = ada.access_token.split('.').nth(1).expect("a payload");
        let payload = URL_SAFE_NO_PAD.decode(payload).expect("base64");
        let claims: BTreeMap<String, serde_json::Value> =
            serde_json::from_slice(&payload).expect("claims");
        let now = claims["iat"].as_u64().expect("a time");
        let claims = claims
            .into_iter()
            .map(|(name, value)| (name, value.to_string()))
            .collect();
        Self {
            kid,
            pair,
            claims,
            now,
        }
    }

    pub(crate) fn header(&self) -> Fields {
        let members = [
            ("alg", "\"EdDSA\"".to_owned()),
            ("typ", "\"JWT\"".to_owned()),
            ("kid", format!("{:?}", self.kid)),
        ];
        members.map(|(name, value)| (name.to_owned(), value)).into()
    }

    pub(crate) fn sign(&self, header: &str, claims: &str) -> String {
        sign(&self.pair, header, claims)
    }

    /// A good token but for one claim; `None` leaves it out.
    pub(crate) fn with_claim(&self, name: &str, value: Option<&str>) -> String {
        self.sign(
            &object(&self.header()),
            &object(&with(self.claims.clone(), name, value)),
        )
    }

    /// A good token but for one member of its header.
    pub(crate) fn with_member(&self, name: &str, value: Option<&str>) -> String {
        self.sign(
            &object(&with(self.header(), name, value)),
            &object(&self.claims),
        )
    }
}

pub(crate) fn with(mut fields: Fields, name: &str, value: Option<&str>) -> Fields {
    match value {
        Some(value) => fields.insert(name.to_owned(), value.to_owned()),
        None => fields.remove(name),
    };
    fields
}

pub(crate) fn object(fields: &Fields) -> String {
    let fields = fields
        .iter()
        .map(|(name, value)| format!("{name:?}:{value}"));
    format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
}

pub(crate) fn sign(pair: &Ed25519KeyPair, header: &str, claims: &str) -> String {
    let signed = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(header),
        URL_SAFE_NO_PAD.encode(claims)
    );
    let signature = pair.sign(signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// Both verifiers.
pub(crate) struct Verifiers {
    world: World,
    pub(crate) forge: Forge,
    services: Keyring,
}

impl Verifiers {
    pub(crate) async fn start() -> Self {
        let world = World::start().await;
        let ada = world.sign_up("ada").await;
        let forge = Forge::of(&world, &ada).await;
        let keys = world.app.get_keys(Request::new(GetKeysRequest {})).await;
        let services = Keyring::fixed(&keys.expect("keys").into_inner().keys);
        let verifiers = Self {
            world,
            forge,
            services,
        };
        // Whatever is refused below is refused for the one thing that is wrong with it.
        let forge = &verifiers.forge;
        let good = forge.sign(&object(&forge.header()), &object(&forge.claims));
        assert!(verifiers.ours(&good).is_ok(), "the forge forges well");
        assert_eq!(verifiers.services(&good).await, None);
        verifiers
    }

    pub(crate) fn ours(&self, token: &str) -> Result<(), Rejection> {
        tokens::verify(self.world.app.keyring(), token).map(drop)
    }

    /// Why the services' verifier refuses, if it does.
    pub(crate) async fn services(&self, token: &str) -> Option<Reason> {
        let verified = self.services.verify(token).await;
        verified.err().map(|status| Refusal::of(&status).reason)
    }

    pub(crate) async fn refuse(&self, name: &str, token: &str) {
        assert!(
            self.ours(token).is_err(),
            "{name}: taken for an access token"
        );
        let reason = self.services(token).await;
        let is_about_tokens = matches!(
            reason,
            Some(Reason::TOKEN_INVALID | Reason::TOKEN_EXPIRED | Reason::SIGNATURE_INVALID)
        );
        assert!(is_about_tokens, "{name}: {reason:?}");
    }
}
