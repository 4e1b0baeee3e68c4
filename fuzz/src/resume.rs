//! What a client says it knows from before: the field `resume` of its first frame.

use gateway::conn::said::{CURSORS_MAX, Cursor, parse_cursor, parse_resume};
use serde_json::{json, value::RawValue};

pub(crate) fn check(bytes: &[u8]) {
    let raw = std::str::from_utf8(bytes)
        .ok()
        .and_then(|text| RawValue::from_string(text.to_owned()).ok());
    let Some(raw) = raw else { return };
    check_cursor(&raw);
    let Ok(Some(resume)) = parse_resume(Some(&raw)) else {
        return;
    };
    assert!(raw.get().starts_with('{'), "only an object is a resume");
    assert!(resume.cursors.len() <= CURSORS_MAX, "too many cursors");
    for cursor in resume.cursors.values() {
        check_cursor(cursor);
    }
}

/// A cursor that is believed names a place and an id, and is the same when it is written out and read again.
fn check_cursor(raw: &RawValue) {
    let cursor = parse_cursor(raw);
    let Cursor::At(seq, id) = &cursor else { return };
    let could_be = (*seq == 0 && id.is_empty()) || (*seq > 0 && id.len() == 36);
    assert!(could_be, "a cursor is believed: {cursor:?}");
    let again = serde_json::value::to_raw_value(&json!([seq, id]));
    let again = again.ok().map(|again| parse_cursor(&again));
    assert_eq!(again.as_ref(), Some(&cursor));
}
