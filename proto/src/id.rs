//! Typed ids: UUIDv7 newtypes, parsed once at the edge, and the tenant's name.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
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

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// Makes a new, time-ordered id.
            #[must_use]
            pub fn generate() -> Self {
                Self(Uuid::now_v7())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.as_hyphenated().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            /// Accepts the hyphenated form only, so that one id has one text.
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                if text.len() != 36 {
                    return Err(InvalidId);
                }
                Uuid::parse_str(text).map(Self).map_err(|_| InvalidId)
            }
        }

        impl From<$name> for StreamId {
            fn from(id: $name) -> Self {
                Self(id.0)
            }
        }
    )*};
}

/// A gapless log: the id of the room, user or game whose log it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StreamId(pub Uuid);

impl fmt::Display for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_hyphenated().fmt(f)
    }
}

impl FromStr for StreamId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        if text.len() != 36 {
            return Err(InvalidId);
        }
        Uuid::parse_str(text).map(Self).map_err(|_| InvalidId)
    }
}

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
        let id = RoomId::generate();
        assert_eq!(id.to_string().parse::<RoomId>(), Ok(id));
        assert!(id.0.as_simple().to_string().parse::<RoomId>().is_err());
        assert!("1 0\r\nPUB x 0\r\n".parse::<RoomId>().is_err());
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
