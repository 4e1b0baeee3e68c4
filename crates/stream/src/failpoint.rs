//! Places where a fault test can make the process die or lose something: `HUBBUB_FAILPOINT` names one, `HUBBUB_FAILPOINT_MATCH` is a
//! text that the data must contain. `HUBBUB_WITHOUT` switches a protection off, which shows that the fault lab would
//! notice its absence. Nothing is ever armed or off without the feature `failpoints`.

use proto::stream::Event;
use sqlx::PgConnection;

/// A place on the way from the commit to the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Point {
    /// Committed; nobody was told.
    AfterCommit,
    /// Committed and published; not answered.
    AfterPublish,
    /// Committed and handed to the publisher; not answered.
    BeforeReply,
}

/// Returns the point at which the process is to die over these events.
#[cfg(feature = "failpoints")]
pub(crate) fn armed(events: &[Event]) -> Option<Point> {
    use std::sync::LazyLock;

    static ARMED: LazyLock<Option<(Point, String)>> = LazyLock::new(|| {
        let read = |name| std::env::var_os(name).and_then(|value| value.into_string().ok());
        let point = match read("HUBBUB_FAILPOINT")?.as_str() {
            "after_commit" => Point::AfterCommit,
            "after_publish" => Point::AfterPublish,
            "before_reply" => Point::BeforeReply,
            _ => return None,
        };
        Some((point, read("HUBBUB_FAILPOINT_MATCH").unwrap_or_default()))
    });

    let (point, text) = ARMED.as_ref()?;
    let contains = |data: &[u8]| {
        text.is_empty() || data.windows(text.len()).any(|part| part == text.as_bytes())
    };
    events
        .iter()
        .any(|event| contains(&event.data))
        .then_some(*point)
}

/// Returns `None`: this build has no fail points.
#[cfg(not(feature = "failpoints"))]
pub(crate) fn armed(_: &[Event]) -> Option<Point> {
    None
}

/// Ends the process if it is to die at this point.
pub(crate) fn die_at(point: Point, armed: Option<Point>) {
    if armed == Some(point) {
        std::process::abort();
    }
}

/// Whether this process is to lose every event that the bus brings (`HUBBUB_FAILPOINT=lose_events`), as if it had been
/// dropped on the way.
#[cfg(feature = "failpoints")]
pub(crate) fn loses_events() -> bool {
    use std::sync::LazyLock;

    static LOSES: LazyLock<bool> = LazyLock::new(|| {
        std::env::var_os("HUBBUB_FAILPOINT").is_some_and(|value| value == "lose_events")
    });
    *LOSES
}

/// Returns `false`: this build has no fail points.
#[cfg(not(feature = "failpoints"))]
pub(crate) fn loses_events() -> bool {
    false
}

/// Makes Postgres refuse one statement in ten (`HUBBUB_FAILPOINT=conflicts`), by turns as a deadlock and as a failed
/// serialization: what was done in the transaction is rolled back, as if it had lost against another.
#[cfg(feature = "failpoints")]
pub(crate) async fn conflict(conn: &mut PgConnection) -> Result<(), sqlx::Error> {
    use std::sync::LazyLock;

    use sqlx::Executor;

    static CONFLICTS: LazyLock<bool> = LazyLock::new(|| {
        std::env::var_os("HUBBUB_FAILPOINT").is_some_and(|value| value == "conflicts")
    });
    if !*CONFLICTS || !rand::random_bool(0.1) {
        return Ok(());
    }
    metrics::counter!("stream_injected_conflicts_total").increment(1);
    let raise = if rand::random() {
        "do $$ begin raise deadlock_detected; end $$"
    } else {
        "do $$ begin raise serialization_failure; end $$"
    };
    conn.execute(raise).await.map(drop)
}

/// Does nothing: this build has no fail points.
#[cfg(not(feature = "failpoints"))]
#[expect(clippy::unused_async, reason = "the build with fail points waits")]
pub(crate) async fn conflict(_: &mut PgConnection) -> Result<(), sqlx::Error> {
    Ok(())
}

/// What keeps a promise, and can be switched off to see that a test notices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protection {
    /// Announced and compared heads: without them nobody learns of a lost event that nothing follows.
    Heads,
    /// Idempotency keys: without them what is sent again is stored again.
    Keys,
    /// The lock of a person, for whoever takes a right away: without it a ban is acknowledged while something in the
    /// person's name that was allowed before is on its way into the log.
    Lock,
    /// The lease of a gateway: without it one that could not be told of a ban delivers on.
    Lease,
    /// Signs of life of those who announce heads: without them nobody learns what was said on the other side of a bus
    /// that was parted.
    Beats,
    /// Runs of the database server: without them a log that came from a backup is taken for the one it replaced.
    Eras,
}

/// Whether this process does without a protection.
#[cfg(feature = "failpoints")]
pub(crate) fn is_without(protection: Protection) -> bool {
    use std::sync::LazyLock;

    static WITHOUT: LazyLock<Option<Protection>> =
        LazyLock::new(|| match std::env::var_os("HUBBUB_WITHOUT")?.to_str()? {
            "heads" => Some(Protection::Heads),
            "keys" => Some(Protection::Keys),
            "lock" => Some(Protection::Lock),
            "lease" => Some(Protection::Lease),
            "beats" => Some(Protection::Beats),
            "eras" => Some(Protection::Eras),
            _ => None,
        });
    *WITHOUT == Some(protection)
}

/// Returns `false`: this build has every protection.
#[cfg(not(feature = "failpoints"))]
pub(crate) fn is_without(_: Protection) -> bool {
    false
}
