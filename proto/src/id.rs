//! Typed ids: UUIDv7 newtypes, parsed once at the edge, and the tenant's name.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, de};
use uuid::Uuid;

/// A text that is not an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidId;

impl fmt::Display for InvalidId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not an id")
    }
}

impl std::error::Error for InvalidId {}

/// Reads the one text of an id: 36 characters, lower case, with hyphens. What is compared, logged, and used as a key or a
/// part of a subject is often the text, so a second one for the same id would be another id there.
fn read(text: &str) -> Result<Uuid, InvalidId> {
    let id = Uuid::try_parse(text).map_err(|_| InvalidId)?;
    let mut own = [0; uuid::fmt::Hyphenated::LENGTH];
    if *id.as_hyphenated().encode_lower(&mut own) == *text {
        Ok(id)
    } else {
        Err(InvalidId)
    }
}

/// Lets serde read an id as [`read`] does; its own implementation takes every form that there is.
struct OneText;

impl de::Visitor<'_> for OneText {
    type Value = Uuid;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an id of 36 lower-case characters")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Uuid, E> {
        read(text).map_err(E::custom)
    }
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// Makes a new, time-ordered id.
            #[must_use]
            pub fn generate() -> Self {
                Self(Uuid::now_v7())
            }
        }

        texts!($name);

        impl From<$name> for StreamId {
            fn from(id: $name) -> Self {
                Self(id.0)
            }
        }
    )*};
}

/// How an id is written and read, by people and by machines.
macro_rules! texts {
    ($name:ident) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.as_hyphenated().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            /// Accepts the lower-case hyphenated form only, so that one id has one text.
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                read(text).map(Self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str(OneText).map(Self)
            }
        }
    };
}

/// A gapless log: the id of the room, user or game whose log it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct StreamId(pub Uuid);

texts!(StreamId);

/// A tenant's own feed: what all of its gateways must know, such as banned address ranges.
pub const TENANT_FEED: StreamId =
    StreamId(Uuid::from_u128(0x0000_0000_0000_7000_8000_0000_0000_feed));

ids! {
    /// A person.
    UserId
    /// One log-in of a person.
    SessionId
    /// A room.
    RoomId
    /// A durable event; for a message it is also the message's id.
    EventId
    /// One socket on one gateway.
    ConnectionId
    /// A ban of an account or an address range.
    BanId
    /// A report in the moderators' queue.
    ReportId
    /// A word filter.
    FilterId
}

/// The longest tenant name, in bytes.
pub const TENANT_MAX: usize = 32;

/// A tenant's name: 1 to 32 characters of `[a-z0-9-]`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Tenant(String);

impl Tenant {
    /// The tenant of an installation that has only one.
    #[must_use]
    pub fn default_tenant() -> Self {
        Self("default".into())
    }

    /// Returns the name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Tenant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Tenant {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let is_safe = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if text.is_empty() || text.len() > TENANT_MAX || !text.bytes().all(is_safe) {
            return Err(InvalidId);
        }
        Ok(Self(text.into()))
    }
}

impl TryFrom<String> for Tenant {
    type Error = InvalidId;

    fn try_from(text: String) -> Result<Self, InvalidId> {
        text.parse()
    }
}

impl From<Tenant> for String {
    fn from(tenant: Tenant) -> Self {
        tenant.0
    }
}

/// The longest idempotency key, in bytes.
pub const KEY_MAX: usize = 64;

/// Whether a text may be an idempotency key: 1 to 64 characters of `[A-Za-z0-9_-]`.
#[must_use]
pub fn is_key(text: &str) -> bool {
    let is_safe = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    !text.is_empty() && text.len() <= KEY_MAX && text.bytes().all(is_safe)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_one_text() {
        let id = RoomId(Uuid::from_u128(0x0192_d3a4_abcd_7000_8000_0000_0000_00ef));
        let text = id.to_string();
        let json = |text: &str| serde_json::json!(text);
        assert_eq!(text.parse::<RoomId>(), Ok(id));
        assert_eq!(text.parse::<StreamId>(), Ok(id.into()));
        assert_eq!(serde_json::to_value(id).ok(), Some(json(&text)));
        assert_eq!(serde_json::from_value::<RoomId>(json(&text)).ok(), Some(id));
        for other in [
            id.0.as_simple().to_string(),
            id.0.as_braced().to_string(),
            id.0.as_urn().to_string(),
            text.to_uppercase(),
            text.replace("abcd", "aBcd"),
            format!(" {text}"),
            format!("{text}\n"),
            text.replace('-', "_"),
            "1 0\r\nPUB x 0\r\n".to_owned(),
            String::new(),
        ] {
            assert_eq!(other.parse::<RoomId>(), Err(InvalidId), "{other}");
            assert_eq!(other.parse::<StreamId>(), Err(InvalidId), "{other}");
            let read = serde_json::from_value::<RoomId>(json(&other));
            assert!(read.is_err(), "{other}");
            let read = serde_json::from_value::<StreamId>(json(&other));
            assert!(read.is_err(), "{other}");
        }
        for none in [
            serde_json::json!(7),
            serde_json::json!([1, 2]),
            serde_json::json!(null),
        ] {
            assert!(serde_json::from_value::<UserId>(none).is_err());
        }
    }

    #[test]
    fn tenants_and_keys_are_subject_safe() {
        assert!("default".parse::<Tenant>().is_ok());
        for bad in ["", "a.b", "*", ">", "A", "a b", &"x".repeat(33)] {
            assert!(bad.parse::<Tenant>().is_err(), "{bad}");
        }
        assert!(is_key("01K9-x_Z"));
        assert!(!is_key("") && !is_key("a.b") && !is_key(&"x".repeat(65)));
    }
}
