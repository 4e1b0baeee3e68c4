//! Every way a request can end badly, and what the caller is told of it.

use std::{sync::Arc, time::Duration};

use pg::{Failure, Unanswered};
use proto::reason::Reason;
use stream::{Refused, Stopped};
use tonic::{Code, Status};

/// What a caller who was refused for load is told to wait.
const RETRY_AFTER: Duration = Duration::from_millis(500);

/// An outcome that the caller can act on. The texts are public: none carries a source.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// No such user.
    #[error("no such user")]
    UserNotFound,
    /// The two are friends.
    #[error("you are friends already")]
    AlreadyFriends,
    /// No request between the two waits.
    #[error("no friend request waits here")]
    RequestNotFound,
    /// As many as one may have.
    #[error("{0}")]
    Quota(&'static str),
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
    /// The account is banned.
    #[error("you are banned")]
    Banned,
    /// The caller's session ended while the token was still good.
    #[error("this session has ended")]
    SessionEnded,
    /// Redis could not be asked who is online.
    #[error("presence cannot be reached at the moment")]
    Presence(#[source] Arc<redis::RedisError>),
    /// The database could not do it; certainly nothing was stored.
    #[error("friends cannot be reached at the moment")]
    Db(#[source] Arc<sqlx::Error>),
    /// More wait for the database than may; nothing was asked.
    #[error("too many ask at this moment")]
    Crowded,
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
        let error = Arc::new(error);
        match pg::classify(&error) {
            Failure::Unknown => Self::InDoubt(error),
            Failure::Retryable | Failure::Permanent => Self::Db(error),
        }
    }

    /// Whether the same work may succeed when it is tried again at once.
    #[must_use]
    pub fn is_worth_a_retry(&self) -> bool {
        matches!(self, Self::Db(error) if stream::is_worth_a_retry(error))
    }

    fn outcome(&self) -> (Code, Reason) {
        match self {
            Self::UserNotFound => (Code::NotFound, Reason::USER_NOT_FOUND),
            Self::AlreadyFriends => (Code::AlreadyExists, Reason::ALREADY_FRIENDS),
            Self::RequestNotFound => (Code::NotFound, Reason::REQUEST_NOT_FOUND),
            Self::Quota(_) => (Code::ResourceExhausted, Reason::QUOTA),
            Self::FieldInvalid { .. } => (Code::InvalidArgument, Reason::FIELD_INVALID),
            Self::Conflict => (Code::AlreadyExists, Reason::CONFLICT),
            Self::Banned => (Code::PermissionDenied, Reason::BANNED),
            Self::SessionEnded => (Code::Unauthenticated, Reason::TOKEN_INVALID),
            Self::Presence(_) | Self::Db(_) | Self::Crowded => {
                (Code::Unavailable, Reason::UPSTREAM_UNAVAILABLE)
            }
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
            Self::Presence(error) => tracing::warn!(%error, "presence failed"),
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
            Unanswered::Full | Unanswered::Lost => Self::Crowded,
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
            Refused::Denied(_) => Self::Internal("a feed refused an event"),
        }
    }
}

impl From<Error> for Status {
    fn from(error: Error) -> Self {
        error.log();
        let (code, reason) = error.outcome();
        match &error {
            Error::FieldInvalid { field, why } => rpc::field_invalid(field, why),
            Error::Db(_) | Error::Presence(_) | Error::Crowded => {
                rpc::retry_later(code, reason, &error.to_string(), RETRY_AFTER)
            }
            _ => rpc::status(code, reason, &error.to_string()),
        }
    }
}
