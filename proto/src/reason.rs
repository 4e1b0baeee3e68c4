//! The stable reasons of every error, in one place. They are `google.rpc.ErrorInfo.reason` between services,
//! `error.reason` in frames and the problem type over REST; `docs/errors.md` explains them to users.

/// The `domain` of every `ErrorInfo` that the product makes.
pub const DOMAIN: &str = "hubbub";

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident)*) => {
        /// Why a request was refused.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[expect(non_camel_case_types, reason = "the wire name is the name")]
        pub enum Reason {
            $($(#[$doc])* $name,)*
        }

        impl Reason {
            /// Every reason.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// Returns the wire name.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)* }
            }

            /// Finds a reason by its wire name.
            #[must_use]
            pub fn parse(name: &str) -> Option<Self> {
                match name { $(stringify!($name) => Some(Self::$name),)* _ => None }
            }
        }
    };
}

reasons! {
    /// Unknown user or wrong password; the two are never told apart.
    CREDENTIALS_INVALID
    /// A token or session whose time is over.
    TOKEN_EXPIRED
    /// A token that is malformed, for another audience or revoked.
    TOKEN_INVALID
    /// No token where one is needed.
    TOKEN_MISSING
    /// A token whose signature does not verify, or that names another algorithm.
    SIGNATURE_INVALID
    /// The caller is not in the room, or the room does not exist for them.
    NOT_A_MEMBER
    /// The caller's role in the room is not enough.
    PERMISSION_DENIED
    /// Only platform administrators may do this.
    ADMIN_REQUIRED
    /// No such room, or not for this caller.
    ROOM_NOT_FOUND
    /// The room's name is taken.
    ROOM_EXISTS
    /// The caller may not speak, in this room or at all, until a time.
    ROOM_MUTED
    /// The account, its address, or the person in this room is banned.
    BANNED
    /// No such message, or not for this caller.
    MESSAGE_NOT_FOUND
    /// The person cannot be written to: unknown, not a friend, blocked; never told apart.
    RECIPIENT_UNAVAILABLE
    /// The two are friends already.
    ALREADY_FRIENDS
    /// No request between the two waits.
    REQUEST_NOT_FOUND
    /// A code that lets nobody in: unknown, ended, used up, or not for this caller.
    INVITE_INVALID
    /// A word that this installation does not allow.
    WORD_REFUSED
    /// The room's slow mode; `retryAfterMs` says when to try again.
    SLOW_MODE
    /// As many as one may have.
    QUOTA
    /// A range that may not be banned: too wide, private, of the installation itself, or the caller's own.
    RANGE_REFUSED
    /// No such report.
    REPORT_NOT_FOUND
    /// The connection has ended.
    CONNECTION_GONE
    /// No such user.
    USER_NOT_FOUND
    /// The user name is taken.
    USERNAME_TAKEN
    /// A message without a visible character.
    BODY_EMPTY
    /// A message over 4,000 characters.
    BODY_TOO_LONG
    /// A field is missing or out of bounds; `fields` names it.
    FIELD_INVALID
    /// The idempotency key was used with other data.
    CONFLICT
    /// Too many requests; `retryAfterMs` says when to try again.
    RATE_LIMITED
    /// A cursor that cannot be served any more.
    HISTORY_TRUNCATED
    /// A service could not be reached; nothing was stored.
    UPSTREAM_UNAVAILABLE
    /// A frame type that this server does not know.
    UNKNOWN_TYPE
    /// Something failed on our side.
    INTERNAL
    /// The route or method does not exist.
    NOT_FOUND
    /// The Origin is not on the list.
    ORIGIN_REFUSED
}

#[cfg(test)]
mod tests {
    use super::Reason;

    #[test]
    fn names_round_trip() {
        for reason in Reason::ALL {
            assert_eq!(Reason::parse(reason.as_str()), Some(*reason));
        }
        assert_eq!(Reason::parse("nonsense"), None);
    }
}
