//! Places where a fault test can make the process die or lose something: `HUBBUB_FAILPOINT` names one, `HUBBUB_FAILPOINT_MATCH` is a
//! text that the data must contain. Nothing is ever armed without the feature `failpoints`.

use proto::stream::Event;

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
