//! Times as they travel.

use time::OffsetDateTime;

/// Returns milliseconds since the epoch.
pub(crate) fn millis(at: OffsetDateTime) -> i64 {
    at.unix_timestamp() * 1_000 + i64::from(at.millisecond())
}
