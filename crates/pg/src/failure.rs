//! What a database error means for the caller.

/// What may be concluded from a failed statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// Certainly rolled back; the same work may succeed when tried again.
    Retryable,
    /// The connection died under way: committed or not, nobody knows.
    Unknown,
    /// Certainly rolled back, and would fail again.
    Permanent,
}

/// Serialization failure, deadlock, lock timeout, and cancelled statement: rolled back, worth another try.
const RETRYABLE: [&str; 4] = ["40001", "40P01", "55P03", "57014"];

/// Tells what an error means.
#[must_use]
pub fn classify(error: &sqlx::Error) -> Failure {
    match error {
        // No connection was had, so nothing was sent.
        sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed => Failure::Retryable,
        sqlx::Error::Database(database) => match database.code().as_deref() {
            Some(code) if RETRYABLE.contains(&code) => Failure::Retryable,
            // Connection exceptions, crash or shutdown of the server, and resources (disk full, too many
            // connections): the first two leave a commit in doubt.
            Some(code) if code.starts_with("08") || code.starts_with("57P") => Failure::Unknown,
            Some(code) if code.starts_with("53") || code == "25006" => Failure::Retryable,
            _ => Failure::Permanent,
        },
        sqlx::Error::Io(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::WorkerCrashed => Failure::Unknown,
        _ => Failure::Permanent,
    }
}

/// Turns the violation of a named constraint into an outcome of the caller's own.
pub trait OnConstraint<T> {
    /// Replaces the error with `then()` when it is a violation of the constraint `name`; other errors convert.
    ///
    /// # Errors
    /// The replaced or converted error.
    fn on_constraint<E>(self, name: &str, then: impl FnOnce() -> E) -> Result<T, E>
    where
        E: From<sqlx::Error>;
}

impl<T> OnConstraint<T> for Result<T, sqlx::Error> {
    fn on_constraint<E>(self, name: &str, then: impl FnOnce() -> E) -> Result<T, E>
    where
        E: From<sqlx::Error>,
    {
        self.map_err(|error| match &error {
            sqlx::Error::Database(database) if database.constraint() == Some(name) => then(),
            _ => error.into(),
        })
    }
}
