//! Every outcome a caller can act on, and its form on the wire.

use std::{sync::Arc, time::Duration};

use ::rpc::{field_invalid, retry_later, status};
use pg::Unanswered;
use proto::reason::Reason;
use tonic::{Code, Status};

use crate::credentials::Rejection;

/// When a client that met a full queue should try again.
const BUSY_RETRY: Duration = Duration::from_secs(1);

/// Why a request was not served.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Unknown name or wrong password, never told apart.
    #[error("wrong name or password")]
    CredentialsInvalid,
    /// Someone has that name, in whatever case.
    #[error("the name is taken")]
    UsernameTaken,
    /// A field breaks a rule.
    #[error("{field}: {why}")]
    Field {
        /// The field's name in the request.
        field: &'static str,
        /// The rule.
        why: &'static str,
    },
    /// Too many attempts on a name or from an address.
    #[error("too many attempts, try again later")]
    Delayed {
        /// When the next attempt is looked at.
        after: Duration,
    },
    /// The queue for password hashes is full; nothing was done.
    #[error("too many sign-ins at this moment")]
    Busy,
    /// A credential that proves nobody.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// Only administrators may.
    #[error("only administrators may do this")]
    AdminRequired,
    /// Nobody changes their own role.
    #[error("nobody may change their own role")]
    OwnRole,
    /// The account is banned.
    #[error("you are banned")]
    Banned,
    /// An installation keeps an administrator.
    #[error("the last administrator cannot leave")]
    LastAdmin,
    /// Nobody ends an administrator's sessions but themselves.
    #[error("an administrator's sessions are ended by nobody else")]
    AdminProtected,
    /// No such user here.
    #[error("no such user")]
    UserNotFound,
    /// The database refused or could not be reached.
    #[error("database")]
    Store(#[source] Arc<sqlx::Error>),
    /// More wait for the database than may; nothing was done.
    #[error("too many ask at this moment")]
    Crowded,
    /// Something is broken.
    #[error("internal error")]
    Internal(#[source] anyhow::Error),
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(Arc::new(error))
    }
}

impl From<Unanswered<Arc<sqlx::Error>>> for Error {
    fn from(unanswered: Unanswered<Arc<sqlx::Error>>) -> Self {
        match unanswered {
            Unanswered::Failed(error) => Self::Store(error),
            Unanswered::Full | Unanswered::Lost => Self::Crowded,
        }
    }
}

impl From<Error> for Status {
    fn from(error: Error) -> Self {
        let text = error.to_string();
        match error {
            Error::CredentialsInvalid => {
                status(Code::Unauthenticated, Reason::CREDENTIALS_INVALID, &text)
            }
            Error::UsernameTaken => status(Code::AlreadyExists, Reason::USERNAME_TAKEN, &text),
            Error::Field { field, why } => field_invalid(field, why),
            Error::Delayed { after } => {
                retry_later(Code::ResourceExhausted, Reason::RATE_LIMITED, &text, after)
            }
            Error::Busy => retry_later(
                Code::ResourceExhausted,
                Reason::RATE_LIMITED,
                &text,
                BUSY_RETRY,
            ),
            Error::Crowded => retry_later(
                Code::Unavailable,
                Reason::UPSTREAM_UNAVAILABLE,
                &text,
                BUSY_RETRY,
            ),
            Error::Rejected(rejection) => status(Code::Unauthenticated, rejection.reason(), &text),
            Error::AdminRequired => status(Code::PermissionDenied, Reason::ADMIN_REQUIRED, &text),
            Error::OwnRole | Error::LastAdmin | Error::AdminProtected => {
                status(Code::PermissionDenied, Reason::PERMISSION_DENIED, &text)
            }
            Error::Banned => status(Code::PermissionDenied, Reason::BANNED, &text),
            Error::UserNotFound => status(Code::NotFound, Reason::USER_NOT_FOUND, &text),
            Error::Store(error) => store(&error),
            Error::Internal(error) => {
                tracing::error!(error = format!("{error:#}"), "request failed");
                status(Code::Internal, Reason::INTERNAL, "something went wrong")
            }
        }
    }
}

fn store(error: &sqlx::Error) -> Status {
    let database = error.as_database_error();
    let code = database.and_then(sqlx::error::DatabaseError::code);
    let constraint = database.and_then(sqlx::error::DatabaseError::constraint);
    let error_type = pg::classify(error);
    // A violated constraint's own text can quote a row, so it is not logged.
    tracing::error!(
        ?error_type,
        code = code.as_deref(),
        constraint,
        "database failed"
    );
    match error_type {
        pg::Failure::Retryable => status(
            Code::Unavailable,
            Reason::UPSTREAM_UNAVAILABLE,
            "not done, try again",
        ),
        pg::Failure::Unknown | pg::Failure::Permanent => {
            status(Code::Internal, Reason::INTERNAL, "something went wrong")
        }
    }
}
