//! The Origin check: an exact comparison against a list, before anything is upgraded or changed.

use std::fmt;

use serde::Deserialize;
use url::Url;

/// A browser origin in its one canonical text: `scheme://host` or `scheme://host:port`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct Origin(String);

/// A configured text that no browser would ever send as its Origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidOrigin(String);

impl fmt::Display for InvalidOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "not an origin (scheme://host[:port], lower case, no default port, no path): {}",
            self.0
        )
    }
}

impl std::error::Error for InvalidOrigin {}

impl Origin {
    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Origin {
    type Error = InvalidOrigin;

    fn try_from(text: String) -> Result<Self, InvalidOrigin> {
        if is_canonical(&text) {
            Ok(Self(text))
        } else {
            Err(InvalidOrigin(text))
        }
    }
}

/// Whether an Origin header is on the list. Equality of bytes is the whole rule: browsers send one canonical form, so
/// anything that would need normalising is not a browser's or not ours.
#[must_use]
pub fn is_allowed(allowed: &[Origin], header: &[u8]) -> bool {
    allowed.iter().any(|origin| origin.0.as_bytes() == header)
}

/// Whether a request may go on: its Origin is on the list, or it has none and its credential is not a cookie (a
/// cookie is sent by browsers without the user's will, so there the Origin is the proof).
#[must_use]
pub fn admits(allowed: &[Origin], header: Option<&[u8]>, has_cookie: bool) -> bool {
    match header {
        Some(header) => is_allowed(allowed, header),
        None => !has_cookie,
    }
}

/// Whether a text is what a browser would send: the standard's own way of writing an origin.
fn is_canonical(text: &str) -> bool {
    let Ok(url) = Url::parse(text) else {
        return false;
    };
    matches!(url.scheme(), "http" | "https") && url.origin().ascii_serialization() == text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(texts: &[&str]) -> Vec<Origin> {
        texts
            .iter()
            .map(|text| Origin::try_from((*text).to_owned()).expect("canonical"))
            .collect()
    }

    #[test]
    fn only_the_exact_origin_is_allowed() {
        let allowed = list(&["https://chat.example.com", "http://localhost:3000"]);
        for good in ["https://chat.example.com", "http://localhost:3000"] {
            assert!(is_allowed(&allowed, good.as_bytes()), "{good}");
        }
        for bad in [
            "null",
            "",
            "https://chat.example.co",
            "https://chat.example.com.evil.org",
            "https://evil-chat.example.com",
            "https://a.chat.example.com",
            "https://CHAT.example.com",
            "HTTPS://chat.example.com",
            "http://chat.example.com",
            "https://chat.example.com:443",
            "https://chat.example.com:8443",
            "https://chat.example.com/",
            "https://chat.example.com@evil.org",
            "http://localhost:30000",
            "http://localhost",
            "http://127.0.0.1:3000",
            " https://chat.example.com",
        ] {
            assert!(!is_allowed(&allowed, bad.as_bytes()), "{bad}");
        }
    }

    #[test]
    fn an_absent_origin_is_for_clients_without_a_cookie() {
        let allowed = list(&["https://chat.example.com"]);
        assert!(admits(&allowed, None, false));
        assert!(!admits(&allowed, None, true));
        assert!(admits(&allowed, Some(b"https://chat.example.com"), true));
        assert!(!admits(&allowed, Some(b"https://evil.org"), false));
        assert!(!admits(&[], Some(b"null"), false));
    }

    #[test]
    fn the_list_itself_must_be_canonical() {
        for bad in [
            "*",
            "null",
            "example.com",
            "https://",
            "https://Example.com",
            "https://a.org/",
            "https://a.org:443",
            "ws://a.org",
            "https://a.org:0443",
            "https://a.org:65536",
            "https://a b.org",
            "https://[::1",
            "https://[0:0::1]",
            "http://0x7f.1",
            "https://b\u{fc}cher.example",
            "https://user@a.org",
        ] {
            assert!(Origin::try_from(bad.to_owned()).is_err(), "{bad}");
        }
        for good in ["http://[::1]:3000", "https://xn--bcher-kva.example"] {
            assert!(Origin::try_from(good.to_owned()).is_ok(), "{good}");
        }
    }
}
