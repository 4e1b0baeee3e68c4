//! The registry of durable events: what stands in a stream, and what a client is told of it.
//!
//! The stored `data` is a JSON object written once by the owner of the stream. Fields that only the commit knows
//! (`seq`, `at`, ids) are put in front of it by [`render_data`], so the stored text is copied, never parsed.

mod messages;
mod moderation;
mod people;
mod rooms;

use std::io::Write;

use serde::{Deserialize, Serialize};

pub use messages::*;
pub use moderation::*;
pub use people::*;
pub use rooms::*;

/// The type of a durable event. The number is stored and never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(i16)]
pub enum Kind {
    /// A message; data is [`MessagePosted`].
    MessagePosted = 1,
    /// Someone joined; data is [`MemberJoined`].
    MemberJoined = 2,
    /// Someone left; data is [`MemberLeft`].
    MemberLeft = 3,
    /// A room came to be; data is [`RoomCreated`].
    RoomCreated = 4,
    /// A member's role changed; data is [`RoleChanged`].
    RoleChanged = 5,
    /// A message has another text; data is [`MessageEdited`].
    MessageEdited = 6,
    /// A message was taken from everyone; data is [`MessageDeleted`].
    MessageDeleted = 7,
    /// Someone added or took back a reaction; data is [`ReactionChanged`].
    ReactionChanged = 8,
    /// A room's name, topic or slow mode changed; data is [`RoomUpdated`].
    RoomUpdated = 9,
    /// A room is gone; data is [`RoomDeleted`]. The last event of its stream.
    RoomDeleted = 10,
    /// A thread was opened; data is [`ThreadCreated`].
    ThreadCreated = 11,
    /// A message was pinned or unpinned; data is [`MessagePinned`].
    MessagePinned = 12,
    /// Private feed: someone invited this user; data is [`RoomInvited`].
    RoomInvited = 20,
    /// Private feed, for gateways only: the user is now in a room or no longer; data is [`MembershipChanged`].
    MembershipChanged = 21,
    /// Private feed, for gateways only: sessions ended; data is [`SessionsRevoked`].
    SessionsRevoked = 22,
    /// Private feed: someone asks to be friends; data is [`FriendRequested`].
    FriendRequested = 23,
    /// Private feed: this user asked someone to be friends; data is [`FriendEvent`].
    FriendSent = 24,
    /// Private feed: two people are friends now; data is [`FriendEvent`].
    FriendAccepted = 25,
    /// Private feed: this user declined a request; data is [`FriendEvent`]. The asker is not told.
    FriendDeclined = 26,
    /// Private feed: a request was taken back; data is [`FriendEvent`].
    FriendCancelled = 27,
    /// Private feed: a friendship ended; data is [`FriendEvent`].
    FriendRemoved = 28,
    /// Private feed: this user blocked or unblocked someone; data is [`BlockUpdated`].
    BlockUpdated = 29,
    /// Private feed, for gateways only: someone's doings are now hidden from this user, or no longer; data is
    /// [`HiddenChanged`].
    HiddenChanged = 30,
    /// Private feed: this user has read; data is [`ReadMarked`].
    ReadMarked = 31,
    /// Private feed: a notification; data is [`Notified`].
    Notified = 32,
    /// Private feed: notifications were read; data is [`NotificationsRead`].
    NotificationsRead = 33,
    /// Private feed: this user took a message from their own devices; data is [`MessageHidden`].
    MessageHidden = 34,
    /// Private feed: an administrator warned this user; data is [`ModerationAct`].
    Warned = 35,
    /// Private feed: this user may not speak for a time; data is [`ModerationAct`].
    Muted = 36,
    /// Private feed: this user may speak again; data is [`ModerationAct`].
    Unmuted = 37,
    /// Private feed: this user was put out of a room; data is [`ModerationAct`].
    Kicked = 38,
    /// Private feed: this user is banned, from a room or (without `room`) altogether: gateways then close their
    /// sockets; data is [`ModerationAct`].
    Banned = 39,
    /// Private feed: this user set their status; data is [`PresenceSet`].
    PresenceSet = 40,
    /// Private feed: this user changed their settings; data is [`SettingsUpdated`].
    SettingsUpdated = 41,
    /// Private feed: this user has another name; data is [`AccountUpdated`].
    AccountUpdated = 42,
    /// Private feed, for gateways only: this user is told no more of someone's presence; data is
    /// [`PresenceWithdrawn`].
    PresenceWithdrawn = 43,
    /// Tenant's feed, for gateways only: an address range is banned; data is [`RangeBanned`].
    RangeBanned = 50,
    /// Tenant's feed, for gateways only: a range is free again; data is [`RangeLifted`].
    RangeLifted = 51,
    /// Tenant's feed, for gateways only: an account is hidden from all others, or no longer; data is
    /// [`ShadowChanged`].
    ShadowChanged = 52,
    /// Tenant's feed: the word filters changed; data is [`FiltersChanged`].
    FiltersChanged = 53,
    /// Tenant's feed, read by nobody: a moderation act whose key must be remembered; data is
    /// [`ModerationNoted`].
    ModerationNoted = 54,
}

