//! Texts that people choose and that end in statements, subjects and keys: names, searches, ids.

use proto::{
    id::{EventId, RoomId, StreamId, TENANT_MAX, Tenant, UserId, is_key},
    reason::Reason,
    subject::Instance,
};
use room_svc::{
    names::{NAME_MAX_CHARS, RoomName, RoomRef},
    search::check_text,
};

/// Most characters of a search.
const SEARCH_MAX_CHARS: usize = 200;

pub(crate) fn check(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    check_name(text);
    check_search(text);
    check_ids(text);
    check_tokens(text);
}

/// A name that is accepted is its own reference in every spelling, and can never be taken for an id.
fn check_name(text: &str) {
    let Ok(name) = RoomName::parse(text) else {
        return;
    };
    let accepted = name.as_str();
    assert!(accepted.chars().count() <= NAME_MAX_CHARS, "{accepted:?}");
    let is_plain = |each: char| !each.is_control() && !matches!(each, '#' | '/' | '<' | '>' | '%');
    assert!(accepted.chars().all(is_plain), "{accepted:?}");
    assert!(text.contains(accepted), "{accepted:?} is not in {text:?}");
    assert_eq!(RoomName::parse(accepted).as_ref(), Ok(&name));
    for spelling in [
        accepted.to_owned(),
        format!("#{accepted}"),
        format!(" {accepted} "),
    ] {
        let reference = RoomRef::parse(&spelling);
        let expected = RoomRef::Name(name.folded().to_owned());
        assert_eq!(reference, expected, "{spelling:?}");
    }
}

fn check_search(text: &str) {
    if check_text(text).is_ok() {
        assert!(text.chars().count() <= SEARCH_MAX_CHARS, "{text:?}");
        // Postgres takes no NUL in a text.
        assert!(!text.contains('\0'), "{text:?}");
    }
}

fn check_ids(text: &str) {
    let found = [
        text.parse().map(|id: RoomId| id.to_string()),
        text.parse().map(|id: UserId| id.to_string()),
        text.parse().map(|id: EventId| id.to_string()),
        text.parse().map(|id: StreamId| id.to_string()),
    ];
    for id in found.into_iter().flatten() {
        assert_eq!(id, text);
        assert_eq!(id.len(), 36, "{text:?}");
    }
}

/// What becomes a part of a subject is one token of it.
fn check_tokens(text: &str) {
    let is_token = |text: &str| {
        let is_safe = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        !text.is_empty() && text.bytes().all(is_safe)
    };
    if let Ok(tenant) = text.parse::<Tenant>() {
        let is_bounded = tenant.as_str().len() <= TENANT_MAX;
        assert!(
            tenant.as_str() == text && is_bounded && is_token(text),
            "{text:?}"
        );
    }
    if let Some(instance) = Instance::parse(text) {
        assert!(instance.as_str() == text && is_token(text), "{text:?}");
    }
    if is_key(text) {
        assert!(is_token(text) && text.len() <= 64, "{text:?}");
    }
    if let Some(reason) = Reason::parse(text) {
        assert_eq!(reason.as_str(), text);
    }
}
