//! The codec of client frames: parses the envelope, leaves `data` raw, and writes what the server says itself.

use std::{borrow::Cow, collections::BTreeMap, collections::HashSet, fmt};

use proto::{
    frame::{CloseCode, DEPTH_MAX, ID_MAX},
    id::RoomId,
    words::{CloseReason, Reconnect},
};
use schemars::JsonSchema;
use serde::{
    Deserialize, Serialize,
    de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::value::RawValue;
use tokio_tungstenite::tungstenite::{
    Utf8Bytes,
    protocol::frame::{
        FrameHeader,
        coding::{Data, OpCode},
    },
};

use crate::error::Error;

/// A frame from a client.
#[derive(Debug, Clone)]
pub struct Frame {
    /// What it asks for.
    pub kind: String,
    /// Correlates the reply.
    pub id: Option<String>,
    /// Idempotency key, as it came: a bad one is the request's fault, not the frame's.
    pub key: Option<Box<RawValue>>,
    /// The payload.
    pub data: Option<Box<RawValue>>,
    /// The number of a `ping`, which stands beside `type`.
    pub n: Option<Box<RawValue>>,
    /// A browser's W3C trace context. Linked, never trusted as a parent.
    pub traceparent: Option<String>,
}

/// Why a frame ends the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Malformed {
    /// Deeper than [`DEPTH_MAX`].
    TooDeep,
    /// Not one JSON object, or the same key twice, or an envelope field of the wrong type.
    NotAFrame,
    /// An `id` over [`ID_MAX`] characters.
    IdTooLong,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooDeep => "nested too deep",
            Self::NotAFrame => "not one JSON object with a type",
            Self::IdTooLong => "id too long",
        })
    }
}

impl std::error::Error for Malformed {}

impl Frame {
    /// Parses a text message.
    ///
    /// # Errors
    /// When the text is not a frame; the connection must end.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        if !is_shallow(text.as_bytes()) {
            return Err(Malformed::TooDeep);
        }
        let envelope: Envelope<'_> =
            serde_json::from_str(text).map_err(|_| Malformed::NotAFrame)?;
        let kind = envelope.kind.ok_or(Malformed::NotAFrame)?.into_owned();
        let id = envelope.id.map(Cow::into_owned);
        if id.as_ref().is_some_and(|id| id.chars().count() > ID_MAX) {
            return Err(Malformed::IdTooLong);
        }
        if let Some(data) = envelope.data {
            serde_json::from_str::<Unique>(data.get()).map_err(|_| Malformed::NotAFrame)?;
        }
        Ok(Self {
            kind,
            id,
            key: envelope.key.map(ToOwned::to_owned),
            data: envelope.data.map(ToOwned::to_owned),
            n: envelope.n.map(ToOwned::to_owned),
            traceparent: envelope.traceparent,
        })
    }

    /// Reads the payload; a missing one is an empty object.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn payload<'a, T: Deserialize<'a>>(&'a self) -> Result<T, Error> {
        let text = self.data.as_ref().map_or("{}", |data| data.get());
        if !text.starts_with('{') {
            return Err(Error::field("data", "must be an object"));
        }
        serde_json::from_str(text).map_err(|error| payload_error(&error))
    }

    /// Returns the idempotency key.
    ///
    /// # Errors
    /// When it is missing or not one.
    pub fn key(&self) -> Result<String, Error> {
        let Some(raw) = &self.key else {
            return Err(Error::field("key", "is needed"));
        };
        serde_json::from_str::<String>(raw.get())
            .ok()
            .filter(|key| proto::id::is_key(key))
            .ok_or_else(|| Error::field("key", "must be 1 to 64 characters of A-Z a-z 0-9 _ -"))
    }
}

/// Names the field when serde does; its other words are about Rust.
fn payload_error(error: &serde_json::Error) -> Error {
    let text = error.to_string();
    let named = text.split('`').nth(1);
    match named {
        Some(field) if text.starts_with("missing field") => Error::field(field, "is needed"),
        _ => Error::field("data", "a field has the wrong type"),
    }
}

#[derive(Default)]
struct Envelope<'a> {
    kind: Option<Cow<'a, str>>,
    id: Option<Cow<'a, str>>,
    key: Option<&'a RawValue>,
    data: Option<&'a RawValue>,
    n: Option<&'a RawValue>,
    traceparent: Option<String>,
}

impl<'de: 'a, 'a> Deserialize<'de> for Envelope<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(EnvelopeVisitor(std::marker::PhantomData))
    }
}

struct EnvelopeVisitor<'a>(std::marker::PhantomData<&'a ()>);

impl<'de: 'a, 'a> Visitor<'de> for EnvelopeVisitor<'a> {
    type Value = Envelope<'a>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a frame")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut envelope = Envelope::default();
        let mut seen = HashSet::new();
        while let Some(Text(name)) = map.next_key::<Text<'de>>()? {
            match &*name {
                "type" => envelope.kind = Some(map.next_value::<Text<'de>>()?.0),
                "id" => envelope.id = Some(map.next_value::<Text<'de>>()?.0),
                "key" => envelope.key = Some(map.next_value()?),
                "data" => envelope.data = Some(map.next_value()?),
                "n" => envelope.n = Some(map.next_value()?),
                "traceparent" => {
                    let raw: &RawValue = map.next_value()?;
                    envelope.traceparent = serde_json::from_str(raw.get()).ok();
                }
                _ => {
                    map.next_value::<Unique>()?;
                }
            }
            if !seen.insert(name) {
                return Err(serde::de::Error::custom("the same key twice"));
            }
        }
        Ok(envelope)
    }
}

/// A text that is borrowed when it has no escapes.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// Any JSON value in which no object has the same key twice.
struct Unique;

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(UniqueVisitor)
    }
}

