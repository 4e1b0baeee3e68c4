//! What is told once and never stored.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::words::Status;

/// Data of `typing`: someone writes in a room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Typing {
    /// Who.
    pub user: String,
    /// Until when that is to be believed, milliseconds since the epoch; now or earlier when they stopped.
    pub until: i64,
}

/// Data of `read.updated`: someone has read a room, or its messages have come to their devices.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReadUpdated {
    /// Who.
    pub user: String,
    /// Seq up to which they have read.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub seq: Option<i64>,
    /// The thread they have read; none for the room outside its threads.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub thread: Option<String>,
    /// Seq up to which messages have come to their devices.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub delivered: Option<i64>,
}

/// Data of `presence.changed`, and how a person is seen in answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "PresenceOf")]
pub struct PresenceChanged {
    /// Who.
    pub user: String,
    /// How they are seen.
    #[schemars(with = "Status")]
    pub status: String,
    /// What they wrote with it.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub text: String,
    /// When they were last seen, milliseconds since the epoch.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub last_seen: Option<i64>,
}
