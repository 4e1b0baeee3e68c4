//! What is stored of rooms and their members.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Person;
use crate::words::{LeaveReason, RoomKind, RoomRole};

/// Stored data of [`super::Kind::MemberJoined`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MemberJoined {
    /// Who joined.
    pub user: Person,
    /// Their role now.
    #[schemars(with = "RoomRole")]
    pub role: String,
}

/// Stored data of [`super::Kind::MemberLeft`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MemberLeft {
    /// Who left.
    pub user: Person,
    /// Why.
    #[schemars(with = "LeaveReason")]
    pub reason: String,
}

/// Stored data of [`super::Kind::RoomCreated`]; always seq 1 of its stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RoomCreated {
    /// The room's name.
    pub name: String,
    /// What it is.
    #[schemars(with = "RoomKind")]
    pub kind: String,
    /// Who created it.
    pub by: Person,
}

/// Stored data of [`super::Kind::RoleChanged`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RoleChanged {
    /// Whose role.
    pub user: Person,
    /// Their role now.
    #[schemars(with = "RoomRole")]
    pub role: String,
}

/// Stored data of [`super::Kind::RoomInvited`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RoomInvited {
    /// The room's id.
    pub room: String,
    /// The room's name.
    pub name: String,
    /// Who invited.
    pub by: Person,
}

/// Stored data of [`super::Kind::MembershipChanged`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MembershipChanged {
    /// The room's id.
    pub room: String,
    /// The room's name.
    pub name: String,
    /// What it is.
    #[schemars(with = "RoomKind")]
    pub kind: String,
    /// Now a member, or no longer.
    pub joined: bool,
}

/// Stored data of [`super::Kind::RoomUpdated`]: what changed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RoomUpdated {
    /// Its new name.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub name: Option<String>,
    /// Its new topic.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub topic: Option<String>,
    /// Its new slow mode; 0 for none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub slow_mode_ms: Option<i64>,
}

/// Stored data of [`super::Kind::RoomDeleted`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RoomDeleted {
    /// Who did it.
    pub by: Person,
}
