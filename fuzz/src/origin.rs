//! Which Origins may use us. The first line is a configured one, the second what a browser sends.

use gateway::origin::{self, Origin};
use url::Url;

pub(crate) fn check(bytes: &[u8]) {
    let (configured, sent) = match bytes.iter().position(|byte| *byte == b'\n') {
        Some(end) => (&bytes[..end], &bytes[end + 1..]),
        None => (bytes, &b"null"[..]),
    };
    let configured = std::str::from_utf8(configured).ok();
    let Some(origin) = configured.and_then(|text| Origin::try_from(text.to_owned()).ok()) else {
        return;
    };
    let text = origin.as_str().to_owned();
    // What browsers write is what the standard serialises; anything else on the list would never be sent by one.
    let standard = Url::parse(&text).map(|url| url.origin().ascii_serialization());
    assert_eq!(standard.as_ref(), Ok(&text), "on the list");
    let listed = [origin];
    let is_same = sent == text.as_bytes();
    assert_eq!(origin::is_allowed(&listed, sent), is_same, "{sent:?}");
    for has_cookie in [false, true] {
        let admitted = origin::admits(&listed, Some(sent), has_cookie);
        assert_eq!(admitted, is_same, "{sent:?}, a cookie: {has_cookie}");
    }
    assert!(!origin::is_allowed(&[], sent), "nobody is listed");
}
