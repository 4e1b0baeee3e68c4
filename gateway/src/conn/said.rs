//! What a client says first: who it is, and what it knows from before.

use std::collections::HashMap;

use proto::{frame::CloseCode, id::EventId};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::relay;

/// Most cursors of one `hello`.
pub const CURSORS_MAX: usize = 1_000;

/// The first frame of a client. A credential of the handshake is enough where it has none.
#[derive(Default, Deserialize, JsonSchema)]
pub(crate) struct Hello {
    /// An access token.
    #[serde(default)]
    pub(super) token: Option<String>,
    /// A ticket for this one connection.
    #[serde(default)]
    pub(super) ticket: Option<String>,
    /// Whether the client's window is in view; it is if left out.
    #[serde(default)]
    pub(super) visible: Option<bool>,
    /// What the client is; a note for whoever looks into its troubles.
    #[serde(default)]
    #[schemars(with = "Option<Device>")]
    pub(super) device: Option<Box<RawValue>>,
    /// What the client knows from before.
    #[serde(default)]
    #[schemars(with = "Option<Resume>")]
    pub(super) resume: Option<Box<RawValue>>,
}

/// What a client is. Nothing depends on it, so it may be anything.
#[derive(Deserialize, JsonSchema)]
#[schemars(inline)]
#[expect(dead_code, reason = "only its schema is used; it is noted as it came")]
struct Device {
    /// The platform it runs on.
    platform: Option<String>,
    /// The application's name.
    app: Option<String>,
    /// The application's version.
    version: Option<String>,
}

/// What a client knows from before.
#[derive(Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Resume {
    /// The session's id; cursors of another session are not taken.
    #[serde(default)]
    pub session: Option<String>,
    /// Stream → its seq and the event's id.
    #[serde(default)]
    #[schemars(with = "relay::Cursors")]
    pub cursors: HashMap<String, Box<RawValue>>,
}

/// What a client says it knows of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cursor {
    /// A place, and the id of the event that stands there; no id at 0, before the first event.
    At(i64, String),
    /// It says something, but nothing that could be true.
    Bad,
}

/// Reads the field `resume` of a `hello`; none when it is missing or `null`.
///
/// # Errors
/// `BadFrame` when it is not one, or has more than [`CURSORS_MAX`] cursors.
pub fn parse_resume(raw: Option<&RawValue>) -> Result<Option<Resume>, CloseCode> {
    let Some(raw) = raw.filter(|raw| raw.get() != "null") else {
        return Ok(None);
    };
    // Serde would take a list for the fields in their order.
    if !raw.get().starts_with('{') {
        return Err(CloseCode::BadFrame);
    }
    let resume: Resume = serde_json::from_str(raw.get()).map_err(|_| CloseCode::BadFrame)?;
    if resume.cursors.len() > CURSORS_MAX {
        return Err(CloseCode::BadFrame);
    }
    Ok(Some(resume))
}

/// Reads what a client says it knows of one stream.
#[must_use]
pub fn parse_cursor(raw: &RawValue) -> Cursor {
    match serde_json::from_str::<(i64, String)>(raw.get()) {
        Ok((0, _)) => Cursor::At(0, String::new()),
        // Only a place with its id can be proved.
        Ok((seq, id)) if seq > 0 && id.parse::<EventId>().is_ok() => Cursor::At(seq, id),
        _ => Cursor::Bad,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(text: &str) -> Box<RawValue> {
        RawValue::from_string(text.to_owned()).expect("JSON")
    }

    #[test]
    fn cursors_that_could_be_true() {
        let id = "0192d3a4-0000-7000-8000-000000000001";
        assert_eq!(
            parse_cursor(&raw(&format!("[3,\"{id}\"]"))),
            Cursor::At(3, id.into())
        );
        assert_eq!(parse_cursor(&raw("[0,\"\"]")), Cursor::At(0, String::new()));
        for bad in [
            "3",
            "null",
            "{}",
            "[]",
            "[3]",
            "[\"3\",\"x\"]",
            "[3.5,\"x\"]",
            "[-1,\"x\"]",
            "[3,\"x\"]",
            "[3,\"\"]",
            "[3,\"0192D3A4-0000-7000-8000-000000000001\"]",
            "[3,\"0192d3a4000070008000000000000001\"]",
            "[3,\"urn:uuid:0192d3a4-0000-7000-8000-000000000001\"]",
            "[3,\"------------------------------------\"]",
        ] {
            assert_eq!(parse_cursor(&raw(bad)), Cursor::Bad, "{bad}");
        }
        assert_eq!(
            parse_cursor(&raw(&format!("[99999999999999999999,\"{id}\"]"))),
            Cursor::Bad
        );
        assert_eq!(parse_cursor(&raw(&format!("[3,\"{id}\",1]"))), Cursor::Bad);
    }

    #[test]
    fn a_resume_that_is_none_ends_the_connection() {
        let parsed = |text: &str| {
            parse_resume(Some(&raw(text))).map(|resume| resume.map(|resume| resume.cursors.len()))
        };
        assert_eq!(parsed("null"), Ok(None));
        assert_eq!(parsed("{}"), Ok(Some(0)));
        assert_eq!(
            parsed(r#"{"session":"s","cursors":{"a":[1,"x"]}}"#),
            Ok(Some(1))
        );
        for bad in [
            "7",
            "[]",
            "[1]",
            r#"["s",{"a":[1,"x"]}]"#,
            r#"{"cursors":[]}"#,
            r#"{"cursors":7}"#,
            r#"{"cursors":"x"}"#,
        ] {
            assert_eq!(parsed(bad), Err(CloseCode::BadFrame), "{bad}");
        }
        let many: Vec<_> = (0..=CURSORS_MAX).map(|i| format!("\"{i}\":1")).collect();
        assert_eq!(
            parsed(&format!("{{\"cursors\":{{{}}}}}", many.join(","))),
            Err(CloseCode::BadFrame)
        );
    }
}
