//! What is stored in private feeds of friends, blocks, presence, notifications and accounts.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Person;
use crate::words::{DirectFrom, NotificationKind, OwnStatus};

/// Stored data of [`super::Kind::SessionsRevoked`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SessionsRevoked {
    /// The sessions that ended.
    pub sessions: Vec<String>,
    /// `logout`, `revoked` or `password`.
    pub reason: String,
}

/// Stored data of [`super::Kind::FriendRequested`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FriendRequested {
    /// Who asks.
    pub from: Person,
    /// What they wrote with it.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub note: String,
}

/// Stored data of the other events between friends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FriendEvent {
    /// The other one.
    pub user: Person,
}

/// Stored data of [`super::Kind::BlockUpdated`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BlockUpdated {
    /// Who.
    pub user: Person,
    /// Blocked, or no longer.
    pub blocked: bool,
    /// Whether they do not see this user either.
    pub mutual: bool,
}

/// Stored data of [`super::Kind::HiddenChanged`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HiddenChanged {
    /// Whose doings.
    pub user: String,
    /// Hidden, or no longer.
    pub hidden: bool,
}

/// Stored data of [`super::Kind::Notified`]; the event's id is the notification's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Notified {
    /// What it is about.
    #[schemars(with = "NotificationKind")]
    pub kind: String,
    /// One line.
    pub title: String,
    /// A few words of what it is about.
    pub body: String,
    /// Ids that lead there.
    #[schemars(with = "serde_json::Map<String, serde_json::Value>")]
    pub data: serde_json::Value,
}

/// Stored data of [`super::Kind::NotificationsRead`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NotificationsRead {
    /// Which.
    pub ids: Vec<String>,
    /// How many are left unread.
    pub unread: i64,
}

/// Stored data of [`super::Kind::PresenceSet`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PresenceSet {
    /// What they set.
    #[schemars(with = "OwnStatus")]
    pub status: String,
    /// What they wrote with it.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub text: String,
    /// When it ends, milliseconds since the epoch.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub until: Option<i64>,
}

/// Stored data of [`super::Kind::SettingsUpdated`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SettingsUpdated {
    /// Who may open a direct conversation.
    #[schemars(with = "DirectFrom")]
    pub direct_from: String,
}

/// Stored data of [`super::Kind::AccountUpdated`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AccountUpdated {
    /// The user, with the new name.
    pub user: Person,
}

/// Stored data of [`super::Kind::PresenceWithdrawn`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PresenceWithdrawn {
    /// Whose presence.
    pub user: String,
}
