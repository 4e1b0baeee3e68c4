//! What the head of an upgrade says about who it is. The first line is the path, every further line a header.

use std::sync::LazyLock;

use gateway::{
    config::Gateway,
    conn::credential::{Credential, subprotocols},
};
use http::{HeaderMap, HeaderName, HeaderValue, Uri, header};

/// The gateway's own defaults; `None` if they cannot be read, which a test of the corpus notices.
static CONFIG: LazyLock<Option<Gateway>> = LazyLock::new(|| {
    let table: toml::Table = include_str!("../../gateway/default.toml").parse().ok()?;
    table.get("gateway")?.clone().try_into().ok()
});

pub(crate) fn check(bytes: &[u8]) {
    let Some(config) = CONFIG.as_ref() else {
        panic!("gateway/default.toml has no section for the gateway");
    };
    let mut lines = bytes.split(|byte| *byte == b'\n');
    let uri = lines.next().and_then(|line| Uri::try_from(line).ok());
    let Some(uri) = uri else { return };
    let headers: HeaderMap = lines.filter_map(header).collect();
    for entry in subprotocols(&headers) {
        let is_one = !entry.contains(',') && entry.trim() == entry;
        assert!(is_one, "one entry: {entry:?}");
    }
    for query_credentials in [false, true] {
        for secure_cookie in [false, true] {
            let config = Gateway {
                query_credentials,
                secure_cookie,
                ..config.clone()
            };
            check_one(&config, &headers, &uri, bytes.len());
        }
    }
}

fn check_one(config: &Gateway, headers: &HeaderMap, uri: &Uri, length: usize) {
    let (found, has_cookie) = Credential::from_handshake(config, headers, uri);
    let cookies = header_text(headers, &header::COOKIE);
    if has_cookie {
        let is_named = cookies.contains(&format!("{}=", config.cookie_name()));
        assert!(is_named, "{cookies:?} has no cookie of ours");
    }
    let from_head = Credential::from_handshake(config, headers, &Uri::from_static("/"));
    let is_of_head = from_head == (found.clone(), has_cookie);
    let text = match &found {
        None => return assert!(!has_cookie && is_of_head, "a credential was not seen"),
        Some(Credential::Ticket(_)) => panic!("a ticket comes in a frame only"),
        Some(Credential::AccessToken(text) | Credential::SessionToken(text)) => text,
    };
    assert!(text.len() <= length, "longer than what was sent: {text:?}");
    assert!(
        config.query_credentials || is_of_head,
        "a credential of the address was taken though that is forbidden"
    );
    // A cookie that a browser sends by itself never stands back behind something of the address.
    assert!(
        !has_cookie || is_of_head,
        "the address was preferred to a cookie"
    );
    if let (Some(Credential::SessionToken(secret)), true) = (&found, is_of_head) {
        let pair = format!("{}={secret}", config.cookie_name());
        assert!(cookies.contains(&pair), "{pair:?} in {cookies:?}");
    }
}

fn header(line: &[u8]) -> Option<(HeaderName, HeaderValue)> {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let colon = line.iter().position(|byte| *byte == b':')?;
    let name = HeaderName::from_bytes(&line[..colon]).ok()?;
    let value = HeaderValue::from_bytes(line[colon + 1..].trim_ascii()).ok()?;
    Some((name, value))
}

fn header_text(headers: &HeaderMap, name: &HeaderName) -> String {
    let lines = headers.get_all(name).iter();
    let texts: Vec<_> = lines.filter_map(|line| line.to_str().ok()).collect();
    texts.join("; ")
}
