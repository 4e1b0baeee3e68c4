//! What proves who is calling. Bytes with a line end in them are a header and claims, which are signed with a key that
//! is known; others are a whole token, which proves nobody because no one can sign. `{now}` stands for this second,
//! `{now+60}` and `{now-60}` for those around it.

use std::{collections::BTreeMap, ops::RangeInclusive, sync::LazyLock};

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use futures::executor::block_on;
use jsonwebtoken::get_current_timestamp;
use proto::auth::Key;
use rpc::{AUDIENCE_ACCESS, AUDIENCE_INTERNAL, Caller, ISSUER, Keyring, LIFETIME_MAX_S};
use serde::de::DeserializeOwned;
use serde_json::{Value, value::RawValue};

/// The key that the ring knows.
const KID: &str = "k1";
/// Any seed will do: nothing is proved to anybody.
const SEED: [u8; 32] = [7; 32];
/// By how much clocks may differ, and how long this target may take, in seconds.
const SLACK_S: u64 = 7;

struct Signer {
    key: Ed25519KeyPair,
    keyring: Keyring,
}

static SIGNER: LazyLock<Option<Signer>> = LazyLock::new(|| {
    let key = Ed25519KeyPair::from_seed_unchecked(&SEED).ok()?;
    let public_key = key.public_key().as_ref().to_vec().into();
    let kid = KID.into();
    let keyring = Keyring::fixed(&[Key { kid, public_key }]);
    Some(Signer { key, keyring })
});

pub(crate) fn check(bytes: &[u8]) {
    let (Some(signer), Ok(text)) = (SIGNER.as_ref(), std::str::from_utf8(bytes)) else {
        return;
    };
    let verify = |token: &str| block_on(signer.keyring.verify(token));
    let Some((header, claims)) = text.split_once('\n') else {
        assert!(verify(text).is_err(), "an unsigned token is believed");
        return;
    };
    let now = get_current_timestamp();
    let (header, claims) = (dated(header, now), dated(claims, now));
    let token = signer.sign(&header, &claims);
    if let Ok(caller) = verify(&token) {
        assert_canonical(&header, &claims, &caller, now);
        assert_eq!(verify(&token).ok(), Some(caller), "remembered");
        // The same words under no signature, and under another's, prove nothing though they were just believed.
        let words = token.rsplit_once('.').map_or("", |(words, _)| words);
        for signature in ["", "AAAA", &"A".repeat(86)] {
            let forged = format!("{words}.{signature}");
            assert!(verify(&forged).is_err(), "{forged} is believed");
        }
    }
}

impl Signer {
    fn sign(&self, header: &str, claims: &str) -> String {
        let encode = |part: &[u8]| URL_SAFE_NO_PAD.encode(part);
        let words = format!(
            "{}.{}",
            encode(header.as_bytes()),
            encode(claims.as_bytes())
        );
        let signature = encode(self.key.sign(words.as_bytes()).as_ref());
        format!("{words}.{signature}")
    }
}

/// Writes the time into the places that ask for it.
fn dated(text: &str, now: u64) -> String {
    let mut parts = text.split("{now");
    let mut dated = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let Some((offset, rest)) = part.split_once('}') else {
            dated.push_str(part);
            continue;
        };
        let offset = offset.parse::<i64>().unwrap_or(0);
        dated.push_str(&now.saturating_add_signed(offset).to_string());
        dated.push_str(rest);
    }
    dated
}

/// Reads the members of an object that are not too deep for a value; nothing is done with others.
fn members(text: &str) -> Value {
    let members = serde_json::from_str::<BTreeMap<String, Box<RawValue>>>(text);
    let members = members.unwrap_or_default().into_iter();
    let read = |raw: &RawValue| serde_json::from_str::<Value>(raw.get()).unwrap_or_default();
    Value::Object(members.map(|(name, raw)| (name, read(&raw))).collect())
}

fn read_id<T: DeserializeOwned>(value: &Value) -> Option<T> {
    serde_json::from_value(value.clone()).ok()
}

/// What is believed says, to a parser that knows nothing of tokens, exactly what ours say.
fn assert_canonical(header: &str, claims: &str, caller: &Caller, now: u64) {
    let (header, claims) = (members(header), members(claims));
    assert_eq!(header["alg"], "EdDSA", "{header}");
    assert_eq!(header["typ"], "JWT", "{header}");
    assert_eq!(header["kid"], KID, "{header}");
    assert_eq!(claims["iss"], ISSUER, "{claims}");
    let audiences = [AUDIENCE_ACCESS, AUDIENCE_INTERNAL];
    let audience = claims["aud"].as_str();
    assert!(
        audience.is_some_and(|aud| audiences.contains(&aud)),
        "{claims}"
    );
    let time = |name: &str, lawful: RangeInclusive<u64>| {
        let at = claims[name].as_u64();
        assert!(
            at.is_some_and(|at| lawful.contains(&at)),
            "{name}: {claims}"
        );
        at.unwrap_or_default()
    };
    let issued = time("iat", 0..=now + SLACK_S);
    time("nbf", 0..=now + SLACK_S);
    time("exp", now - SLACK_S..=issued.saturating_add(LIFETIME_MAX_S));
    let ids = (&claims["sub"], &claims["sid"]);
    assert_eq!(read_id(ids.0), Some(caller.user_id), "{claims}");
    assert_eq!(read_id(ids.1), Some(caller.session_id), "{claims}");
    assert_eq!(claims["tenant"], caller.tenant.as_str(), "{claims}");
    assert_eq!(caller.is_admin, claims["role"] == "ADMIN", "{claims}");
}
