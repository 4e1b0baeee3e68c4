//! Whose a connection is: what is still known of it when its own hash has expired.

use std::{fmt, net::IpAddr};

use proto::id::{SessionId, UserId};

use crate::connections::Connection;

/// Stored as three words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Owner {
    pub(super) user_id: UserId,
    pub(super) session_id: SessionId,
    /// As the gateway told it.
    pub(super) address: String,
}

impl Owner {
    pub(super) fn of(connection: &Connection) -> Self {
        Self {
            user_id: connection.user_id,
            session_id: connection.session_id,
            address: connection.address.clone(),
        }
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut words = text.splitn(3, ' ');
        Some(Self {
            user_id: words.next()?.parse().ok()?,
            session_id: words.next()?.parse().ok()?,
            address: words.next()?.into(),
        })
    }

    pub(super) fn address(&self) -> Option<IpAddr> {
        self.address.parse().ok()
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            user_id,
            session_id,
            address,
        } = self;
        write!(f, "{user_id} {session_id} {address}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_owner_survives_its_text() {
        for address in ["203.0.113.7", "2001:db8::1", ""] {
            let owner = Owner {
                user_id: UserId::generate(),
                session_id: SessionId::generate(),
                address: address.into(),
            };
            assert_eq!(Owner::parse(&owner.to_string()), Some(owner));
        }
        assert_eq!(Owner::parse("x"), None);
    }
}
