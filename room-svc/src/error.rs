//! Every way a request can end badly, and what the caller is told of it.

use std::{sync::Arc, time::Duration};

use pg::{Failure, Unanswered};
use proto::reason::Reason;
use rpc::Refusal;
use stream::{AppendError, Refused, Stopped};
use tonic::{Code, Status};

/// What a caller who was refused for load is told to wait.
const RETRY_AFTER: Duration = Duration::from_millis(500);

/// An outcome that the caller can act on. The texts are public: none carries a source.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// No such room, or not for this caller.
    #[error("no such room")]
    RoomNotFound,
    /// The name is taken.
    #[error("a room with this name exists")]
    RoomExists,
    /// The caller is not in the room, or the room does not exist for them: the two are never told apart.
    #[error("you are not in this room")]
    NotAMember,
    /// The caller's role in the room is not enough.
    #[error("{0}")]
    PermissionDenied(&'static str),
    /// No such user, or not in this room.
    #[error("no such user")]
    UserNotFound,
    /// The account, or the person in this room, is banned.
    #[error("you are banned")]
    Banned,
    /// The caller may not speak until a time.
    #[error("you are muted for now")]
    Muted {
        /// How long it lasts from now.
        retry_after: Duration,
    },
    /// The room's slow mode.
    #[error("this room is in slow mode")]
    SlowMode {
        /// When the next message may come.
        retry_after: Duration,
    },
    /// No such message, or not for this caller.
    #[error("no such message")]
    MessageNotFound,
    /// The person cannot be written to; why is never told.
    #[error("this person cannot be written to")]
    RecipientUnavailable,
    /// A code that lets nobody in.
    #[error("this invitation does not work")]
    InviteInvalid,
    /// A word that this installation does not allow.
    #[error("the message has a word that is not allowed here")]
    WordRefused,
    /// Someone else changed it meanwhile.
    #[error("it was changed meanwhile")]
    Stale,
    /// As many as one may have.
    #[error("{0}")]
    Quota(&'static str),
    /// A message without a visible character.
    #[error("a message needs a visible character")]
    BodyEmpty,
    /// A message over the limit.
    #[error("a message has at most 4,000 characters")]
    BodyTooLong,
    /// A field is missing or out of bounds.
    #[error("{field}: {why}")]
    FieldInvalid {
        /// The client's name of the field.
        field: &'static str,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The idempotency key was used with other data.
    #[error("this key was used with other data")]
    Conflict,
    /// The caller's session ended while the token was still good.
    #[error("this session has ended")]
    SessionEnded,
    /// More work is waiting than can be done in time; nothing was stored.
    #[error("too many requests at once")]
    Overloaded,
    /// Another service refused or could not be reached; nothing was stored.
    #[error("another service refused")]
    Upstream(Box<Refusal>),
    /// The database could not do it; certainly nothing was stored.
    #[error("the rooms cannot be reached at the moment")]
    Db(#[source] Arc<sqlx::Error>),
    /// The connection died while committing: stored or not, nobody knows.
    #[error("the outcome is not known; repeat with the same key")]
    InDoubt(#[source] Arc<sqlx::Error>),
    /// A promise of our own code was broken; nothing was stored.
    #[error("something went wrong")]
    Internal(&'static str),
}

impl Error {
    /// Tells what a failed commit means.
    #[must_use]
    pub fn of_commit(error: sqlx::Error) -> Self {
        Self::of_write(Arc::new(error))
    }

    /// Whether the same work may succeed when it is tried again at once.
    #[must_use]
    pub fn is_worth_a_retry(&self) -> bool {
        matches!(self, Self::Db(error) if stream::is_worth_a_retry(error))
    }

    /// Reads what the guard in the database refused for: a reason, and after a colon how long it lasts.
    fn of_guard(text: &str) -> Self {
        let (reason, millis) = text.split_once(':').unwrap_or((text, "0"));
        let retry_after = Duration::from_millis(millis.parse().unwrap_or(0));
        match Reason::parse(reason) {
            Some(Reason::NOT_A_MEMBER) => Self::NotAMember,
            Some(Reason::TOKEN_INVALID) => Self::SessionEnded,
            Some(Reason::BANNED) => Self::Banned,
            Some(Reason::ROOM_MUTED) => Self::Muted { retry_after },
            Some(Reason::SLOW_MODE) => Self::SlowMode { retry_after },
            Some(Reason::RECIPIENT_UNAVAILABLE) => Self::RecipientUnavailable,
            _ => Self::PermissionDenied("this may not be posted here"),
        }
    }

    fn of_write(error: Arc<sqlx::Error>) -> Self {
        match pg::classify(&error) {
            Failure::Unknown => Self::InDoubt(error),
            Failure::Retryable | Failure::Permanent => Self::Db(error),
        }
    }

    fn outcome(&self) -> (Code, Reason) {
        match self {
            Self::RoomNotFound => (Code::NotFound, Reason::ROOM_NOT_FOUND),
            Self::RoomExists => (Code::AlreadyExists, Reason::ROOM_EXISTS),
            Self::NotAMember => (Code::PermissionDenied, Reason::NOT_A_MEMBER),
            Self::PermissionDenied(_) => (Code::PermissionDenied, Reason::PERMISSION_DENIED),
            Self::UserNotFound => (Code::NotFound, Reason::USER_NOT_FOUND),
            Self::Banned => (Code::PermissionDenied, Reason::BANNED),
            Self::Muted { .. } => (Code::PermissionDenied, Reason::ROOM_MUTED),
            Self::SlowMode { .. } => (Code::ResourceExhausted, Reason::SLOW_MODE),
            Self::MessageNotFound => (Code::NotFound, Reason::MESSAGE_NOT_FOUND),
            Self::RecipientUnavailable => (Code::PermissionDenied, Reason::RECIPIENT_UNAVAILABLE),
            Self::InviteInvalid => (Code::NotFound, Reason::INVITE_INVALID),
            Self::WordRefused => (Code::InvalidArgument, Reason::WORD_REFUSED),
            Self::Stale => (Code::AlreadyExists, Reason::CONFLICT),
            Self::Quota(_) => (Code::ResourceExhausted, Reason::QUOTA),
            Self::BodyEmpty => (Code::InvalidArgument, Reason::BODY_EMPTY),
            Self::BodyTooLong => (Code::InvalidArgument, Reason::BODY_TOO_LONG),
            Self::FieldInvalid { .. } => (Code::InvalidArgument, Reason::FIELD_INVALID),
            Self::Conflict => (Code::AlreadyExists, Reason::CONFLICT),
            Self::SessionEnded => (Code::Unauthenticated, Reason::TOKEN_INVALID),
            Self::Overloaded => (Code::ResourceExhausted, Reason::RATE_LIMITED),
            Self::Upstream(refusal) if !refusal.is_unknown_outcome() => {
                (refusal.code, refusal.reason)
            }
            // Asking is a read: whatever became of it, nothing was stored.
            Self::Upstream(_) | Self::Db(_) => (Code::Unavailable, Reason::UPSTREAM_UNAVAILABLE),
            Self::InDoubt(_) => (Code::Unknown, Reason::INTERNAL),
            Self::Internal(_) => (Code::FailedPrecondition, Reason::INTERNAL),
        }
    }

    /// Logs what someone must look into: once, here, where it becomes an answer.
    fn log(&self) {
        match self {
            Self::Db(error) if pg::classify(error) == Failure::Permanent => {
                tracing::error!(%error, "a statement failed");
            }
            Self::Db(error) | Self::InDoubt(error) => tracing::warn!(%error, "the database failed"),
            Self::Internal(what) => tracing::error!(what, "a promise of our own was broken"),
            _ => {}
        }
    }
}

/// An error before the commit: the transaction is gone, whatever became of the connection.
impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Db(Arc::new(error))
    }
}

impl From<Unanswered<Arc<sqlx::Error>>> for Error {
    fn from(unanswered: Unanswered<Arc<sqlx::Error>>) -> Self {
        match unanswered {
            Unanswered::Failed(error) => Self::Db(error),
            Unanswered::Full | Unanswered::Lost => Self::Overloaded,
        }
    }
}

impl From<Stopped> for Error {
    fn from(stopped: Stopped) -> Self {
        match stopped {
            Stopped::Refused(refused) => refused.into(),
            Stopped::Db(error) => error.into(),
        }
    }
}

impl From<Refused> for Error {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Conflict => Self::Conflict,
            Refused::Denied(reason) => Self::of_guard(&reason),
        }
    }
}

impl From<AppendError> for Error {
    fn from(error: AppendError) -> Self {
        match error {
            AppendError::Refused(refused) => refused.into(),
            AppendError::Overloaded => Self::Overloaded,
            AppendError::Db(error) => Self::of_write(error),
        }
    }
}

impl From<Error> for Status {
    fn from(error: Error) -> Self {
        error.log();
        let (code, reason) = error.outcome();
        match &error {
            Error::FieldInvalid { field, why } => rpc::field_invalid(field, why),
            Error::Overloaded | Error::Db(_) => {
                rpc::retry_later(code, reason, &error.to_string(), RETRY_AFTER)
            }
            Error::Muted { retry_after } | Error::SlowMode { retry_after } => {
                rpc::retry_later(code, reason, &error.to_string(), *retry_after)
            }
            Error::Upstream(refusal) => match refusal.retry_after {
                Some(after) => rpc::retry_later(code, reason, &refusal.message, after),
                None => rpc::status(code, reason, &refusal.message),
            },
            _ => rpc::status(code, reason, &error.to_string()),
        }
    }
}
