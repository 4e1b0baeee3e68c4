//! The names of everything this service keeps in Redis.
//!
//! | key | holds | lives |
//! |---|---|---|
//! | `hubbub:presence:<tenant>:<user id>` | hash: gateway → its connections, `.told` → what was said last | 35 s |
//! | `hubbub:presence-due` | sorted set: `<tenant>/<user id>` by when they must be looked at | – |
//! | `hubbub:presence-since` | hash: `first` → when the first report came | 35 s |

use proto::id::{Tenant, UserId};

/// Who must be looked at, and when.
pub(crate) const DUE: &str = "hubbub:presence-due";

/// Since when gateways report.
pub(crate) const SINCE: &str = "hubbub:presence-since";

/// Returns the key of a person's connections.
pub(crate) fn person(tenant: &Tenant, user_id: UserId) -> String {
    format!("hubbub:presence:{tenant}:{user_id}")
}

/// Returns a person's name among those who must be looked at.
pub(crate) fn due(tenant: &Tenant, user_id: UserId) -> String {
    format!("{tenant}/{user_id}")
}

/// Reads what [`due`] wrote.
pub(crate) fn read_due(text: &str) -> Option<(Tenant, UserId)> {
    let (tenant, user_id) = text.split_once('/')?;
    Some((tenant.parse().ok()?, user_id.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_due_are_found_again() {
        let (tenant, user_id) = (Tenant::default_tenant(), UserId::generate());
        assert_eq!(read_due(&due(&tenant, user_id)), Some((tenant, user_id)));
        assert_eq!(read_due("default"), None);
    }
}