impl Kind {
    /// Every kind.
    pub const ALL: &[Self] = &[
        Self::MessagePosted,
        Self::MemberJoined,
        Self::MemberLeft,
        Self::RoomCreated,
        Self::RoleChanged,
        Self::MessageEdited,
        Self::MessageDeleted,
        Self::ReactionChanged,
        Self::RoomUpdated,
        Self::RoomDeleted,
        Self::ThreadCreated,
        Self::MessagePinned,
        Self::RoomInvited,
        Self::MembershipChanged,
        Self::SessionsRevoked,
        Self::FriendRequested,
        Self::FriendSent,
        Self::FriendAccepted,
        Self::FriendDeclined,
        Self::FriendCancelled,
        Self::FriendRemoved,
        Self::BlockUpdated,
        Self::HiddenChanged,
        Self::ReadMarked,
        Self::Notified,
        Self::NotificationsRead,
        Self::MessageHidden,
        Self::Warned,
        Self::Muted,
        Self::Unmuted,
        Self::Kicked,
        Self::Banned,
        Self::PresenceSet,
        Self::SettingsUpdated,
        Self::AccountUpdated,
        Self::PresenceWithdrawn,
        Self::RangeBanned,
        Self::RangeLifted,
        Self::ShadowChanged,
        Self::FiltersChanged,
        Self::ModerationNoted,
    ];

    /// Returns the stored number.
    #[must_use]
    pub fn number(self) -> i16 {
        self as i16
    }

    /// Finds a kind by its stored number.
    #[must_use]
    pub fn from_number(number: i16) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|kind| kind.number() == number)
    }

    /// Returns the frame type that clients see, or `None` for an event that only gateways act on.
    #[must_use]
    pub fn frame_type(self) -> Option<&'static str> {
        Some(match self {
            Self::MessagePosted => "message.new",
            Self::MemberJoined => "room.memberJoined",
            Self::MemberLeft => "room.memberLeft",
            Self::RoomCreated => "room.created",
            Self::RoleChanged => "room.roleChanged",
            Self::MessageEdited => "message.edited",
            Self::MessageDeleted => "message.deleted",
            Self::ReactionChanged => "reaction.changed",
            Self::RoomUpdated => "room.updated",
            Self::RoomDeleted => "room.deleted",
            Self::ThreadCreated => "thread.created",
            Self::MessagePinned => "message.pinned",
            Self::RoomInvited => "room.invited",
            Self::FriendRequested => "friend.requested",
            Self::FriendSent => "friend.sent",
            Self::FriendAccepted => "friend.accepted",
            Self::FriendDeclined => "friend.declined",
            Self::FriendCancelled => "friend.cancelled",
            Self::FriendRemoved => "friend.removed",
            Self::BlockUpdated => "block.updated",
            Self::ReadMarked => "room.counter",
            Self::Notified => "notify.new",
            Self::NotificationsRead => "notify.updated",
            Self::MessageHidden => "message.hidden",
            Self::Warned => "mod.warned",
            Self::Muted => "mod.muted",
            Self::Unmuted => "mod.unmuted",
            Self::Kicked => "mod.kicked",
            Self::Banned => "mod.banned",
            Self::PresenceSet => "presence.updated",
            Self::SettingsUpdated => "settings.updated",
            Self::AccountUpdated => "account.updated",
            Self::MembershipChanged
            | Self::PresenceWithdrawn
            | Self::SessionsRevoked
            | Self::HiddenChanged
            | Self::RangeBanned
            | Self::RangeLifted
            | Self::ShadowChanged
            | Self::FiltersChanged
            | Self::ModerationNoted => return None,
        })
    }

    /// Whether the event is someone's doing that a person who blocks them must not see.
    #[must_use]
    pub fn is_hideable(self) -> bool {
        matches!(
            self,
            Self::MessagePosted
                | Self::MessageEdited
                | Self::ReactionChanged
                | Self::ThreadCreated
                | Self::MessagePinned
        )
    }
}

