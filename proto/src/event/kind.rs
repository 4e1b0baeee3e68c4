//! The type of a durable event: its number, whose stream it stands in, its data, and what clients call it.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};

use super::{messages::*, moderation::*, people::*, rooms::*};

/// Whose stream an event stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// A room's: its members read it.
    Room,
    /// A user's private feed.
    User,
    /// A tenant's feed, for gateways only.
    Tenant,
}

/// What clients are told of most events: the commit's time and the stored data.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Dated<T> {
    /// When it was committed, milliseconds since the epoch.
    at: i64,
    #[serde(flatten)]
    stored: T,
}

macro_rules! kinds {
    ($($(#[doc = $doc:literal])+ $variant:ident = $number:literal, $owner:ident, $data:ident $(=> $frame:literal)?;)*) => {
        /// The type of a durable event. The number is stored and never reused.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[repr(i16)]
        pub enum Kind {$(
            $(#[doc = $doc])+
            #[doc = concat!("\n\nData is [`", stringify!($data), "`].")]
            $variant = $number,
        )*}

        impl Kind {
            /// Every kind.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// Returns whose stream it stands in.
            #[must_use]
            pub fn owner(self) -> Owner {
                match self { $(Self::$variant => Owner::$owner,)* }
            }

            /// Returns the frame type that clients see, or `None` for an event that only gateways act on.
            #[must_use]
            pub fn frame_type(self) -> Option<&'static str> {
                match self {
                    $($(Self::$variant => Some($frame),)?)*
                    _ => None,
                }
            }

            /// Says in a sentence what happened.
            #[must_use]
            pub fn about(self) -> &'static str {
                match self { $(Self::$variant => concat!($($doc),+).trim(),)* }
            }

            /// Describes the `data` that clients see; `None` for an event that only gateways act on.
            pub fn data_schema(self, generator: &mut SchemaGenerator) -> Option<Schema> {
                if self == Self::MessagePosted {
                    return Some(generator.subschema_for::<Message>());
                }
                match self {
                    $($(Self::$variant => {
                        let _: &str = $frame;
                        Some(Dated::<$data>::json_schema(generator))
                    })?)*
                    _ => None,
                }
            }

            /// Reads stored data into its type and writes it anew.
            ///
            /// # Errors
            /// When it is not this event's data.
            pub fn rewrite(self, stored: &[u8]) -> serde_json::Result<Vec<u8>> {
                match self {
                    $(Self::$variant => serde_json::to_vec(&serde_json::from_slice::<$data>(stored)?),)*
                }
            }
        }
    };
}

kinds! {
    /// A message.
    MessagePosted = 1, Room, MessagePosted => "message.new";
    /// Someone joined.
    MemberJoined = 2, Room, MemberJoined => "room.memberJoined";
    /// Someone left.
    MemberLeft = 3, Room, MemberLeft => "room.memberLeft";
    /// A room came to be.
    RoomCreated = 4, Room, RoomCreated => "room.created";
    /// A member's role changed.
    RoleChanged = 5, Room, RoleChanged => "room.roleChanged";
    /// A message has another text.
    MessageEdited = 6, Room, MessageEdited => "message.edited";
    /// A message was taken from everyone.
    MessageDeleted = 7, Room, MessageDeleted => "message.deleted";
    /// Someone added or took back a reaction.
    ReactionChanged = 8, Room, ReactionChanged => "reaction.changed";
    /// A room's name, topic or slow mode changed.
    RoomUpdated = 9, Room, RoomUpdated => "room.updated";
    /// A room is gone. The last event of its stream.
    RoomDeleted = 10, Room, RoomDeleted => "room.deleted";
    /// A thread was opened.
    ThreadCreated = 11, Room, ThreadCreated => "thread.created";
    /// A message was pinned or unpinned.
    MessagePinned = 12, Room, MessagePinned => "message.pinned";
    /// Someone invited this user.
    RoomInvited = 20, User, RoomInvited => "room.invited";
    /// The user is now in a room or no longer.
    MembershipChanged = 21, User, MembershipChanged;
    /// Sessions ended.
    SessionsRevoked = 22, User, SessionsRevoked;
    /// Someone asks to be friends.
    FriendRequested = 23, User, FriendRequested => "friend.requested";
    /// This user asked someone to be friends.
    FriendSent = 24, User, FriendEvent => "friend.sent";
    /// Two people are friends now.
    FriendAccepted = 25, User, FriendEvent => "friend.accepted";
    /// This user declined a request. The asker is not told.
    FriendDeclined = 26, User, FriendEvent => "friend.declined";
    /// A request was taken back.
    FriendCancelled = 27, User, FriendEvent => "friend.cancelled";
    /// A friendship ended.
    FriendRemoved = 28, User, FriendEvent => "friend.removed";
    /// This user blocked or unblocked someone.
    BlockUpdated = 29, User, BlockUpdated => "block.updated";
    /// Someone's doings are now hidden from this user, or no longer.
    HiddenChanged = 30, User, HiddenChanged;
    /// This user has read.
    ReadMarked = 31, User, ReadMarked => "room.counter";
    /// A notification.
    Notified = 32, User, Notified => "notify.new";
    /// Notifications were read.
    NotificationsRead = 33, User, NotificationsRead => "notify.updated";
    /// This user took a message from their own devices.
    MessageHidden = 34, User, MessageHidden => "message.hidden";
    /// An administrator warned this user.
    Warned = 35, User, ModerationAct => "mod.warned";
    /// This user may not speak for a time.
    Muted = 36, User, ModerationAct => "mod.muted";
    /// This user may speak again.
    Unmuted = 37, User, ModerationAct => "mod.unmuted";
    /// This user was put out of a room.
    Kicked = 38, User, ModerationAct => "mod.kicked";
    /// This user is banned, from a room or (without `room`) altogether: gateways then close their sockets.
    Banned = 39, User, ModerationAct => "mod.banned";
    /// This user set their status.
    PresenceSet = 40, User, PresenceSet => "presence.updated";
    /// This user changed their settings.
    SettingsUpdated = 41, User, SettingsUpdated => "settings.updated";
    /// This user has another name.
    AccountUpdated = 42, User, AccountUpdated => "account.updated";
    /// This user is told no more of someone's presence.
    PresenceWithdrawn = 43, User, PresenceWithdrawn;
    /// An address range is banned.
    RangeBanned = 50, Tenant, RangeBanned;
    /// A range is free again.
    RangeLifted = 51, Tenant, RangeLifted;
    /// An account is hidden from all others, or no longer.
    ShadowChanged = 52, Tenant, ShadowChanged;
    /// The word filters changed.
    FiltersChanged = 53, Tenant, FiltersChanged;
    /// A moderation act whose key must be remembered.
    ModerationNoted = 54, Tenant, ModerationNoted;
}

impl Kind {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names_are_unique() {
        let mut names = std::collections::HashSet::new();
        for kind in Kind::ALL {
            assert_eq!(Kind::from_number(kind.number()), Some(*kind));
            assert!(kind.frame_type().is_none_or(|name| names.insert(name)));
        }
        assert_eq!(Kind::from_number(0), None);
    }
}
