//! The names of everything this service keeps in Redis.
//!
//! | key | holds | lives |
//! |---|---|---|
//! | `auth:session:<tenant>:<session id>` | JSON of the identity, or a tombstone | 60 s |
//! | `auth:token:<sha-256 in hex>` | the same | 60 s |

use std::fmt::Write;

use proto::id::{SessionId, Tenant};

use crate::secrets::Hash;

/// Returns the key of a session by its id.
pub(crate) fn session(tenant: &Tenant, session_id: SessionId) -> String {
    format!("auth:session:{tenant}:{session_id}")
}

/// Returns the key of a session by its token's hash.
pub(crate) fn token(hash: &Hash) -> String {
    let mut key = String::from("auth:token:");
    for byte in hash {
        // Writing to a String cannot fail.
        let _ = write!(key, "{byte:02x}");
    }
    key
}