/// A person in an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// User id.
    pub id: String,
    /// Name at the time of the event.
    pub name: String,
}

/// What only the commit knows of an event.
#[derive(Debug, Clone, Copy)]
pub struct Position<'a> {
    /// The stream's id as text: a room or a user.
    pub stream: &'a str,
    /// Place in the stream, from 1.
    pub seq: i64,
    /// The event's id.
    pub event_id: &'a str,
    /// Commit time, milliseconds since the epoch.
    pub at_ms: i64,
}

/// Appends the client's `data` object of an event to `out`: the commit's fields, then the stored ones.
///
/// `stored` must be a JSON object; its text is copied.
pub fn render_data(out: &mut Vec<u8>, kind: Kind, position: Position<'_>, stored: &[u8]) {
    if kind == Kind::MessagePosted {
        return render_message(out, position, "[]", stored);
    }
    // Writing to a Vec cannot fail.
    let _ = write!(out, r#"{{"at":{}"#, position.at_ms);
    append_fields(out, stored);
}

/// Appends a message object to `out`: the commit's fields, `reactions` (the text of a JSON array), the stored fields.
pub fn render_message(out: &mut Vec<u8>, position: Position<'_>, reactions: &str, stored: &[u8]) {
    let Position {
        stream,
        seq,
        event_id,
        at_ms,
    } = position;
    let _ = write!(
        out,
        r#"{{"message":"{event_id}","room":"{stream}","seq":{seq},"at":{at_ms},"reactions":{reactions}"#
    );
    append_fields(out, stored);
}

fn append_fields(out: &mut Vec<u8>, stored: &[u8]) {
    let inner = stored.trim_ascii();
    let inner = inner.strip_prefix(b"{").unwrap_or(inner).trim_ascii_start();
    if inner.starts_with(b"}") || inner.is_empty() {
        out.push(b'}');
    } else {
        out.push(b',');
        out.extend_from_slice(inner);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names_are_unique() {
        for kind in Kind::ALL {
            assert_eq!(Kind::from_number(kind.number()), Some(*kind));
        }
        assert_eq!(Kind::from_number(0), None);
    }

    #[test]
    fn the_commit_s_fields_stand_before_the_stored_ones() {
        let position = Position {
            stream: "r",
            seq: 7,
            event_id: "e",
            at_ms: 9,
        };
        let mut out = Vec::new();
        render_data(&mut out, Kind::MessagePosted, position, br#"{"body":"hi"}"#);
        assert_eq!(
            out,
            br#"{"message":"e","room":"r","seq":7,"at":9,"reactions":[],"body":"hi"}"#
        );
        out.clear();
        render_data(&mut out, Kind::MemberLeft, position, b" { } ");
        assert_eq!(out, br#"{"at":9}"#);
    }
}
