//! What parses, what does not, and the exact text of the server's own frames.

use proptest::prelude::*;
use proto::{frame::CloseCode, reason::Reason};

use super::*;

fn nested(depth: usize) -> String {
    // The frame itself is the first level.
    let inside = "[".repeat(depth - 1) + &"]".repeat(depth - 1);
    format!(r#"{{"type":"ping","data":{inside}}}"#)
}

#[test]
fn the_envelope_is_parsed_and_data_stays_raw() {
    let text = r#"{"type":"message.send","id":"17","key":"01K9","data":{"room": "r1", "body":"hi"},"new":[1]}"#;
    let frame = Frame::parse(text).expect("a frame");
    assert_eq!(
        (frame.kind.as_str(), frame.id.as_deref()),
        ("message.send", Some("17"))
    );
    assert_eq!(frame.key(), Ok("01K9".into()));
    assert_eq!(
        frame.data.expect("data").get(),
        r#"{"room": "r1", "body":"hi"}"#
    );
}

#[test]
fn what_is_not_a_frame() {
    for bad in [
        "",
        "null",
        "[]",
        "7",
        "\"hello\"",
        "{}",
        "{\"type\":7}",
        "{\"type\":null}",
        "{\"type\":\"ping\"",
        "{\"type\":\"ping\"} {}",
        "{\"type\":\"ping\",\"type\":\"pong\"}",
        "{\"type\":\"ping\",\"x\":1,\"x\":2}",
        "{\"type\":\"ping\",\"data\":{\"a\":1,\"a\":2}}",
        "{\"type\":\"ping\",\"data\":{\"b\":[{\"a\":1,\"\\u0061\":2}]}}",
        "{\"type\":\"ping\",\"id\":7}",
        "{'type':'ping'}",
    ] {
        assert_eq!(Frame::parse(bad).err(), Some(Malformed::NotAFrame), "{bad}");
    }
}

#[test]
fn bounds_are_exact() {
    assert!(Frame::parse(&nested(16)).is_ok());
    assert_eq!(Frame::parse(&nested(17)).err(), Some(Malformed::TooDeep));
    assert_eq!(
        Frame::parse(&nested(60_000)).err(),
        Some(Malformed::TooDeep)
    );
    let in_string = format!(
        r#"{{"type":"ping","data":{{"a":"{}\"{}"}}}}"#,
        "[".repeat(99),
        "{".repeat(99)
    );
    assert!(
        Frame::parse(&in_string).is_ok(),
        "brackets in a string do not nest"
    );
    let with_id = |id: &str| format!(r#"{{"type":"ping","id":"{id}"}}"#);
    assert!(Frame::parse(&with_id(&"é".repeat(16))).is_ok());
    assert_eq!(
        Frame::parse(&with_id(&"x".repeat(17))).err(),
        Some(Malformed::IdTooLong)
    );
}

#[test]
fn a_key_is_needed_and_checked_by_the_request() {
    let key = |text: &str| {
        Frame::parse(text)
            .expect("a frame")
            .key()
            .map_err(|error| error.fields)
    };
    let is_needed = BTreeMap::from([("key".to_owned(), "is needed".to_owned())]);
    assert_eq!(key(r#"{"type":"message.send"}"#), Err(is_needed));
    for bad in ["7", "\"\"", "\"a b\"", "null", "{}"] {
        assert!(
            key(&format!(r#"{{"type":"message.send","key":{bad}}}"#)).is_err(),
            "{bad}"
        );
    }
}

#[test]
fn a_payload_s_fault_names_the_field() {
    #[derive(Debug, Deserialize)]
    struct Send {
        #[serde(rename = "room")]
        _room: String,
    }
    let fault = |data: &str| {
        let frame = Frame::parse(&format!(r#"{{"type":"x","data":{data}}}"#)).expect("a frame");
        let error = frame.payload::<Send>().expect_err("a fault");
        assert_eq!(error.reason, Reason::FIELD_INVALID.as_str());
        error.fields
    };
    assert_eq!(fault("{}")["room"], "is needed");
    assert_eq!(fault("[]")["data"], "must be an object");
    assert_eq!(fault(r#"{"room":7}"#)["data"], "a field has the wrong type");
}

#[test]
fn the_server_s_own_frames() {
    insta::assert_snapshot!(bye(CloseCode::Draining, 250), @r#"{"type":"bye","data":{"code":4001,"reason":"draining","reconnect":"resume","retryAfterMs":250}}"#);
    insta::assert_snapshot!(ping(7), @r#"{"type":"ping","n":7}"#);
    insta::assert_snapshot!(ok(Some("17"), &serde_json::json!({"seq": 1})), @r#"{"type":"ok","id":"17","data":{"seq":1}}"#);
    let unknown = Error::new(
        tonic::Code::Unimplemented,
        Reason::UNKNOWN_TYPE,
        "this server does not know the type",
    );
    insta::assert_snapshot!(error(Some("1"), &unknown), @r#"{"type":"error","id":"1","error":{"code":"UNIMPLEMENTED","reason":"UNKNOWN_TYPE","message":"this server does not know the type","retry":false,"retryAfterMs":0,"fields":{},"trace":""}}"#);
    let pong_to = |text: &str| pong(&Frame::parse(text).expect("a frame"));
    insta::assert_snapshot!(pong_to(r#"{"type":"ping","id":"a","n":7}"#), @r#"{"type":"pong","id":"a","n":7}"#);
    insta::assert_snapshot!(pong_to(r#"{"type":"ping","data":{"n":8}}"#), @r#"{"type":"pong","n":8}"#);
    insta::assert_snapshot!(pong_to(r#"{"type":"ping","n":"x"}"#), @r#"{"type":"pong"}"#);
}

proptest! {
    #[test]
    fn parsing_never_panics(text in ".{0,200}") {
        let _ = Frame::parse(&text);
    }

    #[test]
    fn parsing_json_like_text_never_panics(text in r#"[\[\]{}",:\\0-9a-z ]{0,200}"#) {
        if let Ok(frame) = Frame::parse(&text) {
            prop_assert!(is_json(&text));
            let _ = (frame.key(), frame.payload::<BTreeMap<String, u8>>(), pong(&frame));
        }
    }
}
