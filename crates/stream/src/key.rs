//! A stream's full name.

use proto::id::{StreamId, Tenant};

/// A stream's full name: whose, and which.
pub(crate) type StreamKey = (Tenant, StreamId);

/// Reads a name as messages carry it.
pub(crate) fn parse_key(tenant: &str, stream_id: &str) -> Option<StreamKey> {
    Some((tenant.parse().ok()?, stream_id.parse().ok()?))
}
