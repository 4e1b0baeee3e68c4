//! What a client is told when the log cannot simply go on.

use proto::id::StreamId;
use schemars::JsonSchema;
use serde::Serialize;
use tokio_tungstenite::tungstenite::Utf8Bytes;

use super::Scope;

/// The stream a notice is about.
#[derive(Clone, Serialize, JsonSchema)]
struct Place {
    /// The room's id, if it is a room.
    #[serde(skip_serializing_if = "Option::is_none")]
    room: Option<String>,
    /// The feed's id, if it is the user's own feed.
    #[serde(skip_serializing_if = "Option::is_none")]
    stream: Option<String>,
}

impl Place {
    fn new(scope: Scope, stream: StreamId) -> Self {
        let id = stream.to_string();
        match scope {
            Scope::Room => Self {
                room: Some(id),
                stream: None,
            },
            Scope::Feed => Self {
                room: None,
                stream: Some(id),
            },
        }
    }
}

/// Continuity cannot be proved: forget the stream and load it anew.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
pub(crate) struct Reset {
    #[serde(flatten)]
    place: Place,
    /// The events after this seq follow.
    head: i64,
}

/// Events were not told again: load them by pages.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
pub(crate) struct Gap {
    #[serde(flatten)]
    place: Place,
    /// The first that was left out.
    from: i64,
    /// The last that was left out.
    to: i64,
    /// The events after this seq follow.
    head: i64,
}

#[derive(Serialize)]
struct Notice<T> {
    r#type: &'static str,
    #[serde(flatten)]
    place: Place,
    data: T,
}

fn write<T: Serialize>(kind: &'static str, place: Place, data: T) -> Utf8Bytes {
    let notice = Notice {
        r#type: kind,
        place,
        data,
    };
    // Only maps with keys that are no text fail, and there are none here.
    serde_json::to_string(&notice).unwrap_or_default().into()
}

/// Writes `room.reset`: continuity cannot be proved, read the room afresh; events after `head` follow.
#[must_use]
pub fn reset_frame(scope: Scope, stream: StreamId, head: i64) -> Utf8Bytes {
    metrics::counter!("hubbub_gateway_resets_total").increment(1);
    let place = Place::new(scope, stream);
    let reset = Reset {
        place: place.clone(),
        head,
    };
    write("room.reset", place, reset)
}

/// Writes `room.gap`: the events `from` to `head` were not replayed, load them by pages; events after `head` follow.
#[must_use]
pub fn gap_frame(scope: Scope, stream: StreamId, from: i64, head: i64) -> Utf8Bytes {
    metrics::counter!("hubbub_gateway_gaps_total").increment(1);
    let place = Place::new(scope, stream);
    let gap = Gap {
        place: place.clone(),
        from,
        to: head,
        head,
    };
    write("room.gap", place, gap)
}
