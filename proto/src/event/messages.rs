//! What is stored of messages and what is done with them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Person;

/// Stored data of [`super::Kind::MessagePosted`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MessagePosted {
    /// The idempotency key the author chose.
    pub key: String,
    /// Who wrote it.
    pub author: Person,
    /// The text, at most 4,000 characters; empty when it was taken away.
    pub body: String,
    /// Revision; 1 until edited.
    pub rev: u32,
    /// Id of the message this answers.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reply_to: Option<String>,
    /// Id of the thread it belongs to.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub thread: Option<String>,
    /// Ids of the mentioned users.
    pub mentions: Vec<String>,
    /// When its text was last changed, milliseconds since the epoch.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub edited_at: Option<i64>,
    /// Whether it was taken away; then `body` is empty.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub deleted: bool,
}

/// A message as clients see it: what the commit knows, the reactions, and what is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Message {
    /// The message's id.
    pub message: String,
    /// The room's id.
    pub room: String,
    /// Place in the room's stream, from 1.
    pub seq: i64,
    /// When it was sent, milliseconds since the epoch.
    pub at: i64,
    /// Reactions, each emoji once.
    pub reactions: Vec<Reaction>,
    /// The rest.
    #[serde(flatten)]
    pub posted: MessagePosted,
}

/// A reaction of everyone who chose the same emoji.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reaction {
    /// Which.
    pub emoji: String,
    /// How many people.
    pub count: i64,
    /// Whether the reader is among them.
    pub own: bool,
}

/// Stored data of [`super::Kind::MessageEdited`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MessageEdited {
    /// The message's id.
    pub message: String,
    /// Its text now.
    pub body: String,
    /// Its revision now, from 2.
    pub rev: u32,
    /// Ids of the users it mentions now.
    pub mentions: Vec<String>,
}

/// Stored data of [`super::Kind::MessageDeleted`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MessageDeleted {
    /// The message's id.
    pub message: String,
    /// Who did it.
    pub by: Person,
}

/// Stored data of [`super::Kind::ReactionChanged`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReactionChanged {
    /// The message's id.
    pub message: String,
    /// Which.
    pub emoji: String,
    /// Whose.
    pub user: Person,
    /// Added, or taken back.
    pub on: bool,
    /// How many there are now, of everyone.
    pub count: i64,
}

/// Stored data of [`super::Kind::ThreadCreated`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ThreadCreated {
    /// The thread's id.
    pub thread: String,
    /// Its title.
    pub title: String,
    /// Who opened it.
    pub by: Person,
}

/// Stored data of [`super::Kind::MessagePinned`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MessagePinned {
    /// The message's id.
    pub message: String,
    /// Pinned, or no longer.
    pub on: bool,
    /// Who did it.
    pub by: Person,
}

/// Stored data of [`super::Kind::ReadMarked`]: what is unread as of `head`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReadMarked {
    /// The room's id.
    pub room: String,
    /// The thread's id; none for the room outside its threads.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub thread: Option<String>,
    /// Seq up to which the user has read.
    pub read: i64,
    /// Messages after it; at most 1,000 are counted.
    pub unread: i64,
    /// Those that mention the user.
    pub mentions: i64,
    /// The room's head when this was counted.
    pub head: i64,
}

/// Stored data of [`super::Kind::MessageHidden`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MessageHidden {
    /// The room's id.
    pub room: String,
    /// The message's id.
    pub message: String,
}
