//! What many types of requests and answers have in common.

use std::collections::HashMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Nothing to say.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(crate) struct Empty {}

/// Which part of a list is asked for.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Paging {
    /// `next` of the page before.
    pub(crate) page: Option<String>,
    /// Most items of the page.
    #[schemars(range(min = 1, max = 100))]
    pub(crate) limit: Option<u32>,
}

/// A place in a stream: its seq and the id of the event there.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema is used")]
pub(crate) struct Cursor((i64, String));

/// Stream → the place that is known.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema is used")]
pub(crate) struct Cursors(HashMap<String, Cursor>);

/// A durable event, as it comes by itself and in `history.sync`.
#[derive(JsonSchema)]
#[expect(
    dead_code,
    reason = "only its schema is used; frames are written as text"
)]
pub(crate) struct DurableFrame {
    /// What happened.
    r#type: String,
    /// The room's id, if it is of a room.
    #[serde(skip_serializing_if = "Option::is_none")]
    room: Option<String>,
    /// The feed's id, if it is of the user's own feed.
    #[serde(skip_serializing_if = "Option::is_none")]
    stream: Option<String>,
    /// Place in the stream, from 1.
    seq: i64,
    /// The seq this connection was last told of in that stream.
    prev: i64,
    /// The event's id.
    cursor: String,
    /// Whether it was missed and is told again.
    #[serde(skip_serializing_if = "Option::is_none")]
    replayed: Option<bool>,
    /// What is known of it.
    data: Map<String, Value>,
}
