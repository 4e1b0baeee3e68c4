//! What is stored of moderation, in private feeds and in the tenant's.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Stored data of what moderators do to a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ModerationAct {
    /// The room's id; none for the whole platform.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub room: Option<String>,
    /// Why, in the moderator's words.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub reason: String,
    /// When it ends, milliseconds since the epoch; none for good.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub until: Option<i64>,
}

/// Stored data of [`super::Kind::RangeBanned`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RangeBanned {
    /// The ban's id.
    pub ban: String,
    /// The range in its shortest form.
    pub cidr: String,
    /// Whether it only counts.
    pub shadow: bool,
    /// When it ends, milliseconds since the epoch.
    pub until: i64,
}

/// Stored data of [`super::Kind::RangeLifted`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RangeLifted {
    /// The ban's id.
    pub ban: String,
}

/// Stored data of [`super::Kind::ShadowChanged`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ShadowChanged {
    /// Whose doings.
    pub user: String,
    /// Hidden from all others, or no longer.
    pub hidden: bool,
}

/// Stored data of [`super::Kind::FiltersChanged`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FiltersChanged {
    /// The filter that came or went.
    pub filter: String,
}

/// Stored data of [`super::Kind::ModerationNoted`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ModerationNoted {
    /// `report.create`, `report.update`, `ban.create`, …
    pub action: String,
    /// The id of what it made or changed.
    pub subject: String,
}
