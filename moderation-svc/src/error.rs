//! Every way a request can end badly, and what the caller is told of it.

use std::{sync::Arc, time::Duration};

use pg::Failure;
use proto::reason::Reason;
use redis::RedisError;
use rpc::Refusal;
use stream::{Refused, Stopped};
use tonic::{Code, Status};

/// What a caller is told to wait when a store is away.
const RETRY_AFTER: Duration = Duration::from_millis(500);

/// An outcome that the caller can act on. The texts are public: none carries a source.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// The caller is no administrator, or no longer.
    #[error("only administrators may do this")]
    AdminRequired,
    /// This may not be done to this person.
    #[error("{0}")]
    PermissionDenied(&'static str),
    /// No such user.
    #[error("no such user")]
    UserNotFound,
    /// A range that may not be banned.
    #[error("{0}")]
    RangeRefused(&'static str),
    /// No such message, or not for this caller.
    #[error("no such message")]
    MessageNotFound,
    /// No such report.
    #[error("no such report")]
    ReportNotFound,
    /// The connection has ended.
    #[error("this connection has ended")]
    ConnectionGone,
    /// As many as one may have.
    #[error("{0}")]
    Quota(&'static str),
    /// Someone else changed it meanwhile, or it cannot go there from here.
    #[error("its state does not allow this: look at it again")]
    Stale,
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
    /// The caller is banned.
    #[error("you are banned")]
    Banned,
    /// The caller's session ended while the token was still good.
    #[error("this session has ended")]
    SessionEnded,
    /// Another service refused or could not be reached; nothing was done.
    #[error("another service refused")]
    Upstream(Box<Refusal>),
    /// A gateway gave no answer in time: done or not, nobody knows.
    #[error("the gateway did not answer; it may have been done")]
    Unanswered,
    /// The registry of live connections could not be asked.
    #[error("the live connections cannot be seen at the moment")]
    Registry(#[source] Arc<RedisError>),
    /// The database could not do it; certainly nothing was stored.
    #[error("moderation cannot be reached at the moment")]
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
        match pg::classify(&error) {
            Failure::Unknown => Self::InDoubt(Arc::new(error)),
            Failure::Retryable | Failure::Permanent => Self::Db(Arc::new(error)),
        }
    }

    /// Whether the same work may succeed when it is tried again at once.
    #[must_use]
    pub fn is_worth_a_retry(&self) -> bool {
        matches!(self, Self::Db(error) if stream::is_worth_a_retry(error))
    }

    fn outcome(&self) -> (Code, Reason) {
        match self {
            Self::AdminRequired => (Code::PermissionDenied, Reason::ADMIN_REQUIRED),
            Self::PermissionDenied(_) => (Code::PermissionDenied, Reason::PERMISSION_DENIED),
            Self::UserNotFound => (Code::NotFound, Reason::USER_NOT_FOUND),
            Self::RangeRefused(_) => (Code::InvalidArgument, Reason::RANGE_REFUSED),
            Self::MessageNotFound => (Code::NotFound, Reason::MESSAGE_NOT_FOUND),
            Self::ReportNotFound => (Code::NotFound, Reason::REPORT_NOT_FOUND),
            Self::ConnectionGone => (Code::NotFound, Reason::CONNECTION_GONE),
            Self::Quota(_) => (Code::ResourceExhausted, Reason::QUOTA),
            Self::FieldInvalid { .. } => (Code::InvalidArgument, Reason::FIELD_INVALID),
            Self::Stale | Self::Conflict => (Code::AlreadyExists, Reason::CONFLICT),
            Self::Banned => (Code::PermissionDenied, Reason::BANNED),
            Self::SessionEnded => (Code::Unauthenticated, Reason::TOKEN_INVALID),
            Self::Upstream(refusal) if !refusal.is_unknown_outcome() => {
                (refusal.code, refusal.reason)
            }
            // Asking is a read: whatever became of it, nothing was done.
            Self::Upstream(_) | Self::Registry(_) | Self::Db(_) => {
                (Code::Unavailable, Reason::UPSTREAM_UNAVAILABLE)
            }
            Self::Unanswered => (Code::DeadlineExceeded, Reason::UPSTREAM_UNAVAILABLE),
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
            Self::Registry(error) => {
                tracing::warn!(error_type = error.category(), "the registry failed");
            }
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

impl From<RedisError> for Error {
    fn from(error: RedisError) -> Self {
        Self::Registry(Arc::new(error))
    }
}

impl From<Stopped> for Error {
    fn from(stopped: Stopped) -> Self {
        match stopped {
            Stopped::Refused(Refused::Conflict) => Self::Conflict,
            Stopped::Refused(Refused::Denied(_)) => {
                Self::Internal("a guard was asked where there is none")
            }
            Stopped::Db(error) => error.into(),
        }
    }
}

impl From<Error> for Status {
    fn from(error: Error) -> Self {
        error.log();
        let (code, reason) = error.outcome();
        match &error {
            Error::FieldInvalid { field, why } => rpc::field_invalid(field, why),
            Error::Registry(_) | Error::Db(_) => {
                rpc::retry_later(code, reason, &error.to_string(), RETRY_AFTER)
            }
            Error::Upstream(refusal) => match refusal.retry_after {
                Some(after) => rpc::retry_later(code, reason, &refusal.message, after),
                None => rpc::status(code, reason, &refusal.message),
            },
            _ => rpc::status(code, reason, &error.to_string()),
        }
    }
}
