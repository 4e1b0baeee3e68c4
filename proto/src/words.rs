//! The words that stand for a choice on the client wire, each list in one place.
//!
//! Types that clients see are written with texts, because services answer texts; these lists say which texts there
//! are. They exist for the contract that clients read, and tests hold every real frame against them.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::{frame::CloseCode, reason::Reason};

macro_rules! words {
    ($($(#[doc = $doc:literal])+ $name:ident = $($word:literal)|+;)*) => {$(
        $(#[doc = $doc])+
        #[derive(Debug)]
        pub enum $name {}

        impl $name {
            /// Every word.
            pub const ALL: &[&str] = &[$($word),+];
        }

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({
                    "type": "string",
                    "description": concat!($($doc),+).trim(),
                    "enum": Self::ALL,
                })
            }
        }
    )*};
}

words! {
    /// What a room is: open to all, by invitation, or between two people.
    RoomKind = "channel" | "private" | "direct";
    /// What a new room can be.
    NewRoomKind = "channel" | "private";
    /// What someone may do in a room.
    RoomRole = "owner" | "moderator" | "member";
    /// How someone is kept from a room.
    RestrictionKind = "ban" | "mute";
    /// Why someone is no longer in a room.
    LeaveReason = "left" | "kicked" | "banned";
    /// What someone may do on the platform.
    Role = "USER" | "ADMIN";
    /// How it stands between two people.
    FriendState = "pending" | "friends" | "none";
    /// Who may open a direct conversation.
    DirectFrom = "friends" | "shared" | "anyone";
    /// The status one sets.
    OwnStatus = "online" | "away" | "dnd" | "invisible";
    /// The status others see.
    Status = "online" | "away" | "dnd" | "offline";
    /// What a notification is about.
    NotificationKind = "mention" | "reaction" | "friend.requested" | "friend.accepted" | "room.invited" | "moderation";
    /// From whom a message is taken.
    DeleteScope = "everyone" | "me";
    /// Whether a ban refuses, or only counts what it would have refused.
    BanMode = "enforce" | "shadow";
    /// What a report is about.
    ReportCategory = "spam" | "abuse" | "illegal" | "other";
    /// How far a report is.
    ReportState = "open" | "in_review" | "resolved" | "dismissed";
    /// What a word filter does.
    FilterAction = "refuse" | "alert";
    /// What a client does after a goodbye: resume, connect with new credentials, wait for activity, or stay away.
    Reconnect = "resume" | "fresh" | "activity" | "never";
}

impl JsonSchema for Reason {
    fn schema_name() -> Cow<'static, str> {
        "Reason".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let all: Vec<_> = Self::ALL.iter().map(|reason| reason.as_str()).collect();
        json_schema!({
            "type": "string",
            "description": "Why a request was refused; programs decide by it.",
            "enum": all,
        })
    }
}

impl JsonSchema for CloseCode {
    fn schema_name() -> Cow<'static, str> {
        "CloseCode".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let all: Vec<_> = Self::ALL.iter().map(|close| close.code()).collect();
        json_schema!({
            "type": "integer",
            "description": "The close code: its range says what a client does next.",
            "enum": all,
        })
    }
}

/// The `reason` of a goodbye.
#[derive(Debug)]
pub enum CloseReason {}

impl JsonSchema for CloseReason {
    fn schema_name() -> Cow<'static, str> {
        "CloseReason".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let all: Vec<_> = CloseCode::ALL.iter().map(|close| close.reason()).collect();
        json_schema!({
            "type": "string",
            "description": "The close code in a word.",
            "enum": all,
        })
    }
}
