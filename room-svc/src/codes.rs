//! The codes of invitations.

use aws_lc_rs::rand;

/// Characters of a code: 131 bits, which nobody guesses.
pub(crate) const CODE_LEN: usize = 22;

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// The largest multiple of the alphabet's size in a byte: what lies above would favour the first characters.
const FAIR: u8 = 248;

/// Makes a code.
#[must_use]
pub(crate) fn generate() -> String {
    let mut code = String::with_capacity(CODE_LEN);
    let mut bytes = [0; CODE_LEN];
    while code.len() < CODE_LEN {
        rand::fill(&mut bytes).expect("the system's random source works once the process runs");
        let fair = bytes.iter().filter(|byte| **byte < FAIR);
        let letters = fair.map(|byte| char::from(ALPHABET[usize::from(byte % 62)]));
        code.extend(letters.take(CODE_LEN - code.len()));
    }
    code
}

/// Whether a text may be a code.
#[must_use]
pub(crate) fn is_code(text: &str) -> bool {
    text.len() == CODE_LEN && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_codes_and_differ() {
        let codes: std::collections::HashSet<_> = (0..1_000).map(|_| generate()).collect();
        assert_eq!(codes.len(), 1_000);
        assert!(codes.iter().all(|code| is_code(code)));
        let all: String = codes.into_iter().collect();
        assert!(ALPHABET.iter().all(|each| all.contains(char::from(*each))));
        for text in [
            "",
            "short",
            &"x".repeat(23),
            &"-".repeat(22),
            &"é".repeat(11),
        ] {
            assert!(!is_code(text), "{text}");
        }
    }
}
