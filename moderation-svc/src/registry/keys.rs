//! The names of everything this service keeps in Redis.
//!
//! | key | holds | lives |
//! |---|---|---|
//! | `hubbub:conn:<tenant>:<connection>` | hash: `id` `user` `username` `session` `gateway` `address` `since` `last_seen` `online` | 45 s |
//! | `hubbub:conn-ended:<tenant>:<connection>` | a tombstone, so that a late report does not bring it back | 60 s |
//! | `hubbub:conns-of:<tenant>:<user>` | set of connection ids | 45 s |
//! | `hubbub:conns-of-session:<tenant>:<session>` | set of connection ids | 45 s |
//! | `hubbub:conns:<tenant>` | sorted set of connection ids, by expiry | |
//! | `hubbub:conn-ids:<tenant>` | the same ids in their own order, for pages | |
//! | `hubbub:conn-owners:<tenant>` | hash: connection id → user, session and address | |
//! | `hubbub:session:<tenant>:<session>` | hash: `id` `username` `online` `last_seen` | a day |
//! | `hubbub:sessions-of:<tenant>:<user>` | set of session ids | a day |
//! | `hubbub:user-erased:<tenant>:<user>` | a tombstone, so that a late report does not bring their name back | 60 s |
//! | `hubbub:gateways` | sorted set of gateways, by expiry | |
//! | `hubbub:tenants` | set of tenants that had connections | |
//!
//! Times are milliseconds since the epoch. The hash of a connection decides whether it lives; whoever meets an id
//! without one forgets it.

use proto::id::{ConnectionId, SessionId, Tenant, UserId};

/// The gateways that report.
pub(super) const GATEWAYS: &str = "hubbub:gateways";
/// The tenants that had connections.
pub(super) const TENANTS: &str = "hubbub:tenants";

pub(super) fn connection(tenant: &Tenant, connection_id: ConnectionId) -> String {
    format!("hubbub:conn:{tenant}:{connection_id}")
}

pub(super) fn tombstone(tenant: &Tenant, connection_id: ConnectionId) -> String {
    format!("hubbub:conn-ended:{tenant}:{connection_id}")
}

pub(super) fn of_user(tenant: &Tenant, user_id: UserId) -> String {
    format!("hubbub:conns-of:{tenant}:{user_id}")
}

pub(super) fn of_session(tenant: &Tenant, session_id: SessionId) -> String {
    format!("hubbub:conns-of-session:{tenant}:{session_id}")
}

pub(super) fn expiries(tenant: &Tenant) -> String {
    format!("hubbub:conns:{tenant}")
}

pub(super) fn ids(tenant: &Tenant) -> String {
    format!("hubbub:conn-ids:{tenant}")
}

pub(super) fn owners(tenant: &Tenant) -> String {
    format!("hubbub:conn-owners:{tenant}")
}

pub(super) fn session(tenant: &Tenant, session_id: SessionId) -> String {
    format!("hubbub:session:{tenant}:{session_id}")
}

pub(super) fn sessions_of(tenant: &Tenant, user_id: UserId) -> String {
    format!("hubbub:sessions-of:{tenant}:{user_id}")
}

pub(super) fn erased(tenant: &Tenant, user_id: UserId) -> String {
    format!("hubbub:user-erased:{tenant}:{user_id}")
}
