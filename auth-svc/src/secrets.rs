//! Random secrets that are handed out once and stored as their SHA-256.

use aws_lc_rs::{digest, rand};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::SecretString;

/// Prefix of session tokens.
pub(crate) const SESSION: &str = "hs_";
/// Prefix of tickets.
pub(crate) const TICKET: &str = "ht_";

/// Bytes of randomness in every secret.
const RANDOM_LEN: usize = 32;
/// Those bytes in base64 without padding.
const TEXT_LEN: usize = 43;

/// What is stored of a secret.
pub(crate) type Hash = [u8; 32];

/// A fresh secret and what is stored of it.
pub(crate) struct Fresh {
    pub(crate) text: SecretString,
    pub(crate) hash: Hash,
}

/// Makes a secret of 256 random bits.
pub(crate) fn generate(prefix: &str) -> Fresh {
    let mut bytes = [0; RANDOM_LEN];
    rand::fill(&mut bytes).expect("the system's random source works once the process runs");
    let text = format!("{prefix}{}", URL_SAFE_NO_PAD.encode(bytes));
    let hash = sha256(&[text.as_bytes()]);
    Fresh {
        text: text.into(),
        hash,
    }
}

/// Returns the stored form of a presented secret, or `None` if it cannot be one of ours.
pub(crate) fn hash_of(prefix: &str, text: &str) -> Option<Hash> {
    let is_safe = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let random = text.strip_prefix(prefix)?;
    (random.len() == TEXT_LEN && random.bytes().all(is_safe)).then(|| sha256(&[text.as_bytes()]))
}

/// Returns the SHA-256 of the parts, parted by zero bytes.
pub(crate) fn sha256(parts: &[&[u8]]) -> Hash {
    let mut context = digest::Context::new(&digest::SHA256);
    for (i, part) in parts.iter().enumerate() {
        if i > 0 {
            context.update(&[0]);
        }
        context.update(part);
    }
    let mut out = [0; 32];
    out.copy_from_slice(context.finish().as_ref());
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    #[test]
    fn a_secret_hashes_to_what_is_stored_and_nothing_else_passes() {
        let fresh = generate(SESSION);
        let text = fresh.text.expose_secret();
        assert_eq!(hash_of(SESSION, text), Some(fresh.hash));
        assert_eq!(hash_of(TICKET, text), None);
        assert_eq!(hash_of(SESSION, &format!("{text}x")), None);
        assert_eq!(hash_of(SESSION, "hs_"), None);
        assert_ne!(generate(SESSION).hash, fresh.hash);
    }
}