struct UniqueVisitor;

impl<'de> Visitor<'de> for UniqueVisitor {
    type Value = Unique;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Unique, E> {
        Ok(Unique)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Unique, E> {
        Ok(Unique)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Unique, E> {
        Ok(Unique)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Unique, E> {
        Ok(Unique)
    }

    fn visit_str<E>(self, _: &str) -> Result<Unique, E> {
        Ok(Unique)
    }

    fn visit_unit<E>(self) -> Result<Unique, E> {
        Ok(Unique)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Unique, A::Error> {
        while items.next_element::<Unique>()?.is_some() {}
        Ok(Unique)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Unique, A::Error> {
        let mut seen = HashSet::new();
        while let Some(Text(name)) = map.next_key::<Text<'de>>()? {
            if !seen.insert(name) {
                return Err(serde::de::Error::custom("the same key twice"));
            }
            map.next_value::<Unique>()?;
        }
        Ok(Unique)
    }
}

/// Whether brackets nest at most [`DEPTH_MAX`] deep. Before any parser that recurses.
fn is_shallow(text: &[u8]) -> bool {
    let (mut depth, mut in_string, mut is_escaped) = (0_usize, false, false);
    for byte in text {
        if in_string {
            match byte {
                _ if is_escaped => is_escaped = false,
                b'\\' => is_escaped = true,
                b'"' => in_string = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'{' | b'[' => {
                depth += 1;
                if depth > DEPTH_MAX {
                    return false;
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    true
}

#[derive(Serialize)]
struct Reply<'a, T> {
    r#type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a Error>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a T>,
}

fn write<T: Serialize>(value: &T) -> Utf8Bytes {
    // Only maps with keys that are no text fail, and there are none here.
    serde_json::to_string(value).unwrap_or_default().into()
}

/// Writes `{type, data}`.
#[must_use]
pub fn event<T: Serialize>(kind: &str, data: &T) -> Utf8Bytes {
    write(&Reply {
        r#type: kind,
        id: None,
        error: None,
        data: Some(data),
    })
}

/// Writes an event that was never stored: no seq, no cursor. `None` when its data is no text.
#[must_use]
pub fn whisper(kind: &str, room: Option<RoomId>, data: &[u8]) -> Option<Utf8Bytes> {
    let data = std::str::from_utf8(data).ok()?;
    let room = room.map_or_else(String::new, |room| format!(r#""room":"{room}","#));
    Some(format!(r#"{{"type":"{kind}",{room}"data":{data}}}"#).into())
}

/// Writes the answer to a request that was done.
#[must_use]
pub fn ok<T: Serialize>(id: Option<&str>, data: &T) -> Utf8Bytes {
    write(&Reply {
        r#type: "ok",
        id,
        error: None,
        data: Some(data),
    })
}

/// Writes the answer to a request that was certainly not done.
#[must_use]
pub fn error(id: Option<&str>, error: &Error) -> Utf8Bytes {
    write(&Reply::<()> {
        r#type: "error",
        id,
        error: Some(error),
        data: None,
    })
}

/// The last frame of a connection.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub(crate) struct Bye {
    /// The close code.
    #[schemars(with = "CloseCode")]
    code: u16,
    /// The close code in a word.
    #[schemars(with = "CloseReason")]
    reason: &'static str,
    /// What to do next.
    #[schemars(with = "Reconnect")]
    reconnect: &'static str,
    /// How long to wait at least before that.
    retry_after_ms: u64,
}

/// Writes a goodbye.
#[must_use]
pub fn bye(code: CloseCode, retry_after_ms: u64) -> Utf8Bytes {
    let bye = Bye {
        code: code.code(),
        reason: code.reason(),
        reconnect: code.reconnect(),
        retry_after_ms,
    };
    event("bye", &bye)
}

/// Writes a heartbeat.
#[must_use]
pub fn ping(n: u64) -> Utf8Bytes {
    format!(r#"{{"type":"ping","n":{n}}}"#).into()
}

/// A heartbeat; the number may also stand beside `type`.
#[derive(Deserialize, JsonSchema)]
#[schemars(inline)]
pub(crate) struct Ping {
    /// A number that comes back.
    n: Option<u64>,
}

/// Writes the answer to a client's `ping`; `n` is echoed as it came, when it is a number.
#[must_use]
pub fn pong(frame: &Frame) -> Utf8Bytes {
    let beside = frame
        .n
        .as_ref()
        .and_then(|n| serde_json::from_str::<u64>(n.get()).ok());
    let n = beside.or_else(|| frame.payload::<Ping>().ok().and_then(|ping| ping.n));
    #[derive(Serialize)]
    struct Pong<'a> {
        r#type: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        n: Option<u64>,
    }
    write(&Pong {
        r#type: "pong",
        id: frame.id.as_deref(),
        n,
    })
}

/// Writes how many ephemeral frames were shed, by type.
#[must_use]
pub fn shed(counts: &BTreeMap<&'static str, u32>) -> Utf8Bytes {
    event("shed", counts)
}

/// Writes a frame as it goes over the wire: unmasked, as servers do, and in one piece.
pub(crate) fn write_text(out: &mut Vec<u8>, text: &Utf8Bytes) {
    let header = FrameHeader {
        opcode: OpCode::Data(Data::Text),
        ..FrameHeader::default()
    };
    // A vector takes everything.
    let _ = header.format(text.len() as u64, out);
    out.extend_from_slice(text.as_bytes());
}

/// Skips a value; keeps the type in one place for tests of the parser's bounds.
#[must_use]
pub fn is_json(text: &str) -> bool {
    serde_json::from_str::<IgnoredAny>(text).is_ok()
}

#[cfg(test)]
mod tests;
